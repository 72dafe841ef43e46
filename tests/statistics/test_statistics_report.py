"""Reports over random histories: every figure is what a plain count over the messages gives."""

import random
from collections import Counter as Bag
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from onesixty.core.clock import SystemClock
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.kit.durations import bucket_of, percentile
from onesixty.statistics.dimensions import Kept, covering
from onesixty.statistics.report import Asked, Reports
from onesixty.store.opening import open_store
from tests.statistics.histories import FEATURES, MINUTE, QUARTER, START, World, new_world
from tests.support.databases import statements


@pytest.fixture
async def world(engine_url: str) -> AsyncIterator[World]:
    store = await open_store(engine_url, statements(*FEATURES), clock=SystemClock(), migrate=True)
    world = await new_world(store, 21)
    await world.live(250)
    await world.settle()
    assert (await world.state()).days_folded > START // MINUTE + 2 * 1440, "there are boxes of days to read"
    yield world
    await store.close()


def asked(world: World, **fields: Any) -> Asked:
    given = {
        "accounts": None, "test": False, "operator": True, "begin": START - 60 * MINUTE, "end": world.clock.ms + 1,
    }  # fmt: skip
    return Asked(**{**given, **fields})


def counted(world: World, **wanted: Any) -> list[Message]:
    return [
        m for m in world.messages.values()
        if not m.test and all(getattr(m, name) == value for name, value in wanted.items())
    ]  # fmt: skip


ZONES = ["UTC", "Asia/Kolkata", "America/St_Johns", "Europe/Berlin", "Pacific/Auckland", "Pacific/Honolulu"]


@pytest.mark.parametrize("zone", ZONES)
async def test_days_in_a_zone(world: World, zone: str) -> None:
    reports, local = Reports(world.store, world.clock), ZoneInfo(zone)
    read = await reports.messages(asked(world, step="day", zone=local, by=("country",)))
    found = {
        (datetime.fromtimestamp(row.begin / 1000, local).date(), row.values["country"]): row.statuses
        for row in read.rows
    }
    assert all(min(row.times.get("delivery", {}).values(), default=1) > 0 for row in read.rows)
    delivered = sum(sum(row.times.get("delivery", {}).values()) for row in read.rows)
    assert delivered == len(counted(world, status="delivered"))
    expected: dict[Any, Bag[str]] = {}
    for m in counted(world):
        day = datetime.fromtimestamp(m.created_at / 1000, UTC).astimezone(local).date()
        expected.setdefault((day, m.country), Bag())[m.status] += 1
    assert found == expected
    assert read.complete
    assert read.as_of == world.clock.ms


