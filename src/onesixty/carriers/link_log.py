"""Logs what happens to a carrier's links, at level info: bound, refused, lost and why, bound again.

Rules kept here:
- a failure that repeats with the same reason is logged once, however often it is tried; the line about the
  restored link says how long it was down and how many attempts there were;
- the carrier has its present name in the log, also after it was renamed;
- nothing is logged for single messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from onesixty.core.clock import Clock


@dataclass(slots=True)
class _Bind:
    """What was logged about a bind that is down: since when, the attempts since then, and the last reason."""

    away_since: float
    tries: int = 0
    reason: str | None = None


class LinkLog:
    """The links of one carrier. `bind` is the name of the bind: "1" and on, or "http"."""

    def __init__(self, name: Callable[[], str], clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._binds: dict[str, _Bind] = {}
        self._stood: set[str] = set()
        self._log = structlog.get_logger("onesixty.carriers")

    def up(self, bind: str, to: str) -> None:
        """Log that the link is up."""
        known = self._binds.pop(bind, None)
        event = "carrier_bound_again" if bind in self._stood else "carrier_bound"
        self._stood.add(bind)
        details: dict[str, object] = {}
        if known is not None:
            away = self._clock.monotonic() - known.away_since
            details = {"away_seconds": round(away, 1), "tries": known.tries + 1}
        self._log.info(event, carrier=self._name(), bind=bind, address=to, **details)

    def lost(self, bind: str, reason: str, unanswered: int) -> None:
        """Log that the link ended unexpectedly. `unanswered` segments were written and have no known outcome."""
        self._binds[bind] = _Bind(self._clock.monotonic(), 0, None)
        self._log.info(
            "carrier_bind_lost", carrier=self._name(), bind=bind, reason=reason, unanswered=unanswered
        )

    def failed(self, bind: str, reason: str, retry_seconds: float) -> None:
        """Log that an attempt to connect or to bind failed; the next one follows in `retry_seconds`."""
        known = self._binds.setdefault(bind, _Bind(self._clock.monotonic()))
        known.tries += 1
        if reason != known.reason:
            known.reason = reason
            self._log.info(
                "carrier_bind_failed",
                carrier=self._name(),
                bind=bind,
                reason=reason,
                retry_seconds=round(retry_seconds, 1),
            )

    def ended(self, bind: str) -> None:
        """Log that the link ended because the node closed it."""
        self._binds.pop(bind, None)
        self._log.info("carrier_unbound", carrier=self._name(), bind=bind)
