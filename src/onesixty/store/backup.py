"""Backups of a SQLite file: made beside a running server, checked while they are written, restored as a whole.

A backup is a folder: the database as one file, the settings file if there is one, and `manifest.json` with the
size and the SHA-256 of each.

Rules kept here (docs/decisions, "How a SQLite file is backed up"):
- the copy shows one snapshot: a read transaction stays open over all steps, so that commits during the copy
  neither restart it nor wait for it. The log (WAL) grows until the copy is done;
- a backup folder that exists is complete: it is written under another name, checked, fsynced, and renamed last;
- a manifest names exactly the files that every backup has, so nothing outside the backup's folder is read;
- nothing is overwritten, and only the owner may read a backup: it holds texts, numbers and secrets.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from onesixty import __version__
from onesixty.core import times
from onesixty.store import inspection, migrations
from onesixty.store.record import sync_folder
from onesixty.store.units import Damaged

DATABASE: Final = "onesixty.db"
SETTINGS: Final = "onesixty.toml"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1

#: Pages of 4 KB that are copied in one step. Between two steps the writer may use the disk.
STEP: Final = 1024
_BLOCK: Final = 1 << 20

#: Called with the name of the step, how much of it is done, and how much there is in all.
Progress = Callable[[str, int, int], None]


class BackupError(Exception):
    """No backup can be made, or a folder holds no usable backup. The text gives the reason."""


class File(msgspec.Struct, kw_only=True):
    """A file of a backup, as the manifest describes it."""

    name: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, kw_only=True):
    """The content of `manifest.json`. `committed_at` is the last mark in the database, up to two seconds before
    `taken_at`."""

    format: int = FORMAT
    product_version: str
    revision: str
    taken_at: str
    database: File
    settings: File | None = None


def take(source: Path, target: Path, *, settings: Path | None, now_ms: int, progress: Progress) -> Manifest:
    """Make the folder `target` with a backup of `source`. Raises BackupError, Damaged, OSError or sqlite3.Error."""
    if target.exists():
        raise BackupError(f"{target} already exists; a backup never overwrites files")
    if not source.exists():
        raise BackupError(f"database {source} not found")
    partial = target.with_name(f".{target.name}.partial-{os.getpid()}")
    partial.mkdir(mode=0o700)
    try:
        copied = partial / DATABASE
        _copy(source, copied, progress)
        revision = _check(source, copied, progress)
        manifest = Manifest(
            product_version=__version__,
            revision=revision,
            taken_at=times.to_text(now_ms),
            database=_described(copied, progress),
        )
        if settings is not None and settings.exists():
            _copy_file(settings, partial / SETTINGS)
            manifest.settings = _described(partial / SETTINGS, progress)
        _write(partial / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
        sync_folder(partial)
        partial.rename(target)
        sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def read(folder: Path) -> Manifest:
    """Read and check the manifest of a backup. Raises BackupError or OSError."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BackupError(f"{folder} is not a backup: {MANIFEST} is missing") from None
    except msgspec.MsgspecError as error:
        raise BackupError(f"{folder / MANIFEST} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{folder} has format {manifest.format}; this version supports {FORMAT}")
    for file, name in ((manifest.database, DATABASE), (manifest.settings, SETTINGS)):
        if file is not None and file.name != name:  # a name from elsewhere could lead out of the folder
            raise BackupError(f"{folder / MANIFEST} names {file.name!r}, but a backup contains {name}")
    return manifest


def verify(folder: Path, progress: Progress) -> Manifest:
    """Compare every file with the manifest. Raises BackupError or OSError."""
    manifest = read(folder)
    for file in (manifest.database, manifest.settings):
        if file is not None:
            _compare(folder, file, _digest(folder / file.name, None, progress))
    return manifest


def unpack(folder: Path, manifest: Manifest, to: Path, progress: Progress) -> None:
    """Copy the database of a backup to `to`, and compare what is written with the manifest. Raises BackupError,
    Damaged, OSError or sqlite3.Error."""
    _compare(folder, manifest.database, _digest(folder / manifest.database.name, to, progress))
    with contextlib.closing(sqlite3.connect(to, isolation_level=None)) as connection:
        found = inspection.check(connection, "quick_check")
    if found:
        raise Damaged(f"the database of {folder} is damaged: {found[0]}")


def _copy(source: Path, target: Path, progress: Progress) -> None:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with (
        contextlib.closing(inspection.reading(source)) as reading,
        contextlib.closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        writing.execute("PRAGMA synchronous = OFF")  # no fsync for each step: the file is fsynced as a whole
        reading.execute("BEGIN")
        # the first read fixes the snapshot at this moment
        reading.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        try:
            reading.backup(
                writing,
                pages=STEP,
                progress=lambda _status, left, total: progress("copied", total - left, total),
                sleep=0,
            )
        finally:
            reading.execute("ROLLBACK")
        writing.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    _sync(target)


def _check(source: Path, copied: Path, progress: Progress) -> str:
    """Check the whole copy. Returns the revision of its schema."""
    progress("checked", 0, 1)
    with contextlib.closing(sqlite3.connect(copied, isolation_level=None)) as connection:
        found = inspection.check(connection, "integrity_check")
        if found:
            raise Damaged(inspection.broken(source, found))
        revision = migrations.current_of_connection(connection)
    if revision is None:
        raise BackupError(f"{source} is not a database of onesixty")
    progress("checked", 1, 1)
    return revision


def _described(path: Path, progress: Progress) -> File:
    return File(name=path.name, bytes=path.stat().st_size, sha256=_digest(path, None, progress))


def _compare(folder: Path, file: File, digest: str) -> None:
    if digest != file.sha256:
        raise BackupError(f"{folder / file.name} differs from the backup: its SHA-256 does not match")


def _digest(path: Path, to: Path | None, progress: Progress) -> str:
    """Return the SHA-256 of a file. If `to` is given, also copy the file there while it is read."""
    total, done, digest = path.stat().st_size, 0, hashlib.sha256()
    with path.open("rb") as file, contextlib.ExitStack() as writing:
        copy = None
        if to is not None:
            handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            copy = writing.enter_context(os.fdopen(handle, "wb"))
        while block := file.read(_BLOCK):
            digest.update(block)
            if copy is not None:
                copy.write(block)
            done += len(block)
            progress("read", done, total)
        if copy is not None:
            copy.flush()
            os.fsync(copy.fileno())
    return digest.hexdigest()


def _copy_file(source: Path, target: Path) -> None:
    _write(target, source.read_bytes())


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
