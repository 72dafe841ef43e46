"""`onesixty key ...`: API keys, through a running server or, with --local, directly in the database.

--local is for the case that no key is left to call the server with. A running server applies its changes within
seconds.
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
    bool, typer.Option("--local", help="Use the database of this node directly, without a server or a key.")
]


def create(
    name: Annotated[
        str, typer.Option("--name", help="A name that tells your keys apart.")
    ] = "from the command line",
    mode: Annotated[
        Mode, typer.Option("--mode", help="live sends real messages; test does not.")
    ] = Mode.LIVE,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="A scope of the key; repeat for more. Default: all tenant scopes."),
    ] = None,
    local: Local = False,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Create a key and print it. The secret is shown only once."""
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
    """List the keys of the account, including revoked ones."""
    if local:
        from onesixty.cli import local_keys

        keys = local_keys.everyone()
    else:
        with asking(url, key) as client:
            keys = pages(client, "/v1/keys", (), _EVERY)
    show_list(keys, _COLUMNS, as_json)


def get(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the key: key_... (not its secret).")],
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Show a key, without its secret."""
    with asking(url, key) as client:
        show_object(client.call("GET", f"/v1/keys/{path_part(key_id)}"), as_json)


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the key: key_... (not its secret).")],
    local: Local = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Revoke a key."""
    from onesixty.core import ids

    if not ids.is_id(ids.KEY, key_id):
        fail("not the id of a key (key_...); `onesixty key list` shows the ids", MISUSED)
    if local:
        from onesixty.cli import local_keys

        local_keys.revoke(key_id)
    else:
        with asking(url, key) as client:
            client.call("DELETE", f"/v1/keys/{path_part(key_id)}")
    say(f"{key_id}  revoked")
