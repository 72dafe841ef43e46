"""How PostgreSQL finds the rows of statements whose plans it made while the tables were empty, as at a first start.

A session keeps a plan until PostgreSQL has counted the rows again. In that time a table, or the part of it that a
partial index holds, may grow from nothing to a hundred thousand rows.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from onesixty.app.features import STATEMENTS
from onesixty.core.clock import SystemClock
from onesixty.store.opening import open_store
from onesixty.store.pg_connections import connect_writer, open_readers
from onesixty.store.statements import load

#: Tables that stay small, or are read as a whole.
SMALL = {
    "alerts", "credit", "invitations", "leases", "limit_counts", "secret_keys", "setup", "statistics_series",
}  # fmt: skip
#: Writes that are meant to read more than the rows of a key.
WHOLE = {
    "bind_delivery_redact": "the bind deliveries of a message: a redaction is rare",
    "ledger_insert": "looks at the credit of the accounts that have a limit",
    "retention_work_of": "the bind deliveries of a message that is removed",
    "saved_views_forget": "the views of people who left, once in a while",
    "smpp_parts_expire": "the sweep, over the parts that were joined",
    "statistics_open_clear": "a rebuild",
    "statistics_open_purge": "all that the partial index has",
    "verifications_forget": "the sweep, over those that ended",
    "work_ended_forget": "the sweep, over the work that ended",
}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan, and all below it."""
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def reads_all(node: dict[str, Any]) -> bool:
    """Whether a node reads a whole table or index that may grow."""
    if node.get("Relation Name") in SMALL:
        return False
    kind = str(node["Node Type"])
    return kind == "Seq Scan" or (
        kind.endswith(("Index Scan", "Index Only Scan")) and "Index Cond" not in node
    )


async def test_writes_find_their_rows_by_a_key_from_the_first_start_on(postgres_url: str) -> None:
    statements = load(STATEMENTS)
    store = await open_store(postgres_url, statements, clock=SystemClock(), migrate=True)
    await store.close()
    found = set()
    connection, _ = await connect_writer(postgres_url)
    try:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        for statement in statements:
            if statement.batch is None:
                continue
            text = statement.batch.guard or statement.batch.sql
            params = max(int(number) for number in re.findall(r"\$(\d+)", text))
            await connection.execute(f"PREPARE planned AS {text}")
            explained = await connection.fetchval(
                f"EXPLAIN (FORMAT JSON) EXECUTE planned({', '.join(['NULL'] * params)})"
            )
            await connection.execute("DEALLOCATE planned")
            found.update(
                (statement.name, node.get("Relation Name") or node.get("Index Name"))
                for node in nodes(json.loads(explained)[0]["Plan"])
                if reads_all(node)
            )
    finally:
        await connection.close()
    assert {name for name, _ in found} <= set(WHOLE), sorted(found)


@pytest.mark.parametrize("sessions", ["writer", "reader"])
async def test_no_session_compiles_its_plans(postgres_url: str, sessions: str) -> None:
    """To compile a plan takes PostgreSQL up to seconds. It does so by what it expects a plan to cost, and with
    `enable_seqscan` off that is far more than most plans cost."""
    if sessions == "writer":
        connection, _ = await connect_writer(postgres_url)
        shown = await connection.fetchval("SHOW jit")
        await connection.close()
    else:
        pool = await open_readers(postgres_url, 1)
        shown = await pool.fetchval("SHOW jit")
        await pool.close()
    assert shown == "off"
