"""The parts of a saved report: what it asks, over which span, and when it runs.

A query has the parameters of `GET /v1/reports/messages`, without a fixed span and a format.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from onesixty.http.structs import Body
from onesixty.statistics.bodies import MOST_ROWS, ReportQuery

CSV: Final = "csv"
LINES: Final = "jsonl"
PARQUET: Final = "parquet"
Format = Literal["csv", "jsonl", "parquet"]

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_Value = Annotated[str, Meta(max_length=255)]
_Zone = Annotated[str, Meta(max_length=60, description="A time zone (IANA). Default: the account's.")]


class SavedQuery(Body):
    """What is counted: the parameters of `GET /v1/reports/messages`. A filter with an empty value finds messages
    without one."""

    step: Literal["minute", "quarter", "hour", "day", "month"] | None = None
    by: Annotated[str, Meta(max_length=200, description="Dimensions, separated by commas.")] | None = None
    zone: _Zone | None = None
    times: Annotated[bool, Meta(description="Also tell delivery times.")] = False
    account_id: Annotated[str, Meta(max_length=40, description="An account below yours.")] | None = None
    below: Annotated[bool, Meta(description="Also count the accounts below.")] = False
    mode: Literal["live", "test"] | None = None
    country: _Value | None = None
    network: _Value | None = None
    carrier: _Value | None = None
    route: _Value | None = None
    sender: _Value | None = None
    class_: Annotated[str, Meta(max_length=30)] | None = msgspec.field(name="class", default=None)
    channel: _Value | None = None
    campaign: _Value | None = None
    error: _Value | None = None
    tag: _Value | None = None
    status: _Value | None = None
    rows: Annotated[int, Meta(ge=1, le=MOST_ROWS, description="The maximum number of rows.")] = MOST_ROWS

    def asked(self, **span: str) -> ReportQuery:
        """The query of the report; `span` has `start` and `end`."""
        said: dict[str, Any] = msgspec.to_builtins(self)
        return ReportQuery.model_validate({**said, **span})


class Span(Body):
    """The span, counted back from the time of a run: `last` whole units, and with `current` the one in progress."""

    last: Annotated[int, Meta(ge=0, le=400, description="How many whole units.")] = 7
    unit: Annotated[
        Literal["hour", "day", "week", "month"],
        Meta(description="In the zone of the query; a week begins on Monday."),
    ] = "day"
    current: Annotated[bool, Meta(description="Also the unit in progress, up to the time of the run.")] = (
        False
    )


class Schedule(Body):
    """When a report runs by itself."""

    every: Literal["day", "week", "month"]
    at: Annotated[
        str,
        Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="The local time.", examples=["08:00"]),
    ]
    weekdays: Annotated[
        tuple[Weekday, ...], Meta(max_length=7, description="For `week`: on which days.")
    ] = ()
    days: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=31)], ...],
        Meta(max_length=31, description="For `month`: on which days. A day that a month lacks is its last."),
    ] = ()
    zone: _Zone | None = None
