"""Bulk jobs as the API shows them: rows with the task, the progress and the result.

Rules kept here:
- a job and its work (`jobs.sink`) are rows of one transaction;
- every change of a job is guarded by its version: if a step and a stop coincide, one of them loses;
- a job changes only messages accepted before it; the endpoint refuses a filter without conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from onesixty.core import events, ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Tell, Write, tell_nobody
from onesixty.core.errors import Problem
from onesixty.core.message import UNCLAIMED
from onesixty.jobs.bulk import Bulk, Filter, Found, Skipped, Target
from onesixty.store.contract import Store
from onesixty.store.notes import NoNotes, Note, Notes
from onesixty.store.rows import By
from onesixty.store.units import StoreError, Unit
from onesixty.work.item import Item
from onesixty.work.policy import FOR_EVER_MS, Pace, Policy

RUNNING: Final = "running"
DONE: Final = "done"
STOPPED: Final = "stopped"
FAILED: Final = "failed"


class Progress(msgspec.Struct, kw_only=True):
    """The progress of a job: where it continues, and the counts of results."""

    after_due: int = 0
    after_id: str = ""
    total: int = 0
    counts: dict[str, int] = {}
    #: How many of the messages that were not changed are listed.
    listed: int = 0


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


class NewWork(NamedTuple):
    """The params of `job_work_insert`, in their order. `subject` is the job's id, and names its lane."""

    id: str
    subject: str
    created_at: int
    expires_at: int

    def item(self) -> Item:
        """The work as unclaimed work in memory."""
        return Item(
            self.id, self.subject, "", self.subject, None, None, None, None, 0, UNCLAIMED, self.expires_at
        )


#: If the store refuses a step, it is retried a second later, for as long as the job exists. A job keeps its own
#: row, so its work may be forgotten.
POLICY: Final = Policy(
    pauses=(1,), jitter=0.0, life_ms=FOR_EVER_MS, keep=False, pace=Pace(concurrency=1, trip=None)
)


class Jobs:
    """Starts, stops and lists jobs."""

    def __init__(
        self,
        store: Store,
        bulk: Bulk,
        clock: Clock,
        new_id: Callable[[str], str],
        notes: Notes | None = None,
        tell: Tell = tell_nobody,
    ) -> None:
        self._tell = tell
        self._store = store
        self._notes = notes or NoNotes()
        self._bulk = bulk
        self._clock = clock
        self._new_id = new_id

    async def look(self, kind: str, wanted: Filter) -> Found:
        """What a job would change now: a dry run."""
        return await self._bulk.count(kind, wanted, self._below())

    async def start(
        self, kind: str, wanted: Filter, target: Target | None, made_by: str, by: By | None = None
    ) -> Job:
        """Start a job. `by` is its author, for the audit log. Raises Problem `unavailable`."""
        found = await self.look(kind, wanted)
        job = Job(
            id=self._new_id(ids.JOB),
            kind=kind,
            status=RUNNING,
            filter=text(wanted),
            target=None if target is None else text(target),
            progress=text(Progress(total=sum(found.counts.values()))),
            made_by=made_by,
            version=1,
            created_at=self._clock.now_ms(),
            done_at=None,
        )
        work = NewWork(self._new_id(ids.DELIVERY), job.id, job.created_at, job.created_at + POLICY.life_ms)
        writes: list[Write] = [("job_insert", msgspec.structs.astuple(job)), ("job_work_insert", work)]
        writes += told(self._tell, job, RUNNING, job.created_at)
        if by is not None:
            writes += self._notes.writes(_note(by, "started", job))
        if isinstance(
            (await self._store.commit([Unit(keys=(job.id,), writes=tuple(writes))]))[0], StoreError
        ):
            raise Problem("unavailable", retry_after=1)
        return job

    async def get(self, job_id: str) -> Job:
        """A job as stored. Raises Problem `not_found`."""
        job = await read(self._store, job_id)
        if job is None:
            raise Problem("not_found", "Job not found.")
        return job

    async def skipped(self, job_id: str, limit: int, after: str | None) -> tuple[list[Skipped], str | None]:
        """A page of the messages that a job did not change, by their ids. Raises Problem `not_found`."""
        await self.get(job_id)
        rows = await self._store.fetch("job_skips_page", job_id=job_id, after=after or "", count=limit + 1)
        found = [Skipped(*row) for row in rows]
        return found[:limit], found[limit - 1].message_id if len(found) > limit else None

    async def list(
        self, limit: int, after: str | None, *, oldest_first: bool = False
    ) -> tuple[list[Job], str | None]:
        """A page of jobs, and the cursor of the next page."""
        if oldest_first:
            rows = await self._store.fetch("jobs_list_oldest", above=after or "", count=limit + 1)
        else:
            rows = await self._store.fetch("jobs_list", below=after or ids.end_of(ids.JOB), count=limit + 1)
        jobs = [of_row(row) for row in rows[:limit]]
        return jobs, jobs[-1].id if len(rows) > limit else None

    async def stop_job(self, job_id: str, by: By | None = None) -> Job:
        """Stop a job after its current page; changes already made are kept. Raises Problem `not_found` or
        `unavailable`.
        """
        for _ in range(10):
            job = await self.get(job_id)
            if job.status != RUNNING:
                return job
            now = self._clock.now_ms()
            noted = () if by is None else self._notes.writes(_note(by, "stopped", job))
            also = (*told(self._tell, job, STOPPED, now), *noted)
            if await change(self._store, job, STOPPED, job.progress, now, also):
                return await self.get(job_id)
        raise Problem("unavailable", "The job changed at the same time. Retry in a moment.", retry_after=1)

    def _below(self) -> str:
        return ids.lowest_at(ids.MESSAGE, self._clock.now_ms() + 1)


def _note(by: By, action: str, job: Job) -> Note:
    """What the audit log says of a job."""
    wanted = msgspec.json.decode(job.filter)
    personal = {name: wanted.pop(name) for name in ("to", "from", "from_not") if name in wanted}
    target = None if job.target is None else msgspec.json.decode(job.target)
    return Note(
        by=by,
        action=action,
        object="job",
        object_id=job.id,
        details={
            "kind": job.kind,
            "filter": wanted,
            "target": target,
            "total": msgspec.json.decode(job.progress)["total"],
        },
        personal=personal,
    )


def told(tell: Tell, job: Job, status: str, at: int) -> Sequence[Write]:
    """The event of a job that began or ended."""
    data = {"id": job.id, "kind": job.kind, "status": status}
    return tell(events.JOB_CHANGED, data, at)


def text(value: msgspec.Struct) -> str:
    """A struct as the JSON text of a column."""
    return msgspec.json.encode(value).decode()


async def read(store: Store, job_id: str) -> Job | None:
    """A job as stored. Raises StoreError."""
    rows = await store.fetch("job_of", id=job_id)
    return of_row(rows[0]) if rows else None


async def change(
    store: Store, job: Job, status: str, progress: str, now: int, also: Sequence[Write] = ()
) -> bool:
    """Write the progress of a job, with `also`, unless the job changed since it was read. Raises StoreError."""
    row = (job.id, job.version, status, progress, None if status == RUNNING else now)
    (result,) = await store.commit(
        [Unit(keys=(job.id,), guards=(("job_progress", row),), writes=tuple(also))]
    )
    if isinstance(result, StoreError):
        raise result
    return result


def of_row(row: tuple[Any, ...]) -> Job:
    """A job from the columns of `job_of`."""
    return Job(**dict(zip(Job.__struct_fields__, row, strict=True)))
