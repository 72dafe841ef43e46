"""Keeps the record of a SQLite file current while its owner runs: writes marks into the database, and copies them
to the record.

Rules kept here:
- nothing on the hot path: about once a second, a group that is written anyway carries a mark, which is always
  the same row. A thread then writes the record. A mark is a transaction of its own only if no group comes;
- so a later loss of commits is noticed, except for commits of the last two seconds;
- if a record cannot be written, nothing stops: the previous record is still true.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
import structlog

from onesixty.core.clock import Clock
from onesixty.store import inspection
from onesixty.store import record as records
from onesixty.store.inspection import COMMITTED, INSTALLATION, Check
from onesixty.store.record import Record

#: Seconds between two marks.
INTERVAL: Final = 1.0
#: Seconds for which a mark that is due waits for a group to carry it.
GRACE: Final = 0.5

#: Puts a value into `meta`.
PUT: Final = (
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


class Keeper:
    """Keeps the record of one file, from its opening to its close. Only the writer calls `mark` and
    `after_commit`."""

    def __init__(self, path: Path, clock: Clock, check: Check | None) -> None:
        """`check` is the check after an unclean stop, if it still runs."""
        self._path = path
        self._clock = clock
        self._check = check
        self._thread = ThreadPoolExecutor(1, "store-record")
        self._writing = threading.Lock()
        self._record: Record | None = None
        self._loop = asyncio.get_running_loop()
        self._due_at = 0.0
        self._next: Record | None = None
        self._unmarked = False
        self._timer: asyncio.TimerHandle | None = None
        self._log = structlog.get_logger("onesixty.store")

    def begin(self, connection: sqlite3.Connection) -> None:
        """Write the marks into the database, and note in the record that the file is in use. Raises sqlite3.Error
        or OSError."""
        found = inspection.marks(connection)
        installation = found.installation or secrets.token_hex(16)
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(PUT, (INSTALLATION, installation))
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        at = found.committed_at or self._clock.now_ms()
        self._record = Record(
            installation=installation, clean=False, committed=found.committed, committed_at=at
        )
        records.write(self._path, self._record)

    def watch(self, damaged: Callable[[str], None]) -> None:
        """Call `damaged` if the check that runs beside the node finds something."""
        if self._check is not None:
            self._check.on_end(lambda found: self._checked(found, damaged))

    def due(self, now: float) -> bool:
        """Whether the transaction that is being written should carry a mark; `now` is monotonic."""
        return now >= self._due_at

    def mark(self, cursor: sqlite3.Cursor) -> None:
        """Write the next mark into the open transaction."""
        assert self._record is not None
        at = max(self._clock.now_ms(), self._record.committed_at)
        self._next = msgspec.structs.replace(
            self._record, committed=self._record.committed + 1, committed_at=at
        )
        cursor.execute(PUT, (COMMITTED, f"{self._next.committed} {at}"))

    def after_commit(self, alone: Callable[[], None]) -> None:
        """Note that a transaction is on disk. `alone` is called later to write a mark in its own transaction, if
        no other transaction carries it."""
        if self._next is not None:
            self._record, self._next = self._next, None
            self._unmarked = False
            self._due_at = self._clock.monotonic() + INTERVAL
            self._tell()
            return
        self._unmarked = True
        if self._timer is None:
            self._timer = self._loop.call_later(INTERVAL + GRACE, self._look, alone)

    @property
    def unmarked(self) -> bool:
        """Whether something was committed since the last mark."""
        return self._unmarked

    def rolled_back(self) -> None:
        """Note that the transaction that carried a mark was rolled back."""
        self._next = None

    def stop(self) -> None:
        """Stop writing marks by time."""
        if self._timer is not None:
            self._timer.cancel()
        if self._check is not None:
            self._check.stop()

    def close(self, *, whole: bool) -> None:
        """Write the last record when the file is closed. `whole` says that everything committed is in the file. If
        the check did not reach its end, the next start checks again."""
        self._thread.shutdown()
        clean = whole and (self._check is None or self._check.passed)
        if self._record is None or not clean:
            return
        try:
            records.write(self._path, msgspec.structs.replace(self._record, clean=True))
        except OSError as error:
            self._log.warning("record_not_written", reason=str(error))

    def _look(self, alone: Callable[[], None]) -> None:
        self._timer = None
        if not self._unmarked:
            return
        wait = self._due_at + GRACE - self._clock.monotonic()
        if wait > 0:
            self._timer = self._loop.call_later(wait, self._look, alone)
        else:
            alone()

    def _tell(self) -> None:
        """Write the record in the thread. A record that a newer one has replaced is skipped."""
        self._thread.submit(self._write, self._record)

    def _write(self, record: Record | None) -> None:
        with self._writing:
            if record is None or record is not self._record:
                return
            try:
                records.write(self._path, record, durable=False)
            except OSError as error:
                self._log.warning("record_not_written", reason=str(error))

    def _checked(self, found: list[str], damaged: Callable[[str], None]) -> None:
        if not found or self._record is None:
            return
        said = inspection.broken(self._path, found)
        # later records keep the damage too
        self._record = msgspec.structs.replace(self._record, damage=found[0])
        self._write(self._record)
        damaged(said)
