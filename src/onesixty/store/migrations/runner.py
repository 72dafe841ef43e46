"""Runs the revisions from code, without an alembic.ini. See the rules of the package.

Import this module only if there is a revision to run: alembic and SQLAlchemy cost a node 30 MB.
"""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path
from typing import Any, Final

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from onesixty import __version__
from onesixty.store import urls
from onesixty.store.migrations.state import (
    SchemaError,
    current_of_connection,
    head,
    postgresql_current,
)
from onesixty.store.pg_connections import connect_migration
from onesixty.store.sqlite_connections import make_private

#: The key of PostgreSQL's advisory lock that an upgrade holds.
_LOCK: Final = 160_160_160

_STAMP: Final = (
    "INSERT INTO meta (key, value) VALUES ('product_version', '{version}') "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


async def migrate(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, forwards only. Does nothing if it is there already.

    Raises SchemaError if the database is at a revision that this version does not know.
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
        # freed pages must not keep text that is redacted later
        connection.execute("PRAGMA secure_delete = ON")
        migrate_connection(connection, revision)
    finally:
        connection.close()


def migrate_connection(connection: sqlite3.Connection, revision: str = "head") -> None:
    """Do the same for an open SQLite connection in autocommit mode."""
    if current_of_connection(connection) == (head() if revision == "head" else revision):
        return
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as wrapped:
        connection.execute("BEGIN IMMEDIATE")  # after SQLAlchemy's first queries, which end transactions
        _run(current_of_connection(connection), revision, connection=wrapped)
        connection.execute(_STAMP.format(version=__version__))
        wrapped.commit()  # without it, leaving the block rolls everything back


async def _migrate_postgresql(url: str, revision: str) -> None:
    connection = await connect_migration(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            script = io.StringIO()
            _run(
                await postgresql_current(connection),
                revision,
                dialect_name="postgresql",
                output_buffer=script,
            )
            script.write(_STAMP.format(version=__version__))
            await connection.execute(script.getvalue())
    finally:
        await connection.close()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))


def _run(start: str | None, revision: str, **options: Any) -> None:
    """Run the revisions after `start`, either on a connection or, as SQL, into a buffer. Raises SchemaError."""
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
            # the caller owns the transaction
            environment.configure(render_as_batch=True, transactional_ddl=False, **options)
            environment.run_migrations()
    except CommandError as error:
        raise SchemaError(
            f"the database at revision {start} cannot be brought to {revision}: {error}"
        ) from error
