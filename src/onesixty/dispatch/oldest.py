"""Since when the oldest message waits for each carrier: in its lane, or in the database.

Rules kept here:
- the lane is looked at when one asks. The database is read by `read` alone, which the watch of alerts does every few
  seconds: it goes over all that waits there;
- a message counts from the moment in which it became due, not from the one in which it was scheduled;
- what another node has in memory is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping

from onesixty.dispatch.carrier_queue import CarrierQueue, CarrierQueues
from onesixty.store.contract import Store


class OldestWaiting:
    """Knows, for the queues of this node, when the oldest message that waits became due, in epoch milliseconds."""

    def __init__(self, store: Store, queues: CarrierQueues) -> None:
        self._store = store
        self._queues = queues
        self._in_database: dict[str, int] = {}

    async def read(self) -> Mapping[str, int | None]:
        """Read the database for all queues. Returns the moment for each carrier's id; None: nothing waits. Raises
        StoreError."""
        found: dict[str, int | None] = {}
        for queue in list(self._queues.values()):
            ((at,),) = await self._store.fetch("oldest_waiting_of_carrier", carrier_id=queue.id)
            if at is None:
                self._in_database.pop(queue.id, None)
            else:
                self._in_database[queue.id] = at
            found[queue.id] = _earliest(queue.lane.oldest, at)
        return found

    def of(self, queue: CarrierQueue) -> int | None:
        """The moment for one queue, as far as it is known now. What the database had counts while something waits
        there."""
        return _earliest(queue.lane.oldest, self._in_database.get(queue.id) if queue.waiting else None)


def _earliest(*moments: int | None) -> int | None:
    return min((at for at in moments if at is not None), default=None)
