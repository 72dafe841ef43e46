"""Rates of callers that all nodes keep together: requests a second of a key or user, segments a second of an SMPP
credential.

Rules kept here:
- nodes divide such a rate as they divide those of accounts (`filling`): by what each used, and the shares add up to
  the limit. Until they have, each node takes what it would have if all used the same;
- a rate that is not used is forgotten, and its share goes back;
- a node that is alone divides nothing, and asks nothing of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from onesixty.core.clock import Clock
from onesixty.http.limits import DEFAULT_PER_SECOND
from onesixty.limits.filling import Filling

#: Seconds after which a rate that is not used is forgotten.
FORGET: Final = 60.0

#: How many rates are kept. Further callers have their whole rate on each node.
MOST: Final = 2_000


class SharedRate:
    """One rate. `apply` hears of each new share."""

    __slots__ = ("_apply", "_share", "limit", "subject", "used", "used_at")

    def __init__(
        self, subject: str, limit: int, now: float, apply: Callable[[float], None] | None = None
    ) -> None:
        self.subject = f"{subject} calls"
        self.limit = limit
        #: What was taken since the nodes last divided the limit.
        self.used = 0
        self.used_at = now
        self._share = float(limit)
        self._apply = apply

    @property
    def told(self) -> bool:
        """Whether its bucket is elsewhere."""
        return self._apply is not None

    @property
    def share(self) -> float:
        """What this node may take of it."""
        return self._share

    @share.setter
    def share(self, share: float) -> None:
        self._share = share
        if self._apply is not None:
            self._apply(share)

    def take(self, amount: int, now: float) -> None:
        """Note what was taken."""
        self.used += amount
        self.used_at = now

    def fill(self) -> None:
        """See Divided. Its bucket is elsewhere."""

    def rates(self) -> Iterator[tuple[str, SharedRate]]:
        """See Divided."""
        yield self.subject, self

    def divide(self, nodes: int) -> None:
        """See Divided."""
        self.share = self.limit / nodes


class SharedRates:
    """The rates of callers of this node."""

    def __init__(self, filling: Filling, clock: Clock) -> None:
        self._filling = filling
        self._clock = clock
        self._rates: dict[str, SharedRate] = {}

    def share(self, who: str, per_second: int) -> float:
        """Note one request, and return how many a second this node may take."""
        if per_second >= DEFAULT_PER_SECOND:
            return float(per_second)
        rate = self._rates.get(who)
        now = self._clock.monotonic()
        if rate is None or rate.limit != per_second:
            if rate is None and len(self._rates) >= MOST:
                return float(per_second)
            rate = self.watch(who, per_second)
        rate.take(1, now)
        return rate.share

    def watch(self, who: str, limit: int, apply: Callable[[float], None] | None = None) -> SharedRate:
        """A rate whose bucket is elsewhere: `apply` hears of its shares. It takes the place of one with another
        limit."""
        self.drop(who)
        rate = self._rates[who] = SharedRate(who, limit, self._clock.monotonic(), apply)
        self._filling.enter(rate)
        return rate

    def drop(self, who: str) -> None:
        """Forget a rate."""
        rate = self._rates.pop(who, None)
        if rate is not None:
            self._filling.free(rate)

    def all(self) -> list[SharedRate]:
        """Every rate."""
        return list(self._rates.values())

    def forget(self) -> None:
        """Drop the rates that are not used. Those with a bucket elsewhere stay as long as it does."""
        now = self._clock.monotonic()
        for who, rate in list(self._rates.items()):
            if not rate.told and now - rate.used_at > FORGET:
                self.drop(who)
