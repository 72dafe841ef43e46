"""`onesixty key ...`: API keys, through a running server or, with --local, directly in the database.

--local is for the case that no key is left to call the server with. A running server applies its changes within
seconds.

Rules kept here:
- a secret is an input only of `find`, which reads it from standard input or a prompt: an argument would be in the
  process list and in the history of the shell. The server is asked by its SHA-256.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from onesixty.cli.client import ApiKey, Url, Why, asking, path_part
from onesixty.cli.console import MISUSED, NOT_FOUND, fail, say
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
    ("state", "state"),
)
_SCOPE_COLUMNS: Final[tuple[Column, ...]] = (
    ("name", "name"),
    ("for", "audience"),
    ("yours to give", "gives"),
    ("what it allows", "about"),
)


class Mode(StrEnum):
    """Messages of test keys are not sent to real carriers and are free."""

    LIVE = "live"
    TEST = "test"


class Clearable(StrEnum):
    """What `key change --clear` lifts."""

    EXPIRY = "expiry"
    NETWORKS = "networks"
    SENDERS = "senders"
    CLASSES = "classes"
    RATE = "rate"
    LIMITS = "limits"
    PREVIOUS = "previous"


_CLEARED: Final = {
    Clearable.EXPIRY: "expires_at",
    Clearable.NETWORKS: "allowed_networks",
    Clearable.SENDERS: "allowed_senders",
    Clearable.CLASSES: "allowed_classes",
    Clearable.RATE: "requests_per_second",
    Clearable.LIMITS: "limits",
    Clearable.PREVIOUS: "previous_expires_at",
}


class Class(StrEnum):
    """The classes of messages."""

    OTP = "otp"
    TRANSACTIONAL = "transactional"
    MARKETING = "marketing"


Local = Annotated[
    bool, typer.Option("--local", help="Use the database of this node directly, without a server or a key.")
]


ExpiresAt = Annotated[
    str | None, typer.Option("--expires-at", help="When the key ends, such as 2030-01-01T00:00:00Z.")
]
Networks = Annotated[
    list[str] | None,
    typer.Option(
        "--network", help="A network that the key may be used from, such as 192.0.2.0/24; repeat for more."
    ),
]
Senders = Annotated[
    list[str] | None, typer.Option("--sender", help="A sender that the key may use; repeat for more.")
]
Classes = Annotated[
    list[Class] | None, typer.Option("--class", help="A class that the key may send; repeat for more.")
]
Rate = Annotated[
    int | None,
    typer.Option("--requests-per-second", min=1, help="The rate of the key, up to that of the account."),
]
Limits = Annotated[
    list[str] | None,
    typer.Option("--limit", help="A limit of the key, such as messages_per_day=1000; repeat for more."),
]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The id of the key: key_... (not its secret).")]


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
    expires_at: ExpiresAt = None,
    network: Networks = None,
    sender: Senders = None,
    class_: Classes = None,
    requests_per_second: Rate = None,
    limit: Limits = None,
    why: Why = None,
    local: Local = False,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Create a key and print it. The secret is shown only once."""
    asked = _asked(expires_at, network, sender, class_, requests_per_second, limit)
    if local:
        from onesixty.cli import local_keys

        _check_no_reason(why)
        if asked:
            fail(
                "with --local, a key has no restrictions; give them to it with `onesixty key change`", MISUSED
            )
        made = local_keys.create(name, test=mode is Mode.TEST, scopes=scope)
    else:
        body: dict[str, Any] = {"name": name, "mode": mode.value, **asked}
        if scope:
            body["scopes"] = scope
        with asking(url, key, why) as client:
            made = client.call("POST", "/v1/keys", body)
    _show_made(made, as_json)


