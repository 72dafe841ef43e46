"""onesixty as a measured gateway, on its own PostgreSQL server, with one node or several."""

import os
from pathlib import Path

import asyncpg

from benchmarks.disk import Disk, PostgresqlDisk
from benchmarks.filling import FillingError, fill_postgresql
from benchmarks.gateways.contract import GatewayError
from benchmarks.gateways.onesixty import OnesixtyGateway
from benchmarks.processes import Part
from tests.support.postgres import PostgresProcess, find_binaries

#: Settings for a server under load; the defaults of the tests are smaller.
_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB"}


class OnesixtyPostgresqlGateway(OnesixtyGateway):
    """The server fsyncs too; its processes count as part of the gateway. It exists as long as its directory."""

    def __init__(self, *, profile: bool = False, nodes: int = 1) -> None:
        super().__init__(profile=profile)
        self.name = "onesixty-postgresql" if nodes == 1 else f"onesixty-postgresql-{nodes}"
        self.nodes = nodes
        #: By the directory of the gateway's start: the server, and the URL of its database.
        self._servers: dict[Path, tuple[PostgresProcess, str]] = {}

    @staticmethod
    def missing() -> str | None:
        return None if find_binaries() else "no PostgreSQL is installed"

    @property
    def database_url(self) -> str:
        """The URL of the database."""
        return self._servers[self._directory][1]

    def parts(self) -> list[Part]:
        server, _ = self._servers[self._directory]
        return [*super().parts(), Part("postgresql", server.pid)]

    def disk(self) -> Disk:
        return PostgresqlDisk(self._servers[self._directory][1])

    def fill(self, rows: int) -> None:
        server, url = self._servers[self._directory]
        server.start()
        try:
            fill_postgresql(url, rows)
        except (FillingError, asyncpg.PostgresError, OSError) as error:
            raise GatewayError(f"cannot fill the database: {error}") from None
        finally:
            server.stop()

    def stop(self) -> None:
        super().stop()
        if self._directory in self._servers:
            self._servers[self._directory][0].stop()

    def forget(self, directory: Path) -> None:
        if directory in self._servers:
            self._servers.pop(directory)[0].close()

    def _database(self, directory: Path) -> dict[str, str]:
        known = self._servers.get(directory)
        if known is not None:
            known[0].start()
            return {"ONESIXTY_DATABASE_URL": known[1]}
        binaries = find_binaries()
        assert binaries is not None
        server = PostgresProcess(binaries, durable=True, parent=_open_to_all(directory), settings=_SETTINGS)
        server.start()
        url = server.create_database()
        self._servers[directory] = server, url
        return {"ONESIXTY_DATABASE_URL": url}


def _open_to_all(directory: Path) -> Path | None:
    """Return the directory if a server without root's rights can reach it, else None."""
    places = (directory.resolve(), *directory.resolve().parents)
    return directory if os.geteuid() != 0 or all(place.stat().st_mode & 0o001 for place in places) else None
