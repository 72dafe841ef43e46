"""SMPP times, 7.1.1: `YYMMDDhhmmsstnnp`, absolute or relative, parsed and written.

Absolute: t tenths of a second, nn quarter hours from UTC, p + or -. Relative: p is R, t and nn are 00, and the
digits are years, months, days, hours, minutes and seconds from the SMSC's now. The present is a parameter;
nothing here reads a clock. Years are 2000 to 2099.
"""

import calendar
from datetime import UTC, datetime, timedelta, timezone

from onesixty.smpp.errors import TimeFormatError

LENGTH = 16


def parse_time(value: str, now: datetime) -> datetime:
    """Return the moment that `value` names, as an aware datetime; a relative time counts from `now` (aware).

    Raises TimeFormatError if `value` is not 16 characters of the format, or for a moment that does not exist in
    the calendar. The caller handles the empty string (immediate, or the SMSC's default).
    """
    if len(value) != LENGTH or not (value[:15].isascii() and value[:15].isdigit()):
        raise TimeFormatError("an SMPP time is 15 digits and one of + - R")
    year, month, day, hour, minute, second = (int(value[i : i + 2]) for i in range(0, 12, 2))
    sign = value[15]
    try:
        if sign == "R":
            if month > 12 or day > 31 or hour > 23 or minute > 59 or second > 59:
                raise TimeFormatError("a part of the relative time is out of range")
            span = timedelta(days=day, hours=hour, minutes=minute, seconds=second)
            return _add_months(now, 12 * year + month) + span
        quarters = int(value[13:15])
        if sign not in "+-" or quarters > 48:
            raise TimeFormatError("the offset from UTC is not 00 to 48 quarter hours, + or -")
        offset = timedelta(minutes=15 * quarters)
        zone = timezone(offset if sign == "+" else -offset)
        tenth = int(value[12]) * 100_000
        return datetime(2000 + year, month, day, hour, minute, second, tenth, tzinfo=zone)
    except (ValueError, OverflowError) as error:
        raise TimeFormatError(f"no such time: {error}") from None


def format_absolute(moment: datetime) -> str:
    """Return an aware moment as an absolute time, in UTC. Raises TimeFormatError outside 2000 to 2099."""
    if moment.tzinfo is None:
        raise TimeFormatError("a time without a zone")
    moment = moment.astimezone(UTC)
    if not 2000 <= moment.year <= 2099:
        raise TimeFormatError("the year is not 2000 to 2099")
    return f"{moment:%y%m%d%H%M%S}{moment.microsecond // 100_000}00+"


def format_relative(span: timedelta) -> str:
    """Return a span as a relative time, in days and smaller units (a month has no fixed length), rounded up to a
    second.

    A span of 31 days or more, which days alone cannot express, is written in years of 365 days, months of 30
    days and days. Raises TimeFormatError for a negative span and for one of a hundred years.
    """
    if span < timedelta():
        raise TimeFormatError("a relative time is not negative")
    seconds = -(-span // timedelta(seconds=1))
    days, seconds = divmod(seconds, 86_400)
    years, days = divmod(days, 365) if days > 31 else (0, days)
    months, days = divmod(days, 30) if days > 31 else (0, days)
    if months == 12:
        years, months = years + 1, 0
    if years > 99:
        raise TimeFormatError("a relative time is under a hundred years")
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    return f"{years:02}{months:02}{days:02}{hours:02}{minutes:02}{seconds:02}000R"


def _add_months(moment: datetime, months: int) -> datetime:
    """Add calendar months to a moment; if the day does not exist, take the last day of the month."""
    if not months:
        return moment
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    month += 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)
