"""How the draft and Chromium read a text with an origin-bound code: the cases in which they agree, and the others."""

from __future__ import annotations

import pytest

from onesixty.verify.origin_bound import Bound, read_anywhere, read_line

PLAIN = Bound("example.com", "747723")
FRAMED = Bound("example.com", "747723", "pay.example")


@pytest.mark.parametrize(
    ("text", "draft", "chromium"),
    [
        pytest.param("747723 is your code.\n\n@example.com #747723", PLAIN, PLAIN, id="canonical"),
        pytest.param("@example.com #747723", PLAIN, PLAIN, id="the line alone"),
        pytest.param("x\n@example.com #747723 @pay.example", FRAMED, FRAMED, id="a frame"),
        pytest.param("x\n@example.com #747723 %pay.example", PLAIN, PLAIN, id="a frame by percent"),
        pytest.param("code @example.com #747723", None, PLAIN, id="not at the beginning of the line"),
        pytest.param("@example.com code #747723", None, None, id="a word between"),
        pytest.param("@example.com  #747723", None, None, id="two spaces"),
        pytest.param("@example.com\t#747723", None, None, id="a tab"),
        pytest.param("@example.com #747723\n", None, PLAIN, id="a newline after it"),
        pytest.param(
            "@example.com #747723.",
            Bound("example.com", "747723."),
            Bound("example.com", "747723."),
            id="a full stop",
        ),
        pytest.param("@example.com #747723\nIyrw0/SRopH", None, PLAIN, id="a hash after it"),
        pytest.param("Iyrw0/SRopH\n@example.com #747723", PLAIN, PLAIN, id="a hash before it"),
        pytest.param("@exämple.com #747723", Bound("exämple.com", "747723"), None, id="letters beyond ASCII"),
        pytest.param("@example.com:8443 #747723", Bound("example.com:8443", "747723"), None, id="a port"),
        pytest.param(
            "@example.com #74#7723",
            Bound("example.com", "74#7723"),
            Bound("example.com", "74"),
            id="a hash sign in the code",
        ),
        pytest.param("@example.com #747723 $later", PLAIN, PLAIN, id="text after it"),
        pytest.param("Your code.\r\n@example.com #747723", PLAIN, PLAIN, id="CR and LF"),
        pytest.param("\u200f@example.com #747723", None, None, id="a mark of direction"),
    ],
)
def test_the_vectors(text: str, draft: Bound | None, chromium: Bound | None) -> None:
    assert read_line(text) == draft
    assert read_anywhere(text) == chromium


def test_apple_reads_the_frame_after_a_percent_sign() -> None:
    assert read_line("x\n@example.com #747723 %pay.example", "percent") == FRAMED
    assert read_line("x\n@example.com #747723 @pay.example", "percent") == PLAIN


def test_nothing_is_read_from_half_a_line() -> None:
    for text in ("", "@", "@example.com", "@example.com ", "@example.com #", "@ #747723"):
        assert read_line(text) is None
        assert read_anywhere(text) is None
