"""Databases that are filled beforehand, and what is written to them."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from benchmarks.disk import PostgresqlDisk, SqliteDisk
from benchmarks.filling import FillingError, Pattern, copies, fill_postgresql, fill_sqlite
from onesixty.core.ids import is_id
from onesixty.reports.audit import Terms, run_audit
from tests.support.message_path import Node

NewNode = Callable[..., Awaitable[Node]]

#: Changes one page a hundred times, and copies the log into the file whenever it has ten pages.
_WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA wal_autocheckpoint = 10")
connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)")
connection.execute("INSERT INTO t VALUES (1, 0)")
print("ready", flush=True)
sys.stdin.readline()
for number in range(1, 101):
    connection.execute("UPDATE t SET v = ?", (number,))
print("done", flush=True)
sys.stdin.readline()
"""


def file_of(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(urlsplit(url).path)


async def fill(url: str, rows: int) -> None:
    """In a thread, since it has a loop of its own."""
    if url.startswith("sqlite"):
        await asyncio.to_thread(fill_sqlite, file_of(url), rows)
    else:
        await asyncio.to_thread(fill_postgresql, url, rows)


async def test_a_filled_database_passes_the_audit(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    with pytest.raises(FillingError, match="no delivered message"):
        await fill(engine_url, 1)
    node.carrier.script = node.carrier.accept
    message = await node.send("Your code is 482931")
    await node.until_status(message, "sent")
    await node.receipts(("car_a-1", 2))
    await node.until_status(message, "delivered")
    await fill(engine_url, 4500)
    store: Any = node.store
    findings = await run_audit(store, Terms(now=node.clock.now_ms(), charge_on="sent"))
    assert [finding.name for finding in findings if finding.count] == []
    looked_at = {finding.name: finding.looked_at for finding in findings}
    assert (looked_at["status"], looked_at["receipts"], looked_at["amounts"]) == (4501, 4501, 9002)


def test_the_pages_of_a_log_are_counted_though_it_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "database.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("PRAGMA wal_autocheckpoint = 1")
    writer.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v)")
    for number in range(20):
        writer.execute("INSERT INTO t VALUES (?, ?)", (number, bytes(10)))
    writer.execute("PRAGMA wal_checkpoint(PASSIVE)")
    disk = SqliteDisk(path)
    disk.begin()
    for number in range(1, 51):  # each changes one page, in a transaction of its own
        writer.execute("UPDATE t SET v = ? WHERE id = 3", (bytes([number]) * 10,))
    written = disk.end()
    assert written == (0, 50 * (4096 + 24), 50)
    assert written.each(25) == {"kept_bytes": 0, "log_bytes": 2 * 4120, "log_pages": 2}
    disk.begin()
    writer.execute("INSERT INTO t VALUES (99, ?)", (bytes(100_000),))
    assert 90_000 < disk.end().kept_bytes < 120_000
    writer.close()


def test_another_process_cannot_start_the_log_anew_twice(tmp_path: Path) -> None:
    path = tmp_path / "database.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    with writer:
        assert writer.stdout.readline() == "ready\n"
        disk = SqliteDisk(path)
        disk.begin()
        writer.stdin.write("go\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "done\n"
        assert disk.end().log_pages == 100
        writer.stdin.close()


async def test_what_postgresql_logs_and_keeps_is_counted(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE TABLE t (v TEXT)")
    disk = PostgresqlDisk(postgres_url)
    await asyncio.to_thread(disk.begin)
    await connection.execute("INSERT INTO t SELECT md5(n::text) FROM generate_series(1, 10000) AS n")
    written = await asyncio.to_thread(disk.end)
    await connection.close()
    assert written.kept_bytes > 300_000
    assert written.log_bytes > 300_000
    assert "log_pages" not in written.each(10_000)


def test_copies_have_ids_of_their_own_in_order(tmp_path: Path) -> None:
    message = ("msg_01m8j45sx0e9yrnz4qxdfv2bnr", "+15559000004", "hello +15559000004")
    patterns = [
        Pattern("messages", ("id", "recipient", "text"), (message,)),
        Pattern("attempts", ("message_id", "match_id"), ((message[0], "ab12"),)),
    ]
    (_, messages), (_, attempts) = copies(patterns, range(1, 6000))
    ids = [row[0] for row in messages]
    assert ids == sorted(set(ids))
    assert all(is_id("msg", each) for each in ids)
    assert [row[0] for row in attempts] == ids
    assert len({row[1] for row in attempts}) == 5999
    assert messages[41][1:] == ("+15550000042", "hello +15550000042")
