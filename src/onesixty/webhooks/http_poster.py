"""Posts deliveries to their receivers: a minimal HTTP/1.1 client for this single purpose (decision 0020).

Rules kept here:
- connections are kept alive, pooled by lane and origin, and carry one request at a time. The queue limits the
  concurrency of a lane: here every `send` gets a connection, reused or new;
- a request on a reused connection that its peer closed at the same moment is sent again on a new one;
- connecting and the whole answer have deadlines;
- connections go only to validated addresses, under the name of the URL (Host, SNI, certificate). There are no
  redirects, proxies or cookies, and only the status of an answer is kept.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

import msgspec

from onesixty import __version__
from onesixty.core.clock import Clock
from onesixty.core.contracts import Net
from onesixty.http import urls
from onesixty.http.urls import Target
from onesixty.webhooks import signing
from onesixty.webhooks.connection import Connection
from onesixty.webhooks.poster import NOT_ALLOWED, Answer, Outgoing
from onesixty.webhooks.resolver import AddressDenied, LookUp, ThreadedLookUp, checked_addresses

_REMEMBERED_HOSTS: Final = 4096


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    """In seconds. `connect` covers the look-up, TCP and TLS; `answer` the request until the answer's end."""

    connect: float = 5.0
    answer: float = 15.0
    idle: float = 30.0
    addresses: float = 10.0
    sweep: float = 0.25


