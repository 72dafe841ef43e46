"""`onesixty key ...`: API keys, through a running server, or with --local in the database itself.

The local way is for the moment when no key is left to ask the server with. What it changes counts for a running
server within seconds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from onesixty.cli.client import ApiKey, Url, asking, path_part
from onesixty.cli.console import MISUSED, fail, say
from onesixty.cli.output import AsJson, Column, show_json, show_list, show_object
from onesixty.cli.resources import pages

_EVERY: Final = 1_000_000
_COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "id"),
    ("name", "name"),
    ("mode", "mode"),
    ("hint", "hint"),
    ("created", "created_at"),
    ("last used", "last_used_at"),
    ("revoked", "revoked_at"),
)


class Mode(StrEnum):
    """Messages of test keys are not sent to real carriers and are free."""

    LIVE = "live"
    TEST = "test"


Local = Annotated[
    bool, typer.Option("--local", help="Work on the database of this node, without a server or a key.")
]


def create(
    name: Annotated[
        str, typer.Option("--name", help="A name that tells your keys apart.")
    ] = "from the command line",
    mode: Annotated[Mode, typer.Option("--mode", help="Whether it sends for real.")] = Mode.LIVE,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="What it may do; again for more. Default: all that a tenant may."),
    ] = None,
    local: Local = False,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Make a key and print it. It is shown this once."""
    if local:
        from onesixty.cli import local_keys

        made = local_keys.create(name, test=mode is Mode.TEST, scopes=scope)
    else:
        body: dict[str, Any] = {"name": name, "mode": mode.value}
        if scope:
            body["scopes"] = scope
        with asking(url, key) as client:
            made = client.call("POST", "/v1/keys", body)
    if as_json:
        show_json(made)
        return
    say(f"{made['id']}  {made['mode']}  {made['name']}")
    say(made["secret"])


def list_keys(local: Local = False, as_json: AsJson = False, url: Url = None, key: ApiKey = None) -> None:
    """List the keys of the account, revoked ones too."""
    if local:
        from onesixty.cli import local_keys

        keys = local_keys.everyone()
    else:
        with asking(url, key) as client:
            keys = pages(client, "/v1/keys", (), _EVERY)
    show_list(keys, _COLUMNS, as_json)


def get(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id: key_... (not its secret).")],
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Show a key, without its secret."""
    with asking(url, key) as client:
        show_object(client.call("GET", f"/v1/keys/{path_part(key_id)}"), as_json)


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id: key_... (not its secret).")],
    local: Local = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Revoke a key: it opens nothing any more."""
    from onesixty.core import ids

    if not ids.is_id(ids.KEY, key_id):
        fail("that is not the id of a key (key_...); `onesixty key list` shows them", MISUSED)
    if local:
        from onesixty.cli import local_keys

        local_keys.revoke(key_id)
    else:
        with asking(url, key) as client:
            client.call("DELETE", f"/v1/keys/{path_part(key_id)}")
    say(f"{key_id}  revoked")
