"""A schedule of many items with one timer.

Rules kept here:
- an item has no task and no timer handle of its own: items of one tick share a list, and one handle of the event
  loop waits for the earliest tick, so that a hundred thousand waiting items cost only their memory;
- time is the event loop's, so that a loop with virtual time runs an agenda just like a real one;
- an item is never handed out early, and at most one tick late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")


class Agenda(Generic[T]):
    """Passes items to `run` when they are due, a list at a time, in the order of their ticks.

    `tick` is the resolution in seconds. `run` gets at least one item and may add further ones.
    """

    __slots__ = ("_due", "_handle", "_items", "_loop", "_run", "_tick")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, run: Callable[[list[T]], None], tick: float = 0.002
    ) -> None:
        self._loop = loop
        self._run = run
        self._tick = tick
        self._items: dict[int, list[T]] = {}
        self._due: list[int] = []
        self._handle: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(map(len, self._items.values()))

    def add(self, delay: float, item: T) -> None:
        """Hand out `item` after `delay` seconds."""
        number = int((self._loop.time() + delay) / self._tick) + 1
        items = self._items.get(number)
        if items is not None:
            items.append(item)
            return
        self._items[number] = [item]
        heappush(self._due, number)
        if self._due[0] == number:
            self._arm()

    def clear(self) -> list[T]:
        """Remove and return all items, the earliest first; nothing is passed to `run` any more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        items = [item for number in sorted(self._items) for item in self._items[number]]
        self._items.clear()
        self._due.clear()
        return items

    def _arm(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_at(self._due[0] * self._tick, self._fire)

    def _fire(self) -> None:
        self._handle = None
        # A loop may call slightly before the requested time (by its clock's resolution).
        now = int(self._loop.time() / self._tick + 1e-3)
        ready: list[T] = []
        while self._due and self._due[0] <= now:
            ready += self._items.pop(heappop(self._due))
        if self._due:
            self._arm()
        if ready:
            self._run(ready)
