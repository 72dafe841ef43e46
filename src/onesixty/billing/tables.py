"""The table of adjustments: what an operator booked on the balance of an account."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core import ids
from onesixty.store.table import Table


class Adjustment(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `adjustments`. `amount` is in micro-units of `currency`; a negative one takes from the balance."""

    id: str
    account_id: str
    amount: int
    currency: str
    reason: str
    reference: str | None = None
    made_by: str
    created_at: int


ADJUSTMENTS: Final = Table(
    "adjustments", Adjustment, prefix=ids.ADJUSTMENT, owner=("account_id",), personal=("reason",)
)
TABLES: Final = (ADJUSTMENTS,)
