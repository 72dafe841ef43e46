"""When a delivery is tried again: a table, and a pure function over it.

Rules kept here (promise 7):
- a delivery is tried for 72 hours: quickly at first, every four hours in the end, the last time shortly
  before the 72 hours are over;
- each pause is drawn between half and one and a half times its row, so that deliveries which failed together
  do not come back together, and the mean stays on the table;
- a receiver's Retry-After can make a pause longer, up to six hours, never shorter.
"""

from __future__ import annotations

from typing import Final

from onesixty.core.clock import Random

RETENTION_MS: Final = 72 * 3600 * 1000

#: Seconds between one attempt and the next; the last row repeats.
PAUSES: Final = (5, 30, 120, 600, 1800, 3600, 7200, 14400)

#: The longest Retry-After that is believed, in seconds.
MAX_RETRY_AFTER: Final = 6 * 3600

#: The last attempt comes within this much of the end, in milliseconds.
_LAST_CALL_MS: Final = 15 * 60 * 1000


def pause_bounds(tries: int) -> tuple[float, float]:
    """The shortest and the longest pause in seconds after the attempt number `tries` (1 is the first)."""
    pause = PAUSES[min(tries, len(PAUSES)) - 1]
    return pause * 0.5, pause * 1.5


def next_attempt(
    tries: int, now: int, expires_at: int, random: Random, retry_after: float | None = None
) -> int | None:
    """When to try again (epoch ms) after attempt `tries` failed at `now`; None when it was the last."""
    pause = random.uniform(*pause_bounds(tries))
    if retry_after is not None:
        pause = max(pause, min(retry_after, MAX_RETRY_AFTER))
    due = now + int(pause * 1000)
    if due < expires_at:
        return due
    if expires_at - now <= _LAST_CALL_MS:
        return None
    return expires_at - int(random.uniform(1000, _LAST_CALL_MS))
