"""Credit on one node and on several: never beyond the limit, and to the last unit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from onesixty.accounts import AccountSettings
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.messages.drafts import SEND, Draft
from tests.billing.credit_world import World, message, open_world, refused


@pytest.fixture(params=[False, True], ids=["own", "above"])
async def world(engine_url: str, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """An account that pays for its own messages, and one that pays for those two levels below it."""
    store = await open_world(engine_url)
    yield World(store, below=request.param)
    await store.close()


async def test_an_account_spends_its_limit_to_the_last_unit_and_no_more(world: World) -> None:
    await world.create(100)
    node = await world.start()
    assert refused(await node.accept(*[10] * 10)) == []
    (problem,) = await node.accept(1)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.kind.status, problem.rule) == ("insufficient_credit", 402, "credit")
    own = {"account_id": world.account, "levels_above": 0}
    assert problem.extra == ({"levels_above": 2} if world.below else own)
    assert await world.available() == 0
    await world.audited()


async def test_of_a_batch_what_can_be_paid_is_accepted(world: World) -> None:
    await world.create(25)
    node = await world.start()
    results = await node.accept(10, 10, 10, 5, 1)
    assert [isinstance(one, Message) for one in results] == [True, True, False, True, False]


async def test_several_nodes_spend_one_limit_to_the_last_unit(world: World) -> None:
    await world.create(1000)
    nodes = [await world.start() for _ in range(3)]
    accepted = 0
    for round_ in range(60):
        world.clock.advance(1)
        results = await asyncio.gather(*(node.accept(*[7] * (1 + round_ % 3)) for node in nodes))
        accepted += sum(isinstance(one, Message) for result in results for one in result)
        assert await world.available() >= 0
    assert accepted == 1000 // 7
    assert await world.available() == 1000 % 7
    await world.audited()


async def test_two_nodes_that_ask_each_other_both_give_back(world: World) -> None:
    await world.create(16)
    nodes = [await world.start() for _ in range(2)]
    await asyncio.gather(*(node.accept(5) for node in nodes))
    for node in nodes:
        (purse,) = node.credit._purses.values()
        if purse.filling is not None:  # takes ahead, one unit of what is left here
            await purse.filling
    for node in nodes:
        (purse,) = node.credit._purses.values()
        if purse.left < 3:
            assert await node.credit._take(purse, 3 - purse.left)
    assert (await world.rest())[0] == 0
    world.clock.advance(2)
    results = await asyncio.gather(*(node.accept(5) for node in nodes))
    assert sum(isinstance(one, Message) for result in results for one in result) == 1
    await world.audited()


async def test_a_booked_amount_can_be_spent_at_once(world: World) -> None:
    await world.create(0)
    node = await world.start()
    assert refused(await node.accept(5)) == ["insufficient_credit"]
    await world.adjust(5)
    node.credit.changed(world.account)
    assert refused(await node.accept(5)) == []
    assert refused(await node.accept(1)) == ["insufficient_credit"]


async def test_what_a_message_frees_can_be_spent_by_any_node(world: World) -> None:
    await world.create(10)
    first, second = await world.start(), await world.start()
    (message,) = await first.accept(10)
    assert isinstance(message, Message)
    assert refused(await second.accept(10)) == ["insufficient_credit"]
    assert await second.end(message, "failed")
    assert await world.available() == 10
    assert await world.shown() == 10, "shown at once, before it is folded"
    world.clock.advance(1)
    assert refused(await second.accept(10)) == []
    await world.audited()


async def test_what_was_sent_stays_charged(world: World) -> None:
    await world.create(10)
    node = await world.start()
    (message,) = await node.accept(10)
    assert isinstance(message, Message)
    assert await node.end(message, "sent")
    world.clock.advance(5)
    await node.credit.once()
    assert refused(await node.accept(1)) == ["insufficient_credit"]
    assert await world.rest() == (0, 0)


async def test_a_higher_price_takes_the_difference_and_a_lower_one_frees_it(world: World) -> None:
    await world.create(10)
    node = await world.start()
    (message,) = await node.accept(4)
    assert isinstance(message, Message)
    assert await node.reprice(message, 10) is True
    assert await world.available() == 0
    dearer = await node.reprice(world.messages[message.id], 11)
    assert isinstance(dearer, Problem)
    assert dearer.code == "insufficient_credit"
    assert await node.reprice(world.messages[message.id], 3) is True
    assert await world.available() == 7
    assert await node.end(world.messages[message.id], "canceled")
    assert await world.available() == 10
    await node.credit.stop()
    await node.credit.once()
    assert await world.rest() == (10, 0)
    await world.audited()


async def test_a_take_over_gives_back_what_the_dead_node_did_not_spend(world: World) -> None:
    await world.create(1000)
    dead, alive = await world.start(), await world.start()
    assert refused(await dead.accept(10, 10)) == []
    _, held = await world.rest()
    assert held > 20
    await world.crash(dead)
    await asyncio.gather(alive.take_over(), alive.take_over())
    assert await world.rest() == (980, 0)
    await world.audited()


async def test_a_take_over_counts_what_a_fenced_node_takes_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.create(1000)
    fenced, alive = await world.start(), await world.start()
    assert refused(await fenced.accept(10)) == []
    await world.store.execute("lease_end", id=fenced.lease.id, now=world.clock.now_ms())
    (purse,) = fenced.credit._purses.values()
    takes = iter([True])
    fetch = world.store.fetch

    async def meanwhile(name: str, **params: object) -> object:
        rows = await fetch(name, **params)
        if name == "credit_orphans" and next(takes, False):
            assert await fenced.credit._take(purse, 30)
        return rows

    monkeypatch.setattr(world.store, "fetch", meanwhile)
    await alive.take_over()
    assert await world.rest() == (990, 0)
    await world.audited()


async def test_what_a_fenced_node_reserved_never_reaches_the_disk(world: World) -> None:
    await world.create(1000)
    node, other = await world.start(), await world.start()
    assert refused(await node.accept(10)) == []
    await world.store.execute("lease_end", id=node.lease.id, now=world.clock.now_ms())
    await other.take_over()
    assert await node.accept(10) == [False]
    assert await world.available() == 990
    await world.audited()


async def test_what_is_not_used_goes_back(world: World) -> None:
    await world.create(1000)
    node = await world.start()
    assert refused(await node.accept(10)) == []
    assert (await world.rest())[1] > 0
    world.clock.advance(5)
    await node.credit.once()
    assert await world.rest() == (990, 0)
    assert node.credit.slices == 0


async def test_the_limit_counts_what_was_spent_before_it(world: World) -> None:
    await world.create(None)
    node = await world.start()
    assert refused(await node.accept(30, 30)) == []
    assert await world.shown() is None
    await world.adjust(50)
    await world.limit(20)
    assert refused(await node.accept(10)) == []
    assert refused(await node.accept(1)) == ["insufficient_credit"]
    assert await world.shown() == 0
    await world.audited()


async def test_a_limit_goes_up_and_down_and_away(world: World) -> None:
    await world.create(10)
    node = await world.start()
    assert refused(await node.accept(10)) == []
    await world.limit(15)
    assert refused(await node.accept(5)) == []
    await world.limit(3)
    assert refused(await node.accept(1)) == ["insufficient_credit"]
    assert await world.shown() == -12
    await world.audited()
    await world.limit(None)
    assert refused(await node.accept(100)) == []
    await world.audited()
    await world.limit(200)
    assert refused(await node.accept(86)) == ["insufficient_credit"]
    assert refused(await node.accept(85)) == []
    await world.audited()


async def test_a_node_that_does_not_know_the_limit_yet_is_counted(world: World) -> None:
    await world.create(10)
    node = await world.start()
    account = world.accounts.book[world.account]
    known = node.credit._book
    node.credit._book = {**known, account.id: replace(account, settings=AccountSettings())}
    assert refused(await node.accept(15)) == []
    node.credit._book = known
    assert await world.shown() == -5
    assert refused(await node.accept(1)) == ["insufficient_credit"]
    await world.audited()


async def test_test_traffic_and_free_messages_take_nothing(world: World) -> None:
    await world.create(0)
    node = await world.start()
    assert refused(await node.accept(10, test=True)) == []
    assert refused(await node.accept(0)) == []
    assert node.credit.slices == 0


async def test_a_slice_is_replaced_before_its_rows_are_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onesixty.billing.credit.ROWS", 5)
    await world.create(10_000)
    node = await world.start()
    for _ in range(20):
        world.clock.advance(0.2)
        assert refused(await node.accept(*[10] * 4)) == []
    assert node.credit.slices > 1
    await world.audited()
    await node.credit.once()
    await node.credit.stop()
    assert await world.rest() == (10_000 - 800, 0)


async def test_messages_at_once_wait_for_one_take(world: World) -> None:
    await world.create(10**6)
    node = await world.start()
    takes = 0
    take = node.credit.rows.take

    async def counted(*args: object) -> bool:
        nonlocal takes
        takes += 1
        return await take(*args)  # type: ignore[arg-type]

    node.credit.rows.take = counted  # type: ignore[method-assign, assignment]
    results = await asyncio.gather(*(node.accept(10) for _ in range(20)))
    assert [code for one in results for code in refused(one)] == []
    assert takes <= 3


async def test_messages_of_many_accounts_at_their_limits_wait_once(world: World) -> None:
    node = await world.start()
    drafts = []
    for _ in range(5):
        await world.create(0)
        now = world.clock.now_ms()
        drafts.append(Draft(SEND, message(world, 10, now), now))
    asked = 0
    state = node.credit.rows.state

    async def slowly(account_id: str) -> object:
        nonlocal asked
        asked += 1
        world.clock.advance(0.2)
        return await state(account_id)

    node.credit.rows.state = slowly  # type: ignore[method-assign, assignment]
    async with asyncio.timeout(5):
        await node.holds.filled(drafts)
    for draft in drafts:
        with pytest.raises(Problem, match="used up"):
            node.holds.take(draft.message, (), draft.held)
    assert asked == len(drafts)
