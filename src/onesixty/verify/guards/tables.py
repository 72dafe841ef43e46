"""The tables of guards that have resources: stops, and trusted numbers."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core import ids
from onesixty.store.table import WHOLE, Condition, Table, Unique
from onesixty.verify.guards.facts import Stop


class TrustedNumber(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `trusted_numbers`: a number, or with `*` at its end all numbers that begin so."""

    id: str
    account_id: str
    test: bool
    number: str
    note: str = ""
    version: int = 1
    created_at: int


BLOCKS: Final = Table(
    "verify_blocks",
    Stop,
    prefix=ids.VERIFY_BLOCK,
    owner=("account_id", "test"),
    filters=("profile_id", "guard", "action"),
    conditions={"standing_at": Condition(WHOLE, "released_at IS NULL AND ends_at > :standing_at")},
    personal=("key", "subject", "reason"),
)
TRUSTED: Final = Table(
    "trusted_numbers",
    TrustedNumber,
    prefix=ids.TRUSTED_NUMBER,
    owner=("account_id", "test"),
    unique=(
        Unique(
            "trusted_numbers_number",
            ("account_id", "test", "number"),
            "This number is trusted already.",
            "number",
        ),
    ),
    personal=("number", "note"),
)
TABLES: Final = (BLOCKS, TRUSTED)
