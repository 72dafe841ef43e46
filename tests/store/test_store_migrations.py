"""Migrations: one line of revisions that makes the same schema on both engines."""

import asyncio
import json
import re
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import msgspec
import pytest

from onesixty.core import event_body
from onesixty.core.clock import SystemClock
from onesixty.core.message import COLUMNS, Attempt, attempt_from_row
from onesixty.store import migrations
from onesixty.store.migrations import SchemaError
from onesixty.store.opening import open_store
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import Statements
from onesixty.store.urls import UrlError, is_postgresql, sqlite_path
from tests.support.databases import run_sql


class Table(NamedTuple):
    """A table as both engines can describe it."""

    columns: list[tuple[str, str, bool]]  # name, type, whether it may be NULL
    key: list[str]
    indexes: set[tuple[bool, str, str]]  # unique, columns, condition


IGNORED = {"alembic_version"}

#: What may be longer than a quarter of a page, which is all that SQLite keeps together WITHOUT ROWID.
LONG = {
    "audit_entries", "audit_values", "changed_messages", "delivery_attempts", "events", "idempotency", "messages",
    "receipts", "refusals", "verifications",
}  # fmt: skip


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
    match = re.search(r" ON [^(]*\((.*?)\)(?: WHERE (.*))?$", text, re.DOTALL)
    assert match, text
    columns, condition = (re.sub(r"::\w+|[()]", "", part or "") for part in match.groups())
    return columns, condition


async def describe(url: str) -> dict[str, Table]:
    if is_postgresql(url):
        return await describe_postgresql(url)
    connection = sqlite3.connect(sqlite_path(url))
    try:
        return describe_sqlite(connection)
    finally:
        connection.close()


def test_revisions_are_numbered_one_after_the_other() -> None:
    """Two revisions that were made side by side would share a number, or a revision before them."""
    files = sorted((Path(migrations.__path__[0]) / "versions").glob("*.py"))
    numbers = [f"{number:04}" for number in range(1, len(files) + 1)]
    assert [file.name[:4] for file in files] == numbers
    for file, number in zip(files, numbers, strict=True):
        text = file.read_text(encoding="utf-8")
        before = "None" if number == "0001" else f'"{int(number) - 1:04}"'
        assert re.findall(r"^(?:revision|down_revision) = .*", text, re.MULTILINE) == [
            f'revision = "{number}"',
            f"down_revision = {before}",
        ], file.name
    assert migrations.head() == numbers[-1]


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
    await run_sql(empty_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match="9999"):
        await open_store(empty_url, statements, clock=SystemClock())
    with pytest.raises(SchemaError, match="9999"):
        await migrations.migrate(empty_url)


async def test_a_migration_that_fails_leaves_nothing(empty_url: str) -> None:
    """An upgrade is one transaction: a table that is in the way stops it as a whole."""
    await run_sql(empty_url, "CREATE TABLE routes (id TEXT)")
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
        await run_sql(
            empty_url,
            "INSERT INTO events (id, account_id, message_id, type, sequence, test, data, created_at) VALUES "
            f"('{event['id']}', 'acc_1', {message_id}, '{event['type']}', {event['sequence']}, 0, '{body}', "
            "1700000000000)",
        )
    await run_sql(empty_url, _FILLED_MESSAGE)
    await migrations.migrate(empty_url)
    rows = await _rows(
        empty_url, "SELECT id, type, created_at, sequence, message_id, data, state FROM events ORDER BY id"
    )
    first, second = (msgspec.json.decode(event_body.told(*row)) for row in rows)
    assert first["data"] == event_body.USUAL | data
    assert {**first, "data": data} == whole
    assert second == other
    assert [row[6] for row in rows] == [None, None]  # 0022: what was written before keeps its body
    assert await _rows(empty_url, "SELECT id, text FROM messages") == [("msg_1", "")]
    owed = await _rows(empty_url, "SELECT value FROM meta WHERE key = 'redactions'")
    assert owed == ([] if is_postgresql(empty_url) else [("1",)])


