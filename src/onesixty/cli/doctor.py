"""`onesixty doctor`: what is wrong with this installation, and what to do. The checks are in `onesixty.doctor`.

With a key it asks the running node, which knows more: its carriers, its open files, its lease. Without one, or if no
node answers, it runs the checks itself; it only reads the database, so a node may run at the same time.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onesixty.cli.client import ApiKey, Refused, Unreachable, Url, connect, status_of
from onesixty.cli.console import FAILED, fail, read_settings, say
from onesixty.cli.output import AsJson, draw, show_json, wants_json

if TYPE_CHECKING:
    from onesixty.ops.settings import Settings

#: The packages whose statements the checks use.
_FEATURES: Final = ("onesixty.doctor", "onesixty.retention")
#: What goes wrong is shown first.
_ORDER: Final = ("error", "warning", "ok", "skipped")


def doctor(
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Leave out the checks that write to the disk or connect to others."),
    ] = False,
    local: Annotated[bool, typer.Option("--local", help="Do not ask the running node.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Check this installation, and say what is wrong and what to do.

    It exits with status 1 if a check finds an error.
    """
    found = None if local or not key else _asked(url, key, quick=quick)
    if found is None:
        found = _checked(read_settings(), quick=quick)
    if wants_json(as_json):
        show_json(found)
    else:
        _show(found)
    if found["level"] == "error":
        raise typer.Exit(FAILED)


def _asked(url: str | None, key: str, *, quick: bool) -> dict[str, Any] | None:
    """What the running node finds; None if no node answers."""
    client = connect(url, key)
    try:
        answer: dict[str, Any] = client.call("GET" if quick else "POST", "/v1/doctor")
    except Refused as error:
        fail(str(error), status_of(error))
    except Unreachable as error:
        sys.stderr.write(f"{error}. The checks run here instead.\n")
        return None
    finally:
        client.close()
    return answer


def _checked(settings: Settings, *, quick: bool) -> dict[str, Any]:
    """What the checks find from here."""
    import msgspec

    from onesixty.core.clock import SystemClock
    from onesixty.doctor.checks import Installation
    from onesixty.doctor.endpoints import diagnosis

    async def work() -> dict[str, Any]:
        store, broken = await _opened(settings)
        try:
            installation = Installation(settings, SystemClock(), store, broken=broken)
            found: dict[str, Any] = msgspec.to_builtins(await diagnosis(installation, costly=not quick))
            return found
        finally:
            if store is not None:
                await store.close()

    return asyncio.run(work())


async def _opened(settings: Settings) -> tuple[Any, str]:
    """The database, or None and why it cannot be opened."""
    import asyncpg

    from onesixty.core.clock import SystemClock
    from onesixty.store.opening import SchemaError, look, open_store
    from onesixty.store.statements import load
    from onesixty.store.units import Damaged, StoreError
    from onesixty.store.urls import UrlError, is_postgresql, sqlite_path

    url = settings.effective_database_url
    try:
        look(url)
        if not is_postgresql(url) and not sqlite_path(url).exists():
            return (
                None,
                f"{sqlite_path(url)} is missing. `onesixty init` and `onesixty serve` make a database.",
            )
        return await open_store(url, load(_FEATURES), clock=SystemClock(), own=False), ""
    except (
        UrlError, SchemaError, Damaged, StoreError, OSError, sqlite3.Error, asyncpg.PostgresError,
        asyncpg.InterfaceError,
    ) as error:  # fmt: skip
        return None, str(error)


def _show(found: dict[str, Any]) -> None:
    rows = sorted(found["checks"], key=lambda row: _ORDER.index(row["level"]))
    draw(
        ["level", "check", "found"],
        [
            [row["level"], row["name"], f"{row['found']} {row['remedy']}" if row["remedy"] else row["found"]]
            for row in rows
        ],
    )
    where = f"node {found['node']}" if found["node"] is not None else "this command, not by a node"
    say(f"Worst: {found['level']}. Checked by {where}.")
