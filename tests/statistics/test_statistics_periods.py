"""Periods of local time: whole days and months in any zone, also where the clock changes and at half hours."""

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.statistics.periods import STEPS, local_text, starts, stretches

ZONES = [
    "UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe",
    "America/Sao_Paulo", "Pacific/Apia", "Africa/Cairo", "America/Asuncion",
]  # fmt: skip


def minute(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) // 60


def test_days_of_a_zone_at_a_half_hour() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    begin, end = minute("2026-11-01T00:00+05:30"), minute("2026-11-04T00:00+05:30")
    assert [local_text(at, zone) for at in starts(begin, end, "day", zone)] == [
        "2026-11-01T00:00:00+05:30", "2026-11-02T00:00:00+05:30", "2026-11-03T00:00:00+05:30",
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_on_which_the_clock_changes_is_shorter_or_longer(day: str, hours: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin = int(datetime.fromisoformat(day).replace(tzinfo=zone).timestamp()) // 60
    days = starts(begin, begin + 5000, "day", zone)
    assert days[1] - days[0] == hours * 60
    assert len(starts(begin, days[1], "hour", zone)) == hours


def test_the_first_and_the_last_period_are_cut() -> None:
    zone = ZoneInfo("UTC")
    begin, end = minute("2026-01-30T10:30+00:00"), minute("2026-03-02T07:15+00:00")
    assert [local_text(at, zone) for at in starts(begin, end, "month", zone)] == [
        "2026-01-30T10:30:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z",
    ]  # fmt: skip
    assert starts(begin, end, None, zone) == [begin]


@given(
    st.sampled_from(ZONES), st.sampled_from(STEPS),
    st.integers(minute("2005-01-01T00:00+00:00") // 15, minute("2035-01-01T00:00+00:00") // 15),
    st.integers(1, 400),
)  # fmt: skip
def test_periods_lie_between_local_bounds_and_leave_nothing_out(
    name: str, step: str, quarter: int, quarters: int
) -> None:
    zone = ZoneInfo(name)
    begin, end = quarter * 15, (quarter + quarters) * 15
    found = starts(begin, end, step, zone)
    assert found == sorted(set(found))
    assert found[0] == begin
    assert found[-1] < end
    shape = {"minute": 1, "quarter": 15, "hour": 60, "day": 1440, "month": 44_640}[step]
    for at in found[1:]:
        local = datetime.fromtimestamp(at * 60, UTC).astimezone(zone)
        before = datetime.fromtimestamp((at - 1) * 60, UTC).astimezone(zone)
        if step == "hour":
            assert before.hour != local.hour or before.utcoffset() != local.utcoffset()
        elif step == "day":
            assert before.date() != local.date()
        elif step == "month":
            assert before.month != local.month
    assert all(one - other <= shape + 120 for other, one in zip(found, [*found[1:], end], strict=True))
    # the stretches are the same periods
    counted = [
        stretch.first + (at - stretch.begin) // stretch.length
        for stretch in stretches(found, end)
        for at in range(stretch.begin, stretch.end, 15 if step != "minute" else 1)
    ]
    bounds = [*found, end]
    expected = [
        place
        for place, (one, other) in enumerate(itertools.pairwise(bounds))
        for _ in range(one, other, 15 if step != "minute" else 1)
    ]
    assert counted == expected
