"""Decodes octets from a customer strictly: octets without a meaning are refused, and nothing replaces them.

`incoming` decodes what carriers send and never raises; this module decodes what customers send. From carriers,
everything that can be understood is accepted; from customers, nothing is accepted that cannot be understood.

Rules kept here:
- an octet over 0x7F is neither a septet nor ASCII. An octet that its charset lacks, half a UTF-16 unit and half
  a surrogate pair are not characters. NUL is a character that a text must not contain;
- an escape at the end is half a character. An escape before a code without a character of its own is complete:
  it means the character of the main table (3GPP TS 23.038, 6.2.1.1);
- a part may begin or end inside a surrogate pair or an escape pair, because the sender decides where to cut. A
  UTF-16 unit is never cut (3GPP TS 23.040, 9.2.3.16). The joined parts must not end inside a pair;
- UCS-2 has its high octet first (3GPP TS 23.038, 5). A byte order mark changes that for the whole message, but
  only at the beginning of the message: in a later part it is an ordinary character.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from . import gsm0338, shifts
from .data_coding import OCTETS, UCS2, data_coding_of
from .errors import Undecodable
from .incoming import OCTETS_CODEC, SEPTETS, Part, byte_order, tables_of, unpacked, written_alike
from .segmentation import CODECS, Alphabet
from .shifts import NO_SHIFTS, Shifts

_ESCAPE: Final = bytes((gsm0338.ESCAPE,))
_REPLACEMENT: Final = "\ufffd"
#: Alphabets of which a single part cannot be checked: any bits are valid packed septets, and a part may hold
#: half of a character of several octets.
_UNCHECKED: Final = frozenset((OCTETS, "gsm7_packed", "shift_jis", "iso2022_jp", "euc_kr"))


def decode_strictly(
    payload: bytes,
    data_coding: int,
    alphabet_for_zero: Alphabet = "gsm7",
    alphabet_for_one: Alphabet = "ascii",
    udh: bytes = b"",
) -> str:
    """Decode `payload`, a whole message without its header; arguments as for `decode`. Raises `Undecodable`."""
    alphabet = data_coding_of(data_coding, alphabet_for_zero, alphabet_for_one).alphabet
    if not udh and alphabet == "gsm7" and payload.isascii() and not payload.endswith(_ESCAPE):
        return gsm0338.decode(payload)  # the usual case
    if udh:
        part = Part(payload, data_coding, udh)
        return _read(alphabet, tables_of(part), unpacked(part, alphabet))
    return _read(alphabet, NO_SHIFTS, unpacked(Part(payload, data_coding), alphabet))


def decode_parts_strictly(
    parts: Sequence[Part], alphabet_for_zero: Alphabet = "gsm7", alphabet_for_one: Alphabet = "ascii"
) -> list[str]:
    """Return for each part, in order, the text that begins in it; joined, they are the message. Raises
    `Undecodable`, also if one part is text and another octets.

    A character that was cut in two belongs completely to the part in which it begins.
    """
    runs = list(written_alike(parts, alphabet_for_zero, alphabet_for_one))
    if any(alphabet == OCTETS for alphabet, _, _ in runs):
        raise Undecodable("some parts are text and others are octets")
    texts: list[str] = []
    for alphabet, tables, payloads in runs:
        texts += _divided(_read(alphabet, tables, b"".join(payloads)), alphabet, tables, payloads)
    return texts


def check_part(
    payload: bytes,
    data_coding: int,
    alphabet_for_zero: Alphabet = "gsm7",
    alphabet_for_one: Alphabet = "ascii",
    *,
    first: bool,
) -> None:
    """Raise `Undecodable` for a part, given without its header, that no other part can make valid. `first`: the
    part begins the message, so its byte order is known."""
    alphabet = data_coding_of(data_coding, alphabet_for_zero, alphabet_for_one).alphabet
    if alphabet in _UNCHECKED:
        return
    if alphabet == "gsm7":
        _septets(payload)
        return
    if alphabet != UCS2:
        _read(alphabet, NO_SHIFTS, payload)
        return
    if len(payload) % 2:
        raise Undecodable("half a UTF-16 code unit", len(payload) - 1)
    if first:
        _check_units(payload, byte_order(payload)[0], first=True)
        return
    try:
        _check_units(payload, "utf-16-be", first=False)
    except Undecodable as refusal:
        try:
            # possible if the first part has a byte order mark
            _check_units(payload, "utf-16-le", first=False)
        except Undecodable:
            raise refusal from None


def _check_units(payload: bytes, codec: str, *, first: bool) -> None:
    """Raise `Undecodable` for invalid UTF-16; a surrogate pair may be cut at either end."""
    high = 1 if codec == "utf-16-le" else 0  # the offset of the high octet in a unit
    start, end = 0, len(payload)
    if payload and not first and 0xDC <= payload[high] <= 0xDF:
        start = 2
    if payload and 0xD8 <= payload[end - 2 + high] <= 0xDB:
        end -= 2
    try:
        text = payload[start:end].decode(codec)
    except UnicodeDecodeError as error:
        raise Undecodable("not UTF-16", start + error.start) from None
    if "\0" in text:
        raise Undecodable("a NUL character")


def _read(alphabet: str, tables: Shifts, octets: bytes) -> str:
    if alphabet in SEPTETS:
        _septets(octets)
        if (len(octets) - len(octets.rstrip(_ESCAPE))) % 2:
            raise Undecodable("an escape with nothing after it", len(octets) - 1)
        text = shifts.decode(octets, tables) if any(tables) else gsm0338.decode(octets)
        if _REPLACEMENT in text:
            raise Undecodable("a septet that is not in the shift table")
        return text
    if alphabet == OCTETS:
        return octets.decode(OCTETS_CODEC)
    if alphabet == UCS2:
        text = _utf16(octets)
    else:
        try:
            text = octets.decode(CODECS.get(alphabet, alphabet))
        except UnicodeDecodeError as error:
            raise Undecodable(f"not {alphabet}", error.start) from None
    if "\0" in text:
        raise Undecodable("a NUL character")
    return text


def _septets(octets: bytes) -> None:
    if not octets.isascii():
        position = next(place for place, octet in enumerate(octets) if octet > 0x7F)
        raise Undecodable(f"0x{octets[position]:02X} is not a septet", position)


def _utf16(octets: bytes) -> str:
    codec, mark = byte_order(octets)
    try:
        return octets[mark:].decode(codec)
    except UnicodeDecodeError as error:
        raise Undecodable("not UTF-16", mark + error.start) from None


def _divided(text: str, alphabet: str, tables: Shifts, payloads: list[bytes]) -> list[str]:
    """Split `text`, the joined text of `payloads`, by the payload in which each character begins."""
    if len(payloads) == 1:
        return [text]
    ends: list[int] = []
    octets = b""
    for payload in payloads[:-1]:
        octets += payload
        ends.append(_characters(alphabet, tables, octets))
    return [text[first:after] for first, after in zip([0, *ends], [*ends, len(text)], strict=True)]


def _characters(alphabet: str, tables: Shifts, octets: bytes) -> int:
    """Return how many characters begin in `octets`, which are the first of a complete text."""
    if alphabet in SEPTETS:
        return len(shifts.decode(octets, tables) if any(tables) else gsm0338.decode(octets))
    if alphabet == UCS2:
        codec, mark = byte_order(octets)
        return len(octets[mark:].decode(codec, "replace"))
    return len(octets.decode(CODECS.get(alphabet, alphabet), "replace"))
