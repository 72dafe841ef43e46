"""How fast a link may send: a token bucket, and a pause that grows while the peer throttles.

Rates count segments, which is one for each submit_sm (field note 14). A rate of 0 is unlimited.
Time is handed in as seconds of a monotonic clock.
"""

import math
from typing import Protocol

from onesixty.smpp import constants as c

THROTTLE_STATUSES = frozenset((c.ESME_RTHROTTLED, c.ESME_RMSGQFUL))


class Pacer(Protocol):
    """Decides when the next request may be sent. A bind asks it before every submit."""

    def wait(self, now: float) -> float:
        """Seconds until one may be sent; 0 for now."""

    def sent(self, now: float) -> None:
        """One was sent."""

    def answered(self, now: float, command_status: int) -> None:
        """An answer came."""


class CongestionPacer(Protocol):
    """A pacer that also heeds congestion_state (5.0, 4.8.4.18), if it has this."""

    def congested(self, now: float, congestion_state: int) -> None:
        """An answer told the peer's load, 0 to 100."""


class TokenBucket:
    """`rate` tokens a second, at most `burst` at once. Several pacers may share one."""

    __slots__ = ("_at", "_tokens", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = max(1.0, burst)
        self._tokens = self.burst
        self._at = now

    def wait(self, now: float, count: float = 1.0) -> float:
        """Seconds until `count` tokens are there; infinity if there is never room for so many."""
        if self.rate <= 0:
            return 0.0
        if count > self.burst:
            return math.inf
        self._fill(now)
        missing = count - self._tokens
        return missing / self.rate if missing > 1e-9 else 0.0

    def take(self, now: float, count: float = 1.0) -> None:
        """Take tokens, into debt if they are not there."""
        if self.rate > 0:
            self._fill(now)
            self._tokens -= count

    def _fill(self, now: float) -> None:
        if now > self._at:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
            self._at = now


class LinkPacer:
    """A bucket, and a pause of the whole link after ESME_RTHROTTLED or ESME_RMSGQFUL (field note 13).

    The pause doubles with every throttled answer that comes after the last pause ended, up to `cap`
    seconds, and is forgotten with the first request taken after it. A congestion_state of 90 to 100 makes a
    pause of `base` or a part of it, before the peer has to refuse anything.
    """

    __slots__ = ("_base", "_bucket", "_cap", "_pause", "_paused_until")

    def __init__(self, bucket: TokenBucket, base: float = 0.25, cap: float = 30.0) -> None:
        self._bucket = bucket
        self._base = base
        self._cap = cap
        self._pause = 0.0
        self._paused_until = -math.inf

    def wait(self, now: float) -> float:
        """See Pacer."""
        return max(self._paused_until - now, self._bucket.wait(now))

    def sent(self, now: float) -> None:
        """See Pacer."""
        self._bucket.take(now)

    def answered(self, now: float, command_status: int) -> None:
        """See Pacer."""
        if command_status in THROTTLE_STATUSES:
            if now >= self._paused_until:
                self._pause = min(self._cap, self._pause * 2 or self._base)
                self._paused_until = now + self._pause
        elif now >= self._paused_until:
            self._pause = 0.0

    def congested(self, now: float, congestion_state: int) -> None:
        """See CongestionPacer."""
        if congestion_state >= c.CONGESTION_NEAR and now >= self._paused_until:
            over = min(congestion_state, c.CONGESTION_FULL) - c.CONGESTION_NEAR + 1
            self._paused_until = now + self._base * over / (c.CONGESTION_FULL - c.CONGESTION_NEAR + 1)
