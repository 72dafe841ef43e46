"""What a feature of a node may have. Each overrides what it has and leaves the rest.

Composition (`app.features`) lists the features and goes through them: their effects make the recorder, their routers
the API, their scrubs the redaction, and so on. A new feature is a folder with its `feature.py`, and a line there.

Rules kept here:
- construction only connects: it reads no row, starts no task and opens nothing;
- a start goes through the list step by step (`load` of all, `recover` of all, `start` of all, then the rounds); a
  stop goes back through it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter

from onesixty.core.clock import Clock
from onesixty.core.contracts import Effect, Write
from onesixty.core.message import Message
from onesixty.ops.metrics import Metrics
from onesixty.store.rounds import Rounds

#: A look at what is due: it is told the time and answers how many rows it looked at.
Look = Callable[[int], Awaitable[int]]


class Feature:
    """See the module."""

    #: Statements that delete what is over, each with `:now`. The sweep runs them now and then.
    cleaners: Sequence[str] = ()
    #: Statements that make what waits due sooner, with `:by` and `:now` in ms: the wall clock went back.
    sooner: Sequence[str] = ()

    # ------------------------------------------------------------ what it adds to others

    def effects(self) -> Sequence[Effect]:
        """What it writes with each change of a message, in the same unit."""
        return ()

    def routers(self) -> Sequence[APIRouter]:
        """Its endpoints."""
        return ()

    def looks(self) -> Mapping[str, Look]:
        """What of it has due times, by the name that the sweep counts it under."""
        return {}

    def scrub(self, message: Message) -> Sequence[Write]:
        """What redacts its rows of a message; it is written with the redaction. `message` is as it was."""
        return ()

    async def forget(self, message: Message) -> None:
        """Delete what it keeps of a message outside the database; `message` is as it was before its redaction."""

    def gauges(self, metrics: Metrics) -> None:
        """Connect its gauges, which are read when somebody asks for the metrics."""

    # ------------------------------------------------------------ its life

    async def load(self) -> None:
        """Read into memory what others may have changed: at the start, and with every renewal of the lease."""

    async def recover(self) -> None:
        """Settle what nodes that are gone left: before anything starts, and with every renewal of the lease."""

    async def start(self) -> None:
        """Begin to work."""

    async def refresh(self) -> None:
        """What `load` does, on a node that runs."""
        await self.load()

    def rounds(self) -> Sequence[Rounds]:
        """What it does again and again: begun when everything has started, ended before anything stops."""
        return ()

    async def close(self, seconds: float) -> None:
        """Take nothing new in, and answer what is under way. `seconds` is the time that the whole stop has."""

    async def stop(self, seconds: float) -> None:
        """Stop working, within a share of `seconds`, the time that the whole stop has."""


async def until_idle(clock: Clock, seconds: float, idle: Callable[[], bool]) -> None:
    """Wait until `idle` says so, at most so long."""
    deadline = clock.monotonic() + seconds
    while not idle() and clock.monotonic() < deadline:  # noqa: ASYNC110  (several parts have to be idle at once)
        await asyncio.sleep(0.01)
