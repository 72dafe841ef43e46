"""Turns of slow reads: how many run at once, and who is next.

Rules kept here:
- reads that may take long have a few places of their own, so that the others never wait for them;
- one account has at most all places but one, and whoever waits is served in turns between accounts: twenty lists of
  one hold up one list of another by no more than what is running.
No I/O, no clock.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Final

#: Slow reads that run at the same time on one node.
PLACES: Final = 4

#: Seconds after which a slow read is broken off.
LONGEST: Final = 10.0


class Turns:
    """Places for slow reads. `await take(who)`, then `give(who)` once, whatever came of the read."""

    def __init__(self, places: int = PLACES) -> None:
        self._free = places
        self._most_each = max(1, places - 1)
        self._running: Counter[str] = Counter()
        #: By account, the next to be served first. An account without a waiting read is not among them.
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
            if turn.done() and not turn.cancelled():  # it was its turn in the step in which it was given up
                self.give(who)
            raise

    def give(self, who: str) -> None:
        """A read is over: its place goes to the next."""
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
                        self._waiting[who] = turns  # behind everybody else
                    self._begin(who)
                    turn.set_result(None)
                    return True
        return False

    def _begin(self, who: str) -> None:
        self._free -= 1
        self._running[who] += 1


def asker(params: dict[str, object]) -> str:
    """Whose read it is: the account it names; the operator's and the node's own have one share together."""
    return str(params.get("account_id", ""))