@pytest.mark.parametrize("revision", ["0005", "0009", "0014"])
async def test_what_waited_in_four_tables_waits_in_one(empty_url: str, revision: str) -> None:
    """0015 to 0018 make one table of deliveries, what waits for binds, mails and running jobs: nothing is lost."""
    await migrations.migrate(empty_url, revision)
    for text in _FILLED_WORK:
        await run_sql(empty_url, text)
    await migrations.migrate(empty_url)
    rows = await _rows(
        empty_url,
        "SELECT id, sink, subject, account_id, lane, kind, target, body, addresses FROM work ORDER BY id",
    )
    (mail, sent_mail, refused_mail) = (msgspec.json.encode([name, "text"]).decode() for name in "mno")
    assert [(*row[:7], (row[7] or "").replace(" ", ""), row[8]) for row in rows] == [
        ("dlv_01", "webhook", "evt_1", "acc_1", "whk_1", None, None, "", None),
        ("dlv_02", "webhook", "evt_1", "acc_1", "acc_1 https://x", None, "https://x/y", "", None),
        ("dlv_03", "webhook", "evt_2", "acc_1", "whk_1", None, None, "", None),
        ("dlv_11", "bind", "msg_1", "acc_1", "smpp_1", "receipt", None, "[1]", "[2]"),
        ("dlv_12", "bind", "msg_2", "acc_1", "acc_1 live", "inbound", None, "", None),
        ("dlv_21", "mail", "", "", "mails", None, "noc@example.com", mail, None),
        ("dlv_22", "mail", "", "", "mails", None, "noc@example.com", sent_mail, None),
        ("dlv_23", "mail", "", "", "mails", None, "noc@example.com", refused_mail, None),
        ("dlv_31", "job", "job_31", "", "job_31", None, None, "", None),
    ]
    states = await _rows(
        empty_url,
        "SELECT id, status, tries, claim, due_at, created_at, expires_at, done_at, code, error FROM work ORDER BY id",
    )
    day, three, ever = 86_400_000, 3 * 86_400_000, 1 << 60
    assert states == [
        ("dlv_01", "pending", 2, 7, 50, 5, 5 + three, None, 500, "status 500"),
        ("dlv_02", "pending", 0, 0, 5, 5, 5 + three, None, None, None),
        ("dlv_03", "delivered", 1, 0, None, 5, 5 + three, 9, 200, None),
        ("dlv_11", "pending", 1, 7, 40, 5, 5 + three, None, None, "no answer"),
        ("dlv_12", "failed", 3, 0, None, 5, 5 + three, 8, None, "ESME_RX_P_APPN"),
        ("dlv_21", "pending", 1, 0, 60, 5, 5 + day, None, None, None),
        ("dlv_22", "delivered", 1, 0, None, 5, 5 + day, 5, None, None),
        ("dlv_23", "failed", 1, 0, None, 5, 5 + day, 5, None, "550 no"),
        ("dlv_31", "pending", 0, 0, 5, 5, 5 + ever, None, None, None),
    ]
    assert {"deliveries", "bind_deliveries", "alert_mails"}.isdisjoint(await _tables(empty_url))


