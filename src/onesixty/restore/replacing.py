"""Puts a backup in the place of a SQLite database, or accepts the current database as it is.

Rules kept here:
- no server runs during a restore: the writer's lock is held;
- the new database is prepared next to the old one: unpacked, verified, migrated, settled. Only then are names
  changed;
- the record is written first, so an interrupted restore leaves a folder that refuses to start;
- the previous files are moved to a folder next to it, and never deleted.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
from pathlib import Path
from typing import Any, Final

import msgspec

from onesixty.core.clock import SystemClock
from onesixty.ops.settings import Settings
from onesixty.restore import settling as restoring
from onesixty.store import backup, inspection, urls
from onesixty.store import record as records
from onesixty.store.backup import BackupError, Progress
from onesixty.store.keeper import PUT
from onesixty.store.opening import take_ownership
from onesixty.store.record import Record

_PARTS: Final = ("", "-wal", "-shm", "-state")


class Restored(msgspec.Struct, kw_only=True):
    """The result of a restore. `backup_taken_at` is None for a database that was accepted as it is, `kept` is where
    the previous files are, `damage` is what a check of the file still finds.
    """

    database: str
    backup_taken_at: str | None = None
    kept: str | None = None
    damage: list[str] = []
    messages_held: int
    jobs_stopped: int
    report_runs_left_out: int
    verifications_ended: int


async def replace(
    settings: Settings, folder: Path, *, over: bool, send_waiting: bool, progress: Progress
) -> Restored:
    """Restore the backup in `folder` to the database of the settings; `over` replaces an existing one. Raises
    BackupError, StoreError, SchemaError, OSError or sqlite3.Error.
    """
    path = urls.sqlite_path(settings.effective_database_url)
    manifest = backup.read(folder)
    lock = await take_ownership(path)
    try:
        there = _there(path)
        if there and not over:
            names = ", ".join(str(each) for each in there)
            raise BackupError(f"a database already exists: {names}. To put it aside, add --replace")
        backup.verify(folder, progress)
        beside = path.with_name(f"{path.name}.restoring")
        _remove(beside)
        try:
            backup.unpack(folder, manifest, beside, progress)
            report = await restoring.settle(settings, f"sqlite:///{beside}", send_waiting=send_waiting)
            record = _renewed(beside)
        except BaseException:
            _remove(beside)
            raise
        kept = _put_aside(path, there, record)
        beside.rename(path)
        records.sync_folder(path.parent)
    finally:
        os.close(lock)
    return _restored(
        report,
        str(path),
        backup_taken_at=manifest.taken_at,
        kept=None if kept is None else str(kept),
    )


async def accept(settings: Settings, *, send_waiting: bool) -> Restored:
    """Accept the current database as it is: restored by other tools, or the rest of a damaged one. Raises
    StoreError, SchemaError, OSError or sqlite3.Error.
    """
    url = settings.effective_database_url
    if urls.is_postgresql(url):
        report = await restoring.settle(settings, url, send_waiting=send_waiting)
        return _restored(report, "PostgreSQL")
    path = urls.sqlite_path(url)
    lock = await take_ownership(path)
    try:
        if not path.exists() or not path.stat().st_size:
            inspection.look(path)
            raise BackupError(f"database {path} not found")
        damage = _damage(path)
        report = await restoring.settle(settings, url, send_waiting=send_waiting)
        records.write(path, _renewed(path))
    finally:
        os.close(lock)
    return _restored(report, str(path), damage=damage)


def _restored(report: restoring.Report, database: str, **fields: Any) -> Restored:
    return Restored(
        database=database,
        messages_held=report.held,
        jobs_stopped=report.jobs_stopped,
        report_runs_left_out=report.report_runs_left_out,
        verifications_ended=report.verifications_ended,
        **fields,
    )


def _parts(path: Path) -> list[Path]:
    """All existing files of the database at `path`."""
    return [path.with_name(f"{path.name}{part}") for part in _PARTS]


def _remove(path: Path) -> None:
    """Delete a database that was being prepared, with the files that SQLite keeps next to it."""
    for part in _parts(path):
        part.unlink(missing_ok=True)


def _there(path: Path) -> list[Path]:
    """The existing files of a database, except for an empty file, which means nothing."""
    return [part for part in _parts(path) if part.exists() and (part != path or part.stat().st_size)]


def _put_aside(path: Path, there: list[Path], record: Record) -> Path | None:
    """Write the record of the new database and move the old one away. Returns where to."""
    kept = None
    if there:
        kept = path.with_name(f"{path.name}.before-{SystemClock().now_ms()}")
        kept.mkdir(mode=0o700)
        known = records.path_of(path)
        if known.exists():
            shutil.copy2(known, kept / known.name)
    records.write(path, record)
    if kept is not None:
        for part in there:
            if part != records.path_of(path):
                part.rename(kept / part.name)
        records.sync_folder(kept)
    return kept


def _renewed(path: Path) -> Record:
    """Give a closed database an identity of its own, so that no file of the previous one is taken for it. Returns
    its record.
    """
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        found = inspection.marks(connection)
        installation, number, at = secrets.token_hex(16), found.committed + 1, SystemClock().now_ms()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(PUT, (inspection.INSTALLATION, installation))
        connection.execute(PUT, (inspection.COMMITTED, f"{number} {at}"))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Record(installation=installation, clean=True, committed=number, committed_at=at)


def _damage(path: Path) -> list[str]:
    with contextlib.closing(inspection.reading(path)) as connection:
        try:
            return inspection.check(connection, "quick_check")
        except sqlite3.Error as error:
            return [str(error)]
