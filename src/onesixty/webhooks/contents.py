"""What the deliveries of a sink carry: events, as their rows are when they are sent.

Rules kept here:
- a redacted event is never sent from memory: its content is dropped, and read from its row again;
- a redaction during a read repeats the read, because the rows may be those from before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from onesixty.core import event_body
from onesixty.store.contract import Row, Store
from onesixty.work.item import Item


class Content(msgspec.Struct, frozen=True):
    """An event as its deliveries send it. `body` is JSON."""

    type: str
    message_id: str | None
    body: bytes


class Contents:
    """The contents of the items of one sink."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._redactions = 0
        self._items: Callable[[], Iterable[Item]] = tuple

    def start(self, items: Callable[[], Iterable[Item]]) -> None:
        """Hear of redactions. `items` returns those that wait in memory."""
        self._items = items
        self._store.subscribe("event_redact", self._redacted)

    async def fill(self, items: Sequence[Item]) -> list[tuple[Item, str]]:
        """Read the contents of items. Returns those whose event no longer exists, each with the reason."""
        contents = await self._read(sorted({item.subject for item in items}))
        missing: list[tuple[Item, str]] = []
        for item in items:
            item.content = contents.get(item.subject)
            if item.content is None:
                missing.append((item, "event deleted"))
        return missing

    async def _read(self, event_ids: Sequence[str]) -> dict[str, Content]:
        redactions = -1
        found: list[Row] = []
        while redactions != self._redactions:
            redactions = self._redactions
            found = await self._store.fetch("events_bodies", ids=event_ids)
        return {row[0]: Content(row[1], row[4], event_body.told(*row).encode()) for row in found}

    def _redacted(self, redacted: list[Row]) -> None:
        self._redactions += 1
        messages = {row[0] for row in redacted}
        for item in self._items():
            content: Content | None = item.content
            if content is not None and content.message_id in messages:
                item.content = None
