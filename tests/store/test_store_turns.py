"""Slow reads run a few at a time, in turns between accounts, and none of them for long."""

import asyncio

import pytest

from onesixty.store import postgresql, sqlite_connections
from onesixty.store.contract import Store
from onesixty.store.turns import PLACES, Turns
from onesixty.store.units import TooBroad, Unit

ENDLESS = 10**12


async def ask(turns: Turns, who: str, order: list[str]) -> None:
    await turns.take(who)
    order.append(who)


async def test_one_account_leaves_a_place_and_waits_in_turns() -> None:
    turns, order = Turns(3), list[str]()
    tasks = [asyncio.create_task(ask(turns, "one", order)) for _ in range(20)]
    await asyncio.sleep(0)
    assert order == ["one"] * 2, "all places but one"
    tasks.append(asyncio.create_task(ask(turns, "two", order)))
    await asyncio.sleep(0)
    assert order[2:] == ["two"], "at once"
    tasks += [asyncio.create_task(ask(turns, "three", order)) for _ in range(3)]
    tasks += [asyncio.create_task(ask(turns, "four", order))]
    await asyncio.sleep(0)
    for who in ("one", "two", "one"):
        turns.give(who)
        await asyncio.sleep(0)
    assert order[3:] == ["one", "three", "four"], "each in turn, however many wait"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_who_gives_up_takes_no_place() -> None:
    turns, order = Turns(2), list[str]()
    await turns.take("one")
    waiting = [asyncio.create_task(ask(turns, "one", order)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    turns.give("one")  # the second's turn, which gives up in the same step
    waiting[1].cancel()
    await asyncio.gather(*waiting[:2], return_exceptions=True)
    await asyncio.wait_for(waiting[2], 5)
    assert order == ["one"]
    turns.give("one")
    await turns.take("one")
    await asyncio.wait_for(turns.take("two"), 5)


async def test_lists_of_one_account_do_not_hold_up_another(store: Store) -> None:
    many = [
        asyncio.ensure_future(store.fetch("count_slowly_for", account_id="one", most=ENDLESS))
        for _ in range(5 * PLACES)
    ]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(20):
        assert await store.fetch("count_slowly_for", account_id="two", most=10) == [(10,)]
        assert await store.commit([Unit(("a",), writes=(("put", ("a", "")),))]) == [True]
        assert await store.fetch("get", key="a") == [("",)]
    assert not any(each.done() for each in many)
    for each in many:
        each.cancel()
    await asyncio.gather(*many, return_exceptions=True)
    async with asyncio.timeout(20):  # what was given up ends, and its place is free again
        assert await store.fetch("count_slowly_for", account_id="one", most=10) == [(10,)]


async def test_a_read_that_takes_too_long_is_broken_off(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sqlite_connections, postgresql):
        monkeypatch.setattr(module, "LONGEST", 0.2)
    with pytest.raises(TooBroad) as broken:
        await store.fetch("count_slowly", most=ENDLESS)
    assert not broken.value.retryable
    monkeypatch.undo()
    assert await store.fetch("count_slowly", most=10) == [(10,)], "the connection serves the next"
