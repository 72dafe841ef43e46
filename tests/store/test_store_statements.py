"""The loader of statements: what it takes, what stops the start, and what each engine gets."""

from pathlib import Path
from textwrap import dedent

import pytest

from onesixty.core.clock import SystemClock
from onesixty.store import migrations
from onesixty.store.group import note
from onesixty.store.opening import open_store
from onesixty.store.pg_writer import rounds
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import Statement, StatementError, Statements, load, parse


def one(text: str) -> Statement:
    (statement,) = parse([("x.sql", dedent(text))])
    return statement


def test_a_statement_has_its_headers_and_forms() -> None:
    statement = one(
        """
        -- a comment before all statements
        -- name: change
        -- about: one line
        --   and another
        -- params: id text,
        --   version bigint, status text

        -- a comment that isn't a header
        UPDATE messages SET status = :status, version = :version + 1 -- it's a remark; with a :param
        WHERE id = :id AND version = :version AND channel <> ':no; param'
        """
    )
    assert statement.name == "change"
    assert statement.about == "one line and another"
    assert statement.params == (("id", "text"), ("version", "bigint"), ("status", "text"))
    assert statement.kind == "write"
    assert " ".join(statement.sqlite.split()) == (
        "UPDATE messages SET status = ?3, version = ?2 + 1 "
        "WHERE id = ?1 AND version = ?2 AND channel <> ':no; param'"
    )
    assert "status = $3::text, version = $2::bigint + 1" in statement.postgresql
    assert statement.batch is not None
    assert statement.batch.identity == (0, 1)
    assert " ".join(statement.batch.sql.split()) == (
        "UPDATE messages SET status = batch_.p_status, version = batch_.p_version + 1 "
        "FROM unnest($1::text[], $2::bigint[], $3::text[]) "
        "WITH ORDINALITY AS batch_(p_id, p_version, p_status, place_) "
        "WHERE id = batch_.p_id AND version = batch_.p_version AND channel <> ':no; param'"
    )
    assert statement.batch.guard.endswith("RETURNING batch_.place_")


def test_a_row_is_made_of_names() -> None:
    statement = one("-- name: x\n-- params: a text, b bigint\nINSERT INTO t (a, b) VALUES (:a, :b)")
    assert statement.row({"b": 2, "a": "1"}) == ("1", 2)


def test_reads_may_leave_types_to_the_database() -> None:
    statement = one(
        "-- name: x\nSELECT a FROM t WHERE b = :b AND c IN (:c...) AND d not in (:d...) AND e = :b"
    )
    assert statement.kind == "read"
    assert [name for name, _ in statement.params] == ["b", "c", "d"]
    assert statement.postgresql == "SELECT a FROM t WHERE b = $1 AND c = ANY($2) AND d <> ALL($3) AND e = $1"
    assert statement.sqlite.count("json_each") == 2
    assert "not IN (SELECT value FROM json_each(?3))" in statement.sqlite


def test_a_variant_stands_in_for_one_engine() -> None:
    statement = one(
        """
        -- name: x
        -- params: id text
        UPDATE t SET a = json(a) WHERE id = :id
        -- name: x @postgresql
        UPDATE t SET a = CAST(a AS jsonb)::text WHERE id = :id
        """
    )
    assert "json(a)" in statement.sqlite
    assert "CAST(a AS jsonb)::text" in statement.postgresql
    assert statement.batch is not None
    assert "CAST(a AS jsonb)::text" in statement.batch.sql


def test_a_fragment_stands_where_its_name_is() -> None:
    found = parse(
        [
            (
                "x.sql",
                dedent(
                    """
                    -- fragment: mine
                    -- about: whose they are
                    --   and which
                    a = :a -- a remark
                      AND b <> '{no_fragment}'

                    -- name: one
                    SELECT c FROM t WHERE {mine} AND c = :c
                    -- name: two
                    -- params: a text
                    DELETE FROM t WHERE d = 1 AND {mine}
                    """
                ),
            ),
            ("y.sql", "-- name: three\nSELECT 1 WHERE {mine}\n-- fragment: mine\n2 = 2"),
        ]
    )
    assert [statement.name for statement in found] == ["one", "two", "three"]
    assert [" ".join(statement.sqlite.split()) for statement in found] == [
        "SELECT c FROM t WHERE a = ?1 AND b <> '{no_fragment}' AND c = ?2",
        "DELETE FROM t WHERE d = 1 AND a = ?1 AND b <> '{no_fragment}'",
        "SELECT 1 WHERE 2 = 2",
    ]
    assert [name for name, _ in found["one"].params] == ["a", "c"]
    assert found["one"].about == ""


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("INSERT INTO t (a, b) VALUES (:a, lower(:b))", ()),
        ("INSERT INTO t (a, b) VALUES (:a, :b) ON CONFLICT DO NOTHING", None),
        ("INSERT INTO t (a, b) VALUES (:a, :b) ON CONFLICT (a) DO NOTHING", ()),
        ("INSERT INTO t (a, b) VALUES (:a, :b) ON CONFLICT (a) DO UPDATE SET b = excluded.b", (0,)),
        ("INSERT INTO t (a, b) VALUES ('x', :a || :b) ON CONFLICT (a) DO NOTHING", None),
        ("INSERT INTO t (a, b) SELECT :a, u.b FROM u WHERE u.id = :b", ()),
        ("UPDATE t SET a = :a WHERE t.b = :b", (1,)),
        ("UPDATE t SET a = :a WHERE b = :b OR c IS NULL", None),
        ("UPDATE t SET a = :a WHERE b < :b", None),
        ("UPDATE t SET a = :a WHERE c IS DISTINCT FROM d AND (b = :b)", None),
        ("UPDATE t SET a = u.a FROM u WHERE u.id = t.id AND t.a = :a AND t.b = :b", (0, 1)),
        ("DELETE FROM t WHERE a = :a AND b = :b", (0, 1)),
    ],
)
def test_which_rows_of_a_batch_may_run_together(text: str, identity: tuple[int, ...] | None) -> None:
    batch = one(f"-- name: x\n-- params: a text, b text\n{text}").batch
    assert batch is not None
    assert batch.identity == identity
    assert text.split(maxsplit=1)[0] in batch.guard


