"""Turns of slow reads: how many run at once, and which one is next.

Rules kept here:
- slow reads have a few places of their own, so that fast reads never wait for them;
- one account uses at most all places but one, and waiting accounts take turns: twenty lists of one account delay
  a list of another only by the reads that are already running. No I/O, no clock.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Final

#: Slow reads that run at the same time on one node.
PLACES: Final = 4

#: Seconds after which a slow read is interrupted.
LONGEST: Final = 10.0


class Turns:
    """Places for slow reads. `await take(who)`, then `give(who)` exactly once, however the read ended."""

    def __init__(self, places: int = PLACES) -> None:
        self._free = places
        self._most_each = max(1, places - 1)
        self._running: Counter[str] = Counter()
        #: Waiting reads by account; the first account is served next. An account without a waiting read is not
        #: in it.
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, who: str) -> None:
        """Wait for a place."""
        if self._free and self._running[who] < self._most_each and who not in self._waiting:
            self._begin(who)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            # it got its place in the same step in which it was cancelled
            if turn.done() and not turn.cancelled():
                self.give(who)
            raise

    def give(self, who: str) -> None:
        """Free the place of a read that ended, and give it to the next."""
        self._free += 1
        self._running[who] -= 1
        if not self._running[who]:
            del self._running[who]
        while self._free and self._serve_next():
            pass

    def _serve_next(self) -> bool:
        for who in list(self._waiting):
            if self._running[who] >= self._most_each:
                continue
            turns = self._waiting.pop(who)
            while turns:
                turn = turns.popleft()
                if not turn.done():
                    if turns:
                        self._waiting[who] = turns  # last in the order
                    self._begin(who)
                    turn.set_result(None)
                    return True
        return False

    def _begin(self, who: str) -> None:
        self._free -= 1
        self._running[who] += 1


def asker(params: dict[str, object]) -> str:
    """Return whose read it is: the account that it names. Reads of the operator and of the node share one turn."""
    return str(params.get("account_id", ""))
