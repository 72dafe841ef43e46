"""`onesixty key ...`: API keys, through a running server, or with --local in the database itself.

The local way is for the moment when no key is left to ask the server with. What it changes counts for a running
server within seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import typer

from onesixty.cli.client import DEFAULT_URL, ApiKey, Client, Refused, Unreachable, Url, connect, path_part
from onesixty.cli.console import MISUSED, fail, say, table

_PAGE: Final = 200
_COLUMNS: Final = ("id", "name", "mode", "hint", "created", "last used", "revoked")


class Mode(StrEnum):
    """Test keys send nothing real, and are free."""

    LIVE = "live"
    TEST = "test"


Local = Annotated[
    bool, typer.Option("--local", help="Work on the database of this node, without a server or a key.")
]


def create(
    name: Annotated[str, typer.Option("--name", help="What you will know it by.")] = "from the command line",
    mode: Annotated[Mode, typer.Option("--mode", help="Whether it sends for real.")] = Mode.LIVE,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="What it may do; again for more. Default: all that a tenant may."),
    ] = None,
    local: Local = False,
    url: Url = DEFAULT_URL,
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
        made = _ask(url, key, lambda client: client.call("POST", "/v1/keys", body))
    say(f"{made['id']}  {made['mode']}  {made['name']}")
    say(made["secret"])


def list_keys(local: Local = False, url: Url = DEFAULT_URL, key: ApiKey = None) -> None:
    """List the keys of the account, revoked ones too."""
    if local:
        from onesixty.cli import local_keys

        keys = local_keys.everyone()
    else:
        keys = _ask(url, key, _all)
    table(
        _COLUMNS,
        [
            (
                k["id"],
                k["name"],
                k["mode"],
                k["hint"],
                k["created_at"],
                k["last_used_at"] or "never",
                k["revoked_at"] or "",
            )
            for k in keys
        ],
    )


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id: key_... (not its secret).")],
    local: Local = False,
    url: Url = DEFAULT_URL,
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
        _ask(url, key, lambda client: client.call("DELETE", f"/v1/keys/{path_part(key_id)}"))
    say(f"{key_id}  revoked")


def _ask(url: str, key: str | None, question: Callable[[Client], Any]) -> Any:
    client = connect(url, key)
    try:
        return question(client)
    except (Refused, Unreachable) as error:
        fail(str(error))
    finally:
        client.close()


def _all(client: Client) -> list[dict[str, Any]]:
    """Every key, page by page."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = {"limit": _PAGE} | ({"after": after} if after else {})
        page = client.call("GET", f"/v1/keys?{urlencode(query)}")
        found += page["data"]
        after = page["next"]
        if after is None:
            return found
