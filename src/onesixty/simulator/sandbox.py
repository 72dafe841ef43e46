"""What all simulated carriers of a node share: their handsets, and what is remembered for fixed numbers.

Rules kept here:
- a carrier joins when it starts and leaves when it stops; whoever looks sees those that run;
- everything is in memory and bounded; a restart begins with clean handsets;
- nothing here is known of carriers but what `Playable` says.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Protocol

from onesixty.simulator.handsets import Handset, Handsets

#: Segments whose tries are remembered, for the numbers whose fate depends on them.
MOST_TRIES: Final = 10_000


class Playable(Protocol):
    """A running simulated carrier, as scenarios and handsets use it."""

    id: str

    @property
    def up(self) -> bool:
        """Whether its link is up."""

    def come_up(self) -> None:
        """Be reachable."""

    def go_down(self, reason: str = ...) -> None:
        """Be unreachable."""

    def behave(self, changes: Mapping[str, object]) -> None:
        """Behave as the settings say, but for `changes`; without any, as they say. Raises ValueError."""

    def send(self, handset: Handset, recipient: str, text: str) -> int:
        """A handset sends a message, which comes in over this carrier. Returns its parts. Raises ValueError."""


class Sandbox:
    """The far side of a node's simulated carriers."""

    def __init__(self, handsets: Handsets | None = None) -> None:
        self.handsets = handsets or Handsets()
        #: The carriers that run, by id, in the order of their starts.
        self.carriers: dict[str, Playable] = {}
        self._tries: OrderedDict[tuple[str, int], int] = OrderedDict()

    def join(self, carrier: Playable) -> None:
        """A carrier runs."""
        self.carriers[carrier.id] = carrier

    def leave(self, carrier: Playable) -> None:
        """A carrier stops; one that took its place stays."""
        if self.carriers.get(carrier.id) is carrier:
            del self.carriers[carrier.id]

    def tries(self, message_id: str, segment: int) -> int:
        """How often a segment came, this time included."""
        key = (message_id, segment)
        count = self._tries.pop(key, 0) + 1
        self._tries[key] = count
        if len(self._tries) > MOST_TRIES:
            self._tries.popitem(last=False)
        return count

    def carrier_of(self, handset: Handset) -> Playable | None:
        """The carrier that a handset sends over: the one that last reached it, else the first that runs."""
        found = self.carriers.get(handset.carrier_id or "")
        return found or next(iter(self.carriers.values()), None)
