"""The agenda: nothing early, nothing lost, one timer."""

import asyncio
import random

from onesixty.simulator.agenda import Agenda
from tests.support.waiting import wait_until_async


async def test_items_come_in_order_and_never_early() -> None:
    loop = asyncio.get_running_loop()
    handed: list[tuple[float, float]] = []
    agenda: Agenda[float] = Agenda(loop, lambda items: handed.extend((at, loop.time()) for at in items))
    chance = random.Random(3)
    for _ in range(200):
        delay = chance.uniform(0, 0.05)
        agenda.add(delay, loop.time() + delay)
    assert len(agenda) == 200
    await wait_until_async(lambda: len(handed) == 200, what="all items")
    assert all(now >= at - 1e-4 for at, now in handed)
    assert len(agenda) == 0


async def test_what_is_cleared_is_not_handed_out() -> None:
    loop = asyncio.get_running_loop()
    handed: list[int] = []
    agenda: Agenda[int] = Agenda(loop, handed.extend, tick=0.001)
    agenda.add(0.01, 2)
    agenda.add(0.005, 1)
    assert agenda.clear() == [1, 2]
    await asyncio.sleep(0.02)
    assert handed == []
    agenda.add(0, 3)
    await wait_until_async(lambda: handed, what="the item")
    assert handed == [3]


async def test_an_item_may_add_another() -> None:
    loop = asyncio.get_running_loop()
    handed: list[int] = []

    def run(items: list[int]) -> None:
        handed.extend(items)
        if items[-1] < 3:
            agenda.add(0, items[-1] + 1)

    agenda: Agenda[int] = Agenda(loop, run)
    agenda.add(0, 1)
    await wait_until_async(lambda: len(handed) == 3, what="three items")
    assert handed == [1, 2, 3]
