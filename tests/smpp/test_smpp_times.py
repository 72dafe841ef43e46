"""SMPP times, 7.1.1."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp.errors import TimeFormatError
from onesixty.smpp.times import format_absolute, format_relative, parse_time

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("260131120000000+", NOW),
        ("260131140000008+", NOW),
        ("260131070000020-", NOW),
        ("260131120000500+", NOW + timedelta(milliseconds=500)),
        ("000000000500000R", NOW + timedelta(minutes=5)),
        ("000002000000000R", NOW + timedelta(days=2)),
        ("000100000000000R", datetime(2026, 2, 28, 12, 0, tzinfo=UTC)),
        ("010000000000000R", datetime(2027, 1, 31, 12, 0, tzinfo=UTC)),
    ],
)
def test_reading(value: str, moment: datetime) -> None:
    assert parse_time(value, NOW) == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "260131120000000",
        "2601311200000000+",
        "260131120000000X",
        "261331120000000+",
        "260230120000000+",
        "260131120000049+",
        "2601311200000-1+",
        "000000240000000R",
        "²60131120000000+",
        "999999999999000R",
    ],
)
def test_what_is_no_time_is_refused(value: str) -> None:
    with pytest.raises(TimeFormatError):
        parse_time(value, NOW)


@given(
    st.datetimes(
        datetime(2000, 1, 2),
        datetime(2099, 12, 30),
        timezones=st.integers(-48, 48).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))),
    )
)
def test_absolute_times_survive_to_a_tenth(moment: datetime) -> None:
    value = format_absolute(moment)
    assert len(value) == 16
    assert timedelta() <= moment - parse_time(value, NOW) < timedelta(seconds=0.1)


@given(st.integers(0, 31 * 86400 + 86399))
def test_relative_times_survive_to_a_second(seconds: int) -> None:
    value = format_relative(timedelta(seconds=seconds))
    assert parse_time(value, NOW) == NOW + timedelta(seconds=seconds)


@given(st.integers(32, 36000))
def test_long_relative_times_are_close(days: int) -> None:
    value = format_relative(timedelta(days=days))
    assert abs(parse_time(value, NOW) - NOW - timedelta(days=days)) < timedelta(days=days * 0.03 + 3)


def test_what_cannot_be_written() -> None:
    for span in (timedelta(seconds=-1), timedelta(days=365 * 101)):
        with pytest.raises(TimeFormatError):
            format_relative(span)
    with pytest.raises(TimeFormatError):
        format_absolute(datetime(2026, 1, 1))
    with pytest.raises(TimeFormatError):
        format_absolute(datetime(1999, 1, 1, tzinfo=UTC))
