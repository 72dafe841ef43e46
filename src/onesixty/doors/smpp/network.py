"""How the door's servers listen: limits on handshakes, and the PROXY protocol for proxies that the operator trusts.

With TLS or trusted networks, connections are accepted here one by one: the header of a proxy is read from the socket
before TLS or SMPP begin, and the number of handshakes in progress is limited, overall and by address. Without either,
the event loop listens as usual.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import weakref
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, cast

import structlog

from onesixty.customers.profile import Network as IpNetwork
from onesixty.doors.smpp.proxy import NoHeader, read_header
from onesixty.smpp.network import LoopNetwork, ProtocolFactory
from onesixty.smpp.server import Connection

HANDSHAKE_TIMEOUT: Final = 10.0
HEADER_TIMEOUT: Final = 5.0
BACKLOG: Final = 2048
#: Connections whose header or handshake is in progress.
MOST_PENDING: Final = 1000
MOST_PENDING_PER_ADDRESS: Final = 250  # except for proxies, which carry many customers


class DoorNetwork(LoopNetwork):
    """A network for SmppServer that also knows the sources of its connections."""

    def __init__(self, trusted: Sequence[IpNetwork] = ()) -> None:
        super().__init__()
        self._trusted = tuple(trusted)
        self._sources: dict[Any, str] = {}
        self._over_tls: weakref.WeakSet[asyncio.Protocol] = weakref.WeakSet()

    def source_of(self, connection: Connection) -> tuple[str, bool]:
        """The customer's address, and whether the connection uses TLS. Call it once for each connection."""
        peer = connection.peer
        named = self._sources.pop(peer, None) if isinstance(peer, tuple) else None
        address = named or (str(peer[0]) if isinstance(peer, tuple) and peer else str(peer))
        return address, connection.link in self._over_tls

    async def listen(
        self, factory: ProtocolFactory, host: str, port: int, *, tls: ssl.SSLContext | None = None
    ) -> asyncio.AbstractServer:
        """Listen as `smpp.network.Network` describes."""
        make = factory if tls is None else self._noting_tls(factory)
        if tls is None and not self._trusted:
            return await super().listen(make, host, port)
        family, kind, protocol, _, address = (
            await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        )[0]
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(address)
            sock.listen(BACKLOG)
        except OSError:
            sock.close()
            raise
        return cast(asyncio.AbstractServer, _Acceptor(self, sock, make, tls))

    def _noting_tls(self, factory: ProtocolFactory) -> ProtocolFactory:
        def make() -> asyncio.Protocol:
            protocol = factory()
            self._over_tls.add(protocol)
            return protocol

        return make

    def trusts(self, address: str) -> bool:
        """Whether the address belongs to a trusted proxy."""
        parsed = ipaddress.ip_address(address.partition("%")[0])
        return any(parsed.version == network.version and parsed in network for network in self._trusted)

    def name(self, peer: Any, source: str) -> None:
        """Note that the connection from `peer` comes from the address `source`."""
        self._sources[peer] = source

    def unname(self, peer: Any) -> None:
        """Forget a peer whose connection failed."""
        self._sources.pop(peer, None)


class _Acceptor:
    """Accepts connections, reads headers, and passes sockets to the loop. Has what
    SmppServer uses of asyncio's server."""

    def __init__(
        self, network: DoorNetwork, sock: socket.socket, factory: ProtocolFactory, tls: ssl.SSLContext | None
    ) -> None:
        self._network = network
        self._sock = sock
        self._factory = factory
        self._tls = tls
        self._log = structlog.get_logger("onesixty.smpp")
        self._pending: set[asyncio.Task[None]] = set()
        self._by_address: Counter[str] = Counter()
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """The listening sockets, as asyncio's server has them."""
        return (self._sock,)

    def close(self) -> None:
        """Accept no more connections."""
        self._task.cancel()
        for task in self._pending:
            task.cancel()

    async def wait_closed(self) -> None:
        """Wait until all its tasks have ended."""
        await asyncio.gather(self._task, *self._pending, return_exceptions=True)
        self._sock.close()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, peer = await loop.sock_accept(self._sock)
            except OSError as error:  # no file descriptor left, or the peer has already gone
                self._log.warning("accept_failed", reason=str(error))
                await asyncio.sleep(0.1)
                continue
            address = str(peer[0])
            proxied = self._network.trusts(address)
            if len(self._pending) >= MOST_PENDING or (
                not proxied and self._by_address[address] >= MOST_PENDING_PER_ADDRESS
            ):
                sock.close()
                continue
            self._by_address[address] += 1
            task = loop.create_task(self._hand_over(sock, peer, proxied))
            self._pending.add(task)
            task.add_done_callback(lambda done, address=address: self._handed_over(done, address))  # type: ignore[misc]

    def _handed_over(self, done: asyncio.Task[None], address: str) -> None:
        self._pending.discard(done)
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    async def _hand_over(self, sock: socket.socket, peer: Any, proxied: bool) -> None:
        sock.setblocking(False)
        try:
            if proxied:
                source = await read_header(sock, HEADER_TIMEOUT)
                if source is not None:
                    self._network.name(peer, source)
            await asyncio.get_running_loop().connect_accepted_socket(
                self._factory,
                sock,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_TIMEOUT if self._tls is not None else None,
            )
        except (NoHeader, TimeoutError, OSError, ValueError) as error:
            self._network.unname(peer)
            self._log.debug(
                "connection_refused", address=str(peer[0]), reason=str(error) or "no PROXY header"
            )
            sock.close()
        except asyncio.CancelledError:
            sock.close()
            raise
