"""One HTTP/1.1 connection to one receiver, with one open request at a time.

Rules kept here:
- an answer is its status, its Retry-After and its first octets, which are taken apart only if somebody keeps them
  (`exchange`); the rest is read up to a limit and dropped. An answer without its end is a failure, because the
  receiver may have crashed before it stored the event;
- an answer beyond the limit closes the connection, and its status counts;
- 1xx answers are skipped; unexpected data closes the connection;
- redirects are not followed; they are answers like any other.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final, cast

import httptools

from onesixty.core.retry_after import parse_retry_after
from onesixty.webhooks.exchange import MOST_RAW
from onesixty.webhooks.poster import Answer

#: The most bytes of an answer that are read, head and body together.
MAX_ANSWER: Final = 64 * 1024

#: Called once per request, with the answer and whether the connection can be reused.
Done = Callable[["Connection", Answer], None]


class Connection(asyncio.Protocol):
    """A connection. `now_ms` is for a Retry-After with a date; `lost` is called when the connection is closed.

    `deadline` and `idle_since` (monotonic seconds) and `reused` belong to the pool.
    """

    __slots__ = (
        "_bytes",
        "_complete",
        "_done",
        "_framed",
        "_lost",
        "_now_ms",
        "_parser",
        "_raw",
        "_retry_after",
        "_status",
        "_transport",
        "deadline",
        "idle_since",
        "reused",
        "usable",
    )

    def __init__(self, now_ms: Callable[[], int], lost: Callable[[Connection], None]) -> None:
        self.usable = False
        self.reused = False
        self.deadline = 0.0
        self.idle_since = 0.0
        self._now_ms = now_ms
        self._lost = lost
        self._done: Done | None = None
        self._transport: asyncio.Transport | None = None
        self._parser: Any = None
        self._status: int | None = None
        self._retry_after: float | None = None
        self._raw = b""
        self._bytes = 0
        self._framed = False  # the head gives the length of the body
        self._complete = False

    @property
    def untouched(self) -> bool:
        """Whether no part of an answer has arrived yet."""
        return self._bytes == 0

    def request(self, data: bytes, done: Done) -> None:
        """Write a request. Only on a usable connection without an open request."""
        assert self._transport is not None
        self._done = done
        self._status = self._retry_after = None
        self._raw = b""
        self._bytes = 0
        self._complete = False
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(data)

    def abort(self, error: str) -> None:
        """Close the connection at once; an open request ends with this error."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()
        self._finish(Answer(None, error))

    # ------------------------------------------------------------ asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.usable = True
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family in {socket.AF_INET, socket.AF_INET6}:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        if self._done is None:
            self.abort("unasked")
            return
        self._bytes += len(data)
        if len(self._raw) < MOST_RAW:
            self._raw = (self._raw + data)[:MOST_RAW] if self._raw or len(data) > MOST_RAW else data
        broken = False
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            broken = True
        if self._complete:
            if broken:
                self.usable = False
            if not self.usable and self._transport is not None:
                self._transport.close()
            self._finish(Answer(self._status, None, self._retry_after, self._raw))
        elif broken:
            self.abort("not HTTP")
        elif self._bytes > MAX_ANSWER:
            self.usable = False
            if self._transport is not None:
                self._transport.abort()
            error = None if self._status else "answer too large"
            self._finish(Answer(self._status, error, self._retry_after, self._raw))

    def connection_lost(self, exc: Exception | None) -> None:
        self.usable = False
        if self._status is not None and not self._framed and exc is None:
            self._finish(Answer(self._status, None, self._retry_after, self._raw))
        else:
            self._finish(Answer(None, "connection closed"))
        self._lost(self)

    # ------------------------------------------------------------ httptools

    def on_message_begin(self) -> None:
        self._framed = False
        if self._complete:
            self.usable = False  # a second answer to one request

    def on_header(self, name: bytes, value: bytes) -> None:
        lowered = name.lower()
        if lowered == b"retry-after" and not self._complete:
            self._retry_after = parse_retry_after(value.decode("latin-1"), self._now_ms())
        elif lowered in {b"content-length", b"transfer-encoding"}:
            self._framed = True

    def on_headers_complete(self) -> None:
        status: int = self._parser.get_status_code()
        if status >= 200 and not self._complete:
            self._status = status

    def on_message_complete(self) -> None:
        if self._status is not None:  # otherwise it was a 1xx, and the final answer follows
            self._complete = True
            if not self._parser.should_keep_alive():
                self.usable = False

    def _finish(self, answer: Answer) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(self, answer)
