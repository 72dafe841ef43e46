"""The lanes of a process for one sink: their room in memory, and what happens when a lane fails or is shut.

Rules kept here:
- memory is bounded, overall and for each lane. While rows of a lane wait, its new work waits in rows too, because
  it would overtake otherwise;
- a lane that fails gives back its waiting items, so that failing receivers never take the room of healthy ones;
- an idle lane without rows is forgotten, so that lanes of former receivers do not pile up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from onesixty.core.clock import Clock, Random
from onesixty.core.message import UNCLAIMED
from onesixty.work.item import Item, release
from onesixty.work.lane import Lane, Step
from onesixty.work.results import Results
from onesixty.work.sink import Sink


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much is kept in memory and in flight at once. `batch` is how many rows are read at once.

    In seconds: `look` between looks at the rows, `recover` between looks for rows of ended processes and for changes
    of other processes, `expire` between looks for expired work, `forget` until an idle lane is forgotten.
    """

    waiting: int = 20_000
    waiting_of_lane: int = 5_000
    in_flight: int = 1_000
    batch: int = 200
    look: float = 1.0
    recover: float = 5.0
    expire: float = 60.0
    forget: float = 300.0


class Lanes:
    """The lanes of one sink. `wake` asks for a look at the rows."""

    def __init__(
        self,
        sink: Sink,
        results: Results,
        *,
        clock: Clock,
        random: Random,
        limits: Limits,
        wake: Callable[[], None],
    ) -> None:
        self.by_name: dict[str, Lane] = {}
        self.waiting = 0
        self._sink = sink
        self._results = results
        self._clock = clock
        self._random = random
        self._limits = limits
        self._wake = wake

    def of(self, name: str) -> Lane:
        """The lane with this name, created on first use."""
        lane = self.by_name.get(name)
        if lane is None:
            lane = self.by_name[name] = Lane(name, self._sink.policy.pace)
            self._sink.made(lane)
        return lane

    def claim(self, name: str, lease: int) -> int:
        """`lease` if there is room in memory for new work of this lane, UNCLAIMED if it has to wait in its row."""
        if self.waiting >= self._limits.waiting:
            return UNCLAIMED
        lane = self.by_name.get(name)
        if lane is not None and (
            lane.spilled or not lane.healthy or len(lane.queue) >= self._limits.waiting_of_lane
        ):
            return UNCLAIMED
        return lease if self._sink.open(name) else UNCLAIMED

    @property
    def free(self) -> int:
        """How many more items may wait in memory."""
        return max(0, self._limits.waiting - self.waiting)

    def room(self, lane: Lane) -> int:
        """How many of the lane's rows should come into memory: one for a trial, a batch for a healthy lane."""
        free = self._limits.waiting - self.waiting
        if not lane.healthy:
            return min(free, 1) if lane.held == 0 and lane.wait(self._clock.monotonic()) == 0 else 0
        return max(0, min(free, self._limits.waiting_of_lane - len(lane.queue), self._limits.batch))

    def sort(self, items: list[Item]) -> list[Item]:
        """The items that fit in memory. Items of a lane that failed or filled up since they were claimed are given
        back. Twice the limits are allowed here, for items that were on their way to disk."""
        fitting: list[Item] = []
        over: list[Item] = []
        counts: dict[str, int] = {}
        for item in items:
            lane = self.of(item.lane)
            count = counts.get(item.lane, 0)
            full = (
                len(lane.queue) + count >= 2 * self._limits.waiting_of_lane
                or self.waiting + len(fitting) >= 2 * self._limits.waiting
            )
            if full or not lane.healthy:
                lane.spilled = True
                over.append(item)
            else:
                counts[item.lane] = count + 1
                fitting.append(item)
        self.give_up(over)
        return fitting

    def give_up(self, items: Sequence[Item]) -> None:
        """Give these items back to their rows."""
        if items:
            self._results.add_all((item.id, release(item)) for item in items)

    def empty(self, lane: Lane) -> None:
        """Give all waiting items of a lane back to their rows."""
        items = lane.drain()
        self.waiting -= len(items)
        if items:
            lane.spilled = True
            self.give_up(items)

    def stepped(self, lane: Lane, step: Step) -> None:
        """React to a changed state of a lane."""
        if step is Step.NONE:
            return
        if step is Step.CLOSED:
            lane.spilled = True
            self._sink.stepped(lane, step)
            self._wake()
            return
        if step is Step.OPENED:
            self.empty(lane)
            lane.spilled = True
            self._sink.stepped(lane, step)
        now = self._clock.monotonic()
        if lane.pause_due(now):
            lane.pause(now, self._random)
            self._sink.stepped(lane, Step.PAUSED)

    def caught_up(self, waiting: set[str]) -> None:
        """A look at the rows is over; `waiting` names the lanes with waiting rows. New work of all other
        lanes may stay in memory again."""
        for name, lane in self.by_name.items():
            if lane.spilled and name not in waiting:
                lane.spilled = False

    def forget_idle(self, waiting: set[str], now: float) -> None:
        """Forget lanes that are idle and have no waiting rows; `waiting` names those that have some."""
        for name, lane in list(self.by_name.items()):
            if lane.held == 0 and name not in waiting and now - lane.last_used >= self._limits.forget:
                del self.by_name[name]
