"""Several event loops on one virtual time: one for each node, so that a node can stand still while others run.

Rules kept here:
- a turn is one pass of one loop over what is ready in it, or over the first of it only: a node may be left standing
  between any two callbacks, which is at any await of its tasks;
- time stands still while anything can run on a loop that is awake; then it moves on to the next timer of those, or to
  the next moment that somebody waits for (a stall that ends, a start);
- a loop that is asleep runs nothing and holds up nobody; its timers ring when it wakes, in their order.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from random import Random
from typing import Any

from onesixty.simulator.virtual import Deadlock, OneThreadLoop, Time, bury
from tests.simulation.virtual import Crash

#: Turns after which nothing has happened that takes time: somebody spins.
MOST_TURNS_AT_ONCE = 200_000


class _Ready(selectors.DefaultSelector):
    """Never waits: when to go on is the scheduler's affair."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(0)


class NodeLoop(OneThreadLoop):
    """The loop of one node. `failures` gets what nobody caught."""

    def __init__(self, time: Time) -> None:
        super().__init__(_Ready())
        self._virtual = time
        self.asleep_until = 0.0
        self.turns = 0
        self.on_turn: Callable[[int], None] = lambda turns: None
        #: A crash that comes with the next turn.
        self.crash_next = False
        self.failures: list[str] = []
        self.set_exception_handler(self._note)

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual.now

    def _note(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.failures.append(f"{context.get('message')}: {context.get('exception')!r}")

    # What asyncio keeps to itself: there is no other way to run one callback and leave the next one standing.

    @property
    def busy(self) -> bool:
        """Whether a callback could run now."""
        timers = self._scheduled  # type: ignore[attr-defined]
        return bool(self._ready) or bool(timers and timers[0]._when <= self._virtual.now)  # type: ignore[attr-defined]

    def next_timer(self) -> float | None:
        """When its next timer rings."""
        timers = self._scheduled  # type: ignore[attr-defined]
        return timers[0]._when if timers else None

    def turn(self, *, single: bool) -> None:
        """Run what is ready, or only the first of it. A Crash comes out of here."""
        self.turns += 1
        if self.crash_next:
            raise Crash
        self.on_turn(self.turns)
        if self.asleep_until > self._virtual.now:
            return
        ready = self._ready  # type: ignore[attr-defined]
        rest = []
        if single and len(ready) > 1:
            rest = list(ready)[1:]
            while len(ready) > 1:
                ready.pop()
        ready.append(asyncio.Handle(self.stop, (), self))
        try:
            self.run_forever()
        finally:
            new = list(ready)
            ready.clear()
            ready.extend(rest)
            ready.extend(new)


class Scheduler:
    """Takes turns between the loops of all nodes, by chance."""

    def __init__(self, time: Time, random: Random, crashed: Callable[[NodeLoop], None]) -> None:
        """`crashed` is told of a loop in which a Crash was raised; nothing of it runs any more."""
        self.time = time
        self._random = random
        self._crashed = crashed
        self.loops: list[NodeLoop] = []
        #: What happens outside of all nodes, by time: (when, number, what).
        self._plans: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, when: float, what: Callable[[], None]) -> None:
        """Call `what` at a virtual time."""
        self._count += 1
        self._plans.append((when, self._count, what))
        self._plans.sort(key=lambda plan: plan[:2])

    def new_loop(self) -> NodeLoop:
        """The loop of a life that begins."""
        loop = NodeLoop(self.time)
        self.loops.append(loop)
        return loop

    def drop(self, loop: NodeLoop) -> None:
        """This life is over."""
        self.loops.remove(loop)
        bury(loop)  # type: ignore[arg-type]

    def run_until(self, done: Callable[[], bool]) -> None:
        """Go on until `done`, or until nothing can ever happen again (Deadlock)."""
        at_once = 0
        while not done():
            if self._plans and self._plans[0][0] <= self.time.now:
                self._plans.pop(0)[2]()
                continue
            awake = [loop for loop in self.loops if loop.asleep_until <= self.time.now and loop.busy]
            if awake:
                at_once += 1
                if at_once > MOST_TURNS_AT_ONCE:
                    raise AssertionError(f"time stands still at {self.time.now:.6f}")
                self._turn(awake[0] if len(awake) == 1 else self._random.choice(awake))
                continue
            at_once = 0
            self._move_on()

    def _turn(self, loop: NodeLoop) -> None:
        try:
            loop.turn(single=self._random.random() < 0.2)
        except Crash:
            self._crashed(loop)

    def _move_on(self) -> None:
        moments = [plan[0] for plan in self._plans[:1]]
        for loop in self.loops:
            if loop.asleep_until > self.time.now:
                moments.append(loop.asleep_until)
            else:
                timer = loop.next_timer()
                if timer is not None:
                    moments.append(timer)
        if not moments:
            raise Deadlock
        self.time.now = max(self.time.now, min(moments))
