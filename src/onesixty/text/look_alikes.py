"""Characters that GSM-7 lacks, and what is written in their place, out of `look_alikes.toml`.

A look-alike is what a reader takes for the same at a glance: a curly quote and a straight one, a long dash
and a hyphen, a letter and the letter without its accent. Not in here, because nothing in GSM-7 looks
like them: other scripts, emoji, most symbols (degree, rupee, heart).

Decided, and kept:
- letters of Greek and Cyrillic only where the capital is the Latin capital to the eye; their small letters would make
  half a word Latin and are left alone, and so is a capital that only resembles (У, Й, Ё, Ά);
- accents are dropped by rule (`transliteration`), not by table: here stand only the letters that Unicode does not
  take apart (đ, ł, ħ), and those that have a nearer letter than the bare one (ő);
- what is invisible goes away: it carries no meaning in a text without other scripts.
"""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

#: Roman numerals and full-width forms: Unicode knows what each is (NFKC).
_COMPATIBLE: Final = (*range(0x2160, 0x2180), *range(0xFF01, 0xFF5F))
#: Numbers in a circle, from 1: what stands for them is (1).
_CIRCLED: Final = range(0x2460, 0x2474)

#: Letters of mathematics (bold, italic, script, double-struck): each is its letter or digit in another
#: dress, which Unicode knows (NFKC).
DRESSED: Final = (0x1D400, 0x1D7FF)


@cache
def look_alikes() -> dict[str, str]:
    """Character to replacement; "" for what goes away."""
    said = tomllib.loads(Path(__file__).with_name("look_alikes.toml").read_text(encoding="utf-8"))
    return {
        **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in _COMPATIBLE},
        **{chr(code): f"({number})" for number, code in enumerate(_CIRCLED, 1)},
        **{character: plain for plain, characters in said["rows"].items() for character in characters},
        **{one: other for pair in said["pairs"] for one, other in zip(pair["from"], pair["to"], strict=True)},
    }
