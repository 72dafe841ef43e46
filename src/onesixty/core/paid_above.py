"""What the accounts above a message's own pay for it: each its own price, in its own currency.

The column `paid_above` of a message holds it as JSON, the nearest account first. It is None for a message whose
account has no account above it but the operator's, which pays nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec


class Share(NamedTuple):
    """What one account above pays for a message: `price` is in micro-units of `currency`."""

    account_id: str
    price: int
    currency: str


class Held(NamedTuple):
    """What is held for a message before a change of it: its own price, and the column `paid_above`."""

    price: int = 0
    above: str | None = None


#: Nothing is held for a new message.
NOTHING_HELD = Held()

_DECODE = msgspec.json.Decoder(list[Share]).decode


def column_of(shares: Sequence[Share]) -> str | None:
    """The shares as the column holds them."""
    return msgspec.json.encode(shares).decode() if shares else None


def shares_of(column: str | None) -> Sequence[Share]:
    """The shares in a column, the nearest account first."""
    return _DECODE(column) if column is not None else ()
