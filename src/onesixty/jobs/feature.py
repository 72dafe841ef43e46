"""Work on many messages as a feature of a node."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from onesixty.core.contracts import Tell, tell_nobody
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.jobs.bulk import Bulk
from onesixty.jobs.endpoints import job_routes
from onesixty.jobs.jobs import Jobs
from onesixty.jobs.sink import LIMITS, JobSink
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.messages.alternatives import Alternatives
from onesixty.messages.holds import Holds
from onesixty.messages.recorder import Recorder
from onesixty.network.configs import Configs
from onesixty.routing.router import Router


class JobsFeature(Feature):
    """The jobs, which continue after a restart, and their endpoints."""

    cleaners = ("job_skips_forget",)

    def __init__(
        self,
        node: Context,
        *,
        configs: Configs,
        recorder: Recorder,
        router: Router,
        alternatives: Alternatives,
        dispatcher: Dispatcher,
        holds: Holds,
        tell: Tell = tell_nobody,
    ) -> None:
        """`tell` writes events for operators."""
        self._configs = configs
        bulk = Bulk(node.store, recorder, router, alternatives, dispatcher, holds, node.clock)
        self.jobs = Jobs(node.store, bulk, node.clock, node.ids.new, node.notes, tell)
        self._queue = node.work_queue(JobSink(node.store, bulk, node.clock, tell), LIMITS)

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [job_routes(self._configs, self.jobs)]

    async def start(self) -> None:
        """See Feature."""
        await self._queue.start()

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        await self._queue.stop(seconds / 8)
