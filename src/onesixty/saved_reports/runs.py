"""The runs of saved reports: their rows, their work, and what became of them.

Rules kept here:
- a run and its work are rows of one transaction. A due time has one run: its unit moves the due time on under a
  guard, and an index refuses a second run of the same time;
- a run that has ended never changes;
- runs are kept for `KEPT_MS` after their end (`report_runs_forget`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from onesixty.core import ids
from onesixty.core.contracts import Write
from onesixty.core.message import UNCLAIMED
from onesixty.saved_reports.tables import SavedReport
from onesixty.store.contract import Store
from onesixty.work.item import Item
from onesixty.work.policy import FOR_EVER_MS, Pace, Policy

WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
PARTLY: Final = "partly_delivered"
FAILED: Final = "failed"
REFUSED: Final = "refused"
STATUSES: Final = (WAITING, DELIVERED, PARTLY, FAILED, REFUSED)

#: The runs of one report come one after the other; the sink itself ends a run that has failed for a day.
POLICY: Final = Policy(
    pauses=(5, 30, 120, 600, 1800, 3600),
    jitter=0.2,
    life_ms=FOR_EVER_MS,
    keep=False,
    pace=Pace(concurrency=1, trip=None),
)

_LAST: Final = "~"


class Run(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `report_runs`. `due_at` is the time that the span is counted back from; `manual` says that somebody
    asked for the run (`made_by`). `row_count` and `byte_count` are those of the file, `left_out` the rows beyond its
    limit."""

    id: str
    report_id: str
    due_at: int
    manual: bool
    made_by: str
    status: str
    tries: int
    error: str | None
    row_count: int | None
    left_out: int | None
    byte_count: int | None
    as_of: int | None
    created_at: int
    ended_at: int | None


class NewRunWork(NamedTuple):
    """The params of `report_work_insert`, in their order. The lane is the report."""

    id: str
    subject: str
    account_id: str
    lane: str
    created_at: int
    expires_at: int

    def item(self) -> Item:
        """The run as unclaimed work in memory."""
        return Item(
            self.id, self.lane, self.account_id, self.subject, None, None, None, None, 0, UNCLAIMED, self.expires_at
        )  # fmt: skip


class Ended(NamedTuple):
    """What became of a run."""

    status: str
    tries: int
    error: str | None = None
    row_count: int | None = None
    left_out: int | None = None
    byte_count: int | None = None
    as_of: int | None = None


def new_run(
    report: SavedReport, due_at: int, now: int, new_id: Callable[[str], str], *, made_by: str, manual: bool
) -> tuple[Run, list[Write]]:
    """A run of a report, with the rows of it and of its work."""
    run = Run(
        id=new_id(ids.REPORT_RUN), report_id=report.id, due_at=due_at, manual=manual, made_by=made_by,
        status=WAITING, tries=0, error=None, row_count=None, left_out=None, byte_count=None, as_of=None,
        created_at=now, ended_at=None,
    )  # fmt: skip
    work = NewRunWork(new_id(ids.DELIVERY), run.id, report.account_id, report.id, now, now + POLICY.life_ms)
    row = (run.id, run.report_id, run.due_at, int(manual), made_by, run.status, now)
    return run, [("report_run_insert", row), ("report_work_insert", work)]


def ending(run: Run, ended: Ended, at: int) -> Write:
    """The write that ends a run."""
    return "report_run_end", (run.id, *ended, at)


async def read(store: Store, run_id: str) -> Run | None:
    """One run."""
    rows = await store.fetch("report_run_of", id=run_id)
    return _of(rows[0]) if rows else None


async def page(store: Store, report_id: str, count: int, after: str | None) -> list[Run]:
    """Runs of a report, newest first."""
    rows = await store.fetch("report_runs_page", report_id=report_id, after=after or _LAST, count=count)
    return [_of(row) for row in rows]


def _of(row: Sequence[object]) -> Run:
    values = dict(zip(Run.__struct_fields__, row, strict=True))
    return msgspec.convert({**values, "manual": bool(values["manual"])}, Run)
