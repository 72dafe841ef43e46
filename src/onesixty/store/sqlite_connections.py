"""Connections, reads and errors of SQLite, shared by the writer in the event loop and the writer in its own
process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from onesixty.store.contract import Row
from onesixty.store.statements import READ, Statement, Statements
from onesixty.store.turns import LONGEST, PLACES, Turns, asker
from onesixty.store.units import Poisoned, TooBroad, Unavailable

#: Milliseconds for which a transaction waits for another process (a command, a backup) to end its transaction.
BUSY_MS: Final = 2000

#: Primary result codes of SQLite that concern the machine, not the data.
_ENVIRONMENT: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_NOTADB,
    }
)

_UNIQUE: Final = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    }
)


class MemoryDatabase:
    """A database in memory that outlives its stores, so that a simulation can crash a store and open the next one.

    Every store on it uses its one connection. `template` gives the initial content.
    """

    def __init__(self, template: MemoryDatabase | None = None) -> None:
        self.connection = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, cached_statements=512
        )
        if template is not None:
            template.connection.backup(self.connection)

    def connect(self) -> sqlite3.Connection:
        """Return the connection, after rolling back what a crash left uncommitted."""
        if self.connection.in_transaction:
            self.connection.rollback()
        return self.connection

    def close(self) -> None:
        """Discard the content."""
        self.connection.close()


def make_private(path: Path) -> None:
    """If the database file is missing, create it so that only its owner can read it: it will hold secrets."""
    with contextlib.suppress(OSError):  # SQLite reports what is wrong with the path
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open a connection that writes durably; creates the file if it is missing. Raises sqlite3.Error."""
    make_private(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        # Redacted text must leave the pages too. This costs no measurable time: the pages are written anyway.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA cache_size = -32768")
        # A page that several groups change is copied once: the ends of tables and indexes are in nearly all groups.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA journal_size_limit = 67108864")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that only reads. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA cache_size = -16384")
    return connection


class SqliteReader:
    """Named reads. Results are read to their end at once, so that no snapshot stays open.

    Reads run in the event loop, on `connection`, except those marked slow. Slow reads run in threads, a few at a
    time and in turns between accounts (`store.turns`), on connections that `another` opens, and are interrupted
    after some seconds. If there is no other connection (a database in memory), all reads run in the event loop.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        statements: Statements,
        another: Callable[[], sqlite3.Connection] | None = None,
    ) -> None:
        self._connection = connection
        self._statements = statements
        self._another = another
        self._turns = Turns()
        self._threads: ThreadPoolExecutor | None = None
        self._idle: list[sqlite3.Connection] = []
        self._busy: set[sqlite3.Connection] = set()

    async def fetch(self, statement: str, params: dict[str, object]) -> list[Row]:
        """Return the rows of a read. Raises `Poisoned`, `Unavailable`, `TooBroad`, or TypeError for wrong params."""
        found = self._statements[statement]
        if found.kind != READ:
            raise TypeError(f"{statement} writes: use execute or commit")
        row = bound(found, params)
        try:
            if not found.slow or self._another is None:
                return self._connection.execute(found.sqlite, row).fetchall()
            return await self._slowly(self._another, found.sqlite, row, asker(params))
        except sqlite3.Error as error:
            raise classified(error) from error

    async def _slowly(
        self, another: Callable[[], sqlite3.Connection], sql: str, row: tuple[object, ...], who: str
    ) -> list[Row]:
        await self._turns.take(who)
        try:
            connection = self._idle.pop() if self._idle else another()
        except BaseException:
            self._turns.give(who)
            raise
        if self._threads is None:
            self._threads = ThreadPoolExecutor(PLACES, "store-read")
        loop = asyncio.get_running_loop()
        read = _Read(connection, loop, LONGEST)
        self._busy.add(connection)
        job = self._threads.submit(_fetch, connection, sql, row)

        def over() -> None:  # runs also if the caller has stopped waiting
            read.end()
            self._busy.discard(connection)
            self._idle.append(connection)
            self._turns.give(who)

        job.add_done_callback(lambda _: _tell(loop, over))
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            read.stop()
            raise
        except sqlite3.Error:
            if read.too_long:
                raise TooBroad(f"broken off after {LONGEST:g} s") from None
            raise

    def close(self) -> None:
        """Close the connections. Slow reads that still run are interrupted."""
        for connection in self._busy:
            connection.interrupt()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        for connection in (*self._idle, *self._busy, self._connection):
            connection.close()


class _Read:
    """A slow read that runs. It can be interrupted only while it runs: later the connection may serve another
    read."""

    def __init__(
        self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop, longest: float
    ) -> None:
        self._connection = connection
        self._timer = loop.call_later(longest, self._too_long)
        self._running = True
        self.too_long = False

    def stop(self) -> None:
        if self._running:
            self._connection.interrupt()

    def _too_long(self) -> None:
        self.too_long = True
        self.stop()

    def end(self) -> None:
        self._running = False
        self._timer.cancel()


def _tell(loop: asyncio.AbstractEventLoop, over: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: no caller waits
        loop.call_soon_threadsafe(over)


def _fetch(connection: sqlite3.Connection, sql: str, row: tuple[object, ...]) -> list[Row]:
    return connection.execute(sql, row).fetchall()


def bound(statement: Statement, params: dict[str, object]) -> tuple[object, ...]:
    """Return the params as SQLite gets them: lists as JSON."""
    row = statement.row(params)
    if not any(kind.endswith("[]") for _, kind in statement.params):
        return row
    return tuple(
        msgspec.json.encode(value).decode() if kind.endswith("[]") else value
        for value, (_, kind) in zip(row, statement.params, strict=True)
    )


def classified(error: BaseException) -> Poisoned | Unavailable:
    """Turn an error into the store's error. The text names tables and columns and never holds data."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
            return Unavailable("the database is closed")
        return Poisoned(f"{type(error).__name__}: the data does not fit the statement")
    if code & 0xFF in _ENVIRONMENT:
        return Unavailable(f"{getattr(error, 'sqlite_errorname', code)}: {error}")
    return Poisoned(str(error), conflict=code in _UNIQUE)
