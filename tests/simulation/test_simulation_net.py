"""The network in memory keeps what connections promise, however many octets are under way at one time."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from onesixty.simulator import virtual
from tests.simulation.net import MemoryNet, MemoryTransport


class End(asyncio.Protocol):
    def __init__(self) -> None:
        self.heard = b""
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, MemoryTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert not self.lost
        self.heard += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


@pytest.mark.parametrize("paused", [False, True])
def test_octets_arrive_in_order_and_before_the_end(paused: bool) -> None:
    async def life() -> None:
        net, there = MemoryNet(Random(1)), End()
        await net.listen(lambda: there, "", 1)
        transport, _ = await net.connect(End, "", 1)
        await asyncio.sleep(0.1)
        if paused:
            there.transport.pause_reading()
        pieces = [bytes([number]) * 5 for number in range(100)]
        for piece in pieces:
            transport.write(piece)
        transport.close()
        await asyncio.sleep(1)
        if paused:
            assert (there.heard, there.lost) == (b"", False), "who does not read hears of no end"
            there.transport.resume_reading()
            await asyncio.sleep(0.1)
        assert there.heard == b"".join(pieces)
        assert there.lost

    virtual.run(virtual.Time(), life())