async def test_steps_of_a_minute_and_one_row_for_all(world: World) -> None:
    reports = Reports(world.store, world.clock)
    begin = max((await world.state()).minutes_from * MINUTE, START - 60 * MINUTE)
    read = await reports.messages(asked(world, step="minute", begin=begin, end=begin + 2900 * MINUTE))
    expected = Bag(m.created_at // MINUTE for m in counted(world) if m.created_at >= begin)
    assert {row.begin // MINUTE: row.messages for row in read.rows} == expected
    (row,) = (await reports.messages(asked(world))).rows
    assert row.messages == len(counted(world))
    assert row.segments == sum(m.segments for m in counted(world))


@pytest.mark.parametrize("seed", range(3))
async def test_any_span_is_what_the_messages_in_it_are(world: World, seed: int) -> None:
    reports, chance = Reports(world.store, world.clock), random.Random(seed)
    first, last = START // QUARTER, world.clock.ms // QUARTER + 1
    for _ in range(12):
        begin, end = sorted(chance.sample(range(first - 200, last + 200), 2))
        step, zone = chance.choice([None, "hour", "day", "month"]), ZoneInfo(chance.choice(ZONES))
        if step == "hour":
            end = min(end, begin + 8000)
        read = await reports.messages(
            asked(world, begin=begin * QUARTER, end=end * QUARTER, step=step, zone=zone)
        )
        found: Bag[int] = Bag()
        for row in read.rows:
            inside = [m for m in counted(world) if row.begin <= m.created_at < row.end]
            assert row.messages == len(inside)
            assert row.segments == sum(m.segments for m in inside)
            assert row.statuses == Bag(m.status for m in inside)
            found[row.begin] += row.messages
        inside = [m for m in counted(world) if begin * QUARTER <= m.created_at < end * QUARTER]
        assert found.total() == len(inside)


async def test_all_combinations_that_can_answer_say_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report over all accounts is read from the smallest of them, and has delivery times if one of them has."""
    reports, found = Reports(world.store, world.clock), []
    smallest = await reports.messages(asked(world, by=("carrier",), times=True))
    assert smallest.times
    for kept in covering(["carrier"], operator=True):

        async def chosen(_self: object, _asked: Asked, kept: Kept = kept) -> Kept:
            return kept

        monkeypatch.setattr(Reports, "_smallest", chosen)
        rows = (await reports.messages(asked(world, by=("carrier",), times=False))).rows
        found.append(
            [(row.values, row.messages, row.segments, row.statuses, row.price, row.cost) for row in rows]
        )
    assert len(found) > 1
    assert found[0]
    assert all(one == found[0] for one in found)
    assert [row.messages for row in smallest.rows] == [messages for _, messages, *_ in found[0]]


async def test_filters_and_accounts(world: World) -> None:
    reports = Reports(world.store, world.clock)
    for filters, wanted in (
        ({"country": "DE"}, {"country": "DE"}),
        ({"network": ""}, {"network": None}),
        ({"class": "otp", "status": "delivered"}, {"class_": "otp", "status": "delivered"}),
        ({"campaign": "cmp_1"}, {"campaign_id": "cmp_1"}),
    ):
        read = await reports.messages(asked(world, filters=filters, accounts=("acc_a",)))
        assert sum(row.messages for row in read.rows) == len(counted(world, account_id="acc_a", **wanted))
    (row,) = (await reports.messages(asked(world, filters={"tag": "red"}, accounts=("acc_a",)))).rows
    assert row.messages == sum('"red"' in (m.tags or "") for m in counted(world, account_id="acc_a"))


async def test_times_are_within_the_error_that_is_told(world: World) -> None:
    reports = Reports(world.store, world.clock)
    (row,) = (await reports.messages(asked(world, filters={"status": "delivered"}))).rows
    delivered = counted(world, status="delivered")
    times = {
        "delivery": [(m.done_at or 0) - (m.queued_at or m.created_at) for m in delivered],
        "sending": [m.sent_at - (m.queued_at or m.created_at) for m in delivered if m.sent_at is not None],
        "carrier": [(m.done_at or 0) - m.sent_at for m in delivered if m.sent_at is not None],
    }
    for of, found in times.items():
        found.sort()
        assert sum(row.times[of].values()) == len(found)
        for share, name in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99")):
            exact = found[max(0, -int(-share * len(found) // 1) - 1)]
            told = row.seconds(of)[name]
            assert told is not None
            if 100 < exact < 10**9:
                assert abs(told * 1000 - exact) <= 0.095 * exact


def test_buckets_cover_all_times_in_order() -> None:
    numbers = [bucket_of(ms) for ms in range(0, 200_000, 7)]
    assert numbers == sorted(numbers)
    for ms in (101, 999, 5_000, 61_234, 3_600_000, 86_400_000):
        found = percentile({bucket_of(ms): 1}, 0.5)
        assert found is not None
        assert abs(found - ms) <= 0.095 * ms


async def test_what_is_on_its_way(world: World) -> None:
    reports = Reports(world.store, world.clock)
    statuses = ("scheduled", "held", "queued", "sent")
    as_of, complete, rows = await reports.pending(asked(world, by=("class",)), statuses)
    waiting = [m for m in counted(world) if m.status in statuses]
    assert complete
    assert as_of == world.clock.ms
    assert {row.values["class"]: row.messages for row in rows} == Bag(m.class_ for m in waiting)
    assert sum(sum(row.ages.values()) for row in rows) == len(waiting)
    oldest = min(row.oldest for row in rows if row.oldest is not None)
    assert 0 <= min(m.created_at for m in waiting) // MINUTE - oldest < 15


async def test_what_cannot_be_answered_is_refused(world: World) -> None:
    reports = Reports(world.store, world.clock)
    for fields, code in (
        ({"by": ("sender", "country")}, "report_not_kept"),
        ({"by": ("carrier", "tag")}, "report_not_kept"),
        ({"by": ("route",), "operator": False}, "report_not_kept"),
        ({"step": "minute", "begin": START - 4000 * MINUTE}, "report_too_long"),
        ({"step": "minute", "begin": 0, "end": 10 * MINUTE}, "report_too_long"),
        ({"step": "hour", "begin": 0}, "report_too_long"),
        ({"begin": world.clock.ms + 3_600_000}, "invalid_parameter"),
    ):
        with pytest.raises(Problem) as refused:
            await reports.messages(asked(world, **fields))
        assert refused.value.code == code


async def test_the_moment_is_that_of_the_oldest_change_that_waits(world: World) -> None:
    before = SystemClock().now_ms()  # the clock of the store, which notes the change
    await world.accept()
    world.clock.ms = before + 60_000
    read = await Reports(world.store, world.clock).messages(asked(world))
    assert before <= read.as_of < world.clock.ms
    await world.settle()
    read = await Reports(world.store, world.clock).messages(asked(world))
    assert read.as_of == world.clock.ms
