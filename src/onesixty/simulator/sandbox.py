"""What all simulated carriers of a node share: their handsets, and the counts of tries for fixed numbers.

Rules kept here:
- a carrier joins when it starts and leaves when it stops, so the sandbox holds the running carriers;
- everything is in memory and bounded; after a restart, the handsets are empty;
- the sandbox knows about carriers only what `Playable` declares.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Protocol

from onesixty.simulator.handsets import Handset, Handsets

#: For how many segments the tries are remembered, for numbers whose fate depends on them.
MOST_TRIES: Final = 10_000


class Playable(Protocol):
    """A running simulated carrier, as scenarios and handsets use it."""

    id: str

    @property
    def up(self) -> bool:
        """Whether its link is up."""

    def come_up(self) -> None:
        """Bring the link up."""

    def go_down(self, reason: str = ...) -> None:
        """Take the link down."""

    def behave(self, changes: Mapping[str, object]) -> None:
        """Behave as configured, with these `changes`; without any, exactly as configured. Raises ValueError."""

    def send(self, handset: Handset, recipient: str, text: str) -> int:
        """Send a message from a handset; it comes in over this carrier. Returns the number of its parts. Raises
        ValueError."""


class Sandbox:
    """The handsets and the running simulated carriers of a node."""

    def __init__(self, handsets: Handsets | None = None) -> None:
        self.handsets = handsets or Handsets()
        #: The running carriers, by id, in the order of their starts.
        self.carriers: dict[str, Playable] = {}
        self._tries: OrderedDict[tuple[str, int], int] = OrderedDict()

    def join(self, carrier: Playable) -> None:
        """Add a carrier that has started."""
        self.carriers[carrier.id] = carrier

    def leave(self, carrier: Playable) -> None:
        """Remove a carrier that stops, unless another one with its id has taken its place."""
        if self.carriers.get(carrier.id) is carrier:
            del self.carriers[carrier.id]

    def tries(self, message_id: str, segment: int) -> int:
        """Return how often a segment was sent, including this time."""
        key = (message_id, segment)
        count = self._tries.pop(key, 0) + 1
        self._tries[key] = count
        if len(self._tries) > MOST_TRIES:
            self._tries.popitem(last=False)
        return count

    def carrier_of(self, handset: Handset) -> Playable | None:
        """Return the carrier that a handset sends over: the one that last reached it, else the first that runs."""
        found = self.carriers.get(handset.carrier_id or "")
        return found or next(iter(self.carriers.values()), None)
