"""What the guards need of a store: read what is remembered, and turn changes into writes.

Implemented by `rows.GuardRows` over the tables of a node, and by `attacks.memory.SimulatedMemory` in the simulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from onesixty.verify.guarding import Asked
from onesixty.verify.guards.facts import Baseline, Recalled
from onesixty.verify.guards.limits import GuardLimits


class Memory(Protocol):
    """What is remembered of starts."""

    async def recall(self, asked: Asked, limits: GuardLimits) -> Recalled:
        """All that is remembered about a start, as far as these limits need it: one read. Raises StoreError."""

    async def baselines(self, now: int) -> Mapping[str, Baseline]:
        """What is usual, by the key of each country with sends in the last days, and of each profile. Raises
        StoreError."""