@pytest.mark.parametrize(
    "text",
    [
        "-- params: a text\nINSERT INTO t (a) VALUES (:a) RETURNING id",
        "INSERT INTO t (a) VALUES (:a)",
        "-- params: a text[]\nDELETE FROM t WHERE a IN (:a...)",
        "-- params: a text\nINSERT INTO t (a) VALUES (:a), (:a)",
        "-- params: a text\nINSERT INTO t (a) VALUES ('') ON CONFLICT (a) DO UPDATE SET b = :a",
        "-- params:\nDELETE FROM t WHERE a = 1",
        "-- params: a text\nWITH x AS (SELECT 1) INSERT INTO t (a) VALUES (:a)",
    ],
)
def test_some_writes_are_cold(text: str) -> None:
    statement = one(f"-- name: x\n{text}")
    assert statement.kind == "write"
    assert statement.batch is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("SELECT 1", "before the first"),
        ("-- about: x\n", "before the first"),
        ("-- name: Bad Name\nSELECT 1", "not a name"),
        ("-- name: x @oracle\nSELECT 1", "not a name"),
        ("-- name: x\n", "no text"),
        ("-- name: x\n-- just a comment\n", "no text"),
        ("-- name: x\nSELECT 1; SELECT 2", "more than one"),
        ("-- name: x\n-- params: a uuid\nSELECT :a", "not a param with a type"),
        ("-- name: x\n-- params: a text, a text\nSELECT :a", "twice"),
        ("-- name: x\n-- params: a text\nSELECT 1", "differ: a"),
        ("-- name: x\n-- params: a text\nSELECT :a, :b", "differ: b"),
        ("-- name: x\n-- params: a text[]\nSELECT :a", "differ: a"),
        ("-- name: x\n-- slow: very\nDELETE FROM t", "only a read"),
        ("-- name: x\n-- tells: webhooks\nSELECT 1", "only a write"),
        ("-- name: x\nVACUUM", "VACUUM is not"),
        ("-- name: x\nSELECT 1\n-- name: x\nSELECT 2", "already"),
        ("-- name: x @sqlite\nSELECT 1", "alone"),
        ("-- name: x\nSELECT 1\n-- name: x @sqlite\nDELETE FROM t", "reads on one"),
        ("-- name: x\nSELECT 1\n-- name: x @sqlite\n-- params: a text\nSELECT :a", "other params"),
        ("-- name: x\n-- params: a text\nINSERT INTO t (a, b) VALUES (:a)", "2 columns, but 1 values"),
        ("-- name: x\n-- params: a text\nINSERT INTO t (a) VALUES (:a", "not closed"),
        ("-- name: x\nSELECT {y}", r"x\.sql:1: x: unknown fragment 'y'"),
        ("-- name: x\nSELECT {a b}", "unknown fragment 'a b'"),
        ("-- fragment: y\n1\n-- name: x\nSELECT 1", r"x\.sql:1: no statement uses the fragment y"),
        (
            "-- fragment: y\n1\n-- fragment: y\n1\n-- name: x\nSELECT {y}",
            "fragment y is already defined in x.sql:1",
        ),
        ("-- fragment: y\n-- name: x\nSELECT {y}", "fragment y has no text"),
        ("-- fragment: y\n{z}\n-- fragment: z\n1\n-- name: x\nSELECT {y}", "or holds a fragment"),
        ("-- fragment: y\n-- params: a text\n:a\n-- name: x\nSELECT {y}", "fragment y has no `params`"),
        ("-- fragment: y @sqlite\n1\n-- name: x\nSELECT {y}", "not a name"),
    ],
)
def test_what_is_wrong_stops_the_start(text: str, complaint: str) -> None:
    with pytest.raises(StatementError, match=complaint):
        parse([("x.sql", text)])


def test_a_fragment_belongs_to_its_file() -> None:
    with pytest.raises(StatementError, match=r"b\.sql:1: x: unknown fragment 'y'"):
        parse([("a.sql", "-- fragment: y\n1\n-- name: z\nSELECT {y}"), ("b.sql", "-- name: x\nSELECT {y}")])


