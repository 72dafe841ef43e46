"""The rules of `/v1/reports/saved`: what may be saved, by whom, and what follows from a change.

Rules kept here:
- whoever makes or changes a report needs the rights for what it asks and where it sends it: it then runs in their
  name;
- a change starts a report again that was stopped;
- a change of the schedule is due next by the new one, in the transaction of the change. Any other change leaves the
  due time alone, so that none is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from onesixty.core import times
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.http.scopes import Principal
from onesixty.http.urls import check_url
from onesixty.people.emails import checked
from onesixty.saved_reports import due, rights, runs
from onesixty.saved_reports.runs import Run
from onesixty.saved_reports.tables import SAVED_REPORTS, SavedReport
from onesixty.saved_reports.zones import Zones
from onesixty.statistics.bodies import Report
from onesixty.statistics.reporting import Reporting
from onesixty.store.contract import Store
from onesixty.store.rows import By, RowEffect, Rows, write
from onesixty.store.units import Unit

MOST: Final = 100


class SavedReports:
    """The service. `mails` says whether there is a mail server."""

    def __init__(
        self,
        store: Store,
        reporting: Reporting,
        zones: Zones,
        *,
        clock: Clock,
        id_source: IdSource,
        mails: Callable[[], bool],
        allow_private: bool,
        effects: Sequence[RowEffect] = (),
    ) -> None:
        self.rows = Rows(SAVED_REPORTS, store, clock, id_source, one="saved report", effects=effects)
        self._store = store
        self._reporting = reporting
        self._zones = zones
        self._clock = clock
        self._ids = id_source
        self._mails = mails
        self._allow_private = allow_private

    # ------------------------------------------------------------ the resource

    async def made(self, row: SavedReport, caller: Principal) -> tuple[SavedReport, Sequence[Write]]:
        """A new report, and the write that plans it. Raises Problem."""
        found, more = await self.rows.page(MOST, None, caller.tenant.own)
        if len(found) == MOST or more:
            raise Problem("conflict", f"An account can have at most {MOST} saved reports.")
        row = await self._checked(row, caller)
        return row, self._planned(row, row.version)

    async def changed(
        self, before: SavedReport, after: SavedReport, caller: Principal
    ) -> tuple[SavedReport, Sequence[Write]]:
        """A changed report, which the caller answers for from now on. Raises Problem."""
        if SAVED_REPORTS.same(before, after) and before.stopped_at is None:
            return before, ()
        after = msgspec.structs.replace(
            after, runs_as=caller.actor.text, home=caller.home, stopped_at=None, stopped_reason=None
        )
        after = await self._checked(after, caller)
        if before.runs and after.runs and before.schedule == after.schedule:
            return after, ()
        return after, self._planned(after, before.version + 1)

    async def remove(self, row: SavedReport, by: By) -> None:
        """Delete a report with its runs. Raises Problem."""
        writes = [("report_due_drop", (row.id,)), ("report_runs_drop", (row.id,))]
        await self.rows.remove(row, by=by, writes=writes)

    def next_due(self, row: SavedReport) -> int | None:
        """When it runs next by itself."""
        if row.schedule is None or not row.runs:
            return None
        return due.next_due(row.schedule, self._zones.of(row), self._clock.now_ms())

    # ------------------------------------------------------------ reports and runs

    async def report(self, row: SavedReport, caller: Principal, at: int) -> Report:
        """The report of a run at `at`. Raises Problem and StoreError."""
        begin, end = due.covered(row.span, self._zones.of_query(row), at)
        asked = row.query.asked(start=times.to_text(begin), end=times.to_text(end))
        return await self._reporting.report(caller, asked)

    async def run(self, row: SavedReport, caller: Principal, also: Callable[[Run], Sequence[Write]]) -> Run:
        """Begin a run now. `also` gives what is written with it. Raises Problem."""
        if not row.delivers:
            raise Problem("conflict", "The report has no `recipients` and no `url` to send it to.")
        if row.stopped_at is not None:
            raise Problem("conflict", "The report was stopped. Change it to start it again.")
        now = self._clock.now_ms()
        run, writes = runs.new_run(row, now, now, self._ids.new, made_by=caller.actor.text, manual=True)
        await write(self._store, Unit(keys=(row.id,), writes=(*writes, *also(run))))
        return run

    async def runs(self, row: SavedReport, limit: int, after: str | None) -> list[Run]:
        """The runs of a report, newest first."""
        return await runs.page(self._store, row.id, limit, after)

    async def get(self, tenant: Tenant, id_: str) -> SavedReport:
        """One report. Raises Problem `not_found`."""
        return await self.rows.get(id_, tenant.own)

    # ------------------------------------------------------------ checks

    async def _checked(self, row: SavedReport, caller: Principal) -> SavedReport:
        if not row.name.strip() or not row.name.isprintable():
            raise Problem("invalid_field", "`name` must be one line of text.", param="name")
        if row.recipients and row.url is not None:
            raise Problem("invalid_field", "Give `recipients` or `url`, not both.", param="url")
        if row.url is not None:
            check_url(row.url, self._allow_private)
        if row.recipients and not self._mails():
            raise Problem(
                "invalid_field", "No mail server is set up (`ONESIXTY_MAIL_SERVER`).", param="recipients"
            )
        recipients = tuple(
            checked(email, f"recipients[{place}]") for place, email in enumerate(row.recipients)
        )
        rights.check(caller, url=row.url)
        self._check_schedule(row)
        await self._check_query(row, caller)
        return msgspec.structs.replace(row, recipients=tuple(dict.fromkeys(recipients)))

    def _check_schedule(self, row: SavedReport) -> None:
        schedule = row.schedule
        if schedule is None:
            return
        if not row.delivers:
            raise Problem(
                "invalid_field",
                "A schedule needs `recipients` or `url` to send the report to.",
                param="schedule",
            )
        needed = {"week": "weekdays", "month": "days"}.get(schedule.every)
        for name in ("weekdays", "days"):
            if bool(getattr(schedule, name)) != (name == needed):
                what = "must name at least one" if name == needed else f"does not go with `{schedule.every}`"
                raise Problem("invalid_field", f"`schedule.{name}` {what}.", param=f"schedule.{name}")
        _as_field(lambda: self._zones.of(row), "schedule")

    async def _check_query(self, row: SavedReport, caller: Principal) -> None:
        zone = _as_field(lambda: self._zones.of_query(row), "query")
        if not row.span.last and not row.span.current:
            raise Problem(
                "invalid_field", "`span.last` must be at least 1 without `current`.", param="span.last"
            )
        begin, end = due.covered(row.span, zone, self._clock.now_ms())
        try:
            await self._reporting.check(caller, row.query.asked(), begin, max(end, begin + 1))
        except Problem as problem:
            raise _in(problem, "query") from None

    def _planned(self, row: SavedReport, revision: int) -> Sequence[Write]:
        at = self.next_due(row)
        if at is None:
            return [("report_due_drop", (row.id,))]
        return [("report_due_set", (row.id, at, revision))]


def _as_field(how: Callable[[], ZoneInfo], param: str) -> ZoneInfo:
    try:
        return how()
    except Problem as problem:
        raise _in(problem, param) from None


def _in(problem: Problem, param: str) -> Problem:
    """A problem of a query parameter as one of a field of the body."""
    code = "invalid_field" if problem.code == "invalid_parameter" else problem.code
    return Problem(code, problem.detail, param=f"{param}.{problem.param}" if problem.param else param)
