"""Pauses and probes as a feature of a node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
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
    ) -> None:
        self._pauses = Pauses(node.store, node.clock, node.ids, reload)
        self.in_force = PausesInForce(self._pauses, router, dispatcher)
        self._configured = configured
        self._probes = Probes(intake, node.store)
        self._accounts = accounts

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [desk_routes(self._configured, self._pauses, self._probes, self._accounts)]

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        metrics.paused.read_from(
            lambda: {k: float(n) for k, n in Counter((p.kind, p.mode) for p in self.in_force.rows).items()}
        )

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        await self.in_force.stop()
