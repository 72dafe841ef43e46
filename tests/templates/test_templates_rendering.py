"""Texts as they are rendered: values as they are, the places of codes, and no character that costs unnoticed."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from bidi import get_display
from hypothesis import given
from hypothesis import strategies as st

from onesixty.templates.rendering import RenderError, filled, render
from onesixty.templates.syntax import parse
from onesixty.templates.values import Code, Date, Money, Number, Phone, Text, Time, Url, Value
from onesixty.text import count

DAY = Date(datetime.date(2026, 8, 30))
AFTERNOON = Time(datetime.time(15, 5))
EUR = Money(Decimal("12345.6"), "EUR")


def shown(source: str, language: str = "en", **values: Value) -> str:
    return render(parse(source), language, values).text


@pytest.mark.parametrize(
    ("source", "language", "value", "text"),
    [
        ("{x}", "en", Number(Decimal("1234567.5")), "1,234,567.5"),
        ("{x}", "de", Number(Decimal("1234567.5")), "1.234.567,5"),
        ("{x}", "fr", Number(Decimal(1234567)), "1 234 567"),
        ("{x}", "de-CH", Number(Decimal(1234567)), "1'234'567"),
        ("{x}", "sv", Number(Decimal(-5)), "-5"),
        ("{x}", "ar-EG", Number(Decimal(12)), "12"),
        ("{x}", "fa", Number(Decimal(12)), "12"),
        ("{x, number, ::.00}", "en", Number(Decimal(3)), "3.00"),
        ("{x, number, percent}", "de", Number(Decimal("0.25")), "25 %"),
        ("{x}", "en", EUR, "€12,345.60"),
        ("{x}", "fr", EUR, "12 345,60 €"),
        ("{x}", "de", EUR, "12.345,60 €"),
        ("{x}", "pl", Money(Decimal("9.9"), "PLN"), "9,90 PLN"),
        ("{x}", "cs", Money(Decimal("9.9"), "CZK"), "9,90 CZK"),
        ("{x}", "en", Money(Decimal(50), "INR"), "INR 50.00"),
        ("{x}", "hi", Money(Decimal(50), "INR"), "INR 50.00"),
        ("भुगतान {x}", "hi", Money(Decimal(50), "INR"), "भुगतान ₹50.00"),
        ("{x}", "ja", Money(Decimal(500), "JPY"), "JPY 500"),
        ("{x}", "ja", Money(Decimal("99.5"), "JPY"), "JPY 99.5"),
        ("{x}", "en", Money(Decimal("12.505"), "EUR"), "€12.505"),
        ("{x}", "en", Money(Decimal("12.500"), "EUR"), "€12.50"),
        ("{x}", "en", Money(Decimal("12.505"), "KWD"), "KWD 12.505"),
        ("{x, number, ::unit-width-iso-code}", "de", Money(Decimal("0.0075"), "EUR"), "0,0075 EUR"),
        ("{x, number, ::.0}", "en", Money(Decimal("12.505"), "EUR"), "€12.5"),
        ("{x, number, ::precision-integer}", "en", Money(Decimal("12.505"), "EUR"), "€13"),
        ("{x, number, ::unit-width-iso-code}", "en", EUR, "EUR 12,345.60"),
        ("{x}", "en", DAY, "Aug 30, 2026"),
        ("{x}", "de", DAY, "30.08.2026"),
        ("{x, date, long}", "fr", DAY, "30 aout 2026"),
        ("{x, date, long} ô", "fr", DAY, "30 août 2026 ô"),
        ("{x, date, ::MMMd}", "en", DAY, "Aug 30"),
        ("{x}", "en", AFTERNOON, "15:05"),
        ("{x, time, short}", "en", AFTERNOON, "3:05 PM"),
        ("{x}", "de", AFTERNOON, "15:05"),
        ("{x}", "en", Phone("+15551234567"), "+15551234567"),
        ("{x}", "en", Url("https://a.example/x"), "https://a.example/x"),
        ("{x, plural, one {# Minute} other {# Minuten}}", "de", Number(Decimal(1)), "1 Minute"),
        (
            "{x, plural, offset:1 =1 {you} one {you and #} other {you and # others}}",
            "en",
            Number(Decimal(2)),
            "you and 1",
        ),
        ("{x, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}", "en", Number(Decimal(22)), "22nd"),
        ("{x, select, f {her} other {their}}", "en", Text("f"), "her"),
        ("{x, select, f {her} other {their}}", "en", Text("other"), "their"),
        ("{x, select, f {her} other {their}}", "en", Text("??"), "their"),
    ],
)
def test_values_are_formatted_in_the_language(source: str, language: str, value: Value, text: str) -> None:
    assert shown(source, language, x=value) == text


@pytest.mark.parametrize("hours", range(24))
def test_days_and_times_are_shown_as_given(hours: int) -> None:
    assert shown("{t}", t=Time(datetime.time(hours, 30))) == f"{hours:02}:30"
    day = datetime.date(2026, 1, 1) + datetime.timedelta(days=15 * hours)
    assert shown("{d, date, ::yyyyMMdd}", "de", d=Date(day)) == day.strftime("%d.%m.%Y")


@given(st.text(max_size=30))
def test_a_value_is_put_in_as_it_is(text: str) -> None:
    rendered = render(parse("a {x} b"), "en", {"x": Text(text)})
    marks = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c"))
    assert rendered.text.translate(marks) == f"a {text} b".translate(marks)
    if text:
        (span,) = rendered.spans
        assert rendered.text[span.start : span.start + span.length] == text


@pytest.mark.parametrize("text", ["{code}", "{0}", "'{'", "#", "''", "{x, plural, other {#}}", "\\{", "{{"])
def test_a_value_is_never_read_again(text: str) -> None:
    assert shown("{x} {n, plural, other {{x} #}}", x=Text(text), n=Number(Decimal(2))) == f"{text} {text} 2"


@given(
    st.sampled_from(["en", "ar", "he", "fr", "hi"]),
    st.lists(
        st.sampled_from(
            ["{code}", "{code}{code}", "{app}", " ", "قل ", "x", "{amount} ", "\n@e.com #{code}"]
        ),
        max_size=6,
    ),
    st.text(alphabet="0123456789ABCDXY", min_size=4, max_size=10),
    st.sampled_from(["Acme", "קוד", "C++", "+1", "a b"]),
)
def test_the_places_of_codes_are_exact(language: str, parts: list[str], code: str, app: str) -> None:
    pattern = parse("".join(parts))
    values: dict[str, Value] = {"app": Text(app), "amount": EUR}
    masked = render(pattern, language, values | {"code": Code("*" * len(code))})
    real = render(pattern, language, values | {"code": Code(code)})
    assert masked.codes == real.codes
    assert len(real.codes) == "".join(parts).count("{code}")
    assert filled(masked.text, masked.codes, code) == real.text
    for span in real.codes:
        assert real.text[span.start : span.start + span.length] == code
    if masked.text:
        assert count(masked.text)[:3] == count(real.text)[:3], "a mask costs what the code does"


def test_a_code_of_another_length_is_not_put_in() -> None:
    masked = render(parse("{code}"), "en", {"code": Code("****")})
    with pytest.raises(ValueError, match="long"):
        filled(masked.text, masked.codes, "12345")


@pytest.mark.parametrize(
    "language", ["en", "fr", "de", "es", "sv", "he", "ar", "pl", "hu", "pt-PT", "fr-CH", "en-IN"]
)
def test_formatting_adds_no_space_that_costs(language: str) -> None:
    values: dict[str, Value] = {"a": EUR, "n": Number(Decimal("-1234567.5")), "t": AFTERNOON, "d": DAY}
    text = shown("OK {a} {n} {t, time, short} {t} {d}", language, **values)
    for mark in "\u00a0\u202f\u2009\u2007\u2212":
        assert mark not in text
    if language not in ("he", "ar"):
        assert count(text).encoding == "gsm7", text


def test_a_missing_or_wrong_value_is_named() -> None:
    for source, values in (
        ("{x}", {}),
        ("{x, plural, other {}}", {"x": Text("1")}),
        ("{x, select, other {}}", {"x": Number(Decimal(1))}),
        ("{x, date}", {"x": AFTERNOON}),
        ("{x, number}", {"x": Code("123")}),
    ):
        with pytest.raises(RenderError) as refused:
            render(parse(source), "en", values)
        assert refused.value.name == "x"


def visual(text: str, base: str) -> str:
    """The order in which a text is seen, without marks."""
    seen: str = get_display(text, base_dir=base)
    return "".join(
        mark for mark in seen if mark not in "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
    )


NAMES = ["Acme", "C++", "דוד", "علي", "1-800", "A.B.", "(Acme)", "דוד (x)"]
IN_HEBREW = ["קוד {x}: {code}.", "{x} קוד {code}, {x} 5.", "קוד ({code}) {x}"]
IN_ENGLISH = ["Code {x}: {code}.", "{x} Code {code}, {x} 5.", "Code ({code}) {x}"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("language", "template"), [*(("he", one) for one in IN_HEBREW), *(("en", one) for one in IN_ENGLISH)]
)
def test_a_name_of_another_direction_moves_nothing_around_it(language: str, template: str, name: str) -> None:
    """The marks do what the isolates of Unicode do, which old phones show as boxes."""
    base = "L" if language == "en" else "R"
    text = shown(template, language, x=Text(name), code=Code("123456"))
    isolated = template.format(x=f"\u2068{name}\u2069" if name != "1-800" else name, code="123456")
    assert visual(text, base) == visual(isolated, base)


def test_a_phone_number_keeps_its_sign_in_front() -> None:
    text = shown("اتصل {x} الآن", "ar", x=Phone("+4930123456"))
    assert "+4930123456" in visual(text, "R")
