"""The checks before a SQLite file is opened: is it the database whose commits the record beside it describes?

Rules kept here (docs/decisions, "What a start checks of a SQLite file"):
- the check changes nothing: its connections only read, so that no log (WAL) is written into a file that it does
  not belong to;
- a folder that held a database never gets a new one silently: the record, or a log with content, shows that
  there was one;
- missing commits are reported: the mark in the database is compared with the mark in the record;
- after an unclean stop, `quick_check` runs. A small file is checked before the start. A large one delays the
  start for at most `PATIENCE` seconds, and the check goes on while the node runs;
- each error names the files, and says what to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from onesixty.core import times
from onesixty.store import record as records
from onesixty.store.record import Record
from onesixty.store.sqlite_connections import BUSY_MS, classified
from onesixty.store.units import Damaged, Unavailable

#: Seconds for which the check of a large file may delay the start.
PATIENCE: Final = 10.0
#: Seconds between two log lines about a check that takes long.
WORD: Final = 5.0
#: How many findings of `quick_check` an error names.
MOST: Final = 5

#: The keys in `meta`: the id of the installation, and how far its commits went (`<number> <epoch ms>`).
INSTALLATION: Final = "installation"
COMMITTED: Final = "committed"

_HEADER: Final = b"SQLite format 3\0"
_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_WRITE: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})

_REMEDY: Final = (
    "Nothing was changed. Put the right files back, restore a backup (`onesixty restore BACKUP "
    "--replace`), or continue with the current files (`onesixty restore --in-place`), which holds "
    "waiting messages because they may already have been sent"
)


class Marks(NamedTuple):
    """What a database says about itself; None and 0 if it has no marks yet."""

    installation: str | None
    committed: int
    committed_at: int


class Standing(NamedTuple):
    """The result of an inspection. `record` is None for a new database, and for one that has no record yet."""

    new: bool
    record: Record | None
    needs_check: bool


def look(path: Path) -> Standing:
    """Compare a file with its record. Raises Damaged or Unavailable."""
    try:
        known = records.read(path)
        size = _size(path)
        log_size = _size(_log(path))
        shm = _size(path.with_name(f"{path.name}-shm"))
        beginning = b"" if not size else _beginning(path)
    except ValueError as error:
        raise Damaged(f"{error}. {_REMEDY}") from error
    except OSError as error:
        raise Unavailable(unreadable(path, error)) from error
    if not size:
        _refuse_new(path, size, log_size, known)
        return Standing(True, None, needs_check=False)
    if beginning != _HEADER:
        raise Damaged(f"{path} is not a SQLite database: its beginning was overwritten. {_REMEDY}")
    if known is not None and not known.clean and log_size is None:
        if shm is not None:
            raise Damaged(
                f"{_log(path)} is missing: it contained the last commits before the process ended "
                f"without a clean stop. {_REMEDY}"
            )
        structlog.get_logger("onesixty.store").info(
            "database_log_gone",
            reason="after the process ended without a stop, another program closed the database in order",
            file=str(_log(path)),
        )
    if known is not None:
        _compare(path, known, _marks_of(path))
    return Standing(False, known, needs_check=known is None or not known.clean or known.damage is not None)


def _refuse_new(path: Path, size: int | None, log_size: int | None, known: Record | None) -> None:
    """Raise Damaged if a missing or empty file must not become a new database."""
    witness = records.path_of(path) if known is not None else _log(path) if log_size else None
    if witness is None:
        return
    state = "is missing" if size is None else "is empty"
    last = (
        ""
        if known is None
        else f" The last known commit was at {times.to_text(known.committed_at)} or later."
    )
    raise Damaged(
        f"{path} {state}, but {witness} shows that a database existed here.{last} Nothing was "
        "changed. Put the file back, or restore a backup (`onesixty restore BACKUP --replace`). To "
        f"start over, move {path.name}* out of the folder"
    )


def _compare(path: Path, known: Record, found: Marks) -> None:
    if found.installation != known.installation:
        raise Damaged(
            f"{path} is not the database that was last used here, or its log ({_log(path).name}) "
            f"belongs to another database. {_REMEDY}"
        )
    if found.committed < known.committed:
        raise Damaged(
            f"{path} has lost commits: it ends at {times.to_text(found.committed_at)}, but the last "
            f"known commit was at {times.to_text(known.committed_at)} or later. The file is an "
            f"older copy, or its log ({_log(path).name}) was lost, truncated or damaged. {_REMEDY}"
        )


def _marks_of(path: Path) -> Marks:
    """Read the committed marks of a file. Raises Damaged or Unavailable."""
    try:
        with contextlib.closing(reading(path)) as connection:
            return marks(connection)
    except sqlite3.Error as error:
        raise failure(path, error) from error


def marks(connection: sqlite3.Connection) -> Marks:
    """Read the marks through an open connection. Raises sqlite3.Error."""
    tables = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
    ).fetchone()
    if tables is None:
        return Marks(None, 0, 0)
    rows = connection.execute(
        "SELECT key, value FROM meta WHERE key IN (?, ?)", (INSTALLATION, COMMITTED)
    ).fetchall()
    values = {str(key): str(value) for key, value in rows}
    number, _, at = values.get(COMMITTED, "0 0").partition(" ")
    return Marks(values.get(INSTALLATION), int(number), int(at))


class Check:
    """Runs `quick_check` in its own thread, on its own connection. `found` is None while it runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = structlog.get_logger("onesixty.store")
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[list[str]] = self._loop.create_future()
        self._connection: sqlite3.Connection | None = None
        self._long = self._stopped = False
        # A daemon thread: SQLite before 3.41 cannot interrupt a check, and a stop must not wait for one.
        self._thread = threading.Thread(target=self._run, name="store-check", daemon=True)

    @property
    def passed(self) -> bool:
        """Whether the check has ended and found nothing."""
        return self._ended.done() and not self._ended.result()

    async def start(self, patience: float) -> None:
        """Start the check, and wait for at most `patience` seconds. Raises Damaged if it finds something in that
        time."""
        size = _size(self._path) or 0
        began = self._loop.time()
        self._thread.start()
        while not self._ended.done() and (left := began + patience - self._loop.time()) > 0:
            await asyncio.wait([self._ended], timeout=min(WORD, left))
            if not self._ended.done():
                seconds = round(self._loop.time() - began)
                self._long = True
                self._log.info(
                    "database_check", reason="the last stop was not in order", seconds=seconds, bytes=size
                )
        if not self._ended.done():
            self._log.info("database_check_beside", reason="the start goes on, and so does the check")
        elif self._ended.result():
            raise Damaged(broken(self._path, self._ended.result()))

    def on_end(self, listener: Callable[[list[str]], None]) -> None:
        """Call `listener` with the findings when the check has ended."""
        self._ended.add_done_callback(lambda ended: listener(ended.result()))

    def stop(self) -> None:
        """Interrupt the check. It then has no result, and no listener is called."""
        self._stopped = True
        connection = self._connection
        if connection is not None and not self._ended.done():
            with contextlib.suppress(sqlite3.Error):
                connection.interrupt()

    def _run(self) -> None:
        try:
            with contextlib.closing(reading(self._path)) as connection:
                self._connection = connection
                found = check(connection, "quick_check")
        except sqlite3.Error as error:
            found = [str(error)]
        self._connection = None
        with contextlib.suppress(RuntimeError):  # the event loop was closed in the meantime
            self._loop.call_soon_threadsafe(self._end, found)

    def _end(self, found: list[str]) -> None:
        if not self._ended.done() and not self._stopped:
            self._ended.set_result(found)
            if self._long:
                self._log.info("database_checked", findings=len(found))


