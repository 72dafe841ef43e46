"""One receiver: its waiting items in memory, its health, and how fast it may be served. No I/O.

Rules kept here (promise 7):
- a lane knows nothing of other lanes, so that one receiver's trouble does not affect others;
- items leave in the order in which they came; an item that was not sent goes back to its old place;
- several failures in a row open the breaker: nothing is sent until a pause is over, then one trial. Each failed
  trial doubles the pause. After `pause_after` of failing without one success the lane is paused: a trial an hour,
  and the owner should be told;
- a receiver that recovers is not flooded: the rate starts low and doubles as long as the receiver copes;
- a failure halves the number of concurrent attempts, a success adds one;
- a lane without a breaker keeps its concurrency: only a pause that its receiver asked for holds it back.

Callers pass times in monotonic seconds.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum
from typing import Any, Final

from onesixty.core.clock import Random
from onesixty.work.item import Item
from onesixty.work.policy import Pace

_ANY_NUMBER: Final = 1 << 30


class Step(Enum):
    """How an outcome changed the state of the lane."""

    NONE = "none"
    OPENED = "opened"  # failing: give back waiting items
    CLOSED = "closed"  # healthy again
    STILL = "still"  # a trial failed
    PAUSED = "paused"  # failing for so long that trials become rare


class Lane:
    """The lane of one receiver. A healthy lane sends; any other waits for its trial."""

    __slots__ = (
        "_failures",
        "_next_send",
        "_on_trial",
        "_opened",
        "_pace",
        "_rate",
        "_rate_since",
        "_trial_at",
        "active",
        "blocked",
        "failing_since",
        "last_used",
        "limit",
        "loading",
        "name",
        "paused",
        "queue",
        "spilled",
    )

    def __init__(self, name: str, pace: Pace) -> None:
        self.name = name
        self.queue: deque[Item] = deque()
        self.active = 0
        self.limit = pace.concurrency or _ANY_NUMBER
        self.paused = False
        self.blocked = False  # shut: neither trial nor attempt
        self.spilled = False  # more items wait in the rows
        self.loading = False  # the sink is reading data for the next items
        self.failing_since: float | None = None
        self.last_used = -math.inf
        self._pace = pace
        self._failures = 0
        self._opened = 0  # failed trials so far; 0 while closed
        self._trial_at = -math.inf
        self._on_trial = False
        self._rate: float | None = None
        self._rate_since = 0.0
        self._next_send = 0.0

    def fails_since(self, moment: float, *, paused: bool) -> None:
        """Start with a trial, because the receiver is known to have failed since `moment`."""
        self.failing_since = moment
        self.paused = paused
        self._opened = 1

    @property
    def healthy(self) -> bool:
        return self._opened == 0 and not self.blocked

    @property
    def held(self) -> int:
        return len(self.queue) + self.active

    def wait(self, now: float) -> float:
        """Seconds until the next item may be sent: 0 for now, infinity while only an outcome can change that."""
        if self.blocked:
            return math.inf
        if self._opened:
            return math.inf if self.active else max(0.0, self._trial_at - now)
        if self.active >= self.limit:
            return math.inf
        return max(0.0, self._next_send - now)

    def take(self, now: float) -> Item:
        """Take the next item. Call it when `wait` is 0 and the queue is not empty."""
        if self._rate is not None:
            self._next_send = max(now, self._next_send) + 1.0 / self._rate
        self._on_trial = self._opened > 0
        self.last_used = now
        self.active += 1
        return self.queue.popleft()

    def put_back(self, item: Item) -> None:
        """Put an item that was not sent back at its old place: before all that were created after it."""
        place = 0
        for waiting in self.queue:
            if waiting.id > item.id:
                break
            place += 1
        self.queue.insert(place, item)

    def ended(self) -> None:
        """An item that was taken has ended, and its outcome says nothing about the receiver."""
        self.active -= 1

    def succeeded(self, now: float) -> Step:
        """The receiver took an item."""
        self.active -= 1
        if self._pace.trip is None:
            return Step.NONE
        self._failures = 0
        if self._opened:
            self._opened = 0
            self.paused = False
            self.failing_since = None
            self.limit = 1
            self._rate, self._rate_since = self._pace.ramp_start, now
            self._next_send = now + 1.0 / self._rate
            return Step.CLOSED
        self.failing_since = None
        if self.limit < (self._pace.concurrency or _ANY_NUMBER):
            self.limit += 1
        if self._rate is not None and now - self._rate_since >= self._pace.ramp_step:
            self._rate, self._rate_since = self._rate * 2, now
            if self._rate > self._pace.ramp_end:
                self._rate = None
        return Step.NONE

    def failed(self, now: float, random: Random, rest: float | None = None) -> Step:
        """The receiver did not take an item. `rest`, a pause it asked for in seconds, holds the whole lane back."""
        self.active -= 1
        if rest is not None:
            self._next_send = max(self._next_send, now + min(rest, self._pace.longest_pause))
        if self._pace.trip is None:
            return Step.NONE
        if self.failing_since is None:
            self.failing_since = now
        if self._opened:
            if not self._on_trial:
                return Step.NONE  # sent before the breaker opened
            self._opened += 1
            self._plan_trial(now, random, rest)
            return Step.STILL
        self._failures += 1
        self.limit = max(1, self.limit // 2)
        if self._rate is not None:
            self._rate, self._rate_since = max(self._pace.ramp_start, self._rate / 2), now
        if self._failures < self._pace.trip:
            return Step.NONE
        self._opened = 1
        self._plan_trial(now, random, rest)
        return Step.OPENED

    def pause_due(self, now: float) -> bool:
        """Whether the receiver has failed for so long that the lane should be paused now."""
        return (
            not self.paused
            and self.failing_since is not None
            and now - self.failing_since >= self._pace.pause_after
        )

    def pause(self, now: float, random: Random) -> None:
        """Pause the lane: one trial an hour from now on."""
        self.paused = True
        self._opened = max(self._opened, 1)
        self._plan_trial(now, random, None)

    def resume(self, now: float) -> None:
        """Try at once, at a low rate, because an operator or the owner says that the receiver works."""
        self.blocked = False
        self.paused = False
        if self._opened:
            self._opened = 1
            self._trial_at = now
        self.failing_since = None
        self._failures = 0

    def drain(self) -> list[Item]:
        """Take all waiting items out of memory."""
        items = list(self.queue)
        self.queue.clear()
        return items

    def state(self) -> dict[str, Any]:
        """The state of the lane, for logs and tests."""
        return {
            "waiting": len(self.queue),
            "active": self.active,
            "open": self._opened > 0,
            "paused": self.paused,
            "rate": self._rate,
        }

    def _plan_trial(self, now: float, random: Random, rest: float | None) -> None:
        pace = self._pace
        pause = (
            pace.paused_trial
            if self.paused
            else min(pace.longest_pause, pace.first_pause * 2 ** min(self._opened - 1, 30))
        )
        pause = random.uniform(0.5 * pause, 1.5 * pause)
        self._trial_at = now + max(pause, min(rest or 0.0, pace.longest_pause))
