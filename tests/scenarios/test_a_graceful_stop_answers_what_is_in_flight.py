"""SIGTERM while requests come in and messages are at the carrier."""

import asyncio
import os
import signal
import time

import aiohttp
import pytest

from tests.scenarios.conftest import Node, StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

AT_ONCE = 8
BOUND = 8.0


class Load:
    """Customers that send one message after the other until nobody answers any more."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.accepted: list[str] = []
        self.refused: list[int] = []
        self._numbers = iter(range(10_000))

    async def run(self) -> None:
        await asyncio.gather(*(self._customer() for _ in range(AT_ONCE)))

    async def _customer(self) -> None:
        for n in self._numbers:
            try:
                reply = await self._node.api.send(f"+1555180{n:04}", "x" * (200 if n % 7 == 0 else 20))
            except aiohttp.ClientError:
                return
            if reply.status != 202:
                self.refused.append(reply.status)
                return
            self.accepted.append(reply.id)


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_graceful_stop_answers_what_is_in_flight(processes: int, start_node: StartNode) -> None:
    """Promises 1 and 3: it ends in time with status 0, and nothing is left in doubt."""
    async with FarEnd(latency_ms=100) as far_end:
        node = await start_node(
            [far_end.table("acme", window=20)], shutdown_seconds=BOUND, processes=processes
        )
        await node.bound("acme")
        load = Load(node)
        running = asyncio.create_task(load.run())
        await wait_until_async(lambda: len(load.accepted) >= 100, what="load")
        began = time.monotonic()
        await node.stop()  # status 0, and no process of it left
        assert time.monotonic() - began < BOUND + 2
        await running
        assert set(load.refused) <= {503}
        assert far_end.counters["received"] == far_end.counters["answered"], "every answer was waited for"
        await node.audit()

        await node.start()
        ended = await node.api.ended(load.accepted, timeout=40)
        assert {(m["status"], m["duplicates"]) for m in ended.values()} == {("delivered", 0)}
        assert len(await node.api.messages()) == len(load.accepted), "who was not answered was not served"
        assert set(far_end.copies().values()) == {1}
        assert await node.api.metrics("onesixty_recovered_total") >= 0
        assert '"recovered"' not in node.product.log or '"unknown": 0' in node.product.log
        os.kill(node.product.pid, signal.SIGTERM)  # the echo that a whole group under `make` hears
        await node.stop()
        await node.audit()
