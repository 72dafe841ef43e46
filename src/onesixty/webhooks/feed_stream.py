"""Writes a listener's events as server-sent events (WHATWG HTML, 9.2), singly or summed up.

Rules kept here:
- a client that asks for a heartbeat gets an event when nothing else came, because a browser does not show comments;
- a coarse feed sends so many events of messages in a second singly, and sums up the others of that second in one
  event `changed`. Its id is that of the last of them, so that a client that reconnects misses nothing. Other events
  are always sent singly.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Final, NamedTuple

import msgspec

from onesixty.core import times
from onesixty.webhooks.feed import FeedEvent, Listener

#: Milliseconds that a client waits before it reconnects.
RETRY_MS: Final = 2000
#: Seconds for which events are summed up.
SPAN: Final = 1.0

HEARTBEAT: Final = "heartbeat"
CHANGED: Final = "changed"


class Manner(NamedTuple):
    """How a feed is written. After `idle` seconds without an event, something shows that the connection is alive: an
    event if `heartbeat`, else a comment. `coarse` is how many events of messages are sent singly in a second; None:
    all."""

    idle: float
    heartbeat: bool = False
    coarse: int | None = None

    @property
    def tick(self) -> float:
        """After how many seconds without an event the listener has to come back."""
        return self.idle if self.coarse is None else min(self.idle, SPAN)


class _Sum:
    """The events of a second that are not sent singly."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._began = 0.0
        self._singly = 0
        self._types: Counter[str] = Counter()
        self._last = ""

    def takes(self, event: FeedEvent, now: float) -> bool:
        """Whether an event is summed up."""
        if not event.type.startswith("message."):
            return False
        if now - self._began >= SPAN and not self._types:
            self._began, self._singly = now, 0
        if self._singly < self._most:
            self._singly += 1
            return False
        self._types[event.type] += 1
        self._last = max(self._last, event.id)
        return True

    def due(self, now: float) -> bool:
        """Whether the second is over, and something was summed up in it."""
        return bool(self._types) and now - self._began >= SPAN

    def taken(self, at: int) -> bytes:
        """The event of what was summed up."""
        data = {"count": sum(self._types.values()), "types": dict(self._types), "last": self._last}
        text = _text(CHANGED, {**data, "at": times.to_text(at)}, self._last)
        self._types, self._began, self._singly = Counter(), 0.0, 0
        return text


async def written(
    listener: Listener, now_ms: Callable[[], int], manner: Manner, time: Callable[[], float] | None = None
) -> AsyncIterator[bytes]:
    """The octets of a feed. `time` gives seconds, by default those of the loop."""
    clock = time or asyncio.get_running_loop().time
    coarse = None if manner.coarse is None else _Sum(manner.coarse)
    yield b"retry: %d\n\n" % RETRY_MS
    sent = clock()
    async for event in listener:
        now = clock()
        if coarse is not None and coarse.due(now):
            yield coarse.taken(now_ms())
            sent = now
        if event is not None:
            if coarse is None or not coarse.takes(event, now):
                yield f"id: {event.id}\nevent: {event.type}\ndata: {event.body}\n\n".encode()
                sent = now
        elif now - sent >= manner.idle or coarse is None:
            yield (
                _text(HEARTBEAT, {"at": times.to_text(now_ms())})
                if manner.heartbeat
                else b": nothing new\n\n"
            )
            sent = now


def _text(type_: str, data: dict[str, object], id_: str | None = None) -> bytes:
    head = "" if id_ is None else f"id: {id_}\n"
    return f"{head}event: {type_}\ndata: {msgspec.json.encode(data).decode()}\n\n".encode()
