"""The HTTP generator: keep-alive connections with one request in flight each, and requests prepared beforehand.

Rules kept here:
- each request has a recipient of its own, and nothing else varies, so that its length is known in advance;
- with a rate, requests are due at fixed times and latency counts from there, even while all connections are busy;
- if a connection is lost, its request in flight counts as an error and is never sent again. The connection is
  replaced, a limited number of times.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from onesixty.load.bounds import Bounds, LoadError, check_connections, check_target
from onesixty.load.pace import Pace
from onesixty.load.report import Report, Tally

#: Recipients are +1555 and seven digits: reserved for fiction, all of one length, ten million of them.
RECIPIENT_PREFIX: Final = "1555"
RECIPIENTS: Final = 10_000_000
_PREFIX: Final = RECIPIENT_PREFIX.encode()
_DIGITS: Final = len(RECIPIENT_PREFIX) + 7
_RECONNECTS: Final = 3  # for each connection


class Requests(Protocol):
    """The requests of a load, and the server that they go to."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    def request(self, number: int) -> bytes:
        """Return the complete request with this number."""


class Target(NamedTuple):
    """Requests of one message each: the bytes before and after the recipient's eleven digits."""

    host: str
    port: int
    head: bytes
    tail: bytes

    def request(self, number: int) -> bytes:
        """Return the request for the recipient with this number."""
        return b"%b%b%07d%b" % (self.head, _PREFIX, number % RECIPIENTS, self.tail)


def v1_target(
    url: str, key: str, *, sender: str, text: str, extra: dict[str, object] | None = None
) -> Target:
    """Return `POST /v1/sms/send` of a onesixty server at `url` (`http://127.0.0.1:8160`). `extra` are further
    fields."""
    host, port, authority = _split(url)
    before = json.dumps({"from": sender, "text": text, **(extra or {})}).removesuffix("}") + ', "to": "+'
    after = '"}'
    length = len(before) + _DIGITS + len(after)
    head = (
        f"POST /v1/sms/send HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{before}"
    )
    return Target(host, port, head.encode("ascii"), after.encode("ascii"))


def _split(url: str) -> tuple[str, int, str]:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise LoadError(f"{url!r} is not a URL like http://127.0.0.1:8160")
    return parts.hostname, parts.port or 80, parts.netloc


