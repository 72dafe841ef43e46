"""Time and randomness as parameters: the contracts, and their real implementations.

Rules kept here: wall time is epoch milliseconds (an int), for rows and people; monotonic time is seconds (a float),
for deadlines. No other module of `core`, `messages` or `dispatch` may use either (linted).
"""

from __future__ import annotations

import os
import random
import time
from typing import Protocol


class Clock(Protocol):
    """A source of time."""

    def now_ms(self) -> int:
        """Wall time in milliseconds since 1970 UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start that never decrease."""


class Random(Protocol):
    """A source of randomness; `random.Random` fits."""

    def random(self) -> float: ...

    def getrandbits(self, k: int, /) -> int: ...

    def uniform(self, a: float, b: float) -> float: ...

    def randrange(self, start: int, stop: int) -> int: ...


class SystemClock:
    """The machine's clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


def system_random() -> random.Random:
    """A generator seeded from the operating system. Create a new one after every fork."""
    return random.Random(int.from_bytes(os.urandom(16), "big"))
