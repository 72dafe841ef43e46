"""Saved reports as a feature of a node."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.accounts.service import Accounts
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.mail.feature import MailFeature
from onesixty.people.users import Users
from onesixty.saved_reports.endpoints import saved_report_routes
from onesixty.saved_reports.planner import INTERVAL, Planner
from onesixty.saved_reports.rights import Rights
from onesixty.saved_reports.service import SavedReports
from onesixty.saved_reports.sink import LIMITS, Post, ReportSink
from onesixty.saved_reports.zones import Zones
from onesixty.statistics.reporting import Reporting
from onesixty.store.rounds import Rounds


class SavedReportsFeature(Feature):
    """Saved reports, their due times and their runs."""

    cleaners = ("report_runs_forget",)

    def __init__(
        self,
        node: Context,
        *,
        reporting: Reporting,
        accounts: Accounts,
        users: Users,
        mail: MailFeature,
        post: Post,
    ) -> None:
        """`post` sends files to URLs."""
        zones = Zones(accounts)
        self._node = node
        self._reports = SavedReports(
            node.store,
            reporting,
            zones,
            clock=node.clock,
            id_source=node.ids,
            mails=lambda: mail.on,
            allow_private=node.settings.webhook_allow_private,
            effects=node.row_effects,
        )
        self._planner = Planner(node.store, self._reports.rows, zones, node.clock, node.ids)
        sink = ReportSink(
            node.store,
            self._reports,
            Rights(accounts, users),
            postman=mail.postman,
            post=post,
            clock=node.clock,
            counted=lambda result: node.metrics.report_runs.labels(result).inc(),
        )
        self._queue = node.work_queue(sink, LIMITS)
        self._rounds = Rounds(node.store, "saved_reports", INTERVAL, self._once, at_once=True)

    async def _once(self) -> None:
        if self._node.lease.claim():
            await self._planner.once()

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [saved_report_routes(self._reports, self._node.notes, self._node.idempotency)]

    def rounds(self) -> Sequence[Rounds]:
        """See Feature."""
        return [self._rounds]

    async def start(self) -> None:
        """See Feature."""
        await self._queue.start()

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        await self._queue.stop(seconds / 8)
