"""The boxes equal a plain count over the messages, whatever happened to these and to the task that counts."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from onesixty.core import ids
from onesixty.core.clock import SystemClock
from onesixty.statistics.counting import FOR_GOOD
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from tests.statistics.histories import FEATURES, MINUTE, START, World, check, new_world
from tests.support.databases import statements


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    store = await open_store(engine_url, statements(*FEATURES), clock=SystemClock(), migrate=True)
    yield store
    await store.close()


@pytest.mark.parametrize("seed", range(4))
async def test_boxes_equal_a_plain_count(store: Store, seed: int) -> None:
    world = await new_world(store, seed, charge_on_sent=seed % 2 == 0)
    for _ in range(4):
        await world.live(60)
        await world.settle()
        await check(world)
    state = await world.state()
    assert state.folded > state.hours_folded > state.days_folded > START // MINUTE
    waits = {id_ for id_, _, ended in await store.fetch("all_open") if not ended}
    assert waits, "some messages may still change"


@pytest.mark.parametrize("seed", range(6, 8))
async def test_a_rebuild_beside_traffic_gives_the_same(store: Store, seed: int) -> None:
    world = await new_world(store, seed)
    await world.live(120, also=(World.build, World.take_over))
    await world.rebuild.begin()
    await world.live(40, also=(World.take_over,))
    await world.settle()
    await check(world)


DAY = 24 * 60 * MINUTE
#: The first day of UTC of which all messages stay for a day more, after those of two days were removed.
CLOSED = -(-(START + 3 * DAY) // DAY) * 1440


async def test_boxes_older_than_the_messages_stay(store: Store) -> None:
    world = await new_world(store, 11)
    await world.live(60)
    world.clock.ms = START + 4 * DAY
    await world.live(60)
    await world.settle()
    before = await world.counted()
    await world.remove(START + 2 * DAY)
    assert len(world.messages) < len(await store.fetch("all_messages")) + 1
    await world.live(30)
    await world.rebuild.begin()
    await world.live(30)
    await world.settle()
    await check(world, since=CLOSED)
    assert (await world.state()).closed == CLOSED
    assert old_messages(before) == old_messages(await world.counted()) > len(world.messages) / 4


def old_messages(boxes: dict[tuple[Any, ...], tuple[int, ...]]) -> int:
    """How many messages the boxes of the first two days hold. Some have moved to another box of their time."""
    until = (START + 2 * DAY) // MINUTE
    return sum(sums[0] for key, sums in boxes.items() if key[:2] == ("total", 15) and key[2] < until)


async def test_days_are_folded_without_traffic_and_over_gaps(store: Store) -> None:
    """As after an upgrade: years of quarters, of which the longer boxes have nothing yet."""
    world = await new_world(store, 13)
    for days in (0, 1, 400, 401):
        world.clock.ms = START + days * DAY
        await world.live(30)
        await world.settle()
    await store.execute("longer_boxes_drop")
    await store.execute("longer_times_drop")
    await store.execute("state_as_before")
    world.clock.ms += 2 * DAY
    hours = (world.clock.ms // MINUTE - 3 - 60) // 60 * 60
    rounds = 0
    while (await world.state()).days_folded != (hours - 180) // 1440 * 1440:
        assert await world.counter.once()
        rounds += 1
        assert rounds < 100, "times without messages are passed over"
    assert (await world.state()).hours_folded == hours
    await check(world)
    assert {span for _, span, *_ in await world.counted()} >= {15, 60, 1440}


async def test_a_late_answer_costs_what_it_adds_to_an_ended_message(store: Store) -> None:
    world = await new_world(store, 14)
    await world.accept(20)
    while any(m.status not in FOR_GOOD for m in world.messages.values()):
        await world.release()
        await world.send()
        await world.end()
    world.clock.ms += 6_000
    await world.settle()
    open_ = {id_ for id_, *_ in await store.fetch("all_open")}
    assert not open_, "nothing is known of them but their messages"
    for _ in range(30):
        await world.surprise()
        if world.random.random() < 0.5:
            await world.count()
    await world.settle()
    await check(world)
    assert {id_ for id_, *_ in await store.fetch("all_open")}, "later answers are told from this one"


async def test_a_late_answer_that_overtakes_its_message_is_counted_once(store: Store) -> None:
    """Nodes' clocks differ, so an answer's note can be read before that of its message."""
    world = await new_world(store, 15)
    await world.accept(6)
    while any(m.status not in FOR_GOOD for m in world.messages.values()):
        await world.release()
        await world.send()
        await world.end()
    for _ in range(12):
        await world.surprise()
    await store.execute("notes_of_answers_first")
    await world.settle()
    await check(world)


async def test_a_message_that_is_committed_late_is_counted(postgres_url: str) -> None:
    store = await open_store(postgres_url, statements(*FEATURES), clock=SystemClock(), migrate=True)
    late = await asyncpg.connect(postgres_url)
    try:
        world = await new_world(store, 12)
        await world.accept(5)
        await world.settle()
        # a message with the lowest id of all, whose transaction is still open while others are counted
        id_ = ids.lowest_at(ids.MESSAGE, START - 1)
        transaction = late.transaction()
        await transaction.start()
        await late.execute(
            "INSERT INTO messages SELECT (jsonb_populate_record(m, $1::jsonb)).* FROM messages m LIMIT 1",
            f'{{"id": "{id_}"}}',
        )
        await late.execute(
            "INSERT INTO changed_messages (noted_at, place, changed, attempted) VALUES ($1, 1, $2, '[]')",
            START - 1, f'["{id_}"]',
        )  # fmt: skip
        await world.live(40)
        await world.settle()
        await check(world)
        await transaction.commit()
        await world.settle()
        await check(world)
        folded = (await world.state()).folded
        totals = [(key, sums) for key, sums in (await world.counted()).items() if key[0] == "total"]
        found = sum(sums[0] for key, sums in totals if key[1] == 15 or key[2] >= folded)
        assert found == len(world.messages) + 1
    finally:
        await late.close()
        await store.close()
