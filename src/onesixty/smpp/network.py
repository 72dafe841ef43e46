"""What this library needs of a network, so that a simulation can pass in its own.

The interface is that of asyncio's `create_connection` and `create_server`, reduced to what is used.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from typing import Protocol

# How long a peer may take over a TLS handshake, in seconds. After that, the connection is closed.
_HANDSHAKE_TIMEOUT = 10.0

ProtocolFactory = Callable[[], asyncio.Protocol]


class Network(Protocol):
    """Makes connections and listeners. Raises OSError on failure."""

    async def connect(
        self,
        factory: ProtocolFactory,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """Connect, and pass the transport to the protocol's `connection_made`."""

    async def listen(
        self, factory: ProtocolFactory, host: str, port: int, *, tls: ssl.SSLContext | None = None
    ) -> asyncio.AbstractServer:
        """Listen; port 0 takes any free port."""


class LoopNetwork:
    """The network of the running event loop: real sockets, on asyncio or uvloop.

    `local_host`: this machine's address from which to connect; empty for the system's choice.
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


def reason_of(error: BaseException) -> str:
    """Why a connection could not be made: the words of the system or of OpenSSL, without the number of the error."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return error.reason or str(error)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror) and error.errno:
        return os.strerror(error.errno)  # event loops put words of their own, and addresses, into `strerror`
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
