"""The routes of `/v1/reports/saved`. They translate; the rules are in `service`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core import times
from onesixty.http import moments, openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.idempotency import Idempotency
from onesixty.http.noting import noted
from onesixty.http.openapi import Router
from onesixty.http.paging import cut, page_answer
from onesixty.http.resource import ByVerb, Changed, Made, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.saved_reports.bodies import (
    NewSavedReport,
    ReportAtQuery,
    ReportRun,
    RunQuery,
    SavedReportFields,
    SavedReportQuery,
    SavedReportView,
)
from onesixty.saved_reports.rights import SCOPE
from onesixty.saved_reports.runs import Run
from onesixty.saved_reports.service import SavedReports
from onesixty.saved_reports.tables import SavedReport
from onesixty.store.notes import Notes
from onesixty.store.rows import By

Reader = Annotated[Principal, Depends(Requires(SCOPE))]
_PATH = "/v1/reports/saved"


class SavedReportResource(Resource[SavedReport, NewSavedReport, SavedReportFields, SavedReportView]):
    """`/v1/reports/saved`."""

    path, tag, one, many, scope = _PATH, "reports", "saved_report", "saved_reports", SCOPE
    new, fields, shown, query = NewSavedReport, SavedReportFields, SavedReportView, SavedReportQuery
    list_name, change_name = "SavedReportList", "SavedReportChange"
    about = ByVerb(
        make="Save a report.\n\nWith a `schedule` it runs by itself, and is sent to `recipients` or `url`. It runs "
        "in the name of who made or last changed it: if their rights end, it stops.",
        list="List saved reports, newest first.",
        get="Get a saved report.",
        change="Change a saved report.\n\nFrom then on it runs in your name. A report that was stopped starts again.",
        remove="Delete a saved report.\n\nIts runs are deleted, too.",
    )

    def __init__(self, reports: SavedReports) -> None:
        super().__init__(reports.rows)
        self._reports = reports

    async def made(self, body: NewSavedReport, caller: Principal) -> Made:
        row = SavedReport(
            id=self.rows.new_id(),
            account_id=caller.account_id,
            test=caller.test,
            runs_as=caller.actor.text,
            home=caller.home,
            created_at=self.rows.now(),
            **msgspec.structs.asdict(body),
        )
        row, writes = await self._reports.made(row, caller)
        return Made(self.rows.table.typed(row), writes=writes)

    async def changed(
        self, row: SavedReport, fields: SavedReportFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        after = self.rows.table.typed(msgspec.structs.replace(row, **msgspec.structs.asdict(fields)))
        return Changed(*await self._reports.changed(row, after, caller))

    async def remove(self, row: SavedReport, caller: Principal, by: By) -> None:
        await self._reports.remove(row, by)

    def view(self, row: SavedReport, caller: Principal) -> SavedReportView:
        shown = structs.shown_fields(SavedReportView, row)
        return SavedReportView(**shown, next_run_at=times.text_or_none(self._reports.next_due(row)))


def saved_report_routes(
    reports: SavedReports, notes: Notes, idempotency: Idempotency | None = None
) -> Router:
    """The routes, for keys with the scope `reports:read`."""
    router = Router("reports")
    router.describe(lambda: openapi.of_struct(pages=[ReportRun]))
    routes(SavedReportResource(reports), idempotency, router)

    @router.get(f"{_PATH}/{{id}}/report", responses=openapi.answers(200, "Report", "The report."))
    async def read_saved_report(
        caller: Reader,
        id: str,  # noqa: A002
        query: Annotated[ReportAtQuery, Query()],
    ) -> Response:
        """Read a saved report, with your own rights.

        Its figures are those of now, also for a span of the past.
        """
        row = await reports.get(caller.tenant, id)
        at = moments.of_query(query.at, "at")
        return json_answer(await reports.report(row, caller, reports.rows.now() if at is None else at))

    @router.post(
        f"{_PATH}/{{id}}/run", status_code=202, responses=openapi.answers(202, "ReportRun", "The run.")
    )
    async def run_saved_report(request: Request, caller: Reader, id: str) -> Response:  # noqa: A002
        """Run a saved report now.

        It is sent where its schedule sends it, in the name in which it runs. The schedule stays as it is.
        """
        row = await reports.get(caller.tenant, id)

        def note(run: Run) -> Any:
            details = {"run": run.id}
            return notes.writes(
                noted(request, caller, "ran", "saved_report", id, details=details, test=row.test)
            )

        return json_answer(_view(await reports.run(row, caller, note)), 202)

    @router.get(f"{_PATH}/{{id}}/runs", responses=openapi.answers(200, "ReportRunList", "A page of runs."))
    async def list_report_runs(caller: Reader, id: str, query: Annotated[RunQuery, Query()]) -> Response:  # noqa: A002
        """List the runs of a saved report, newest first. They are kept for 90 days."""
        row = await reports.get(caller.tenant, id)
        found, next_ = cut(
            await reports.runs(row, query.limit + 1, query.after), query.limit, lambda run: run.id
        )
        return json_answer(page_answer([_view(run) for run in found], next_))

    return router


def _view(run: Run) -> ReportRun:
    return ReportRun(
        id=run.id,
        report_id=run.report_id,
        status=run.status,
        due_at=times.to_text(run.due_at),
        manual=run.manual,
        made_by=run.made_by,
        attempts=run.tries,
        error=run.error,
        rows=run.row_count,
        left_out=run.left_out,
        bytes=run.byte_count,
        as_of=times.text_or_none(run.as_of),
        created_at=times.to_text(run.created_at),
        ended_at=times.text_or_none(run.ended_at),
    )
