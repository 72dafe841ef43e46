"""All limits of one subject: an account with those below it, a key, or an SMPP credential. Nothing here does I/O."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from onesixty.core import statuses
from onesixty.core.errors import Problem
from onesixty.core.limits import Limits
from onesixty.core.message import Message
from onesixty.limits.counters import Count, Rate, Stock, part
from onesixty.limits.periods import DAY, MONTH

SEGMENTS: Final = "segments"
REQUESTS: Final = "requests"

#: Seconds after which a message beyond a stock may be tried again.
_RETRY: Final = {statuses.QUEUED: 1, statuses.SCHEDULED: 60}
_UNITS: Final = {DAY: "messages a day", MONTH: "messages a month"}


class Meter:
    """See the module. `accounts` are those whose messages count; if `granted`, only those of the key do."""

    def __init__(
        self,
        subject: str,
        accounts: tuple[str, ...],
        limits: Limits,
        zone: str,
        now: float,
        now_ms: int,
        *,
        granted: bool = False,
    ) -> None:
        self.subject = subject
        self.accounts = accounts
        self.granted = granted
        self.limits = limits
        self.zone = zone
        self.used_at = now
        self.segments = self._rate(limits.segments_per_second, now)
        self.requests = self._rate(limits.requests_per_second, now)
        self.counts = tuple(
            Count(kind, limit, zone, now_ms)
            for kind, limit in ((DAY, limits.messages_per_day), (MONTH, limits.messages_per_month))
            if limit is not None
        )
        self.stocks = {
            status: Stock(limit)
            for status, limit in (
                (statuses.QUEUED, limits.waiting_messages),
                (statuses.SCHEDULED, limits.scheduled_messages),
            )
            if limit is not None
        }

    @staticmethod
    def _rate(limit: int | None, now: float) -> Rate | None:
        return None if limit is None else Rate(limit, float(limit), now)

    def rates(self) -> Iterator[tuple[str, Rate]]:
        """Its rates, with the names under which nodes divide them."""
        if self.segments is not None:
            yield f"{self.subject} {SEGMENTS}", self.segments
        if self.requests is not None:
            yield f"{self.subject} {REQUESTS}", self.requests

    def divide(self, nodes: int) -> None:
        """Until the nodes have divided the rates, take only what each may be off."""
        if self.segments is not None:
            self.segments.share = part(self.segments.limit, nodes)
        if self.requests is not None:  # which nothing waits for
            self.requests.share = self.requests.limit / nodes

    def lacks(self, amount: int, now: float) -> bool:
        """Whether the database has to be asked before so many messages can be taken or refused."""
        return any(count.lacks(amount, now) for count in self.counts) or any(
            stock.lacks(amount, now) for stock in self.stocks.values()
        )

    def take(self, message: Message, now: float, own: bool) -> None:
        """Take one message. Raises Problem, and then has taken nothing. `own` says whether its sender may learn the
        limit."""
        segments = max(1, message.segments)
        rate = self.segments
        if rate is not None and not rate.take(segments, now):
            raise _limited(
                "segments_limited", f"{rate.limit} segments a second", own, rate.wait(segments, now)
            )
        stock = self.stocks.get(message.status)
        taken: list[Count] = []
        try:
            for count in self.counts:
                if not count.take(now):
                    raise self._full(count, message, own)
                taken.append(count)
            if stock is not None and not stock.take():
                raise self._stocked(stock, message.status, own)
        except Problem:
            for count in taken:
                count.give_back()
            if rate is not None:
                rate.give_back(segments)
            raise
        self.used_at = now

    def kept(self, status: str) -> None:
        """A message that was taken with this status is on disk."""
        stock = self.stocks.get(status)
        if stock is not None:
            stock.kept()

    def dropped(self, status: str, segments: int) -> None:
        """A message that was taken did not reach the disk."""
        if self.segments is not None:
            self.segments.give_back(segments)
        for count in self.counts:
            count.give_back()
        stock = self.stocks.get(status)
        if stock is not None:
            stock.dropped()

    def _full(self, count: Count, message: Message, own: bool) -> Problem:
        if count.refused == "unavailable":
            return _unavailable()
        wait = max(1.0, (count.period.ends - message.created_at) / 1000)
        return _limited(f"{count.kind}_limit_reached", f"{count.limit} {_UNITS[count.kind]}", own, wait)

    def _stocked(self, stock: Stock, status: str, own: bool) -> Problem:
        if stock.refused == "unavailable":
            return _unavailable()
        what, code = "waiting", "too_many_waiting"
        if status == statuses.SCHEDULED:
            what, code = "scheduled", "too_many_scheduled"
        return _limited(code, f"{stock.limit} {what} messages", own, _RETRY[status])


def _limited(code: str, what: str, own: bool, wait: float) -> Problem:
    detail = f"The limit is {what}." if own else "A limit of an account above yours is reached."
    return Problem(code, detail, retry_after=max(1, math.ceil(wait)))


def _unavailable() -> Problem:
    return Problem("unavailable", "The limits cannot be read. Retry in a moment.", retry_after=1)
