"""New databases with the schema in place: copies of one that is migrated once in a run of the suite.

A migration takes a second of processor time, and hundreds of tests want a new database. Those that test migrations,
and the first start, begin with an empty one instead.

A process of the product reads its statements once and compiles them once. The suite opens a store a thousand times in
a process, so it remembers both (`opened_once`): to compile all of them takes PostgreSQL and its driver more than half
a second of processor time, which is more than most tests take.
"""

from __future__ import annotations

import fcntl
import functools
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from onesixty.store import migrations, opening, postgresql
from onesixty.store import statements as loading
from onesixty.store.sqlite_connections import MemoryDatabase
from onesixty.store.statements import Statements, load
from onesixty.store.urls import is_postgresql, sqlite_path
from tests.support.postgres import Postgres

#: What a PostgreSQL's statements are compiled against: its tables and indexes with their columns.
_SCHEMA = """
    SELECT md5(string_agg(concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull), ','
                          ORDER BY c.relname, a.attnum))
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
"""


@functools.cache
def statements(*packages: str) -> Statements:
    """The statements of these packages, read once."""
    return load(packages)


def opened_once(patch: pytest.MonkeyPatch) -> None:
    """Let this process parse the same texts once, and compile the same statements once against the same schema."""
    parse, compile_all, check = loading.parse, opening.compile_statements, postgresql._check
    parsed: dict[tuple[tuple[str, str], ...], Statements] = {}
    compiled: set[tuple[Statements, object]] = set()

    def parse_once(files: Iterable[tuple[str, str]]) -> Statements:
        texts = tuple(files)
        if texts not in parsed:
            parsed[texts] = parse(texts)
        return parsed[texts]

    def compile_once(connection: sqlite3.Connection, statements: Statements) -> None:
        schema = tuple(connection.execute("SELECT sql FROM sqlite_master"))
        if (statements, schema) not in compiled:
            compile_all(connection, statements)
            compiled.add((statements, schema))

    async def check_once(
        pool: asyncpg.Pool[Any], revision: Callable[[str | None], None], statements: Statements
    ) -> None:
        async with pool.acquire() as connection:
            schema = await connection.fetchval(_SCHEMA)
        known = (statements, schema) in compiled
        await check(pool, revision, Statements(()) if known else statements)
        compiled.add((statements, schema))

    patch.setattr(loading, "parse", parse_once)
    patch.setattr(opening, "compile_statements", compile_once)
    patch.setattr(postgresql, "_check", check_once)


@functools.cache
def _memory_template() -> MemoryDatabase:
    memory = MemoryDatabase()
    migrations.migrate_connection(memory.connection)
    return memory


def memory_database() -> MemoryDatabase:
    """A new database in memory."""
    return MemoryDatabase(_memory_template())


async def run_sql(url: str, text: str) -> None:
    """Run a statement in a database of any engine, whatever its revision."""
    if is_postgresql(url):
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(text)
        finally:
            await connection.close()
        return
    opened = sqlite3.connect(sqlite_path(url), isolation_level=None)
    try:
        opened.execute(text)
    finally:
        opened.close()


async def leases_run_out(url: str) -> None:
    """Let the time go by until the leases of nodes that were killed have run out: another node of a cluster waits for
    that. On SQLite, a start ends them. No node may be running."""
    if is_postgresql(url):
        await run_sql(url, "UPDATE leases SET expires_at = 0 WHERE ended_at IS NULL")


class Databases:
    """Makes new databases. `run_directory` is common to all workers of the run."""

    def __init__(self, run_directory: Path, server: Callable[[], Postgres]) -> None:
        self._directory = run_directory
        self._server = server

    def sqlite(self, path: Path) -> str:
        """Make a database file; its URL."""
        template = self._directory / "template.db"
        self._once("sqlite", lambda: f"sqlite:///{template}")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template, path)
        path.chmod(0o600)
        return f"sqlite:///{path}"

    def postgresql(self) -> str:
        """Make a database on the server of the run; its URL."""
        template = self._once("postgresql", self._server().create_database)
        return self._server().create_database(template)

    def _once(self, engine: str, begin: Callable[[], str]) -> str:
        """The URL of the template, made by whichever worker wants it first; `begin` gives what to migrate."""
        note = self._directory / f"template.{engine}"
        with (self._directory / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not note.exists():
                url = begin()
                subprocess.run([sys.executable, "-m", "onesixty.store.migrations", url], check=True)
                note.write_text(url)
        return note.read_text()
