"""Opens a store from a URL: the engine, its connections, and the checks that can stop a start.

Rules kept here:
- the schema must be at the newest revision; otherwise the start stops and says what to do;
- every statement is compiled against the database, so that a wrong statement stops the start;
- one process owns the writer of a SQLite file (a lock on a file beside it). Commands that only write a few rows
  open it without owning it;
- a file that does not hold what was committed is neither opened nor replaced (`store.inspection`).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from onesixty.core.clock import Clock
from onesixty.store import inspection, migrations, urls
from onesixty.store.contract import Fatal, FaultPoint, Observer, Store, no_fault
from onesixty.store.errors import exit_process
from onesixty.store.group import MOST_UNITS
from onesixty.store.inspection import Check, Standing
from onesixty.store.keeper import Keeper
from onesixty.store.migrations import SchemaError
from onesixty.store.sqlite import SqliteStore
from onesixty.store.sqlite_connections import (
    MemoryDatabase,
    SqliteReader,
    connect_reader,
    connect_writer,
)
from onesixty.store.statements import StatementError, Statements
from onesixty.store.units import Unavailable
from onesixty.store.wiping import Wiper

__all__ = ["SchemaError", "open_store"]

#: Seconds between two tries to take a lock that another process holds.
_LOOK_AGAIN: Final = 0.05


async def open_store(
    url: str,
    statements: Statements,
    *,
    clock: Clock,
    memory: MemoryDatabase | None = None,
    migrate: bool = False,
    own: bool = True,
    patience: float = 0.0,
    observer: Observer | None = None,
    fault: FaultPoint = no_fault,
    fatal: Fatal = exit_process,
    most_units: int = MOST_UNITS,
) -> Store:
    """Open the database at `url` (see `store.urls`) for the running loop.

    `memory` is the database for `sqlite://`; without it, a new and empty one is made. `migrate` first brings the
    schema to the newest revision (a database in memory is always migrated). `own` makes this process the owner
    of a SQLite file. `patience` is how many seconds to wait for a PostgreSQL that is away, or for a SQLite file
    that another process owns. Raises UrlError, SchemaError, StatementError, Unavailable if the database cannot
    be opened, or Damaged if it does not hold what was committed.
    """
    if urls.is_postgresql(url):
        # imported here, so that a node on SQLite does not load the driver
        from onesixty.store.postgresql import PostgresqlStore

        return await PostgresqlStore.open(
            url,
            statements,
            clock=clock,
            before=(lambda: migrations.migrate(url)) if migrate else None,
            check=check_revision,
            patience=patience,
            observer=observer,
            fault=fault,
            most_units=most_units,
        )
    wiper = None
    if url == urls.MEMORY:
        connection = (memory or MemoryDatabase()).connect()
        migrations.migrate_connection(connection)
        reader, release, keeper = SqliteReader(connection, statements), _nothing, None
    else:
        path = urls.sqlite_path(url)
        connection, reader, release, keeper = await _open_file(
            url, path, statements, clock=clock, migrate=migrate, own=own, patience=patience
        )
    try:
        compile_statements(connection, statements)
        if own and url != urls.MEMORY:
            wiper = Wiper(connection, urls.sqlite_path(url))
    except StatementError:
        release()
        raise
    except (sqlite3.Error, OSError) as error:
        release()
        raise Unavailable(f"the database cannot be opened: {error}") from error
    return SqliteStore(
        connection,
        reader,
        statements,
        clock=clock,
        release=release,
        keeper=keeper,
        observer=observer,
        fault=fault,
        fatal=fatal,
        most_units=most_units,
        wiper=wiper,
    )


def check_revision(found: str | None) -> None:
    """Raise SchemaError if a database is not at the newest revision."""
    wanted = migrations.head()
    if found != wanted:
        state = "empty" if found is None else f"at revision {found}"
        raise SchemaError(f"the database is {state}, but {wanted} is needed: run `onesixty migrate`")


def compile_statements(connection: sqlite3.Connection, statements: Statements) -> None:
    """Let SQLite compile every statement. Raises StatementError for the first one that it refuses."""
    for statement in statements:
        try:
            connection.execute(f"EXPLAIN {statement.sqlite}", (None,) * len(statement.params)).close()
        except sqlite3.Error as error:
            raise StatementError(f"{statement.origin}: {statement.name}: {error}") from error


def look(url: str) -> None:
    """Raise Damaged if the SQLite file at `url` does not hold what was committed. Checks neither a file that a
    server has open nor a PostgreSQL. For commands that make or change a database on their own."""
    if not urls.is_postgresql(url) and url != urls.MEMORY and not owned(urls.sqlite_path(url)):
        inspection.look(urls.sqlite_path(url))


def owned(path: Path) -> bool:
    """Whether a process owns the file now."""
    try:
        lock = os.open(_lock_of(path), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


async def _open_file(
    url: str, path: Path, statements: Statements, *, clock: Clock, migrate: bool, own: bool, patience: float
) -> tuple[sqlite3.Connection, SqliteReader, Callable[[], None], Keeper | None]:
    lock = await take_ownership(path, patience) if own else None
    opened: list[sqlite3.Connection | SqliteReader] = []
    keeper: Keeper | None = None

    def release() -> None:
        whole = False
        if lock is not None and opened:
            # The log (WAL) still holds what was redacted: leave one file that holds only the present rows.
            with contextlib.suppress(sqlite3.Error):
                if keeper is not None and keeper.unmarked:
                    _mark(writer, keeper)
                writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                whole = True
        if keeper is not None:
            keeper.stop()
        for each in reversed(opened):
            each.close()
        if keeper is not None:
            keeper.close(whole=whole)
        if lock is not None:
            os.close(lock)

    try:
        check: Check | None = None
        if own:
            check = await _inspect(path)
        else:
            look(url)
        if migrate:
            await migrations.migrate_apart(url)
        check_revision(await migrations.current(url))
        writer = connect_writer(path)
        opened.append(writer)
        if own:
            keeper = Keeper(path, clock, check)
            keeper.begin(writer)
        reader = SqliteReader(connect_reader(path), statements, lambda: connect_reader(path))
        opened.append(reader)
    except sqlite3.Error as error:
        release()
        raise inspection.failure(path, error) from error
    except OSError as error:
        release()
        raise Unavailable(inspection.unreadable(path, error)) from error
    except BaseException:
        release()
        raise
    return writer, reader, release, keeper


def _mark(writer: sqlite3.Connection, keeper: Keeper) -> None:
    """Write the last mark. Raises sqlite3.Error."""
    cursor = writer.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    keeper.mark(cursor)
    cursor.execute("COMMIT")
    keeper.after_commit(_nothing)


async def _inspect(path: Path) -> Check | None:
    """Inspect the file before this process writes to it. Returns the check if it still runs. Raises Damaged."""
    found: Standing = inspection.look(path)
    if not found.needs_check:
        return None
    check = Check(path)
    damaged_before = found.record is not None and found.record.damage is not None
    await check.start(float("inf") if damaged_before else inspection.PATIENCE)
    return None if check.passed else check


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-owner")


async def take_ownership(path: Path, patience: float = 0.0) -> int:
    """Take the writer's lock and hold it until the process ends. Raises Unavailable if another process holds it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(_lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(inspection.unreadable(path, error)) from error
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if patience <= 0:
                os.close(lock)
                raise Unavailable(f"another process is using the database {path}") from None
            patience -= _LOOK_AGAIN
            await asyncio.sleep(_LOOK_AGAIN)
        else:
            return lock


def _nothing() -> None:
    """Release nothing: a database in memory belongs to the caller."""
