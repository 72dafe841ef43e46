"""Backups of a SQLite file: of one moment under constant writes, whole or not there, and never over something."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import stat
from pathlib import Path

import msgspec
import pytest

from onesixty.core.clock import SystemClock
from onesixty.store import backup
from onesixty.store.backup import BackupError, Manifest
from onesixty.store.opening import open_store
from onesixty.store.sqlite import SqliteStore
from onesixty.store.statements import Statements
from onesixty.store.units import Damaged, Unit
from tests.store.conftest import OpenStore

pytestmark = pytest.mark.slow


def quiet(_what: str, _done: int, _total: int) -> None:
    """Nobody looks."""


def take(path: Path, target: Path, settings: Path | None = None) -> Manifest:
    return backup.take(path, target, settings=settings, now_ms=1_790_000_000_000, progress=quiet)


@pytest.fixture
async def filled(tmp_path: Path, statements: Statements) -> Path:
    """A database of some megabytes."""
    path = tmp_path / "data" / "x.db"
    store = await open_store(f"sqlite:///{path}", statements, clock=SystemClock(), migrate=True)
    rows = [Unit((), writes=(("put", (f"old{n:04}", "x" * 3000)),)) for n in range(1500)]
    assert set(await store.commit(rows)) == {True}
    await store.close()
    return path


def spoil(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(bytes(4096 * 20))


def keys_of(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return [
            str(row[0])
            for row in connection.execute("SELECT key FROM meta WHERE key LIKE 'new%' ORDER BY key")
        ]


async def test_a_backup_under_constant_writes_is_of_one_moment_and_holds_nobody_up(
    filled: Path, tmp_path: Path, opened: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commits go on between the steps, and the copy has just those of before: no restart, no mixture."""
    monkeypatch.setattr(backup, "STEP", 100)
    store = await opened(f"sqlite:///{filled}")
    assert isinstance(store, SqliteStore)
    loop = asyncio.get_running_loop()
    steps: list[int] = []

    async def commit(number: int) -> None:
        row = (f"new{number:04}", "y" * 3000)
        assert await store.commit([Unit((), writes=(("put", row),))]) == [True]

    def between(what: str, done: int, _total: int) -> None:
        if what == "copied":
            steps.append(done)
            asyncio.run_coroutine_threadsafe(commit(len(steps)), loop).result(10)

    await commit(0)
    manifest = await asyncio.to_thread(
        lambda: backup.take(filled, tmp_path / "b", settings=None, now_ms=0, progress=between)
    )
    assert len(steps) > 10
    assert steps == sorted(set(steps)), "it never began again"
    assert keys_of(tmp_path / "b" / "onesixty.db") == ["new0000"]
    assert len(keys_of(filled)) == len(steps) + 1
    assert manifest.database.bytes == (tmp_path / "b" / "onesixty.db").stat().st_size
    assert sorted(os.listdir(tmp_path / "b")) == ["manifest.json", "onesixty.db"]


async def test_what_is_in_a_backup_and_who_may_read_it(filled: Path, tmp_path: Path) -> None:
    settings = tmp_path / "onesixty.toml"
    settings.write_text("# mine\n")
    made = take(filled, tmp_path / "b", settings)
    assert made == backup.verify(tmp_path / "b", quiet)
    assert (tmp_path / "b" / "onesixty.toml").read_text() == "# mine\n"
    for path in [tmp_path / "b", *(tmp_path / "b").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_nothing_is_overwritten(filled: Path, tmp_path: Path) -> None:
    take(filled, tmp_path / "b")
    with pytest.raises(BackupError, match="exists; a backup never overwrites files"):
        take(filled, tmp_path / "b")


async def test_a_damaged_database_gives_no_backup(filled: Path, tmp_path: Path) -> None:
    spoil(filled)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(Damaged, match="is damaged"):
        take(filled, tmp_path / "b")
    assert sorted(os.listdir(tmp_path)) == before, "nothing of it is left"


async def test_a_database_without_tables_gives_no_backup(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE something (x)")
    with pytest.raises(BackupError, match="is not a database of onesixty"):
        take(tmp_path / "other.db", tmp_path / "b")
    with pytest.raises(BackupError, match="not found"):
        take(tmp_path / "none.db", tmp_path / "b")


@pytest.mark.parametrize("name", ["onesixty.db", "onesixty.toml"])
async def test_a_changed_backup_is_noticed(filled: Path, tmp_path: Path, name: str) -> None:
    settings = tmp_path / "onesixty.toml"
    settings.write_text("# mine\n")
    take(filled, tmp_path / "b", settings)
    with (tmp_path / "b" / name).open("r+b") as file:
        file.seek(4)
        file.write(b"!")
    with pytest.raises(BackupError, match=f"{name} differs from the backup"):
        backup.verify(tmp_path / "b", quiet)


@pytest.mark.parametrize(("part", "name"), [("database", "../x/data/x.db"), ("settings", "/etc/hostname")])
async def test_a_manifest_leads_to_nothing_outside_of_its_folder(
    filled: Path, tmp_path: Path, part: str, name: str
) -> None:
    settings = tmp_path / "onesixty.toml"
    settings.write_text("# mine\n")
    manifest = take(filled, tmp_path / "b", settings)
    getattr(manifest, part).name = name
    (tmp_path / "b" / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(BackupError, match=r"names '.*', but a backup contains onesixty"):
        backup.read(tmp_path / "b")


async def test_what_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"is not a backup: manifest\.json is missing"):
        backup.read(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(BackupError, match="cannot be read"):
        backup.read(tmp_path)
