"""The bodies and answers of webhook routes. The answers of deliveries are written by their view; a test compares
the two.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from pydantic import BaseModel, Field

from onesixty.core import ids
from onesixty.http import structs
from onesixty.http.bodies import Body
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
        list[str],
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
    url: str
    events: list[str]
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


class WebhookQuery(PageQuery):
    """`?limit=50&after=...`."""

    kind = ids.WEBHOOK


class DeliveryQuery(PageQuery):
    """`?status=failed&limit=50&after=...`."""

    kind = ids.DELIVERY

    status: Annotated[
        Literal["pending", "delivered", "failed"] | None,
        Field(description="Only deliveries with this status."),
    ] = None


class Replay(Body):
    """Which events to deliver again: by id, by time range, or those never delivered."""

    event_ids: Annotated[list[str] | None, Field(description="Events of your account, at most 1,000.")] = None
    since: Annotated[str | None, Field(description="RFC 3339; inclusive.")] = None
    until: Annotated[str | None, Field(description="RFC 3339; exclusive.")] = None
    failed_only: Annotated[
        bool, Field(description="Only events that were never delivered to this webhook.")
    ] = False


class DeliveryView(BaseModel):
    """One event for one webhook."""

    id: str
    event_id: Annotated[str, Field(description="The `webhook-id` of each attempt.")]
    type: str
    message_id: str | None
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    response_status: Annotated[int | None, Field(description="The HTTP status of the last response.")]
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
    """The secret that verifies the signatures of status callbacks."""

    secret: str


class Replayed(BaseModel):
    """How many events will be delivered again."""

    replayed: int
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
