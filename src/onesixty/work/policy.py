"""When work is tried again, and how fast a receiver gets it: a table for each use, and pure functions over it.

Rules kept here (promise 7):
- work is tried until its life is over, with pauses that grow by a table whose last row repeats. The last attempt
  comes shortly before the end;
- each pause is random around its row, so that work that failed together does not come back together, and
  the mean stays on the table;
- a pause that the receiver asks for can lengthen it, within reason, never shorten it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core.clock import Random

HOUR_MS: Final = 3_600_000

#: The life of work that never expires.
FOR_EVER_MS: Final = 1 << 60


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a lane sends. Times in seconds, rates in attempts a second.

    `concurrency` is how many attempts may be in flight at once; None leaves that to the sink. `trip` failures in a
    row open the breaker; None is a lane without a breaker, whose concurrency stays as it is.
    """

    concurrency: int | None = 8
    trip: int | None = 8
    first_pause: float = 5.0
    longest_pause: float = 300.0
    pause_after: float = 24 * 3600.0
    paused_trial: float = 3600.0
    ramp_start: float = 1.0
    ramp_step: float = 5.0
    ramp_end: float = 500.0


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How work of one use is retried, ended and paced.

    `pauses` are the seconds between one attempt and the next, each drawn within `jitter` of itself to either
    side. `life_ms` is how long work is tried; the code that inserts it writes the end into its row
    (`expires_at`). `longest_after` is the longest pause that a receiver may ask for, in seconds. `last_call_ms`
    is how long before the end the last attempt comes at the earliest. `keep` says whether the row of done work
    stays until retention deletes it.
    """

    pauses: tuple[float, ...]
    jitter: float = 0.5
    life_ms: int = 72 * HOUR_MS
    longest_after: float = 6 * 3600.0
    last_call_ms: int = 15 * 60 * 1000
    keep: bool = True
    pace: Pace = Pace()

    def pause_bounds(self, tries: int) -> tuple[float, float]:
        """The shortest and the longest pause in seconds after the attempt number `tries` (1 is the first)."""
        pause = self.pauses[min(tries, len(self.pauses)) - 1]
        return pause * (1 - self.jitter), pause * (1 + self.jitter)

    def next_attempt(
        self, tries: int, now: int, expires_at: int, random: Random, after: float | None = None
    ) -> int | None:
        """When to try again (epoch ms) after attempt `tries` failed at `now`; None if it was the last.

        `after` is the pause that the receiver asked for, in seconds.
        """
        pause = random.uniform(*self.pause_bounds(tries))
        if after is not None:
            pause = max(pause, min(after, self.longest_after))
        due = now + int(pause * 1000)
        if due < expires_at:
            return due
        if expires_at - now <= self.last_call_ms:
            return None
        return expires_at - int(random.uniform(1000, self.last_call_ms))
