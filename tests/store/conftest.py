"""What the tests of the store share: a small set of statements on the real schema, and stores on each engine."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from onesixty.core.clock import SystemClock
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.statements import Statements, parse

#: Small statements on tables of the real schema. `meta` plays the table of anything.
SQL = """
-- name: put
-- params: key text, value text
INSERT INTO meta (key, value) VALUES (:key, :value)

-- name: put_once
-- params: key text, value text
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING

-- name: put_or_replace
-- params: key text, value text
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: put_if
-- about: a row that depends on another one
-- params: key text, value text, needs text
INSERT INTO meta (key, value) SELECT :key, :value WHERE EXISTS (SELECT 1 FROM meta WHERE meta.key = :needs)

-- name: swap
-- about: a guard on the value that was there before
-- params: key text, before text, after text
UPDATE meta SET value = :after WHERE key = :key AND value = :before

-- name: append
-- params: key text, more text
UPDATE meta SET value = value || :more WHERE key = :key

-- name: drop
-- params: key text
DELETE FROM meta WHERE key = :key

-- name: put_cold
INSERT INTO meta (key, value) VALUES (:key, :value) RETURNING key, value

-- name: get
SELECT value FROM meta WHERE key = :key

-- name: get_some
-- params: keys text[]
SELECT key, value FROM meta WHERE key IN (:keys...) ORDER BY key

-- name: get_others
SELECT key, value FROM meta WHERE key NOT IN (:keys...) ORDER BY key

-- name: get_all
SELECT key, value FROM meta WHERE key NOT IN ('product_version', 'probe') ORDER BY key

-- name: ledger
-- params: message_id text, kind text, held bigint
INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at)
VALUES (:message_id, :kind, 'acc', :held, 0, 'EUR', 0)

-- name: ledger_all
SELECT message_id, kind, held FROM ledger ORDER BY message_id, kind
"""

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


def lease_statements() -> tuple[str, str]:
    path = Path(__file__).parents[2] / "src/onesixty/store/statements.sql"
    return ("store/statements.sql", path.read_text())


@pytest.fixture(scope="session")
def statements() -> Statements:
    return parse([("tests", SQL), lease_statements()])


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
async def store(engine_url: str, opened: OpenStore, counts: Counts) -> Store:
    """A migrated, empty store, once for each engine."""
    return await opened(engine_url, observer=counts)


async def contents(store: Store) -> dict[str, str]:
    """All of `meta` that tests wrote."""
    return {str(key): str(value) for key, value in await store.fetch("get_all")}
