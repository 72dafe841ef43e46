"""`onesixty handset ...`: read the handsets behind simulated carriers, and answer from them."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from onesixty.cli.client import DEFAULT_URL, ApiKey, Refused, Unreachable, Url, connect, path_part
from onesixty.cli.console import fail, say, table

Everybody = Annotated[bool, typer.Option("--all", help="Those of every account and mode, for operators.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as one JSON object.")]


def list_handsets(
    everybody: Everybody = False, as_json: AsJson = False, url: Url = DEFAULT_URL, key: ApiKey = None
) -> None:
    """List the handsets that messages reached, the one used last first."""
    found = _call(url, key, "GET", f"/v1/sandbox/handsets?limit=200{'&all=true' if everybody else ''}")
    if as_json:
        say(json.dumps(found))
        return
    table(
        ("number", "network", "carrier", "mode", "messages", "last"),
        [
            (
                one["number"],
                f"{one['network_name']} ({one['country'] or '-'})",
                one["carrier"] or "-",
                "test" if one["test"] else "live",
                str(one["messages"]),
                one["last_at"] or "-",
            )
            for one in found["data"]
        ],
    )


def read(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The handset's number.")],
    everybody: Everybody = False,
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    key: ApiKey = None,
) -> None:
    """Read what a handset got and sent, oldest first."""
    found = _call(url, key, "GET", f"{_path(number)}{'?all=true' if everybody else ''}")
    if as_json:
        say(json.dumps(found))
        return
    for one in reversed(found["data"]):
        other = f"from {one['from']}" if one["direction"] == "received" else f"to {one['to']}"
        marks = [mark for mark, set_ in (("flash", one["flash"]), ("test", one["test"])) if set_]
        if one["missing_parts"]:
            marks.append(f"{one['missing_parts']} of {one['parts']} parts missing")
        say(f"{one['at']}  {other}" + (f"  ({', '.join(marks)})" if marks else ""))
        for line in one["text"].splitlines() or [""]:
            say(f"    {line}")


def send(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The handset's number.")],
    text: Annotated[str, typer.Option("--text", help="What it writes.")],
    to: Annotated[
        str | None, typer.Option("--to", help="A number or short code. Default: who wrote last.")
    ] = None,
    as_json: AsJson = False,
    url: Url = DEFAULT_URL,
    key: ApiKey = None,
) -> None:
    """Send a message from a handset; it comes in as any incoming message does."""
    body = {"text": text} if to is None else {"text": text, "to": to}
    sent = _call(url, key, "POST", _path(number), body)
    if as_json:
        say(json.dumps(sent))
        return
    parts = f" in {sent['parts']} parts" if sent["parts"] > 1 else ""
    say(f"{sent['from']} wrote to {sent['to']}{parts}, over {sent['carrier']}")


def _path(number: str) -> str:
    return f"/v1/sandbox/handsets/{path_part(number)}/messages"


def _call(url: str, key: str | None, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    client = connect(url, key)
    try:
        return client.call(method, path, body)
    except (Refused, Unreachable) as error:
        fail(str(error))
    finally:
        client.close()
