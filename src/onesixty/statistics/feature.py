"""Statistics as a feature of a node."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.accounts.service import Accounts
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.ops.metrics import Metrics
from onesixty.statistics.counter import INTERVAL, Counter
from onesixty.statistics.endpoints import report_routes
from onesixty.statistics.rebuild import Rebuild
from onesixty.statistics.report import Reports
from onesixty.statistics.reporting import Names, Reporting
from onesixty.store.rounds import Rounds


class StatisticsFeature(Feature):
    """Counts messages in the background, and reports."""

    def __init__(self, node: Context, *, accounts: Accounts, names: Names) -> None:
        """`names` has those of carriers and routes."""
        self.counter = Counter(
            node.store,
            clock=node.clock,
            lease=node.lease,
            charge_on_sent=node.settings.billing_charge_on == "sent",
        )
        self.rebuild = Rebuild(node.store, self.counter, clock=node.clock, lease=node.lease)
        self._reports = Reports(node.store, node.clock)
        self._accounts, self._names = accounts, names
        #: Makes reports for callers.
        self.reporting = Reporting(self._reports, accounts, names, node.clock)
        self._notes = node.notes
        self._rounds = Rounds(node.store, "statistics", INTERVAL, self._once)

    async def _once(self) -> None:
        if await self.counter.once():
            await self.rebuild.once()

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [
            report_routes(
                self.reporting, self._reports, self.rebuild, self._accounts, self._names, self._notes
            )
        ]

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        metrics.statistics_lag.read_from(lambda: {(): self.counter.lag})

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [self._rounds]