def check(connection: sqlite3.Connection, pragma: str) -> list[str]:
    """Return the findings of `quick_check` or `integrity_check`; [] for a sound database. Raises sqlite3.Error."""
    rows = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}({MOST})")]
    return [] if rows == ["ok"] else rows


def broken(path: Path, findings: list[str]) -> str:
    """The text of the error about a database that a check found damaged."""
    first = "; ".join(" ".join(finding.split()) for finding in findings[:2])
    return f"{path} is damaged: {first}. {_REMEDY}"


def failure(path: Path, error: sqlite3.Error) -> Damaged | Unavailable:
    """Turn an error of SQLite during a start into the store's error."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _BROKEN:
        return Damaged(broken(path, [str(error)]))
    said = str(classified(error))
    if code == sqlite3.SQLITE_FULL:
        return Unavailable(f"{said}: free space on the disk of {path.parent}")
    if code in _NO_WRITE:
        return Unavailable(
            f"{said}: {path}, the files beside it and the folder must be readable and writable by the user that "
            "onesixty runs as"
        )
    return Unavailable(said)


def unreadable(path: Path, error: OSError) -> str:
    """The text of the error about a file that the file system cannot read."""
    about = error.filename or path
    hint = (
        f"free space on the disk of {path.parent}"
        if error.errno in (28, 122)  # ENOSPC, EDQUOT
        else f"{path}, the files beside it and the folder must be readable and writable by the user that onesixty "
        "runs as"
    )
    return f"{about}: {error.strerror or error}: {hint}"


def reading(path: Path) -> sqlite3.Connection:
    """Open a connection that only reads, and that changes nothing when it is closed. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return connection


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _size(path: Path) -> int | None:
    """The size of a file in bytes, or None if the file does not exist. Raises OSError."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_HEADER))
