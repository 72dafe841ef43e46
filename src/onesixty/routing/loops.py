"""The loop guard at run time: the same message passing through the node again and again.

A route may lead, over somebody else's gateway, back to a door of our own: each lap is then a new message to us.
Nothing in SMPP counts hops, so what is counted is the content: sender, recipient and text (or payload).

Rules kept here:
- bounded: two tables of fingerprints, each of at most `MOST` entries and one window old; the older goes when the
  younger is full or its time is over;
- cheap: a hash, a look-up and a write for a message to a real carrier, nothing for others.
"""

from __future__ import annotations

from typing import Final

from onesixty.core.message import Message

#: Milliseconds in which laps are counted; between one and two of these are remembered.
WINDOW_MS: Final = 60_000
MOST: Final = 16_384


class Laps:
    """Counts how often the same thing passed. `limit` is the lap that is refused."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._young: dict[int, int] = {}
        self._old: dict[int, int] = {}
        self._since = 0

    def too_many(self, message: Message) -> bool:
        """Count the message at its `created_at`; whether it passed so often before that this is a loop."""
        young = self._young
        if message.created_at - self._since >= WINDOW_MS or len(young) >= MOST:
            stale = message.created_at - self._since >= 2 * WINDOW_MS
            self._old = {} if stale else young
            young = self._young = {}
            self._since = message.created_at
        key = hash((message.sender, message.recipient, message.text))
        passed = young.get(key)
        if passed is None:
            passed = self._old.get(key, 0)
        young[key] = passed + 1
        return passed + 1 >= self._limit
