"""The bodies and answers of webhook routes. The answers of deliveries are written by their view; a test compares
the two.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from pydantic import BaseModel, Field

from onesixty.accounts.reach import AnyAccountQuery
from onesixty.core import ids
from onesixty.http import structs
from onesixty.http.bodies import Body, Query, named
from onesixty.http.exports import ExportQuery
from onesixty.http.paging import PageQuery

Description = Annotated[str, Meta(max_length=500, description="For your own use, up to 500 characters.")]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class NewWebhook(structs.Body):
    """A new webhook."""

    url: Annotated[
        str,
        Meta(
            description="An https or http URL without a user name.",
            examples=["https://example.com/hooks/sms"],
        ),
    ]
    events: Annotated[
        list[Annotated[str, structs.named("WebhookEventType")]],
        Meta(
            max_length=50, description="Event types, or `*` for all.", examples=[["message.delivered"], ["*"]]
        ),
    ]
    description: Description = ""


class WebhookFields(NewWebhook):
    """The fields of a webhook that can be changed."""

    enabled: Annotated[bool, Meta(description="true also ends a pause.")] = True


class WebhookView(structs.Answer):
    """A webhook: where events are sent."""

    id: str
    account_id: str
    url: str
    events: list[Annotated[str, structs.named("WebhookEventType")]]
    description: str
    enabled: bool
    test: bool
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: structs.Time
    paused_at: Annotated[
        structs.Time | None, Meta(description="When deliveries were paused; one trial per hour continues.")
    ]
    paused_reason: str | None
    failing_since: structs.Time | None


class WebhookMade(WebhookView):
    """A webhook and its secret."""

    secret: (
        Annotated[str, Meta(description="Verifies signatures. Returned once; missing in a repeated answer.")]
        | UnsetType
    ) = UNSET


class WebhookQuery(AnyAccountQuery):
    """`?event=message.failed&failing=true`."""

    kind = ids.WEBHOOK

    url: Annotated[
        str | None, Field(min_length=1, max_length=200, description="Part of the URL, in any case.")
    ] = None
    event: Annotated[
        str | None,
        Field(min_length=1, max_length=50, description="Only webhooks that get events of this type."),
    ] = None
    enabled: bool | None = None
    paused: Annotated[
        bool | None, Field(description="Whether deliveries are paused because they failed for long.")
    ] = None
    failing: Annotated[bool | None, Field(description="Whether the last delivery failed.")] = None


class DeliveryFilters(Query):
    """The filters of a list or an export."""

    status: Annotated[
        Literal["pending", "delivered", "failed"] | None,
        Field(description="Only deliveries with this status."),
    ] = None
    types: Annotated[
        str | None,
        Field(max_length=500, description="Only events of these types, separated by commas."),
    ] = None
    message_id: Annotated[str | None, Field(max_length=40, description="Only events of this message.")] = None
    event_id: Annotated[str | None, Field(max_length=40, description="Only this event.")] = None
    created_after: Annotated[str | None, Field(max_length=40, description="RFC 3339; inclusive.")] = None
    created_before: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive.")] = None


class DeliveryQuery(DeliveryFilters, PageQuery):
    """`?status=failed&types=message.failed&limit=50&after=...`."""

    kind = ids.DELIVERY


class DeliveryExport(ExportQuery, DeliveryFilters):
    """The query of an export."""

    kind = ids.DELIVERY


class StatisticsQuery(Query):
    """`?hours=24`."""

    hours: Annotated[
        int, Field(ge=1, le=720, description="How many hours back, with the one in progress.")
    ] = 24


class Replay(Body):
    """Which events to deliver again: by id, of a message, by time range, or those never delivered."""

    event_ids: Annotated[list[str] | None, Field(description="Events of your account, at most 1,000.")] = None
    since: Annotated[str | None, Field(description="RFC 3339; inclusive.")] = None
    until: Annotated[str | None, Field(description="RFC 3339; exclusive.")] = None
    failed_only: Annotated[
        bool, Field(description="Only events that were never delivered to this webhook.")
    ] = False
    types: Annotated[
        list[Annotated[str, Field(json_schema_extra=named("WebhookEventType"))]] | None,
        Field(max_length=50, description="Only events of these types. `event_ids` says it all without."),
    ] = None
    message_id: Annotated[
        str | None, Field(max_length=40, description="The events of this message; not with `event_ids`.")
    ] = None
    dry_run: Annotated[bool, Field(description="Count them and deliver nothing.")] = False


class DeliveryView(BaseModel):
    """One event for one webhook."""

    id: str
    event_id: Annotated[str, Field(description="The `webhook-id` of each attempt.")]
    type: Annotated[str, Field(json_schema_extra=named("EventType"))]
    message_id: str | None
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    response_status: Annotated[int | None, Field(description="The HTTP status of the last response.")]
    error: Annotated[str | None, Field(description="Why the last attempt failed.")]
    created_at: Time
    next_attempt_at: Time | None
    expires_at: Time
    done_at: Time | None


class HeaderField(BaseModel):
    """A field of a header. A value that may be secret is `(covered)`."""

    name: str
    value: str


class DeliveryRequest(BaseModel):
    """What was sent. The body is the event as it is now: a redaction has reached it."""

    method: Literal["POST"]
    url: str
    headers: list[HeaderField]
    body: Annotated[str, Field(description="Up to 4 KiB.")]
    body_cut: bool


class DeliveryResponse(BaseModel):
    """What the receiver answered, as far as it is kept."""

    headers: list[HeaderField]
    body: Annotated[str, Field(description="Up to 4 KiB; octets that are no text are replaced.")]


class DeliveryAttempt(BaseModel):
    """One attempt at a delivery."""

    attempt: Annotated[int, Field(description="From 1.")]
    at: Annotated[Time, Field(description="When the request was sent.")]
    milliseconds: Annotated[int, Field(description="How long it took until the answer or the failure.")]
    response_status: Annotated[int | None, Field(description="The HTTP status; null if there was no answer.")]
    error: Annotated[str | None, Field(description="Why it failed, in words.")]
    request: DeliveryRequest
    response: Annotated[
        DeliveryResponse | None,
        Field(description="null if there was none, or if it was removed by a redaction."),
    ]


class DeliveryDetail(DeliveryView):
    """A delivery with its attempts."""

    webhook_id: Annotated[str | None, Field(description="null for a status callback.")]
    tries: Annotated[
        list[DeliveryAttempt], Field(description="The attempts that are kept, in order; not all are.")
    ]


class WebhookHour(BaseModel):
    """The attempts of one hour."""

    start: Time
    delivered: int
    failed: int


class WebhookStatistics(BaseModel):
    """The figures of a webhook."""

    webhook_id: str
    since: Time
    as_of: Time
    attempts: int
    delivered: Annotated[int, Field(description="Attempts that succeeded.")]
    failed: Annotated[int, Field(description="Attempts that failed; a delivery may have several.")]
    success_rate: Annotated[
        float | None, Field(description="The share of attempts that succeeded; null without any.")
    ]
    p50_ms: Annotated[
        int | None,
        Field(
            description="Half of the successful attempts were faster. At most 9 percent off, from 10 ms on."
        ),
    ]
    p95_ms: Annotated[int | None, Field(description="95 percent of them were faster.")]
    failing_since: Time | None
    paused_at: Time | None
    waiting: Annotated[int, Field(description="Deliveries that wait in the database, up to 10,000.")]
    waiting_since: Annotated[Time | None, Field(description="When the first of them was made.")]
    hours: Annotated[list[WebhookHour], Field(description="Hours with attempts, in order.")]


class DeliveryList(BaseModel):
    """A page of deliveries."""

    data: list[DeliveryView]
    next: str | None


class CallbackSecret(BaseModel):
    """The secret that verifies the signatures of status callbacks."""

    secret: str


class Replayed(BaseModel):
    """How many events will be delivered again."""

    replayed: Annotated[int, Field(description="How many are delivered again; 0 of a dry run.")]
    matching: Annotated[int, Field(description="How many there are: of a dry run up to 100,000, else 1,000.")]
    sample: Annotated[list[str], Field(description="Of a dry run: the ids of some of the events.")]
    next_since: Annotated[
        Time | None, Field(description="The `since` for the next call, if there are more events.")
    ]


class TestResult(BaseModel):
    """The receiver's response to a test event."""

    __test__ = False

    event_id: str
    delivered: bool
    response_status: int | None
    error: str | None
    milliseconds: int
