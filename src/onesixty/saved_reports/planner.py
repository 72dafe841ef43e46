"""Turns due times into runs, on every node, each due time once.

Rules kept here:
- a run and the next due time are one unit, guarded by the due time as it was read: of two nodes one writes it, and a
  crash leaves either both or neither;
- each due time has its run, also those that passed while no node ran, as far back as `CATCH_UP_MS`: its span is
  counted from the due time, so nothing is missing from a series of files;
- after a restore, due times that have passed get no run: it may have been sent already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import structlog

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.ids import IdSource
from onesixty.saved_reports import due, runs
from onesixty.saved_reports.tables import SavedReport
from onesixty.saved_reports.zones import Zones
from onesixty.store.contract import Store
from onesixty.store.rows import Rows
from onesixty.store.units import StoreError, Unit

#: Seconds between two looks.
INTERVAL: Final = 2.0
CATCH_UP_MS: Final = 7 * 86_400_000
_PAGE: Final = 100


#: The rows of the run of a report that is due at a time.
Begin = Callable[[SavedReport, int], Sequence[Write]]


class Due(NamedTuple):
    """A row of `report_due` whose time has come."""

    report_id: str
    due_at: int
    revision: int

    def moved(self, to: int) -> Write:
        """The guard that moves it on. It is lost if another node did, or the schedule was changed."""
        return "report_due_advance", (*self, to)


class Planner:
    """Looks for due reports."""

    def __init__(
        self, store: Store, rows: Rows[SavedReport], zones: Zones, clock: Clock, ids: IdSource
    ) -> None:
        self._store = store
        self._rows = rows
        self._zones = zones
        self._clock = clock
        self._ids = ids
        self._log = structlog.get_logger("onesixty.saved_reports")

    async def once(self) -> int:
        """Begin the runs that are due. Returns how many due times this node moved on. Raises StoreError."""
        now = self._clock.now_ms()
        since = now - CATCH_UP_MS

        def begin(report: SavedReport, due_at: int) -> Sequence[Write]:
            if due_at < since:
                self._log.warning("report_run_skipped", report=report.id, due_at=due_at)
                return ()
            _, writes = runs.new_run(report, due_at, now, self._ids.new, made_by=report.runs_as, manual=False)
            return writes

        return await self._move(now, since, begin)

    async def pass_over(self) -> int:
        """Move due times that have passed on, without runs. Returns how many. Raises StoreError."""
        now, passed = self._clock.now_ms(), 0
        while moved := await self._move(now, now, lambda _report, _due_at: ()):
            passed += moved
        return passed

    async def _move(self, now: int, since: int, begin: Begin) -> int:
        """Move the times that are due on, each to the first one after it and after `since`."""
        found = await self._store.fetch("reports_due", now=now, count=_PAGE)
        units = [await self._unit(Due(*row), since, begin) for row in found]
        moved = 0
        for result in await self._store.commit(units) if units else ():
            if isinstance(result, StoreError):
                raise result
            moved += result is True
        return moved

    async def _unit(self, one: Due, since: int, begin: Begin) -> Unit:
        report, keys = await self._rows.find(one.report_id), (one.report_id,)
        if report is None or report.schedule is None or not report.runs:
            drop = ("report_due_drop", (one.report_id,))
            return Unit(keys=keys, guards=(one.moved(one.due_at),), writes=(drop,))
        following = due.next_due(report.schedule, self._zones.of(report), max(one.due_at, since))
        return Unit(keys=keys, guards=(one.moved(following),), writes=tuple(begin(report, one.due_at)))
