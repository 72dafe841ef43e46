"""The periods of a report: steps of local time in a time zone, as minutes since 1970.

Rules kept here:
- days and months begin at local midnight, hours at the local full hour. A day of a change of the clock has 23 or 25
  hours, and the hour that comes twice is two periods;
- boxes of a quarter of an hour are enough: all time zones differ from UTC by a multiple of it;
- the first and the last period may be cut by the span of the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

MINUTE: Final = "minute"
QUARTER: Final = "quarter"
HOUR: Final = "hour"
DAY: Final = "day"
MONTH: Final = "month"
STEPS: Final = (MINUTE, QUARTER, HOUR, DAY, MONTH)

#: The shortest that a step can be, in minutes.
SHORTEST: Final = {MINUTE: 1, QUARTER: 15, HOUR: 30, DAY: 23 * 60, MONTH: 28 * 24 * 60}


class Stretch(NamedTuple):
    """Periods of one length in a row: from `begin` to before `end`, each `length` minutes, numbered from `first`."""

    begin: int
    end: int
    length: int
    first: int


def starts(begin: int, end: int, step: str | None, zone: ZoneInfo) -> list[int]:
    """When the periods between two minutes begin. Without a step there is one."""
    found = [begin]
    while step is not None:
        following = _after(found[-1], step, zone)
        if following >= end:
            break
        found.append(following)
    return found


def stretches(beginnings: Sequence[int], end: int) -> list[Stretch]:
    """The periods that begin there, with those of one length together. The last ends at `end`."""
    found: list[Stretch] = []
    for number, begin in enumerate(beginnings):
        until = beginnings[number + 1] if number + 1 < len(beginnings) else end
        length = until - begin
        if found and found[-1].length == length:
            found[-1] = found[-1]._replace(end=until)
        else:
            found.append(Stretch(begin, until, length, number))
    return found


def local_text(minute: int, zone: ZoneInfo) -> str:
    """A minute as RFC 3339 in local time."""
    text = datetime.fromtimestamp(minute * 60, zone).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z") if text.endswith("+00:00") else text


def _after(minute: int, step: str, zone: ZoneInfo) -> int:
    """When the period that follows begins."""
    if step == MINUTE:
        return minute + 1
    if step == QUARTER:
        return minute - minute % 15 + 15
    local = datetime.fromtimestamp(minute * 60, zone)
    if step == HOUR:
        return minute + 60 - local.minute
    naive = local.replace(tzinfo=None, fold=0, hour=0, minute=0, second=0)
    if step == DAY:
        following = naive + timedelta(days=1)
    else:
        following = (naive.replace(day=1) + timedelta(days=32)).replace(day=1)
    found = int(following.replace(tzinfo=zone).astimezone(UTC).timestamp()) // 60
    # local midnight may come twice, or the clock may have passed over it
    return found if found > minute else minute + 60
