"""Joins the parts of long messages: pure functions for the parts that carriers and SMPP customers cut.

Parts arrive out of order, doubled, late or never. Each part is a row from the moment it arrives. This module only
decides which of the waiting parts belong together.

Rules kept here:
- parts belong together if sender, recipient, link, reference and total agree (3GPP TS 23.040, 9.2.3.24.1 and
  9.2.3.24.8; SMPP 3.4, 5.3.2.22 to 5.3.2.24);
- the same part again, with the same content, is a repeat and adds nothing. If it comes over the session of the first
  one, it belongs to another message, because a peer does not repeat in a session what was acknowledged there;
- different content under a number that is taken, or a different total, is another message: references are reused;
- parts are looked at in the order in which they arrived, so that every reader finds the same messages;
- what carriers hand over is read tolerantly (`read`), what customers send strictly (`read_strictly`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

import msgspec

from onesixty import text

#: Elements of a header that are no longer needed once the text is decoded: concatenation and shift tables.
_TABLES: Final = frozenset((0x24, 0x25))
_SPENT: Final = frozenset((0x00, 0x08)) | _TABLES


class Place(NamedTuple):
    """Where a part belongs: number `number` (from 1) of `total`, under a reference of 8 or 16 bits; 0 bits: sar_*."""

    reference: int
    total: int
    number: int
    bits: int


class Piece(msgspec.Struct, frozen=True):
    """A part that waits. `digest` identifies its content. `at` is the time of arrival in epoch ms. `session` is the
    carrier's link that it came over, "" if that is not known."""

    id: str
    total: int
    number: int
    digest: str
    at: int
    session: str = ""


class Group(msgspec.Struct):
    """Parts of one message: `pieces` by their number, and `repeats`. `since` is when the
    first part arrived, in epoch ms."""

    total: int
    since: int
    pieces: dict[int, Piece] = {}
    repeats: list[Piece] = []

    @property
    def complete(self) -> bool:
        """Whether all parts have arrived."""
        return len(self.pieces) == self.total

    @property
    def in_order(self) -> list[Piece]:
        """The parts that have arrived, by their number."""
        return [self.pieces[number] for number in sorted(self.pieces)]

    @property
    def everything(self) -> list[Piece]:
        """The parts and their repeats."""
        return [*self.in_order, *self.repeats]


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


def place_key(place: Place, *between: str) -> str:
    """The key that parts of one message share: a digest of the place, and of the two ends in `between`."""
    return _digest(f"{place.bits}:{place.reference}", *between)


def content_digest(*parts: str | bytes) -> str:
    """A digest that tells one content from another."""
    return _digest(*parts)


def groups(pieces: Sequence[Piece]) -> list[Group]:
    """The messages that these parts belong to, oldest first. All parts are of one place."""
    found: list[Group] = []
    for piece in sorted(pieces, key=lambda one: (one.at, one.id)):
        for group in found:
            if group.total != piece.total:
                continue
            known = group.pieces.get(piece.number)
            if known is None:
                group.pieces[piece.number] = piece
                break
            if known.digest == piece.digest and not (piece.session and piece.session == known.session):
                group.repeats.append(piece)
                break
        else:
            found.append(Group(piece.total, piece.at, {piece.number: piece}))
    return found


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


def storable(written: str) -> str:
    """The text as a database accepts it: without NUL and without lone surrogates."""
    if "\0" in written:
        written = written.replace("\0", "�")
    return written if written.isascii() else written.encode("utf-8", "replace").decode()


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


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        octets = part.encode("utf-8", "replace") if isinstance(part, str) else part
        digest.update(len(octets).to_bytes(4, "big"))
        digest.update(octets)
    return digest.hexdigest()