#: What waits and what ended of each kind of work, before there was one table for it.
_FILLED_WORK = (
    "INSERT INTO deliveries (id, event_id, account_id, lane, endpoint_id, url, status, tries, claim, due_at, "
    "created_at, expires_at, done_at, response_status, error) VALUES "
    "('dlv_01', 'evt_1', 'acc_1', 'whk_1', 'whk_1', NULL, 'pending', 2, 7, 50, 5, 259200005, NULL, 500, "
    "'status 500'), "
    "('dlv_02', 'evt_1', 'acc_1', 'acc_1 https://x', NULL, 'https://x/y', 'pending', 0, 0, 5, 5, 259200005, NULL, "
    "NULL, NULL), "
    "('dlv_03', 'evt_2', 'acc_1', 'whk_1', 'whk_1', NULL, 'delivered', 1, 0, NULL, 5, 259200005, 9, 200, NULL)",
    "INSERT INTO bind_deliveries (id, lane, account_id, message_id, kind, body, addresses, tries, claim, due_at, "
    "created_at, done_at, error) VALUES "
    "('bdl_11', 'smpp_1', 'acc_1', 'msg_1', 'receipt', '[1]', '[2]', 1, 7, 40, 5, NULL, 'no answer'), "
    "('bdl_12', 'acc_1 live', 'acc_1', 'msg_2', 'inbound', '', NULL, 3, 0, NULL, 5, 8, 'ESME_RX_P_APPN')",
    "INSERT INTO alert_mails (id, recipient, subject, body, tries, due_at, created_at, expires_at, error) VALUES "
    "('mail_21', 'noc@example.com', 'm', 'text', 1, 60, 5, 86400005, NULL), "
    "('mail_22', 'noc@example.com', 'n', 'text', 1, NULL, 5, 86400005, NULL), "
    "('mail_23', 'noc@example.com', 'o', 'text', 1, NULL, 5, 86400005, '550 no')",
    "INSERT INTO jobs (id, kind, status, filter, target, progress, made_by, version, created_at, done_at) VALUES "
    "('job_31', 'cancel', 'running', '{}', NULL, '{}', 'key_1', 1, 5, NULL), "
    "('job_32', 'cancel', 'done', '{}', NULL, '{}', 'key_1', 2, 5, 9)",
)


@pytest.mark.parametrize(("said", "operator"), [("acc_2", "acc_2"), (None, "acc_1"), ("acc_gone", "acc_1")])
async def test_the_account_of_the_first_start_becomes_the_operators(
    empty_url: str, said: str | None, operator: str
) -> None:
    """0019: the one that the first start made, else the oldest; and never a second one."""
    await migrations.migrate(empty_url, "0012")
    insert = "INSERT INTO accounts (id, name, currency, price_per_segment, settings, created_at"
    for id_ in ("acc_1", "acc_2", "acc_3"):
        await run_sql(empty_url, f"{insert}) VALUES ('{id_}', 'x', 'EUR', 0, '{{}}', 0)")
    if said is not None:
        await run_sql(empty_url, f"INSERT INTO meta (key, value) VALUES ('first_account', '{said}')")
    await migrations.migrate(empty_url)
    assert await _rows(empty_url, "SELECT id FROM accounts WHERE operator = 1") == [(operator,)]
    assert await _rows(empty_url, "SELECT value FROM meta WHERE key = 'first_account'") == []
    with pytest.raises((sqlite3.IntegrityError, asyncpg.UniqueViolationError)):
        await run_sql(empty_url, f"{insert}, operator) VALUES ('acc_4', 'x', 'EUR', 0, '{{}}', 0, 1)")


async def test_the_ledger_before_credit_belongs_to_no_slice(empty_url: str) -> None:
    """0021: rows of before keep their amounts, and no account has a limit."""
    await migrations.migrate(empty_url, "0020")
    await run_sql(
        empty_url,
        "INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at) "
        "VALUES ('msg_1', 'hold', 'acc_1', 7500, 0, 'EUR', 5)",
    )
    await migrations.migrate(empty_url)
    assert await _rows(empty_url, "SELECT message_id, held, slice FROM ledger") == [("msg_1", 7500, None)]
    assert {"credit", "credit_slices", "adjustments"} <= set(await _tables(empty_url))
    assert await _rows(empty_url, "SELECT account_id FROM credit") == []


async def test_what_was_held_before_says_for_what(empty_url: str) -> None:
    """0023: until then, messages were held only because it was not known whether a carrier had them."""
    await migrations.migrate(empty_url, "0022")
    for number, status in enumerate(("held", "queued", "unconfirmed")):
        row = _FILLED_MESSAGE.replace("msg_1", f"msg_{number}").replace("delivered", status)
        await run_sql(empty_url, row)
    await migrations.migrate(empty_url)
    found = await _rows(empty_url, "SELECT status, held_for, not_before, notices FROM messages ORDER BY id")
    assert found == [
        ("held", "outcome_unknown", None, None), ("queued", None, None, None), ("unconfirmed", None, None, None)
    ]  # fmt: skip


