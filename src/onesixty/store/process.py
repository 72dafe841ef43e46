"""The store process: it owns the SQLite file, and writes what another process sends it over a socket pair.

Rules kept here:
- it gets the statements from the other process, which has read them: to read them again would load the code of all
  features, and take longer than all else at its start;
- it ends when the other process closes the connection, after writing what it was given. It ignores the signals
  of a terminal or a service manager, since only the other process knows when there is nothing more to write;
- if the disk fails, it ends, and the other process ends with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import cast

import msgspec

from onesixty.core.clock import SystemClock
from onesixty.ops.faults import FaultPoints
from onesixty.store import frames
from onesixty.store.contract import Store
from onesixty.store.frames import (
    Close,
    Commit,
    Committed,
    Execute,
    Failed,
    Failure,
    Health,
    Link,
    News,
    Open,
    Ready,
    Results,
    Rows,
)
from onesixty.store.migrations import SchemaError
from onesixty.store.opening import open_store
from onesixty.store.sqlite import SqliteStore
from onesixty.store.statements import StatementError, Statements
from onesixty.store.units import Result, StoreError


class _Reply:
    """Sends the results of one Commit as soon as they are complete, since the other process waits for nothing
    else."""

    __slots__ = ("_link", "_number")

    def __init__(self, link: Link, number: int) -> None:
        self._link = link
        self._number = number

    def done(self) -> bool:
        return False

    def set_result(self, results: list[Result], /) -> None:
        self._link.send(Results(self._number, frames.packed(results)))


class StoreServer:
    """Serves one `Store` to the other end of a link. It is also the store's observer, and forwards its calls to
    that end."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._opening: asyncio.Future[Statements | None] = asyncio.get_running_loop().create_future()
        self._store: SqliteStore | None = None
        self._executing: set[asyncio.Task[None]] = set()
        decode = msgspec.msgpack.Decoder(frames.Request).decode
        self.link = Link(decode, self._received, self._lost)

    async def statements(self) -> Statements | None:
        """Wait for the statements to open the database for. None if the other process is gone."""
        return await self._opening

    def serve(self, store: SqliteStore) -> None:
        """Tell the other end that the database is open, and start serving."""
        self._store = store
        self.link.send(Ready())

    async def finish(self) -> None:
        """Write what was handed in, answer it, and close the link."""
        if self._store is not None:
            await asyncio.gather(*self._executing)
            await self._store.close()
        self.link.close()

    def tell(self, news: object) -> None:
        """Send `news` to the other side's `RemoteStore.on_news`."""
        self.link.send(News(news))

    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None:
        self.link.send(Committed(units, dict(rows), seconds))

    def failed(self, units: int, error: str) -> None:
        self.link.send(Failed(units, error))

    def health(self, healthy: bool) -> None:
        self.link.send(Health(healthy))

    def _lost(self) -> None:
        self.ended.set()
        if not self._opening.done():
            self._opening.set_result(None)

    def _received(self, message: frames.Request) -> None:
        if isinstance(message, Open):
            self._opening.set_result(Statements(message.statements))
            return
        assert self._store is not None, "the other process sent something after Ready"
        if isinstance(message, Commit):
            self._store.commit_for(message.units, _Reply(self.link, message.id))
        elif isinstance(message, Execute):
            task = asyncio.get_running_loop().create_task(self._execute(self._store, message))
            self._executing.add(task)
            task.add_done_callback(self._executing.discard)
        elif isinstance(message, Close):
            self.ended.set()

    async def _execute(self, store: Store, request: Execute) -> None:
        try:
            rows = await store.execute(request.statement, **request.params)
        except StoreError as error:
            self.link.send(Rows(request.id, [], Failure.of(error)))
        else:
            self.link.send(Rows(request.id, rows))


#: Sends a message of the role to the other process.
Tell = Callable[[object], None]

#: What else a process does with its store while the store is open; `extra` is what `spawn_store` was given.
Role = Callable[[Store, Mapping[str, object], Tell], AbstractAsyncContextManager[None]]


@contextlib.asynccontextmanager
async def no_role(_store: Store, _extra: Mapping[str, object], _tell: Tell) -> AsyncIterator[None]:
    """Do nothing: the process only serves the store."""
    yield


async def run(options: Mapping[str, object], role: Role = no_role) -> None:
    """Open the database and serve it until the other side closes the link, with `role` running beside it."""
    server = StoreServer()
    connection = socket.socket(fileno=int(str(options["fd"])))
    await asyncio.get_running_loop().create_unix_connection(lambda: server.link, sock=connection)
    statements = await server.statements()
    if statements is None:
        return
    try:
        store = await open_store(
            str(options["url"]),
            statements,
            clock=SystemClock(),
            migrate=bool(options["migrate"]),
            patience=float(str(options["patience"])),
            observer=server,
            fault=FaultPoints(str(options["faults"])).hit,
        )
    except (SchemaError, StatementError, StoreError) as error:
        server.link.send(Ready(type(error).__name__, str(error)))
        await server.finish()
        return
    extra = options["extra"]
    assert isinstance(extra, dict)
    async with role(store, extra, server.tell):
        server.serve(cast("SqliteStore", store))  # SQLite is the one engine whose file a process can own
        await server.ended.wait()
    await server.finish()


def options() -> dict[str, object]:
    """Parse the one argument of the process: JSON made by `remote.spawn_store`."""
    given: dict[str, object] = json.loads(sys.argv[1])
    return given


def ignore_signals() -> None:
    """Ignore SIGINT and SIGTERM: the other process decides when to end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def main() -> None:
    """The entry point of the process."""
    ignore_signals()
    asyncio.run(run(options()))


if __name__ == "__main__":
    main()
