"""What the tests of the store share: a small set of statements on the real schema, and stores on each engine."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from onesixty.core.clock import SystemClock
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.remote import spawn_store
from onesixty.store.statements import Statements, load
from tests.support.databases import Databases
from tests.support.postgres import Postgres

#: Where the statements of these tests come from: `statements.sql` beside this file, and the store's own.
PACKAGES = ["tests.store", "onesixty.store"]

OpenStore = Callable[..., Awaitable[Store]]


class Counts:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.groups: list[tuple[int, dict[str, int]]] = []
        self.failures: dict[str, int] = {}
        self.healths: list[bool] = []

    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None:
        assert seconds >= 0
        self.groups.append((units, dict(rows)))

    def failed(self, units: int, error: str) -> None:
        self.failures[error] = self.failures.get(error, 0) + units

    def health(self, healthy: bool) -> None:
        self.healths.append(healthy)


@pytest.fixture(scope="session")
def statements() -> Statements:
    return load(PACKAGES)


@pytest.fixture
async def opened(statements: Statements) -> AsyncIterator[OpenStore]:
    """A function that opens stores; they are closed at the end of the test."""
    async with contextlib.AsyncExitStack() as ending:

        async def start(url: str, **options: Any) -> Store:
            store = await open_store(
                url,
                options.pop("statements", statements),
                clock=SystemClock(),
                **{"migrate": True, **options},
            )
            ending.push_async_callback(store.close)
            return store

        yield start


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def prepared_url(postgres_server: Postgres, databases: Databases) -> Iterator[str]:
    """The URL of a PostgreSQL database of this test's own that has the schema."""
    url = databases.postgresql()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql", "process"])
async def store(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    opened: OpenStore,
    counts: Counts,
    statements: Statements,
    databases: Databases,
) -> AsyncIterator[Store]:
    """A migrated, empty store: on each engine, and on SQLite with its writer in another process."""
    if request.param == "process":
        url = databases.sqlite(tmp_path / "process.db")
        remote = await spawn_store(url, statements, observer=counts, fatal=pytest.fail)
        yield remote
        await remote.close()
    elif request.param == "sqlite":
        yield await opened(databases.sqlite(tmp_path / "sqlite.db"), observer=counts)
    else:
        yield await opened(request.getfixturevalue("prepared_url"), observer=counts)


async def contents(store: Store) -> dict[str, str]:
    """All of `meta` that tests wrote."""
    return {str(key): str(value) for key, value in await store.fetch("get_all")}
