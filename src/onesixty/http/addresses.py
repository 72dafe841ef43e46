"""Numbers and senders in requests, read as everywhere else; what is none is refused under the name of its field."""

from __future__ import annotations

from onesixty import numbers
from onesixty.core.errors import Problem


def number_of(written: str, param: str) -> numbers.Number:
    """Raises Problem `invalid_field`."""
    try:
        return numbers.parse(written)
    except numbers.InvalidNumber as error:
        raise Problem("invalid_field", f"{error}.", param=param) from None


def sender_of(written: str, param: str) -> numbers.Sender:
    """Raises Problem `invalid_field`."""
    try:
        return numbers.parse_sender(written)
    except numbers.InvalidSender as error:
        raise Problem("invalid_field", f"{error}.", param=param) from None
