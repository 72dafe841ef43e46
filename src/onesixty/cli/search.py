"""`onesixty search`: finds ids, numbers, references and names on a running server."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

import typer

from onesixty.cli.client import ApiKey, Url, asking
from onesixty.cli.console import say
from onesixty.cli.output import AsJson, Column, show_json, show_list, wants_json

_COLUMNS: Final[tuple[Column, ...]] = (
    ("kind", "kind"),
    ("id", "id"),
    ("title", "title"),
    ("detail", "detail"),
    ("matched", "matched"),
    ("account", "account_id"),
)


def search(
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="An id, a number or a part of it, a reference or a name.")
    ],
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Search for an id, a number, a reference or a name.

    It finds what the key may read: messages, refusals, batches, webhooks, carriers, accounts and more.
    """
    with asking(url, key) as client:
        found = client.call("GET", f"/v1/search?{urlencode({'q': what})}")
    if wants_json(as_json):
        show_json(found)
        return
    show_list(
        [{"kind": group["kind"], **hit} for group in found["data"] for hit in group["data"]],
        _COLUMNS,
        as_json,
        sparse=True,
    )
    more = [group["kind"] for group in found["data"] if group["more"]]
    if more:
        say(f"There may be others: {', '.join(more)}.")
