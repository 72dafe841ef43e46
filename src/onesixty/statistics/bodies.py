"""The queries and answers of reports."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from pydantic import Field

from onesixty.http.bodies import Query
from onesixty.http.structs import Answer, Time
from onesixty.statistics.dimensions import DIMENSIONS

#: The most rows of a report.
MOST_ROWS: Final = 10_000


def _filter(about: str) -> Any:
    return Field(max_length=255, description=about)


class FigureQuery(Query):
    """What is counted. An empty value finds messages without one."""

    by: Annotated[
        str | None,
        Field(
            max_length=200,
            description=f"Dimensions that are told apart, separated by commas: {', '.join(DIMENSIONS)}. Not all are "
            "kept together.",
        ),
    ] = None
    account_id: Annotated[
        str | None,
        Field(max_length=40, description="An account below yours. Default: the account in which you act."),
    ] = None
    below: Annotated[bool, Field(description="Also count the accounts below.")] = False
    mode: Annotated[
        Literal["live", "test"] | None,
        Field(description="Live or test traffic. Default: the mode of the key."),
    ] = None
    country: Annotated[str | None, _filter("Only this country (ISO 3166).")] = None
    network: Annotated[str | None, _filter("Only this network (MCC and MNC).")] = None
    carrier: Annotated[str | None, _filter("Only this carrier, by name or id; for operators.")] = None
    route: Annotated[str | None, _filter("Only this route, by name or id; for operators.")] = None
    sender: Annotated[str | None, _filter("Only this sender.")] = None
    class_: Annotated[str | None, Field(alias="class", max_length=30, description="Only this class.")] = None
    channel: Annotated[str | None, _filter("Only this channel.")] = None
    campaign: Annotated[str | None, _filter("Only this campaign.")] = None
    error: Annotated[str | None, _filter("Only this error code.")] = None
    tag: Annotated[str | None, _filter("Only messages with this tag.")] = None
    status: Annotated[str | None, _filter("Only messages in this status.")] = None


class ReportQuery(FigureQuery):
    """`?step=day&by=country&start=2026-11-01T00:00:00Z`."""

    start: Annotated[
        str | None, Field(max_length=40, description="RFC 3339; inclusive. Default: seven days before `end`.")
    ] = None
    end: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive. Default: now.")] = None
    step: Annotated[
        Literal["minute", "quarter", "hour", "day", "month"] | None,
        Field(description="The length of a period: one row for each. Without it, the span is one period."),
    ] = None
    zone: Annotated[
        str | None,
        Field(max_length=60, description="The time zone of days and months (IANA). Default: the account's."),
    ] = None
    times: Annotated[
        bool,
        Field(description="Also tell how long it took. Over a long span, this takes several times as long."),
    ] = False
    format: Annotated[
        Literal["json", "csv", "jsonl", "parquet"],
        Field(
            description="One JSON object, CSV with a header line, JSON Lines with one row each, or Parquet."
        ),
    ] = "json"
    rows: Annotated[int, Field(ge=1, le=MOST_ROWS, description="The maximum number of rows.")] = 1000


class Amount(Answer):
    """An amount of money."""

    amount: str
    currency: str


class Seconds(Answer):
    """How long it took, in seconds: half of the messages, 90, 95 and 99 percent were faster. At most 9 percent off;
    null if there is none."""

    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None


class _Values(Answer, kw_only=True):
    """The values of the dimensions that a report asks by."""

    account: str | UnsetType | None = UNSET
    country: str | UnsetType | None = UNSET
    network: str | UnsetType | None = UNSET
    carrier: str | UnsetType | None = UNSET
    route: str | UnsetType | None = UNSET
    sender: str | UnsetType | None = UNSET
    class_: str | UnsetType | None = msgspec.field(name="class", default=UNSET)
    channel: str | UnsetType | None = UNSET
    campaign: str | UnsetType | None = UNSET
    error: str | UnsetType | None = UNSET
    tag: str | UnsetType | None = UNSET
    status: str | UnsetType | None = UNSET


class ReportRow(_Values, kw_only=True):
    """The figures of one period, and of one value of each dimension that the report asks by."""

    start: Annotated[str, Meta(description="When the period begins, in local time.")]
    end: Annotated[str, Meta(description="When it ends.")]
    messages: int
    segments: int
    statuses: Annotated[dict[str, int], Meta(description="Messages by status.")]
    price: Annotated[list[Amount], Meta(description="What the account pays, by currency.")]
    cost: (
        Annotated[list[Amount], Meta(description="What carriers take, by currency; for operators.")]
        | UnsetType
    ) = UNSET
    delivery_seconds: (
        Annotated[Seconds, Meta(description="From acceptance, or from when it was due, to delivery.")]
        | UnsetType
    ) = UNSET
    sending_seconds: (
        Annotated[Seconds, Meta(description="From there until a carrier took the message.")] | UnsetType
    ) = UNSET
    carrier_seconds: (
        Annotated[Seconds, Meta(description="From when the carrier took it to delivery.")] | UnsetType
    ) = UNSET


class Report(Answer):
    """A report."""

    as_of: Annotated[Time, Meta(description="All that was committed until then is counted.")]
    complete: Annotated[
        bool, Meta(description="False while messages are counted anew, after an upgrade or a rebuild.")
    ]
    start: Annotated[str, Meta(description="The span, widened to full boxes.")]
    end: str
    step: str | None
    zone: str
    mode: Literal["live", "test"]
    by: list[str]
    data: list[ReportRow]
    left_out: Annotated[int, Meta(description="How many more rows there are than `rows`.")]


class PendingRow(_Values, kw_only=True):
    """What is on its way, for one value of each dimension that the report asks by."""

    messages: int
    segments: int
    statuses: Annotated[dict[str, int], Meta(description="Messages by status.")]
    ages: Annotated[dict[str, int], Meta(description="Messages by the time since their acceptance.")]
    oldest: Annotated[Time | None, Meta(description="The minute in which the oldest was accepted.")]


class Pending(Answer):
    """What is on its way."""

    as_of: Annotated[Time, Meta(description="All that was committed until then is counted.")]
    complete: bool
    mode: Literal["live", "test"]
    by: list[str]
    data: list[PendingRow]


class Rebuilding(Answer):
    """The rebuild has begun."""

    complete: bool
