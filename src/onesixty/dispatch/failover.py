"""Failover: moves a message to another carrier of its route when its own carrier refuses it or is away.

Rules kept here:
- a carrier that refused the message is not asked again;
- a message of which a carrier took some segments stays there: another one would send all of it again;
- waiting messages move in their order.
"""

from __future__ import annotations

from collections.abc import Iterator

from onesixty.core.clock import Clock
from onesixty.dispatch.carrier_queue import CarrierQueue, CarrierQueues
from onesixty.dispatch.lane import Item
from onesixty.dispatch.verdict import Alternative
from onesixty.messages.alternatives import Alternatives

#: Seconds between two searches through the lane of a queue that is not available. Lanes are long, and wakes frequent.
FAIL_OVER_EVERY = 0.5


class Failover:
    """Moves items between the queues of a node."""

    def __init__(self, queues: CarrierQueues, alternatives: Alternatives, clock: Clock) -> None:
        self._queues = queues
        self._alternatives = alternatives
        self._clock = clock

    def alternative(self, queue: CarrierQueue, item: Item) -> Alternative | None:
        """The carrier that takes the message if this one refuses it: one that is available
        now, else one that is away."""
        other = self._available(queue, item)
        if other is not None:
            return Alternative(other.id, True)
        away = next(self._left(queue, item), None)
        return None if away is None else Alternative(away.id, False)

    def move(self, queue: CarrierQueue, item: Item, *, front: bool = False) -> bool:
        """Put an item into the lane of the next carrier that is available. False if there is none."""
        other = self._available(queue, item)
        if other is None:
            return False
        item.rendered = item.pending = None
        other.lane.put(item, front=front)
        other.wake()
        return True

    def take_over(self, queue: CarrierQueue, now: float) -> None:
        """Move waiting items of an unavailable queue to their alternatives. Searches the lane
        at most every FAIL_OVER_EVERY."""
        if now < queue.fail_over_at:
            return
        queue.fail_over_at = now + FAIL_OVER_EVERY
        others = [other for other in self._queues.values() if other is not queue]
        if not any(other.available(now) and other.lane.room > 0 for other in others):
            return
        for item in queue.lane:
            if self._available(queue, item) is not None:
                queue.lane.remove(item.message.id)
                self.move(queue, item)

    def _available(self, queue: CarrierQueue, item: Item) -> CarrierQueue | None:
        now = self._clock.monotonic()
        return next(
            (
                other
                for other in self._left(queue, item)
                if other.available(now) and other.lane.room > 0
            ),
            None,
        )  # fmt: skip

    def _left(self, queue: CarrierQueue, item: Item) -> Iterator[CarrierQueue]:
        """The queues of the message's route that have not refused it, except this one."""
        if item.partly_taken:
            return
        for hop in self._alternatives.of(item.message):
            other = self._queues.get(hop.carrier_id)
            if other is not None and other is not queue and other.id not in item.tried:
                yield other
