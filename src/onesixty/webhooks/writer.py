"""The store process of a node on SQLite: it owns the file, and delivers webhooks directly after the commit.

Measured as the fastest arrangement on two cores (docs/decisions/0030-processes.md): the core process never waits
for a disk, and an event reaches its receiver without another change of process.

Rules kept here:
- the processes meet through rows: the core claims deliveries for the node's lease. This process takes what was
  committed under the lease from the commit itself, and finds everything else in the rows;
- endpoints changed over the API reach this process with the commit that changed them;
- it opens the secrets of endpoints itself. It gets the instance secret in its environment, or reads the file, and
  reads it again for a value sealed with a newer one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Coroutine, Mapping
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from onesixty.core.clock import SystemClock, system_random
from onesixty.ops import garbage, logs
from onesixty.ops.faults import FaultPoints
from onesixty.sealing import keys
from onesixty.sealing.keyring import Keyring
from onesixty.sealing.source import Source
from onesixty.smpp.network import LoopNetwork
from onesixty.store import process
from onesixty.store.contract import Row, Store
from onesixty.webhooks.http_poster import HttpPoster
from onesixty.webhooks.listeners import EndpointTable
from onesixty.webhooks.sink import Observer, WebhookSink
from onesixty.work.queue import WorkQueue

#: The statements after which the endpoints are read again.
ENDPOINT_WRITES = (
    "webhook_insert",
    "webhook_secret",
    "endpoint_insert",
    "endpoint_update",
    "endpoint_delete",
)
#: The variable with the instance secrets of the core process; empty if they are in the file.
SECRET_VARIABLE: Final = "ONESIXTY_SECRET_KEY"

#: Seconds between two reports of deliveries.
REPORT = 1.0
#: Seconds for open webhook requests after the core process disconnects.
DRAIN = 3.0


class Options(msgspec.Struct):
    """What the core process passes to this process, besides the settings of the store."""

    allow_private: bool
    faults: str
    log_level: str
    log_format: logs.Form
    #: The file of the instance secret.
    secret_file: str


class Attempts(Observer):
    """Collects the reports of webhooks, for the core's metrics."""

    def __init__(self) -> None:
        self.collected: list[tuple[str, float]] = []

    def attempt(self, result: str, seconds: float) -> None:
        self.collected.append((result, seconds))


class Webhooks:
    """The delivery of webhooks in this process, from the moment the node has its lease."""

    def __init__(self, store: Store, options: Options, tell: process.Tell) -> None:
        self._store = store
        self._tell = tell
        self._attempts = Attempts()
        self._lease = 0
        self._tasks: set[asyncio.Task[None]] = set()
        given = os.environ.get(SECRET_VARIABLE, "").replace(",", " ").split()
        source = Source(tuple(given), Path(options.secret_file))
        self._keyring = Keyring((), again=source.read)
        self._table = EndpointTable(self._keyring, self._follow_secret)
        clock = SystemClock()
        hit = FaultPoints(options.faults).hit
        sink = WebhookSink(
            store,
            HttpPoster(LoopNetwork(), clock, allow_private=options.allow_private),
            self._table,
            clock=clock,
            entropy=secrets.token_bytes,
            observer=self._attempts,
            hit=hit,
        )
        self._queue = WorkQueue(
            store, sink, clock=clock, random=system_random(), lease=lambda: self._lease, hit=hit
        )
        for statement in ENDPOINT_WRITES:
            store.subscribe(statement, self._endpoints_changed)
        store.subscribe("lease_start", self._lease_started)

    async def stop(self) -> None:
        """Wait for open requests."""
        for task in self._tasks:
            task.cancel()
        if self._lease:
            await self._queue.stop(DRAIN)

    def _lease_started(self, _: list[Row]) -> None:
        self._spawn(self._begin())

    async def _begin(self) -> None:
        await self._follow_secret()
        rows = await self._store.fetch("lease_newest")
        began, self._lease = self._lease > 0, int(rows[0][0])
        if not began:
            await self._queue.start()
            garbage.settle()
            self._spawn(self._report())

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT)
            attempts, self._attempts.collected = self._attempts.collected, []
            self._tell([self._queue.state()["waiting"], attempts])

    async def _follow_secret(self) -> None:
        """Seal with the instance secret in force. A rotation is another process."""
        keys.take_in(self._keyring, await keys.all_keys(self._store))

    def _endpoints_changed(self, _: list[Row]) -> None:
        self._spawn(self._table.refresh(self._store))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@contextlib.asynccontextmanager
async def webhooks(store: Store, extra: Mapping[str, object], tell: process.Tell) -> AsyncIterator[None]:
    """The delivery next to the store: see `store.process.run`."""
    options = msgspec.convert(extra, Options)
    role = Webhooks(store, options, tell)
    try:
        yield
    finally:
        await role.stop()


def main() -> None:
    """The entry of the process."""
    options = process.options()
    extra = msgspec.convert(options["extra"], Options)
    logs.configure(extra.log_level, extra.log_format)
    process.ignore_signals()
    uvloop.run(process.run(options, webhooks))


if __name__ == "__main__":
    main()
