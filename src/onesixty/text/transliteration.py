"""Replaces characters by look-alikes, so that a text fits into GSM-7, and lists every change.

Rules kept here:
- all or nothing: a text is changed only if all of it then is GSM-7 and it takes no more segments than before. If
  one character has no look-alike, the message stays in UCS-2, and then nothing at all is replaced: a change
  without a gain would be a loss;
- a character of the alphabet is never replaced. If the caller names a language, that language's own letters
  belong to the alphabet; of several tables, the one with the fewest changes is used;
- a letter loses as few accents as possible (ǖ becomes ü, ế becomes e), and a letter in decomposed form is
  composed first (e and U+0301 become é);
- every change is reported: the character, its replacement, and its positions.
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

# A character with its combining marks; they are handled together.
_MARKED = regex.compile(r"\P{M}?\p{M}+|.", regex.DOTALL)

_LONGEST_CLUSTER = 32  # more marks than any language has on one letter


class Replacement(NamedTuple):
    """One character (or a letter with its marks) and its replacement: "" if it was removed.

    `positions` are its positions in the original text, in code points from 0.
    """

    character: str
    replacement: str
    positions: tuple[int, ...]


class Transliterated(NamedTuple):
    """The text and its changes, in the order of first appearance; without changes, it is the original text."""

    text: str
    changes: tuple[Replacement, ...]


def transliterate(text: str, language: str | None = None) -> Transliterated:
    """Return `text` in GSM-7 if look-alikes make that possible without more segments; otherwise return `text` itself.

    `language` is that of `choose`: the letters of its shift tables then belong to the alphabet and stay
    unchanged. Raises `UnknownLanguage`, nothing else.
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
    """Return the GSM-7 replacement of `character`: itself if GSM-7 has it, "" if it is removed, None if there is
    none.

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
    """Return the alphabets that have some character which the default one lacks."""
    foreign = {one.character for one in offending(text)}
    return [alphabet for alphabet in tables if not foreign.isdisjoint(alphabet)]


def _replacements(pieces: Iterable[str], alphabet: KeysView[str] | None) -> dict[str, str] | None:
    """Return the replacement of each piece that `alphabet` lacks (None: the default one); None if a piece has
    none."""
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
    """Whether `made` can be sent as GSM-7, in no more segments than `text`."""
    try:
        after = choose(made, "auto", language)
    except TooManySegments:
        return False
    try:
        return after.encoding == "gsm7" and after.segments <= choose(text, "auto", language).segments
    except TooManySegments:
        return True


def _without_accents(character: str) -> str | None:
    """Return a Latin letter with as many of its accents as GSM-7 has; None for any other character."""
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
    """Decompose a letter into base and marks, in the order of Unicode; no marks if it contains anything else."""
    apart = unicodedata.normalize("NFD", character)
    marks = apart[1:]
    return apart[0], marks if all(unicodedata.category(mark) == "Mn" for mark in marks) else ""
