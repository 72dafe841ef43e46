"""The circuit breaker of a carrier: takes a sick carrier out and lets it back in by trial.

States: closed (everything is sent), open (nothing is sent until the cooldown ends), trial (one message is sent; its
outcome decides). An outcome counts as sickness if it concerns the carrier and not the message: unknown, busy, refused
by the carrier's own fault. Throttling is not sickness.
"""

from __future__ import annotations

from typing import Final

CLOSED: Final = "closed"
OPEN: Final = "open"
TRIAL: Final = "half_open"

#: Consecutive sick outcomes that open the breaker.
THRESHOLD: Final = 20
COOLDOWN: Final = 5.0
LONGEST_COOLDOWN: Final = 60.0


class Breaker:
    """The breaker of one carrier. Callers pass the time in monotonic seconds."""

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
        """How many messages may be sent now: many, one (a trial), or none."""
        if self.state == CLOSED:
            return 1 << 30
        if self.due(now):
            self.state = TRIAL
            return 1
        return 0

    def wait(self, now: float) -> float:
        """Seconds until a trial may be sent; 0 if the breaker is closed or a trial is in flight."""
        return max(0.0, self._until - now) if self.state == OPEN else 0.0

    def healthy(self) -> None:
        """Take an outcome that shows that the carrier works, whatever it says of the message."""
        self._in_a_row = 0
        if self.state != CLOSED:
            self.state = CLOSED
            self._cooldown = COOLDOWN

    def sick(self, now: float) -> None:
        """Take an outcome that speaks against the carrier."""
        self._in_a_row += 1
        if self.state == TRIAL:
            self._cooldown = min(self._cooldown * 2, LONGEST_COOLDOWN)
            self._open(now)
        elif self.state == CLOSED and self._in_a_row >= THRESHOLD:
            self._open(now)

    def trial_lost(self, now: float) -> None:
        """The trial message was never sent (canceled, expired, no flight), so another one may try at once."""
        if self.state == TRIAL:
            self.state = OPEN
            self._until = now

    def _open(self, now: float) -> None:
        self.state = OPEN
        self.opened += 1
        self._until = now + self._cooldown
