"""A line: everything dispatch knows of one carrier: its connector, lane, bucket, breaker and what is in flight."""

from __future__ import annotations

import asyncio
from collections import deque

from onesixty.core.contracts import Carrier, Submission
from onesixty.core.outcomes import Outcome
from onesixty.dispatch.breaker import CLOSED, Breaker
from onesixty.dispatch.lane import Item, Lane
from onesixty.dispatch.pacing import Bucket
from onesixty.store.units import Result

#: A carrier without a bind for this long (s) is not available: its messages may take another one.
DOWN_AFTER = 5.0


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


class Line:
    """One carrier's line. `carrier` is None while it is disabled: nothing goes, alternatives take over."""

    def __init__(self, carrier_id: str, carrier: Carrier | None, capacity: int, now: float) -> None:
        self.id = carrier_id
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

        One may come to a line that its breaker has opened, once a trial is due: without one it never heals.
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
