"""`onesixty migrate`: upgrades the schema of the database to this version's."""

from __future__ import annotations

from typing import Annotated

import typer

from onesixty.cli.console import fail, read_settings, say


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with status 1 if a migration is needed.")
    ] = False,
) -> None:
    """Upgrade the database to the schema of this version."""
    settings = read_settings()
    from onesixty.cli import database

    if check:
        found, newest = database.revisions(settings)
        if found != newest:
            state = "is empty" if found is None else f"is at revision {found}"
            fail(f"the database {state}; `onesixty migrate` upgrades it to {newest}")
        say(f"the database is at revision {newest}, the newest")
        return
    before, after = database.migrate(settings)
    if before == after:
        say(f"the database is at revision {after}, the newest")
    else:
        say(f"the database was upgraded from {before or 'empty'} to revision {after}")
