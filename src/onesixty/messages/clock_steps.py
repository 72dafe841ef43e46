"""What is due stays due when the wall clock goes back.

Rules kept here:
- rows say in wall time when something is due, since they outlive the process. A pause of thirty seconds that was
  written before the clock went back by an hour would last an hour and thirty seconds;
- a step back is known by the monotonic clock, which makes none. What waits for a pause to end is then due that much
  sooner: retries of webhooks, of customers' binds, of messages and of mail, looks at receipts, and parts that are
  waited for. What somebody asked for at a time of day (schedules, validity) stays at that time;
- a step forward changes nothing: a machine that slept finds due what became due meanwhile. What is tried sooner than
  its pause is over does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from onesixty.core.clock import Clock
from onesixty.store.contract import Store

#: Milliseconds back from which on it is a step. Less is the clock being adjusted; it adds up to a step.
LEAST_MS: Final = 1000


class ClockSteps:
    """Compares the wall clock with the monotonic one at each `look`. `bring_forward` are the statements that make
    rows due earlier, with `by` and `now` in ms.
    """

    def __init__(self, store: Store, clock: Clock, bring_forward: Sequence[str]) -> None:
        self._bring_forward = tuple(bring_forward)
        self._store = store
        self._clock = clock
        self._ahead = self._lead()
        self._owed: list[tuple[str, int]] = []
        self._log = structlog.get_logger("onesixty.clock")

    async def look(self) -> None:
        """Make due what a step back since the last look has put off. Raises StoreError; the next look goes on."""
        lead = self._lead()
        back = self._ahead - lead
        if back >= LEAST_MS:
            self._log.warning("clock_went_back", seconds=round(back / 1000, 1))
            self._owed += [(statement, back) for statement in self._bring_forward]
        if back < 0 or back >= LEAST_MS:
            self._ahead = lead
        while self._owed:
            statement, by = self._owed[0]
            await self._store.execute(statement, by=by, now=self._clock.now_ms())
            del self._owed[0]

    def _lead(self) -> int:
        """How far the wall clock is ahead of the monotonic one, in ms."""
        return self._clock.now_ms() - int(self._clock.monotonic() * 1000)
