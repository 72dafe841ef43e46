"""Bulk jobs: bulk work in bounded steps, whose progress is a row.

Rules kept here:
- a step is a page of messages, each with its own unit, then the progress under the row's version: one node works on a
  job, and of two that try, one lets go;
- a job that a stop or a crash interrupts goes on at the next start, at the page it was at: what was done then is not
  found again;
- only what was accepted before the job is touched; a filter that leaves nothing out is refused by the door.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.jobs.bulk import Bulk, Filter, Found, Target
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit

PAGE: Final = 200
#: Seconds before a step that the store refused is tried again.
RETRY: Final = 1.0

RUNNING: Final = "running"
DONE: Final = "done"
STOPPED: Final = "stopped"
FAILED: Final = "failed"


class Progress(msgspec.Struct, kw_only=True):
    """How far a job is: where it reads on, and what became of the messages."""

    after_due: int = 0
    after_id: str = ""
    total: int = 0
    counts: dict[str, int] = {}


class Job(msgspec.Struct, kw_only=True):
    """A row of `jobs`. `filter`, `target` and `progress` are JSON."""

    id: str
    kind: str
    status: str
    filter: str
    target: str | None
    progress: str
    made_by: str
    version: int
    created_at: int
    done_at: int | None


class Jobs:
    """Starts jobs, works on them, and tells of them."""

    def __init__(self, store: Store, bulk: Bulk, clock: Clock, new_id: Callable[[str], str]) -> None:
        self._store = store
        self._bulk = bulk
        self._clock = clock
        self._new_id = new_id
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("onesixty.jobs")

    async def look(self, kind: str, wanted: Filter) -> Found:
        """What a job would find now: a dry run."""
        return await self._bulk.count(kind, wanted, self._below())

    async def start(self, kind: str, wanted: Filter, target: Target | None, made_by: str) -> Job:
        """Begin. Raises Problem `unavailable`."""
        found = await self.look(kind, wanted)
        job = Job(
            id=self._new_id(ids.JOB),
            kind=kind,
            status=RUNNING,
            filter=_text(wanted),
            target=None if target is None else _text(target),
            progress=_text(Progress(total=sum(found.counts.values()))),
            made_by=made_by,
            version=1,
            created_at=self._clock.now_ms(),
            done_at=None,
        )
        unit = Unit(keys=(job.id,), writes=(("job_insert", msgspec.structs.astuple(job)),))
        if isinstance((await self._store.commit([unit]))[0], StoreError):
            raise Problem("unavailable", retry_after=1)
        self._run(job)
        return job

    async def get(self, job_id: str) -> Job:
        """A job as it is on disk. Raises Problem `not_found`."""
        rows = await self._store.fetch("job_of", id=job_id)
        if not rows:
            raise Problem("not_found", "There is no such job.")
        return _job(rows[0])

    async def list(self, limit: int, after: str | None) -> tuple[list[Job], str | None]:
        """Newest first, and the cursor of the next page."""
        rows = await self._store.fetch("jobs_list", below=after or f"{ids.JOB}_z", count=limit + 1)
        jobs = [_job(row) for row in rows[:limit]]
        return jobs, jobs[-1].id if len(rows) > limit else None

    async def stop_job(self, job_id: str) -> Job:
        """Stop it after the page it is at; what was done stays done. Raises Problem."""
        for _ in range(10):
            job = await self.get(job_id)
            if job.status != RUNNING or await self._write(job, STOPPED, job.progress):
                return await self.get(job_id)
        raise Problem("conflict", "The job is moving: try again.", retry_after=1)

    async def resume(self) -> None:
        """Go on with what was running when the node ended."""
        for row in await self._store.fetch("jobs_running"):
            self._run(_job(row))

    async def stop(self) -> None:
        """Leave all jobs where they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _run(self, job: Job) -> None:
        task = asyncio.get_running_loop().create_task(self._work(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, job: Job) -> None:
        try:
            while True:
                try:
                    if not await self._step(job):
                        break
                except StoreError as error:
                    self._log.warning("job_waits_for_store", job=job.id, reason=str(error))
                    await asyncio.sleep(RETRY)
            self._log.info("job_ended", job=job.id, kind=job.kind)
        except Exception:
            self._log.exception("job_failed", job=job.id)
            await self._write(job, FAILED, job.progress)

    async def _step(self, job: Job) -> bool:
        """One page. Whether there may be more."""
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
        text = _text(progress)
        if not await self._write(job, RUNNING if more else DONE, text):
            return False
        job.progress, job.version = text, job.version + 1
        return more

    async def _write(self, job: Job, status: str, progress: str) -> bool:
        done_at = None if status == RUNNING else self._clock.now_ms()
        row = (job.id, job.version, status, progress, done_at)
        result = (await self._store.commit([Unit(keys=(job.id,), guards=(("job_progress", row),))]))[0]
        if isinstance(result, StoreError):
            raise result
        return result

    def _below(self) -> str:
        return ids.lowest_at(ids.MESSAGE, self._clock.now_ms() + 1)


def _text(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _job(row: tuple[Any, ...]) -> Job:
    return Job(**dict(zip(Job.__struct_fields__, row, strict=True)))
