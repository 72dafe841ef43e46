"""Codes: their alphabets, how one is derived and compared, and how what a person typed is read. Pure functions.

    code = derived(key, "ver_01", 1, seed, DIGITS, 6)        # the same arguments give the same code
    typed = normalised(" 482-931 ")                          # "482931"

Rules kept here:
- a code follows from a key of the server, the verification, its generation and a stored seed. So a resend can send
  the same code, and whoever has only the database has no code;
- 128 bits of the HMAC are reduced to the length of the code: the bias is below 2^-80 for any length;
- codes are compared as keyed digests of 32 octets, in constant time. The digest covers what the verification is bound
  to, so a code for one payment never fits another;
- what a person types may have spaces, hyphens, dots, marks of direction, digits of any script and small letters.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from onesixty.core.macs import mac

Alphabet = Literal["digits", "letters", "both"]

#: The characters of each alphabet. Letters and mixed codes have none that look like another, and no vowel but A, E
#: and Y, so that hardly any word arises.
CHARACTERS: Final[dict[str, str]] = {
    "digits": "0123456789",
    "letters": "ACDEFGHJKMNPQRTWXY",
    "both": "234679ACDEFGHJKMNPQRTWXY",
}

SHORTEST: Final = 4
LONGEST: Final = 10
#: What is typed may be this long; a longer text is refused before anything is computed.
LONGEST_TYPED: Final = 32

_DERIVED_BITS: Final = 128
#: Categories of characters that are dropped: marks of direction, zero-width marks and other controls of format.
_FORMAT: Final = "Cf"
_DROPPED: Final = frozenset(" \t\r\n-.\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u3000")


def derived(
    key: bytes, verification_id: str, generation: int, seed: bytes, alphabet: Alphabet, length: int
) -> str:
    """The code of a generation of a verification."""
    said = b"\0".join((verification_id.encode(), str(generation).encode(), seed))
    number = int.from_bytes(mac(key, said)[: _DERIVED_BITS // 8], "big")
    characters = CHARACTERS[alphabet]
    found = []
    for _ in range(length):
        number, place = divmod(number, len(characters))
        found.append(characters[place])
    return "".join(found)


def digest(key: bytes, verification_id: str, generation: int, bound: bytes, code: str) -> bytes:
    """The digest by which a code is compared. `bound` is what the verification is bound to, in canonical form."""
    said = b"\0".join((b"v1", verification_id.encode(), str(generation).encode(), bound, code.encode()))
    return mac(key, said)


def same(one: bytes, other: bytes) -> bool:
    """Whether two digests are equal, in constant time."""
    return hmac.compare_digest(one, other)


def normalised(typed: str) -> str:
    """What a person typed, as codes are written; empty if nothing of it can be part of a code."""
    found = []
    for character in unicodedata.normalize("NFKC", typed):
        if character in _DROPPED or unicodedata.category(character) == _FORMAT:
            continue
        digit = unicodedata.digit(character, None)
        found.append(character.upper() if digit is None else str(digit))
    return "".join(found)


def masked(text: str, codes: Iterable[str], mask: str) -> str:
    """A text with `mask` for each character of a code in it, however a person wrote the code. What stands between the
    characters stays."""
    read: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in normalised(character):
            read.append(one)
            places.append(place)
    whole, shown = "".join(read), list(text)
    for code in codes:
        start = whole.find(code)
        while start >= 0:
            for place in places[start : start + len(code)]:
                shown[place] = mask
            start = whole.find(code, start + 1)
    return "".join(shown)


def ends(code: str) -> Iterator[str]:
    """The beginnings and ends of a code that have at least half of it: what is left where a part of a text with the
    code is missing."""
    for length in range((len(code) + 1) // 2, len(code)):
        yield code[:length]
        yield code[-length:]


def well_formed(code: str) -> bool:
    """Whether a caller may use this as a code of its own: 4 to 10 digits and capital letters of ASCII."""
    return SHORTEST <= len(code) <= LONGEST and all("0" <= c <= "9" or "A" <= c <= "Z" for c in code)


def chance(alphabet: Alphabet, length: int, checks: int) -> float:
    """The chance of guessing a code with so many checks."""
    return min(1.0, checks / float(len(CHARACTERS[alphabet]) ** length))
