"""When a message that no carrier took is tried again: a table of delays with random spread."""

from __future__ import annotations

from typing import Final

from onesixty.core.clock import Random

#: Seconds before attempt 2, 3, ...; the last one repeats until the validity ends.
DELAYS: Final = (2, 5, 15, 30, 60, 120, 300, 600, 900)

#: A delay is drawn between this share of its table entry and the whole of it.
SPREAD: Final = 0.5


def delay_ms(attempts: int, random: Random, asked: float | None = None) -> int:
    """Milliseconds until the next try after `attempts` tries; at least `asked`, the seconds
    that the carrier asked for."""
    base = DELAYS[min(max(attempts, 1), len(DELAYS)) - 1]
    drawn = base * random.uniform(SPREAD, 1.0)
    return int(max(drawn, asked or 0.0) * 1000)
