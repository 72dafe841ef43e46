"""Limits on several nodes: rates divided by use, days without a message too many, clocks, crashes."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from onesixty.core import statuses
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.limits import Limits
from onesixty.core.message import Message
from onesixty.limits.counters import part
from onesixty.limits.hold import FORGET
from onesixty.limits.periods import period_of
from onesixty.limits.rows import LimitRows
from onesixty.messages import changes
from onesixty.store import migrations
from onesixty.store.contract import Store
from onesixty.store.pg_connections import connect_writer
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from onesixty.store.units import Unavailable
from tests.limits.limit_world import LimitNode, World, open_world


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    opened = await open_world(engine_url)
    yield opened
    await opened.close()


async def sent_in(world: World, account: str, loads: dict[LimitNode, float], seconds: float) -> int:
    """What nodes accept that are asked for so many messages a second, in steps of 50 ms."""
    accepted, owed = 0, dict.fromkeys(loads, 0.0)
    for _ in range(int(seconds / 0.05)):
        world.clock.turn(0.05)
        for node, rate in loads.items():
            owed[node] += rate * 0.05
            count, owed[node] = int(owed[node]), owed[node] % 1
            if count:
                accepted += await node.accepted(account, count, unwritten=True)
    return accepted


async def test_a_rate_is_divided_by_what_nodes_use(store: Store) -> None:
    """Under any load no second has more than the limit and a tenth; and the busy node gets nearly all of it."""
    world = World(store, several=True)
    account = await world.create(Limits(segments_per_second=200))
    first, second = await world.start(), await world.start()
    for loads, least in (
        ({first: 400.0, second: 400.0}, 0.8),
        ({first: 400.0, second: 0.0}, 0.8),
        ({first: 10.0, second: 400.0}, 0.8),
    ):
        for _ in range(4):  # renewals of the leases
            await sent_in(world, account, loads, 3)
            for node in world.nodes:
                await node.filling.divide(node.hold.meters())
        accepted = await sent_in(world, account, loads, 4)
        assert accepted <= 200 * 4 * 1.1 + 1
        assert accepted >= 200 * 4 * least
    await world.crash(second)
    await first.filling._rows.drop_shares()
    await first.filling.divide(first.hold.meters())
    await first.filling.divide(first.hold.meters())
    await sent_in(world, account, {first: 400.0}, 2)
    assert 200 * 2 * 0.95 <= await sent_in(world, account, {first: 400.0}, 2) <= 200 * 2 * 1.1 + 1
    await world.end()


async def shares_of(store: Store) -> dict[str, tuple[int, int]]:
    """The share and the use of each rate of a node that is alone."""
    return {subject: (share, used) for subject, _, share, used in await store.fetch("limit_shares")}


async def test_a_newcomer_between_two_refreshes_leaves_the_use_of_other_rates_right(store: Store) -> None:
    world = World(store, several=True)
    account = await world.create(Limits(segments_per_second=200))
    node = await world.start()
    await sent_in(world, account, {node: 100.0}, 3)
    await node.filling.divide(node.hold.meters())
    await sent_in(world, account, {node: 100.0}, 3)
    newcomer = await world.create(Limits(segments_per_second=50))
    assert await node.accepted(newcomer, unwritten=True) == 1
    assert f"{newcomer} segments" in await shares_of(store)
    await node.filling.divide(node.hold.meters())
    _, used = (await shares_of(store))[f"{account} segments"]
    assert 95_000 <= used <= 105_000
    await world.end()


@pytest.mark.parametrize("way", ["not used", "another time zone", "no limit"])
async def test_a_meter_that_goes_gives_its_shares_back(store: Store, way: str) -> None:
    world = World(store, several=True)
    limits = Limits(segments_per_second=100)
    account = await world.create(limits if way == "no limit" else Limits())
    node = await world.start()
    key = None if way == "no limit" else Grant(id="key_gone", limits=limits)
    assert await node.accepted(account, grant=key, unwritten=True) == 1
    await node.filling.divide(node.hold.meters())
    assert list(await shares_of(store)) == [f"{account if key is None else key.id} segments"]
    if way == "not used":
        world.clock.turn(FORGET + 1)
        node.hold.forget()
    elif way == "no limit":
        await world.limit(account, Limits())
    else:
        await world.accounts.change(account, lambda before: replace(before, time_zone="Asia/Tokyo"))
    assert list(node.hold.meters()) == []
    await node.filling.stop(())
    assert await shares_of(store) == {}
    await world.end()


async def test_a_share_that_stays_is_not_written_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(store, several=True)
    busy, idle = [await world.create(Limits(segments_per_second=100)) for _ in range(2)]
    node = await world.start()
    written: list[str] = []
    set_share = LimitRows.set_share

    async def noting(rows: LimitRows, subject: str, *more: int) -> bool:
        written.append(subject)
        return await set_share(rows, subject, *more)

    monkeypatch.setattr(LimitRows, "set_share", noting)
    await node.filling.divide(node.hold.meters())
    assert sorted(written) == sorted(f"{one} segments" for one in (busy, idle))
    written.clear()
    await sent_in(world, busy, {node: 50.0}, 2)
    await node.filling.divide(node.hold.meters())
    assert set(written) == {f"{busy} segments"}
    assert await sent_in(world, idle, {node: 200.0}, 2) >= 190, "it has what the row says"
    await world.end()


async def test_a_rate_is_exact_on_one_node(store: Store) -> None:
    world = World(store, several=False)
    account = await world.create(Limits(segments_per_second=100))
    node = await world.start()
    assert await node.accepted(account, 150, unwritten=True) == 100
    assert await sent_in(world, account, {node: 1000.0}, 1) == 100
    await world.end()


async def test_a_days_messages_are_never_passed_and_nearly_used_up(store: Store) -> None:
    world = World(store, several=True)
    account = await world.create(Limits(messages_per_day=1000))
    nodes = [await world.start() for _ in range(3)]
    total = 0
    for turn in range(600):
        world.clock.turn(0.2)
        total += await nodes[turn % 3].accepted(account, 5)
    assert 900 <= total <= 1000
    world.clock.turn(5)
    for node in nodes:
        await node.filling.once(node.hold.meters())
        await node.filling.stop(())
    for node in nodes:  # what was stranded has come back, so the last one can be sent by any
        world.clock.turn(0.2)
        total += await node.accepted(account, 1000)
    assert total == 1000
    await world.end()


async def test_a_crash_loses_a_slice_and_no_more(store: Store) -> None:
    world = World(store, several=False)
    account = await world.create(Limits(messages_per_day=1000))
    node = await world.start()
    assert await node.accepted(account, 10) == 10
    await world.crash(node)
    after = await world.start()
    accepted = await after.accepted(account, 2000)
    assert 990 - part(1000, 1) <= accepted <= 990
    await world.end()


async def test_a_clock_that_is_set_back_comes_to_the_count_that_it_left(store: Store) -> None:
    world = World(store, several=False)
    account = await world.create(Limits(messages_per_day=10), zone="Europe/Berlin")
    node = await world.start()
    day = 86_400
    assert await node.accepted(account, 7) == 7
    world.clock.turn(day)
    assert await node.accepted(account, 20) == 10
    world.clock.turn(-day)
    node.filling._running.clear()
    world.clock.turn(1)
    assert await node.accepted(account, 20) == 3
    world.clock.turn(day)
    assert await node.accepted(account, 20) == 0
    await world.end()


async def test_reading_the_limits_gives_a_new_day_nothing_of_the_day_before(store: Store) -> None:
    world = World(store, several=False)
    account = await world.create(Limits(messages_per_day=100))
    node = await world.start()
    assert await node.accepted(account, 3) == 3
    world.clock.turn(86_400)
    meter = node.hold.meter_of(account)
    assert meter is not None
    assert [await node.filling.used(meter, count) for count in meter.counts] == [0]
    assert await node.accepted(account, 200) == 100
    await world.end()


async def test_the_days_of_a_key_follow_the_time_zone_of_its_account(store: Store) -> None:
    world = World(store, several=False)
    account = await world.create(Limits())
    node = await world.start()
    key = Grant(id="key_zone", limits=Limits(messages_per_day=5))
    assert await node.accepted(account, 6, grant=key) == 5
    await world.accounts.change(account, lambda row: replace(row, time_zone="Asia/Tokyo"))
    (result,) = await node.send(account, grant=key)
    found = node.hold.of_grant(key, account)
    assert found is not None
    assert found.zone == "Asia/Tokyo"
    day = period_of("day", "Asia/Tokyo", world.clock.now_ms())
    assert [count.period for count in found.counts] == [day]
    assert isinstance(result, Problem) == (day.name == period_of("day", "UTC", world.clock.now_ms()).name)
    await world.end()


def test_waiting_messages_are_not_looked_for_among_all_of_an_account() -> None:
    """An account may have sent millions; those that wait are few."""
    database = MemoryDatabase()
    migrations.migrate_connection(database.connection)
    statements = load(["onesixty.limits"])
    for name, indexes in (
        ("limit_waiting", ["messages_waiting", "messages_aside", "messages_claimed"]),
        ("limit_scheduled", ["messages_scheduled"]),
        ("limit_stock", ["messages_limited"]),
    ):
        statement = statements[name]
        plan = database.connection.execute(
            f"EXPLAIN QUERY PLAN {statement.sqlite}", ("[]",) * len(statement.params)
        ).fetchall()
        steps = [step for *_, step in plan if "messages" in step]
        assert len(steps) == len(indexes), plan
        assert all(index in step for index, step in zip(indexes, steps, strict=True)), plan
    database.close()


async def test_what_a_key_has_waiting_is_read_from_its_index(postgres_url: str) -> None:
    """Also by plans that were made while the table was empty, as at a first start."""
    await (await open_world(postgres_url)).close()
    connection, _ = await connect_writer(postgres_url)
    try:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        statement = load(["onesixty.limits"])["limit_stock"].postgresql
        await connection.execute(f"PREPARE planned AS {statement}")
        plan = await connection.fetch("EXPLAIN EXECUTE planned('key_1', 'queued')")
    finally:
        await connection.close()
    steps = "\n".join(row[0] for row in plan)
    assert "messages_limited" in steps, steps
    assert "Index Cond: ((limited_by = $1) AND (status = $2))" in steps, steps


async def test_a_key_counts_beside_its_account(store: Store) -> None:
    world = World(store, several=False)
    account = await world.create(Limits(messages_per_day=8))
    node = await world.start()
    key = Grant(id="key_1", limits=Limits(messages_per_day=5))
    assert await node.accepted(account, 6, grant=key) == 5
    assert await node.accepted(account, 9) == 3
    assert await node.accepted(account, 4, test=True) == 4
    assert (
        await node.accepted(account, 4, test=True, grant=Grant(id="key_2", limits=Limits(messages_per_day=1)))
        == 1
    )
    await world.end()


async def test_a_database_that_does_not_answer_refuses_and_passes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(store, several=False)
    account = await world.create(Limits(messages_per_day=100, waiting_messages=100))
    node = await world.start()

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(store, "fetch", away)
        (result,) = await node.send(account)
        assert isinstance(result, Problem)
        assert (result.code, result.rule) == ("unavailable", "limits")
    world.clock.turn(1)
    assert await node.accepted(account) == 1
    await world.end()


@pytest.mark.parametrize(
    ("way", "limit"),
    [
        ([statuses.SCHEDULED, statuses.QUEUED], "waiting_messages"),
        ([statuses.QUEUED, statuses.HELD, statuses.QUEUED], "waiting_messages"),
        ([statuses.QUEUED, statuses.SCHEDULED], "scheduled_messages"),
        ([statuses.QUEUED, statuses.HELD, statuses.SCHEDULED], "scheduled_messages"),
    ],
    ids=lambda given: given if isinstance(given, str) else " to ".join(given),
)
@pytest.mark.parametrize("several", [False, True], ids=["one node", "several nodes"])
async def test_what_comes_to_wait_by_a_change_leaves_less_room(
    store: Store, way: list[str], limit: str, several: bool
) -> None:
    """A release, a requeue and a deferral are never refused, and count at once, also for the accounts above."""
    world = World(store, several=several)
    top = await world.create(Limits(**{limit: 100}))
    account = await world.create(Limits(), parent=top)
    first = await world.start()
    nodes = [first, await world.start()] if several else [first]
    scheduled = limit == "scheduled_messages"
    for message in await first.send(account, 40, scheduled=way[0] == statuses.SCHEDULED):
        assert isinstance(message, Message)
        for status in way[1:-1]:
            await first.advance(world.messages[message.id], status)
    waits = [one for one in world.messages.values() if one.status != way[-1]]
    assert len(waits) == 40
    for node in nodes:
        assert await node.accepted(account, 20, scheduled=scheduled) == 20
    room = 100 - 20 * len(nodes)
    for _ in range(3):  # each time, this node believes that it knows what waits
        for _ in range(10):
            await nodes[-1].advance(waits.pop(), way[-1])
        room -= 10
        assert await first.accepted(top, 5, scheduled=scheduled) == 5
        room -= 5
    accepted = 0
    for node in (*nodes, *nodes):
        world.clock.turn(1)
        accepted += await node.accepted(account, 50, scheduled=scheduled)
    assert room <= accepted <= max(0, room) + (10 if several else 0)
    while waits:  # never refused
        await first.advance(waits.pop(), way[-1])
    for node in nodes:
        world.clock.turn(1)
        assert await node.accepted(account, 20, scheduled=scheduled) == 0
    await world.end()


async def test_test_messages_do_not_wait_for_the_limits_of_an_account(store: Store) -> None:
    world = World(store, several=False)
    account = await world.create(Limits(waiting_messages=5, scheduled_messages=5))
    node = await world.start()
    for scheduled in (False, True):
        assert await node.accepted(account, 20, scheduled=scheduled, test=True) == 20
        assert await node.accepted(account, 9, scheduled=scheduled) == 5
    await world.end()


async def test_what_another_limit_refused_is_not_taken_later(store: Store) -> None:
    """A node may take at once what it counted for; what it did not take then, others may have taken meanwhile."""
    world = World(store, several=True)
    account = await world.create(Limits(waiting_messages=100))
    first, second = await world.start(), await world.start()
    for node in (first, second):
        await node.filling.divide(node.hold.meters())
    key = Grant(id="key_2", limits=Limits(messages_per_day=10))
    assert await first.accepted(account, 50, grant=key) == 10
    total = 10
    for _ in range(10):
        world.clock.turn(1)
        total += await second.accepted(account, 75)
    assert total == 100
    assert await first.accepted(account, 40) <= part(100, 2)
    await world.end()


async def test_an_account_without_limits_has_no_meter(store: Store) -> None:
    world = World(store, several=False)
    account = await world.create(Limits())
    other = await world.create(Limits(messages_per_day=1))
    node = await world.start()
    assert await node.accepted(account, 3) == 3
    assert not node.hold.chain_of(account)
    assert len(node.hold.chain_of(other)) == 1
    await world.limit(other, Limits())
    assert not node.hold.chain_of(other)
    await world.end()


@pytest.mark.parametrize(
    ("way", "limit"),
    [
        ([statuses.SCHEDULED, statuses.QUEUED], "waiting_messages"),
        ([statuses.QUEUED, statuses.HELD, statuses.QUEUED], "waiting_messages"),
        ([statuses.QUEUED, statuses.SCHEDULED], "scheduled_messages"),
    ],
    ids=lambda given: given if isinstance(given, str) else " to ".join(given),
)
async def test_what_a_key_has_waiting_counts_for_it_alone(store: Store, way: list[str], limit: str) -> None:
    """A release, a requeue and a deferral are never refused, and leave the key less room at once; those of other
    messages of the account leave it what it has."""
    world = World(store, several=False)
    account = await world.create(Limits())
    node = await world.start()
    key = Grant(id="key_stock", limits=Limits(**{limit: 30}))
    before, scheduled = way[0] == statuses.SCHEDULED, limit == "scheduled_messages"
    ours = await node.send(account, 10, scheduled=before, grant=key)
    others = await node.send(account, 10, scheduled=before)
    assert await node.accepted(account, 5, scheduled=scheduled, grant=key) == 5
    for sent in (*ours, *others):
        assert isinstance(sent, Message)
        for status in way[1:]:
            await node.advance(world.messages[sent.id], status)
    meter = node.hold.of_grant(key, account)
    assert meter is not None
    again = 10 if way[0] == way[-1] else 0  # what left meanwhile is not seen before the rows are counted
    assert [stock.counted + stock.since for stock in meter.stocks.values()] == [15 + again]
    assert await node.accepted(account, 50, scheduled=scheduled, grant=key) == 15
    assert await node.accepted(account, 50, scheduled=scheduled) == 50
    first = ours[0]
    assert isinstance(first, Message)
    await node.advance(world.messages[first.id], statuses.CANCELED)
    world.clock.turn(1)
    assert await node.accepted(account, 5, scheduled=scheduled, grant=key) == 1
    await world.crash(node)
    after = await world.start()
    assert await after.accepted(account, 5, scheduled=scheduled, grant=key) == 0
    await world.end()


async def test_a_change_that_is_lost_leaves_a_key_its_room(store: Store) -> None:
    """What comes to wait counts with the commit, and not before."""
    world = World(store, several=False)
    account = await world.create(Limits())
    node = await world.start()
    key = Grant(id="key_lost", limits=Limits(waiting_messages=2))
    (sent,) = await node.send(account, scheduled=True, grant=key)
    assert isinstance(sent, Message)
    assert await node.accepted(account, grant=key) == 1
    stale = world.messages[sent.id]
    await node.advance(stale, statuses.HELD)
    lost = changes.advance(stale, statuses.QUEUED, world.clock.now_ms())
    assert await node._commit([node.recorder.change(lost)]) == [False]
    meter = node.hold.of_grant(key, account)
    assert meter is not None
    assert [stock.room for stock in meter.stocks.values()] == [1]
    await world.end()


async def test_test_messages_wait_for_the_limits_of_their_key(store: Store) -> None:
    world = World(store, several=False)
    account = await world.create(Limits(waiting_messages=1))
    node = await world.start()
    key = Grant(id="key_test", limits=Limits(waiting_messages=3))
    assert await node.accepted(account, 5, test=True, grant=key) == 3
    assert await node.accepted(account, 5) == 1
    await world.end()
