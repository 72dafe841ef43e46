"""The boxes that a report reads cover each of its periods once, whatever is folded."""

from collections import Counter
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from onesixty.statistics import periods
from onesixty.statistics.counting import DAY, HOUR, QUARTER
from onesixty.statistics.levels import MOST, Part, parts

NOON = 1_790_000_000 // 60 // DAY * DAY
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland"]
).map(ZoneInfo)


def covered(part: Part) -> Counter[tuple[int, int]]:
    """How often each quarter of an hour counts in a period."""
    found: Counter[tuple[int, int]] = Counter()
    for minute in range(part.since, part.until, part.span):
        period = part.first + (minute - part.begins) // part.length
        for quarter in range(minute, minute + part.span, QUARTER):
            found[period, quarter] += part.sign
    return found


@given(
    begin=st.integers(0, 100_000),
    count=st.integers(1, 4000),
    step=st.sampled_from([None, periods.QUARTER, periods.HOUR, periods.DAY, periods.MONTH]),
    zone=ZONES,
    hours=st.integers(-10, 1100),
    days=st.integers(-2, 50),
)
def test_each_quarter_of_a_period_is_read_once(
    begin: int, count: int, step: str | None, zone: ZoneInfo, hours: int, days: int
) -> None:
    first = NOON + begin * QUARTER
    end = first + count * QUARTER
    hours_folded = first // HOUR * HOUR + hours * HOUR
    days_folded = min(first // DAY * DAY + days * DAY, hours_folded // DAY * DAY)
    starts = periods.starts(first, end, step, zone)
    read = parts(periods.stretches(starts, end), hours_folded=hours_folded, days_folded=days_folded)
    found: Counter[tuple[int, int]] = Counter()
    for part in read:
        assert part.since % part.span == part.until % part.span == 0
        assert part.span == QUARTER or part.until <= (hours_folded if part.span == HOUR else days_folded)
        found.update(covered(part))
    bounds = [*starts, end]
    expected = {
        (place, quarter): 1
        for place in range(len(starts))
        for quarter in range(bounds[place], bounds[place + 1], QUARTER)
    }
    assert {key: times for key, times in found.items() if times} == expected


def read_of(step: str | None, zone: str, days: int, begin: int = NOON) -> list[Part]:
    end = begin + days * DAY
    starts = periods.starts(begin, end, step, ZoneInfo(zone))
    return parts(periods.stretches(starts, end), hours_folded=end, days_folded=end // DAY * DAY)


def test_weeks_are_read_from_boxes_of_days() -> None:
    assert [(part.span, part.until - part.since) for part in read_of(None, "UTC", 14)] == [(DAY, 14 * DAY)]
    assert [(part.span, part.until - part.since) for part in read_of("day", "UTC", 14)] == [(DAY, 14 * DAY)]
    berlin = read_of("day", "Europe/Berlin", 14, NOON - 2 * HOUR)
    boxes = sum((part.until - part.since) // part.span for part in berlin)
    assert boxes < 14 * 5 + 24, (
        "a day, two hours more and two hours less for each; the last day is not over in UTC"
    )
    assert {part.span for part in berlin} == {DAY, HOUR}


def test_no_report_is_of_too_many_parts() -> None:
    years = read_of("day", "Europe/Berlin", 2900, NOON - 2 * HOUR)
    assert len(years) < MOST * 5 + 50
