"""The record beside a SQLite file (`onesixty.db-state`): what its owner knows to be committed.

A database cannot detect that something is missing from it. The record can, because it is another file. It says
which installation the database belongs to, how far its commits went, and whether its owner stopped normally.

Rules kept here:
- a record is replaced as a whole: written under another name, fsynced, renamed. A crash leaves the old or the
  new one;
- it never claims more than is on disk: it is written after the commit that it describes;
- `clean` is the last thing that a stop writes, and a start clears it before its first commit.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

#: The value of `version`. A record with a later version is refused, so that it is not misread.
VERSION: Final = 1


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """`committed` counts the marks in the database (`meta`, key `committed`); `committed_at` is the time of the
    last mark in epoch ms. `damage` is what a check found."""

    installation: str
    clean: bool
    committed: int
    committed_at: int
    damage: str | None = None
    version: int = VERSION


def path_of(database: Path) -> Path:
    """The path of the record of a database."""
    return database.with_name(f"{database.name}-state")


def read(database: Path) -> Record | None:
    """Read the record, or return None if there is none. Raises OSError, or ValueError if it cannot be parsed."""
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
    """Replace the record. `durable` waits until the rename is on disk too. Only a change of `clean` needs that:
    after a crash, an older record is still true. Raises OSError."""
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
