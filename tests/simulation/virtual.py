"""Lives of a process on virtual time (`onesixty.simulator.virtual`), and crashes that drop all that ran in it.

A crash is raised inside the loop and ends it between two callbacks or in the middle of one; nothing of the loop
runs afterwards. Time goes on over crashes.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from onesixty.simulator import virtual
from onesixty.simulator.virtual import START_MS, Deadlock, Time, bury

__all__ = ["START_MS", "Crash", "Deadlock", "Time", "VirtualLoop", "live"]


class Crash(KeyboardInterrupt):
    """The process is gone. Of the kind of KeyboardInterrupt, because asyncio lets only those end a loop."""


class VirtualLoop(virtual.VirtualLoop):
    """One life of a process."""

    def __init__(self, time: Time) -> None:
        super().__init__(time, self._count)
        self._turns = 0
        self._last_turn: int | None = None

    def crash_at_turn(self, turn: int) -> None:
        """End in this turn of the loop."""
        self._last_turn = turn

    def crash_at(self, when: float) -> None:
        """End at this virtual time."""
        self.call_at(when, _crash)

    def _count(self) -> None:
        self._turns += 1
        if self._turns == self._last_turn:
            raise Crash


def _crash() -> None:
    raise Crash


def live(
    time: Time, main: Callable[[VirtualLoop], Coroutine[Any, Any, None]], crashed: Callable[[], None]
) -> list[str]:
    """Run one life. `crashed` is called if it ends in a crash, before anything of it is cleared away.

    Returns what nobody caught.
    """
    loop = VirtualLoop(time)
    try:
        loop.run_until_complete(main(loop))
    except Crash:
        crashed()
    finally:
        failures = list(loop.failures)
        bury(loop)
    return failures
