"""Days and months in a time zone, as the limits of messages count them.

Rules kept here:
- a period is named by its date in the zone, so a clock that is set back comes to the count that it left;
- a day begins at local midnight. Where a change of the clocks skips midnight, it begins at the first moment after.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

DAY: Final = "day"
MONTH: Final = "month"


class Period(NamedTuple):
    """A day or a month: `2026-11-29` or `2026-11`, from `begins` until before `ends` (epoch ms)."""

    name: str
    begins: int
    ends: int


def period_of(kind: str, zone: str, now: int) -> Period:
    """The period of a time in epoch ms."""
    at = datetime.fromtimestamp(now / 1000, _zone(zone)).date()
    if kind == DAY:
        return Period(at.isoformat(), _midnight(at, zone), _midnight(at + timedelta(days=1), zone))
    first = at.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Period(f"{first:%Y-%m}", _midnight(first, zone), _midnight(following, zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _midnight(day: date, zone: str) -> int:
    """When a date begins, in epoch ms. `fold` 0 is the first of two midnights; a midnight that is skipped becomes the
    moment of the change."""
    local = datetime(day.year, day.month, day.day, tzinfo=_zone(zone))
    instant = local.astimezone(UTC)
    back = instant.astimezone(_zone(zone))
    if back.date() != day:  # skipped, and the offset before the change leads to the day before
        local = local.replace(fold=1)
        instant = max(instant, local.astimezone(UTC))
    return int(instant.timestamp() * 1000)
