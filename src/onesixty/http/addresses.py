"""Numbers and senders in requests, parsed as everywhere else. A refusal names the field."""

from __future__ import annotations

from onesixty import numbers
from onesixty.core.errors import Problem


def number_of(written: str, param: str) -> numbers.Number:
    """Parse a phone number. Raises Problem `invalid_field`."""
    try:
        return numbers.parse(written)
    except numbers.InvalidNumber as error:
        raise Problem("invalid_field", f"{error}.", param=param) from None


def sender_of(written: str, param: str) -> numbers.Sender:
    """Parse a sender. Raises Problem `invalid_field`."""
    try:
        return numbers.parse_sender(written)
    except numbers.InvalidSender as error:
        raise Problem("invalid_field", f"{error}.", param=param) from None
