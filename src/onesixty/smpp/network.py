"""What this library needs of a network, so that a simulation can hand in one of its own.

The shape is that of asyncio's `create_connection` and `create_server`, cut down to what is used.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import Protocol

# How long a peer may take over a TLS handshake, in seconds, before it is seen as one that never meant it.
_HANDSHAKE_TIMEOUT = 10.0

ProtocolFactory = Callable[[], asyncio.Protocol]


class Network(Protocol):
    """Makes connections and listeners. Failing to is an OSError."""

    async def connect(
        self,
        factory: ProtocolFactory,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Connect, and hand the transport to the protocol's `connection_made`."""

    async def listen(
        self, factory: ProtocolFactory, host: str, port: int, *, tls: ssl.SSLContext | None = None
    ) -> asyncio.AbstractServer:
        """Listen; port 0 takes any that is free."""


class LoopNetwork:
    """The running event loop's network: real sockets, on asyncio or uvloop.

    `local_host`: the address of this machine that connections are made from; empty for the system's choice.
    """

    def __init__(self, local_host: str = "") -> None:
        self._local_addr = (local_host, 0) if local_host else None

    async def connect(
        self,
        factory: ProtocolFactory,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """See Network."""
        return await asyncio.get_running_loop().create_connection(
            factory,
            host,
            port,
            ssl=tls,
            server_hostname=server_hostname if tls is not None else None,
            local_addr=self._local_addr,
        )

    async def listen(
        self, factory: ProtocolFactory, host: str, port: int, *, tls: ssl.SSLContext | None = None
    ) -> asyncio.AbstractServer:
        """See Network."""
        return await asyncio.get_running_loop().create_server(
            factory,
            host,
            port,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else _HANDSHAKE_TIMEOUT,
            backlog=1024,
        )
