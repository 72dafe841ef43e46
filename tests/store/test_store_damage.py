"""A SQLite file that is not what was committed: it is said, nothing is changed, and nothing new takes its place."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onesixty.core.clock import SystemClock
from onesixty.store import inspection, keeper
from onesixty.store import record as records
from onesixty.store.inspection import Check
from onesixty.store.opening import look, open_store
from onesixty.store.remote import spawn_store
from onesixty.store.sqlite import SqliteStore
from onesixty.store.statements import Statements
from onesixty.store.units import Damaged, StoreError, Unavailable, Unit
from tests.store.conftest import OpenStore, contents
from tests.support.waiting import wait_until, wait_until_async

pytestmark = pytest.mark.slow

#: Commits a row of 3 KB at a time until it is killed; rows of a first part are in the file, the rest in the log.
PROGRAM = """
import asyncio, sys
from onesixty.core.clock import SystemClock
from onesixty.store import keeper
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from onesixty.store.units import Unit
from tests.store.conftest import PACKAGES

keeper.INTERVAL = 0.0

async def main():
    store = await open_store(sys.argv[1], load(PACKAGES), clock=SystemClock(), migrate=True)
    async def put(start, end):
        for n in range(start, end):
            await store.commit([Unit((str(n),), writes=(("put", (f"{sys.argv[2]}{n:04}", "x" * 3000)),))])
    await put(0, 200)
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print("older", flush=True)
    sys.stdin.readline()
    await put(200, 300)
    print("done", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


class Killed:
    """A database whose owner was killed, and a copy of the file from some time before."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.older = path.with_name("older")
        self.log = path.with_name(f"{path.name}-wal")
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, f"sqlite:///{path}", name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            try:
                self._fill(process)
            finally:
                process.kill()

    def _fill(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "older\n"
        shutil.copy(self.path, self.older)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"

        def told() -> bool:
            known = records.read(self.path)
            return known is not None and known.committed >= 300

        wait_until(told, 10, "the record of the last commit")

    def copy(self, folder: Path) -> Killed:
        """The same in another folder, to be damaged."""
        shutil.copytree(self.path.parent, folder)
        other = Killed.__new__(Killed)
        other.path, other.older = folder / self.path.name, folder / "older"
        other.log = folder / self.log.name
        return other


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Killed, Killed]:
    """Two databases of two installations."""
    folder = tmp_path_factory.mktemp("killed")
    return Killed(folder / "one" / "x.db", "a"), Killed(folder / "two" / "x.db", "b")


@pytest.fixture
def killed(killed_once: tuple[Killed, Killed], tmp_path: Path) -> Killed:
    return killed_once[0].copy(tmp_path / "here")


def overwrite(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def cut_main(killed: Killed, _: Killed) -> None:
    os.truncate(killed.path, killed.path.stat().st_size // 2 // 4096 * 4096)


def zero_main(killed: Killed, _: Killed) -> None:
    overwrite(killed.path, 0, bytes(killed.path.stat().st_size))


def zero_the_beginning(killed: Killed, _: Killed) -> None:
    overwrite(killed.path, 0, bytes(4096))


def zero_the_middle(killed: Killed, _: Killed) -> None:
    size = killed.path.stat().st_size
    overwrite(killed.path, size // 2 // 4096 * 4096, bytes(size // 4 // 4096 * 4096))


def older_main_without_log(killed: Killed, _: Killed) -> None:
    shutil.copy(killed.older, killed.path)
    killed.log.unlink()
    killed.path.with_name(f"{killed.path.name}-shm").unlink()


def remove_main(killed: Killed, _: Killed) -> None:
    killed.path.unlink()


def empty_main(killed: Killed, _: Killed) -> None:
    os.truncate(killed.path, 0)


def empty_main_without_record(killed: Killed, _: Killed) -> None:
    os.truncate(killed.path, 0)
    records.path_of(killed.path).unlink()


def remove_log(killed: Killed, _: Killed) -> None:
    killed.log.unlink()


def remove_log_and_shm(killed: Killed, _: Killed) -> None:
    killed.log.unlink()
    killed.path.with_name(f"{killed.path.name}-shm").unlink()


def cut_log(killed: Killed, _: Killed) -> None:
    os.truncate(killed.log, killed.log.stat().st_size // 2)


def empty_log(killed: Killed, _: Killed) -> None:
    os.truncate(killed.log, 0)


def damage_log(killed: Killed, _: Killed) -> None:
    overwrite(killed.log, killed.log.stat().st_size // 2, b"\xff" * 64)


def log_of_another(killed: Killed, other: Killed) -> None:
    shutil.copy(other.log, killed.log)
    killed.path.with_name(f"{killed.path.name}-shm").unlink()


def another_database(killed: Killed, other: Killed) -> None:
    shutil.copy(other.path, killed.path)
    shutil.copy(other.log, killed.log)
    killed.path.with_name(f"{killed.path.name}-shm").unlink()


def an_empty_database(killed: Killed, _: Killed) -> None:
    for path in (killed.path, killed.log, killed.path.with_name(f"{killed.path.name}-shm")):
        path.unlink()
    with contextlib.closing(sqlite3.connect(killed.path, isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE something (x)")


def spoil_record(killed: Killed, _: Killed) -> None:
    records.path_of(killed.path).write_text("{")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_main, "is damaged"),
        (zero_main, "its beginning was overwritten"),
        (zero_the_beginning, "its beginning was overwritten"),
        (zero_the_middle, "is damaged"),
        (older_main_without_log, "has lost commits"),
        (remove_main, "is missing, but .*x.db-state shows that a database existed here"),
        (empty_main, "is empty, but .*x.db-state shows that a database existed here"),
        (empty_main_without_record, "is empty, but .*x.db-wal shows that a database existed here"),
        (remove_log, "x.db-wal is missing"),
        (remove_log_and_shm, "has lost commits"),
        (cut_log, "has lost commits"),
        (empty_log, "has lost commits"),
        (damage_log, "has lost commits"),
        (log_of_another, "another database|is damaged"),
        (another_database, "is not the database that was last used here"),
        (an_empty_database, "is not the database that was last used here"),
        (spoil_record, "x.db-state cannot be read"),
    ],
)
async def test_what_is_not_as_it_was_committed_is_said_and_left_as_it_is(
    killed: Killed,
    killed_once: tuple[Killed, Killed],
    statements: Statements,
    damage: Callable[[Killed, Killed], None],
    said: str,
) -> None:
    """An owner and a command are both told; the files are those of before, and the error says what to do."""
    damage(killed, killed_once[1])
    before = {path.name: path.read_bytes() for path in files_of(killed)}
    with pytest.raises(Damaged, match=said) as raised:
        await open_store(f"sqlite:///{killed.path}", statements, clock=SystemClock(), migrate=True)
    assert "onesixty restore" in str(raised.value)
    assert {path.name: path.read_bytes() for path in files_of(killed)} == before
    if said != "is damaged":  # what only reading the whole file shows is for the owner
        with pytest.raises(Damaged):
            look(f"sqlite:///{killed.path}")


def files_of(killed: Killed) -> list[Path]:
    """All that a database is made of; SQLite makes the index of its log, and an empty log, as it likes."""
    files = (p for p in killed.path.parent.iterdir() if p.suffix not in (".db-shm", ".db-owner"))
    return sorted(p for p in files if p.suffix != ".db-wal" or p.stat().st_size)


async def test_a_node_of_two_processes_is_told_too(killed: Killed, statements: Statements) -> None:
    remove_main(killed, killed)
    with pytest.raises(Damaged, match="is missing"):
        await spawn_store(f"sqlite:///{killed.path}", statements, migrate=True)
    assert not killed.path.exists()


async def test_after_a_kill_everything_is_there(killed: Killed, opened: OpenStore) -> None:
    """Nothing is damaged, and nothing is complained about; a stale index of the log neither."""
    shm = killed.path.with_name(f"{killed.path.name}-shm")
    shm.write_bytes(b"\x07" * shm.stat().st_size)
    store = await opened(f"sqlite:///{killed.path}")
    assert len(await contents(store)) == 300
    await store.close()
    known = records.read(killed.path)
    assert known is not None
    assert known.clean
    assert known.committed >= 300


async def test_a_log_that_another_program_put_into_the_file_is_no_loss(
    killed: Killed, opened: OpenStore
) -> None:
    """Somebody looked into the database with another program after the kill; SQLite closes in order."""
    with contextlib.closing(sqlite3.connect(killed.path)) as other:
        other.execute("SELECT COUNT(*) FROM meta").fetchone()
    assert not killed.log.exists()
    assert len(await contents(await opened(f"sqlite:///{killed.path}"))) == 300


async def test_a_clean_stop_leaves_nothing_to_check(
    tmp_path: Path, opened: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Path] = []
    monkeypatch.setattr(Check, "start", lambda self, _: checked.append(self._path))
    url = f"sqlite:///{tmp_path / 'x.db'}"
    for n in range(3):
        store = await opened(url)
        assert await store.commit([Unit((), writes=(("put", (f"k{n}", "")),))]) == [True]
        await store.close()
    assert checked == []
    known = records.read(tmp_path / "x.db")
    assert known is not None
    assert known.clean
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        found = inspection.marks(connection)
    assert (found.installation, found.committed) == (known.installation, known.committed)
    assert records.path_of(tmp_path / "x.db").stat().st_mode & 0o077 == 0


async def test_a_file_cut_after_a_clean_stop(killed: Killed, opened: OpenStore) -> None:
    """No check is due then; the size that the file names for itself is enough."""
    store = await opened(f"sqlite:///{killed.path}")
    await store.close()
    cut_main(killed, killed)
    with pytest.raises(Damaged, match="is damaged"):
        await opened(f"sqlite:///{killed.path}")


async def test_an_older_copy_after_a_clean_stop(tmp_path: Path, opened: OpenStore) -> None:
    path = tmp_path / "x.db"
    for n in range(2):
        store = await opened(f"sqlite:///{path}")
        assert await store.commit([Unit((), writes=(("put", (f"k{n}", "")),))]) == [True]
        await store.close()
        if n == 0:
            shutil.copy(path, tmp_path / "older")
    shutil.copy(tmp_path / "older", path)
    with pytest.raises(Damaged, match="has lost commits"):
        await opened(f"sqlite:///{path}")


async def test_a_database_of_before_there_were_records_is_checked_and_taken(
    killed: Killed, opened: OpenStore
) -> None:
    records.path_of(killed.path).unlink()
    assert len(await contents(await opened(f"sqlite:///{killed.path}"))) == 300


async def test_a_large_file_is_checked_beside_the_start(
    killed: Killed, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the check finds then ends the process; the next start waits for the check."""
    zero_the_middle(killed, killed)
    monkeypatch.setattr(inspection, "PATIENCE", 0.0)
    look_at, url = inspection.check, f"sqlite:///{killed.path}"
    monkeypatch.setattr(inspection, "check", lambda *args: (time.sleep(0.3), look_at(*args))[1])
    ended: list[str] = []
    store = await open_store(url, statements, clock=SystemClock(), fatal=ended.append)
    assert isinstance(store, SqliteStore)
    await wait_until_async(lambda: ended, 10, "the end of the process")
    assert "is damaged" in ended[0]
    await store.close()
    known = records.read(killed.path)
    assert known is not None
    assert not known.clean
    with pytest.raises(Damaged, match="is damaged"):
        await open_store(url, statements, clock=SystemClock())


async def test_a_stop_that_breaks_the_check_off_finds_no_damage(
    killed: Killed, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newer SQLites end a check that is broken off with an error, which is none of the file."""
    monkeypatch.setattr(inspection, "PATIENCE", 0.0)
    closing, broken_off = threading.Event(), threading.Event()

    def check(_connection: sqlite3.Connection, _pragma: str) -> list[str]:
        closing.wait(10)
        broken_off.set()
        raise sqlite3.OperationalError("interrupted")

    monkeypatch.setattr(inspection, "check", check)
    ended: list[str] = []
    store = await open_store(f"sqlite:///{killed.path}", statements, clock=SystemClock(), fatal=ended.append)
    await store.close()
    closing.set()
    await wait_until_async(lambda: not checks_run(), 10, "the end of the check")
    assert broken_off.is_set()
    await asyncio.sleep(0)  # what the thread left to the loop has its turn
    assert ended == []
    known = records.read(killed.path)
    assert known is not None
    assert (known.clean, known.damage) == (False, None), "the next start checks again"


def checks_run() -> bool:
    return any(thread.name == "store-check" for thread in threading.enumerate())


async def test_damage_stays_in_the_record_whatever_was_to_be_written_before(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
        kept = keeper.Keeper(path, SystemClock(), None)
        kept.begin(connection)
        held = threading.Event()
        kept._thread.submit(held.wait, 10)
        connection.execute("BEGIN")
        kept.mark(connection.cursor())
        connection.execute("COMMIT")
        kept.after_commit(lambda: None)  # its record waits in the thread
        kept._checked(["a page is wrong"], lambda _: None)
        held.set()
        kept.stop()
        kept._thread.shutdown()
    known = records.read(path)
    assert known is not None
    assert (known.damage, known.committed) == ("a page is wrong", 1)


async def test_marks_ride_with_groups_or_go_alone(
    tmp_path: Path, opened: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "INTERVAL", 0.2)
    monkeypatch.setattr(keeper, "GRACE", 0.1)
    path = tmp_path / "x.db"
    store = await opened(f"sqlite:///{path}")

    def recorded() -> int:
        known = records.read(path)
        return known.committed if known else 0

    def marked() -> int:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return inspection.marks(connection).committed

    assert await store.commit([Unit((), writes=(("put", ("a", "")),))]) == [True]
    assert marked() == 1, "the first group carries a mark"
    assert await store.commit([Unit((), writes=(("put", ("b", "")),))]) == [True]
    assert marked() == 1, "the next one does not"
    await wait_until_async(lambda: marked() == 2 == recorded(), 5, "a mark for what no group followed")


@contextlib.contextmanager
def as_nobody() -> Iterator[Path]:
    """A folder of the user nobody, as which the block runs."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o777)
        os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(0)
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("case", ["file", "folder"])
async def test_what_may_not_be_read_or_written_is_said(case: str, statements: Statements) -> None:
    with as_nobody() as folder:
        path = folder / "x.db"
        os.seteuid(0)
        store = await open_store(f"sqlite:///{path}", statements, clock=SystemClock(), migrate=True)
        await store.close()
        for each in folder.iterdir():
            if case == "folder":
                each.unlink()
            elif each != path:
                os.chown(each, 65534, 65534)
        if case == "folder":
            folder.chmod(0o555)
        os.seteuid(65534)
        with pytest.raises(Unavailable, match="must be readable and writable by the user") as raised:
            await open_store(f"sqlite:///{path}", statements, clock=SystemClock(), migrate=True)
        assert str(path) in str(raised.value)


async def test_a_disk_that_is_full_at_the_start_is_said(tmp_path: Path, statements: Statements) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    await (await open_store(url, statements, clock=SystemClock(), migrate=True)).close()
    (tmp_path / "x.db-state.new").symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"No space left on device.*free space on the disk"):
        await open_store(url, statements, clock=SystemClock())
