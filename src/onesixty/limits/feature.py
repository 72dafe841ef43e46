"""Limits as a feature of a node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import structlog
from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.core.contracts import Effect
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.limits.arrivals import Arrivals, follow_arrivals
from onesixty.limits.endpoints import limit_routes
from onesixty.limits.filling import Filling
from onesixty.limits.hold import LimitHold
from onesixty.limits.requests import RequestLimits
from onesixty.limits.rows import LimitRows
from onesixty.limits.shared import SharedRates
from onesixty.limits.storage import StorageLimits
from onesixty.store.rounds import Rounds
from onesixty.store.units import StoreError

#: Seconds between two rounds of giving back.
INTERVAL: Final = 1.0


class LimitsFeature(Feature):
    """The limits of accounts, keys and SMPP credentials."""

    cleaners = ("limit_counts_expire",)

    def __init__(self, node: Context, *, accounts: Accounts) -> None:
        self._node = node
        self._accounts = accounts
        self._rows = LimitRows(node.store, node.clock, node.lease)
        several = node.store.dialect == "postgresql"
        self._filling = Filling(self._rows, node.clock, several=several)
        #: The limits as a hold of messages.
        self.hold = LimitHold(accounts, self._filling, node.clock)
        follow_arrivals(node.store, self.hold.came)
        #: The limits of what accounts store.
        self.storage = StorageLimits(accounts, node.store, node.clock)
        #: The limits of requests, for the HTTP front.
        self.requests = RequestLimits(self.hold, node.clock)
        #: The rates of callers that nodes keep together; None if there can be only one node.
        self.shared = SharedRates(self._filling, node.clock) if several else None
        self._log = structlog.get_logger("onesixty.limits")

    def effects(self) -> Sequence[Effect]:
        """See Feature."""
        return [Arrivals()]

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [limit_routes(self.hold, self._filling, self.storage, self._node.clock, self._accounts)]

    def reached(self) -> Iterable[tuple[str, float]]:
        """For each account with limits of messages, the largest part of one that is used, in percent, as far as this
        node knows."""
        for meter in self.hold.meters():
            parts = [count.known_part for count in meter.counts]
            parts += [stock.part for stock in meter.stocks.values()]
            if parts and meter.subject.startswith("acc_"):
                yield meter.subject, max(parts) * 100

    async def recover(self) -> None:
        """See Feature."""
        await self._rows.drop_shares()

    async def refresh(self) -> None:
        """Divide the rates between the nodes anew."""
        shared = () if self.shared is None else self.shared.all()
        await self._filling.divide((*self.hold.meters(), *shared))

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [Rounds(self._node.store, "limits", INTERVAL, self._once)]

    async def _once(self) -> None:
        self.hold.forget()
        if self.shared is not None:
            self.shared.forget()
        await self._filling.once(self.hold.meters())

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        try:
            await self._filling.stop(self.hold.meters())
        except StoreError as error:
            self._log.warning("limit_not_returned", reason=str(error))
