"""What a value of type string may hold: names and words, and nothing that speaks in another's name.

A name that a stranger typed into a form ends in a message of a trusted sender. Rules kept here:
- no link and nothing that a phone makes into one: no scheme, no `www.`, no name with a known top-level domain;
- nothing that a browser takes for the code of a site (`@site #123456`);
- no phone number: no seven digits, however they are spaced, unless the variable is meant for long numbers;
- no mark that nobody sees, but for the joiners that some scripts need;
- no word in letters of two scripts that look alike, and no line break where the variable has none.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import regex

from onesixty.templates.syntax import unwelcome

#: ZWNJ and ZWJ: Persian and Indic words and some emoji have them.
_JOINERS: Final = "\u200c\u200d"
#: Characters without a shape that Unicode does not call marks of format: fillers, a blank of Braille, a joiner.
_SHAPELESS: Final = "\u034f\u115f\u1160\u2800\u3164\uffa0"
#: They choose between shapes of the sign before them, as emoji do. Inside a word they only hide what it is.
_VARIANTS: Final = "\ufe0e\ufe0f"
_SCHEME: Final = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}:/|\bwww\.|\b(?:tel|sms|mailto|whatsapp|javascript|data):", re.I
)
_ORIGIN: Final = re.compile(r"(?<!\S)@[A-Za-z0-9.-]+\s+#\S")
_DOTTED: Final = regex.compile(r"[\p{L}\p{N}-]+(?:[.\u3002\uff0e\uff61][\p{L}\p{N}-]+)+")
_DOTS: Final = re.compile("[.\u3002\uff0e\uff61]")
_DIGITS: Final = regex.compile(r"\p{Nd}(?:[\p{Zs}().\-/\u2010-\u2015+]*\p{Nd}){6,}")
_WORD: Final = regex.compile(r"[\p{L}\p{M}]+")
#: Scripts whose letters pass for each other's.
_ALIKE: Final = tuple(
    regex.compile(rf"\p{{{script}}}") for script in ("Latin", "Cyrillic", "Greek", "Armenian")
)


class _Domains(msgspec.Struct, forbid_unknown_fields=True):
    countries: str
    others: str


def objection(text: str, *, multiline: bool = False, numbers: bool = False) -> str | None:
    """Return why a string is refused, as the end of a sentence (`must not ...`); None if it is not."""
    found = unwelcome(text)
    if found is not None:
        return f"must not contain {found[1]}"
    if "\n" in text and not multiline:
        return "must not contain a line break"
    for at, mark in enumerate(text):
        if _invisible(mark) and not (mark in _JOINERS + _VARIANTS and _joins(text[:at])):
            return f"must not contain an invisible mark (U+{ord(mark):04X})"
    wide = unicodedata.normalize("NFKC", text)
    if _SCHEME.search(wide) or any(_is_name(found[0]) for found in _DOTTED.finditer(wide)):
        return "must not contain a link: use a variable of type `url`"
    if _ORIGIN.search(wide):
        return "must not contain what browsers take for the code of a site"
    if not numbers and _DIGITS.search(wide):
        return "must not contain seven digits or more: use a variable of type `phone`, or one with `numbers`"
    if any(_mixed(word) for word in _WORD.findall(text)):
        return "must not mix letters of several scripts in a word"
    return None


def _invisible(mark: str) -> bool:
    return unicodedata.category(mark) == "Cf" or mark in _SHAPELESS or "\ufe00" <= mark <= "\ufe0f"


def _joins(before: str) -> bool:
    """Whether a joiner makes sense after this text: not after Latin letters, digits and signs of ASCII."""
    return bool(before) and not before[-1].isascii() and unicodedata.category(before[-1])[0] in "LMS"


def _is_name(dotted: str) -> bool:
    """Whether phones make a link of this: it ends in a top-level domain (`.com`, also `.com.example` cut off), or is
    an address of IPv4."""
    labels = _DOTS.split(dotted.lower())
    if len(labels) == 4 and all(label.isdecimal() and int(label) < 256 for label in labels):
        return True
    return any(label in _top_level() or label.startswith("xn--") for label in labels[1:])


def _mixed(word: str) -> bool:
    return sum(script.search(word) is not None for script in _ALIKE) > 1


@cache
def _top_level() -> frozenset[str]:
    said = msgspec.toml.decode(Path(__file__).with_name("domains.toml").read_bytes(), type=_Domains)
    return frozenset(said.countries.split()) | frozenset(said.others.split())
