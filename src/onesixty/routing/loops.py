"""Detects loops at run time: the same message passing through the node again and again.

A route may lead, over another operator's gateway, back to a door of this node; each pass then looks like a new
message. SMPP has no hop count, so the content is counted: sender, recipient and text (or payload).

Rules kept here:
- only accepted messages count: a customer that retries after a refusal, or that gets its first answer again for
  the same Idempotency-Key, does not form a loop;
- bounded: two tables of fingerprints, each with at most `MOST` entries and one window old. When the younger
  table is full or its time is over, the older one is dropped;
- cheap: a hash, a look-up and a write for a message to a real carrier, nothing for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.paid_above import Held

#: The window in milliseconds in which passes are counted; entries are kept for one to two windows.
WINDOW_MS: Final = 60_000
MOST: Final = 16_384


class Carriers(Protocol):
    """Knows which carriers cannot lead to a loop."""

    @property
    def simulated(self) -> frozenset[str]:
        """The ids of simulated carriers."""


class LoopDetection:
    """Counts repeated passes of the same message, as a hold (messages.holds). `limit` is the pass that
    is refused. Messages to simulated carriers are not counted.
    """

    name = "loop"

    def __init__(self, limit: int, carriers: Carriers) -> None:
        self._limit = limit
        self._carriers = carriers
        self._young: dict[int, int] = {}
        self._old: dict[int, int] = {}
        self._since = 0

    def take(self, message: Message, hops: Sequence[Hop] = (), held: Held | None = None) -> None:
        """Refuse a looping message. Raises Problem `loop_detected`."""
        if self._counts(message) and self.too_many(message):
            raise Problem("loop_detected")

    def kept(self, message: Message) -> None:
        """Count a stored message."""
        if self._counts(message):
            self.passed(message)

    def dropped(self, message: Message) -> None:
        """Do nothing: a message that was not accepted does not count."""

    def _counts(self, message: Message) -> bool:
        """Whether the message can loop. One that is held has no carrier."""
        return message.carrier_id is not None and message.carrier_id not in self._carriers.simulated

    def too_many(self, message: Message) -> bool:
        """Whether one more pass of the message at `created_at` would be a loop."""
        self._turn(message.created_at)
        key = _key(message)
        passed = self._passed(key)
        if passed + 1 < self._limit:
            return False
        self._young[key] = passed  # an entry stays as long as passes continue
        return True

    def passed(self, message: Message) -> None:
        """Count an accepted message, at its `created_at`."""
        self._turn(message.created_at)
        key = _key(message)
        self._young[key] = self._passed(key) + 1

    def _turn(self, at: int) -> None:
        """Drop entries that are too old or too many."""
        age = at - self._since
        if age >= WINDOW_MS or len(self._young) >= MOST:
            self._old = {} if age >= 2 * WINDOW_MS else self._young
            self._young = {}
            self._since = at

    def _passed(self, key: int) -> int:
        passed = self._young.get(key)
        return self._old.get(key, 0) if passed is None else passed


def _key(message: Message) -> int:
    return hash((message.sender, message.recipient, message.text))
