"""Which shift tables a message uses, and encoding and decoding with them.

Source: 3GPP TS 23.040, 9.2.3.24.15 (single shift, element 0x24) and .16 (locking shift, 0x25): one octet each
with a national language identifier, valid for the part that carries it; 3GPP TS 23.038, 6.2.1.2.

Rules kept here:
- a table applies only if the header has its element; an unknown identifier means the default table;
- if several septets give the same character, it is encoded with one septet rather than two, then with the lowest;
- an escape before a septet that the single shift table lacks gives the character of the main table. An escape at
  the end, or before another escape, gives a space.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from .errors import NotInAlphabet, Offending
from .gsm0338 import ESCAPE
from .national import LOCKING, SINGLE, locking_table, single_table
from .udh import InformationElement, parse_udh

SINGLE_SHIFT: Final = 0x24
LOCKING_SHIFT: Final = 0x25

_ESCAPE_OCTET: Final = bytes((ESCAPE,))


class Shifts(NamedTuple):
    """National language identifiers of the tables in use; 0 is the default table."""

    single: int = 0
    locking: int = 0


NO_SHIFTS: Final = Shifts()


def shifts_of(udh: bytes) -> Shifts:
    """Return the tables that a header names, the last one of each kind. Raises `MalformedUDH`."""
    return shifts_in(parse_udh(udh)) if udh else NO_SHIFTS


def shifts_in(elements: list[InformationElement]) -> Shifts:
    """Return the tables that the elements of a header name."""
    single = locking = 0
    for identifier, data in elements:
        if identifier == SINGLE_SHIFT and len(data) == 1:
            single = data[0] if data[0] in SINGLE else 0
        elif identifier == LOCKING_SHIFT and len(data) == 1:
            locking = data[0] if data[0] in LOCKING else 0
    return Shifts(single, locking)


def elements_of(shifts: Shifts) -> list[InformationElement]:
    """Return the elements that name the tables; none for the default ones."""
    elements = []
    if shifts.single:
        elements.append(InformationElement(SINGLE_SHIFT, bytes((shifts.single,))))
    if shifts.locking:
        elements.append(InformationElement(LOCKING_SHIFT, bytes((shifts.locking,))))
    return elements


def without_shifts(elements: list[InformationElement]) -> list[InformationElement]:
    """Return the elements that name no table."""
    return [element for element in elements if element.identifier not in (SINGLE_SHIFT, LOCKING_SHIFT)]


@cache
def writing(shifts: Shifts) -> dict[str, bytes]:
    """Return the septets of each character in the tables: one septet, or the escape and one."""
    septets = {
        character: _ESCAPE_OCTET + bytes((code,))
        for code, character in sorted(single_table(shifts.single).items(), reverse=True)
    }
    for code, character in sorted(locking_table(shifts.locking).items(), reverse=True):
        septets[character] = bytes((code,))
    return septets


@cache
def _reading(shifts: Shifts) -> tuple[dict[int, str], dict[int, str]]:
    """Return the meaning of each septet alone, and after an escape."""
    main = locking_table(shifts.locking)
    return main, main | single_table(shifts.single) | {ESCAPE: " "}


def encode(text: str, shifts: Shifts) -> list[bytes]:
    """Return the unpacked septets of each character of `text`. Raises `NotInAlphabet`."""
    septets = writing(shifts)
    try:
        return [septets[character] for character in text]
    except KeyError:
        missing = tuple(
            Offending(position, character)
            for position, character in enumerate(text)
            if character not in septets
        )
        raise NotInAlphabet("gsm7", missing) from None


def decode(septets: bytes, shifts: Shifts) -> str:
    """Decode unpacked septets. Never raises: a septet without a meaning becomes U+FFFD."""
    plain, escaped = _reading(shifts)
    characters: list[str] = []
    table = plain
    for septet in septets:
        if septet == ESCAPE and table is plain:
            table = escaped
            continue
        characters.append(table.get(septet, "\ufffd"))
        table = plain
    if table is escaped:
        characters.append(" ")
    return "".join(characters)
