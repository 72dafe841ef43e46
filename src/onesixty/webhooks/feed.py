"""The live feed: committed events for listeners, resumable after any interruption.

Rules kept here:
- a listener gets what is committed after it connected, in the order of this node's commits; every event arrives at
  least once, identified by its id;
- a resumed listener gets everything from `OVERLAP_MS` before its last event on, some of it again: ids are generated
  before the commit, so an id alone does not tell what was committed;
- a listener that is too slow for its queue reads from the rows instead of memory, from where it stopped;
- redacted events are not sent from memory;
- events of other nodes (PostgreSQL) are read from the rows once a second;
- without listeners, a commit costs one look at an empty table.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from onesixty.core import event_body, ids
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.store.contract import Row, Store
from onesixty.webhooks.rows import NewEvent

#: Events queued in memory for a listener; beyond that it reads from the rows.
CAPACITY: Final = 1000
#: Ids that a listener remembers in order to skip repeats.
SEEN: Final = 20_000
#: The most listeners of one tenant at a time.
MOST_LISTENERS: Final = 20
#: How far before a known event the rows are read again: no commit takes longer.
OVERLAP_MS: Final = 10_000
#: How far back a feed can be resumed: as long as deliveries are kept.
LONGEST_MS: Final = 72 * 3_600_000
#: Events read from the rows at once, and the time span of one read: at first, and at most.
PAGE: Final = 500
FIRST_SPAN_MS: Final = 60_000
LONGEST_SPAN_MS: Final = 6 * 3_600_000
#: Seconds between two checks for events of other nodes.
POLL: Final = 1.0


class FeedEvent(NamedTuple):
    """One event: its id, its type, and its body as sent to webhooks (JSON)."""

    id: str
    type: str
    body: str


class Listener:
    """A listener: `async for` over it gives events, and None if there was nothing for `idle` seconds."""

    def __init__(
        self, feed: Feed, tenant: Tenant, types: frozenset[str] | None, start: str, idle: float
    ) -> None:
        self._feed = feed
        self.tenant = tenant
        self._types = types
        self._idle = idle
        self._queue: deque[FeedEvent] = deque()
        self._wake = asyncio.Event()
        self._seen: OrderedDict[str, None] = OrderedDict()
        #: Where to read from in the rows, while the queue is incomplete.
        self._behind: str | None = start
        self._newest = start
        #: Messages redacted since the page that is being sent was read; None if no page is being sent.
        self._scrubbed: set[str] | None = None
        self.ended = False

    def offer(self, event: FeedEvent) -> None:
        """Take an event of this tenant that was committed."""
        if self._behind is not None:
            self._wake.set()  # the rows have it
        elif len(self._queue) >= CAPACITY:
            self._queue.clear()
            self._behind = _earlier(self._newest)
        else:
            self._queue.append(event)
            self._wake.set()

    def redacted(self, message_ids: set[str]) -> None:
        """Drop queued events of redacted messages; they are read from the rows again."""
        if self._scrubbed is not None:
            self._scrubbed |= message_ids
        if any(_tells_of(event, message_ids) for event in self._queue):
            self._queue.clear()
            self._behind = _earlier(self._newest)

    def end(self) -> None:
        """Close the feed: the node is shutting down."""
        self.ended = True
        self._wake.set()

    def look(self) -> None:
        """Read the rows again: they have events that were not offered."""
        if self._behind is None:
            self._behind = _earlier(self._newest)
            self._wake.set()

    async def __aiter__(self) -> AsyncIterator[FeedEvent | None]:
        try:
            while not self.ended:
                if self._behind is not None:
                    async for event in self._from_rows():
                        yield event
                while self._queue and not self.ended:
                    event = self._queue.popleft()
                    if self._is_new(event):
                        yield event
                if not self._queue and self._behind is None and not self.ended and not await self._woken():
                    yield None
        finally:
            self._feed.leave(self)

    async def _woken(self) -> bool:
        self._wake.clear()
        try:
            async with asyncio.timeout(self._idle):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True

    async def _from_rows(self) -> AsyncIterator[FeedEvent]:
        """Read all rows from where it is behind up to now, then continue from the queue."""
        position, span = self._behind or self._newest, FIRST_SPAN_MS
        while not self.ended:
            now = self._feed.now_ms()
            until = min(ids.made_at(position) + span, now + 1)
            is_last = until > now - OVERLAP_MS  # newer events may not be committed yet
            if is_last:
                # From here on the queue is complete; events read twice are skipped.
                self._behind, until = None, now + OVERLAP_MS
            self._scrubbed = set()
            rows = await self._feed.read(self.tenant, position, ids.lowest_at(ids.EVENT, until))
            stale = False
            for row in rows:
                event = FeedEvent(row[0], row[1], event_body.told(*row))
                stale = bool(self._scrubbed) and _tells_of(event, self._scrubbed)
                if stale:
                    break  # the row has been redacted since
                position = event.id
                if self._is_new(event):
                    yield event
            self._scrubbed = None
            if len(rows) == PAGE or stale:
                if self._behind is not None and is_last:  # the queue overflowed while the page was being sent
                    position = self._behind
                self._behind = position
                continue
            if is_last:
                return
            position = ids.lowest_at(ids.EVENT, until)
            span = min(span * 2, LONGEST_SPAN_MS) if not rows else FIRST_SPAN_MS

    def _is_new(self, event: FeedEvent) -> bool:
        if event.id in self._seen:
            return False
        self._seen[event.id] = None
        if len(self._seen) > SEEN:
            self._seen.popitem(last=False)
        self._newest = max(self._newest, event.id)
        return self._types is None or event.type in self._types


class Feed:
    """The listeners of one node. `watch_others`: other nodes write to the same database."""

    def __init__(self, store: Store, clock: Clock, *, watch_others: bool) -> None:
        self._store = store
        self._clock = clock
        self._watch_others = watch_others
        self._listeners: dict[Tenant, list[Listener]] = {}
        self._poll: asyncio.TimerHandle | None = None
        self._closed = False
        store.subscribe("event_insert", self._committed)
        store.subscribe("event_redact", self._redacted)

    def now_ms(self) -> int:
        """The wall clock."""
        return self._clock.now_ms()

    def open(
        self, tenant: Tenant, types: frozenset[str] | None, after: str | None, *, idle: float
    ) -> Listener:
        """Start to listen, from the event `after` or from now. Raises Problem: `rate_limited`, `unavailable`,
        `invalid_parameter` (`after` is not the id of an event, or is too old to resume from).
        """
        if self._closed:
            raise Problem("unavailable", "This node is shutting down. Connect again.", retry_after=1)
        start = self._start(after)  # first: a feed that is refused leaves nothing that looks open
        mine = self._listeners.setdefault(tenant, [])
        if len(mine) >= MOST_LISTENERS:
            raise Problem(
                "rate_limited", f"At most {MOST_LISTENERS} feeds can be open at a time.", retry_after=10
            )
        listener = Listener(self, tenant, types, start, idle)
        mine.append(listener)
        if self._watch_others and self._poll is None:
            self._poll = asyncio.get_running_loop().call_later(POLL, self._look)
        return listener

    def is_open_to(self, tenant: Tenant) -> bool:
        """Whether somebody of this tenant listens now."""
        return tenant in self._listeners

    def leave(self, listener: Listener) -> None:
        """Remove a listener."""
        mine = self._listeners.get(listener.tenant, [])
        if listener in mine:
            mine.remove(listener)
        if not mine:
            self._listeners.pop(listener.tenant, None)

    def close(self) -> None:
        """Close all feeds, so that a stop does not wait for them."""
        self._closed = True
        if self._poll is not None:
            self._poll.cancel()
        for mine in list(self._listeners.values()):
            for listener in list(mine):
                listener.end()

    async def read(self, tenant: Tenant, after: str, until: str) -> list[Row]:
        """A page of rows between two ids."""
        return await self._store.fetch("events_after", **tenant.params, after=after, until=until, count=PAGE)

    def _start(self, after: str | None) -> str:
        now = self._clock.now_ms()
        if after is None:
            return ids.lowest_at(ids.EVENT, now)
        if not ids.is_id(ids.EVENT, after):
            raise Problem("invalid_parameter", "Not the id of an event.", param="Last-Event-ID")
        if ids.made_at(after) < now - LONGEST_MS:
            raise Problem(
                "invalid_parameter",
                "Events older than 72 hours are no longer available here.",
                param="Last-Event-ID",
            )
        return _earlier(after)

    def _committed(self, rows: list[Row]) -> None:
        if not self._listeners:
            return
        for event in map(NewEvent._make, rows):
            listeners = self._listeners.get(Tenant(event.account_id, bool(event.test)))
            if listeners and not event.is_whole:  # nobody listened when it was made
                for listener in listeners:
                    listener.look()
            elif listeners:
                body = event.told()
                for listener in listeners:
                    listener.offer(FeedEvent(event.id, event.type, body))

    def _redacted(self, rows: list[Row]) -> None:
        message_ids = {str(row[0]) for row in rows}
        for mine in self._listeners.values():
            for listener in mine:
                listener.redacted(message_ids)

    def _look(self) -> None:
        self._poll = None
        if not self._listeners or self._closed:
            return
        for mine in self._listeners.values():
            for listener in mine:
                listener.look()
        self._poll = asyncio.get_running_loop().call_later(POLL, self._look)


def _tells_of(event: FeedEvent, message_ids: set[str]) -> bool:
    return any(id_ in event.body for id_ in message_ids)


def _earlier(event_id: str) -> str:
    """The lowest id that can be committed after this event."""
    return ids.lowest_at(ids.EVENT, ids.made_at(event_id) - OVERLAP_MS)
