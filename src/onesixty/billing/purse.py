"""What a node holds of one account's credit: its slices in memory. Nothing here does I/O.

Rules kept here:
- an amount is in one place at any moment: left in a slice, reserved for a message on its way to disk, or spent by a
  ledger row that names the slice;
- a new slice takes the place of an old one after `ROWS` rows, because a node that takes over from this one adds
  up the rows of its slices. So it is also gone long before retention removes one of these rows;
- the size of what is taken next follows what was spent since the last time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

#: How many ledger rows name one slice, about.
ROWS: Final = 20_000

#: For how many seconds a node takes credit ahead.
AHEAD: Final = 2.0

#: For how many messages at least.
LEAST: Final = 20


class Slice:
    """A slice of this node. It is closed when nothing is left or reserved."""

    __slots__ = ("id", "left", "reserved", "rows")

    def __init__(self, slice_id: int, left: int) -> None:
        self.id = slice_id
        self.left = left
        self.reserved = 0
        self.rows = 0

    @property
    def drained(self) -> bool:
        """Whether no message holds a part of it, and nothing is left."""
        return not self.left and not self.reserved


class Purse:
    """The slices of one account. Messages reserve from `current`; `old` are slices that a new one replaced.

    Times are of the monotonic clock. `lock` is held while the slices are changed in the database, and from the read
    that a take goes by until the take: what is on its way back is neither in the slices nor in the account.
    """

    def __init__(self, account_id: str, limit: int, now: float) -> None:
        self.account_id = account_id
        #: The limit of the account when the purse was last filled or emptied.
        self.limit = limit
        self.current: Slice | None = None
        self.old: list[Slice] = []
        self.lock = asyncio.Lock()
        self.filling: asyncio.Task[None] | None = None
        #: Whether the limit applies: None until the database was asked, False until the history is counted.
        self.applies: bool | None = None
        #: Until when the database is not asked for `refused` or more, and the refusal meanwhile.
        self.rests_until = 0.0
        self.refused = 0
        self.refusal = ""
        #: When it was last used, and when other nodes were last asked to give back.
        self.used_at = now
        self.asked_at = -float("inf")
        #: How often nodes had asked for this account's credit, when this node last looked.
        self.wanted = 0
        self._filled_at = now
        self._spent = 0
        self._usual = 0
        #: Below this, more is taken ahead.
        self.low = 0

    @property
    def left(self) -> int:
        """What messages can reserve."""
        return 0 if self.current is None else self.current.left

    @property
    def slices(self) -> Sequence[Slice]:
        """All its slices."""
        return self.old if self.current is None else [*self.old, self.current]

    def lacks(self, amount: int, least: int, now: float) -> bool:
        """Whether the database has to be asked before `amount` can be reserved, or refused. `least` is the smallest
        part of it."""
        if self.applies and self.left >= amount:
            return False
        return now >= self.rests_until or least < self.refused

    def reserve(self, amount: int, now: float) -> Slice | None:
        """Reserve an amount. None if not so much is left."""
        current = self.current
        if current is None or current.left < amount:
            return None
        current.left -= amount
        current.reserved += amount
        self._spent += amount
        self._usual = amount
        self.used_at = now
        return current

    def next_size(self, now: float, least: int = 0) -> int:
        """How much to take ahead, going by what was spent since the last call. `least` is what one message needs."""
        seconds = max(now - self._filled_at, 0.05)
        size = max(int(self._spent / seconds * AHEAD), LEAST * max(self._usual, least))
        self._filled_at, self._spent = now, 0
        self.low = size // 4
        return size

    def rest(self, seconds: float, now: float, refusal: str = "", refused: int = 0) -> None:
        """Ask for nothing from `refused` on for some time. What cannot be reserved meanwhile gets `refusal`."""
        self.rests_until, self.refusal, self.refused = now + seconds, refusal, refused

    def ask_again(self) -> None:
        """Drop the refusal: the database may say something else now."""
        self.rests_until, self.refusal = 0.0, ""

    def forget(self) -> None:
        """Drop the slices, which are another node's now."""
        self.current, self.old = None, []
