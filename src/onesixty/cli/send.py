"""`onesixty send`: sends one message through a running server and, with --wait, follows it to its final status."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any, Final

import typer

from onesixty.cli.client import ApiKey, Client, Url, asking, path_part
from onesixty.cli.console import MISUSED, fail, say
from onesixty.cli.output import show_json

_PAUSES: Final = (0.1, 0.1, 0.2, 0.3, 0.5)  # seconds between two status requests; the last one repeats
_DELIVERED: Final = "delivered"
#: What a line of the history shows of its entry.
_DETAILS: Final = (
    *("status", "rule", "code", "until"),
    *("attempt", "segment", "route", "carrier", "outcome", "state", "error"),
)


def send(
    to: Annotated[str, typer.Option("--to", help="The recipient, such as +15551234567.")],
    text: Annotated[str | None, typer.Option("--text", help="The text of the message.")] = None,
    template: Annotated[
        str | None, typer.Option("--template", help="The name or id of a template, in place of --text.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="The language of the template's text, such as pt-BR.")
    ] = None,
    variables: Annotated[
        list[str] | None,
        typer.Option(
            "--variable",
            metavar="NAME=VALUE",
            help="The value of a variable; JSON or text. Repeat it for several.",
        ),
    ] = None,
    sender: Annotated[
        str, typer.Option("--from", help="The sender: a number, a short code or a name.")
    ] = "onesixty",
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the message reaches its final status.")
    ] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0, help="The maximum number of seconds for --wait.")
    ] = 60.0,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print JSON: the message, and with --wait its final state and history."),
    ] = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Send a message through a running server.

    With --wait, it exits with status 0 only if the message was delivered.
    """
    if (text is None) == (template is None):
        fail("give --text or --template", MISUSED)
    body: dict[str, Any] = {
        "from": sender,
        "to": to,
        "text": text,
        "template": template,
        "language": language,
    }
    if variables:
        body["variables"] = dict(_variable(one) for one in variables)
    with asking(url, key) as client:
        sent = client.call(
            "POST", "/v1/sms/send", {name: value for name, value in body.items() if value is not None}
        )
        message_id = str(sent["message_id"])
        if not as_json:
            say(f"{message_id}  {sent['status']}")
        if not wait:
            if as_json:
                show_json(sent)
            return
        message = _follow(client, message_id, time.monotonic() + timeout)
        history = client.call("GET", f"/v1/messages/{path_part(message_id)}/history")
        if as_json:
            show_json({**(message or sent), "history": history["data"]})
        else:
            _show_history(history)
    if message is None:
        fail(f"no final status within {timeout:g} s; GET /v1/messages/{message_id} shows it later")
    if message["status"] != _DELIVERED:
        reason = message.get("error")
        fail(f"{message['status']}: {reason['title']} ({reason['code']})" if reason else message["status"])


def _variable(written: str) -> tuple[str, Any]:
    """Read NAME=VALUE. What is JSON but no number is read as JSON: a code keeps its zeros, and numbers are taken as
    text, too."""
    name, equals, value = written.partition("=")
    if not name or not equals:
        fail(f"--variable: {written!r} is not NAME=VALUE", MISUSED)
    if value.startswith(("{", '"')):
        try:
            return name, json.loads(value)
        except ValueError:
            pass
    return name, value


def _follow(client: Client, message_id: str, deadline: float) -> dict[str, Any] | None:
    """Return the message with its final status, or None if the time is up."""
    from onesixty.core.statuses import TERMINAL

    looks = 0
    while True:
        message: dict[str, Any] = client.call("GET", f"/v1/messages/{path_part(message_id)}")
        if message["status"] in TERMINAL:
            return message
        pause = _PAUSES[min(looks, len(_PAUSES) - 1)]
        if time.monotonic() + pause > deadline:
            return None
        looks += 1
        time.sleep(pause)


def _show_history(history: dict[str, Any]) -> None:
    for entry in history["data"]:
        told = {**entry, "route": history.get("route")} if entry.get("carrier") else entry
        details = [f"{name}={told[name]}" for name in _DETAILS if told.get(name) is not None]
        say("  ".join([entry["at"], f"{entry['type']:<20}", *details]).rstrip())
