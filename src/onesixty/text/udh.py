"""The user data header: its elements, and the concatenation of segments.

Source: 3GPP TS 23.040, section 9.2.3.24. A header is an octet with the length of what follows (UDHL), then
information elements: identifier, length, data. Lengths are checked strictly. The meaning of elements is
interpreted tolerantly, as the specification asks of a receiver: of two concatenation elements the last one
counts, and one whose length or numbers are invalid is ignored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from .cuts import USER_DATA
from .errors import MalformedUDH, NoRoom

CONCAT_8: Final = 0x00
CONCAT_16: Final = 0x08
CONCATENATION: Final = (CONCAT_8, CONCAT_16)
#: The size of a header that contains only concatenation, by the bits of the reference.
CONCAT_OCTETS: Final = {8: 6, 16: 7}


class InformationElement(NamedTuple):
    """One element of a header: its identifier (IEI) and its data without the length octet."""

    identifier: int
    data: bytes


class Concat(NamedTuple):
    """Which part of which message a segment is.

    `reference` is 0 to 255 or 0 to 65535, depending on `bits`, and may be 0; `number` counts from 1 to `total`.
    """

    reference: int
    total: int
    number: int
    bits: Literal[8, 16]


def concat_udh(reference: int, total: int, number: int, bits: int = 8) -> bytes:
    """Return the whole header (including the length octet) of part `number` of `total`: 6 octets, or 7 with 16
    bits."""
    if not 1 <= number <= total <= 255:
        raise ValueError(f"part {number} of {total} is not within 1 to 255")
    if bits not in (8, 16) or not 0 <= reference < 1 << bits:
        raise ValueError(f"{reference} is not a concatenation reference of {bits} bits")
    if bits == 8:
        return bytes((5, CONCAT_8, 3, reference, total, number))
    return bytes((6, CONCAT_16, 4, reference >> 8, reference & 0xFF, total, number))


def split_udh(short_message: bytes) -> tuple[bytes, bytes]:
    """Split a short_message whose esm_class has the UDHI bit (0x40) into (header with its length octet, the rest).

    Raises `MalformedUDH` if the header is longer than the message.
    """
    if not short_message:
        raise MalformedUDH("a user data header is announced but missing")
    end = short_message[0] + 1
    if end > len(short_message):
        raise MalformedUDH(f"the header has {end} octets, the message {len(short_message)}")
    return short_message[:end], short_message[end:]


def parse_udh(udh: bytes) -> list[InformationElement]:
    """Return the elements of a header, in order, including unknown ones. `udh` starts with the length octet.

    Raises `MalformedUDH` if a length does not match the octets.
    """
    if not udh or udh[0] + 1 != len(udh):
        raise MalformedUDH("the length octet does not match the header")
    elements: list[InformationElement] = []
    position, size = 1, len(udh)
    while position < size:
        start = position + 2
        if start > size or start + udh[position + 1] > size:
            raise MalformedUDH(f"the element at octet {position} is cut")
        end = start + udh[position + 1]
        elements.append(InformationElement(udh[position], udh[start:end]))
        position = end
    return elements


def concat_of(udh: bytes) -> Concat | None:
    """Return the concatenation in a header, or None. Raises `MalformedUDH` as `parse_udh` does."""
    found: Concat | None = None
    for identifier, data in parse_udh(udh):
        if identifier == CONCAT_8 and len(data) == 3:
            candidate = Concat(data[0], data[1], data[2], 8)
        elif identifier == CONCAT_16 and len(data) == 4:
            candidate = Concat(data[0] << 8 | data[1], data[2], data[3], 16)
        else:
            continue
        if 1 <= candidate.number <= candidate.total:
            found = candidate
    return found


def compose_udh(elements: Iterable[InformationElement]) -> bytes:
    """Return the header with these elements, including the length octet; b"" for none. Raises `NoRoom` over 140
    octets."""
    body = b"".join(bytes((identifier, len(data))) + data for identifier, data in elements)
    if len(body) >= USER_DATA:
        raise NoRoom(f"a header of {len(body) + 1} octets does not fit into a message")
    return bytes((len(body),)) + body if body else b""


def concat_element(reference: int, total: int, number: int, bits: int = 8) -> InformationElement:
    """Return the element of part `number` of `total`, for a header with further elements."""
    udh = concat_udh(reference, total, number, bits)
    return InformationElement(udh[1], udh[3:])
