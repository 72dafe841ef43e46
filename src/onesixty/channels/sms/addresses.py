"""Recipients and senders of SMS.

Rules kept here:
- a recipient or sender is refused only if it cannot be one;
- carriers write numbers in national and international notation. Two notations are one number if their last
  `SAME_DIGITS` digits agree.
"""

from __future__ import annotations

from typing import Final

from onesixty import numbers
from onesixty.core.channel import Address
from onesixty.core.errors import Problem

#: Two notations of a number are the same number if this many digits from the right agree.
SAME_DIGITS: Final = 8


def recipient_of(written: str) -> Address:
    """The number of a recipient in E.164. Raises Problem `invalid_recipient`."""
    try:
        number = numbers.parse(written)
    except numbers.InvalidNumber as error:
        raise Problem("invalid_recipient", f"{error}.", param="to", extra={"reason": error.code}) from None
    return number.e164, number.country


def sender_of(written: str, *, param: str = "from") -> str:
    """A sender (a number, a short code or up to 11 characters) as messages show it. Raises Problem
    `invalid_sender`."""
    try:
        return numbers.parse_sender(written).display
    except numbers.InvalidSender as error:
        raise Problem("invalid_sender", f"{error}.", param=param, extra={"reason": error.code}) from None


def kind_of(sender: str) -> str | None:
    """The kind of a sender: alphanumeric, numeric or short_code; None for what cannot be a sender."""
    try:
        return numbers.parse_sender(sender).kind
    except numbers.InvalidSender:
        return None


def same_number(one: str | None, other: str | None) -> bool | None:
    """Whether two notations (national and international) are of one number; None if one is missing."""
    a = digits(one or "")
    b = a if one == other else digits(other or "")
    if not a or not b:
        return None
    length = min(len(a), len(b), SAME_DIGITS)
    return a[-length:] == b[-length:]


def same_sender(one: str, other: str) -> bool:
    """Whether two notations are of one sender: a name in any case, or a number in any notation."""
    if any(c.isalpha() for c in one + other):
        return one.casefold() == other.casefold()
    return same_number(one, other) is True


def digits(number: str) -> str:
    """The digits of a number in any notation."""
    bare = number.removeprefix("+")
    if bare.isdecimal():
        return bare
    return "".join(c for c in number if c.isdecimal())