class HttpLoad:
    """One run. Await `run()` once; `first` is the number of the first request, and usually of its recipient.

    Connections take turns between the target's port and `more_ports`, those of further nodes.
    """

    def __init__(
        self,
        target: Requests,
        bounds: Bounds,
        *,
        connections: int = 50,
        first: int = 0,
        more_ports: Sequence[int] = (),
        own_target: bool = False,
    ) -> None:
        bounds.check()
        check_connections(connections)
        check_target(target.host, own=own_target)
        self._target = target
        self._ports = itertools.cycle((target.port, *more_ports))
        self._bounds = bounds
        self._wanted = connections
        self._next = first
        self._tally = Tally(bounds)
        self._idle: deque[_Connection] = deque()
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reconnects = _RECONNECTS * connections
        self._busy = 0
        self._stopping = False
        self._done = asyncio.Event()

    async def run(self) -> Report:
        """Send, wait for the answers, report. Raises LoadError if the target cannot be reached at all."""
        loop = asyncio.get_running_loop()
        opened = [self._connect() for _ in range(self._wanted)]
        failures = [error for error in await asyncio.gather(*opened, return_exceptions=True) if error]
        if not self._open:
            why = failures[0] if failures else "every connection was closed at once"
            raise LoadError(f"cannot connect to {self._target.host}:{self._target.port}: {why}")
        self._tally.begin()
        rate = self._bounds.rate
        pace = Pace(loop, self._pump, started=self._tally.started, rate=rate) if rate else None
        try:
            self._pump()
            await asyncio.wait_for(self._done.wait(), self._bounds.seconds)
        except TimeoutError:
            # Time is up: nothing new is sent, and requests in flight get a moment to be answered.
            self._stopping = True
            if self._busy:
                self._done.clear()
                try:
                    await asyncio.wait_for(self._done.wait(), 5.0)
                except TimeoutError:
                    self._tally.unanswered("no answer at the end", self._busy)
        finally:
            self._stopping = True
            if pace is not None:
                pace.stop()
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for connection in tuple(self._open):
                connection.abandon()
            # Each connection reports its end in the loop's next turn.
            while self._open:  # noqa: ASYNC110
                await asyncio.sleep(0)
        return self._tally.report()

    # ------------------------------------------------------------ called by connections

    def connected(self, connection: _Connection) -> None:
        self._open.add(connection)
        self._idle.append(connection)
        if self._tally.started:
            self._pump()

    def answered(self, connection: _Connection, status: bytes, due: float, keep: bool) -> None:
        self._busy -= 1
        text = status.decode("ascii", "replace")
        self._tally.answered(text, due, accepted=text.startswith("2"))
        if keep:
            if self._bounds.rate or self._stopping or self._tally.all_sent:
                self._idle.append(connection)
            else:
                now = self._tally.ended
                self._send(connection, now, now)
        else:
            connection.abandon()
        self._check_done()

    def lost(self, connection: _Connection, in_flight: bool, why: str) -> None:
        if connection not in self._open:
            return
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if in_flight:
            self._busy -= 1
            self._tally.unanswered(why)
        if not self._stopping:
            self._reconnect()
        self._check_done()

    # ------------------------------------------------------------ sending

    def _pump(self) -> None:
        """Give every idle connection its next request, if one is due."""
        now = time.monotonic()
        while self._idle and not self._stopping and (due := self._tally.due(now)) is not None:
            self._send(self._idle.popleft(), due, now)

    def _send(self, connection: _Connection, due: float, now: float) -> None:
        request = self._target.request(self._next)
        self._next += 1
        self._tally.wrote(due, now)
        self._busy += 1
        connection.send(request, due)

    def _check_done(self) -> None:
        over = self._stopping or self._tally.all_sent
        if self._busy == 0 and (over or (not self._open and not self._tasks)):
            self._done.set()

    # ------------------------------------------------------------ connecting

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: _Connection(self), self._target.host, next(self._ports))

    def _reconnect(self) -> None:
        if self._stopping or self._reconnects <= 0:
            return
        self._reconnects -= 1
        task = asyncio.get_running_loop().create_task(self._connect_again())
        self._tasks.add(task)

    async def _connect_again(self) -> None:
        try:
            await self._connect()
        except OSError as error:
            self._tally.unanswered(f"cannot connect: {error.strerror}", 0)
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._tasks.discard(task)
            self._check_done()


class _Connection(asyncio.Protocol):
    """One keep-alive connection; answers need a Content-Length (or 204)."""

    def __init__(self, load: HttpLoad) -> None:
        self._load = load
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._due: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not an isinstance: uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._load.connected(self)

    def send(self, request: bytes, due: float) -> None:
        assert self._transport is not None
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._buffer = data
            return
        head = data[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        status = data[9:12]
        if at >= 0:
            line_end = head.find(b"\r\n", at + 2)
            length = int(head[at + 17 : line_end if line_end > 0 else end])
        elif status == b"204":
            length = 0
        else:
            self._fail("an answer without Content-Length")
            return
        if len(data) < end + 4 + length:
            self._buffer = data
            return
        due, self._due = self._due, None
        self._buffer = b""
        if due is None or len(data) > end + 4 + length:
            self._fail("an unexpected answer")
            return
        self._load.answered(self, status, due, b"\r\nconnection: close" not in head)

    def connection_lost(self, exc: Exception | None) -> None:
        in_flight, self._due = self._due is not None, None
        self._load.lost(self, in_flight, "connection lost")

    def abandon(self) -> None:
        """Close without counting; the caller counts the request in flight."""
        self._due = None
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, why: str) -> None:
        in_flight, self._due = self._due is not None, None
        self._load.lost(self, in_flight, why)
        assert self._transport is not None
        self._transport.abort()
