"""Fixtures for outbox and webhooks: an open store on each engine, and a World around it."""

from collections.abc import AsyncIterator, Iterator
from importlib import resources
from pathlib import Path

import pytest

from onesixty.core.clock import SystemClock
from onesixty.store import migrations
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.statements import Statements, parse
from tests.outbox.support import STATEMENTS, World
from tests.support.postgres import Postgres

PACKAGES = ("onesixty.outbox", "onesixty.webhooks")


def statements() -> Statements:
    files = [(name, (resources.files(name) / "statements.sql").read_text()) for name in PACKAGES]
    return parse([*files, ("tests", STATEMENTS)])


@pytest.fixture(scope="session")
def outbox_template(postgres_server: Postgres) -> Iterator[str]:
    """A PostgreSQL database at the newest revision, to be copied."""
    import asyncio

    url = postgres_server.create_database()
    asyncio.run(migrations.migrate(url))
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def outbox_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database of this test's own, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'onesixty.db'}"
        return
    template = request.getfixturevalue("outbox_template")
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.create_database(template)
    yield url
    server.drop_database(url)


@pytest.fixture
async def store(outbox_url: str) -> AsyncIterator[Store]:
    opened = await open_store(
        outbox_url, statements(), clock=SystemClock(), migrate=outbox_url.startswith("sqlite")
    )
    yield opened
    await opened.close()


@pytest.fixture
async def world(store: Store) -> AsyncIterator[World]:
    made = World(store)
    yield made
    await made.stop()
