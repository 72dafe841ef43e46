"""Finds the revision of a database, and the newest revision, without alembic: only an upgrade needs alembic."""

from __future__ import annotations

import re
import sqlite3
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from onesixty.store import urls

if TYPE_CHECKING:
    import asyncpg

VERSION_TABLE: Final = "alembic_version"

_VERSIONS: Final = Path(__file__).parent / "versions"
_REVISION: Final = re.compile(r"^(?P<which>revision|down_revision) = \"(?P<id>[^\"]+)\"$", re.MULTILINE)


class SchemaError(Exception):
    """The database is not at the revision that this version of the product needs, or cannot get there."""


@cache
def head() -> str:
    """The newest revision that this version of the product knows."""
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in _VERSIONS.glob("*.py"):
        for line in _REVISION.finditer(path.read_text(encoding="utf-8")):
            found[line["which"]].add(line["id"])
    (newest,) = found["revision"] - found["down_revision"]
    return newest


async def current(url: str) -> str | None:
    """Return the revision of a database, or None if it is empty."""
    if urls.is_postgresql(url):
        from onesixty.store.pg_connections import connect_migration

        connection = await connect_migration(url)
        try:
            return await postgresql_current(connection)
        finally:
            await connection.close()
    path = urls.sqlite_path(url)
    if not path.exists():
        return None
    opened = sqlite3.connect(path, isolation_level=None)
    try:
        return current_of_connection(opened)
    finally:
        opened.close()


def current_of_connection(connection: sqlite3.Connection) -> str | None:
    """Return the revision of an open SQLite database, or None if it is empty."""
    known = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (VERSION_TABLE,)
    ).fetchone()
    row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone() if known else None
    return str(row[0]) if row else None


async def postgresql_current(connection: asyncpg.Connection[Any]) -> str | None:
    """Return the revision of a database over an open PostgreSQL connection, or None if it is empty."""
    if await connection.fetchval("SELECT to_regclass($1)", VERSION_TABLE) is None:
        return None
    revision: str | None = await connection.fetchval(f"SELECT version_num FROM {VERSION_TABLE}")
    return revision
