"""Money: integer micro-units of an ISO 4217 currency internally, a decimal string in the API."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

MICRO: Final = 1_000_000


@lru_cache(4096)  # prices of messages are few
def to_text(micros: int) -> str:
    """A decimal string: 7500 -> `0.0075`, 1000000 -> `1.00`; at least two decimals, no trailing zeros beyond them."""
    sign = "-" if micros < 0 else ""
    whole, rest = divmod(abs(micros), MICRO)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{decimals}"


def from_text(text: str) -> int:
    """Micro-units of a decimal string. Raises ValueError for an invalid amount, or one finer than a micro-unit."""
    try:
        micros = Decimal(text) * MICRO
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a valid amount") from None
    if not micros.is_finite() or micros != int(micros):
        raise ValueError(f"{text!r} is not a valid amount in micro-units")
    return int(micros)