async def test_a_key_with_every_scope_keeps_every_scope(empty_url: str) -> None:
    """0024: the new scopes go to keys that had all former ones, and to no other."""
    await migrations.migrate(empty_url, "0023")
    tenant = ["messages:send", "messages:read", "webhooks", "keys", "smpp", "account:read", "sandbox"]
    every = [*tenant, "carriers", "routes", "alerts", "numbers", "desk", "accounts"]
    for id_, scopes in (("key_1", every), ("key_2", every[:-1]), ("key_3", tenant)):
        await run_sql(
            empty_url,
            "INSERT INTO keys (id, account_id, name, hash, hint, test, scopes, created_at, version) VALUES "
            f"('{id_}', 'acc_1', 'k', '{id_}', 'h', 0, '{json.dumps(scopes)}', 0, 1)",
        )
    await migrations.migrate(empty_url)
    found = {id_: json.loads(text) for id_, text in await _rows(empty_url, "SELECT id, scopes FROM keys")}
    assert found["key_1"][: len(every)] == every
    assert set(found["key_1"]) - set(every) == {
        *(
            "reports:read",
            "audit:read",
            "users",
            "subaccounts",
            "subaccounts:enter",
            "profile",
            "installation",
            "templates",
            "templates:approve",
            "verify",
            "verify:read",
            "verify:manage",
        )
    }
    assert (found["key_2"], found["key_3"]) == (every[:-1], tenant)


async def test_accounts_of_before_are_the_operators_customers(empty_url: str) -> None:
    """0026: the state was a setting, and there was no tree."""
    await migrations.migrate(empty_url, "0025")
    settings = (
        ("acc_0", 1, {}),
        ("acc_1", 0, {"requests_per_second": 5, "suspended": True, "credit_limit": 7}),
        ("acc_2", 0, {"suspended": True}),
        ("acc_3", 0, {"suspended": True, "may_use_otp": False}),
        ("acc_4", 0, {"credit_limit": 7}),
    )
    for id_, operator, said in settings:
        await run_sql(
            empty_url,
            "INSERT INTO accounts (id, name, currency, price_per_segment, settings, created_at, operator) VALUES "
            f"('{id_}', 'x', 'EUR', 0, '{json.dumps(said, separators=(',', ':'))}', 0, {operator})",
        )
    await migrations.migrate(empty_url)
    found = await _rows(
        empty_url, "SELECT id, parent_id, state, time_zone, settings FROM accounts ORDER BY id"
    )
    assert [row[:4] for row in found] == [
        ("acc_0", None, "active", "UTC"),
        ("acc_1", "acc_0", "suspended", "UTC"),
        ("acc_2", "acc_0", "suspended", "UTC"),
        ("acc_3", "acc_0", "suspended", "UTC"),
        ("acc_4", "acc_0", "active", "UTC"),
    ]
    assert [json.loads(row[4]) for row in found] == [
        {}, {"requests_per_second": 5, "credit_limit": 7}, {}, {"may_use_otp": False}, {"credit_limit": 7}
    ]  # fmt: skip


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


async def test_attempts_of_older_versions_had_the_messages_sender_and_no_known_cost(empty_url: str) -> None:
    await migrations.migrate(empty_url, "0019")
    await run_sql(
        empty_url,
        "INSERT INTO attempts (message_id, attempt, segment, segments, account_id, carrier_id, outcome, "
        "submitted_at, answered_at) VALUES ('msg_1', 1, 0, 1, 'acc_1', 'car_1', 'accepted', 5, 6)",
    )
    await run_sql(
        empty_url,
        "INSERT INTO carriers (id, name, type, settings, enabled, version, created_at) VALUES "
        "('car_1', 'acme', 'simulator', '{}', 1, 1, 5)",
    )
    await migrations.migrate(empty_url)
    (row,) = await _rows(empty_url, "SELECT * FROM attempts")
    attempt = attempt_from_row(row)
    assert (attempt.outcome, attempt.sender, attempt.cost, attempt.currency) == ("accepted", None, None, None)
    assert await _rows(empty_url, "SELECT cost_per_segment, currency FROM carriers") == [(0, "EUR")]


