"""SQLite when the machine fails: full disks, read-only files, failed fsyncs, kills."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onesixty.core.clock import SystemClock
from onesixty.store.contract import Store
from onesixty.store.errors import EXIT_IO_ERROR
from onesixty.store.opening import open_store
from onesixty.store.sqlite import MemoryDatabase, SqliteStore
from onesixty.store.sqlite_connections import SqliteReader
from onesixty.store.statements import Statements
from onesixty.store.units import StoreError, Unavailable, Unit
from tests.store.conftest import Counts, OpenStore, contents
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.slow


def unit(key: str, value: str = "") -> Unit:
    return Unit((key,), writes=(("put", (key, value)),))


def writer_of(store: Store) -> sqlite3.Connection:
    """The connection inside: how a test makes SQLite itself fail."""
    assert isinstance(store, SqliteStore)
    return store._connection


def fill_up(connection: sqlite3.Connection) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def make_room(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA max_page_count = 1000000")


def make_read_only(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")


def make_writable(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = OFF")


@pytest.mark.parametrize(
    ("break_it", "mend_it"),
    [(fill_up, make_room), (make_read_only, make_writable)],
    ids=["disk full", "read-only"],
)
async def test_the_environment_fails_and_comes_back(
    tmp_path: Path,
    opened: OpenStore,
    counts: Counts,
    break_it: Callable[[sqlite3.Connection], None],
    mend_it: Callable[[sqlite3.Connection], None],
) -> None:
    """The database goes away and comes back; everyone is told to try again, nothing is lost."""
    store = await opened(f"sqlite:///{tmp_path / 'x.db'}", observer=counts)
    heard: list[bool] = []
    store.on_health(heard.append)
    assert await store.commit([unit("before")]) == [True]
    break_it(writer_of(store))
    results = await store.commit([unit(f"k{n}", "x" * 2000) for n in range(300)])
    assert all(isinstance(result, Unavailable) and result.retryable for result in results)
    assert not store.healthy
    (refused,) = await store.commit([unit("meanwhile")])
    assert isinstance(refused, Unavailable)
    with pytest.raises(Unavailable):
        await store.execute("put_cold", key="cold", value="")
    assert await contents(store) == {"before": ""}, "reads go on, and nothing of the group was written"
    mend_it(writer_of(store))
    await wait_until_async(lambda: store.healthy, 10, "the store being healthy again")
    assert await store.commit([unit("after")]) == [True]
    assert heard == [False, True] == counts.healths
    assert counts.failures == {"unavailable": 301}


async def test_another_process_that_holds_the_lock_is_waited_out(tmp_path: Path, opened: OpenStore) -> None:
    path = tmp_path / "x.db"
    store = await opened(f"sqlite:///{path}")
    writer_of(store).execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    (result,) = await store.commit([unit("a")])
    assert isinstance(result, Unavailable)
    other.execute("ROLLBACK")
    other.close()
    await wait_until_async(lambda: store.healthy, 10, "the store being healthy again")
    assert await store.commit([unit("a")]) == [True]


class FailingCursor(sqlite3.Cursor):
    """A cursor whose COMMIT fails in the way that its connection was told."""

    def execute(self, sql: str, *args: Any) -> "FailingCursor":
        failure: sqlite3.OperationalError | None = getattr(self.connection, "failure", None)
        if sql == "COMMIT" and failure is not None:
            raise failure
        super().execute(sql, *args)
        return self


class FailingConnection(sqlite3.Connection):
    failure: sqlite3.OperationalError | None = None

    def cursor(self, *_: Any) -> Any:
        return super().cursor(FailingCursor)


async def test_an_fsync_error_ends_the_process_and_nobody_is_told(
    tmp_path: Path, statements: Statements
) -> None:
    path = tmp_path / "x.db"
    first = await open_store(f"sqlite:///{path}", statements, clock=SystemClock(), migrate=True)
    await first.close()
    connection = sqlite3.connect(path, isolation_level=None, factory=FailingConnection)
    said: list[str] = []
    store = SqliteStore(
        connection, SqliteReader(connection, statements), statements,
        clock=SystemClock(), release=connection.close, fatal=said.append,
    )  # fmt: skip
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode, failure.sqlite_errorname = sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"
    connection.failure = failure
    future = store.commit([unit("a")])
    await wait_until_async(lambda: said, 5, "the reason for the end")
    later = store.commit([unit("b")])
    for _ in range(5):
        await asyncio.sleep(0)
    assert not future.done()
    assert not later.done() or isinstance(later.result()[0], StoreError)
    assert said == ["the database could not be written to disk: SQLITE_IOERR_FSYNC"]
    await store.close()


PROGRAM = """
import asyncio, resource, sys
from onesixty.core.clock import SystemClock
from onesixty.store.opening import open_store
from onesixty.store.statements import parse
from onesixty.store.units import Unit

