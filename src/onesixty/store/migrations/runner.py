"""Runs the revisions, from code and without an alembic.ini. See the rules of the package."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path
from typing import Any, Final

import asyncpg
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from onesixty import __version__
from onesixty.store import urls
from onesixty.store.sqlite_connections import make_private

#: The key of PostgreSQL's advisory lock that an upgrade holds.
_LOCK: Final = 160_160_160

_VERSION_TABLE: Final = "alembic_version"
_STAMP: Final = (
    "INSERT INTO meta (key, value) VALUES ('product_version', '{version}') "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


class SchemaError(Exception):
    """The database is not at the revision that this version of the product needs, or cannot get there."""


def head() -> str:
    """The newest revision that this version of the product knows."""
    revision = _scripts().get_current_head()
    assert revision is not None, "there is at least one revision"
    return revision


async def current(url: str) -> str | None:
    """The revision of a database, or None where it is empty."""
    if urls.is_postgresql(url):
        connection = await asyncpg.connect(url)
        try:
            return await _postgresql_current(connection)
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
    """The revision of an open SQLite database, or None where it is empty."""
    known = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (_VERSION_TABLE,)
    ).fetchone()
    row = connection.execute(f"SELECT version_num FROM {_VERSION_TABLE}").fetchone() if known else None
    return str(row[0]) if row else None


async def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, forwards only. Nothing happens where it is there already.

    Raises SchemaError where the database is at a revision that this version does not know.
    """
    if urls.is_postgresql(url):
        await _migrate_postgresql(url, revision)
        return
    path = urls.sqlite_path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    make_private(path)
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        migrate_connection(connection, revision)
    finally:
        connection.close()


def migrate_connection(connection: sqlite3.Connection, revision: str = "head") -> None:
    """The same for an open SQLite connection in autocommit mode."""
    if current_of_connection(connection) == (head() if revision == "head" else revision):
        return
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as wrapped:
        connection.execute("BEGIN IMMEDIATE")  # after SQLAlchemy has looked around, which ends transactions
        _run(current_of_connection(connection), revision, connection=wrapped)
        connection.execute(_STAMP.format(version=__version__))
        wrapped.commit()  # without it, leaving the block rolls everything back


async def _migrate_postgresql(url: str, revision: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            script = io.StringIO()
            _run(
                await _postgresql_current(connection),
                revision,
                dialect_name="postgresql",
                output_buffer=script,
            )
            script.write(_STAMP.format(version=__version__))
            await connection.execute(script.getvalue())
    finally:
        await connection.close()


async def _postgresql_current(connection: asyncpg.Connection[Any]) -> str | None:
    if await connection.fetchval("SELECT to_regclass($1)", _VERSION_TABLE) is None:
        return None
    revision: str | None = await connection.fetchval(f"SELECT version_num FROM {_VERSION_TABLE}")
    return revision


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))


def _run(start: str | None, revision: str, **options: Any) -> None:
    """Run the revisions after `start`, on a connection or, as SQL, into a buffer. Raises SchemaError."""
    scripts = _scripts()
    as_sql = "output_buffer" in options
    environment = EnvironmentContext(
        Config(),
        scripts,
        fn=lambda before, _context: scripts._upgrade_revs(revision, before),
        destination_rev=revision,
        as_sql=as_sql,
        **({"starting_rev": start} if as_sql else {}),
    )
    try:
        with environment:
            # the transaction is the caller's
            environment.configure(render_as_batch=True, transactional_ddl=False, **options)
            environment.run_migrations()
    except CommandError as error:
        raise SchemaError(
            f"the database at revision {start} cannot be brought to {revision}: {error}"
        ) from error
