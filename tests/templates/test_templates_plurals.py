"""Plural rules: ICU and Babel, which reads the same CLDR with other code, agree on every sample."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest
from babel import Locale
from icu4py import icu_version

from onesixty.templates import formats, ready
from onesixty.templates.rendering import render
from onesixty.templates.syntax import parse
from onesixty.templates.values import Number

INTEGERS: Final = (*range(1100), *(10**power + more for power in range(3, 9) for more in (0, 1, 2, 5, 11)))
DECIMALS: Final = tuple(
    Decimal(whole) + Decimal(part) / 100
    for whole in (0, 1, 2, 3, 5, 7, 10, 11, 12, 20, 21, 22, 100, 101, 102, 1000)
    for part in (1, 10, 15, 20, 25, 33, 50, 90, 99)
)
LANGUAGES: Final = (
    *ready.languages(),
    "cy",
    "ga",
    "mt",
    "br",
    "is",
    "mk",
    "ka",
    "te",
    "kk",
    "az",
    "am",
    "ca",
    "gl",
)

#: Where Babel has rules of a later CLDR than ICU 78: what it calls numbers that ICU calls `other`.
LATER: Final = {"vi": {"one"}, "gl": {"many"}}
LATER_ORDINALS: Final = {"es": {"one", "two", "few", "many"}, "bg": {"one", "two", "few", "many", "zero"}}


def test_icu_is_the_one_that_was_tested() -> None:
    assert icu_version.startswith("78."), "plural rules change: look at what differs, then change this"


@pytest.mark.parametrize("language", LANGUAGES)
def test_icu_and_babel_agree(language: str) -> None:
    rule = Locale.parse(language, sep="-").plural_form
    differs = set()
    for number in (*map(Decimal, INTEGERS), *(one.normalize() for one in DECIMALS)):
        found, other = formats.category(number, language), rule(number)
        if found != other:
            assert found == "other", number
            differs.add(other)
    assert differs == LATER.get(language, set())
    assert rule.tags - differs | {"other"} == formats.categories(language) | {"other"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_icu_and_babel_agree_on_ordinals(language: str) -> None:
    rule = Locale.parse(language, sep="-").ordinal_form
    for number in INTEGERS[:300]:
        found, other = formats.category(Decimal(number), language, ordinal=True), rule(number)
        if found != other:
            assert (found, other in LATER_ORDINALS.get(language, ())) == ("other", True), number


def test_each_category_takes_its_branch() -> None:
    pattern = parse("{n, plural, zero {0} one {1} two {2} few {f} many {m} other {o}}")
    for language, said in (
        ("ar", {0: "0", 1: "1", 2: "2", 3: "f", 10: "f", 11: "m", 99: "m", 100: "o", 103: "f"}),
        ("ru", {1: "1", 2: "f", 5: "m", 11: "m", 21: "1", 22: "f", 25: "m", 111: "m"}),
        ("lv", {0: "0", 1: "1", 2: "o", 10: "0", 21: "1", 30: "0"}),
        ("sl", {1: "1", 2: "2", 3: "f", 5: "o", 101: "1", 102: "2"}),
        ("ja", {1: "o", 2: "o"}),
    ):
        for number, branch in said.items():
            assert render(pattern, language, {"n": Number(Decimal(number))}).text == branch, (
                language,
                number,
            )
