"""Values as callers give them: what each type takes, and that every refusal names its variable."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.errors import Problem
from onesixty.templates.strings import objection
from onesixty.templates.syntax import parse
from onesixty.templates.values import Code, Date, Money, Number, Phone, Text, Time, Url, Value
from onesixty.templates.variables import Variable, check_uses, check_variables, taken

HOSTS = ("shop.example.com", "example.org")


def value(said: Any, **variable: Any) -> Value:
    return taken({"x": Variable(**variable)}, {"x": said})["x"]


@pytest.mark.parametrize(
    ("kind", "said", "value_"),
    [
        ("string", "Ada", Text("Ada")),
        ("string", "O'Neill {x} #1", Text("O'Neill {x} #1")),
        ("string", "علی\u200cرضا", Text("علی\u200cرضا")),
        ("number", 12, Number(Decimal(12))),
        ("number", 1.5, Number(Decimal("1.5"))),
        ("number", "1.50", Number(Decimal("1.50"))),
        ("number", -3, Number(Decimal(-3))),
        ("number", 1e3, Number(Decimal(1000))),
        ("money", {"amount": "12.50", "currency": "EUR"}, Money(Decimal("12.50"), "EUR")),
        ("date", "2026-02-28", Date(datetime.date(2026, 2, 28))),
        ("time", "23:59", Time(datetime.time(23, 59))),
        ("code", "048291", Code("048291")),
        ("code", "AB12cd", Code("AB12cd")),
        ("url", "https://shop.example.com/o/1?a=b#c", Url("https://shop.example.com/o/1?a=b#c")),
        ("url", "https://m.example.org", Url("https://m.example.org")),
        ("phone", "+4930123456", Phone("+4930123456")),
    ],
)
def test_what_each_type_takes(kind: str, said: Any, value_: Value) -> None:
    assert value(said, type=kind, hosts=HOSTS if kind == "url" else ()) == value_


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("string", 1),
        ("string", ["a"]),
        ("string", ""),
        ("string", "  "),
        ("string", "x" * 41),
        ("string", "a\nb"),
        ("string", "a\u0000b"),
        ("string", "a\u202eb"),
        ("string", "a\u200eb"),
        ("string", "a\u200bb"),
        ("string", "ab\u200dc"),
        ("string", "a\ufeffb"),
        ("string", "see https://x"),
        ("string", "WWW.evil"),
        ("string", "evil.com"),
        ("string", "evil。com"),
        ("string", "ｅｖｉｌ．ｃｏｍ"),
        ("string", "shop.co.uk/x"),
        ("string", "правда.рф"),
        ("string", "a.xn--p1ai"),
        ("string", "tel:112"),
        ("string", "hi @localhost #1234"),
        ("string", "evil.c\u034fom"),
        ("string", "evil.c\ufe0fom"),
        ("string", "\u3164"),
        ("string", "8.8.8.8"),
        ("string", "call 555 12 34"),
        ("string", "+1 (555) 123-4567"),
        ("string", "١٢٣٤٥٦٧"),
        ("string", "pаypal"),  # a Cyrillic letter
        ("string", "αpple"),
        ("number", "twelve"),
        ("number", True),
        ("number", "1e5"),
        ("number", "1,5"),
        ("number", 12345678901),
        ("number", "Infinity"),
        ("number", [1]),
        ("money", "12.50 EUR"),
        ("money", {"amount": 12.5, "currency": "EUR"}),
        ("money", {"amount": "12.50", "currency": "eur"}),
        ("money", {"amount": "12.50"}),
        ("money", {"amount": "12.50", "currency": "EUR", "x": 1}),
        ("date", "2026-02-30"),
        ("date", "30.11.2026"),
        ("date", "20261130"),
        ("date", "0001-01-01"),
        ("date", 20261130),
        ("time", "24:00"),
        ("time", "3 PM"),
        ("time", "12:00:00"),
        ("code", 48291),
        ("code", "12 34"),
        ("code", "١٢٣٤"),
        ("code", "12345678901"),
        ("code", ""),
        ("url", "http://shop.example.com/"),
        ("url", "https://evil.com/"),
        ("url", "https://shop.example.com.evil.com/"),
        ("url", "https://shop.example.com@evil.com/"),
        ("url", "https://user:pw@shop.example.com/"),
        ("url", "https://shop.example.com:8443/"),
        ("url", "https://SHOP.example.com/"),
        ("url", "https://evilshop.example.com/"),
        ("url", "https://shop.example.com\\@evil.com/"),
        ("url", "https://shop.example.com/ä"),
        ("url", "https://shop.example.com/a b"),
        ("url", "https://[::1]/"),
        ("url", "https:///x"),
        ("url", "javascript:alert(1)"),
        ("phone", "030 123456"),
        ("phone", "+49 30 123456"),
        ("phone", "+0123456789"),
        ("phone", 4930123456),
    ],
)
def test_what_is_refused_names_the_variable(kind: str, said: Any) -> None:
    with pytest.raises(Problem) as refused:
        value(said, type=kind, hosts=HOSTS if kind == "url" else ())
    assert (refused.value.code, refused.value.param) == ("invalid_field", "variables.x")
    assert refused.value.detail.startswith("`variables.x` must")


@pytest.mark.parametrize(
    "name",
    [
        "Dr. No", "St. Petersburg", "J. R. Smith", "Anna-Maria", "O’Brien", "Nguyễn Văn A", "李小龙", "Müller & Co",
        "Order 123456", "3.50", "a.m.", "Fa. Huber GmbH & Co. KG", "Ω Watches", "Привет Мир", "R2-D2", "नमस्ते",
        "24/7", "10.11.", "@home", "C++", "5 + 3 = 8", "ACME Ω", "❤️", "4.0.1", "999.1.1.1",
    ],
)  # fmt: skip
def test_names_and_words_are_taken(name: str) -> None:
    assert value(name, type="string") == Text(name)


def test_a_variable_may_allow_more() -> None:
    assert value("A-2026113001", type="string", numbers=True) == Text("A-2026113001")
    assert value("a\nb", type="string", multiline=True) == Text("a\nb")
    assert value("x" * 500, type="string", longest=500) == Text("x" * 500)
    with pytest.raises(Problem):
        value("a\rb", type="string", multiline=True)


@given(st.text(max_size=40))
def test_a_string_is_taken_as_it_is_or_refused(text: str) -> None:
    reason = objection(text)
    assert reason is None or reason.startswith("must not ")


def test_a_missing_value_and_an_unknown_one_are_named() -> None:
    variables = {"code": Variable(type="code"), "name": Variable(type="string", default="you")}
    assert taken(variables, {"code": "1234"}) == {"code": Code("1234"), "name": Text("you")}
    assert taken(variables, {"code": "1234", "name": None})["name"] == Text("you")
    for given_, code, param in (
        ({}, "missing_field", "variables.code"),
        ({"code": None}, "missing_field", "variables.code"),
        ({"code": "1234", "nane": "Ada"}, "unknown_field", "variables.nane"),
    ):
        with pytest.raises(Problem) as refused:
            taken(variables, given_)
        assert (refused.value.code, refused.value.param) == (code, param)
    assert "`code`, `name`" in refused.value.detail


@pytest.mark.parametrize(
    ("name", "fields", "param"),
    [
        ("Name", {"type": "string"}, "variables.Name"),
        ("1st", {"type": "string"}, "variables.1st"),
        ("x" * 33, {"type": "string"}, "variables." + "x" * 33),
        ("x", {"type": "date", "longest": 3}, "variables.x.longest"),
        ("x", {"type": "code", "longest": 17}, "variables.x.longest"),
        ("x", {"type": "code", "multiline": True}, "variables.x.multiline"),
        ("x", {"type": "number", "numbers": True}, "variables.x.numbers"),
        ("x", {"type": "url"}, "variables.x.hosts"),
        ("x", {"type": "string", "hosts": ("a.example",)}, "variables.x.hosts"),
        ("x", {"type": "url", "hosts": ("https://a.example",)}, "variables.x.hosts[0]"),
        ("x", {"type": "url", "hosts": ("a.example", "localhost")}, "variables.x.hosts[1]"),
        ("x", {"type": "number", "default": "many"}, "variables.x.default"),
        ("x", {"type": "date", "example": "tomorrow"}, "variables.x.example"),
    ],
)
def test_a_wrong_definition_is_named(name: str, fields: dict[str, Any], param: str) -> None:
    with pytest.raises(Problem) as refused:
        check_variables({name: Variable(**fields)})
    assert refused.value.param == param


def test_uses_follow_types() -> None:
    variables = {"n": Variable(type="number"), "s": Variable(type="string"), "m": Variable(type="money")}
    check_uses(
        parse("{n, plural, other {#}} {n} {s} {s, select, other {x}} {m} {m, number}"), variables, "texts.en"
    )
    for source, says in (
        ("{q}", "no variable has this name"),
        ("{s, plural, other {x}}", "as plural"),
        ("{n, select, other {x}}", "as select"),
        ("{s, date}", "as date"),
        ("{m, plural, other {x}}", "as plural"),
    ):
        with pytest.raises(Problem, match=says) as refused:
            check_uses(parse(source), variables, "texts.en")
        assert refused.value.param == "texts.en"
