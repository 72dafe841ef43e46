"""The contract with what posts webhooks to their receivers.

Rules kept here:
- a poster never raises and calls `done` exactly once for each `send`, later, never from inside `send`;
- it follows no redirect, keeps nothing of the answer but its status and Retry-After, and has deadlines of its
  own, so that every `send` ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import msgspec

#: How the error of an answer begins when the address was one that deliveries may not go to.
NOT_ALLOWED: Final = "address not allowed"


class Outgoing(msgspec.Struct, frozen=True):
    """One attempt at one delivery. `lane` names the receiver: its connections are shared with no other.

    `body` is the event as stored, in UTF-8; `keys` are the secrets to sign with, in bytes.
    """

    lane: str
    url: str
    event_id: str
    body: bytes
    keys: tuple[bytes, ...]


class Answer(msgspec.Struct, frozen=True):
    """What the receiver said: an HTTP status, or None and an `error` in a few stable words.

    `retry_after` is in seconds.
    """

    status: int | None
    error: str | None = None
    retry_after: float | None = None

    @property
    def refused(self) -> bool:
        """Whether we ourselves would not connect, because of where the URL leads."""
        return self.error is not None and self.error.startswith(NOT_ALLOWED)

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Poster(Protocol):
    """Posts webhooks."""

    def send(self, outgoing: Outgoing, done: Callable[[Answer], None]) -> None:
        """Begin one attempt; `done` is called with what became of it."""

    def forget(self, lane: str) -> None:
        """The receiver is gone or has changed: close what is idle towards it."""

    async def close(self) -> None:
        """Close all connections; attempts under way end as failures."""
