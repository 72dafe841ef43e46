"""Reads the parts of text messages: what carriers hand over tolerantly, what customers send strictly."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

from onesixty import text
from onesixty.core.channel import Place
from onesixty.core.storable import storable

#: Elements of a header that are no longer needed once the text is decoded: concatenation and shift tables.
_TABLES: Final = frozenset((0x24, 0x25))
_SPENT: Final = frozenset((0x00, 0x08)) | _TABLES


class Octets(NamedTuple):
    """The content of a part: its payload without the header, the header (b"" for none), and data_coding."""

    payload: bytes
    udh: bytes
    data_coding: int


class Whole(NamedTuple):
    """The content of all parts together: a text, or octets if data_coding says so.

    `encoding` is ucs2 if the parts came in UCS-2, else None. `udh` holds the remaining elements of the header in hex,
    None if there are none. `shifted` tells whether the header named national shift tables. `lengths` are the lengths
    of the parts, in code points or octets, if they are known.
    """

    text: str
    binary: bytes | None
    encoding: str | None
    flash: bool
    udh: str | None
    shifted: bool
    lengths: tuple[int, ...] = ()


def place_of(udh: bytes, sar: tuple[int, int, int] | None) -> Place | None:
    """Which part of a message this is. None for a message in one piece, and for a header that makes no sense."""
    if udh:
        try:
            concat = text.concat_of(udh)
        except text.MalformedUDH:
            concat = None
        if concat is not None and concat.total > 1:
            return Place(concat.reference, concat.total, concat.number, concat.bits)
    if sar is not None:
        reference, total, number = sar
        if total > 1 and 1 <= number <= total <= text.MAX_SEGMENTS:
            return Place(reference, total, number, 0)
    return None


def read(parts: Sequence[Octets], alphabet_0: str = "gsm7", alphabet_1: str = "ascii") -> Whole:
    """The content of the parts, which are in order. Never raises: an earlier gateway may have written anything."""
    first = parts[0]
    zero, one = cast("text.Alphabet", alphabet_0), cast("text.Alphabet", alphabet_1)
    coding = text.data_coding_of(first.data_coding, zero, one)
    udh, shifted = _rest_of_header(first.udh)
    flash = coding.message_class == text.FLASH
    if coding.kind == "binary":
        return Whole("", b"".join(part.payload for part in parts), None, flash, udh, False)
    octets = [text.Part(part.payload, part.data_coding, part.udh) for part in parts]
    joined = text.decode_parts(octets, zero, one)
    return Whole(storable(joined), None, "ucs2" if coding.alphabet == "ucs2" else None, flash, udh, shifted)


def read_strictly(parts: Sequence[Octets], alphabet_0: str = "gsm7", alphabet_1: str = "ascii") -> Whole:
    """The content of the parts of a customer's message, which are in order. Raises `text.Undecodable`."""
    zero, one = cast("text.Alphabet", alphabet_0), cast("text.Alphabet", alphabet_1)
    codings = [text.data_coding_of(part.data_coding, zero, one) for part in parts]
    first = codings[0]
    udh, shifted = _rest_of_header(parts[0].udh)
    flash = first.message_class == text.FLASH
    if all(coding.kind == "binary" for coding in codings):
        octets = b"".join(part.payload for part in parts)
        lengths = tuple(len(part.payload) for part in parts)
        return Whole("", octets, None, flash, udh, False, lengths)
    said = text.decode_parts_strictly(
        [text.Part(part.payload, part.data_coding, part.udh) for part in parts], zero, one
    )
    encoding = "ucs2" if first.alphabet == text.UCS2 else None
    return Whole("".join(said), None, encoding, flash, udh, shifted, tuple(map(len, said)))


def header_of_part(part: Octets, beside: str | None) -> str:
    """The header of a part without its concatenation element, in hex: `beside`, and the
    shift tables that the part names."""
    elements = text.parse_udh(bytes.fromhex(beside)) if beside else []
    if part.udh:
        elements += [one for one in text.parse_udh(part.udh) if one.identifier in _TABLES]
    return text.compose_udh(elements).hex()


def as_text(octets: bytes) -> str:
    """Octets in base64, as the text column of a binary message holds them."""
    return base64.b64encode(octets).decode()


def _rest_of_header(udh: bytes) -> tuple[str | None, bool]:
    if not udh:
        return None, False
    try:
        elements = text.parse_udh(udh)
        shifted = any(text.shifts_of(udh))
    except text.MalformedUDH:
        return None, False
    rest = [element for element in elements if element.identifier not in _SPENT]
    return (text.compose_udh(rest).hex() if rest else None), shifted
