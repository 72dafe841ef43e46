"""`onesixty backup`: a checked copy of a SQLite database, taken beside a running server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onesixty.cli.console import DAMAGED, FAILED, MISUSED, fail, read_settings, say
from onesixty.cli.progress import Bar

if TYPE_CHECKING:
    from onesixty.ops.settings import Settings


def backup(
    target: Annotated[
        Path, typer.Argument(help="The folder to create; it must not exist.", show_default=False)
    ],
    without_settings: Annotated[
        bool, typer.Option("--without-settings", help="Do not include the settings file.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest as one JSON object.")] = False,
) -> None:
    """Back up the SQLite database to a new folder and verify the copy. The server can keep running.

    With PostgreSQL, use its own tools: docs/how-to/back-up-and-restore.md.
    """
    settings = read_settings()
    import os
    import sqlite3

    import msgspec

    from onesixty.core.clock import SystemClock
    from onesixty.sealing.source import Source
    from onesixty.store import backup as backups
    from onesixty.store import inspection, opening, urls
    from onesixty.store.units import Damaged, StoreError

    url = settings.effective_database_url
    try:
        if urls.is_postgresql(url):
            fail("this database is on PostgreSQL: back it up with pg_dump or pg_basebackup", MISUSED)
        path = urls.sqlite_path(url)
    except urls.UrlError as error:
        fail(f"ONESIXTY_DATABASE_URL: {error}", MISUSED)
    file = None if without_settings else Path(os.environ.get("ONESIXTY_CONFIG") or "onesixty.toml")
    bar = Bar()
    try:
        opening.look(url)
        manifest = backups.take(path, target, settings=file, now_ms=SystemClock().now_ms(), progress=bar.show)
    except Damaged as error:
        fail(str(error), DAMAGED)
    except sqlite3.Error as error:
        fail(f"the backup failed and was removed: {inspection.failure(path, error)}", FAILED)
    except (backups.BackupError, StoreError) as error:
        fail(str(error), FAILED)
    except OSError as error:
        fail(f"the backup failed and was removed: {error}", FAILED)
    finally:
        bar.end()
    _note(settings, str(target))
    if as_json:
        say(json.dumps({"backup": str(target), **msgspec.to_builtins(manifest)}))
        return
    say(f"backup {target}: {manifest.database.bytes} bytes, taken at {manifest.taken_at}, verified")
    say(
        "It contains texts, numbers, hashes of keys, and the secrets of webhooks and carriers, encrypted. "
        "Store it securely."
    )
    source = Source.of(settings)
    say(
        f"It does not contain the instance secret, without which these cannot be read: keep a copy of {source.name} "
        "apart from it."
    )


def _note(settings: Settings, target: str) -> None:
    """Note the backup in the audit log. A backup stands without it: the database may be one of another version."""
    import asyncio
    import secrets
    import sqlite3

    from onesixty.audit_log.recording import Recording
    from onesixty.core.actor import CLI
    from onesixty.core.clock import SystemClock, system_random
    from onesixty.core.ids import IdSource
    from onesixty.sealing import keys
    from onesixty.sealing.opening import known
    from onesixty.sealing.source import SecretError, Source
    from onesixty.store.migrations import SchemaError
    from onesixty.store.notes import Note
    from onesixty.store.opening import open_store
    from onesixty.store.rows import By
    from onesixty.store.statements import load
    from onesixty.store.units import StoreError

    async def work() -> None:
        clock = SystemClock()
        packages = ("onesixty.accounts", "onesixty.sealing", "onesixty.audit_log")
        store = await open_store(settings.effective_database_url, load(packages), clock=clock, own=False)
        try:
            keyring = known(Source.of(settings), await keys.all_keys(store))
            log = Recording(store, clock, IdSource(clock, system_random()), secrets.token_bytes, keyring)
            for (account_id,) in await store.fetch("audit_operator"):
                by = By(account_id, CLI)
                note = Note(by=by, action="backed_up", object="database", details={"to": target})
                await log.record(note)
        finally:
            await store.close()

    try:
        asyncio.run(work())
    except (SecretError, SchemaError, StoreError, sqlite3.Error, OSError) as error:
        sys.stderr.write(f"the backup is not in the audit log: {error}\n")
