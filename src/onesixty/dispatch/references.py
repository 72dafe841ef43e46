"""Concatenation references: one for all parts of a message, unique per sender and recipient while it matters.

A handset joins parts by (sender, reference, total): two long messages to it must not share a reference while parts of
both may be under way. A counter for each pair, with a random start, gives at least 256 messages between two with the
same reference. Counters are kept for the pairs used last. 0 is a legal reference.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from onesixty.core.clock import Random

PAIRS: Final = 20_000
RANGE: Final = 1 << 16


class References:
    """Gives out references of 16 bits; a carrier that writes 8 bits uses the low ones."""

    __slots__ = ("_last", "_random")

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last: OrderedDict[tuple[str, str], int] = OrderedDict()

    def next(self, sender: str, recipient: str) -> int:
        """The reference for the next long message of this sender to this recipient."""
        pair = (sender, recipient)
        last = self._last.pop(pair, None)
        reference = self._random.randrange(0, RANGE) if last is None else (last + 1) % RANGE
        self._last[pair] = reference
        if len(self._last) > PAIRS:
            self._last.popitem(last=False)
        return reference
