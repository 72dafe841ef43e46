"""The timers of a session (SMPP 3.4, 2.9 and 7.2) as plain deadlines: no clock, no callbacks.

session_init   from the connection to the bind
enquire_link   silence before an enquire_link is sent, and how long its answer may take
inactivity     time without a message in either direction before an unbind
unbind         how long draining and the answer to unbind may take

Every time is a float of seconds on the caller's monotonic clock; `NEVER` is infinity.
"""

import math
from typing import Final

NEVER: Final = math.inf


class Timers:
    """Deadlines of one session. An interval of 0 turns its timer off."""

    __slots__ = (
        "_enquire_interval",
        "_enquire_timeout",
        "_inactivity_timeout",
        "active",
        "answer_by",
        "asked",
        "bind_by",
        "heard",
        "unbind_by",
    )

    def __init__(
        self,
        now: float,
        session_init: float,
        enquire_interval: float,
        enquire_timeout: float,
        inactivity_timeout: float,
    ) -> None:
        self.set_intervals(enquire_interval, enquire_timeout, inactivity_timeout)
        self.bind_by = now + session_init if session_init else NEVER
        self.heard = now
        self.asked = False  # an enquire_link was sent, and nothing was heard since
        self.answer_by = NEVER
        self.active = NEVER  # time of the last message; NEVER until bound
        self.unbind_by = NEVER

    def set_intervals(
        self, enquire_interval: float, enquire_timeout: float, inactivity_timeout: float
    ) -> None:
        """Use other intervals from now on."""
        self._enquire_interval = enquire_interval or NEVER
        self._enquire_timeout = enquire_timeout
        self._inactivity_timeout = inactivity_timeout or NEVER

    def bound(self, now: float) -> None:
        """The bind is complete: inactivity counts from now on."""
        self.bind_by = NEVER
        self.heard = now
        self.active = now

    def hear(self, now: float) -> None:
        """Octets arrived from the peer, whatever they are: it is alive."""
        self.heard = now
        self.asked = False
        self.answer_by = NEVER

    def ask(self, now: float) -> None:
        """An enquire_link was queued."""
        self.asked = True
        self.answer_by = now + self._enquire_timeout

    def enquire_at(self) -> float:
        """When to send an enquire_link; NEVER while unbound or if one was already sent."""
        return NEVER if self.asked or self.active == NEVER else self.heard + self._enquire_interval

    def inactive_at(self) -> float:
        """When the session counts as inactive."""
        return NEVER if self.active == NEVER else self.active + self._inactivity_timeout

    def next(self, *, enquiries: bool, inactivity: bool) -> float:
        """Return the first deadline. A session that ends sends no enquire_link and has no inactivity limit."""
        first = min(self.bind_by, self.answer_by, self.unbind_by)
        if enquiries:
            first = min(first, self.enquire_at())
        return min(first, self.inactive_at()) if inactivity else first