class HttpPoster:
    """The poster. `tls` is for tests and private authorities; the default trusts the system's."""

    def __init__(
        self,
        net: Net,
        clock: Clock,
        *,
        allow_private: bool = False,
        look_up: LookUp | None = None,
        tls: ssl.SSLContext | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._net = net
        self._clock = clock
        self._allow_private = allow_private
        self._threads = ThreadedLookUp()
        self._look_up: LookUp = look_up or self._threads
        self._tls = tls
        self._making_tls = asyncio.Lock()
        self._deadlines = deadlines or Deadlines()
        self._idle: dict[str, dict[str, list[Connection]]] = {}  # lane -> origin -> connections
        self._busy: set[Connection] = set()
        self._open: set[Connection] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._looking_up: dict[tuple[str, int], asyncio.Future[list[str]]] = {}
        self._addresses: dict[tuple[str, int], tuple[float, list[str]]] = {}
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False

    # ------------------------------------------------------------ the contract

    def send(self, outgoing: Outgoing, done: Callable[[Answer], None]) -> None:
        """Start one attempt; see `poster.Poster`."""
        try:
            target = urls.parse(outgoing.url)
        except ValueError as error:
            asyncio.get_running_loop().call_soon(done, Answer(None, str(error)))
            return
        timestamp = self._clock.now_ms() // 1000
        signed = signing.headers(outgoing.event_id, timestamp, outgoing.body, outgoing.keys)
        head = head_of(outgoing.url, outgoing.content_type, signed, len(outgoing.body))
        data = head.encode("ascii") + outgoing.body
        connection = self._kept(outgoing.lane, target.origin)
        if connection is not None:
            self._request(connection, outgoing.lane, target, data, done)
        else:
            self._connect(outgoing.lane, target, data, done)

    def forget(self, lane: str) -> None:
        """Close idle connections to this receiver."""
        for connections in self._idle.pop(lane, {}).values():
            for connection in connections:
                connection.abort("forgotten")

    async def close(self) -> None:
        """Close all connections; open attempts end as failures."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for task in list(self._connecting):
            task.cancel()
        if self._connecting:
            await asyncio.wait(self._connecting)
        for look_up in list(self._looking_up.values()):
            look_up.cancel()
        for connection in list(self._open):
            connection.abort("shutting down")
        self._idle.clear()
        self._threads.close()

    # ------------------------------------------------------------ requests

    def _request(
        self, connection: Connection, lane: str, target: Target, data: bytes, done: Callable[[Answer], None]
    ) -> None:
        connection.deadline = self._clock.monotonic() + self._deadlines.answer
        self._busy.add(connection)
        self._sweep_later()
        connection.request(data, partial(self._answered, lane, target, data, done))

    def _answered(
        self,
        lane: str,
        target: Target,
        data: bytes,
        done: Callable[[Answer], None],
        connection: Connection,
        answer: Answer,
    ) -> None:
        self._busy.discard(connection)
        closed_by_peer = answer.error == "connection closed" and connection.untouched
        if closed_by_peer and connection.reused and not self._closed:
            self._connect(lane, target, data, done)
            return
        if connection.usable and not self._closed:
            connection.reused = True
            connection.idle_since = self._clock.monotonic()
            self._idle.setdefault(lane, {}).setdefault(target.origin, []).append(connection)
        done(answer)

    def _kept(self, lane: str, origin: str) -> Connection | None:
        """A reused connection that still seems alive, the most recently used first."""
        connections = self._idle.get(lane, {}).get(origin, [])
        while connections:
            connection = connections.pop()
            if connection.usable:
                return connection
        return None

    # ------------------------------------------------------------ connecting

    def _connect(self, lane: str, target: Target, data: bytes, done: Callable[[Answer], None]) -> None:
        task = asyncio.create_task(self._connect_and_send(lane, target, data, done))
        self._connecting.add(task)
        task.add_done_callback(partial(self._connect_ended, done))

    def _connect_ended(self, done: Callable[[Answer], None], task: asyncio.Task[None]) -> None:
        self._connecting.discard(task)
        if task.cancelled():
            done(Answer(None, "shutting down"))

    async def _connect_and_send(
        self, lane: str, target: Target, data: bytes, done: Callable[[Answer], None]
    ) -> None:
        try:
            async with asyncio.timeout(self._deadlines.connect):
                connection = await self._connected(target)
        except Exception as error:  # any other error ends only this attempt
            done(Answer(None, _reason(error)))
            return
        self._request(connection, lane, target, data, done)

    async def _connected(self, target: Target) -> Connection:
        """A new connection to the first address of the host that accepts one.

        Each address gets a fair share of the time, so that one that drops packets leaves some to the next.
        """
        addresses = await self._addresses_of(target)
        tls = await self._tls_context() if target.tls else None
        began = self._clock.monotonic()
        failure: Exception = OSError("no address")
        for index, address in enumerate(addresses):
            left = self._deadlines.connect - (self._clock.monotonic() - began)
            try:
                async with asyncio.timeout(left / (len(addresses) - index)):
                    _, protocol = await self._net.connect(
                        lambda: Connection(self._clock.now_ms, self._lost),
                        address,
                        target.port,
                        tls=tls,
                        server_hostname=target.tls_name if target.tls else None,
                    )
            except ssl.SSLError:
                raise
            except OSError as error:  # TimeoutError is an OSError
                failure = error
            else:
                assert isinstance(protocol, Connection)
                self._open.add(protocol)
                return protocol
        raise failure

    async def _tls_context(self) -> ssl.SSLContext:
        """The TLS context, created in a thread when the first connection needs it: reading the system's authorities
        is slow, and in a node with two processes the core process makes no connections.
        """
        async with self._making_tls:
            if self._tls is None:
                self._tls = await asyncio.to_thread(ssl.create_default_context)
            return self._tls

    async def _addresses_of(self, target: Target) -> list[str]:
        """The validated addresses of a host, cached for a moment. Each host has one look-up at a time, even after
        its callers gave up, so a slow name uses only one thread.
        """
        key = (target.host, target.port)
        known = self._addresses.get(key)
        if known is not None and known[0] > self._clock.monotonic():
            return known[1]
        look_up = self._looking_up.get(key)
        if look_up is None:
            look_up = self._looking_up[key] = asyncio.ensure_future(
                checked_addresses(self._look_up, *key, self._allow_private)
            )
            look_up.add_done_callback(partial(self._looked_up, key))
        return await asyncio.shield(look_up)

    def _looked_up(self, key: tuple[str, int], done: asyncio.Future[list[str]]) -> None:
        del self._looking_up[key]
        if done.cancelled() or done.exception() is not None:
            return
        if len(self._addresses) >= _REMEMBERED_HOSTS:
            self._addresses.clear()
        self._addresses[key] = (self._clock.monotonic() + self._deadlines.addresses, done.result())

    def _lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._busy.discard(connection)

    # ------------------------------------------------------------ deadlines

    def _sweep_later(self) -> None:
        """One timer for all deadlines: a timer per request would cost more than parsing the answer."""
        if self._sweeper is None and not self._closed:
            self._sweeper = asyncio.get_running_loop().call_later(self._deadlines.sweep, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        now = self._clock.monotonic()
        for connection in [connection for connection in self._busy if connection.deadline <= now]:
            connection.abort("timeout")
        for lane, origins in list(self._idle.items()):
            for origin, connections in list(origins.items()):
                kept = []
                for connection in connections:
                    if not connection.usable:
                        continue
                    if now - connection.idle_since >= self._deadlines.idle:
                        connection.abort("idle")
                    else:
                        kept.append(connection)
                if kept:
                    origins[origin] = kept
                else:
                    del origins[origin]
            if not origins:
                del self._idle[lane]
        if self._busy or self._idle:
            self._sweep_later()


def head_of(url: str, content_type: str, signed: str, length: int) -> str:
    """The head of a request. `signed` are the header lines of its signature."""
    return f"{_head(url, content_type)}{signed}Content-Length: {length}\r\n\r\n"


@lru_cache(4096)
def _head(url: str, content_type: str) -> str:
    """The part of a request's head that is the same for all events."""
    target = urls.parse(url)
    return (
        f"POST {target.path} HTTP/1.1\r\nHost: {target.authority}\r\nUser-Agent: onesixty/{__version__}\r\n"
        f"Accept: */*\r\nContent-Type: {content_type}\r\n"
    )


def _reason(error: Exception) -> str:
    """A connection failure in a few stable words, without names or addresses."""
    match error:
        case AddressDenied():
            return f"{NOT_ALLOWED}: {error}"
        case TimeoutError():
            return "connect timeout"
        case socket.gaierror():
            return "name not found"
        case ssl.SSLCertVerificationError():
            return f"certificate not valid: {error.verify_message}"
        case ssl.SSLError():
            return "TLS failed"
        case ConnectionRefusedError():
            return "connection refused"
        case OSError():
            return "cannot connect"
        case _:
            return f"cannot connect: {type(error).__name__}"
