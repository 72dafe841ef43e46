"""Chooses the encoding of a text and counts its segments, for prices and previews.

The rule is the cheapest encoding that keeps every character: GSM-7 if all of them are in the alphabet, otherwise
UCS-2. Nothing is replaced or dropped.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from .cuts import SEPTETS, UTF16_UNITS, ReferenceBits, cut_octets, cut_utf16
from .errors import LoneSurrogate, NotInAlphabet, Offending, TooManySegments
from .gsm0338 import extended, fold, offending, unfold

Encoding = Literal["gsm7", "ucs2", "binary"]
EncodingChoice = Literal["auto", "gsm7", "ucs2"]


class Count(NamedTuple):
    """What a text costs.

    `characters` is the number of Unicode code points (an emoji of several code points counts as several);
    `units` are the septets (GSM-7) or UTF-16 units (UCS-2) without any header; `segments` is what is sent and paid.
    """

    encoding: Encoding
    characters: int
    units: int
    segments: int


def count(text: str, encoding: EncodingChoice = "auto", reference_bits: ReferenceBits = 8) -> Count:
    """Return encoding, units and segments of `text`, without building the segments.

    Raises `NotInAlphabet` if GSM-7 is forced on a text that it cannot encode, `LoneSurrogate`, and
    `TooManySegments` over 255.
    """
    if encoding != "ucs2":
        folded = fold(text)
        if folded is not None:
            characters = len(folded)
            units = characters if folded.isascii() else characters + extended(folded)
            if units <= SEPTETS.single:
                return Count("gsm7", characters, units, 1)
            return Count("gsm7", characters, units, _gsm7_parts(folded, units, SEPTETS.part(reference_bits)))
        if encoding == "gsm7":
            raise NotInAlphabet("gsm7", offending(text))
    wire = utf16(text)
    units = len(wire) >> 1
    if units <= UTF16_UNITS.single:
        return Count("ucs2", len(text), units, 1)
    parts = len(cut_utf16(text, wire, UTF16_UNITS.part(reference_bits)))
    return Count("ucs2", len(text), units, parts)


def utf16(text: str) -> bytes:
    """Encode `text` in UTF-16BE. Raises `LoneSurrogate`."""
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError:
        raise LoneSurrogate(
            tuple(
                Offending(position, character)
                for position, character in enumerate(text)
                if "\ud800" <= character <= "\udfff"
            )
        ) from None


def _gsm7_parts(folded: bytes, units: int, limit: int) -> int:
    if units == len(folded) and b"\r\n" not in folded:
        # No surrogate pair could be cut, so no walk is needed.
        parts = -(-units // limit)
        if parts > 255:
            raise TooManySegments
        return parts
    return len(cut_octets(unfold(folded), limit))
