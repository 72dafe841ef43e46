"""New databases with the schema in place: copies of one that is migrated once in a run of the suite.

A migration takes a second of processor time, and hundreds of tests want a new database. Those that test migrations,
and the first start, begin with an empty one instead.
"""

import fcntl
import functools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from onesixty.store import migrations
from onesixty.store.sqlite_connections import MemoryDatabase
from onesixty.store.statements import Statements, load
from tests.support.postgres import Postgres


@functools.cache
def statements(*packages: str) -> Statements:
    """The statements of these packages, read once."""
    return load(packages)


@functools.cache
def _memory_template() -> MemoryDatabase:
    memory = MemoryDatabase()
    migrations.migrate_connection(memory.connection)
    return memory


def memory_database() -> MemoryDatabase:
    """A new database in memory."""
    return MemoryDatabase(_memory_template())


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
