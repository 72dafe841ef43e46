"""The queue of a carrier: all that dispatch knows of one carrier, which is its connector, its lane, its bucket, its
breaker and what is in flight. `CarrierQueues` are those of the node."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from onesixty.core.contracts import Carrier, ReadsErrors, Submission
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.dispatch.breaker import CLOSED, Breaker
from onesixty.dispatch.lane import Item, Lane
from onesixty.dispatch.pacing import Bucket
from onesixty.store.units import Result

#: A carrier without a bind for this long (s) is not available: its messages may take another one.
DOWN_AFTER = 5.0


Pump = Callable[["CarrierQueue"], None]


class Flight:
    """Items that are handed over together once their flight is on disk.

    `answer` is what became of that (None: not known yet), `cost` the segments of all, `left` counts the items
    whose outcome is not on disk yet.
    """

    __slots__ = ("answer", "cost", "id", "items", "left")

    def __init__(self, flight_id: str, items: list[Item]) -> None:
        self.id = flight_id
        self.items = items
        self.cost = sum(item.cost for item in items)
        self.left = len(items)
        self.answer: Result | None = None


class Open:
    """An item in flight: its submission and the outcomes that came so far, by segment."""

    __slots__ = ("flight", "item", "outcomes", "submission")

    def __init__(self, item: Item, submission: Submission, flight: Flight) -> None:
        self.item = item
        self.submission = submission
        self.flight = flight
        self.outcomes: dict[int, Outcome] = {}


class Waiting:
    """Rows of one class and account that wait in the database: `outstanding` are being inserted just now,
    `noted` counts those that ever were, so that a refill knows whether it saw them all."""

    __slots__ = ("noted", "outstanding")

    def __init__(self) -> None:
        self.outstanding = 0
        self.noted = 0


class CarrierQueue:
    """One carrier's queue. `carrier` is None while it is disabled: nothing goes, alternatives take over."""

    def __init__(
        self, carrier_id: str, carrier: Carrier | None, capacity: int, now: float, pump: Pump
    ) -> None:
        """`pump` lets go what may be sent now: it is called in a turn of the loop of its own."""
        self.id = carrier_id
        self._pump = pump
        #: How long after the validity receipts may come, as its last connector said; 0 if it never had one.
        self.receipt_timeout_ms = 0
        self.give(carrier)
        self.lane = Lane(capacity)
        self.bucket = Bucket(carrier.throughput if carrier else 0, now)
        self.breaker = Breaker()
        self.open: dict[str, Open] = {}
        #: Flights on their way to disk, in the order in which they are handed over.
        self.departing: deque[Flight] = deque()
        self.waiting: dict[tuple[str, str], Waiting] = {}
        self.committing = 0
        #: An operator paused it: it keeps what it has, and nothing goes.
        self.halted = False
        self.paused_until = 0.0
        self.pause = 0.0
        self.down_since: float | None = now
        self.scheduled = False
        self.refilling = False
        self.timer: asyncio.TimerHandle | None = None
        #: When the lane may be looked through again for what another carrier can take.
        self.fail_over_at = 0.0

    def give(self, carrier: Carrier | None) -> None:
        """From now on this connector, or none."""
        self.carrier = carrier
        if carrier is not None:
            self.receipt_timeout_ms = carrier.receipt_timeout_ms

    def wake(self) -> None:
        """Look at the queue in the next turn of the loop."""
        if not self.scheduled:
            self.scheduled = True
            asyncio.get_running_loop().call_soon(self._pump, self)

    def wake_in(self, seconds: float) -> None:
        """Look at the queue then, or earlier if that was asked for before."""
        loop = asyncio.get_running_loop()
        at = loop.time() + max(seconds, 0.001)
        if self.timer is not None:
            if self.timer.when() <= at:
                return
            self.timer.cancel()
        self.timer = loop.call_at(at, self._rang)

    def _rang(self) -> None:
        self.timer = None
        self.wake()

    def expect(self, key: tuple[str, str]) -> Waiting:
        """One more of this class and account waits in the database, and a refill under way may not see it."""
        waiting = self.waiting.get(key)
        if waiting is None:
            waiting = self.waiting[key] = Waiting()
            self.lane.watch(key)
        waiting.noted += 1
        return waiting

    def is_up(self, now: float) -> bool:
        """Whether it has a connector that has, or had a moment ago, a bind."""
        if self.carrier is None:
            return False
        return self.down_since is None or now - self.down_since < DOWN_AFTER

    def available(self, now: float) -> bool:
        """Whether new messages should come here rather than to the next carrier of a route.

        One may come to a queue that its breaker has opened, once a trial is due: without one it never heals.
        """
        if self.breaker.state != CLOSED and not (
            self.breaker.due(now) and self.lane.room == self.lane.capacity
        ):
            return False
        return self.is_up(now) and not self.halted

    def notice_state(self, now: float) -> None:
        """Take note of whether the carrier has a bind."""
        if self.carrier is not None and self.carrier.state().connected:
            self.down_since = None
        elif self.down_since is None:
            self.down_since = now


class CarrierQueues(dict[str, CarrierQueue]):
    """The queues of this node, by the id of their carrier."""

    def wake_all(self) -> None:
        """Look at every queue: what kept all of them from sending may be over."""
        for queue in self.values():
            queue.wake()

    def of(self, message: Message) -> CarrierQueue | None:
        """The queue of the message's carrier."""
        return self.get(message.carrier_id or "")

    def waits(self, message: Message) -> None:
        """A message was kept out of the lanes and waits in the database for its turn again."""
        queue = self.of(message)
        if queue is not None:
            queue.expect((message.class_, message.account_id))
            queue.wake()

    def receipt_timeout_ms(self, carrier_id: str) -> int:
        """How long receipts of this carrier may take after the validity; 0 where it is not known here."""
        queue = self.get(carrier_id)
        return 0 if queue is None else queue.receipt_timeout_ms

    def receipt_error(self, carrier_id: str, code: str) -> str | None:
        """What a carrier's own tables make of the code in a receipt: a code of the catalogue, or None."""
        queue = self.get(carrier_id)
        carrier = None if queue is None else queue.carrier
        return carrier.receipt_error(code) if isinstance(carrier, ReadsErrors) else None
