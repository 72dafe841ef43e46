"""The work of bulk jobs: one step is one page of a job.

Rules kept here:
- a step is a page of messages, each in a unit of its own, followed by the progress under the job's version. If the
  job was stopped in between, the progress is not written and the work ends;
- a node that stops or crashes leaves the job at its current page, and another node continues it: messages that were
  changed no longer match;
- the work is claimed, so one node works on a job; several jobs run in parallel.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec
import structlog

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.jobs import jobs
from onesixty.jobs.bulk import Bulk, Filter, Target
from onesixty.jobs.jobs import Job, NewWork, Progress
from onesixty.store.contract import Row, Store
from onesixty.store.units import StoreError
from onesixty.work.item import Item
from onesixty.work.lanes import Limits
from onesixty.work.sink import Outcome, Verdict
from onesixty.work.tasks import TaskSink

PAGE: Final = 200
LIMITS: Final = Limits(waiting=100, waiting_of_lane=1, in_flight=4, batch=1, forget=0.0)


class JobSink(TaskSink):
    """The sink of bulk jobs."""

    name = "job"
    insert = "job_work_insert"
    policy = jobs.POLICY

    def __init__(self, store: Store, bulk: Bulk, clock: Clock) -> None:
        super().__init__()
        self._store = store
        self._bulk = bulk
        self._clock = clock
        self._log = structlog.get_logger("onesixty.jobs")

    def new(self, row: Row) -> Item:
        return NewWork._make(row).item()

    async def attempt(self, item: Item) -> Outcome:
        job = await jobs.read(self._store, item.subject)
        if job is None or job.status != jobs.RUNNING:
            return Outcome(Verdict.DONE)
        try:
            more = await self._step(job)
        except StoreError:
            raise
        except Exception:
            self._log.exception("job_failed", job=job.id)
            await jobs.change(self._store, job, jobs.FAILED, job.progress, self._clock.now_ms())
            more = False
        if more:
            return Outcome(Verdict.MORE)
        self._log.info("job_ended", job=job.id, kind=job.kind)
        return Outcome(Verdict.DONE)

    async def _step(self, job: Job) -> bool:
        """Process one page. Returns whether there may be more."""
        progress = msgspec.json.decode(job.progress, type=Progress)
        wanted = msgspec.json.decode(job.filter, type=Filter)
        target = msgspec.json.decode(job.target, type=Target) if job.target else Target()
        below = ids.lowest_at(ids.MESSAGE, job.created_at + 1)
        messages = await self._bulk.page(
            job.kind, wanted, below, (progress.after_due, progress.after_id), PAGE
        )
        if messages:
            tally = await self._bulk.work(job.kind, messages, target)
            progress.counts = dict(Counter(progress.counts) + tally)
            progress.after_due, progress.after_id = messages[-1].due_at or 0, messages[-1].id
        more = len(messages) == PAGE
        status = jobs.RUNNING if more else jobs.DONE
        written = await jobs.change(self._store, job, status, jobs.text(progress), self._clock.now_ms())
        return more and written
