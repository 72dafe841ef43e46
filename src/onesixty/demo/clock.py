"""The virtual time of the demonstration and its event loop.

Rules kept here:
- while little happens, time passes in steps: what is due within a step happens at its end. So a day without traffic
  costs a few turns of the loop, and not one for each half second of each periodic task;
- a step ends at the next act at the latest;
- work for a thread is done at once, in the loop: virtual time must not pass while a thread works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar

from onesixty.simulator.virtual import TICK, Time, VirtualLoop, bury

T = TypeVar("T")

#: The step while something happens, in seconds.
FINE: Final = TICK


class SteppedTime(Time):
    """Virtual time that passes in steps of `step` seconds, none of them beyond the second `until`."""

    def __init__(self, start_ms: int) -> None:
        super().__init__(start_ms)
        self.step = FINE
        self.until = 0.0

    def go_on(self, seconds: float) -> None:
        """See Time."""
        least = self.now + max(seconds, TICK)
        self.now = max(least, min(self.now + self.step, self.until))


class OneThreadLoop(VirtualLoop):
    """A loop on virtual time in which threads' work is done in line."""

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run `func` now; the future is done when this returns."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done


def run(time: SteppedTime, main: Any) -> Any:
    """Run a coroutine to its end on virtual time. Raises RuntimeError if a task of the node failed unnoticed."""
    loop = OneThreadLoop(time)
    try:
        result = loop.run_until_complete(main)
    finally:
        bury(loop)
    if loop.failures:
        raise RuntimeError("; ".join(loop.failures))
    return result
