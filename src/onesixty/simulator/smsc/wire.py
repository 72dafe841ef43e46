"""Misbehaviour in the stream: transports that cut and delay octets differently from how they were written.

The same octets arrive in the same order; only the pieces and the pauses differ.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast

from onesixty.core.clock import Random
from onesixty.smpp.network import Network, ProtocolFactory

#: Octets that are sent before the pause: a whole header and the beginning of a body.
FIRST_PIECE: Final = 20
PAUSE_S: Final = 0.3
COLLECT_S: Final = 0.02


class Tampered:
    """A transport that sends pieces one after the other, each in its own turn of the loop.

    All other methods are those of the real transport.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, random: Random) -> None:
        self._transport = transport
        self._loop = loop
        self._random = random
        self._pieces: deque[tuple[float, bytes]] = deque()
        self._pumping = False
        self._closing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def pieces(self, data: bytes) -> list[tuple[float, bytes]]:
        """Split `data` into pieces, each with the pause before it in seconds."""
        return [(0.0, data)]

    def write(self, data: bytes) -> None:
        """Queue the pieces of `data`."""
        self._pieces.extend(self.pieces(bytes(data)))
        if not self._pumping and self._pieces:
            self._pumping = True
            self._loop.call_later(self._pieces[0][0], self._pump)

    def close(self) -> None:
        """Close after everything has been sent."""
        self._closing = True
        if not self._pumping:
            self._transport.close()

    def is_closing(self) -> bool:
        """Whether it was closed, even if its last pieces are still to be sent."""
        return self._closing or self._transport.is_closing()

    def _pump(self) -> None:
        if self._transport.is_closing():
            return
        if self._pieces:
            self._transport.write(self._pieces.popleft()[1])
        if self._pieces:
            self._loop.call_later(self._pieces[0][0], self._pump)
            return
        self._pumping = False
        if self._closing:
            self._transport.close()


class Fragmented(Tampered):
    """Sends pieces of one to seven octets."""

    def pieces(self, data: bytes) -> list[tuple[float, bytes]]:
        """See Tampered."""
        found: list[tuple[float, bytes]] = []
        start = 0
        while start < len(data):
            end = start + self._random.randrange(1, 8)
            found.append((0.0, data[start:end]))
            start = end
        return found


class Pausing(Tampered):
    """Stops in the middle of a PDU, and continues after a while."""

    def pieces(self, data: bytes) -> list[tuple[float, bytes]]:
        """See Tampered."""
        return [(0.0, data[:FIRST_PIECE]), (PAUSE_S, data[FIRST_PIECE:])]


class Collecting(Tampered):
    """Collects what is written for a while, and sends it at once."""

    def write(self, data: bytes) -> None:
        """Add to the data that is sent next."""
        if self._pieces:
            self._pieces[0] = (COLLECT_S, self._pieces[0][1] + bytes(data))
        else:
            self._pieces.append((COLLECT_S, bytes(data)))
        if not self._pumping:
            self._pumping = True
            self._loop.call_later(COLLECT_S, self._pump)


Tamper = Callable[[asyncio.Transport, asyncio.AbstractEventLoop, Random], Tampered]


class _Between(asyncio.Protocol):
    """Passes a connection on to the real protocol, with another transport."""

    def __init__(self, inner: asyncio.Protocol, tamper: Tamper, random: Random) -> None:
        self._inner = inner
        self._tamper = tamper
        self._random = random
        self.data_received = inner.data_received  # type: ignore[method-assign]
        self.eof_received = inner.eof_received  # type: ignore[method-assign]
        self.pause_writing = inner.pause_writing  # type: ignore[method-assign]
        self.resume_writing = inner.resume_writing  # type: ignore[method-assign]
        self.connection_lost = inner.connection_lost  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        loop = asyncio.get_running_loop()
        tampered = self._tamper(cast(asyncio.Transport, transport), loop, self._random)
        self._inner.connection_made(cast(asyncio.BaseTransport, tampered))


class TamperedNetwork:
    """A network whose listeners tamper with the written data."""

    def __init__(self, network: Network, tamper: Tamper, random: Random) -> None:
        self._network = network
        self._tamper = tamper
        self._random = random

    async def connect(
        self,
        factory: ProtocolFactory,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Connect through the underlying network."""
        return await self._network.connect(factory, host, port, tls=tls, server_hostname=server_hostname)

    async def listen(
        self, factory: ProtocolFactory, host: str, port: int, *, tls: ssl.SSLContext | None = None
    ) -> asyncio.AbstractServer:
        """Listen, and tamper with every connection."""
        return await self._network.listen(
            lambda: _Between(factory(), self._tamper, self._random), host, port, tls=tls
        )
