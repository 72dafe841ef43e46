"""Writes that were handed in but not answered: the age of the oldest, and whether that is too old.

Rules kept here:
- if a store's oldest write waits for too long, for any reason, the store counts as unable to write until that
  write is answered;
- a request that waits for a write waits for a bounded time (`in_time`); the write itself is never given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from onesixty.store.units import Result, Unavailable

#: Seconds that the oldest write may wait before the store counts as one that cannot write.
STALLED: Final = 5.0

#: Seconds after which a request over the network is answered that the outcome of its write is not known yet.
ANSWER_WITHIN: Final = 10.0

#: Seconds between two checks of the oldest write.
_LOOK: Final = 0.5


class Unanswered:
    """The unanswered writes of one store."""

    def __init__(self, loop: asyncio.AbstractEventLoop, stalled: Callable[[bool], None]) -> None:
        """`stalled` is called with True when the oldest write has waited for too long, and with False when it is
        answered."""
        self._loop = loop
        self._stalled = stalled
        self._is_stalled = False
        self._since: dict[int, float] = {}
        self._last = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self) -> int:
        """Note a write that is handed in. Returns the number to pass to `answered`."""
        self._last += 1
        self._since[self._last] = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(_LOOK, self._look)
        return self._last

    def answered(self, number: int) -> None:
        """Note that a write is answered."""
        self._since.pop(number, None)
        if self._is_stalled and self.age() <= STALLED:
            self._tell(False)

    def age(self) -> float:
        """Seconds since the oldest unanswered write was handed in; 0 if there is none."""
        for since in self._since.values():  # the first is the oldest
            return self._loop.time() - since
        return 0.0

    def stop(self) -> None:
        """Stop checking."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        if not self._since:
            return
        self._timer = self._loop.call_later(_LOOK, self._look)
        if self.age() > STALLED and not self._is_stalled:
            self._tell(True)

    def _tell(self, stalled: bool) -> None:
        self._is_stalled = stalled
        self._stalled(stalled)


async def in_time(answer: asyncio.Future[Any], seconds: float = ANSWER_WITHIN) -> bool:
    """Wait for a future, without cancelling it. Returns False if it takes longer than `seconds`."""
    if answer.done():
        return True
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[bool] = loop.create_future()

    def tell(in_time: bool) -> None:
        if not waiter.done():
            waiter.set_result(in_time)

    timer = loop.call_later(seconds, tell, False)
    answer.add_done_callback(lambda _: tell(True))
    try:
        return await waiter
    finally:
        timer.cancel()


async def one_in_time(answer: asyncio.Future[list[Result]]) -> Result:
    """Wait for the result of the one unit that was handed in. Returns Unavailable, too, if the wait takes too
    long."""
    return (await all_in_time(answer, 1))[0]


async def all_in_time(answer: asyncio.Future[list[Result]], count: int) -> list[Result]:
    """Wait for the results of so many units that were handed in together. Returns Unavailable for each if the wait
    takes too long."""
    if await in_time(answer):
        return answer.result()
    return [Unavailable("the store does not answer") for _ in range(count)]
