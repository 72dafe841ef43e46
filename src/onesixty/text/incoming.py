"""Decodes the octets of carriers to text.

This module is tolerant, while the rest of the package is strict: an inbound message must never be lost because a
gateway used an odd data_coding or cut a character. Octets without a meaning become U+FFFD; nothing is raised.
`strict` decodes what customers send.

Rules kept here:
- parts are joined before they are decoded: a gateway may have cut a surrogate pair, an escape pair or a
  character of several octets in two;
- shift tables apply only to the parts whose header names them (3GPP TS 23.040, 9.2.3.24.15);
- a header that cannot be parsed names no tables;
- UCS-2 has its high octet first (3GPP TS 23.038, 5), unless a byte order mark at the beginning of the first part
  says otherwise; the mark applies to all parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from . import gsm0338, shifts
from .data_coding import OCTETS, UCS2, data_coding_of
from .errors import MalformedUDH
from .packed import unpack
from .segmentation import CODECS, Alphabet
from .shifts import NO_SHIFTS, Shifts, shifts_of

# Each octet becomes the character with its number, so that .encode("latin-1") restores the octets.
OCTETS_CODEC: Final = "latin-1"
SEPTETS: Final = ("gsm7", "gsm7_packed")
_LITTLE_ENDIAN: Final = b"\xff\xfe"
_BIG_ENDIAN: Final = b"\xfe\xff"


class Part(NamedTuple):
    """A message or one part of it, as it arrived: its payload without the header, and the header (b"" for none)."""

    payload: bytes
    data_coding: int
    udh: bytes = b""


def decode(
    payload: bytes,
    data_coding: int,
    alphabet_for_zero: Alphabet = "gsm7",
    alphabet_for_one: Alphabet = "ascii",
    udh: bytes = b"",
) -> str:
    """Decode `payload`, a message without its user data header. Never raises.

    `alphabet_for_zero` and `alphabet_for_one` are the meanings of data_coding 0 and 1 on the link. `udh` is the
    header; its shift tables and the fill bits after it are taken into account.
    """
    alphabet = data_coding_of(data_coding, alphabet_for_zero, alphabet_for_one).alphabet
    if not udh and alphabet == "gsm7":
        return gsm0338.decode(payload)
    part = Part(payload, data_coding, udh)
    return _read(alphabet, tables_of(part), [unpacked(part, alphabet)])


def decode_parts(
    parts: Sequence[Part], alphabet_for_zero: Alphabet = "gsm7", alphabet_for_one: Alphabet = "ascii"
) -> str:
    """Decode a message in parts, which are given in order. Never raises.

    Neighbouring parts with the same alphabet and tables are joined before they are decoded. Parts may differ in both.
    """
    return "".join(
        _read(alphabet, tables, payloads)
        for alphabet, tables, payloads in written_alike(parts, alphabet_for_zero, alphabet_for_one)
    )


def written_alike(
    parts: Sequence[Part], alphabet_for_zero: Alphabet, alphabet_for_one: Alphabet
) -> Iterator[tuple[str, Shifts, list[bytes]]]:
    """Group neighbouring parts with the same alphabet and tables, which are decoded together. Yields alphabet,
    tables, and the unpacked payloads."""

    def written(part: Part) -> tuple[str, Shifts]:
        coding = data_coding_of(part.data_coding, alphabet_for_zero, alphabet_for_one)
        return coding.alphabet, tables_of(part)

    for (alphabet, tables), group in groupby(parts, key=written):
        yield alphabet, tables, [unpacked(part, alphabet) for part in group]


def tables_of(part: Part) -> Shifts:
    """Return the shift tables that the header names."""
    if not part.udh:
        return NO_SHIFTS
    try:
        return shifts_of(part.udh)
    except MalformedUDH:
        return NO_SHIFTS


def unpacked(part: Part, alphabet: str) -> bytes:
    """Return the payload with one septet in each octet, if the alphabet is packed septets; otherwise unchanged."""
    return unpack(part.payload, len(part.udh)) if alphabet == "gsm7_packed" else part.payload


def _read(alphabet: str, tables: Shifts, payloads: list[bytes]) -> str:
    octets = b"".join(payloads)
    if alphabet in SEPTETS:
        return shifts.decode(octets, tables) if any(tables) else gsm0338.decode(octets)
    if alphabet == OCTETS:
        return octets.decode(OCTETS_CODEC)
    if alphabet != UCS2:
        return octets.decode(CODECS.get(alphabet, alphabet), "replace")
    if len(octets) % 2 and len(payloads) > 1:
        # Half a unit is missing: decode the parts separately, so that only the damaged one suffers.
        codec, mark = byte_order(octets)
        rest = [payloads[0][mark:], *payloads[1:]]
        return "".join(payload.decode(codec, "replace") for payload in rest)
    codec, mark = byte_order(octets)
    return octets[mark:].decode(codec, "replace")


def byte_order(octets: bytes) -> tuple[str, int]:
    """Return the UTF-16 codec for these octets: high octet first, unless a byte order mark says otherwise. And
    return the length of the mark, which does not belong to the text."""
    if octets.startswith(_LITTLE_ENDIAN):
        return "utf-16-le", len(_LITTLE_ENDIAN)
    return "utf-16-be", len(_BIG_ENDIAN) if octets.startswith(_BIG_ENDIAN) else 0
