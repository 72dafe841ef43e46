"""Holds: what is reserved for a message before its commit, and kept or given back after it.

Everything scarce (the places of a lane, the passes of a looping message) has the same three calls. The code that
commits takes all holds before the commit, and keeps or drops them after it.

Rules kept here:
- `take` takes all holds or none: if one refuses, those taken before it are given back;
- each message that was taken is kept or dropped exactly once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message


class Hold(Protocol):
    """A resource that can be reserved. `name` is the rule of its refusals. Implemented by
    `dispatch.dispatcher.Dispatcher` and `routing.loops.LoopDetection`."""

    name: str

    def take(self, message: Message, hops: Sequence[Hop]) -> None:
        """Reserve for a message that is about to be committed. `hops` are those that it may take; empty if it stays
        with its carrier. Raises Problem, and then has reserved nothing."""

    def kept(self, message: Message) -> None:
        """The message is on disk."""

    def dropped(self, message: Message) -> None:
        """The message did not reach the disk: free what was reserved for it."""


class Holds:
    """The holds that apply at one moment, taken and settled together."""

    def __init__(self, holds: Sequence[Hold]) -> None:
        self._holds = tuple(holds)

    def take(self, message: Message, hops: Sequence[Hop] = ()) -> None:
        """Reserve from all holds. Raises Problem, whose `rule` names the hold that refused."""
        for hold in self._holds:
            try:
                hold.take(message, hops)
            except Problem as problem:
                problem.rule = hold.name
                for taken in self._holds[: self._holds.index(hold)]:
                    taken.dropped(message)
                raise

    def kept(self, message: Message) -> None:
        """The message is on disk."""
        for hold in self._holds:
            hold.kept(message)

    def dropped(self, message: Message) -> None:
        """The message is not on disk."""
        for hold in self._holds:
            hold.dropped(message)

    def settle(self, message: Message, committed: bool) -> None:
        """Keep the holds if the message was committed, else drop them."""
        (self.kept if committed else self.dropped)(message)
