"""The table of the accounts that have times of their own. A rule that was made once stays: with null for each kind,
the account has the operator's times."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.store.table import Table


class Rule(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `retention_rules`: days by kind. None: as the operator's settings say."""

    account_id: str
    bodies: int | None = None
    messages: int | None = None
    inbound: int | None = None
    events: int | None = None
    deliveries: int | None = None
    receipts: int | None = None
    refusals: int | None = None
    audit: int | None = None
    version: int = 0

    def days(self, kind: str) -> int | None:
        """The account's own time for a kind."""
        found: int | None = getattr(self, kind)
        return found


RULES: Final = Table(
    "retention_rules",
    Rule,
    key="account_id",
    owner=("account_id",),
    oldest_first=True,
    statements="retention_rule",
)
TABLES: Final = (RULES,)