async def test_accounts_of_before_count_as_verified(empty_url: str) -> None:
    """0038: whoever sends when verification comes may go on."""
    await migrations.migrate(empty_url, "0037")
    for id_, operator in (("acc_0", 1), ("acc_1", 0)):
        await run_sql(
            empty_url,
            "INSERT INTO accounts (id, name, currency, price_per_segment, settings, created_at, operator) VALUES "
            f"('{id_}', 'x', 'EUR', 0, '{{}}', 0, {operator})",
        )
    await migrations.migrate(empty_url)
    found = await _rows(
        empty_url, "SELECT account_id, state, decided_at, documents FROM profiles ORDER BY account_id"
    )
    assert found == [("acc_0", "verified", None, 0), ("acc_1", "verified", None, 0)]


async def test_a_subject_that_had_an_open_verification_still_has_one(empty_url: str) -> None:
    """0057: what is open is found by its subject; an ended one of the same subject stays beside it."""
    await migrations.migrate(empty_url, "0056")
    rows = [("ver_1", "approved", "s"), ("ver_2", "pending", "s"), ("ver_3", "held", "t")]
    for id_, status, subject in rows:
        open_key = id_ if status == "approved" else subject
        await run_sql(empty_url, _verification(id_, status, subject, open_key=f"'{open_key}'"))
    await migrations.migrate(empty_url)
    assert await _rows(empty_url, "SELECT id, status, subject FROM verifications ORDER BY id") == rows
    await run_sql(empty_url, _verification("ver_4", "approved", "s"))
    for id_, subject in (("ver_5", "s"), ("ver_6", "t")):
        with pytest.raises((sqlite3.IntegrityError, asyncpg.UniqueViolationError)):
            await run_sql(empty_url, _verification(id_, "pending", subject))


async def test_batches_that_wait_say_when_they_go(empty_url: str) -> None:
    """0058: the first time of what waits. What a batch without waiting messages was asked for is not looked up."""
    await migrations.migrate(empty_url, "0057")
    for id_ in ("bat_1", "bat_2"):
        await run_sql(
            empty_url,
            "INSERT INTO batches (id, account_id, test, size, accepted, refused, created_at) VALUES "
            f"('{id_}', 'acc_1', 0, 3, 3, 0, 0)",
        )
    for id_, batch, status, at in (
        ("msg_1", "'bat_1'", "scheduled", 30),
        ("msg_2", "'bat_1'", "scheduled", 20),
        ("msg_3", "'bat_1'", "delivered", 10),
        ("msg_4", "'bat_2'", "delivered", 10),
        ("msg_5", "NULL", "scheduled", 5),
    ):
        message = _FILLED_MESSAGE.replace("(id,", "(batch_id, scheduled_at, id,").replace("delivered", status)
        await run_sql(empty_url, message.replace("'msg_1'", f"{batch}, {at}, '{id_}'"))
    await migrations.migrate(empty_url)
    found = await _rows(empty_url, "SELECT id, scheduled_at FROM batches ORDER BY id")
    assert found == [("bat_1", 20), ("bat_2", None)]


def _verification(id_: str, status: str, subject: str, **more: str) -> str:
    """The statement that writes a verification."""
    values = {
        "id": f"'{id_}'", "status": f"'{status}'", "subject": f"'{subject}'", "account_id": "'acc_1'",
        "profile_id": "'vpr_1'", "recipient": "'+1'", "channel": "'sms'", "seed": "'00'", "key_id": "''",
        "alphabet": "'digits'", "plan": "'[]'", "steps": "'[]'",
    } | dict.fromkeys(
        ("test", "fixed", "length", "generation", "before_until", "place", "no_report_s", "life_ms", "max_checks",
         "max_sends", "checks", "sends", "began_at", "expires_at", "ends_at", "next_send_at", "counted",
         "approved_by", "version", "created_at"),
        "0",
    ) | more  # fmt: skip
    return f"INSERT INTO verifications ({', '.join(values)}) VALUES ({', '.join(values.values())})"
