"""`onesixty backup`: a checked copy of a SQLite database, taken beside a running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from onesixty.cli.console import DAMAGED, FAILED, MISUSED, fail, read_settings, say
from onesixty.cli.progress import Bar


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
    if as_json:
        say(json.dumps({"backup": str(target), **msgspec.to_builtins(manifest)}))
        return
    say(f"backup {target}: {manifest.database.bytes} bytes, taken at {manifest.taken_at}, verified")
    say(
        "It contains texts, numbers, hashes of keys, and the secrets of webhooks and carriers. "
        "Store it securely."
    )
