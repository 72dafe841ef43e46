"""uvicorn's HTTP/1.1 connection, with a short path to hot routes.

An ordinary request for a hot route is passed to the front as a `Call`, and answered with one write; the requests of
one step of the loop are answered together (`http.ticks`), and a header that was read before is not parsed again
(`http.heads`). Ordinary means: the exact path, or one that a template takes (`http.hot`), a Content-Length within the
limit, and no other request in progress on the connection. This saves the ASGI scope, events, messages and two writes,
which cost more than the route itself. Every other request takes uvicorn's path, as does a second request sent before
the first one's answer. Both give the same answers.

Rules kept here:
- answers leave in the order of their requests: while one is in progress, uvicorn's queue takes the next ones;
- a header ends with its empty line: fields of a chunked trailer are ignored (RFC 9110, 6.5.1);
- HTTP/1.0 gets no chunks: a stream ends with its connection (RFC 9112, 6.1);
- idle connections are closed: one without a request after the keep-alive time, one whose header or body stops
  arriving after the front's `body_seconds`, one whose header reaches `MOST_HEADER` bytes without an end;
- TCP_NODELAY is set on every connection.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from onesixty.http.call import Answer, Call
from onesixty.http.front import Front
from onesixty.http.hot import Hot
from onesixty.http.reading import BODY_SECONDS, too_slow

#: The most bytes of a request's header; llhttp itself has no limit.
MOST_HEADER: Final = 65_536


class _Event:
    """uvicorn sets this event when a connection is lost. Nothing waits for it here."""

    @staticmethod
    def set() -> None:
        """Does nothing: no task waits."""


class _Exchange:
    """One request on the short path. uvicorn finds it in place of its own request and response cycle."""

    __slots__ = ("_connection", "body", "call", "disconnected", "hot", "keep_alive", "response_complete")

    message_event: Final = _Event()

    def __init__(self, connection: Connection, call: Call, hot: Hot, keep_alive: bool) -> None:
        self._connection = connection
        self.call = call
        self.hot = hot
        self.keep_alive = keep_alive
        self.body: list[bytes] = []
        self.response_complete = False
        self.disconnected = False

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self._connection.start(work)

    def deliver(self, answer: Answer) -> None:
        self._connection.deliver(self, answer)

    def abort(self) -> None:
        self._connection.transport.abort()


class Connection(HttpToolsProtocol):
    """A connection of the HTTP server. `front` is the app of the server's configuration."""

    front: Front | None = None
    _reading: _Exchange | None = None
    _messages: int = 0
    _in_header: bool = False
    #: Whether the next byte begins a message.
    _between: bool = True
    _header_bytes: int = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if isinstance(self.config.app, Front):
            self.front = self.config.app
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_reading()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        messages, between = self._messages, self._between
        if between and self._read_known(data):
            return
        super().data_received(data)
        if between and self._between and self._messages == messages + 1:
            self._keep_head(data)
        if self._in_header and self._messages == messages:
            # Counted from the second read on, because other requests may come before the header in the first read.
            self._header_bytes += len(data)
            if self._header_bytes > MOST_HEADER:
                self._in_header = False
                self.send_400_response(f"A header must not exceed {MOST_HEADER} bytes.")
                return
        if (self._in_header or self._reading is not None) and self._deadline is None:
            seconds = self.front.body_seconds if self.front is not None else BODY_SECONDS
            self._deadline = self.loop.call_later(seconds, self._give_up)

    # ------------------------------------------------------------ the parser's callbacks

    def on_message_begin(self) -> None:
        self.url = b""
        self.expect_100_continue = False
        self.headers = []
        self._messages += 1
        self._between = False
        self._in_header = True
        self._header_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_header:  # else the field is part of a trailer
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._in_header = False
        self._stop_reading()
        exchange = self._short_way()
        if exchange is not None:
            self._reading = exchange
            self.cycle = cast("Any", exchange)
            return
        # The long path: let uvicorn begin the message after all, with what has arrived of it.
        url, headers, expect = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url = url
        self.headers.extend(headers)
        self.expect_100_continue = expect
        super().on_headers_complete()
        if self.parser.get_http_version() == "1.0":
            self.cycle.send = _unchunked(self.cycle)  # type: ignore[method-assign,assignment]

    def on_body(self, body: bytes) -> None:
        if self._reading is None:
            super().on_body(body)
        else:
            self._reading.body.append(body)

    def on_message_complete(self) -> None:
        self._between = True
        exchange = self._reading
        if exchange is None:
            super().on_message_complete()
            return
        self._stop_reading()
        exchange.call.body = b"".join(exchange.body)
        self._go(exchange)

    def _go(self, exchange: _Exchange) -> None:
        assert self.front is not None
        if exchange.hot.tick is not None and self.front.joins(exchange.call, exchange.hot):
            exchange.hot.tick.add(exchange)
        else:
            self.start(self._answer(exchange))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in a task that a stop of the server waits for."""
        task = self.loop.create_task(work)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    # ------------------------------------------------------------ the short path

    def _short_way(self) -> _Exchange | None:
        front = self.front
        if front is None or self.expect_100_continue or (self.cycle and not self.cycle.response_complete):
            return None
        method, path = self.parser.get_method().decode("ascii"), self.url.decode("latin-1")
        found = front.hot.find(method, path)
        if found is None or self.parser.should_upgrade():
            return None
        hot = found.hot
        http_1_0 = self.parser.get_http_version() == "1.0"
        call = Call(method, path, self.headers, self.client[0] if self.client else "", http_1_0)
        call.item = found.item
        length = call.header(b"content-length")
        if length is None or int(length) > hot.door.max_body:
            return None
        keep_alive = not http_1_0 and self.parser.should_keep_alive()
        return _Exchange(self, call, hot, keep_alive)

    def _read_known(self, data: bytes) -> bool:
        """Take a request whose header was read before, if no other is in progress."""
        if self.front is None or (self.cycle and not self.cycle.response_complete):
            return False
        found = self.front.heads.find(data)
        if found is None:
            return False
        self._unset_keepalive_if_required()
        head, body = found
        exchange = _Exchange(
            self, head.call.again(self.client[0] if self.client else "", body), head.hot, True
        )
        self.cycle = cast("Any", exchange)
        self._go(exchange)
        return True

    def _keep_head(self, data: bytes) -> None:
        """Keep the header of the one request in `data`, if it took the short path."""
        exchange = cast("Any", self.cycle)
        if isinstance(exchange, _Exchange) and exchange.keep_alive and exchange.call.fault is None:
            assert self.front is not None
            self.front.heads.keep(data, exchange.hot, exchange.call)

    async def _answer(self, exchange: _Exchange) -> None:
        assert self.front is not None
        try:
            answer = await self.front.answer_hot(exchange.call, exchange.hot)
            if answer is not None:
                self.deliver(exchange, answer)
        except asyncio.CancelledError:
            self.transport.abort()
            raise

    def deliver(self, exchange: _Exchange, answer: Answer) -> None:
        """Write the answer, as soon as the client takes it."""
        if self.flow.write_paused:
            self.start(self._write_later(exchange, answer))
        else:
            self._write(exchange, answer)

    async def _write_later(self, exchange: _Exchange, answer: Answer) -> None:
        try:
            await self.flow.drain()
        except asyncio.CancelledError:
            self.transport.abort()
            raise
        self._write(exchange, answer)

    def _write(self, exchange: _Exchange, answer: Answer) -> None:
        if exchange.disconnected:
            return
        assert self.front is not None
        parts = [STATUS_LINE[answer.status]]
        headers = self.front.headers_of(exchange.call, answer, exchange.hot.door)
        for name, value in (*self.server_state.default_headers, *headers):
            parts += (name, b": ", value, b"\r\n")
            if name == b"connection":
                exchange.keep_alive = False
        if not exchange.keep_alive and headers[-1][0] != b"connection":
            parts.append(b"connection: close\r\n")
        parts += (b"\r\n", answer.body)
        self.transport.write(b"".join(parts))
        exchange.response_complete = True
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _give_up(self) -> None:
        exchange = self._reading
        self._stop_reading()
        if exchange is None or self.front is None:
            # The header is incomplete. An answer still in progress may finish; the next
            # bytes start the deadline again.
            if not self.cycle or self.cycle.response_complete:
                self.transport.close()
            return
        self.front.identify(exchange.call)
        error = too_slow(self.front.body_seconds)
        self._write(exchange, self.front.answer_error(exchange.call, error, exchange.hot.door))

    def _stop_reading(self) -> None:
        self._reading = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _unchunked(cycle: RequestResponseCycle) -> Callable[[Any], Coroutine[Any, Any, None]]:
    """A `send` for HTTP/1.0: without a Content-Length, the body is everything until the connection ends."""
    send = cycle.send
    endless = False

    async def send_plainly(message: Any) -> None:
        nonlocal endless
        if message["type"] == "http.response.start":
            endless = all(name.lower() != b"content-length" for name, _ in message.get("headers", ()))
            if endless:
                cycle.chunked_encoding = False
        elif endless:
            cycle.expected_content_length = len(message.get("body", b""))
        await send(message)

    return send_plainly
