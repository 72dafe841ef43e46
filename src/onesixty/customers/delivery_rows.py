"""The rows of what waits for binds: taken by a claim, and what became of each written.

Rules kept here:
- a row is claimed by a guarded write before it is taken into memory, so that two nodes never both do;
- what lapsed leases held is given back to the rows; what no bind took within its time to live is ended;
- results are collected for a few milliseconds and written together, each guarded by the claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit
from onesixty.work.results import Results

TIME_TO_LIVE_MS: Final = 72 * 3_600_000
#: How long what was dropped or ran out of time is kept for those who ask why.
KEPT_MS: Final = 7 * 86_400_000
#: Rows read in one go.
BATCH: Final = 500


class Item(msgspec.Struct):
    """A delivery in memory. `pdus` are those of its PDUs that are still to be sent, once they were made; `open` how
    many were sent and not answered; `worst` the first status that was not ESME_ROK."""

    id: str
    lane: str
    message_id: str
    kind: str
    body: str
    addresses: str | None
    tries: int
    claim: int
    pdus: list[Pdu] | None = None
    open: int = 0
    worst: int = c.ESME_ROK


class DeliveryRows:
    """See the module. `lease` gives this node's claim, or 0 while it may not send."""

    def __init__(
        self, store: Store, clock: Clock, lease: Callable[[], int], hit: Callable[[str], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._lease = lease
        self._results = Results(store, hit)

    # ------------------------------------------------------------ in

    async def lanes(self) -> list[tuple[str, int]]:
        """Every lane with waiting rows, and when its first is due."""
        rows = await self._store.fetch("bind_deliveries_lanes")
        return [(str(row[0]), int(row[1])) for row in rows]

    async def take(self, lane: str, room: int) -> tuple[list[Item], bool]:
        """Claim what is due in a lane, oldest first; whether there may be more of it."""
        claim, count = self._lease(), min(BATCH, room)
        rows = await self._store.fetch(
            "bind_deliveries_waiting", lane=lane, now=self._clock.now_ms(), count=count
        )
        units = [
            Unit(keys=(str(row[0]),), guards=(("bind_delivery_claim", (row[0], claim)),)) for row in rows
        ]
        results = await self._store.commit(units)
        items = [
            Item(id_, name, message_id, kind, body, addresses, tries, claim)
            for (id_, name, message_id, kind, body, addresses, tries), won in zip(rows, results, strict=True)
            if won is True
        ]
        return items, len(rows) == count

    async def recover(self) -> None:
        """Give back what nodes that ended had claimed."""
        while rows := await self._store.fetch("bind_deliveries_orphaned", mine=self._lease(), count=BATCH):
            units = [
                Unit(keys=(str(id_),), writes=(("bind_delivery_release", (id_, claim)),))
                for id_, claim in rows
            ]
            results = await self._store.commit(units)
            if any(isinstance(result, StoreError) for result in results) or len(rows) < BATCH:
                return

    async def expire(self) -> None:
        """End what is past its time to live, forget what ended long ago. Ids begin with the time."""
        now = self._clock.now_ms()
        below = ids.lowest_at(ids.BIND_DELIVERY, now - TIME_TO_LIVE_MS)
        await self._store.execute("bind_deliveries_expire", below=below, now=now)
        forget = ids.lowest_at(ids.BIND_DELIVERY, now - TIME_TO_LIVE_MS - KEPT_MS)
        await self._store.execute("bind_deliveries_forget", below=forget)

    # ------------------------------------------------------------ out

    def done(self, item: Item) -> None:
        """The customer has it."""
        self._results.add(item.id, ("bind_delivery_done", (item.id, item.claim)))

    def again(self, item: Item, due_at: int, error: str) -> None:
        """It was not taken: again at `due_at`, in epoch ms."""
        row = (item.id, item.claim, item.tries + 1, due_at, error)
        self._results.add(item.id, ("bind_delivery_retry", row))

    def drop(self, item: Item, error: str) -> None:
        """It never will be taken."""
        row = (item.id, item.claim, item.tries + 1, self._clock.now_ms(), error)
        self._results.add(item.id, ("bind_delivery_drop", row))

    def release(self, items: Iterable[Item]) -> None:
        """Leave these to their rows."""
        self._results.add_all((item.id, ("bind_delivery_release", (item.id, item.claim))) for item in items)

    async def drain(self, deadline: float) -> None:
        """Wait up to `deadline` seconds until everything is written, if the store can write."""
        await self._results.drain(deadline)
