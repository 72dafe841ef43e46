"""Octets from a customer to text, strictly: what has no meaning is refused, and nothing stands in for it.

`incoming` reads what carriers hand over and never raises; this module reads what customers send. Towards carriers
nothing that can be understood is refused; towards customers nothing that cannot be understood is accepted.

Rules kept here:
- an octet over 0x7F is no septet and no ASCII; an octet that its charset lacks, half a UTF-16 unit and half a
  surrogate pair are no characters; NUL is a character that no text holds;
- an escape with nothing after it is half a character. An escape before a code without a character of its own is
  whole: it means the character of the main table (3GPP TS 23.038, 6.2.1.1);
- a part may begin or end inside a surrogate pair or an escape pair, because the cut is the sender's; a UTF-16
  unit is never cut (3GPP TS 23.040, 9.2.3.16). What parts say together is read without that allowance;
- UCS-2 has its high octet first (3GPP TS 23.038, 5). A byte order mark says otherwise for the whole message, and only
  where the message begins: in a later part it is a character like any other.
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
#: What can be said of no part alone: septets of any bits are septets, and of a character of several octets a part may
#: hold the half.
_UNCHECKED: Final = frozenset((OCTETS, "gsm7_packed", "shift_jis", "iso2022_jp", "euc_kr"))


def decode_strictly(
    payload: bytes,
    data_coding: int,
    alphabet_for_zero: Alphabet = "gsm7",
    alphabet_for_one: Alphabet = "ascii",
    udh: bytes = b"",
) -> str:
    """The text of `payload`, a whole message without its header; arguments as for `decode`. Raises `Undecodable`."""
    alphabet = data_coding_of(data_coding, alphabet_for_zero, alphabet_for_one).alphabet
    if not udh and alphabet == "gsm7" and payload.isascii() and not payload.endswith(_ESCAPE):
        return gsm0338.decode(payload)  # nearly always
    if udh:
        part = Part(payload, data_coding, udh)
        return _read(alphabet, tables_of(part), unpacked(part, alphabet))
    return _read(alphabet, NO_SHIFTS, unpacked(Part(payload, data_coding), alphabet))


def decode_parts_strictly(
    parts: Sequence[Part], alphabet_for_zero: Alphabet = "gsm7", alphabet_for_one: Alphabet = "ascii"
) -> list[str]:
    """The text that each of the parts begins, in order; joined they are the message. Raises `Undecodable`, also
    where one part is text and another octets.

    A character that was cut in two stands whole in the part that began it.
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
    """Raise `Undecodable` for one part, without its header, that no other part can complete. `first`: the message
    begins with it, so that its byte order is known."""
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
            _check_units(payload, "utf-16-le", first=False)  # if the first part has the mark
        except Undecodable:
            raise refusal from None


def _check_units(payload: bytes, codec: str, *, first: bool) -> None:
    """Raise `Undecodable` for UTF-16 that is no text, but for a pair that is cut at an end."""
    high = 1 if codec == "utf-16-le" else 0  # where the high octet of a unit stands
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
    """`text`, which `payloads` say together, by the payload that each character began in."""
    if len(payloads) == 1:
        return [text]
    ends: list[int] = []
    octets = b""
    for payload in payloads[:-1]:
        octets += payload
        ends.append(_characters(alphabet, tables, octets))
    return [text[first:after] for first, after in zip([0, *ends], [*ends, len(text)], strict=True)]


def _characters(alphabet: str, tables: Shifts, octets: bytes) -> int:
    """How many characters begin in `octets`, the first of a text that is whole."""
    if alphabet in SEPTETS:
        return len(shifts.decode(octets, tables) if any(tables) else gsm0338.decode(octets))
    if alphabet == UCS2:
        codec, mark = byte_order(octets)
        return len(octets[mark:].decode(codec, "replace"))
    return len(octets.decode(CODECS.get(alphabet, alphabet), "replace"))
