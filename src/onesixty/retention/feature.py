"""Retention as a feature of a node: data past its time is deleted, for each account by its own times."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.retention.endpoints import retention_routes
from onesixty.retention.keeper import Keeper, Redact, RemoveAudit
from onesixty.retention.tables import RULES
from onesixty.store.rounds import Rounds
from onesixty.store.rows import Rows


class RetentionFeature(Feature):
    """Deletes data past its retention time, in the background."""

    def __init__(
        self,
        node: Context,
        accounts: Accounts,
        redact: Redact,
        remove_audit: RemoveAudit,
    ) -> None:
        """`redact` removes text and number of a message, `remove_audit` old
        entries of the audit log."""
        self._node = node
        self._accounts = accounts
        self._keeper = Keeper(
            node.store,
            node.settings,
            clock=node.clock,
            observer=node.observer,
            redact=redact,
            remove_audit=remove_audit,
        )

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        node = self._node
        rows = Rows(RULES, node.store, node.clock, node.ids, one="retention", effects=node.row_effects)
        return [retention_routes(rows, self._accounts, node.settings, node.idempotency)]

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [self._keeper.rounds]
