"""The schema, as one line of revisions, and the upgrade of a database to the newest one.

Rules kept here:
- revisions alone define the schema; both engines have the same tables, columns, keys and indexes;
- a revision is a file of SQL beside its Python file, for both engines (`sql`), and reads no rows in Python: on
  PostgreSQL it is rendered to one script, which the driver of the store runs;
- an upgrade is one transaction: it happens completely or not at all. If several processes start it together, one
  does it and the others find it done.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys

from onesixty.store.migrations.state import SchemaError, current, current_of_connection, head

__all__ = [
    "SchemaError",
    "current",
    "current_of_connection",
    "head",
    "migrate",
    "migrate_apart",
    "migrate_connection",
]


async def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, forwards only. Does nothing if it is there already.

    Raises SchemaError if the database is at a revision that this version does not know.
    """
    if await current(url) == _wanted(revision):  # else alembic and SQLAlchemy would stay in memory
        return
    from onesixty.store.migrations import runner

    await runner.migrate(url, revision)


async def migrate_apart(url: str) -> None:
    """Do the same for a SQLite file in a separate process, because alembic and SQLAlchemy would otherwise stay in
    memory.

    Raises SchemaError with the output of the process.
    """
    if await current(url) == head():
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, url, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode:
        raise SchemaError(said.decode(errors="replace").strip() or "the migration failed")


def migrate_connection(connection: sqlite3.Connection, revision: str = "head") -> None:
    """Do the same for an open SQLite connection in autocommit mode."""
    if current_of_connection(connection) == _wanted(revision):
        return
    from onesixty.store.migrations import runner

    runner.migrate_connection(connection, revision)


def _wanted(revision: str) -> str:
    return head() if revision == "head" else revision
