"""How a delivery to a customer's binds is retried, and for how long; `customers/sink.py` reads the answers."""

from __future__ import annotations

from typing import Final

from onesixty.work.policy import HOUR_MS, Pace, Policy

#: The windows of the binds decide how many deliveries are in flight at once. A delivery that the customer has taken
#: leaves no row.
POLICY: Final = Policy(
    pauses=(1, 2, 5, 15, 60, 300, 900, 1800),
    jitter=0.25,
    life_ms=72 * HOUR_MS,
    keep=False,
    pace=Pace(concurrency=None, trip=None),
)
