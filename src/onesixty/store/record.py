"""The record beside a SQLite file (`onesixty.db-state`): what its owner knows to be committed.

A database cannot tell by itself that something is missing from it. The record can: it stands in another file, and
says which installation the database is, how far its commits went, and whether its owner stopped in order.

Rules kept here:
- a record is replaced as a whole: written beside, fsynced, renamed. A crash leaves the old one or the new one;
- it never says more than is on disk: it is written after the commit that it tells of;
- `clean` is written last of all at a stop, and taken back before the first commit of a start.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

#: What stands in `version`; a later form is refused rather than misread.
VERSION: Final = 1


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """`committed` counts the marks in the database (`meta`, key `committed`), `committed_at` is the time of the last
    one in epoch ms. `damage` is what a check found."""

    installation: str
    clean: bool
    committed: int
    committed_at: int
    damage: str | None = None
    version: int = VERSION


def path_of(database: Path) -> Path:
    """Where the record of a database stands."""
    return database.with_name(f"{database.name}-state")


def read(database: Path) -> Record | None:
    """The record, or None where there is none. Raises OSError, or ValueError where it cannot be understood."""
    try:
        text = path_of(database).read_bytes()
    except FileNotFoundError:
        return None
    try:
        record = msgspec.json.decode(text, type=Record)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path_of(database)} cannot be read: {error}") from error
    if record.version != VERSION:
        raise ValueError(f"{path_of(database)} has format {record.version}; this version supports {VERSION}")
    return record


def write(database: Path, record: Record, *, durable: bool = True) -> None:
    """Replace the record. `durable` waits until the folder has it too, which only the change of `clean` needs: an
    older record than the last is still a true one. Raises OSError."""
    path = path_of(database)
    beside = path.with_name(f"{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(record) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
