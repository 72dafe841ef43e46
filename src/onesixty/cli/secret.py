"""`onesixty secret`: shows, replaces and resets the instance secret. It works beside a running server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from onesixty.cli.console import FAILED, MISUSED, fail, program, read_settings, say

if TYPE_CHECKING:
    from onesixty.sealing.rotation import Rotation

T = TypeVar("T")


def show(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Show which instance secret is in force, where it is, and how many values need it. Never shows a secret."""
    from onesixty.sealing import columns, keys
    from onesixty.sealing.keyring import Keyring

    async def work(rotation: Rotation) -> dict[str, Any]:
        rows = await keys.all_keys(rotation.store)
        current = keys.in_force(rows)
        return {
            "source": rotation.source.name,
            "known": list(Keyring(rotation.source.read()).ids),
            "keys": [{"id": row.id, "state": row.state} for row in rows],
            "to_seal": await columns.left(rotation.store, current.id if current else "", rotation.tables),
        }

    found = _with_rotation(work)
    if as_json:
        say(json.dumps(found))
        return
    say(f"{found['source']}: {', '.join(found['known']) or 'no secret'}")
    for key in found["keys"]:
        say(f"  {key['id']}  {key['state']}")
    if found["to_seal"]:
        say(f"{found['to_seal']} rows are not sealed with the secret in force")


def rotate() -> None:
    """Replace the instance secret by a new one while the nodes run.

    If it stops in between, run it again: it goes on where it was.
    """
    id_ = _with_rotation(lambda rotation: rotation.rotate())
    say(
        f"the instance secret is {id_}. Keep a copy of it, and keep the old one as long as backups from its time"
    )


def reseal() -> None:
    """Seal every value with the instance secret in force, and end a rotation that was begun."""
    id_ = _with_rotation(lambda rotation: rotation.finish())
    say(f"every value is sealed with {id_}")


def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do it: what was encrypted is lost for good.")] = False,
) -> None:
    """Start over after the instance secret was lost: empty what cannot be read any more. Stop the server first."""
    if not yes:
        fail(
            "this empties the settings of carriers and the secrets of webhooks that the lost secret encrypted. "
            "If you are sure that it is lost, add --yes",
            MISUSED,
        )
    emptied = _with_rotation(lambda rotation: rotation.reset())
    say(f"{emptied} values were emptied. Start the server: {program()} serve")
    if emptied:
        say("Then give the carriers their settings again, and rotate the secrets of the webhooks.")


def _with_rotation(work: Callable[[Rotation], Awaitable[T]]) -> T:
    settings = read_settings()
    from onesixty.app.features import STATEMENTS
    from onesixty.cli import database
    from onesixty.core.clock import SystemClock
    from onesixty.sealing.columns import sealed_tables
    from onesixty.sealing.rotation import Rotation
    from onesixty.sealing.source import SecretError, Source
    from onesixty.store import opening, urls

    url = settings.effective_database_url

    def nodes() -> bool:
        return urls.is_postgresql(url) or opening.owned(urls.sqlite_path(url))

    async def with_store(store: Any) -> T:
        tables = sealed_tables(STATEMENTS)
        return await work(Rotation(store, Source.of(settings), SystemClock(), tables, say, nodes))

    try:
        return database.run(settings, STATEMENTS, with_store)
    except SecretError as error:
        fail(str(error), FAILED)
