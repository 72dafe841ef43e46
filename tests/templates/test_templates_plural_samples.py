"""Plurals against CLDR's own samples: each number takes the branch of its category, in every language that has rules.

What differs is named below, with the reason.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import cache
from typing import Final

import pytest

from onesixty.templates import formats, ready
from onesixty.templates.rendering import render
from onesixty.templates.syntax import Plural, parse
from onesixty.templates.values import Code, Number, Text
from tests.templates.plural_samples import Sample, samples

_BRANCHES: Final = "zero {zero #} one {one #} two {two #} few {few #} many {many #} other {other #}"
PATTERNS: Final = {
    "cardinal": parse(f"{{n, plural, {_BRANCHES}}}"),
    "ordinal": parse(f"{{n, selectordinal, {_BRANCHES}}}"),
}

#: A plural takes the number in full, and so does CLDR of whole ones: 1c6 is `many`, as 1,000,000 is. These languages
#: call a shortened number with decimals `many` ("1,2 million de"), and the same in full `other`.
COMPACT: Final = ("ca", "es", "fr", "it", "lld", "pt", "pt-PT", "scn", "vec")
WITH_PLURALS: Final = [
    language
    for language in ready.languages()
    if any(isinstance(node, Plural) for node in ready.text(language).pattern.nodes)
]


@cache
def of_kind(kind: str) -> dict[str, list[Sample]]:
    return samples(kind)


def taken(kind: str, language: str, number: Decimal) -> tuple[str, str]:
    """The branch that a template takes, and the number that it shows."""
    category, _, shown = render(PATTERNS[kind], language, {"n": Number(number)}).text.partition(" ")
    return category, shown


def rules_of(language: str) -> str:
    """The language of the table whose rules hold for a language of a text."""
    return language if language in of_kind("cardinal") else language.partition("-")[0]


def test_all_samples_are_there() -> None:
    counted = Counter(
        (kind, "compact" if sample.is_compact else "decimal" if "." in sample.written else "integer")
        for kind in PATTERNS
        for of_language in of_kind(kind).values()
        for sample in of_language
    )
    assert counted == {
        ("cardinal", "integer"): 5690,
        ("cardinal", "decimal"): 6490,
        ("cardinal", "compact"): 216,
        ("ordinal", "integer"): 2645,
    }
    assert (len(of_kind("cardinal")), len(of_kind("ordinal"))) == (224, 108)


@pytest.mark.parametrize("kind", PATTERNS)
def test_each_sample_takes_the_branch_of_its_category(kind: str) -> None:
    differ: dict[str, set[tuple[str, str]]] = {}
    for language, of_language in of_kind(kind).items():
        for sample in of_language:
            if sample.ends_in_zeros:
                continue
            category, _ = taken(kind, language, sample.number)
            if category != sample.category:
                assert sample.is_compact, (language, sample, category)
                differ.setdefault(language, set()).add((sample.category, category))
    assert differ == ({language: {("many", "other")} for language in COMPACT} if kind == "cardinal" else {})


def test_a_number_with_zeros_at_its_end_is_the_number_that_is_shown() -> None:
    """CLDR has another category for 1.0 than for 1 in many languages. A template shows 1 for both, and takes the
    branch of 1."""
    others = set()
    for language, of_language in of_kind("cardinal").items():
        said = {sample.number: sample.category for sample in of_language if not sample.ends_in_zeros}
        for sample in of_language:
            if sample.ends_in_zeros:
                short = sample.number.normalize()
                category, shown = taken("cardinal", language, sample.number)
                assert re.sub(r"\D", "", shown) == f"{short:f}".replace(".", "")
                assert category == said.get(short, category), (language, sample)
                if category != sample.category:
                    others.add(language)
    assert len(others) == 43


@pytest.mark.parametrize("kind", PATTERNS)
def test_a_template_is_asked_for_the_categories_that_have_samples(kind: str) -> None:
    for language, of_language in of_kind(kind).items():
        expected = {sample.category for sample in of_language}
        assert formats.categories(language, kind == "ordinal") == expected, language


def test_most_ready_texts_have_a_plural() -> None:
    """The others are in languages whose noun after a number is always the same."""
    assert len(WITH_PLURALS) == 31


@pytest.mark.parametrize("language", WITH_PLURALS)
def test_a_ready_text_says_each_sample_in_its_category(language: str) -> None:
    """Up to 1440 minutes, the longest life of a code."""
    pattern = ready.text(language).pattern
    for sample in of_kind("cardinal")[rules_of(language)]:
        if "." not in sample.written and sample.number <= 1440:
            values = {"app": Text("Acme"), "code": Code("482931"), "minutes": Number(sample.number)}
            nodes = tuple(
                node._replace(exact={}, branches={"other": node.branches[sample.category]})
                if isinstance(node, Plural)
                else node
                for node in pattern.nodes
            )
            expected = render(pattern._replace(nodes=nodes), language, values).text
            assert render(pattern, language, values).text == expected, sample
