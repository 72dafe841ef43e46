"""A PostgreSQL that follows another one, for tests of failovers: synchronous or not, stopped, promoted.

Made by `pg_basebackup` from a running primary, on a port of its own. Where the binaries lack that program, the test
is skipped and says so.
"""

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support.postgres import PostgresProcess, _in_a_loop_of_its_own
from tests.support.waiting import wait_until

#: The standby's name in the primary's `synchronous_standby_names`.
NAME = "standby"


class StandbyProcess(PostgresProcess):
    """A copy of `primary`, which follows it until it is promoted."""

    def __init__(self, binaries: Path, primary: PostgresProcess) -> None:
        super().__init__(binaries, durable=True)
        self._primary = primary

    def follow(self, *, synchronous: bool) -> None:
        """Start, and be waited for by every COMMIT of the primary, or by none."""
        self.start()
        names = NAME if synchronous else ""
        self._primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        self._primary.execute("SELECT pg_reload_conf()")
        state = "sync" if synchronous else "async"
        wait_until(lambda: self._state() == state, timeout=30, what=f"the standby following ({state})")

    def caught_up(self) -> None:
        """Wait until it has all that the primary has now."""
        behind = "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), flush_lsn) FROM pg_stat_replication"
        wait_until(lambda: self._ask(behind) == 0, timeout=30, what="the standby having all there is")

    def promote(self) -> None:
        """Become a primary that waits for nobody."""
        self.execute("SELECT pg_promote()")
        self.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        self.execute("SELECT pg_reload_conf()")

    def both(self, database: str) -> str:
        """The URL of a database of the primary's that names both servers."""
        split = urlsplit(database)
        return split._replace(netloc=f"{split.netloc},127.0.0.1:{self._port}").geturl()

    def here(self, database: str) -> str:
        """The URL of a database of the primary's on this server."""
        return urlsplit(self.url)._replace(path=urlsplit(database).path).geturl()

    def _state(self) -> Any:
        return self._ask("SELECT sync_state FROM pg_stat_replication")

    def _ask(self, query: str) -> Any:
        """What the primary says; it has one standby."""

        async def ask() -> Any:
            connection = await asyncpg.connect(self._primary.url, timeout=10)
            try:
                return await connection.fetchval(query)
            finally:
                await connection.close()

        return _in_a_loop_of_its_own(ask())

    def _initialise(self) -> None:
        program = self._binaries / "pg_basebackup"
        if not program.exists():
            pytest.skip(f"no standby: {program} is not there")
        source = f"host=127.0.0.1 port={urlsplit(self._primary.url).port} user={urlsplit(self.url).username}"
        done = subprocess.run(
            [program, "-D", self._data, "-R", "-X", "stream", "-c", "fast", "--no-sync",
             "-d", f"{source} application_name={NAME}"],
            cwd=self._directory, capture_output=True, text=True, timeout=60, check=False, **self._identity(),
        )  # fmt: skip
        if done.returncode != 0:
            pytest.skip(f"no standby: {done.stderr.strip()}")
