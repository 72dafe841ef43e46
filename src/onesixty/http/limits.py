"""Requests a second for each caller: a token bucket, reported in RateLimit headers.

Headers: draft-ietf-httpapi-ratelimit-headers-10. `RateLimit-Policy: "default";q=100;w=1` gives the quota of a window
in seconds, `RateLimit: "default";r=99;t=1` what remains and when the quota is full again.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem

#: For keys of accounts without their own limit: more than a single node can handle, so that it never applies.
DEFAULT_PER_SECOND: Final = 100_000
#: For callers without a key, by their address: public pages and wrong keys.
ANONYMOUS_PER_SECOND: Final = 100
CAPACITY: Final = 10_000

Headers = list[tuple[bytes, bytes]]


class _Bucket:
    __slots__ = ("at", "policy", "rate", "tokens")

    def __init__(self, rate: int, at: float) -> None:
        self.rate = rate
        self.tokens = float(rate)
        self.at = at
        self.policy = (b"ratelimit-policy", b'"default";q=%d;w=1' % rate)


class RateLimits:
    """The buckets of one process. Each holds one second's requests, so that a burst of that size passes."""

    def __init__(self, clock: Clock, *, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._capacity = capacity
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, who: str, per_second: int, share: float | None = None) -> tuple[bool, Headers]:
        """Take one request of `who`. `share` is what this process may take of the rate, if others take the rest.
        Returns whether it may pass, and the headers that report what is left."""
        now = self._clock.monotonic()
        bucket = self._buckets.get(who)
        if bucket is None or bucket.rate != per_second:
            bucket = self._buckets[who] = _Bucket(per_second, now)
            if share is not None:
                bucket.tokens = max(1.0, share)
            while len(self._buckets) > self._capacity:
                self._buckets.popitem(last=False)
        rate = bucket.rate if share is None else share
        tokens = bucket.tokens + (now - bucket.at) * rate
        bucket.at = now
        most = rate if rate > 1.0 else 1.0
        if tokens > most:
            tokens = float(most)
        allowed = tokens >= 1.0
        bucket.tokens = tokens = tokens - 1.0 if allowed else tokens
        # A bucket is full again within its window of one second, so `t` is always that.
        return allowed, [bucket.policy, (b"ratelimit", b'"default";r=%d;t=1' % int(tokens))]


def rate_problem(per_second: int) -> Problem:
    """The refusal of a request over the limit."""
    return Problem(
        "rate_limited",
        f"The limit is {per_second} requests a second. Wait before you retry.",
        retry_after=math.ceil(1 / per_second),
    )
