"""When schedules are due and what spans cover, over changes of the clock."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.saved_reports.due import covered, next_due
from onesixty.saved_reports.shapes import WEEKDAYS, Schedule, Span

HOUR = 3_600_000
#: Zones with summer time of an hour, of half an hour, at midnight, and one that skipped a whole day.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia")


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def text(at: int, zone: str) -> str:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).isoformat(timespec="minutes")


zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2011, 1, 1), datetime(2027, 12, 31)).map(
    lambda at: round(at.replace(tzinfo=UTC).timestamp() * 1000)
)
clocks = st.times().map(lambda at: f"{at.hour:02}:{at.minute:02}")
schedules = st.one_of(
    st.builds(Schedule, every=st.just("day"), at=clocks),
    st.builds(
        Schedule,
        every=st.just("week"),
        at=clocks,
        weekdays=st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True).map(tuple),
    ),
    st.builds(
        Schedule,
        every=st.just("month"),
        at=clocks,
        days=st.lists(st.integers(1, 31), min_size=1, unique=True).map(tuple),
    ),
)


def named(schedule: Schedule, day: date) -> bool:
    """Whether a schedule names a local date, said in another way."""
    if schedule.every == "day":
        return True
    if schedule.every == "week":
        return day.strftime("%A").lower() in schedule.weekdays
    last = (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return day.day in {min(wanted, last.day) for wanted in schedule.days}


@given(schedules, zones, moments)
def test_a_schedule_is_due_once_on_each_date_that_it_names(schedule: Schedule, name: str, start: int) -> None:
    zone, end = ZoneInfo(name), start + 70 * 24 * HOUR
    dues = []
    at = start
    while (at := next_due(schedule, zone, at)) <= end:
        dues.append(at)
    assert all(one < other for one, other in pairwise(dues))
    dates = [datetime.fromtimestamp(at / 1000, zone).date() for at in dues]
    assert len(set(dates)) == len(dates)
    day = datetime.fromtimestamp(start / 1000, zone).date() + timedelta(days=2)
    last = datetime.fromtimestamp(end / 1000, zone).date() - timedelta(days=1)
    skipped = {date(2011, 12, 30)} if name == "Pacific/Apia" else set()
    # a time in the hour that is skipped at midnight is due on the same date, or late on the one before
    while day < last:
        if named(schedule, day) and day not in skipped:
            assert day in dates
        day += timedelta(days=1)


@given(schedules, zones, moments)
def test_a_due_time_shows_the_time_of_the_schedule_unless_the_clock_passed_over_it(
    schedule: Schedule, name: str, start: int
) -> None:
    zone = ZoneInfo(name)
    local = datetime.fromtimestamp(next_due(schedule, zone, start) / 1000, zone)
    wanted = datetime.combine(local.date(), datetime.strptime(schedule.at, "%H:%M").time())
    if local.replace(tzinfo=None) != wanted:
        # no moment shows what was wanted
        back = wanted.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)
        assert back.replace(tzinfo=None) != wanted or name == "Pacific/Apia"
    assert local.fold == 0


@pytest.mark.parametrize(
    ("at", "after", "expected"),
    [
        ("02:30", "2026-03-28T12:00:00+01:00", "2026-03-29T03:30+02:00"),
        ("02:30", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30+02:00"),
        ("02:30", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30+01:00"),
        ("08:00", "2026-11-29T08:00:00+01:00", "2026-11-30T08:00+01:00"),
    ],
)
def test_changes_of_the_clock(at: str, after: str, expected: str) -> None:
    zone = "Europe/Berlin"
    assert text(next_due(Schedule(every="day", at=at), ZoneInfo(zone), ms(after)), zone) == expected


def test_a_day_that_a_month_lacks_is_its_last() -> None:
    schedule = Schedule(every="month", at="06:00", days=(30, 31))
    at, found = ms("2027-01-29T00:00:00Z"), []
    for _ in range(5):
        at = next_due(schedule, ZoneInfo("UTC"), at)
        found.append(text(at, "UTC")[:10])
    assert found == ["2027-01-30", "2027-01-31", "2027-02-28", "2027-03-30", "2027-03-31"]


@pytest.mark.parametrize(
    ("span", "begin", "end"),
    [
        (Span(), "2026-10-19T00:00+02:00", "2026-10-26T00:00+01:00"),
        (Span(last=1), "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        (Span(last=1, unit="week"), "2026-10-19T00:00+02:00", "2026-10-26T00:00+01:00"),
        (Span(last=2, unit="month"), "2026-08-01T00:00+02:00", "2026-10-01T00:00+02:00"),
        (Span(last=0, unit="month", current=True), "2026-10-01T00:00+02:00", "2026-10-26T08:00+01:00"),
        (Span(last=24, unit="hour"), "2026-10-25T08:00+01:00", "2026-10-26T08:00+01:00"),
    ],
)
def test_spans_over_the_end_of_summer_time(span: Span, begin: str, end: str) -> None:
    zone = "Europe/Berlin"
    found = covered(span, ZoneInfo(zone), ms("2026-10-26T08:00:00+01:00"))
    assert [text(at, zone) for at in found] == [begin, end]


@given(st.sampled_from(["hour", "day", "week", "month"]), zones, moments)
def test_spans_of_following_runs_leave_no_gap(unit: str, name: str, at: int) -> None:
    """The span of one unit at a moment begins where that of the unit before it ends."""
    zone = ZoneInfo(name)
    begin, end = covered(Span(last=1, unit=unit), zone, at)  # type: ignore[arg-type]
    earlier = covered(Span(last=1, unit=unit), zone, end - 1)  # type: ignore[arg-type]
    assert earlier[1] == begin
    assert begin < end <= at
