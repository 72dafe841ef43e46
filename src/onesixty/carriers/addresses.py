"""Converts the addresses that carriers write to onesixty's form: E.164 with a leading + if they are full numbers.

Rules kept here:
- an address that is not an E.164 number stays unchanged: a name, a short code, a national number. A carrier may
  mark a short code as international (TON 1, a +), but that does not make it a full number;
- a number that is marked as full (TON 1, +, 00) may have any length; a number without a mark needs nine digits
  or more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from onesixty.numbers import InvalidNumber, parse

_SHORTEST_INTERNATIONAL: Final = 9
_LONGEST: Final = 15  # E.164
#: An address with more digits is not a short code; its first digit alone tells whether it can be a full number.
_LONGEST_SHORT: Final = 8


def written(address: str, *, in_full: bool = False) -> str:
    """Return the address in onesixty's form. `in_full`: the carrier marks it as a number with its country calling
    code."""
    digits = address
    if address.startswith("+"):
        digits, in_full = address[1:], True
    elif address.startswith("00"):
        digits, in_full = address[2:], True
    if not (digits.isascii() and digits.isdigit()):
        return address
    if not in_full and len(digits) < _SHORTEST_INTERNATIONAL:
        return address
    if digits[0] == "0" or len(digits) > _LONGEST:
        return address.removeprefix("+")
    if len(digits) <= _LONGEST_SHORT and not _is_number(digits):
        return address.removeprefix("+")
    return f"+{digits}"


@lru_cache(4096)
def _is_number(digits: str) -> bool:
    try:
        parse(f"+{digits}")
    except InvalidNumber:
        return False
    return True
