"""Amounts of money in requests: decimal strings, with the ISO 4217 code of their currency beside them."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from onesixty.core import money
from onesixty.core.errors import Problem

Amount = Annotated[str, Meta(max_length=20, description="A decimal string.", examples=["0.0075"])]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]

#: The highest price or cost of a segment: sums of them must fit 64 bits.
MOST_PER_SEGMENT: Final = 1_000_000 * money.MICRO


def micros_of(amount: str, param: str, most: int = MOST_PER_SEGMENT) -> int:
    """An amount from 0 to `most` in micro-units. Raises Problem naming the field."""
    try:
        micros = money.from_text(amount)
    except ValueError:
        micros = -1
    if not 0 <= micros <= most:
        detail = f"`{param}` must be an amount from 0 to {most // money.MICRO}."
        raise Problem("invalid_field", detail, param=param)
    return micros
