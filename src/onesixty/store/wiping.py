"""Wipes the unused parts of SQLite's pages, so that redacted text is gone from the file.

`secure_delete` overwrites cells and pages when they are freed, but it misses one place: when SQLite splits or
merges a page, it writes the cells of the page anew, and old octets stay between the cell pointers and the cells
(the "gap"). These octets belong to no row and are never read, but they remain in the file.

Rules kept here (docs/decisions/0050-redaction-in-the-file.md):
- `meta` counts the redactions, and how many of them the file was wiped for, so that a crash loses no wipe;
- a slice of pages is wiped while this connection holds the write lock and the WAL is empty: then the file alone
  is the database, and no checkpoint can write to it;
- the connection's page cache is dropped first, so that no old page is written back later; the commit of the
  slice makes other connections drop theirs;
- only octets that SQLite never reads are overwritten, so that a slice may be interrupted anywhere;
- the file's descriptor stays open as long as the connection: closing it would release SQLite's own locks (POSIX).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol

import structlog

#: Pages of one slice: 4 MB, some milliseconds.
SLICE: Final = 1024
#: Number of pages up to which the first octet tells a page's kind: a page that is not of a b-tree begins with
#: the number of another page, whose first octet is 0 or 1 below this number.
MOST_PAGES: Final = 0x02000000
#: Seconds from a redaction to its first slice. More redactions may follow in that time, and one pass serves them all.
DELAY: Final = 0.5
#: Limits a pass to a tenth of the writer's time: after a slice, it rests nine times as long as the slice took.
REST: Final = 9
#: Seconds that a stop spends at most on pages that are not wiped yet; the next start continues.
STOP_SECONDS: Final = 5.0

#: Kinds of b-tree pages (https://www.sqlite.org/fileformat2.html, 1.6), with the offset of their cell pointers.
_POINTERS: Final = {2: 12, 5: 12, 10: 8, 13: 8}

_DONE: Final = 0
_STATE: Final = "SELECT key, value FROM meta WHERE key IN ('redactions', 'wiped')"
_NOTE: Final = (
    "INSERT INTO meta (key, value) VALUES ('wiped', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


def unused(page: bytes, usable: int) -> Iterator[tuple[int, int]]:
    """Yield the unused ranges of a page: its gap and its free blocks. Yields nothing if the page is not of a
    b-tree."""
    pointers = _POINTERS.get(page[0])
    if pointers is None:
        return
    start = pointers + 2 * int.from_bytes(page[3:5], "big")
    end = int.from_bytes(page[5:7], "big") or 65536
    if not start <= end <= usable:
        return  # the page is damaged, so leave it alone
    yield start, end
    block = int.from_bytes(page[1:3], "big")
    while end <= block <= usable - 4:
        following = int.from_bytes(page[block : block + 2], "big")
        size = int.from_bytes(page[block + 2 : block + 4], "big")
        if size < 4 or block + size > usable or (following and following < block + size):
            return
        yield block + 4, block + size
        block = following


#: Commits the open transaction, and handles a failure as the store does.
Commit = Callable[[], None]


class Wiper:
    """Wipes the file of `connection`, the database's writer, one slice at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Raises OSError or sqlite3.Error if the file cannot be opened."""
        self._connection = connection
        self._wal = path.with_name(f"{path.name}-wal")
        state = self._state()
        self._redactions = int(state.get("redactions", "0"))
        wiped_for, _, following = state.get("wiped", f"0 {_DONE}").partition(" ")
        self._wiped_for, self._next = int(wiped_for), int(following)
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    @property
    def owed(self) -> bool:
        """Whether something was redacted since the last complete pass over the file."""
        return self._next != _DONE or self._wiped_for != self._redactions

    def redacted(self, times: int) -> None:
        """Note that this many redactions were committed."""
        self._redactions += times

    def slice(self, commit: Commit) -> bool:
        """Wipe the next pages. Returns False if that is not possible now, because others read or write."""
        if self._connection.in_transaction or not self._only_the_file():
            return False
        self._execute("PRAGMA shrink_memory")
        try:
            self._execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False  # another process writes
        try:
            if self._wal.exists() and self._wal.stat().st_size:
                return False  # another process wrote in between
            if self._next == _DONE:
                self._redactions = self._wiped_for = int(self._state().get("redactions", "0"))
                self._next = 2  # page 1 holds only the schema
            following = self._wipe(self._next)
            self._execute(_NOTE, (f"{self._wiped_for} {following}",))
            commit()
            self._next = following
            return True
        finally:
            if self._connection.in_transaction:
                self._connection.rollback()

    def finish(self, commit: Commit, seconds: float = STOP_SECONDS) -> None:
        """Wipe what is left, for at most this many seconds. Blocks."""
        deadline = time.monotonic() + seconds
        while self.owed and time.monotonic() < deadline:
            if not self.slice(commit):
                time.sleep(0.02)

    def close(self) -> None:
        """Close the file. Call it only after every connection of this process to the file is closed."""
        os.close(self._file)

    def _state(self) -> dict[str, str]:
        return dict(self._connection.execute(_STATE).fetchall())

    def _execute(self, sql: str, row: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        return self._connection.execute(sql, row).fetchall()

    def _only_the_file(self) -> bool:
        """Move the WAL into the file and empty it. Returns False if another connection prevents that."""
        ((patience,),) = self._execute("PRAGMA busy_timeout")
        self._execute("PRAGMA busy_timeout = 0")
        try:
            ((busy, _, _),) = self._execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not busy
        finally:
            self._execute(f"PRAGMA busy_timeout = {patience}")

    def _wipe(self, first: int) -> int:
        """Wipe a slice that starts at page `first`. Returns the page to continue with, or `_DONE`."""
        head = os.pread(self._file, 24, 0)
        size = int.from_bytes(head[16:18], "big")
        size = 65536 if size == 1 else size
        usable = size - head[20]
        pages = os.fstat(self._file).st_size // size
        if pages >= MOST_PAGES:
            structlog.get_logger("onesixty.store").warning("file_too_large_to_wipe", pages=pages)
            return _DONE
        written = False
        octets = os.pread(self._file, SLICE * size, (first - 1) * size)
        for place in range(0, len(octets) - size + 1, size):
            page = octets[place : place + size]
            for start, end in unused(page, usable):
                if page.count(0, start, end) != end - start:
                    os.pwrite(self._file, bytes(end - start), (first - 1) * size + place + start)
                    written = True
        if written:
            os.fsync(self._file)
        following = first + SLICE
        return following if following <= pages else _DONE


class Store(Protocol):
    """What wiping needs of the writer."""

    @property
    def healthy(self) -> bool: ...


class Wiping:
    """Runs a `Wiper` between the groups of a store whenever pages are left to wipe, and pauses between slices."""

    def __init__(self, wiper: Wiper, store: Store, commit: Commit, loop: asyncio.AbstractEventLoop) -> None:
        self._wiper = wiper
        self._store = store
        self._commit = commit
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._log = structlog.get_logger("onesixty.store")
        self._later(DELAY)

    def redacted(self, rows: list[tuple[object, ...]]) -> None:
        """Note that redactions were committed."""
        self._wiper.redacted(len(rows))
        self._later(DELAY)

    def stop(self) -> None:
        """Finish wiping, as far as that is possible in a few seconds."""
        if self._timer is not None:
            self._timer.cancel()
        with self._failures_told():
            self._wiper.finish(self._commit)
        if self._wiper.owed:
            self._log.warning("wipe_left_to_the_next_start")

    def close(self) -> None:
        """Close the wiper. Call it after the connections are closed."""
        self._wiper.close()

    def _later(self, seconds: float) -> None:
        if self._timer is None and self._wiper.owed:
            self._timer = self._loop.call_later(seconds, self._slice)

    def _slice(self) -> None:
        self._timer = None
        began = time.monotonic()
        if self._store.healthy:
            with self._failures_told():
                self._wiper.slice(self._commit)
        self._later(max(0.02, REST * (time.monotonic() - began)))

    @contextlib.contextmanager
    def _failures_told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self._log.warning("wipe_failed", error=str(error))
