"""Characters that GSM-7 lacks, and the characters that replace them, from `look_alikes.toml`.

A look-alike is a character that a reader takes for the same at a glance: a curly quote and a straight one, a
long dash and a hyphen, a letter and the letter without its accent. Other scripts, emoji and most symbols
(degree, rupee, heart) are not in the table, because nothing in GSM-7 looks like them.

Decisions:
- a letter of Greek or Cyrillic is replaced only if its capital looks the same as a Latin capital. Small letters
  are not replaced, since that would make half a word Latin; nor is a capital that is only similar (У, Й, Ё, Ά);
- accents are removed by a rule (`transliteration`), not by this table. The table has only the letters that
  Unicode does not decompose (đ, ł, ħ), and those that have a closer replacement than the bare letter (ő);
- invisible characters are removed: they carry no meaning in a text without other scripts.
"""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

#: Roman numerals and full-width forms: Unicode defines their equivalents (NFKC).
_COMPATIBLE: Final = (*range(0x2160, 0x2180), *range(0xFF01, 0xFF5F))
#: Numbers in a circle, from 1: the replacement is (1).
_CIRCLED: Final = range(0x2460, 0x2474)

#: Mathematical letters (bold, italic, script, double-struck): each is a letter or digit in another style, and
#: Unicode defines which (NFKC).
DRESSED: Final = (0x1D400, 0x1D7FF)


@cache
def look_alikes() -> dict[str, str]:
    """Return the replacement for each character; "" for a character that is removed."""
    said = tomllib.loads(Path(__file__).with_name("look_alikes.toml").read_text(encoding="utf-8"))
    return {
        **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in _COMPATIBLE},
        **{chr(code): f"({number})" for number, code in enumerate(_CIRCLED, 1)},
        **{character: plain for plain, characters in said["rows"].items() for character in characters},
        **{one: other for pair in said["pairs"] for one, other in zip(pair["from"], pair["to"], strict=True)},
    }
