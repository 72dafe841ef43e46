"""Wipes what SQLite leaves in the unused part of its pages, so that the file forgets what was redacted.

`secure_delete` overwrites cells and pages that are freed. One place it does not reach: when a page is split or
merged, SQLite writes its cells anew, and old octets stay between the cell pointers and the cells ("gap"). They are
part of no row and never read, but they stand in the file.

Rules kept here (docs/decisions/0050-redaction-in-the-file.md):
- `meta` says how many redactions there were, and for how many of them the file was wiped, so a crash forgets nothing;
- a slice of pages is wiped while this connection holds the write lock and the WAL is empty: then the file alone is
  the database, and no checkpoint can write to it;
- the connection's page cache is dropped first, so that no old page is written back later; the commit of the slice
  makes other connections drop theirs;
- only octets that SQLite never reads are written, so that a slice may be cut short anywhere;
- the file's descriptor is open as long as the connection: closing it would drop SQLite's own locks (POSIX).
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
#: Pages beyond which a page's kind cannot be told by its first octet: a page that is not of a b-tree begins with
#: the number of another page, whose first octet is 0 or 1 below this number.
MOST_PAGES: Final = 0x02000000
#: Seconds after a redaction until its first slice: others come meanwhile, and one pass serves them all.
DELAY: Final = 0.5
#: What a pass takes of the writer's time at most: a slice that took one part is followed by nine parts of rest.
REST: Final = 9
#: Seconds that a stop spends at most on pages that are not wiped yet; the next start continues.
STOP_SECONDS: Final = 5.0

#: Kinds of b-tree pages (https://www.sqlite.org/fileformat2.html, 1.6), with where their cell pointers begin.
_POINTERS: Final = {2: 12, 5: 12, 10: 8, 13: 8}

_DONE: Final = 0
_STATE: Final = "SELECT key, value FROM meta WHERE key IN ('redactions', 'wiped')"
_NOTE: Final = (
    "INSERT INTO meta (key, value) VALUES ('wiped', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


def unused(page: bytes, usable: int) -> Iterator[tuple[int, int]]:
    """The ranges of a page that hold nothing: its gap and its free blocks. None for what is no b-tree page."""
    pointers = _POINTERS.get(page[0])
    if pointers is None:
        return
    start = pointers + 2 * int.from_bytes(page[3:5], "big")
    end = int.from_bytes(page[5:7], "big") or 65536
    if not start <= end <= usable:
        return  # damaged: not ours to change
    yield start, end
    block = int.from_bytes(page[1:3], "big")
    while end <= block <= usable - 4:
        following = int.from_bytes(page[block : block + 2], "big")
        size = int.from_bytes(page[block + 2 : block + 4], "big")
        if size < 4 or block + size > usable or (following and following < block + size):
            return
        yield block + 4, block + size
        block = following


#: Commits the open transaction, with what the store does where that fails.
Commit = Callable[[], None]


class Wiper:
    """Wipes the file of `connection`, the writer of the database, a slice at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Raises OSError or sqlite3.Error where the file cannot be opened."""
        self._connection = connection
        self._wal = path.with_name(f"{path.name}-wal")
        state = self._state()
        self._redactions = int(state.get("redactions", "0"))
        wiped_for, _, following = state.get("wiped", f"0 {_DONE}").partition(" ")
        self._wiped_for, self._next = int(wiped_for), int(following)
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    @property
    def owed(self) -> bool:
        """Whether something was redacted since the file was wiped to its end."""
        return self._next != _DONE or self._wiped_for != self._redactions

    def redacted(self, times: int) -> None:
        """So many redactions were committed."""
        self._redactions += times

    def slice(self, commit: Commit) -> bool:
        """Wipe the next pages. False when it is not possible now: others read or write."""
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
                self._next = 2  # page 1 holds the schema alone
            following = self._wipe(self._next)
            self._execute(_NOTE, (f"{self._wiped_for} {following}",))
            commit()
            self._next = following
            return True
        finally:
            if self._connection.in_transaction:
                self._connection.rollback()

    def finish(self, commit: Commit, seconds: float = STOP_SECONDS) -> None:
        """Wipe what is owed, for so many seconds at most; blocks."""
        deadline = time.monotonic() + seconds
        while self.owed and time.monotonic() < deadline:
            if not self.slice(commit):
                time.sleep(0.02)

    def close(self) -> None:
        """Let go of the file. Only after every connection of this process to it was closed."""
        os.close(self._file)

    def _state(self) -> dict[str, str]:
        return dict(self._connection.execute(_STATE).fetchall())

    def _execute(self, sql: str, row: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        return self._connection.execute(sql, row).fetchall()

    def _only_the_file(self) -> bool:
        """Move the WAL into the file and empty it. False where another connection is in the way."""
        ((patience,),) = self._execute("PRAGMA busy_timeout")
        self._execute("PRAGMA busy_timeout = 0")
        try:
            ((busy, _, _),) = self._execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not busy
        finally:
            self._execute(f"PRAGMA busy_timeout = {patience}")

    def _wipe(self, first: int) -> int:
        """Wipe a slice from page `first` on; returns the page to go on with, or `_DONE`."""
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
    """The writer, as its wiping needs it."""

    @property
    def healthy(self) -> bool: ...


class Wiping:
    """Runs a `Wiper` between the groups of a store, whenever something is owed, and rests in between."""

    def __init__(self, wiper: Wiper, store: Store, commit: Commit, loop: asyncio.AbstractEventLoop) -> None:
        self._wiper = wiper
        self._store = store
        self._commit = commit
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._log = structlog.get_logger("onesixty.store")
        self._later(DELAY)

    def redacted(self, rows: list[tuple[object, ...]]) -> None:
        """Redactions were committed."""
        self._wiper.redacted(len(rows))
        self._later(DELAY)

    def stop(self) -> None:
        """Finish what is owed, as far as that goes in a few seconds."""
        if self._timer is not None:
            self._timer.cancel()
        with self._failures_told():
            self._wiper.finish(self._commit)
        if self._wiper.owed:
            self._log.warning("wipe_left_to_the_next_start")

    def close(self) -> None:
        """After the connections were closed."""
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
