"""`onesixty restore`: restores a backup, or adopts a database that other tools restored. No message is sent twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onesixty.cli.console import DAMAGED, FAILED, MISUSED, fail, program, read_settings, say
from onesixty.cli.progress import Bar

if TYPE_CHECKING:
    from onesixty.restore.replacing import Restored


def restore(
    backup: Annotated[
        Path | None, typer.Argument(help="A folder created by `onesixty backup`.", show_default=False)
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an existing database; it is kept aside.")
    ] = False,
    in_place: Annotated[
        bool,
        typer.Option(
            "--in-place", help="Keep the current database: it was restored by other tools, or is damaged."
        ),
    ] = False,
    send_waiting: Annotated[
        bool,
        typer.Option(
            "--send-waiting",
            help="Send the messages that waited at the time of the backup; some may already have been sent.",
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Verify the backup against its manifest, and change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Restore a backup. Messages that may have been sent since it was taken are held, not sent again.

    The server must be stopped. With PostgreSQL, restore with its own tools first, then use --in-place.
    """
    if (backup is None) != in_place or (in_place and (replace or check)):
        fail("name a backup, or use --in-place", MISUSED)
    settings = read_settings()
    import asyncio
    import sqlite3

    import asyncpg

    from onesixty.restore import replacing
    from onesixty.store import backup as backups
    from onesixty.store import urls
    from onesixty.store.migrations import SchemaError
    from onesixty.store.units import Damaged, StoreError

    bar = Bar()
    try:
        if backup is None:
            done = asyncio.run(replacing.accept(settings, send_waiting=send_waiting))
        elif check:
            manifest = backups.verify(backup, bar.show)
            bar.end()
            say(f"{backup} is intact: {manifest.database.bytes} bytes, taken at {manifest.taken_at}")
            return
        elif urls.is_postgresql(settings.effective_database_url):
            fail(
                "this database is on PostgreSQL: restore it with its own tools, then run this "
                "command with --in-place",
                MISUSED,
            )
        else:
            done = asyncio.run(
                replacing.replace(
                    settings, backup, over=replace, send_waiting=send_waiting, progress=bar.show
                )
            )
    except urls.UrlError as error:
        fail(f"ONESIXTY_DATABASE_URL: {error}", MISUSED)
    except Damaged as error:
        fail(str(error), DAMAGED)
    except (
        backups.BackupError,
        StoreError,
        SchemaError,
        OSError,
        sqlite3.Error,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
    ) as error:
        fail(f"nothing was restored: {error}", FAILED)
    finally:
        bar.end()
    _tell(done, send_waiting=send_waiting, as_json=as_json)


def _tell(done: Restored, *, send_waiting: bool, as_json: bool) -> None:
    import msgspec

    if as_json:
        say(json.dumps(msgspec.to_builtins(done)))
        return
    if done.backup_taken_at is not None:
        say(f"{done.database} was restored to {done.backup_taken_at}")
    for finding in done.damage:
        say(f"still damaged: {finding}")
    if done.kept is not None:
        say(f"the previous database is kept in {done.kept}")
    if send_waiting:
        say("waiting messages will be sent")
    else:
        say(f"{done.messages_held} waiting messages are held, because they may already have been sent")
    if done.jobs_stopped:
        say(f"{done.jobs_stopped} bulk jobs were stopped")
    if done.report_runs_left_out:
        say(
            f"{done.report_runs_left_out} runs of saved reports are left out, because they may already have been sent"
        )
    if done.verifications_ended:
        say(f"{done.verifications_ended} open verifications end, because they may have been approved since")
    say(f"Start the server: {program()} serve")
