"""Addresses that carriers write, as onesixty writes them: E.164 with its + where they are numbers in full.

Rules kept here:
- what is no E.164 number stays as it came: a name, a short code, a national number. A carrier may mark a short code
  as international (TON 1, a +), which makes no number of it;
- a number that says itself that it is in full (TON 1, +, 00) needs no length; one that does not has nine digits or
  more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from onesixty.numbers import InvalidNumber, parse

_SHORTEST_INTERNATIONAL: Final = 9
_LONGEST: Final = 15  # E.164
#: What has more digits is no short code; the first digit alone tells whether it can be a number in full.
_LONGEST_SHORT: Final = 8


def written(address: str, *, in_full: bool = False) -> str:
    """The address as it is kept. `in_full`: the carrier says that it is a number with its calling code."""
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
