"""Keeps due times right when the wall clock is set back.

Rules kept here:
- rows hold due times in wall time, because they outlive the process. A pause of thirty seconds that was written
  before the clock went back by an hour would last an hour and thirty seconds;
- a step back shows in the comparison with the monotonic clock, which never steps. Rows that wait for a pause to end
  become due that much sooner: retries of webhooks, of customers' binds, of messages and of mail, retries of unmatched
  receipts, and the wait for missing parts. Times of day that a user asked for (schedules, validity) stay;
- a step forward changes nothing. After a machine slept, everything that became due meanwhile is due. It does no harm
  to try something before its pause is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from onesixty.core.clock import Clock
from onesixty.store.contract import Store

#: A step back has at least this many milliseconds. Less than that is the clock being adjusted; it adds up to a step.
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
        """Correct the due times if the clock went back since the last look. After a
        StoreError the next look continues."""
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
        """The lead of the wall clock over the monotonic clock, in ms."""
        return self._clock.now_ms() - int(self._clock.monotonic() * 1000)
