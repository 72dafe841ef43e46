"""Octets from a customer to text, strictly: what has no meaning is refused, and nothing stands in for it.

`incoming` reads what carriers hand over and never raises; this module reads what customers send. Towards carriers
nothing that can be understood is refused; towards customers nothing that cannot be understood is accepted.

Rules kept here:
- an octet over 0x7F is no septet and no ASCII; an octet that its charset lacks, half a UTF-16 unit and half a
  surrogate pair are no characters; NUL is a character that no text holds;
- an escape with nothing after it is half a character. An escape before a code without a character of its own is
  whole: it means the character of the main table (3GPP TS 23.038, 6.2.1.1);
- a part may begin or end inside a surrogate pair or an escape pair, because the cut is the sender's; a UTF-16
  unit is never cut (3GPP TS 23.040, 9.2.3.16). What parts say together is read without that allowance.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from . import gsm0338, shifts
from .data_coding import OCTETS, UCS2, data_coding_of
from .errors import Undecodable
from .incoming import BIG_ENDIAN, LITTLE_ENDIAN, OCTETS_CODEC, SEPTETS, Part, tables_of, unpacked
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
    written = [
        (
            data_coding_of(part.data_coding, alphabet_for_zero, alphabet_for_one).alphabet,
            tables_of(part),
            part,
        )
        for part in parts
    ]
    if any(alphabet == OCTETS for alphabet, _, _ in written):
        raise Undecodable("some parts are text and others are octets")
    texts: list[str] = []
    for (alphabet, tables), group in groupby(written, key=lambda one: one[:2]):
        payloads = [unpacked(part, alphabet) for _, _, part in group]
        texts += _divided(_read(alphabet, tables, b"".join(payloads)), alphabet, tables, payloads)
    return texts


def check_part(
    payload: bytes,
    data_coding: int,
    alphabet_for_zero: Alphabet = "gsm7",
    alphabet_for_one: Alphabet = "ascii",
) -> None:
    """Raise `Undecodable` for one part, without its header, that no other part can complete."""
    alphabet = data_coding_of(data_coding, alphabet_for_zero, alphabet_for_one).alphabet
    if alphabet in _UNCHECKED:
        return
    if alphabet == "gsm7":
        _septets(payload)
        return
    if alphabet == UCS2:
        if len(payload) % 2:
            raise Undecodable("half a UTF-16 unit", len(payload) - 1)
        if payload[:2] != LITTLE_ENDIAN:
            start = 2 if 0xDC <= (payload[0] if payload else 0) <= 0xDF else 0
            end = len(payload) - (2 if payload and 0xD8 <= payload[-2] <= 0xDB else 0)
            payload = payload[start:end]
    _read(alphabet, NO_SHIFTS, payload)


def _read(alphabet: str, tables: Shifts, octets: bytes) -> str:
    if alphabet in SEPTETS:
        _septets(octets)
        if (len(octets) - len(octets.rstrip(_ESCAPE))) % 2:
            raise Undecodable("an escape with nothing after it", len(octets) - 1)
        text = shifts.decode(octets, tables) if any(tables) else gsm0338.decode(octets)
        if _REPLACEMENT in text:
            raise Undecodable("a septet that the shift table lacks")
        return text
    if alphabet == OCTETS:
        return octets.decode(OCTETS_CODEC)
    if alphabet == UCS2:
        text = _utf16(octets)
    else:
        try:
            text = octets.decode(CODECS.get(alphabet, alphabet))
        except UnicodeDecodeError as error:
            raise Undecodable(f"no {alphabet}", error.start) from None
    if "\0" in text:
        raise Undecodable("a character of number 0")
    return text


def _septets(octets: bytes) -> None:
    if not octets.isascii():
        position = next(place for place, octet in enumerate(octets) if octet > 0x7F)
        raise Undecodable(f"0x{octets[position]:02X} is no septet", position)


def _utf16(octets: bytes) -> str:
    try:
        if octets.startswith(LITTLE_ENDIAN):
            return octets[2:].decode("utf-16-le")
        return octets.removeprefix(BIG_ENDIAN).decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise Undecodable("no UTF-16", error.start) from None


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
        little = octets.startswith(LITTLE_ENDIAN)
        if little or octets.startswith(BIG_ENDIAN):
            octets = octets[2:]
        return len(octets.decode("utf-16-le" if little else "utf-16-be", "replace"))
    return len(octets.decode(CODECS.get(alphabet, alphabet), "replace"))
