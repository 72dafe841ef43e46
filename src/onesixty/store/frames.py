"""What a process and its store process say to each other: frames of msgpack over a socket pair.

A frame is its length (four bytes, big endian) and one message. One frame carries a whole batch of units, and
one carries all their results.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

import msgspec

from onesixty.store.units import Poisoned, Result, StoreError, Unavailable, Unit

#: Octets of the length.
LENGTH: Final = 4


class Commit(msgspec.Struct, tag="commit", array_like=True):
    """Write units."""

    id: int
    units: list[Unit]


class Execute(msgspec.Struct, tag="execute", array_like=True):
    """One cold write."""

    id: int
    statement: str
    params: dict[str, Any]


class Close(msgspec.Struct, tag="close", array_like=True):
    """Write what is there, and end."""


class Failure(msgspec.Struct, array_like=True):
    """A StoreError as it is sent to the other process."""

    retryable: bool
    detail: str
    conflict: bool

    @classmethod
    def of(cls, error: StoreError) -> Failure:
        return cls(error.retryable, str(error), getattr(error, "conflict", False))

    def error(self) -> Poisoned | Unavailable:
        """The error that it was."""
        return Unavailable(self.detail) if self.retryable else Poisoned(self.detail, conflict=self.conflict)


class Ready(msgspec.Struct, tag="ready", array_like=True):
    """The database is open, or why it is not (`kind` is the name of the error)."""

    kind: str = ""
    detail: str = ""


class Results(msgspec.Struct, tag="results", array_like=True):
    """What became of the units of a Commit."""

    id: int
    results: list[bool | Failure]


class Rows(msgspec.Struct, tag="rows", array_like=True):
    """What an Execute returned, or why it failed."""

    id: int
    rows: list[tuple[Any, ...]]
    failure: Failure | None = None


class Health(msgspec.Struct, tag="health", array_like=True):
    """The store can, or cannot, write."""

    healthy: bool


class Committed(msgspec.Struct, tag="committed", array_like=True):
    """A transaction, for the observer on the other side."""

    units: int
    rows: dict[str, int]
    seconds: float


class Failed(msgspec.Struct, tag="failed", array_like=True):
    """Units that ended with an error, for the observer on the other side."""

    units: int
    error: str


class News(msgspec.Struct, tag="news", array_like=True):
    """What the role beside the store tells the role on the other side; the store does not look inside."""

    news: Any


Request = Commit | Execute | Close
Reply = Ready | Results | Rows | Health | Committed | Failed | News


def packed(results: list[Result]) -> list[bool | Failure]:
    """Results as they are sent."""
    return [result if isinstance(result, bool) else Failure.of(result) for result in results]


def unpacked(results: list[bool | Failure]) -> list[Result]:
    """Results as they were."""
    return [result if isinstance(result, bool) else result.error() for result in results]


class Link(asyncio.Protocol):
    """One end of the socket pair: whole messages in, whole messages out."""

    def __init__(
        self, decode: Callable[[bytes], Any], received: Callable[[Any], None], lost: Callable[[], None]
    ) -> None:
        self._decode = decode
        self._received = received
        self._lost = lost
        self._encoder = msgspec.msgpack.Encoder()
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def send(self, message: Request | Reply) -> None:
        """Send a message. Raises what msgspec raises for values that cannot be sent; then nothing is sent."""
        body = self._encoder.encode(message)
        if self._transport is not None:
            self._transport.write(len(body).to_bytes(LENGTH, "big") + body)

    def close(self) -> None:
        """Send what is left, and hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class

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
