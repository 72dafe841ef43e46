"""Limits the rate of requests, in either direction: a token bucket.

Rates count segments, one for each submit_sm. A rate of 0 is unlimited. Time is passed in as seconds of a
monotonic clock.
"""

import math


class TokenBucket:
    """`rate` tokens a second, at most `burst` at once. Several pacers may share one bucket."""

    __slots__ = ("_at", "_tokens", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = max(1.0, burst)
        self._tokens = self.burst
        self._at = now

    def wait(self, now: float, count: float = 1.0) -> float:
        """Return the seconds until `count` tokens are available; infinity if the bucket never holds that many."""
        if self.rate <= 0:
            return 0.0
        if count > self.burst:
            return math.inf
        self._fill(now)
        missing = count - self._tokens
        return missing / self.rate if missing > 1e-9 else 0.0

    def take(self, now: float, count: float = 1.0) -> None:
        """Take tokens, even if that leaves the bucket in debt."""
        if self.rate > 0:
            self._fill(now)
            self._tokens -= count

    def _fill(self, now: float) -> None:
        if now > self._at:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
            self._at = now