def test_a_name_stands_for_one_statement_in_all_files() -> None:
    with pytest.raises(StatementError, match=r"b\.sql:2: x is already defined in a\.sql:1"):
        parse([("a.sql", "-- name: x\nSELECT 1"), ("b.sql", "\n-- name: x\nSELECT 1")])


def test_files_are_found_in_their_packages() -> None:
    statements = load(["onesixty.store"])
    assert len(statements) == len(list(statements))
    with pytest.raises(StatementError, match="lease_dance"):
        statements["lease_dance"]
    with pytest.raises(StatementError, match=r"neither statements\.sql nor tables\.py"):
        load(["onesixty.smpp"])


@pytest.mark.parametrize(
    "text", ["SELECT no_such_column FROM meta", "SELECT FROM WHERE", "DELETE FROM no_such_table"]
)
async def test_what_the_database_refuses_stops_the_start(engine_url: str, text: str) -> None:
    statements = parse([("x.sql", f"-- name: odd\n{text}")])
    with pytest.raises(StatementError, match=r"x\.sql:1: odd"):
        await open_store(engine_url, statements, clock=SystemClock(), migrate=True)


@pytest.mark.parametrize("text", ["SELECT no_such_column FROM meta", "SELECT 'swallows"])
async def test_the_one_that_postgresql_refuses_is_named_among_many(postgres_url: str, text: str) -> None:
    """They are compiled several at a time."""
    many = [f"-- name: good_{number}\nSELECT {number}" for number in range(50)]
    files = [
        ("a.sql", "\n".join(many[:30])),
        ("x.sql", f"-- name: odd\n{text}"),
        ("b.sql", "\n".join(many[30:])),
    ]
    with pytest.raises(StatementError, match=r"x\.sql:1: odd"):
        await open_store(postgres_url, parse(files), clock=SystemClock(), migrate=True)
    store = await open_store(postgres_url, parse([("a.sql", many[0])]), clock=SystemClock())
    await store.close()


async def test_all_statements_of_the_product_compile_on_both_engines(engine_url: str) -> None:
    root = Path(__file__).parents[2] / "src"
    files = [(str(path.relative_to(root)), path.read_text()) for path in sorted(root.rglob("statements.sql"))]
    statements: Statements = parse(files)
    store = await open_store(engine_url, statements, clock=SystemClock(), migrate=True)
    await store.close()


#: Tables that grow with the traffic.
GROWING = ("messages", "attempts", "receipts", "events", "work", "ledger", "idempotency")


def test_nothing_but_the_audit_reads_a_growing_table_from_end_to_end() -> None:
    """What is far ahead must not slow down what is due; each read finds its rows by an index."""
    database = MemoryDatabase()
    migrations.migrate_connection(database.connection)
    root = Path(__file__).parents[2] / "src"
    wrong = []
    for statement in parse([(path.name, path.read_text()) for path in sorted(root.rglob("statements.sql"))]):
        if statement.name.startswith("audit_"):
            continue
        plan = database.connection.execute(
            f"EXPLAIN QUERY PLAN {statement.sqlite}", (None,) * len(statement.params)
        ).fetchall()
        for *_, step in plan:
            words = step.split()
            if words[0] == "SCAN" and words[1] in GROWING:
                wrong.append((statement.name, step))
    database.close()
    assert not wrong


def test_rows_are_parted_so_that_no_part_names_a_row_twice() -> None:
    rows = [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("b", 2), ("c", 1)]
    assert rounds(rows, (0,)) == [[0, 1, 5], [2, 4], [3]]
    assert rounds(rows, (0, 1)) == [[0, 1, 2, 3, 4, 5]]
    assert rounds(rows, ()) == [[0, 1, 2, 3, 4, 5]]
    assert rounds(rows, None) == [[0], [1], [2], [3], [4], [5]]


NOTING = """
-- name: made
-- params: id text, about text
-- notes: about in {list}
INSERT INTO things (id, about) VALUES (:id, :about)
"""


def test_what_a_transaction_changed_is_noted_once_and_by_list() -> None:
    found = parse([("things", NOTING.format(list="changed"))])
    assert found.noted == {"made": (1, 0)}
    writes = {"made": [("1", "msg_1"), ("2", "msg_1"), ("3", None)], "other": [("msg_2",)]}
    assert note(writes, found.noted, 7) == (7, '["msg_1"]', "[]")
    assert note({"made": [("3", None)]}, found.noted, 7) is None
    assert note({"other": [("msg_2",)]}, found.noted, 7) is None
    late = parse([("things", NOTING.format(list="attempted"))])
    assert note(writes, late.noted, 7) == (7, "[]", '["msg_1"]')


@pytest.mark.parametrize("what", ["about in nowhere", "other in changed", "about"])
def test_a_note_of_what_is_not_there_stops_the_start(what: str) -> None:
    with pytest.raises(StatementError, match="cannot note"):
        parse([("things", NOTING.replace("about in {list}", what))])
