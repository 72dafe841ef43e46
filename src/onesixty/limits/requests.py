"""Requests a second of an account with those below it, and the RateLimit headers of the tightest limit.

Headers: draft-ietf-httpapi-ratelimit-headers-10, as in `http.limits`. A caller whose account has limits sees the
one of which the smallest part is left.
"""

from __future__ import annotations

import math
from typing import Final

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.http.call import Call
from onesixty.http.limits import rate_problem
from onesixty.http.scopes import Principal
from onesixty.limits.counters import Rate
from onesixty.limits.hold import LimitHold
from onesixty.limits.meter import Meter

_REMAINING: Final = b'"default";r='


class RequestLimits:
    """See the module; the front calls it for each request of a known caller (`http.front.Gate`)."""

    def __init__(self, hold: LimitHold, clock: Clock) -> None:
        self._hold = hold
        self._clock = clock

    def __call__(self, call: Call, caller: Principal) -> None:
        """Count a request, and set the headers of its answer. Raises Problem `rate_limited`."""
        chain = self._hold.chain_of(caller.account_id)
        grant = caller.grant
        if not chain and grant is None:
            return
        now, own = self._clock.monotonic(), caller.account_id
        taken: list[Rate] = []
        for meter in chain:
            rate = meter.requests
            if rate is None:
                continue
            if not rate.take(1, now):
                for other in taken:
                    other.give_back(1)
                if meter.subject == own:
                    self._tell(call, (meter,), caller, now)
                    raise rate_problem(rate.limit)
                raise Problem("rate_limited", "A limit of an account above yours is reached.", retry_after=1)
            taken.append(rate)
        meters = [meter for meter in chain if meter.subject == own]
        if grant is not None and (found := self._hold.of_grant(grant, own)) is not None:
            meters.append(found)
        self._tell(call, meters, caller, now)

    def _tell(
        self, call: Call, meters: list[Meter] | tuple[Meter, ...], caller: Principal, now: float
    ) -> None:
        """Set the headers to those of the tightest limit that the caller may know."""
        best = _left_of_default(call) / caller.requests_per_second
        now_ms = self._clock.now_ms()
        for meter in meters:
            for name, rate in (("requests", meter.requests), ("segments", meter.segments)):
                if rate is not None:
                    left = max(0.0, rate.left(now))
                    best = self._better(call, best, name, rate.limit, 1, int(left), 1)
            for count in meter.counts:
                window = (count.period.ends - count.period.begins) // 1000
                reset = max(1, math.ceil((count.period.ends - now_ms) / 1000))
                best = self._better(call, best, count.kind, count.limit, window, count.remaining, reset)

    def _better(
        self, call: Call, best: float, name: str, limit: int, window: int, left: int, reset: int
    ) -> float:
        part = left / limit if limit else 0.0
        if part >= best:
            return best
        call.rate = [
            (b"ratelimit-policy", f'"{name}";q={limit};w={window}'.encode()),
            (b"ratelimit", f'"{name}";r={left};t={reset}'.encode()),
        ]
        return part


def _left_of_default(call: Call) -> int:
    for name, value in call.rate:
        if name == b"ratelimit" and value.startswith(_REMAINING):
            return int(value[len(_REMAINING) : value.index(b";t=")])
    return 0
