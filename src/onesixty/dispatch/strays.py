"""Strays: messages and flights that belong to this node by their rows, but that are not in its memory.

Rules kept here (docs/explanation/hands.md: whose hands a message can be in):
- a queued message under this node's claim is in a lane, in flight, or on its way to disk or to a lane; an open flight
  of this node has a message in flight. A row that fits none of these in two looks, unchanged, is a stray;
- a stray gets what recovery does for a stopped node: the message waits again, the flight is closed. Each is counted,
  because it should never happen;
- recovery handles claims of stopped nodes (dispatch/recovery.py), and the sweep due times (messages/sweep.py).
"""

from __future__ import annotations

from typing import Final

import structlog

from onesixty.core.message import from_row
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.kit.context import Context
from onesixty.store.rounds import Rounds
from onesixty.store.units import StoreError, Unit

#: Seconds between two looks: longer than any step between two places in memory takes.
INTERVAL: Final = 30.0
PAGE: Final = 1000


class Strays:
    """Looks for strays again and again, in `rounds`."""

    def __init__(self, node: Context, dispatcher: Dispatcher) -> None:
        self._store, self._observer = node.store, node.observer
        self._lease = node.lease.id
        self._dispatcher = dispatcher
        self._log = structlog.get_logger("onesixty.strays")
        #: What the last look did not find in memory: messages with their version, and flights.
        self._messages: dict[str, int] = {}
        self._flights: set[str] = set()
        self.rounds = Rounds(node.store, "strays", INTERVAL, self.once)

    async def once(self) -> None:
        """Look for strays once. Raises StoreError."""
        await self._look_at_messages()
        await self._look_at_flights()

    async def _look_at_messages(self) -> None:
        unknown: dict[str, int] = {}
        after = ""
        while rows := await self._store.fetch("claimed_ids", lease=self._lease, after=after, count=PAGE):
            held = self._dispatcher.holds()
            unknown.update((str(id_), int(version)) for id_, version in rows if id_ not in held)
            after = str(rows[-1][0])
            if len(rows) < PAGE:
                break
        strays = {id_ for id_, version in unknown.items() if self._messages.get(id_) == version}
        self._messages = {id_: version for id_, version in unknown.items() if id_ not in strays}
        if strays:
            await self._free(sorted(strays))

    async def _free(self, ids: list[str]) -> None:
        messages = [from_row(row) for row in await self._store.fetch("messages_by_id", ids=ids)]
        freed = await self._commit(
            [Unit(keys=(m.id,), guards=(("message_unclaim", (m.id, m.version)),)) for m in messages]
        )
        for message, done in zip(messages, freed, strict=True):
            if done:
                self._dispatcher.queues.waits(message)
        if any(freed):
            self._log.error("messages_in_nobodys_hands", count=sum(freed), first=ids[0])
            self._observer.stray("memory", sum(freed))

    async def _look_at_flights(self) -> None:
        rows = await self._store.fetch("flights_of_lease", lease=self._lease)
        held = self._dispatcher.holds_flights()
        unknown = {str(row[0]) for row in rows if row[0] not in held}
        strays = unknown & self._flights
        self._flights = unknown - strays
        if strays:
            await self._commit([Unit(keys=(id_,), writes=(("flight_close", (id_,)),)) for id_ in strays])
            self._log.error("flights_in_nobodys_hands", count=len(strays))
            self._observer.stray("flight", len(strays))

    async def _commit(self, units: list[Unit]) -> list[bool]:
        results = await self._store.commit(units)
        for result in results:
            if isinstance(result, StoreError):
                raise result
        return [result is True for result in results]
