"""The messages between a process and its store process: frames of msgpack over a socket pair.

A frame is its length (four bytes, big endian) and one message. One frame carries a whole batch of units, and one
carries all their results.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

import msgspec

from onesixty.store.statements import Statement
from onesixty.store.units import Poisoned, Result, StoreError, Unavailable, Unit

#: Octets of a frame's length field.
LENGTH: Final = 4


class Open(msgspec.Struct, tag="open", array_like=True):
    """The first request: open the database for these statements."""

    statements: list[Statement]


class Commit(msgspec.Struct, tag="commit", array_like=True):
    """Request: write units."""

    id: int
    units: list[Unit]


class Execute(msgspec.Struct, tag="execute", array_like=True):
    """Request: run one cold write."""

    id: int
    statement: str
    params: dict[str, Any]


class Close(msgspec.Struct, tag="close", array_like=True):
    """Request: write everything that was handed in, and end."""


class Failure(msgspec.Struct, array_like=True):
    """A StoreError in the form in which it crosses to the other process."""

    retryable: bool
    detail: str
    conflict: bool

    @classmethod
    def of(cls, error: StoreError) -> Failure:
        return cls(error.retryable, str(error), getattr(error, "conflict", False))

    def error(self) -> Poisoned | Unavailable:
        """Rebuild the StoreError."""
        return Unavailable(self.detail) if self.retryable else Poisoned(self.detail, conflict=self.conflict)


class Ready(msgspec.Struct, tag="ready", array_like=True):
    """Reply at start: the database is open, or why it is not (`kind` is the name of the error)."""

    kind: str = ""
    detail: str = ""


class Results(msgspec.Struct, tag="results", array_like=True):
    """Reply: one result for each unit of a Commit."""

    id: int
    results: list[bool | Failure]


class Rows(msgspec.Struct, tag="rows", array_like=True):
    """Reply: the rows that an Execute returned, or why it failed."""

    id: int
    rows: list[tuple[Any, ...]]
    failure: Failure | None = None


class Health(msgspec.Struct, tag="health", array_like=True):
    """Reply: the store can, or cannot, write."""

    healthy: bool


class Committed(msgspec.Struct, tag="committed", array_like=True):
    """Reply: a transaction was committed; for the observer on the other side."""

    units: int
    rows: dict[str, int]
    seconds: float


class Failed(msgspec.Struct, tag="failed", array_like=True):
    """Reply: units ended with an error; for the observer on the other side."""

    units: int
    error: str


class News(msgspec.Struct, tag="news", array_like=True):
    """Reply: a message of the role beside the store to the other process. The store does not look inside."""

    news: Any


Request = Open | Commit | Execute | Close
Reply = Ready | Results | Rows | Health | Committed | Failed | News


_ENCODER: Final = msgspec.msgpack.Encoder()


def framed(message: Request | Reply) -> bytes:
    """Return the frame of a message. If a value cannot be sent, raises the error of msgspec."""
    body = _ENCODER.encode(message)
    return len(body).to_bytes(LENGTH, "big") + body


def packed(results: list[Result]) -> list[bool | Failure]:
    """Convert results to the form in which they are sent."""
    return [result if isinstance(result, bool) else Failure.of(result) for result in results]


def unpacked(results: list[bool | Failure]) -> list[Result]:
    """Convert results back from the form in which they were sent."""
    return [result if isinstance(result, bool) else result.error() for result in results]


class Link(asyncio.Protocol):
    """One end of the socket pair: sends and receives whole messages."""

    def __init__(
        self, decode: Callable[[bytes], Any], received: Callable[[Any], None], lost: Callable[[], None]
    ) -> None:
        self._decode = decode
        self._received = received
        self._lost = lost
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def send(self, message: Request | Reply) -> None:
        """Send a message. If a value cannot be sent, raises the error of msgspec and sends nothing."""
        frame = framed(message)
        if self._transport is not None:
            self._transport.write(frame)

    def close(self) -> None:
        """Send what is buffered, and close the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport does not inherit from asyncio.Transport
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= LENGTH:
            end = start + LENGTH + int.from_bytes(buffer[start : start + LENGTH], "big")
            if len(buffer) < end:
                break
            body = bytes(buffer[start + LENGTH : end])
            start = end
            self._received(self._decode(body))
        del buffer[:start]

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        self._lost()
