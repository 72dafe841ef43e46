"""Holds: what is reserved for a message before its commit, and kept or given back after it.

Each keeper of something scarce (the place in a lane, the laps of a loop) has the same three calls. Who commits takes
all holds before, and says after which of the two became true.

Rules kept here:
- `take` refuses all or takes all: what was taken before a refusal is given back;
- each message that was taken is kept or dropped exactly once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onesixty.core.errors import Problem
from onesixty.core.message import Message


class Keeper(Protocol):
    """What can be reserved. `name` is the rule of its refusals."""

    name: str

    def take(self, message: Message, hops: Sequence[str]) -> None:
        """Reserve for a message that is about to be committed. `hops` are the carriers that it may take; empty where
        it stays with its own. Raises Problem, and has reserved nothing then."""

    def kept(self, message: Message) -> None:
        """The message is on disk."""

    def dropped(self, message: Message) -> None:
        """The message did not reach the disk: what it had is free again."""


class Holds:
    """The holds of one moment, taken and settled together."""

    def __init__(self, keepers: Sequence[Keeper]) -> None:
        self._keepers = tuple(keepers)

    def take(self, message: Message, hops: Sequence[str] = ()) -> None:
        """Reserve all. Raises Problem, whose `rule` names the keeper that refused."""
        for keeper in self._keepers:
            try:
                keeper.take(message, hops)
            except Problem as problem:
                problem.rule = keeper.name
                for taken in self._keepers[: self._keepers.index(keeper)]:
                    taken.dropped(message)
                raise

    def kept(self, message: Message) -> None:
        """The message is on disk."""
        for keeper in self._keepers:
            keeper.kept(message)

    def dropped(self, message: Message) -> None:
        """The message is not on disk."""
        for keeper in self._keepers:
            keeper.dropped(message)

    def settle(self, message: Message, committed: bool) -> None:
        """Keep or drop, as the commit ended."""
        (self.kept if committed else self.dropped)(message)
