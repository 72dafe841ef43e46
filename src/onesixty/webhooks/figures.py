"""The figures of webhooks: how many attempts succeeded and failed in each hour, and how long they took.

Rules kept here:
- an attempt is counted in memory, and the counts are added to rows every few seconds, and at the end of an hour: a
  delivery costs no row. A crash loses the counts of these seconds;
- rows of several nodes and hours are added; durations are histograms (`kit.durations`), in tenths of milliseconds, so
  that they begin at 10 ms;
- figures are kept for 30 days.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.kit.durations import bucket_of, percentile
from onesixty.store.contract import Store

HOUR_MS: Final = 3_600_000
#: Seconds between two writes of counts.
FLUSH: Final = 5.0
#: The figures of durations are in these parts of a millisecond.
SCALE: Final = 10

DELIVERED: Final = "delivered"
FAILED: Final = "failed"


class Figures:
    """Counts the attempts of one process. `write` writes soon, under a key."""

    def __init__(self, clock: Clock, write: Callable[[str, Write], None]) -> None:
        self._clock = clock
        self._write = write
        self._counts: dict[tuple[str, bool, int], int] = {}
        #: The hour of all that is counted now.
        self._hour = 0
        self._timer: asyncio.TimerHandle | None = None

    def count(self, webhook_id: str, *, delivered: bool, seconds: float) -> None:
        """Count one attempt."""
        if self._timer is None:
            self._begin()
        key = (webhook_id, delivered, bucket_of(int(seconds * (1000 * SCALE))))
        self._counts[key] = self._counts.get(key, 0) + 1

    def _begin(self) -> None:
        """Count until the next write, within one hour."""
        now = self._clock.now_ms()
        self._hour = now // HOUR_MS * HOUR_MS
        left = (self._hour + HOUR_MS - now) / 1000
        self._timer = asyncio.get_running_loop().call_later(min(FLUSH, left), self.flush)

    def flush(self) -> None:
        """Write what was counted."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        counts, self._counts = self._counts, {}
        for (webhook_id, delivered, bucket), count in counts.items():
            outcome = DELIVERED if delivered else FAILED
            key = f"{webhook_id} {self._hour} {outcome} {bucket}"
            self._write(key, ("webhook_figures_add", (webhook_id, self._hour, outcome, bucket, count)))


class Period(msgspec.Struct):
    """The figures of a period that begins at `start` (epoch ms)."""

    start: int
    delivered: int = 0
    failed: int = 0


class Summary(msgspec.Struct):
    """The figures of a webhook: by hour, and in all. Durations in milliseconds are those of attempts that
    succeeded."""

    hours: list[Period]
    delivered: int
    failed: int
    p50: int | None
    p95: int | None

    @property
    def success_rate(self) -> float | None:
        """The share of attempts that succeeded; None without attempts."""
        total = self.delivered + self.failed
        return None if total == 0 else round(self.delivered / total, 4)


async def summary(store: Store, webhook_id: str, since: int, until: int) -> Summary:
    """The figures of a webhook of the hours from `since` to `until` (epoch ms, exclusive)."""
    rows = await store.fetch("webhook_figures_of", webhook_id=webhook_id, since=since, until=until)
    return _summed(rows)


def _summed(rows: Iterable[tuple[Any, ...]]) -> Summary:
    hours: dict[int, Period] = {}
    buckets: Counter[int] = Counter()
    for hour, outcome, bucket, count in rows:
        period = hours.setdefault(hour, Period(hour))
        if outcome == DELIVERED:
            period.delivered += count
            buckets[bucket] += count
        else:
            period.failed += count
    p50, p95 = (percentile(buckets, share) for share in (0.5, 0.95))
    return Summary(
        hours=[hours[hour] for hour in sorted(hours)],
        delivered=sum(period.delivered for period in hours.values()),
        failed=sum(period.failed for period in hours.values()),
        p50=None if p50 is None else round(p50 / SCALE),
        p95=None if p95 is None else round(p95 / SCALE),
    )
