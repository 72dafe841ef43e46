"""A network in memory: connections are pairs of transports on the same loop, with a delay and a knife.

Octets arrive in the order in which they were written, cut anywhere; a connection that is cut loses what was under
way in both directions. Listening is by port; host names mean nothing here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

DELAY = 0.002


class MemoryTransport(asyncio.Transport):
    """One end of a connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop, random: Random) -> None:
        super().__init__({"peername": ("memory", 0)})
        self._loop = loop
        self._random = random
        self._protocol: asyncio.Protocol
        self.other: MemoryTransport
        self._under_way: deque[bytes | None] = deque()  # to this end; None is the other end's close
        self._arrived: deque[bytes | None] = deque()
        self._reading = True
        self._closing = False
        self._gone = False

    def begin(self, protocol: asyncio.Protocol, other: MemoryTransport) -> None:
        self._protocol, self.other = protocol, other
        self._loop.call_soon(protocol.connection_made, self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing or not data:
            return
        octets = bytes(data)
        cut = self._random.randint(0, len(octets))  # cut anywhere
        for part in (octets[:cut], octets[cut:]):
            if part:
                self.other.expect(part)

    def expect(self, part: bytes | None) -> None:
        """Something was written to this end. Each timer takes what is next: timers of one time keep no order."""
        self._under_way.append(part)
        self._loop.call_later(DELAY, self._arrive)

    def _arrive(self) -> None:
        self._arrived.append(self._under_way.popleft())
        self._hand_on()

    def _hand_on(self) -> None:
        while self._arrived and self._reading and not self._gone:
            part = self._arrived.popleft()
            if part is None:
                self.lost()
            else:
                self._protocol.data_received(part)

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        self._loop.call_soon(self._hand_on)

    def is_reading(self) -> bool:
        return self._reading

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """What was written still arrives, then the other end hears of the end, once it reads so far."""
        if not self._closing:
            self._closing = True
            self.other.expect(None)
            self._loop.call_soon(self.lost)

    def abort(self) -> None:
        """Cut: what is under way is lost."""
        if not self._gone:
            self.other.lost()
            self.lost()

    def lost(self) -> None:
        if not self._gone:
            self._gone = self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing stays in a buffer."""

    def get_write_buffer_size(self) -> int:
        return 0

    def write_eof(self) -> None:
        self.close()

    def can_write_eof(self) -> bool:
        return False


class Listener(asyncio.AbstractServer):
    """What listens on a port."""

    def __init__(self, net: MemoryNet, port: int) -> None:
        self._net = net
        self._port = port

    def close(self) -> None:
        self._net.listening.pop(self._port, None)

    async def wait_closed(self) -> None:
        """It closes at once."""


class MemoryNet:
    """Implements `core.contracts.Net`."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.listening: dict[int, Callable[[], asyncio.Protocol]] = {}
        self.connections: list[MemoryTransport] = []

    async def connect(
        self, factory: Callable[[], asyncio.Protocol], host: str, port: int, **_: Any
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        await asyncio.sleep(DELAY)
        accept = self.listening.get(port)
        if accept is None:
            raise ConnectionRefusedError(port)
        loop = asyncio.get_running_loop()
        ours, theirs = MemoryTransport(loop, self._random), MemoryTransport(loop, self._random)
        protocol = factory()
        theirs.begin(accept(), ours)
        ours.begin(protocol, theirs)
        self.connections.append(ours)
        await asyncio.sleep(0)
        return ours, protocol

    async def listen(
        self, factory: Callable[[], asyncio.Protocol], host: str, port: int, **_: Any
    ) -> asyncio.AbstractServer:
        self.listening[port] = factory
        return Listener(self, port)

    def cut(self) -> int:
        """Cut every connection there is, as a broken line does. Returns how many."""
        living = [transport for transport in self.connections if not transport.is_closing()]
        for transport in living:
            transport.abort()
        self.connections.clear()
        return len(living)
