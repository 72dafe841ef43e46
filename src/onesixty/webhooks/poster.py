"""The contract of a poster, which sends webhooks to their receivers.

Rules kept here:
- a poster never raises, and calls `done` exactly once for each `send`, later, never from within `send`;
- it follows no redirect, keeps only the status, Retry-After and first octets of an answer, and has deadlines of its
  own, so every `send` ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

#: The beginning of an error for an address that deliveries may not connect to.
NOT_ALLOWED: Final = "address not allowed"


class Outgoing(msgspec.Struct, frozen=True):
    """One attempt at one delivery. `lane` names the receiver: its connections are shared with no other.

    `body` is the event as stored, in UTF-8, or a file of another type; `keys` are the secrets to sign with, in bytes.
    """

    lane: str
    url: str
    event_id: str
    body: bytes
    keys: tuple[bytes, ...]
    content_type: str = "application/json"


class Answer(msgspec.Struct, frozen=True):
    """The answer of a receiver: an HTTP status, or None and an `error` in a few stable words.

    `retry_after` is in seconds, `raw` the first octets of the answer as they arrived.
    """

    status: int | None
    error: str | None = None
    retry_after: float | None = None
    raw: bytes | None = None

    @property
    def refused(self) -> bool:
        """Whether we refused to connect, because of the address of the URL."""
        return self.error is not None and self.error.startswith(NOT_ALLOWED)

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Poster(Protocol):
    """Posts webhooks. Implemented by `webhooks.http_poster.HttpPoster`."""

    def send(self, outgoing: Outgoing, done: Callable[[Answer], None]) -> None:
        """Start one attempt; `done` is called with its result."""

    def forget(self, lane: str) -> None:
        """The receiver was deleted or changed: close idle connections to it."""

    async def close(self) -> None:
        """Close all connections; open attempts end as failures."""


async def answered(poster: Poster, outgoing: Outgoing) -> Answer:
    """Make one attempt, and wait for its answer."""
    done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    poster.send(outgoing, lambda answer: None if done.done() else done.set_result(answer))
    return await done
