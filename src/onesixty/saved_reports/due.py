"""When a schedule is due, and which times a span covers. Pure functions over local time; times are epoch ms.

Rules kept here:
- a schedule is due once on each local date that it names;
- a local time that comes twice when the clock goes back counts the first time. One that the clock passes over counts
  as much later as the clock went forward: 02:30 is 03:30 on that day;
- a day that a month lacks is its last day, once;
- a span ends where the unit in progress begins, or at the time of the run. Days, weeks and months begin at local
  midnight, so a day has 23 or 25 hours when the clock changes.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from onesixty.saved_reports.shapes import WEEKDAYS, Schedule, Span

_HOUR_MS: Final = 3_600_000
#: Every schedule is due within a month. A zone that skips a whole day makes it one longer.
_LONGEST: Final = 40


def next_due(schedule: Schedule, zone: ZoneInfo, after: int) -> int:
    """The first time after `after` at which a schedule is due."""
    at = time.fromisoformat(schedule.at)
    day = datetime.fromtimestamp(after / 1000, zone).date() - timedelta(days=2)
    for _ in range(_LONGEST):
        if _names(schedule, day):
            found = _instant(datetime.combine(day, at), zone)
            if found > after:
                return found
        day += timedelta(days=1)
    raise ValueError("a schedule without days")


def covered(span: Span, zone: ZoneInfo, at: int) -> tuple[int, int]:
    """The beginning and the end of a span for a run at `at`."""
    local = datetime.fromtimestamp(at / 1000, zone)
    if span.unit == "hour":
        begun = at - (local.minute * 60 + local.second) * 1000 - local.microsecond // 1000
        begin = begun - span.last * _HOUR_MS
    else:
        today = local.date()
        first = _first_day(span.unit, today)
        begun = _instant(datetime.combine(first, time()), zone)
        begin = _instant(datetime.combine(_before(span.unit, first, span.last), time()), zone)
    return begin, at if span.current else begun


def _names(schedule: Schedule, day: date) -> bool:
    if schedule.every == "day":
        return True
    if schedule.every == "week":
        return WEEKDAYS[day.weekday()] in schedule.weekdays
    last = calendar.monthrange(day.year, day.month)[1]
    return day.day in schedule.days or (day.day == last and any(wanted > last for wanted in schedule.days))


def _first_day(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _before(unit: str, first: date, count: int) -> date:
    if unit != "month":
        return first - timedelta(days=count * (7 if unit == "week" else 1))
    months = first.year * 12 + first.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def _instant(naive: datetime, zone: ZoneInfo) -> int:
    """A local time; of two the first, and in a gap as far behind its beginning (PEP 495, fold=0)."""
    return round(naive.replace(tzinfo=zone, fold=0).astimezone(UTC).timestamp() * 1000)
