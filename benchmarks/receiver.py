"""A fast webhook receiver for measurements: answers every request with an empty 200 over keep-alive, and counts.

Rules kept here: a request counts once however often it arrives. It is identified by its webhook-id or, without
one (Kannel's reports), by its target. A body is passed to `look`, if there is one, and not kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, cast

_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_BAD: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_MAX_HEAD: Final = 65_536


#: Called with the head and the body of each request.
Look = Callable[[bytes, bytes], None]


class ReceiverCounts:
    """Counts requests, and the different events among them."""

    def __init__(self, look: Look | None = None) -> None:
        self.look = look
        self.requests = 0
        self.events: set[bytes] = set()

    def as_json(self) -> dict[str, int]:
        """Return the counts; `distinct` is the number of different events."""
        return {"requests": self.requests, "distinct": len(self.events)}


class FastReceiver:
    """Serves on `host:port` until closed. `look` is called for each request before it is answered."""

    def __init__(self, look: Look | None = None) -> None:
        self.counts = ReceiverCounts(look)
        self._links: set[_Link] = set()
        self._server: asyncio.AbstractServer | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen. Returns the port (the system's choice for port 0)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Link(self.counts, self._links), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for link in tuple(self._links):
            link.drop()
        # Each connection reports its end in the loop's next turn.
        while self._links:  # noqa: ASYNC110
            await asyncio.sleep(0)


class _Link(asyncio.Protocol):
    """One connection of a sender."""

    def __init__(self, counts: ReceiverCounts, links: set[_Link]) -> None:
        self._counts = counts
        self._links = links
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not an isinstance: uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._links.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._links.discard(self)

    def drop(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if self._buffer:
            data = self._buffer + data
        answered = 0
        position = 0
        while (end := data.find(b"\r\n\r\n", position)) >= 0:
            head = data[position:end]
            length = _content_length(head)
            if length is None:
                self._transport.write(_BAD)
                self._transport.close()
                return
            if len(data) < end + 4 + length:
                break
            position = end + 4 + length
            answered += 1
            self._count(head)
            if self._counts.look is not None:
                self._counts.look(head, data[end + 4 : position])
        self._buffer = data[position:]
        if answered:
            self._transport.write(_ANSWER * answered)
        elif len(self._buffer) > _MAX_HEAD and end < 0:
            self._transport.write(_BAD)
            self._transport.close()

    def _count(self, head: bytes) -> None:
        counts = self._counts
        counts.requests += 1
        counts.events.add(_header(head, b"\r\nwebhook-id:") or head[: head.find(b"\r\n")])


def _header(head: bytes, name: bytes) -> bytes:
    """Return the value of a header, empty if it is missing. `name` is in lower case, from line break to colon."""
    at = head.lower().find(name)
    if at < 0:
        return b""
    start = at + len(name)
    end = head.find(b"\r\n", start)
    return head[start : end if end > 0 else len(head)].strip()


def _content_length(head: bytes) -> int | None:
    """Return the length of the body; None if it is unknown (chunked, or not a number)."""
    if _header(head, b"\r\ntransfer-encoding:"):
        return None
    value = _header(head, b"\r\ncontent-length:")
    if not value:
        return 0
    return int(value) if value.isdigit() else None
