"""Defers a connector's calls to its host to the next turn of the event loop, because the host may be inside
`submit`."""

from __future__ import annotations

import asyncio

from onesixty.core.contracts import CarrierHost, Submission
from onesixty.core.outcomes import Outcome


class HostTurn:
    """Collects outcomes and the signal that there is room, and reports them in the next turn; room at most once a
    turn."""

    def __init__(self, carrier_id: str) -> None:
        self._id = carrier_id
        self._host: CarrierHost
        self._loop: asyncio.AbstractEventLoop
        self._outcomes: list[tuple[Submission, int, Outcome]] = []
        self._room_told = False

    def begin(self, host: CarrierHost) -> None:
        """Start with this host. Nothing is reported before."""
        self._host = host
        self._loop = asyncio.get_running_loop()

    def outcome(self, submission: Submission, segment: int, outcome: Outcome) -> None:
        """Report an outcome in the next turn."""
        if not self._outcomes:
            self._loop.call_soon(self.report)
        self._outcomes.append((submission, segment, outcome))

    def report(self) -> None:
        """Report the waiting outcomes now."""
        waiting, self._outcomes = self._outcomes, []
        for entry in waiting:
            self._host.outcome(*entry)
        if waiting:
            self.room()

    def room(self) -> None:
        """Tell the host in the next turn that it may ask for `capacity` again."""
        if not self._room_told:
            self._room_told = True
            self._loop.call_soon(self._tell)

    def _tell(self) -> None:
        self._room_told = False
        self._host.ready(self._id)
