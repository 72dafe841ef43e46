"""`onesixty handset ...`: shows the handsets behind simulated carriers, and sends messages from them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from onesixty.cli.client import ApiKey, Url, asking, path_part
from onesixty.cli.console import say
from onesixty.cli.output import AsJson, show_json, show_list

Everybody = Annotated[bool, typer.Option("--all", help="Handsets of all accounts and modes; for operators.")]


def list_handsets(
    everybody: Everybody = False, as_json: AsJson = False, url: Url = None, key: ApiKey = None
) -> None:
    """List the handsets that messages reached, most recently used first."""
    found = _call(url, key, "GET", f"/v1/sandbox/handsets?limit=200{'&all=true' if everybody else ''}")
    show_list(
        found["data"],
        (
            ("number", "number"),
            ("network", lambda one: f"{one['network_name']} ({one['country'] or '-'})"),
            ("carrier", "carrier"),
            ("mode", lambda one: "test" if one["test"] else "live"),
            ("messages", "messages"),
            ("last", "last_at"),
        ),
        as_json,
    )


def read(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The handset's number.")],
    everybody: Everybody = False,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """List the messages that a handset received and sent, oldest first."""
    found: list[Any] = []
    path = after = f"{_path(number)}?limit=200{'&all=true' if everybody else ''}"
    while after:
        page = _call(url, key, "GET", after)
        found += page["data"]
        after = page["next"] and f"{path}&after={page['next']}"
    if as_json:
        show_json(found)
        return
    for one in reversed(found):
        other = f"from {one['from']}" if one["direction"] == "received" else f"to {one['to']}"
        marks = [mark for mark, set_ in (("flash", one["flash"]), ("test", one["test"])) if set_]
        if one["missing_parts"]:
            marks.append(f"{one['missing_parts']} of {one['parts']} parts missing")
        say(f"{one['at']}  {other}" + (f"  ({', '.join(marks)})" if marks else ""))
        for line in one["text"].splitlines() or [""]:
            say(f"    {line}")


def send(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The handset's number.")],
    text: Annotated[str, typer.Option("--text", help="The text to send.")],
    to: Annotated[
        str | None,
        typer.Option(
            "--to", help="A number or short code. Default: the last sender that wrote to the handset."
        ),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Send a message from a handset; it arrives like any incoming message."""
    body = {"text": text} if to is None else {"text": text, "to": to}
    sent = _call(url, key, "POST", _path(number), body)
    if as_json:
        show_json(sent)
        return
    parts = f" in {sent['parts']} parts" if sent["parts"] > 1 else ""
    say(f"{sent['from']} sent to {sent['to']}{parts}, over {sent['carrier']}")


def _path(number: str) -> str:
    return f"/v1/sandbox/handsets/{path_part(number)}/messages"


def _call(
    url: str | None, key: str | None, method: str, path: str, body: dict[str, Any] | None = None
) -> Any:
    with asking(url, key) as client:
        return client.call(method, path, body)
