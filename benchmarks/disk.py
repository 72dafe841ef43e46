"""Measures what a gateway writes to its database, by the database's own counters.

Rules kept here:
- "kept" is the growth of the database, without its free pages; "logged" is what went to the write-ahead log,
  which is overwritten again and again;
- SQLite starts its log anew after copying it into the database. So a snapshot is held open during the
  measurement: then nothing is copied, and the log's own count of frames is exact. This costs speed;
- the index of the log stays open as long as the snapshot: closing a file ends all locks that its process has on it,
  also those that hold the snapshot.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import asyncpg

#: A frame of SQLite's log is a page with this many header octets before it.
_FRAME_HEADER: Final = 24


class Written(NamedTuple):
    """The bytes by which the database grew, and the bytes and pages that went to its log; PostgreSQL logs no
    pages."""

    kept_bytes: float
    log_bytes: float
    log_pages: float | None

    def each(self, messages: int) -> dict[str, float]:
        """Return the values for each message, as columns of a run."""
        found = {"kept_bytes": self.kept_bytes / messages, "log_bytes": self.log_bytes / messages}
        if self.log_pages is not None:
            found["log_pages"] = self.log_pages / messages
        return found


class Disk(Protocol):
    """Measures what is written between two moments. Calls block."""

    def begin(self) -> None: ...

    def end(self) -> Written: ...


class SqliteDisk:
    """Measures a SQLite file in WAL mode to which other processes write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._snapshot: sqlite3.Connection | None = None
        self._index = -1
        self._before = (0, _Index(0, 0, b""))

    def begin(self) -> None:
        """Start measuring."""
        kept = kept_bytes(self._path)
        self._snapshot = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._snapshot.execute("BEGIN")
        self._snapshot.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        self._index = os.open(f"{self._path}-shm", os.O_RDONLY)
        self._before = (kept, _read(self._index))

    def end(self) -> Written:
        """Return what was written since `begin`."""
        assert self._snapshot is not None
        kept, index = self._before
        now = _read(self._index)
        # A new log has new salts. The log may start anew once, if all of it had been copied at the beginning.
        frames = now.frames - (index.frames if now.salts == index.salts else 0)
        self._snapshot.close()
        self._snapshot = None
        os.close(self._index)
        return Written(kept_bytes(self._path) - kept, frames * (now.page_size + _FRAME_HEADER), frames)


def kept_bytes(database: Path) -> int:
    """Return the size of a SQLite database without its free pages."""
    with closing(sqlite3.connect(database)) as connection:
        pages, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size


class _Index(NamedTuple):
    """The header of SQLite's WAL-index (https://sqlite.org/walformat.html, 2.1)."""

    frames: int
    page_size: int
    salts: bytes


def _read(file: int) -> _Index:
    head = os.pread(file, 48, 0)
    size, frames = struct.unpack_from("=HI", head, 14)
    return _Index(frames, 65536 if size == 1 else size, head[32:40])


class PostgresqlDisk:
    """Measures a database on a PostgreSQL that nothing else uses; its log includes whole pages after checkpoints."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._before = (0, 0)

    def begin(self) -> None:
        """Start measuring."""
        self._before = self._now()

    def end(self) -> Written:
        """Return what was written since `begin`."""
        (kept, logged), (size, position) = self._before, self._now()
        return Written(size - kept, position - logged, None)

    def _now(self) -> tuple[int, int]:
        row = asyncio.run(_fetch_row(self._url))
        return int(row[0]), int(row[1])


async def _fetch_row(url: str) -> Any:
    connection = await asyncpg.connect(url, timeout=30)
    try:
        return await connection.fetchrow(
            "SELECT pg_database_size(current_database()), pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
        )
    finally:
        await connection.close()
