"""`GET /v1/events`: the live feed as server-sent events (WHATWG HTML, 9.2), resumable with Last-Event-ID."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from onesixty.core import events
from onesixty.core.errors import Problem
from onesixty.http.auth import Requires
from onesixty.http.scopes import Principal
from onesixty.webhooks.feed import Feed, Listener

#: Seconds of silence after which a comment shows both sides that the connection is alive.
IDLE: Final = 15.0
#: Milliseconds that a client waits before it reconnects.
RETRY_MS: Final = 2000

Reader = Annotated[Principal, Depends(Requires("messages:read"))]


class FeedResponse(StreamingResponse):
    """Streams a listener's events, and removes the listener however the connection ends."""

    media_type = "text/event-stream"

    def __init__(self, feed: Feed, listener: Listener) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(_written(listener), headers=headers)
        self._feed = feed
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._feed.leave(self._listener)


def feed_routes(feed: Feed, idle: float = IDLE) -> APIRouter:
    """The route, for keys with the scope `messages:read`."""
    router = APIRouter(tags=["events"])
    stream = {"schema": {"type": "string", "description": "Server-sent events."}}
    shown: dict[int | str, dict[str, Any]] = {
        200: {"description": "Events as they happen.", "content": {"text/event-stream": stream}}
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
    ) -> FeedResponse:
        """Stream events live.

        Server-sent events with `id`, `event` (the type) and `data` (the body as sent to webhooks). Without a
        starting point, the stream begins with the next event. A client that reconnects with its last id gets
        everything since; events of the ten seconds before may be repeated, so compare ids.
        """
        listener = feed.open(caller.tenant, _types(types), last_event_id or after or None, idle=idle)
        return FeedResponse(feed, listener)

    return router


def _types(asked: str | None) -> frozenset[str] | None:
    if asked is None:
        return None
    types = frozenset(part.strip() for part in asked.split(",") if part.strip())
    for type_ in sorted(types):
        if type_ not in events.TYPES:
            raise Problem("invalid_parameter", f"Unknown event type `{type_}`.", param="types")
    return types or None


async def _written(listener: Listener) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MS
    async for event in listener:
        if event is None:
            yield b": nothing new\n\n"
        else:
            yield f"id: {event.id}\nevent: {event.type}\ndata: {event.body}\n\n".encode()
