"""Billing as a feature of a node: the ledger, in the transaction of each change of a message, and credit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.billing.adjustments import TABLE, AdjustmentExport, Adjustments
from onesixty.billing.balance import balance_routes
from onesixty.billing.credit import Credit
from onesixty.billing.credit_rows import CreditRows
from onesixty.billing.flat import LedgerEffect
from onesixty.billing.movements import movements
from onesixty.billing.tables import ADJUSTMENTS
from onesixty.core import money
from onesixty.core.contracts import Effect
from onesixty.core.history import Entry
from onesixty.core.message import Message
from onesixty.http.openapi import Router
from onesixty.http.resource_exports import add_export
from onesixty.http.resource_routes import routes
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.ops.metrics import Metrics
from onesixty.store.rounds import Rounds
from onesixty.store.rows import Rows
from onesixty.store.units import StoreError

#: Seconds between two rounds of giving back and folding.
INTERVAL: Final = 1.0


class BillingFeature(Feature):
    """The ledger and the credit of accounts."""

    def __init__(self, node: Context, *, accounts: Accounts) -> None:
        self._node = node
        self._accounts = accounts
        self._rows = CreditRows(node.store, node.clock, node.lease, node.observer)
        #: The credit that this node holds.
        self.credit = Credit(
            accounts.book, accounts.tree, self._rows, node.clock, several=node.store.dialect == "postgresql"
        )
        self._log = structlog.get_logger("onesixty.credit")
        self._ledger = LedgerEffect(node.settings.billing_charge_on, self.credit)

    def effects(self) -> Sequence[Effect]:
        """See Feature."""
        return [self._ledger]

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        node, book = self._node, self._accounts.book
        rows = Rows(
            ADJUSTMENTS, node.store, node.clock, node.ids, one="adjustment", effects=node.row_effects,
            shows=lambda row: {"amount": money.to_text(row.amount)},
        )  # fmt: skip
        resource = Adjustments(rows, book, self.credit.changed)
        router = add_export(
            resource, AdjustmentExport, TABLE, node.notes, Router(resource.tag),
            "Other accounts need the scope `accounts`.",
        )  # fmt: skip
        return [
            routes(resource, node.idempotency, router),
            balance_routes(node.store, node.clock, book),
        ]

    async def history(self, message: Message, operator: bool) -> Sequence[Entry]:
        """See Feature."""
        return await movements(self._node.store, message)

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        metrics.credit_slices.read_from(lambda: {(): self.credit.slices})

    async def recover(self) -> None:
        """Give back what stopped nodes did not spend."""
        await self._rows.take_over()

    async def refresh(self) -> None:
        """Give back what other nodes ask for."""
        await self.credit.refresh()

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [Rounds(self._node.store, "credit", INTERVAL, self.credit.once)]

    async def stop(self, seconds: float) -> None:
        """Give everything back. What is left behind comes back when another node, or the next start, takes over."""
        try:
            async with asyncio.timeout(seconds / 8):
                await self.credit.stop()
        except (StoreError, TimeoutError) as error:
            self._log.warning("credit_not_returned", reason=str(error) or "the store does not answer")
