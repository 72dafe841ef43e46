"""The database of this node, for the commands that use it directly (init, key --local, migrate, audit).

Rules kept here: a command never takes ownership of a SQLite file, so that a server may run at the same time; no
message shows a URL, because it may hold a password.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import asyncpg

from onesixty.cli.console import DAMAGED, MISUSED, fail
from onesixty.core.clock import SystemClock
from onesixty.ops.settings import Settings
from onesixty.store import migrations
from onesixty.store.contract import Store
from onesixty.store.opening import SchemaError, look, open_store
from onesixty.store.statements import load
from onesixty.store.units import Damaged, StoreError
from onesixty.store.urls import UrlError, is_postgresql, sqlite_path

T = TypeVar("T")


def run(settings: Settings, features: Sequence[str], work: Callable[[Store], Awaitable[T]]) -> T:
    """Open the store with the statements of `features`, and return the result of `work`.

    Ends the command if the database cannot be opened, read or written. Also ends it if there is no database: a
    command that runs in the wrong folder by mistake would otherwise work on a second database.
    """

    async def opened() -> T:
        _must_be_there(settings.effective_database_url)
        store = await open_store(
            settings.effective_database_url, load(features), clock=SystemClock(), own=False
        )
        async with contextlib.AsyncExitStack() as closing:
            closing.push_async_callback(store.close)
            return await work(store)

    return _ended(opened())


def migrate(settings: Settings) -> tuple[str | None, str]:
    """Migrate to the newest revision. Returns the revision before (None: an empty database) and the one after."""
    url = settings.effective_database_url

    async def upgrade() -> tuple[str | None, str]:
        look(url)
        before = await migrations.current(url)
        await migrations.migrate(url)
        return before, migrations.head()

    return _ended(upgrade())


def revisions(settings: Settings) -> tuple[str | None, str]:
    """Return the revision of the database (None: it is empty) and the newest one."""

    async def look() -> tuple[str | None, str]:
        return await migrations.current(settings.effective_database_url), migrations.head()

    return _ended(look())


def _must_be_there(url: str) -> None:
    if is_postgresql(url):
        return
    look(url)  # raises a more precise error if the file is lost
    path = sqlite_path(url).absolute()
    if not path.exists():
        fail(
            f"database {path.name} not found in {path.parent}. Run the command in the server's "
            "folder, or with its ONESIXTY_DATA_DIR, ONESIXTY_DATABASE_URL or ONESIXTY_CONFIG. "
            "(`onesixty init` and `onesixty serve` create a database.)"
        )


def _ended(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except UrlError as error:
        fail(f"ONESIXTY_DATABASE_URL: {error}", MISUSED)
    except SchemaError as error:
        fail(str(error))
    except Damaged as error:
        fail(str(error), DAMAGED)
    except (StoreError, OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        fail(f"the database cannot be used: {error}")
