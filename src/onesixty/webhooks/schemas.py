"""What the routes of webhooks take and answer, as the OpenAPI document shows it. Answers are written by the views
of `endpoints` and `deliveries`; a test holds the two together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from onesixty.core import ids
from onesixty.http.bodies import Body
from onesixty.http.paging import PageQuery

Url = Annotated[
    str, Field(description="https or http; no user name.", examples=["https://example.com/hooks/sms"])
]
Events = Annotated[
    list[str],
    Field(max_length=50, description="Event types, or `*` for all.", examples=[["message.delivered"], ["*"]]),
]
Description = Annotated[str, Field(description="For your own use, up to 500 characters.")]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class NewWebhook(Body):
    """A webhook to make."""

    url: Url
    events: Events
    description: Description = ""


class WebhookChange(Body):
    """What to change; what is absent or null stays as it is."""

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    enabled: Annotated[bool | None, Field(description="true also ends a pause.")] = None


class WebhookQuery(PageQuery):
    """`?limit=50&after=...`."""

    kind = ids.WEBHOOK


class DeliveryQuery(PageQuery):
    """`?status=failed&limit=50&after=...`."""

    kind = ids.DELIVERY

    status: Annotated[Literal["pending", "delivered", "failed"] | None, Field(description="Only these.")] = (
        None
    )


class Replay(Body):
    """Which events to deliver again: by id, or from a range of time, or those that never arrived."""

    event_ids: Annotated[list[str] | None, Field(description="Events of your account, at most 1,000.")] = None
    since: Annotated[str | None, Field(description="RFC 3339; events from then on.")] = None
    until: Annotated[str | None, Field(description="RFC 3339; events before that.")] = None
    failed_only: Annotated[bool, Field(description="Only events that never reached this webhook.")] = False


class WebhookView(BaseModel):
    """Where events go."""

    id: str
    url: str
    events: list[str]
    description: str
    enabled: bool
    test: bool
    created_at: Time
    paused_at: Annotated[Time | None, Field(description="Attempts stopped, apart from a trial each hour.")]
    paused_reason: str | None
    failing_since: Time | None


class WebhookMade(WebhookView):
    """A webhook and its secret."""

    secret: Annotated[str, Field(description="Verifies its signatures. It is shown this once.")]


class WebhookList(BaseModel):
    """A page of webhooks."""

    data: list[WebhookView]
    next: str | None


class DeliveryView(BaseModel):
    """One event on its way to one webhook."""

    id: str
    event_id: Annotated[str, Field(description="The `webhook-id` of each attempt.")]
    type: str
    message_id: str | None
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    response_status: Annotated[int | None, Field(description="The last HTTP status that came back.")]
    error: Annotated[str | None, Field(description="Why the last attempt failed.")]
    created_at: Time
    next_attempt_at: Time | None
    expires_at: Time
    done_at: Time | None


class DeliveryList(BaseModel):
    """A page of deliveries."""

    data: list[DeliveryView]
    next: str | None


class CallbackSecret(BaseModel):
    """What verifies the signatures of status callbacks."""

    secret: str


class Replayed(BaseModel):
    """How many events are delivered again."""

    replayed: int
    next_since: Annotated[Time | None, Field(description="`since` of the next call, if there are more.")]


class TestResult(BaseModel):
    """What the receiver answered to a test."""

    __test__ = False

    event_id: str
    delivered: bool
    response_status: int | None
    error: str | None
    milliseconds: int
