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
from onesixty.core.contracts import Tell, Write, tell_nobody
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
#: The most messages that a job lists as not changed; it counts all of them.
MOST_LISTED: Final = 10_000
LIMITS: Final = Limits(waiting=100, waiting_of_lane=1, in_flight=4, batch=1, forget=0.0)


class JobSink(TaskSink):
    """The sink of bulk jobs."""

    name = "job"
    insert = "job_work_insert"
    policy = jobs.POLICY

    def __init__(self, store: Store, bulk: Bulk, clock: Clock, tell: Tell = tell_nobody) -> None:
        super().__init__()
        self._tell = tell
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
            now = self._clock.now_ms()
            also = jobs.told(self._tell, job, jobs.FAILED, now)
            await jobs.change(self._store, job, jobs.FAILED, job.progress, now, also)
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
        listed: list[Write] = []
        if messages:
            worked = await self._bulk.work(job.kind, messages, target)
            progress.counts = dict(Counter(progress.counts) + worked.counts)
            room = max(0, MOST_LISTED - progress.listed)
            listed = [("job_skip_insert", (job.id, *one)) for one in worked.skipped[:room]]
            progress.listed += len(listed)
            progress.after_due, progress.after_id = messages[-1].due_at or 0, messages[-1].id
        more = len(messages) == PAGE
        status = jobs.RUNNING if more else jobs.DONE
        now = self._clock.now_ms()
        if not more:
            listed += jobs.told(self._tell, job, status, now)
        written = await jobs.change(self._store, job, status, jobs.text(progress), now, listed)
        return more and written
