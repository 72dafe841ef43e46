"""Boxes of databases of older versions are folded further, and nothing of them is lost or counted twice."""

from importlib import resources
from typing import Any

import pytest

from onesixty.core.clock import SystemClock
from onesixty.statistics.counting import DURATIONS
from onesixty.statistics.report import Asked, Reports
from onesixty.store import migrations
from onesixty.store.opening import open_store
from tests.statistics.histories import FEATURES, START, World, check, new_world
from tests.support.databases import run_sql, statements

DAY = 1440
#: The beginning of the day of the test.
TODAY = START // 60_000 // DAY * DAY


def box(span: int, minute: int, messages: int) -> str:
    return (
        "INSERT INTO statistics_boxes (span, owner, minute, series, waits, messages, segments, price, cost) VALUES "
        f"({span}, 1, {minute}, 1, 0, {messages}, {messages}, {messages * 7500}, 0)"
    )


SERIES = (
    "INSERT INTO statistics_series (id, owner, name, kept, account_id, test, class_, channel, status, currency) "
    """VALUES (1, 1, '["total",[null]]', 'total', NULL, 0, 'otp', 'sms', 'delivered', 'EUR')"""
)


async def upgraded(url: str, revision: str, rows: list[str]) -> World:
    """A database of a revision with some boxes, after its upgrade, and the task that counts."""
    await migrations.migrate(url, revision)
    state = "UPDATE statistics_state SET phase = 'counting', next_series = 2"
    for text in (SERIES, *rows, state):
        await run_sql(url, text)
    await migrations.migrate(url)
    # these boxes have no messages, so the rebuild that 0053 asks for would remove them
    await run_sql(url, "UPDATE statistics_state SET phase = 'counting'")
    store = await open_store(url, statements(*FEATURES), clock=SystemClock())
    return await new_world(store, 1)


async def sums(world: World, begin: int, end: int, **fields: Any) -> list[int]:
    asked = Asked(accounts=None, test=False, operator=True, begin=begin * 60_000, end=end * 60_000, **fields)
    return [row.messages for row in (await Reports(world.store, world.clock).messages(asked)).rows]


async def test_quarters_that_were_written_at_once_are_not_added_again(empty_url: str) -> None:
    """0035: until then, each change was written to the minute and to the quarter."""
    last = TODAY + 60
    rows = [
        box(15, last - 15, 5),
        box(1, last - 10, 5),
        box(15, last, 4),
        box(1, last + 2, 3),
        box(1, last + 14, 1),
    ]
    world = await upgraded(empty_url, "0034", rows)
    try:
        assert (await world.state()).folded == last + 15
        assert await sums(world, last - 15, last + 15) == [9]
        world.clock.ms = (last + 40) * 60_000
        await world.settle()
        await world.counter.once()
        assert await sums(world, last - 15, last + 15) == [9]
        assert await world.store.fetch("audit_counted_levels", most=9) == []
    finally:
        await world.store.close()


async def test_a_database_without_boxes_begins_with_nothing_folded(empty_url: str) -> None:
    world = await upgraded(empty_url, "0034", [])
    try:
        state = await world.state()
        assert (state.folded, state.hours_folded, state.days_folded) == (0, 0, 0)
    finally:
        await world.store.close()


@pytest.mark.parametrize("revision", ["0034", "0038"])
async def test_hours_and_days_are_made_of_what_there_is(empty_url: str, revision: str) -> None:
    """0039: there were no boxes of hours and days."""
    rows = [box(15, TODAY - days * DAY + quarter * 15, 1) for days in (400, 4, 3) for quarter in range(96)]
    rows += [f"UPDATE statistics_state SET folded = {TODAY}"] if revision >= "0035" else []
    world = await upgraded(empty_url, revision, rows)
    try:
        world.clock.ms = (TODAY + 8 * 60) * 60_000
        assert await sums(world, TODAY - 401 * DAY, TODAY) == [3 * 96]
        for _ in range(40):
            await world.counter.once()
        state = await world.state()
        assert (state.hours_folded, state.days_folded) == (TODAY + 6 * 60, TODAY)
        assert await sums(world, TODAY - 401 * DAY, TODAY) == [3 * 96]
        assert await sums(world, TODAY - 401 * DAY, TODAY, step="day") == [96, 96, 96]
        boxes = {(key[1], key[2]): sums[0] for key, sums in (await world.counted()).items() if key[1] > 15}
        assert boxes == {(DAY, TODAY - days * DAY): 96 for days in (400, 4, 3)} | {
            (60, TODAY - days * DAY + hour * 60): 4 for days in (400, 4, 3) for hour in range(24)
        }
        assert await world.store.fetch("audit_counted_levels", most=9) == []
        await run_sql(
            empty_url, "UPDATE statistics_boxes SET messages = 95 WHERE span = 1440 AND messages = 96"
        )
        found = await world.store.fetch("audit_counted_levels", most=2)
        assert [count for _, count in found] == [3, 3]
        assert str(found[0][0]).startswith("1440 minutes from ")
    finally:
        await world.store.close()


async def test_times_that_were_not_counted_are_after_the_upgrade(engine_url: str) -> None:
    """0053: until then, one time was counted of a message, the one to its delivery."""
    store = await open_store(engine_url, statements(*FEATURES), clock=SystemClock(), migrate=True)
    world = await new_world(store, 5)
    await world.live(120)
    await world.settle()
    try:
        more = f"DELETE FROM statistics_times WHERE bucket >= {DURATIONS}"
        # a row of that time ended with the tags
        counted = "UPDATE statistics_open SET counted = replace(counted, ',[]]', ']')"
        asked = resources.files("onesixty.store.migrations.versions") / "0053_times_apart.sql"
        for text in (more, counted, asked.read_text()):
            await run_sql(engine_url, text)
        assert (await world.state()).phase == "asked"
        await world.live(60)
        await world.settle()
        await check(world)
    finally:
        await store.close()


async def test_nothing_is_counted_anew_where_nothing_was_counted(empty_url: str) -> None:
    await migrations.migrate(empty_url)
    store = await open_store(empty_url, statements(*FEATURES), clock=SystemClock())
    try:
        world = await new_world(store, 1)
        assert (await world.state()).phase == "building"
    finally:
        await store.close()
