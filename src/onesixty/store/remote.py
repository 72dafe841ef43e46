"""A store whose writer lives in another process: the same contract over a socket pair.

Rules kept here:
- everything that is handed in during one step of the loop is sent as one frame; the store process makes the groups;
- reads run in this process, on its own connection;
- subscribers are called for the commits of this process; the store process has its own subscribers;
- if the store process does not answer a write for too long, the store is unhealthy until it answers;
- if the store process ends, this process ends too: it cannot know which unanswered units were committed, and a
  new start rebuilds everything in memory from the rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from onesixty.store import frames, urls
from onesixty.store.contract import (
    Fatal,
    HealthListener,
    Observer,
    Row,
    Silent,
)
from onesixty.store.errors import exit_process
from onesixty.store.frames import (
    Close,
    Commit,
    Committed,
    Execute,
    Failed,
    Health,
    Link,
    News,
    Open,
    Ready,
    Results,
    Rows,
)
from onesixty.store.group import Call, Entry, committed_rows
from onesixty.store.health import Announcer
from onesixty.store.migrations import SchemaError
from onesixty.store.one_owner import OneOwner
from onesixty.store.sqlite_connections import SqliteReader, connect_reader
from onesixty.store.statements import WRITE, StatementError, Statements
from onesixty.store.unanswered import Unanswered
from onesixty.store.units import Damaged, Poisoned, Result, Unavailable, Unit

#: The module of a store process without a role.
PROCESS: Final = "onesixty.store.process"

#: Seconds for which `close` waits for the store process to write what it has and end.
CLOSE_TIMEOUT: Final = 10.0

_ERRORS: Final[dict[str, type[Exception]]] = {
    error.__name__: error for error in (SchemaError, StatementError, Unavailable, Damaged)
}

#: The errors of msgspec for a value that a row cannot hold.
_UNSENDABLE: Final = (TypeError, ValueError, OverflowError, msgspec.MsgspecError)


class RemoteStore(OneOwner):
    """A `Store` on SQLite whose writer is another process."""

    def __init__(
        self,
        statements: Statements,
        reader: SqliteReader,
        process: subprocess.Popen[bytes],
        observer: Observer | None,
        fatal: Fatal,
    ) -> None:
        """`reader` reads in this process. Use `spawn_store`, which also starts the other process."""
        super().__init__(statements, reader)
        self._process = process
        self._observer = observer or Silent()
        self._fatal = fatal
        self._loop = asyncio.get_running_loop()
        self._announcer = Announcer(self._loop, self._observer)
        self._on_news: Callable[[Any], None] | None = None
        self._pending: list[Entry] = []
        self._flying: dict[int, list[Entry]] = {}
        self._executing: dict[int, asyncio.Future[list[Row]]] = {}
        self._unanswered = Unanswered(self._loop, self._stall)
        self._can_write = True
        self._stalled = False
        self._closed = False
        self._gone = asyncio.Event()
        decode = msgspec.msgpack.Decoder(frames.Reply).decode
        self.link = Link(decode, self._received, self._lost)

    @property
    def healthy(self) -> bool:
        return self._can_write and not self._stalled and not self._closed

    def commit(self, units: Sequence[Unit]) -> asyncio.Future[list[Result]]:
        future: asyncio.Future[list[Result]] = self._loop.create_future()
        if not self.healthy:
            self._observer.failed(len(units), "unavailable")
            future.set_result([self._unavailable()] * len(units))
        elif not units:
            future.set_result([])
        else:
            if not self._pending:
                self._loop.call_soon(self._flush)
            call = Call(future, len(units))
            self._pending.extend((unit, call, index) for index, unit in enumerate(units))
        return future

    async def execute(self, statement: str, **params: object) -> list[Row]:
        found = self._statements[statement]
        if found.kind != WRITE:
            raise TypeError(f"{statement} reads: use fetch")
        row = found.row(params)
        if not self.healthy:
            raise self._unavailable()
        self._flush()  # keep the order: send what was handed in before
        request = Execute(self._unanswered.add(), statement, params)
        try:
            self.link.send(request)
        except _UNSENDABLE as error:
            self._unanswered.answered(request.id)
            raise _unsendable(error) from error
        future = self._executing[request.id] = self._loop.create_future()
        rows: list[Row] = await future
        self._subscribers.tell({statement: [row]})
        return rows

    def on_news(self, listener: Callable[[Any], None]) -> None:
        """Call `listener` with each message that the role beside the store sends."""
        self._on_news = listener

    def on_health(self, listener: HealthListener) -> None:
        self._announcer.listen(listener)

    def unanswered(self) -> float:
        return self._unanswered.age()

    async def close(self) -> None:
        if self._closed:
            return
        self._flush()
        self._closed = True
        self._unanswered.stop()
        self.link.send(Close())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._gone.wait(), CLOSE_TIMEOUT)
        self.link.close()
        await _end(self._process)
        self._reader.close()

    def _unavailable(self) -> Unavailable:
        return Unavailable("the store is closed" if self._closed else "the store cannot write at the moment")

    def _flush(self) -> None:
        """Send all waiting units as one frame."""
        entries, self._pending = self._pending, []
        if not entries:
            return
        request = Commit(self._unanswered.add(), [unit for unit, _, _ in entries])
        try:
            self.link.send(request)
        except _UNSENDABLE:
            entries = self._without_unsendable(entries)
            request.units = [unit for unit, _, _ in entries]
            self.link.send(request)
        self._flying[request.id] = entries

    def _without_unsendable(self, entries: list[Entry]) -> list[Entry]:
        """Answer the units whose values cannot be sent. Returns the others."""
        kept = []
        for entry in entries:
            unit, call, index = entry
            try:
                msgspec.msgpack.encode(unit)
            except _UNSENDABLE as error:
                self._observer.failed(1, "poisoned")
                call.answer(index, _unsendable(error))
            else:
                kept.append(entry)
        return kept

    def _received(self, message: frames.Reply) -> None:
        if isinstance(message, Results | Rows):
            self._unanswered.answered(message.id)
        if isinstance(message, Results):
            entries = self._flying.pop(message.id)
            results = frames.unpacked(message.results)
            units = [unit for unit, _, _ in entries]
            self._subscribers.tell(committed_rows(units, results, self._subscribers.wanted))
            for (_, call, index), result in zip(entries, results, strict=True):
                call.answer(index, result)
        elif isinstance(message, Rows):
            future = self._executing.pop(message.id)
            if future.done():
                return
            if message.failure is None:
                future.set_result(message.rows)
            else:
                future.set_exception(message.failure.error())
        elif isinstance(message, News):
            if self._on_news is not None:
                self._on_news(message.news)
        elif isinstance(message, Committed):
            self._observer.committed(message.units, message.rows, message.seconds)
        elif isinstance(message, Failed):
            self._observer.failed(message.units, message.error)
        elif isinstance(message, Health):
            self._health_changed(message.healthy)

    def _health_changed(self, healthy: bool) -> None:
        self._can_write = healthy
        self._tell_health()

    def _stall(self, stalled: bool) -> None:
        self._stalled = stalled
        self._tell_health()

    def _tell_health(self) -> None:
        self._announcer.say(self._can_write and not self._stalled)

    def _lost(self) -> None:
        self._gone.set()
        if not self._closed:
            self._can_write = False
            self._fatal("the store process ended")


async def spawn_store(
    url: str,
    statements: Statements,
    *,
    migrate: bool = False,
    patience: float = 0.0,
    observer: Observer | None = None,
    faults: str = "",
    fatal: Fatal = exit_process,
    module: str = PROCESS,
    extra: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> RemoteStore:
    """Start a process that owns the SQLite file at `url`, and return the store that talks to it.

    `faults` specifies its fault points (`ops.faults`). `module` is the module that it runs, `extra` (JSON) is passed
    to its role beside the store (`store.process.run`), and `environment` adds variables of its environment, which
    others cannot read as they can its arguments. The process ends with this one, however this one ends.
    Raises SchemaError, StatementError, UrlError or Unavailable.
    """
    path = urls.sqlite_path(url)
    ours, theirs = socket.socketpair()
    options = {
        "url": url,
        "migrate": migrate,
        "patience": patience,
        "faults": faults,
        "extra": dict(extra or {}),
    }
    process = _start(theirs, module, options, environment or {})
    ours.setblocking(False)
    try:
        await _send(ours, Open(list(statements)))
        ready = await _first_message(ours)
        if ready.kind:
            raise _ERRORS.get(ready.kind, Unavailable)(ready.detail)
        reader = SqliteReader(connect_reader(path), statements, lambda: connect_reader(path))
        store = RemoteStore(statements, reader, process, observer, fatal)
    except BaseException:
        ours.close()
        await _end(process)
        raise
    await asyncio.get_running_loop().create_unix_connection(lambda: store.link, sock=ours)
    return store


def _start(
    connection: socket.socket, module: str, options: dict[str, object], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start the store process on its end of the socket pair. Afterwards only the store process has that end."""
    with connection:
        arguments = json.dumps(options | {"fd": connection.fileno()})
        return subprocess.Popen(
            [sys.executable, "-m", module, arguments],
            pass_fds=[connection.fileno()],
            stdin=subprocess.DEVNULL,
            env=os.environ | environment,
        )


async def _send(connection: socket.socket, message: frames.Request) -> None:
    try:
        await asyncio.get_running_loop().sock_sendall(connection, frames.framed(message))
    except OSError:
        raise Unavailable("the store process ended at its start") from None


async def _first_message(connection: socket.socket) -> Ready:
    """Wait for the store process to report that the database is open, or why it cannot be opened."""
    loop = asyncio.get_running_loop()

    async def exactly(size: int) -> bytes:
        got = b""
        while len(got) < size:
            data = await loop.sock_recv(connection, size - len(got))
            if not data:
                raise Unavailable("the store process ended at its start")
            got += data
        return got

    length = int.from_bytes(await exactly(frames.LENGTH), "big")
    return msgspec.msgpack.decode(await exactly(length), type=Ready)


async def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for the process to end, and kill it if it does not."""
    try:
        await asyncio.to_thread(process.wait, CLOSE_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        await asyncio.to_thread(process.wait)


def _unsendable(error: BaseException) -> Poisoned:
    return Poisoned(f"{type(error).__name__}: the data does not fit the statement")
