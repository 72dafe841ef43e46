"""The bodies and answers of saved reports."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta
from pydantic import Field

from onesixty.core import ids
from onesixty.http.bodies import Query
from onesixty.http.paging import PageQuery
from onesixty.http.structs import Answer, Body, Time, one_of
from onesixty.saved_reports.runs import STATUSES
from onesixty.saved_reports.shapes import CSV, Format, SavedQuery, Schedule, Span

_Name = Annotated[str, Meta(min_length=1, max_length=100, description="For people: mails and files have it.")]
_Recipients = Annotated[
    tuple[str, ...], Meta(max_length=20, description="Mailboxes that get the report as an attachment.")
]
_Url = Annotated[
    str,
    Meta(
        max_length=2048,
        description="A URL that gets the report in a signed POST; needs the scope `webhooks`.",
    ),
]
_Format = Annotated[Format, Meta(description="CSV with a header line, or JSON Lines.")]


class NewSavedReport(Body):
    """A new saved report."""

    name: _Name
    query: Annotated[SavedQuery, Meta(description="What is counted.")] = msgspec.field(
        default_factory=SavedQuery
    )
    span: Annotated[Span, Meta(description="The span, counted back from the time of a run.")] = msgspec.field(
        default_factory=Span
    )
    format: _Format = CSV
    schedule: Annotated[Schedule, Meta(description="When it runs by itself.")] | None = None
    recipients: _Recipients = ()
    url: _Url | None = None


class SavedReportFields(NewSavedReport):
    """The fields of a saved report that can be changed."""

    enabled: Annotated[bool, Meta(description="false pauses the schedule.")] = True


class SavedReportView(Answer):
    """A saved report."""

    id: str
    name: str
    query: SavedQuery
    span: Span
    format: Format
    schedule: Schedule | None
    recipients: list[str]
    url: str | None
    enabled: bool
    next_run_at: Annotated[Time | None, Meta(description="When it runs next by itself.")]
    runs_as: Annotated[
        str, Meta(description="In whose name it runs: the key or user that made or last changed it.")
    ]
    stopped_at: Annotated[
        Time | None, Meta(description="When it was stopped, because these rights are gone.")
    ]
    stopped_reason: str | None
    test: bool
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: Time


class ReportRun(Answer):
    """A run of a saved report."""

    id: str
    report_id: str
    status: Annotated[str, one_of(STATUSES)]
    due_at: Annotated[Time, Meta(description="The time that the span is counted back from.")]
    manual: Annotated[bool, Meta(description="Somebody asked for it; otherwise the schedule did.")]
    made_by: Annotated[str, Meta(description="Who asked for it, or in whose name the schedule ran.")]
    attempts: int
    error: Annotated[
        str | None, Meta(description="Why the last attempt failed, or which recipients did not get the mail.")
    ]
    rows: Annotated[int | None, Meta(description="The rows of the file that was sent.")]
    left_out: Annotated[int | None, Meta(description="Rows beyond the limit of the query.")]
    bytes: int | None
    as_of: Annotated[Time | None, Meta(description="All that was committed until then is counted.")]
    created_at: Time
    ended_at: Time | None


class SavedReportQuery(PageQuery):
    """`?limit=50&after=...`."""

    kind = ids.SAVED_REPORT


class ReportAtQuery(Query):
    """`?at=2026-11-23T07:00:00Z`."""

    at: Annotated[
        str | None,
        Field(
            max_length=40,
            description="RFC 3339: the time that the span is counted back from, such as the `due_at` of a run. "
            "Default: now.",
        ),
    ] = None


class RunQuery(PageQuery):
    """`?limit=50&after=...`."""

    kind = ids.REPORT_RUN
