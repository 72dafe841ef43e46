"""`/v1/reports/messages`, `/v1/reports/pending` and `/v1/reports/rebuild`.

They translate; the rules are in `reporting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Depends
from fastapi import Query as Parameters
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts.service import Accounts
from onesixty.core import statuses, times
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.noting import noted
from onesixty.http.scopes import Principal
from onesixty.statistics import files
from onesixty.statistics.bodies import FigureQuery, Pending, PendingRow, Rebuilding, Report, ReportQuery
from onesixty.statistics.rebuild import Rebuild
from onesixty.statistics.report import Reports, Waiting
from onesixty.statistics.reporting import Names, Reporting, asked_of, in_order, named, operates
from onesixty.store.notes import Notes

SCOPE: Final = "reports:read"
#: What is on its way, in the order of a message's life.
PENDING: Final = (statuses.SCHEDULED, statuses.HELD, statuses.QUEUED, statuses.SENT)
Reader = Annotated[Principal, Depends(Requires(SCOPE))]


def report_routes(
    reporting: Reporting,
    reports: Reports,
    rebuild: Rebuild,
    accounts: Accounts,
    names: Names,
    notes: Notes,
) -> openapi.Router:
    """The routes."""
    router = openapi.Router("reports", "/v1")
    router.describe(lambda: openapi.of_struct(Report, Pending, Rebuilding))

    @router.get("/reports/messages", responses=openapi.answers(200, "Report", "The report."))
    async def report_messages(caller: Reader, query: Annotated[ReportQuery, Parameters()]) -> Response:
        """Count messages by time and dimensions: how many, in which status, at what price, and how fast.

        A message is counted at the time of its acceptance, under what is true of it now. All figures are of one
        moment, `as_of`.
        """
        report = await reporting.report(caller, query)
        if query.format == "json":
            return json_answer(report)
        return Response(
            files.written(report.data, report.by, query.format),
            media_type=files.TYPES[query.format],
            headers={
                "content-disposition": f'attachment; filename="report.{query.format}"',
                "cache-control": "no-store",
                "onesixty-as-of": report.as_of,
            },
        )

    @router.get("/reports/pending", responses=openapi.answers(200, "Pending", "What is on its way."))
    async def report_pending(caller: Reader, query: Annotated[FigureQuery, Parameters()]) -> Response:
        """Count the messages that have not reached their final status, and how old they are."""
        known = await names.names() if operates(caller) else {}
        asked = asked_of(caller, query, accounts, known)
        as_of, complete, rows = await reports.pending(asked, PENDING)
        return json_answer(
            Pending(
                as_of=times.to_text(as_of),
                complete=complete,
                mode="test" if asked.test else "live",
                by=list(asked.by),
                data=[_pending_view(row, known) for row in rows],
            )
        )

    @router.post(
        "/reports/rebuild", status_code=202, responses=openapi.answers(202, "Rebuilding", "It has begun.")
    )
    async def rebuild_reports(
        request: Request, caller: Annotated[Principal, Depends(Requires("accounts"))]
    ) -> Response:
        """Count all messages anew, in the background.

        Boxes whose messages retention has removed, or will within a day, stay as they are. Until it is done, reports
        are not `complete`.
        """
        await rebuild.begin()
        await notes.record(noted(request, caller, "rebuilt", "reports"))
        return json_answer(Rebuilding(complete=False), 202)

    return router


def _pending_view(row: Waiting, names: Mapping[str, str]) -> PendingRow:
    return PendingRow(
        messages=row.messages,
        segments=row.segments,
        statuses=in_order(row.statuses),
        ages=row.ages,
        oldest=None if row.oldest is None else times.to_text(row.oldest * 60_000),
        **named(row.values, names),
    )
