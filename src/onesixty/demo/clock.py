"""The virtual time of the demonstration and its event loop.

Rules kept here:
- while little happens, time passes in steps: what is due within a step happens at its end. So a day without traffic
  costs a few turns of the loop, and not one for each half second of each periodic task;
- a step ends at the next act at the latest.
"""

from __future__ import annotations

from typing import Any, Final

from onesixty.simulator.virtual import TICK, Time, VirtualLoop, bury

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


def run(time: SteppedTime, main: Any) -> Any:
    """Run a coroutine to its end on virtual time. Raises RuntimeError if a task of the node failed unnoticed."""
    loop = VirtualLoop(time)
    try:
        result = loop.run_until_complete(main)
    finally:
        bury(loop)
    if loop.failures:
        raise RuntimeError("; ".join(loop.failures))
    return result
