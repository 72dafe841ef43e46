"""Migrations: one line of revisions that makes the same schema on both engines."""

import asyncio
import re
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import msgspec
import pytest

from onesixty.core import event_body
from onesixty.core.clock import SystemClock
from onesixty.core.message import COLUMNS, Attempt
from onesixty.store import migrations
from onesixty.store.migrations import SchemaError
from onesixty.store.opening import open_store
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import Statements
from onesixty.store.urls import UrlError, is_postgresql, sqlite_path


class Table(NamedTuple):
    """A table as both engines can describe it."""

    columns: list[tuple[str, str, bool]]  # name, type, whether it may be NULL
    key: list[str]
    indexes: set[tuple[bool, str, str]]  # unique, columns, condition


IGNORED = {"alembic_version"}

#: What may be longer than a quarter of a page, which is all that SQLite keeps together WITHOUT ROWID.
LONG = {"events", "idempotency", "messages", "receipts", "refusals"}


def describe_sqlite(connection: sqlite3.Connection) -> dict[str, Table]:
    tables = {}
    for name, text in connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    ).fetchall():
        if name in IGNORED:
            continue
        assert ("WITHOUT ROWID" in text) == (name not in LONG), name
        info = connection.execute(f"PRAGMA table_info({name})").fetchall()
        indexes = set()
        for _, index, unique, origin, _ in connection.execute(f"PRAGMA index_list({name})").fetchall():
            if origin == "pk":
                continue
            (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
            if sql is None:
                parts = connection.execute(f"PRAGMA index_info({index})").fetchall()
                indexes.add((True, ", ".join(part[2] for part in parts), ""))
            else:
                indexes.add((bool(unique), *columns_and_condition(sql)))
        tables[name] = Table(
            [(column, kind, not required) for _, column, kind, required, _, _ in info],
            [column for _, column, _, _, _, place in sorted(info, key=lambda row: row[5]) if place],
            indexes,
        )
    return tables


async def describe_postgresql(url: str) -> dict[str, Table]:
    connection = await asyncpg.connect(url)
    try:
        tables = {}
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in names:
            if name in IGNORED:
                continue
            columns = await connection.fetch(
                "SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS kind, a.attnotnull, c.collname "
                "FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation "
                "WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
                name,
            )
            assert all(row["collname"] == "C" for row in columns if row["kind"] == "text"), name
            indexes = await connection.fetch(
                "SELECT pg_get_indexdef(indexrelid) AS text, indisunique, indisprimary FROM pg_index "
                "WHERE indrelid = $1::text::regclass",
                name,
            )
            tables[name] = Table(
                [(row["attname"], row["kind"].upper(), not row["attnotnull"]) for row in columns],
                [
                    column
                    for row in indexes
                    if row["indisprimary"]
                    for column in columns_and_condition(row["text"])[0].split(", ")
                ],
                {
                    (row["indisunique"], *columns_and_condition(row["text"]))
                    for row in indexes
                    if not row["indisprimary"]
                },
            )
        return tables
    finally:
        await connection.close()


def columns_and_condition(text: str) -> tuple[str, str]:
    """What an index covers, without the ways in which the engines write the same."""
    match = re.search(r"\(([^()]*)\)(?: WHERE (.*))?$", text, re.DOTALL)
    assert match, text
    condition = re.sub(r"::\w+|[()]", "", match[2] or "")
    return match[1], condition


async def describe(url: str) -> dict[str, Table]:
    if is_postgresql(url):
        return await describe_postgresql(url)
    connection = sqlite3.connect(sqlite_path(url))
    try:
        return describe_sqlite(connection)
    finally:
        connection.close()


async def test_both_engines_have_the_same_schema(postgres_url: str) -> None:
    await migrations.migrate(postgres_url)
    on_postgresql = await describe_postgresql(postgres_url)
    database = MemoryDatabase()
    migrations.migrate_connection(database.connection)
    on_sqlite = describe_sqlite(database.connection)
    database.close()
    assert set(on_sqlite) == set(on_postgresql)
    for name, table in on_sqlite.items():
        assert table == on_postgresql[name], name


async def test_rows_have_the_fields_of_the_structs() -> None:
    database = MemoryDatabase()
    migrations.migrate_connection(database.connection)
    tables = describe_sqlite(database.connection)
    database.close()
    assert [name for name, _, _ in tables["messages"].columns] == list(COLUMNS)
    assert [name for name, _, _ in tables["attempts"].columns] == list(Attempt.__struct_fields__)
    for table in tables.values():
        assert {kind for _, kind, _ in table.columns} <= {"TEXT", "BIGINT"}


async def test_a_migration_happens_once(empty_url: str) -> None:
    assert await migrations.current(empty_url) is None
    await migrations.migrate(empty_url)
    assert await migrations.current(empty_url) == migrations.head()
    before = await describe(empty_url)
    await migrations.migrate(empty_url)
    assert await describe(empty_url) == before


async def test_nodes_that_migrate_together_do_it_once(empty_url: str) -> None:
    await asyncio.gather(*(migrations.migrate(empty_url) for _ in range(4)))
    assert await migrations.current(empty_url) == migrations.head()


async def test_a_store_wants_the_newest_revision(empty_url: str, statements: Statements) -> None:
    with pytest.raises(SchemaError, match="onesixty migrate"):
        await open_store(empty_url, statements, clock=SystemClock())
    assert await migrations.current(empty_url) is None, "looking must not change the database"


async def test_a_database_of_a_newer_version_is_left_alone(empty_url: str, statements: Statements) -> None:
    await migrations.migrate(empty_url)
    await _execute(empty_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match="9999"):
        await open_store(empty_url, statements, clock=SystemClock())
    with pytest.raises(SchemaError, match="9999"):
        await migrations.migrate(empty_url)


async def test_a_migration_that_fails_leaves_nothing(empty_url: str) -> None:
    """An upgrade is one transaction: a table that is in the way stops it as a whole."""
    await _execute(empty_url, "CREATE TABLE routes (id TEXT)")
    with pytest.raises(Exception, match="routes"):
        await migrations.migrate(empty_url)
    assert set(await _tables(empty_url)) == {"routes"}


@pytest.mark.parametrize("url", ["mysql://x:secret@y/z", "sqlite:/x", "sqlite:///", "x", ""])
def test_urls_that_name_no_database_are_refused(url: str) -> None:
    with pytest.raises(UrlError) as caught:
        assert is_postgresql(url) or sqlite_path(url)
    assert "secret" not in str(caught.value)


def test_urls_of_files() -> None:
    assert sqlite_path("sqlite:///a%20b/x.db") == Path("a b/x.db")
    assert sqlite_path("sqlite:////var/x.db") == Path("/var/x.db")


async def _execute(url: str, text: str) -> Any:
    if is_postgresql(url):
        connection = await asyncpg.connect(url)
        try:
            return await connection.execute(text)
        finally:
            await connection.close()
    opened = sqlite3.connect(sqlite_path(url), isolation_level=None)
    try:
        return opened.execute(text)
    finally:
        opened.close()


async def _tables(url: str) -> list[str]:
    if is_postgresql(url):
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        finally:
            await connection.close()
        return [row[0] for row in rows]
    opened = sqlite3.connect(sqlite_path(url))
    try:
        return [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    finally:
        opened.close()


async def test_events_of_the_revision_before_are_told_as_they_were(empty_url: str) -> None:
    """0009 takes out of an event what stands beside it; a file that was redacted before owes a wipe."""
    await migrations.migrate(empty_url, "0008")
    data = {
        "id": "msg_1",
        "status": "sent",
        "from": "Acme",
        "to": "+15551234567",
        "text": 'ä "\\" 💬',
        "tags": [],
    }
    whole = {
        "id": "evt_1", "type": "message.sent", "created_at": "2023-11-14T22:13:20.000Z", "sequence": 1,
        "data": data,
    }  # fmt: skip
    told = {"webhook_id": "whk_1", "url": "https://example.com/"}
    other = whole | {"id": "evt_2", "type": "webhook.test", "sequence": 0, "data": told}
    for message_id, event in (("'msg_1'", whole), ("NULL", other)):
        body = msgspec.json.encode(event).decode().replace("'", "''")
        await _execute(
            empty_url,
            "INSERT INTO events (id, account_id, message_id, type, sequence, test, data, created_at) VALUES "
            f"('{event['id']}', 'acc_1', {message_id}, '{event['type']}', {event['sequence']}, 0, '{body}', "
            "1700000000000)",
        )
    await _execute(empty_url, _FILLED_MESSAGE)
    await migrations.migrate(empty_url)
    rows = await _rows(
        empty_url, "SELECT id, type, created_at, sequence, message_id, data FROM events ORDER BY id"
    )
    first, second = (msgspec.json.decode(event_body.told(*row)) for row in rows)
    assert first["data"] == event_body.USUAL | data
    assert {**first, "data": data} == whole
    assert second == other
    assert await _rows(empty_url, "SELECT id, text FROM messages") == [("msg_1", "")]
    owed = await _rows(empty_url, "SELECT value FROM meta WHERE key = 'redactions'")
    assert owed == ([] if is_postgresql(empty_url) else [("1",)])


#: A redacted message, in the columns that must have a value.
_FILLED_MESSAGE = (
    "INSERT INTO messages (id, account_id, test, direction, channel, sender, recipient, text, encoding, segments, "
    "class_, priority, on_unknown, price, currency, created_at, expires_at, status, version, sequence, claim, "
    "attempts, duplicates, redacted_at) VALUES ('msg_1', 'acc_1', 0, 'outbound', 'sms', 'Acme', '', '', 'gsm7', 1, "
    "'otp', 0, 'resend', 0, 'EUR', 1, 1, 'delivered', 1, 1, 0, 1, 0, 5)"
)


async def _rows(url: str, text: str) -> list[tuple[Any, ...]]:
    if is_postgresql(url):
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(text)]
        finally:
            await connection.close()
    opened = sqlite3.connect(sqlite_path(url), isolation_level=None)
    try:
        return opened.execute(text).fetchall()
    finally:
        opened.close()
