"""Reads texts with an origin-bound one-time code, as the two kinds of readers do.

    747723 is your code.

    @example.com #747723

Rules kept here:
- `read_line` reads as the draft "Origin-bound one-time codes delivered via SMS" says (2021-03-24): the last line,
  from its beginning. Safari reads so;
- `read_anywhere` reads as Chromium does: the first match in the whole text;
- a text is good only if both read the same from it. `formats` checks that;
- the draft and Chromium name the host of a frame after a second `@`, Apple's documentation after `%`.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

EmbeddedStyle = Literal["at", "percent"]

#: The mark before the host of a frame.
MARKS: Final[dict[EmbeddedStyle, str]] = {"at": "@", "percent": "%"}

_TOKEN: Final = re.compile(r"[^\t\n\f\r ]+")
_ANYWHERE: Final = re.compile(r"(?:\A|[\t\n\f\r ])@([A-Za-z0-9.-]+) #([^#\t\n\f\r ]+)(?: @([A-Za-z0-9.-]+))?")


class Bound(NamedTuple):
    """A code that a phone offers on one host alone, or in a frame of `embedded` there."""

    host: str
    code: str
    embedded: str | None = None


def read_line(text: str, style: EmbeddedStyle = "at") -> Bound | None:
    """The code in the last line of a text, None if the line is not of this form."""
    line = text.replace("\r\n", "\n").replace("\r", "\n").rpartition("\n")[2]
    host = _after("@", line, 0)
    if host is None:
        return None
    code = _after(" #", line, host.end())
    if code is None:
        return None
    embedded = _after(f" {MARKS[style]}", line, code.end())
    return Bound(host[0], code[0], None if embedded is None else embedded[0])


def read_anywhere(text: str) -> Bound | None:
    """The first code of this form anywhere in a text, None if there is none."""
    found = _ANYWHERE.search(text)
    return None if found is None else Bound(*found.groups())


def _after(mark: str, line: str, at: int) -> re.Match[str] | None:
    """The characters up to the next white space that follow a mark at a place."""
    return _TOKEN.match(line, at + len(mark)) if line.startswith(mark, at) else None
