"""How a delivery to a webhook is retried, and for how long. What an HTTP answer means is in `webhooks/sink.py`."""

from __future__ import annotations

from typing import Final

from onesixty.work.policy import HOUR_MS, Policy

#: Frequent at first, every four hours in the end, for 72 hours.
POLICY: Final = Policy(
    pauses=(5, 30, 120, 600, 1800, 3600, 7200, 14400),
    jitter=0.5,
    life_ms=72 * HOUR_MS,
    longest_after=6 * 3600,
)
