"""Pauses and probes as a feature of a node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.core.contracts import Tell, tell_nobody
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature, SweepTask
from onesixty.kit.reload import Reload
from onesixty.messages.intake import Intake
from onesixty.ops.metrics import Metrics
from onesixty.pauses.endpoints import Configured, desk_routes
from onesixty.pauses.in_force import PausesInForce
from onesixty.pauses.pauses import Pauses
from onesixty.pauses.probes import Probes
from onesixty.routing.router import Router


class PausesFeature(Feature):
    """The pauses, those in force on this node, and the operators' endpoints."""

    def __init__(
        self,
        node: Context,
        *,
        reload: Reload,
        router: Router,
        dispatcher: Dispatcher,
        intake: Intake,
        accounts: Accounts,
        configured: Configured,
        tell: Tell = tell_nobody,
    ) -> None:
        """`tell` writes events for operators."""
        self._pauses = Pauses(node.store, node.clock, node.ids, reload, node.notes, tell)
        self.in_force = PausesInForce(self._pauses, router, dispatcher, accounts.tree)
        self._configured = configured
        self._notes = node.notes
        self._probes = Probes(intake, node.store)
        self._accounts = accounts

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [desk_routes(self._configured, self._pauses, self._probes, self._accounts, self._notes)]

    def sweep_tasks(self) -> Mapping[str, SweepTask]:
        """See Feature."""
        return {"pauses": self._end}

    async def _end(self, now: int) -> int:
        """Resume what is past its end. Those in force are in memory, so that this usually reads nothing."""
        ended = [row for row in self.in_force.rows if row.ends_at is not None and row.ends_at <= now]
        return sum([await self._pauses.end(row) for row in ended])

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        metrics.paused.read_from(
            lambda: {k: float(n) for k, n in Counter((p.kind, p.mode) for p in self.in_force.rows).items()}
        )

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        await self.in_force.stop()
