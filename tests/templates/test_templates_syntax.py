"""The strict parser: what it reads, what it refuses and where, and that ICU reads the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icu4py.messageformat import MessageFormat

from onesixty.templates.syntax import (
    LONGEST,
    Count,
    Insert,
    PatternError,
    Plural,
    Select,
    Words,
    parse,
    quoted,
)
from tests.templates.patterns import NUMBERS, WORDS, patterns, shown_by_icu


def test_a_pattern_becomes_a_tree() -> None:
    pattern = parse(
        "Hi {name}, {n, plural, offset:1 =0 {none} one {# day} other {# days}} {k, select, a {x} other {y}}"
    )
    assert pattern.nodes == (
        Words("Hi "),
        Insert("name", "text", "", 3),
        Words(", "),
        Plural(
            "n",
            False,
            1,
            {0: (Words("none"),)},
            {"one": (Count(47), Words(" day")), "other": (Count(61), Words(" days"))},
            11,
        ),
        Words(" "),
        Select("k", {"a": (Words("x"),), "other": (Words("y"),)}, 70),
    )
    assert pattern.arguments == {"name": {"text"}, "n": {"plural"}, "k": {"select"}}


@pytest.mark.parametrize(
    ("pattern", "use", "style"),
    [
        ("{a}", "text", ""),
        ("{ a }", "text", ""),
        ("{a, number}", "number", ""),
        ("{a,number,integer}", "number", "integer"),
        ("{a, number, ::percent scale/100}", "number", "::percent scale/100"),
        ("{a, number, ::.00}", "number", "::.00"),
        ("{a, date}", "date", ""),
        ("{a, date, long}", "date", "long"),
        ("{a, date, ::yMMMd}", "date", "::yMMMd"),
        ("{a, time, short}", "time", "short"),
        ("{a, time, ::Hm}", "time", "::Hm"),
    ],
)
def test_formats_are_read(pattern: str, use: str, style: str) -> None:
    (node,) = parse(pattern).nodes
    assert isinstance(node, Insert)
    assert (node.name, node.use, node.style) == ("a", use, style)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("it's", "it's"),
        ("it''s", "it's"),
        ("'{'a'}'", "{a}"),
        ("'{a}'", "{a}"),
        ("'{it''s}'", "{it's}"),
        ("'#' #", "'#' #"),
        ("100 # ok", "100 # ok"),
        ("'a", "'a"),
    ],
)
def test_apostrophes_quote_as_in_icu(pattern: str, text: str) -> None:
    (node,) = [Words("".join(one.text for one in parse(pattern).nodes if isinstance(one, Words)))]
    assert node.text == text == MessageFormat(pattern, "en").format({})


@pytest.mark.parametrize(
    ("pattern", "at", "name", "says"),
    [
        ("a } b", 2, None, "no `{` before it"),
        ("a {", 3, None, "name of a variable"),
        ("{Name}", 1, None, "name of a variable"),
        ("{0}", 1, None, "name of a variable"),
        ("{a b}", 3, "a", "`}` or a comma"),
        ("{a, money}", 4, "a", "no format `money`"),
        ("{a, spellout}", 4, "a", "no format `spellout`"),
        ("{a, number, currency}", 12, "a", "styles"),
        ("{a, date, yyyy-MM-dd}", 10, "a", "styles"),
        ("{a, plural}", 10, "a", "its branches"),
        ("{a, plural, one {x}}", 0, "a", "no branch `other`"),
        ("{a, select, x {y}}", 0, "a", "no branch `other`"),
        ("{a, plural, one {x} one {y} other {z}}", 20, "a", "twice"),
        ("{a, plural, =1 {x} =1 {y} other {z}}", 19, "a", "twice"),
        ("{a, plural, uno {x} other {z}}", 12, "a", "begins with =0"),
        ("{a, plural, other x}", 18, "a", "in braces"),
        ("{a, plural, other {x}", 21, "a", "begins with =0"),
        ("{a, plural, other {x", 0, "a", "no `}` after it"),
        ("{a, plural, offset:x other {x}}", 19, "a", "whole number"),
        ("{a, plural, other {{b, select, x {# y} other {}}}}", 34, "b", "Put the plural into the select"),
        ("say '{a", 4, None, "never ends"),
        ("a\tb", 1, None, "control character"),
        ("a\r\nb", 1, None, "control character"),
        ("a\u202eb", 1, None, "turns the reading order"),
        ("a\u2068b", 1, None, "turns the reading order"),
        ("a\ue000b", 1, None, "private character"),
        ("a\u2028b", 1, None, "line separator"),
        ("x" * (LONGEST + 1), LONGEST, None, "at most 2000"),
        ("{a}" * 51, 0, None, "at most 50"),
        (
            "{a, select, other {{b, select, other {{c, select, other {{d, select, other {x}}}}}}}}",
            57,
            "d",
            "at most 3 deep",
        ),
    ],
)
def test_what_is_refused_is_named_with_its_place(pattern: str, at: int, name: str | None, says: str) -> None:
    with pytest.raises(PatternError) as refused:
        parse(pattern)
    assert says in refused.value.problem
    assert (refused.value.at, refused.value.name) == (at, name)


def test_marks_that_texts_need_are_taken() -> None:
    for text in ("سلام\u200cها", "\u200fabc", "👩\u200d👧", "a\nb", "नमस्ते"):
        assert parse(text).nodes == (Words(text),)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse(text).source == text
    except PatternError as error:
        place, problem = error.at, error.problem
    else:
        return
    assert 0 <= place <= len(text)
    assert problem.endswith(".")


@given(st.text(alphabet="{}'# ab,plurason:=01th\n", max_size=60))
def test_what_is_read_is_read_by_icu_too(text: str) -> None:
    try:
        parse(text)
    except PatternError:
        return
    MessageFormat(text, "en")


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Cf"]), max_size=60
    )
)
def test_quoted_text_stays_as_it_is(text: str) -> None:
    nodes = parse(quoted(text)).nodes
    assert "".join(one.text for one in nodes if isinstance(one, Words)) == text
    assert all(isinstance(one, Words) for one in nodes)
    nodes = parse(quoted(text) + "{code}").nodes
    assert isinstance(nodes[-1], Insert)


@given(patterns(), NUMBERS, WORDS)
def test_icu_shows_the_same(source: str, number: int, word: str) -> None:
    pattern = parse(source)
    from_icu = MessageFormat(source, "en-u-nu-latn").format(
        {"n": number, "m": number + 1, "w": word, "v": word}
    )
    assert shown_by_icu(pattern, number, word) == from_icu
