"""Patterns for properties: every construct, in each other."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from onesixty.templates.rendering import render
from onesixty.templates.syntax import Pattern
from onesixty.templates.values import Number, Text

NUMBERS = st.integers(0, 130)
WORDS = st.sampled_from(["a", "b", "{x}", "it's", "#", "", "zz"])

_LITERAL = st.sampled_from(["a", " ", "it''s", "'{'", "'}'", "x\n", "ok ", "''", "é", "б", "5 "])
_SIMPLE = st.sampled_from(["{w}", "{v}", "{n}", "{n, number}", "{n, number, integer}", "{m, number, ::.00}"])


def _branched(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    count = st.sampled_from(["#", "# # ", ""])
    plural = st.tuples(
        st.sampled_from(["n", "m"]),
        st.sampled_from(["plural,", "plural, offset:1", "selectordinal,"]),
        count,
        inner,
        count,
        inner,
    ).map(lambda p: f"{{{p[0]}, {p[1]} =0 {{none}} one {{{p[2]}{p[3]}}} other {{{p[4]}{p[5]}}}}}")
    select = st.tuples(st.sampled_from(["w", "v"]), inner, inner).map(
        lambda s: f"{{{s[0]}, select, a {{{s[1]}}} other {{{s[2]}}}}}"
    )
    return st.one_of(plural, select)


def _joined(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(part, max_size=4).map("".join)


def patterns() -> st.SearchStrategy[str]:
    """Patterns that are right, over the numbers `n` and `m` and the strings `w` and `v`."""
    flat = _joined(st.one_of(_LITERAL, _SIMPLE))
    deep = _joined(st.one_of(_LITERAL, _SIMPLE, _branched(flat)))
    return _joined(st.one_of(_LITERAL, _SIMPLE, _branched(deep)))


def shown_by_icu(pattern: Pattern, number: int, word: str) -> str:
    """What onesixty renders, where ICU should show the same: English adds nothing that an SMS has otherwise."""
    values = {
        "n": Number(Decimal(number)),
        "m": Number(Decimal(number + 1)),
        "w": Text(word),
        "v": Text(word),
    }
    return render(pattern, "en", values).text
