"""One receiver: what waits for it in memory, whether it is well, and how fast it may be served. No I/O.

Rules kept here (promise 7, field note 31):
- a lane knows nothing of other lanes, so that one receiver's trouble is nobody else's;
- several failures in a row open the breaker: nothing is sent until a pause is over, then one trial. Each
  failed trial doubles the pause. After `pause_after` of failing without one success the lane is paused: a
  trial an hour, and somebody should be told;
- a receiver that comes back is not run over: the rate starts low and doubles as long as it copes;
- a failure halves how many requests may be open at once, a success adds one.

Times are monotonic seconds, handed in.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum
from typing import Any

import msgspec

from onesixty.core.clock import Random


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How lanes behave; times in seconds, rates in requests a second."""

    concurrency: int = 8
    trip: int = 8  # failures in a row
    first_pause: float = 5.0
    longest_pause: float = 300.0
    pause_after: float = 24 * 3600.0
    paused_trial: float = 3600.0
    ramp_start: float = 1.0
    ramp_step: float = 5.0
    ramp_end: float = 500.0


class Item(msgspec.Struct):
    """A delivery in memory. `body` None: to be read from its row again."""

    id: str
    lane: str
    account_id: str
    event_id: str
    message_id: str | None
    endpoint_id: str | None
    url: str | None
    tries: int
    claim: int
    expires_at: int
    body: str | None


class Step(Enum):
    """What an outcome changed about the lane."""

    NONE = "none"
    OPENED = "opened"  # in trouble: give back what waits in memory
    CLOSED = "closed"  # well again
    STILL = "still"  # a trial failed


class Lane:
    """See the module. `healthy` lanes send; others wait for their trial."""

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
        "name",
        "paused",
        "queue",
        "spilled",
    )

    def __init__(self, name: str, pace: Pace, failing_since: float | None = None) -> None:
        self.name = name
        self.queue: deque[Item] = deque()
        self.active = 0
        self.limit = pace.concurrency
        self.paused = False
        self.blocked = False  # disabled: neither trial nor delivery
        self.spilled = False  # more of it waits in the rows
        self.failing_since = failing_since
        self.last_used = -math.inf
        self._pace = pace
        self._failures = 0
        self._opened = 0  # failed trials so far; 0 while closed
        self._trial_at = -math.inf
        self._on_trial = False
        self._rate: float | None = None
        self._rate_since = 0.0
        self._next_send = 0.0
        if failing_since is not None:
            self._opened = 1

    @property
    def healthy(self) -> bool:
        return self._opened == 0 and not self.blocked

    @property
    def held(self) -> int:
        return len(self.queue) + self.active

    def wait(self, now: float) -> float:
        """Seconds until one more may be sent, 0 for now, infinity while only an outcome can change that."""
        if self.blocked:
            return math.inf
        if self._opened:
            return math.inf if self.active else max(0.0, self._trial_at - now)
        if self.active >= self.limit:
            return math.inf
        return max(0.0, self._next_send - now)

    def take(self, now: float) -> Item:
        """The next delivery; call it when `wait` is 0 and the queue is not empty."""
        if self._rate is not None:
            self._next_send = max(now, self._next_send) + 1.0 / self._rate
        self._on_trial = self._opened > 0
        self.last_used = now
        self.active += 1
        return self.queue.popleft()

    def ended(self) -> None:
        """One that was taken is over without having said anything about the receiver."""
        self.active -= 1

    def succeeded(self, now: float) -> Step:
        """The receiver took one."""
        self.active -= 1
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
        if self.limit < self._pace.concurrency:
            self.limit += 1
        if self._rate is not None and now - self._rate_since >= self._pace.ramp_step:
            self._rate, self._rate_since = self._rate * 2, now
            if self._rate > self._pace.ramp_end:
                self._rate = None
        return Step.NONE

    def failed(self, now: float, random: Random, retry_after: float | None = None) -> Step:
        """The receiver did not take one. `retry_after` (it asked for a rest) holds the whole lane back."""
        self.active -= 1
        if self.failing_since is None:
            self.failing_since = now
        if retry_after is not None:
            self._next_send = max(self._next_send, now + min(retry_after, self._pace.longest_pause))
        if self._opened:
            if not self._on_trial:
                return Step.NONE  # it was under way when the breaker opened
            self._opened += 1
            self._plan_trial(now, random, retry_after)
            return Step.STILL
        self._failures += 1
        self.limit = max(1, self.limit // 2)
        if self._rate is not None:
            self._rate, self._rate_since = max(self._pace.ramp_start, self._rate / 2), now
        if self._failures < self._pace.trip:
            return Step.NONE
        self._opened = 1
        self._plan_trial(now, random, retry_after)
        return Step.OPENED

    def pause_due(self, now: float) -> bool:
        """Whether it has been failing for so long that it should be paused now."""
        return (
            not self.paused
            and self.failing_since is not None
            and now - self.failing_since >= self._pace.pause_after
        )

    def pause(self, now: float, random: Random) -> None:
        """A trial an hour from now on."""
        self.paused = True
        self._opened = max(self._opened, 1)
        self._plan_trial(now, random, None)

    def resume(self, now: float) -> None:
        """Somebody says that it is well: try at once, gently."""
        self.blocked = False
        self.paused = False
        if self._opened:
            self._opened = 1
            self._trial_at = now
        self.failing_since = None
        self._failures = 0

    def drain(self) -> list[Item]:
        """Take everything that waits out of memory."""
        items = list(self.queue)
        self.queue.clear()
        return items

    def state(self) -> dict[str, Any]:
        """For logs and tests."""
        return {
            "waiting": len(self.queue),
            "active": self.active,
            "open": self._opened > 0,
            "paused": self.paused,
            "rate": self._rate,
        }

    def _plan_trial(self, now: float, random: Random, retry_after: float | None) -> None:
        pace = self._pace
        pause = (
            pace.paused_trial
            if self.paused
            else min(pace.longest_pause, pace.first_pause * 2 ** min(self._opened - 1, 30))
        )
        pause = random.uniform(0.5 * pause, 1.5 * pause)
        self._trial_at = now + max(pause, min(retry_after or 0.0, pace.longest_pause))
