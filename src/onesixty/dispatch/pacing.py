"""Token buckets that count segments.

Rules kept here: a throughput of 0 means unlimited. A bucket may go into debt by one message, so that a message of
more segments than the bucket holds is still sent, and the average is kept.
"""

from __future__ import annotations

#: How many seconds of its rate a bucket holds; it always holds at least one segment.
BURST_SECONDS = 0.1


class Bucket:
    """A bucket with a rate of `rate` segments a second. Callers pass the time in monotonic seconds."""

    __slots__ = ("_at", "_size", "_tokens", "rate")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self._size = max(1.0, rate * BURST_SECONDS)
        self._tokens = self._size
        self._at = now

    def available(self, now: float) -> int:
        """Whole segments that may be sent now; a very large number if unlimited."""
        if self.rate <= 0:
            return 1 << 30
        self._refill(now)
        return int(self._tokens) if self._tokens >= 1 else 0

    def take(self, segments: int, now: float) -> None:
        """Count segments that were sent."""
        if self.rate > 0:
            self._refill(now)
            self._tokens -= segments

    def wait(self, now: float) -> float:
        """Seconds until at least one segment may be sent."""
        if self.rate <= 0:
            return 0.0
        self._refill(now)
        return max(0.0, (1.0 - self._tokens) / self.rate)

    def _refill(self, now: float) -> None:
        self._tokens = min(self._size, self._tokens + (now - self._at) * self.rate)
        self._at = now
