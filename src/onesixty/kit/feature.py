"""The base class of features. A feature overrides the methods that it needs.

Composition (`app.features`) goes through the list of features: their effects form the recorder, their routers the
API, their scrubs the redaction, and so on. A new feature is a folder with a `feature.py`, and a line there.

Rules kept here:
- the constructor only connects: it reads no rows, starts no tasks and opens nothing;
- a start goes through the list step by step (`load` of all, `recover` of all, `start` of all, then the rounds); a
  stop goes backwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter

from onesixty.core.clock import Clock
from onesixty.core.contracts import Effect, Write
from onesixty.core.history import Entry
from onesixty.core.message import Message
from onesixty.ops.metrics import Metrics
from onesixty.store.rounds import Rounds

#: Processes due rows: gets the time in epoch ms, and returns how many rows it processed.
SweepTask = Callable[[int], Awaitable[int]]


class Feature:
    """A feature of a node."""

    #: Statements that delete expired rows, each with `:now`. The sweep runs them now and then.
    cleaners: Sequence[str] = ()
    #: Statements that make waiting rows due earlier, with `:by` and `:now` in ms: the wall clock was set back.
    bring_forward: Sequence[str] = ()

    # ------------------------------------------------------------ what it adds to others

    def effects(self) -> Sequence[Effect]:
        """The rows that it writes with each change of a message, in the same unit."""
        return ()

    def routers(self) -> Sequence[APIRouter]:
        """Its endpoints."""
        return ()

    def sweep_tasks(self) -> Mapping[str, SweepTask]:
        """What the sweep runs for its rows with due times, by the name under which the sweep counts them."""
        return {}

    def scrub(self, message: Message) -> Sequence[Write]:
        """The writes that redact its rows of a message, in the unit of the redaction. `message` is as before."""
        return ()

    async def history(self, message: Message, operator: bool) -> Sequence[Entry]:
        """What it tells in the history of a message. `operator`: whether somebody asks who may see carriers, routes
        and costs."""
        return ()

    async def forget(self, message: Message) -> None:
        """Delete its data of a message outside the database; `message` is as before its redaction."""

    def gauges(self, metrics: Metrics) -> None:
        """Connect its gauges, which are read when metrics are requested."""

    # ------------------------------------------------------------ its life

    async def load(self) -> None:
        """Read into memory what other nodes may have changed: at start, and with every renewal of the lease."""

    async def recover(self) -> None:
        """Settle the work of stopped nodes: before anything starts, and with every renewal of the lease."""

    async def start(self) -> None:
        """Start to work."""

    async def refresh(self) -> None:
        """Like `load`, on a running node."""
        await self.load()

    def rounds(self) -> Sequence[Rounds]:
        """Its periodic tasks: started after everything else, and stopped before everything else."""
        return ()

    async def close(self, seconds: float) -> None:
        """Take nothing new, and answer open requests. `seconds` is the time for the whole stop."""

    async def stop(self, seconds: float) -> None:
        """Stop working, within a share of `seconds`, the time for the whole stop."""


async def until_idle(clock: Clock, seconds: float, idle: Callable[[], bool]) -> None:
    """Wait until `idle` returns True, up to a time limit."""
    deadline = clock.monotonic() + seconds
    while not idle() and clock.monotonic() < deadline:  # noqa: ASYNC110  (several parts have to be idle at once)
        await asyncio.sleep(0.01)
