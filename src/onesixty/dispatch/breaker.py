"""The circuit breaker of a carrier: takes a sick carrier out and lets it back in by trial.

States: closed (all goes), open (nothing goes until the cooldown ends), trial (one message goes; its outcome
decides). Counted as sickness are outcomes that speak of the carrier and not of the message: unknown, busy,
refused by the carrier's own fault. Throttling is not sickness.
"""

from __future__ import annotations

from typing import Final

CLOSED: Final = "closed"
OPEN: Final = "open"
TRIAL: Final = "half_open"

#: Sick outcomes in a row that open the breaker.
THRESHOLD: Final = 20
COOLDOWN: Final = 5.0
LONGEST_COOLDOWN: Final = 60.0


class Breaker:
    """Time is handed in, in monotonic seconds."""

    __slots__ = ("_cooldown", "_in_a_row", "_until", "opened", "state")

    def __init__(self) -> None:
        self.state = CLOSED
        self.opened = 0
        self._in_a_row = 0
        self._cooldown = COOLDOWN
        self._until = 0.0

    def due(self, now: float) -> bool:
        """Whether the next message would be the trial."""
        return self.state == OPEN and now >= self._until

    def allowance(self, now: float) -> int:
        """How many messages may go now: many, one (a trial), or none."""
        if self.state == CLOSED:
            return 1 << 30
        if self.due(now):
            self.state = TRIAL
            return 1
        return 0

    def wait(self, now: float) -> float:
        """Seconds until a trial may go; 0 when nothing is in the way or a trial is under way."""
        return max(0.0, self._until - now) if self.state == OPEN else 0.0

    def healthy(self) -> None:
        """An outcome that shows the carrier at work, whatever it said of the message."""
        self._in_a_row = 0
        if self.state != CLOSED:
            self.state = CLOSED
            self._cooldown = COOLDOWN

    def sick(self, now: float) -> None:
        """An outcome that speaks against the carrier."""
        self._in_a_row += 1
        if self.state == TRIAL:
            self._cooldown = min(self._cooldown * 2, LONGEST_COOLDOWN)
            self._open(now)
        elif self.state == CLOSED and self._in_a_row >= THRESHOLD:
            self._open(now)

    def trial_lost(self, now: float) -> None:
        """The trial message never went (canceled, expired, no flight): another one may try at once."""
        if self.state == TRIAL:
            self.state = OPEN
            self._until = now

    def _open(self, now: float) -> None:
        self.state = OPEN
        self.opened += 1
        self._until = now + self._cooldown