SQL = '''
-- name: put
-- params: key text, value text
INSERT INTO meta (key, value) VALUES (:key, :value)
'''

async def main():
    store = await open_store(sys.argv[1], parse([("x", SQL)]), clock=SystemClock(), migrate=True)
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    group = 0
    while True:
        keys = [f"{group}-{n}" for n in range(7)]
        results = await store.commit([Unit((key,), writes=(("put", (key, "x" * 500)),)) for key in keys])
        assert results == [True] * 7, results
        print(group, flush=True)
        group += 1

asyncio.run(main())
"""


def test_what_cannot_be_written_to_disk_ends_the_process(tmp_path: Path) -> None:
    """A real write error at COMMIT (the file may not grow): exit, with what was answered on disk."""
    path = tmp_path / "x.db"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, f"sqlite:///{path}", "600000"],
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert done.returncode == EXIT_IO_ERROR, done.stderr
    assert "could not be written to disk" in done.stderr
    _assert_kept(path, done.stdout.splitlines())


def test_a_kill_loses_nothing_that_was_answered(engine_url: str, tmp_path: Path) -> None:
    """Accepted means that it is on disk."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, engine_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    answered = [process.stdout.readline() for _ in range(30)]
    process.send_signal(signal.SIGKILL)
    answered += process.stdout.readlines()
    process.wait(10)
    complaint = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert len(answered) >= 30, complaint
    if engine_url.startswith("sqlite"):
        _assert_kept(tmp_path / "onesixty.db", answered)
    else:
        asyncio.run(_assert_kept_postgresql(engine_url, len([line for line in answered if line.strip()])))


def _assert_kept(path: Path, answered: list[str]) -> None:
    """Every group that was answered is there as a whole; at most one more is, as a whole too."""
    connection = sqlite3.connect(path)
    keys = [key for (key,) in connection.execute("SELECT key FROM meta WHERE key LIKE '%-%'")]
    connection.close()
    groups = len([line for line in answered if line.strip()])
    assert len(keys) % 7 == 0
    assert groups * 7 <= len(keys) <= groups * 7 + 7


async def _assert_kept_postgresql(url: str, groups: int) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    count = await connection.fetchval("SELECT count(*) FROM meta WHERE key LIKE '%-%'")
    await connection.close()
    assert groups * 7 <= count <= groups * 7 + 7


async def test_one_process_owns_the_writer(tmp_path: Path, opened: OpenStore, statements: Statements) -> None:
    """Two writers on one file would starve each other; a command may still write a row now and then."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    first = await opened(url)
    with pytest.raises(Unavailable, match="another process"):
        await open_store(url, statements, clock=SystemClock())
    command = await opened(url, own=False)
    assert await command.execute("put_cold", key="a", value="") == [("a", "")]
    await first.close()
    await opened(url)


async def test_others_cannot_read_the_file(tmp_path: Path, opened: OpenStore) -> None:
    store = await opened(f"sqlite:///{tmp_path / 'x.db'}")
    await store.commit([unit("a")])
    modes = _modes(tmp_path)
    assert len(modes) >= 3, "the database, its log, its lock"
    assert {mode & 0o077 for mode in modes} == {0}


def _modes(directory: Path) -> list[int]:
    return [file.stat().st_mode for file in directory.iterdir()]


async def test_memory_survives_a_crash(opened: OpenStore) -> None:
    """The simulation drops store and loop in the middle of a commit and opens what was committed."""
    database = MemoryDatabase()
    armed = False

    def fault(name: str) -> None:
        if armed and name == "store.before_commit":
            raise KeyError("crash")

    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    first = await opened("sqlite://", memory=database, fault=fault)
    assert await first.commit([unit("a")]) == [True]
    armed = True
    first.commit([unit("b")])
    await asyncio.sleep(0)
    second = await opened("sqlite://", memory=database)
    assert await contents(second) == {"a": ""}
    copied = MemoryDatabase(template=database)
    third = await opened("sqlite://", memory=copied)
    await third.commit([unit("c")])
    assert await contents(second) == {"a": ""}
    await third.close()
    copied.close()
    await first.close()
    await second.close()
    database.close()
