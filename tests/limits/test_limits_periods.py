"""Days and months in time zones: changes of the clocks, ends of months, and every moment in one period."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.limits.periods import DAY, MONTH, period_of

HOUR = 3_600_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "at", "name", "begins", "hours"),
    [
        ("UTC", "2026-11-29T23:59:59+00:00", "2026-11-29", "2026-11-29T00:00:00+00:00", 24),
        ("Europe/Berlin", "2026-11-29T23:30:00+00:00", "2026-11-30", "2026-11-29T23:00:00+00:00", 24),
        ("Europe/Berlin", "2026-03-29T12:00:00+00:00", "2026-03-29", "2026-03-28T23:00:00+00:00", 23),
        ("Europe/Berlin", "2026-10-25T12:00:00+00:00", "2026-10-25", "2026-10-24T22:00:00+00:00", 25),
        # the clocks go forward at midnight, so this day begins at one o'clock
        ("Africa/Cairo", "2026-04-24T12:00:00+00:00", "2026-04-24", "2026-04-23T22:00:00+00:00", 23),
        ("America/Santiago", "2026-09-06T12:00:00+00:00", "2026-09-06", "2026-09-06T04:00:00+00:00", 23),
        ("Asia/Kathmandu", "2026-01-01T00:00:00+05:45", "2026-01-01", "2026-01-01T00:00:00+05:45", 24),
    ],
)
def test_a_day(zone: str, at: str, name: str, begins: str, hours: int) -> None:
    period = period_of(DAY, zone, ms(at))
    assert (period.name, period.begins, period.ends - period.begins) == (name, ms(begins), hours * HOUR)


def test_a_month_ends_with_its_last_day() -> None:
    february = period_of(MONTH, "UTC", ms("2028-02-29T23:59:59+00:00"))
    assert (february.name, february.ends) == ("2028-02", ms("2028-03-01T00:00:00+00:00"))
    december = period_of(MONTH, "Europe/Berlin", ms("2026-12-31T22:59:59+00:00"))
    assert (december.name, december.ends) == ("2026-12", ms("2026-12-31T23:00:00+00:00"))


@given(
    st.sampled_from([DAY, MONTH]),
    st.sampled_from(
        ["UTC", "Europe/Berlin", "America/Santiago", "Africa/Cairo", "Pacific/Apia", "Asia/Beirut"]
    ),
    st.integers(ms("2005-01-01T00:00:00+00:00"), ms("2035-01-01T00:00:00+00:00")),
)
def test_every_moment_is_in_one_period(kind: str, zone: str, at: int) -> None:
    period = period_of(kind, zone, at)
    assert period.begins <= at < period.ends
    assert period_of(kind, zone, period.begins) == period
    assert period_of(kind, zone, period.ends - 1) == period
    following = period_of(kind, zone, period.ends)
    assert following.begins == period.ends
    assert following.name > period.name
