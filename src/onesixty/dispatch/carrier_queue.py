"""The queue of a carrier is all that dispatch knows of one carrier: its connector, its lane, its bucket, its breaker
and what is in flight. `CarrierQueues` holds the queues of the node."""

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

#: A carrier that has had no bind for this long (s) is not available: its messages may take another carrier.
DOWN_AFTER = 5.0


Pump = Callable[["CarrierQueue"], None]


class Flight:
    """Items that are handed over together, to the connector that rendered them, once their flight is on disk.

    `answer` is the result of that commit (None: not known yet), `cost` the segments of all items. `left` counts the
    items whose outcome is not on disk yet. `after` is done when the store has answered the outcomes that came before
    the flight (None: it had already).
    """

    __slots__ = ("after", "answer", "carrier", "cost", "id", "items", "left")

    def __init__(
        self, flight_id: str, carrier: Carrier, items: list[Item], after: asyncio.Future[None] | None
    ) -> None:
        self.id = flight_id
        self.carrier = carrier
        self.items = items
        self.after = after
        self.cost = sum(item.cost for item in items)
        self.left = len(items)
        self.answer: Result | None = None


class Open:
    """An item in flight: its submission, and the outcomes that have arrived, by segment."""

    __slots__ = ("flight", "item", "outcomes", "submission")

    def __init__(self, item: Item, submission: Submission, flight: Flight) -> None:
        self.item = item
        self.submission = submission
        self.flight = flight
        self.outcomes: dict[int, Outcome] = {}


class Waiting:
    """Rows of one class and account that wait in the database. `outstanding` counts those that are being inserted
    now. `noted` counts all that ever waited, so that a refill knows whether it saw them all."""

    __slots__ = ("noted", "outstanding")

    def __init__(self) -> None:
        self.outstanding = 0
        self.noted = 0


class CarrierQueue:
    """One carrier's queue. `carrier` is None while it is disabled: nothing is sent, and alternatives take over."""

    def __init__(
        self, carrier_id: str, carrier: Carrier | None, capacity: int, now: float, pump: Pump
    ) -> None:
        """`pump` sends what may be sent now. It is called in a separate turn of the event loop."""
        self.id = carrier_id
        self._pump = pump
        #: How long after the validity receipts may arrive, by its last connector; 0 if it never had one.
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
        #: Whether an operator paused the carrier: the queue keeps its messages, and sends nothing.
        self.halted = False
        self.paused_until = 0.0
        self.pause = 0.0
        self.down_since: float | None = now
        self.scheduled = False
        self.refilling = False
        self.timer: asyncio.TimerHandle | None = None
        #: When the lane may be searched again for messages that another carrier can take.
        self.fail_over_at = 0.0

    def give(self, carrier: Carrier | None) -> None:
        """Use this connector from now on, or none."""
        self.carrier = carrier
        if carrier is not None:
            self.receipt_timeout_ms = carrier.receipt_timeout_ms

    def wake(self) -> None:
        """Call `pump` in the next turn of the event loop."""
        if not self.scheduled:
            self.scheduled = True
            asyncio.get_running_loop().call_soon(self._pump, self)

    def wake_in(self, seconds: float) -> None:
        """Call `wake` after these seconds, or earlier if an earlier call is already planned."""
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
        """Note one more waiting row of this class and account, which a refill in progress may not see."""
        waiting = self.waiting.get(key)
        if waiting is None:
            waiting = self.waiting[key] = Waiting()
            self.lane.watch(key)
        waiting.noted += 1
        return waiting

    def is_up(self, now: float) -> bool:
        """Whether the carrier has a connector, and the connector has a bind or had one a moment ago."""
        if self.carrier is None:
            return False
        return self.down_since is None or now - self.down_since < DOWN_AFTER

    @property
    def is_well(self) -> bool:
        """Whether it is `available` at any time: nothing is wrong with its carrier."""
        return (
            self.down_since is None
            and self.breaker.state == CLOSED
            and not self.halted
            and self.carrier is not None
        )

    def available(self, now: float) -> bool:
        """Whether new messages should come here rather than to the next carrier of a route.

        A queue whose breaker is open gets one message once a trial is due: without a trial it would never close.
        """
        if self.breaker.state != CLOSED and not (
            self.breaker.due(now) and self.lane.room == self.lane.capacity
        ):
            return False
        return self.is_up(now) and not self.halted

    def notice_state(self, now: float) -> None:
        """Note whether the carrier has a bind now."""
        if self.carrier is not None and self.carrier.state().connected:
            self.down_since = None
        elif self.down_since is None:
            self.down_since = now


class CarrierQueues(dict[str, CarrierQueue]):
    """The queues of this node, by the id of their carrier."""

    def wake_all(self) -> None:
        """Wake every queue, because whatever kept all of them from sending may be over."""
        for queue in self.values():
            queue.wake()

    def of(self, message: Message) -> CarrierQueue | None:
        """The queue of the message's carrier."""
        return self.get(message.carrier_id or "")

    def waits(self, message: Message) -> None:
        """Note that a message was kept out of the lanes and now waits in the database."""
        queue = self.of(message)
        if queue is not None:
            queue.expect((message.class_, message.account_id))
            queue.wake()

    def receipt_timeout_ms(self, carrier_id: str) -> int:
        """How long after the validity this carrier's receipts may arrive; 0 if that is not known here."""
        queue = self.get(carrier_id)
        return 0 if queue is None else queue.receipt_timeout_ms

    def receipt_error(self, carrier_id: str, code: str) -> str | None:
        """The code of the error catalogue for a code in a receipt, by the carrier's own tables, or None."""
        queue = self.get(carrier_id)
        carrier = None if queue is None else queue.carrier
        return carrier.receipt_error(code) if isinstance(carrier, ReadsErrors) else None
