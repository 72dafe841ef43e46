"""Concatenation references: one for all parts of a message, unique per sender and recipient while it matters.

A handset joins parts by (sender, reference, total): two long messages to it must not share a reference while
parts of both may be under way. A counter for each pair, starting at chance, gives 256 messages
between two with the same one. Kept for the pairs seen last; 0 is legal.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from onesixty.core.clock import Random

PAIRS: Final = 20_000
RANGE: Final = 1 << 16


class References:
    """Hands out references of 16 bits; a carrier that writes 8 uses the low ones."""

    __slots__ = ("_last", "_random")

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last: OrderedDict[tuple[str, str], int] = OrderedDict()

    def next(self, sender: str, recipient: str) -> int:
        """The reference for the next long message between the two."""
        pair = (sender, recipient)
        last = self._last.pop(pair, None)
        reference = self._random.randrange(0, RANGE) if last is None else (last + 1) % RANGE
        self._last[pair] = reference
        if len(self._last) > PAIRS:
            self._last.popitem(last=False)
        return reference
