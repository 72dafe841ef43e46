"""`GET /v1/events`: the live feed as server-sent events (WHATWG HTML, 9.2), resumable with Last-Event-ID."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Header, Query
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from onesixty.core import events
from onesixty.core.channel import Channels
from onesixty.core.errors import Problem
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import named
from onesixty.http.openapi import REF, Router
from onesixty.http.scopes import Principal
from onesixty.webhooks.event_types import event_types
from onesixty.webhooks.feed import Feed, Listener
from onesixty.webhooks.feed_stream import Manner, written

#: Seconds of silence after which a comment shows both sides that the connection is alive.
IDLE: Final = 15.0
Reader = Annotated[Principal, Depends(Requires("messages:read"))]
Anybody = Annotated[Principal, Depends(Requires("account:read"))]


class FeedResponse(StreamingResponse):
    """Streams a listener's events, and removes the listener however the connection ends."""

    media_type = "text/event-stream"

    def __init__(self, feed: Feed, listener: Listener, manner: Manner) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(written(listener, feed.now_ms, manner), headers=headers)
        self._feed = feed
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._feed.leave(self._listener)


class EventTypeView(BaseModel):
    """A type of event."""

    type: Annotated[str, Field(json_schema_extra=named("EventType"))]
    about: Annotated[str, Field(description="When it happens.")]
    example: Annotated[
        dict[str, Any],
        Field(description="A body as webhooks get it.", json_schema_extra=named("Event")),
    ]


class EventTypeList(BaseModel):
    """All types of events."""

    data: list[EventTypeView]


def feed_routes(feed: Feed, channels: Channels, idle: float = IDLE) -> Router:
    """The routes: the feed for those who may read messages, the types for everybody. `channels` show messages."""
    router = Router("events")
    stream = {"schema": {"$ref": REF.format(name="Event")}}
    shown: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "Server-sent events. The `data` of each is one event.",
            "content": {"text/event-stream": stream},
        }
    }

    @router.get("/v1/events", response_model=None, response_class=StreamingResponse, responses=shown)
    async def follow_events(
        caller: Reader,
        types: Annotated[
            str | None,
            Query(
                max_length=500,
                description="Only these event types, separated by commas: `message.delivered,message.failed`.",
            ),
        ] = None,
        after: Annotated[
            str | None,
            Query(
                max_length=40,
                description="Continue after this event; equivalent to the header Last-Event-ID.",
            ),
        ] = None,
        last_event_id: Annotated[
            str | None, Header(description="Continue after this event; at most 72 hours old.")
        ] = None,
        heartbeat: Annotated[
            int | None,
            Query(
                ge=1,
                le=60,
                description="Send an event `heartbeat` after so many seconds without another one. Without it, a "
                "comment is sent every 15 seconds, which browsers hide.",
            ),
        ] = None,
        coarse: Annotated[
            int | None,
            Query(
                ge=0,
                le=10_000,
                description="The most events of messages that are sent singly in a second; the others are summed "
                "up as one event `changed` with their number.",
            ),
        ] = None,
    ) -> FeedResponse:
        """Stream events live.

        Server-sent events with `id`, `event` (the type) and `data` (the body as sent to webhooks). Without a
        starting point, the stream begins with the next event. A client that reconnects with its last id gets
        everything since; events of the ten seconds before may be repeated, so compare ids. Beside the events of
        webhooks, the feed has types of its own, each for callers with its scope.
        """
        manner = Manner(idle if heartbeat is None else float(heartbeat), heartbeat is not None, coarse)
        listener = feed.open(
            caller.tenant, types_for(caller, types), last_event_id or after or None, idle=manner.tick
        )
        return FeedResponse(feed, listener, manner)

    @router.get("/v1/event-types", response_model=EventTypeList)
    async def list_event_types(_: Anybody) -> Response:
        """List the types of events, each with an example of its body.

        Webhooks and the live feed get these bodies. Their headers are those of Standard Webhooks.
        """
        return json_answer({"data": event_types(channels)})

    return router


def known_types(asked: str | None) -> tuple[str, ...]:
    """The types that a parameter names, separated by commas; empty without any. Raises Problem."""
    types = sorted({part.strip() for part in (asked or "").split(",") if part.strip()})
    for type_ in types:
        if type_ not in events.TYPES:
            raise Problem("invalid_parameter", f"Unknown event type `{type_}`.", param="types")
    return tuple(types)


def types_for(caller: Principal, asked: str | None) -> frozenset[str] | None:
    """The types of a feed; None for all. Raises Problem `invalid_parameter`, and `forbidden` for a type that the
    caller may not see."""
    if asked is None:
        hidden = {type_ for type_ in events.SCOPES if not _may_see(caller, type_)}
        return frozenset({*events.TYPES, *events.FEED_TYPES} - hidden) if hidden else None
    types = frozenset(part.strip() for part in asked.split(",") if part.strip())
    for type_ in sorted(types):
        if type_ not in events.TYPES and type_ not in events.FEED_TYPES:
            raise Problem("invalid_parameter", f"Unknown event type `{type_}`.", param="types")
        if not _may_see(caller, type_):
            scope = events.SCOPES[type_][0]
            raise Problem("forbidden", f"Events `{type_}` need the scope `{scope}`.", extra={"scope": scope})
    return types or None


def _may_see(caller: Principal, type_: str) -> bool:
    return any(scope in caller.scopes for scope in events.SCOPES.get(type_, caller.scopes))