def change(
    key_id: KeyId,
    name: Annotated[str | None, typer.Option("--name", help="Its new name.")] = None,
    expires_at: ExpiresAt = None,
    network: Networks = None,
    sender: Senders = None,
    class_: Classes = None,
    requests_per_second: Rate = None,
    limit: Limits = None,
    clear: Annotated[
        list[Clearable] | None,
        typer.Option(
            "--clear", help="A restriction to lift; repeat for more. previous ends the replaced secret."
        ),
    ] = None,
    why: Why = None,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Change a key; omitted fields keep their values, and a list replaces the former one."""
    patch = _asked(expires_at, network, sender, class_, requests_per_second, limit)
    if name is not None:
        patch["name"] = name
    for each in clear or ():
        patch[_CLEARED[each]] = None
    if not patch:
        fail("nothing to change", MISUSED)
    with asking(url, key, why) as client:
        show_object(client.call("PATCH", f"/v1/keys/{path_part(key_id)}", patch), as_json)


def rotate(
    key_id: KeyId,
    overlap: Annotated[
        int | None,
        typer.Option(
            "--overlap", min=0, help="Seconds for which the present secret still opens. Default: a day."
        ),
    ] = None,
    why: Why = None,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Give a key a new secret and print it; the present one opens for some more time."""
    body = {} if overlap is None else {"overlap_seconds": overlap}
    with asking(url, key, why) as client:
        made = client.call("POST", f"/v1/keys/{path_part(key_id)}/rotate", body)
    _show_made(made, as_json)
    if not as_json:
        say(f"{made['previous_hint']} opens until {made['previous_expires_at']}")


def find(local: Local = False, as_json: AsJson = False, url: Url = None, key: ApiKey = None) -> None:
    """Find the key that a secret belongs to, such as one that has leaked. Reads the secret from standard input."""
    from onesixty.accounts.keys import is_altered
    from onesixty.http.auth import hash_of

    asks = sys.stdin.isatty()
    secret = (typer.prompt("secret", hide_input=True, err=True) if asks else sys.stdin.readline()).strip()
    if not secret:
        fail("no secret on standard input", MISUSED)
    if local:
        from onesixty.cli import local_keys

        found = local_keys.with_hash(hash_of(secret))
    else:
        with asking(url, key) as client:
            found = pages(client, "/v1/keys", (("sha256", hash_of(secret)),), 1)
    if not found:
        altered = (
            " Its checksum is wrong: a character is missing or was changed." if is_altered(secret) else ""
        )
        fail(f"no key has this secret.{altered}", NOT_FOUND)
    show_object(found[0], as_json)


def _check_no_reason(why: str | None) -> None:
    if why is not None:
        fail("--reason goes with a call of a server, not with --local", MISUSED)


def _asked(
    expires_at: str | None,
    network: list[str] | None,
    sender: list[str] | None,
    class_: list[Class] | None,
    requests_per_second: int | None,
    limit: list[str] | None,
) -> dict[str, Any]:
    """The fields that the options name."""
    asked: dict[str, Any] = {
        "expires_at": expires_at,
        "allowed_networks": network,
        "allowed_senders": sender,
        "allowed_classes": None if class_ is None else [each.value for each in class_],
        "requests_per_second": requests_per_second,
        "limits": dict(_limit(each) for each in limit or ()),
    }
    return {name: value for name, value in asked.items() if value}


def _limit(text: str) -> tuple[str, int]:
    """A limit as an option names it."""
    name, equals, value = text.partition("=")
    if not (name and equals and value.isascii() and value.isdigit()):
        fail(f"a limit is a name and a number, such as messages_per_day=1000, not {text!r}", MISUSED)
    return name, int(value)


def _show_made(made: dict[str, Any], as_json: bool) -> None:
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
    key_id: KeyId,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Show a key, without its secret."""
    with asking(url, key) as client:
        show_object(client.call("GET", f"/v1/keys/{path_part(key_id)}"), as_json)


def scopes(as_json: AsJson = False, url: Url = None, key: ApiKey = None) -> None:
    """List the scopes that a key can have, and which of them you can give."""
    with asking(url, key) as client:
        found = client.call("GET", "/v1/scopes")["data"]
    show_list(found, _SCOPE_COLUMNS, as_json)


def revoke(
    key_id: KeyId,
    why: Why = None,
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

        _check_no_reason(why)
        local_keys.revoke(key_id)
    else:
        with asking(url, key, why) as client:
            client.call("DELETE", f"/v1/keys/{path_part(key_id)}")
    say(f"{key_id}  revoked")
