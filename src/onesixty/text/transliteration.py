"""Text made of look-alikes, so that it fits into GSM-7, and an account of every change.

Rules kept here:
- all or nothing: a text is changed only when all of it then is GSM-7 and it takes no more segments than
  before. One character without a look-alike keeps the message in UCS-2, and then every curly quote may stay as
  it was written: changing without gain is loss;
- a character of the alphabet is never touched, and a language's own letters belong to it when the
  caller names the language; of several tables the one that leaves most as it was is taken;
- a letter with accents loses as few as it must (ǖ becomes ü, ế becomes e), and one written in pieces is
  taken together first (e and U+0301 become é);
- every change is told: the character, what stands for it, and where it stood.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, KeysView, Sequence
from functools import lru_cache
from typing import NamedTuple

import regex

from .cuts import MAX_SEGMENTS, SEPTETS
from .errors import TooManySegments
from .gsm0338 import fold, offending
from .headed import choose, table_ways
from .look_alikes import DRESSED, look_alikes
from .shifts import writing

# A character with the marks that are written on it; they are looked at together.
_MARKED = regex.compile(r"\P{M}?\p{M}+|.", regex.DOTALL)

_LONGEST_CLUSTER = 32  # more marks than any language has on one letter


class Replacement(NamedTuple):
    """One character (or a letter with its marks) and what stands for it: "" for what went away.

    `positions` are where it stood in the text given, in code points from 0.
    """

    character: str
    replacement: str
    positions: tuple[int, ...]


class Transliterated(NamedTuple):
    """The text, and what was changed, in the order of first appearance; no changes: it is the text given."""

    text: str
    changes: tuple[Replacement, ...]


def transliterate(text: str, language: str | None = None) -> Transliterated:
    """`text` in GSM-7 where look-alikes allow it at no more segments; else `text` itself.

    `language` is that of `choose`: the letters of its shift tables then belong to the alphabet and stay as they
    are. Raises `UnknownLanguage`, nothing else.
    """
    unchanged = Transliterated(text, ())
    tables = [writing(shifts).keys() for shifts in table_ways(language)]
    if fold(text) is not None or len(text) > MAX_SEGMENTS * SEPTETS.single:
        return unchanged
    pieces = _MARKED.findall(text)
    often = Counter(pieces)
    best: dict[str, str] | None = None
    fewest = 0
    for alphabet in (None, *_telling(text, tables)):
        replacements = _replacements(often, alphabet)
        if replacements is not None:
            changed = sum(often[piece] for piece in replacements)
            if best is None or changed < fewest:
                best, fewest = replacements, changed
    if best is None:
        return unchanged
    made = "".join([best.get(piece, piece) for piece in pieces])
    return Transliterated(made, _told(pieces, best)) if _gains(made, text, language) else unchanged


@lru_cache(maxsize=4096)
def look_alike(character: str) -> str | None:
    """What stands for `character` in GSM-7: itself if it is there, "" if it goes away, None if nothing does.

    `character` is one code point, or a letter with its combining marks.
    """
    if len(character) > _LONGEST_CLUSTER:
        return None
    character = unicodedata.normalize("NFC", character)
    if fold(character) is not None:
        return character
    if len(character) == 1:
        found = look_alikes().get(character)
        if found is not None:
            return found
        if DRESSED[0] <= ord(character) <= DRESSED[1]:
            plain = unicodedata.normalize("NFKC", character)
            return plain if plain.isascii() else None
    return _without_accents(character)


def _telling(text: str, tables: Sequence[KeysView[str]]) -> list[KeysView[str]]:
    """The alphabets that have something of what the default one lacks."""
    foreign = {one.character for one in offending(text)}
    return [alphabet for alphabet in tables if not foreign.isdisjoint(alphabet)]


def _replacements(pieces: Iterable[str], alphabet: KeysView[str] | None) -> dict[str, str] | None:
    """What stands for the pieces that `alphabet` lacks (None: the default one); None if nothing does for one."""
    replacements: dict[str, str] = {}
    for piece in pieces:
        if not _all_in(piece, alphabet):
            replacement = look_alike(piece)
            if replacement is None or not _all_in(replacement, alphabet):
                return None
            replacements[piece] = replacement
    return replacements


def _told(pieces: list[str], replacements: dict[str, str]) -> tuple[Replacement, ...]:
    places: dict[str, list[int]] = {}
    position = 0
    for piece in pieces:
        if piece in replacements:
            places.setdefault(piece, []).append(position)
        position += len(piece)
    return tuple(Replacement(piece, replacements[piece], tuple(at)) for piece, at in places.items())


def _all_in(piece: str, alphabet: KeysView[str] | None) -> bool:
    return fold(piece) is not None if alphabet is None else all(mark in alphabet for mark in piece)


def _gains(made: str, text: str, language: str | None) -> bool:
    """Whether `made` goes as GSM-7, in no more segments than `text`."""
    try:
        after = choose(made, "auto", language)
    except TooManySegments:
        return False
    try:
        return after.encoding == "gsm7" and after.segments <= choose(text, "auto", language).segments
    except TooManySegments:
        return True


def _without_accents(character: str) -> str | None:
    """A Latin letter with as many of its accents as GSM-7 has; None for anything else."""
    letter, marks = _taken_apart(character)
    if not marks or not unicodedata.name(letter, "").startswith("LATIN "):
        return None
    for kept in range(len(marks), 0, -1):
        candidate = unicodedata.normalize("NFC", letter + marks[:kept])
        if fold(candidate) is not None:
            return candidate
    base = look_alikes().get(letter, letter)
    return base if fold(base) is not None else None


def _taken_apart(character: str) -> tuple[str, str]:
    """A letter and the marks on it, in the order of Unicode; no marks if there is anything else."""
    apart = unicodedata.normalize("NFD", character)
    marks = apart[1:]
    return apart[0], marks if all(unicodedata.category(mark) == "Mn" for mark in marks) else ""
