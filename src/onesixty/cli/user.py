"""`onesixty setup-link` and `onesixty user ...`: let people in from the shell of the server (`create`, `reset`), and
manage the users of an account through a running server (`list`, `get`, `change`, `remove`).

A password is asked for, or read from standard input if that is not a terminal: never an argument, which other users
of the machine could see.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final

import typer

from onesixty.cli.client import ApiKey, Url, Why, asking, path_part
from onesixty.cli.console import MISUSED, fail, say
from onesixty.cli.output import AsJson, Column, show_json, show_list, show_object, wants_json
from onesixty.cli.resources import pages

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail address.")]

UserId = Annotated[str, typer.Argument(metavar="ID", help="The user's id (usr_...).")]

_FIRST_ROLE: Final = "owner"
_EVERY: Final = 1_000_000
_COLUMNS: Final[tuple[Column, ...]] = (
    ("id", "id"),
    ("email", "email"),
    ("name", "name"),
    ("role", "role"),
    ("last sign-in", "last_sign_in_at"),
)


def setup_link() -> None:
    """Print a new set-up link, by which the owner makes the first user."""
    from onesixty.cli import local_people
    from onesixty.cli.serve import show_setup

    made = local_people.setup_link()
    show_setup(made.url, made.token)


def create(
    email: Email,
    name: Annotated[str, typer.Option("--name", help="The user's name.")] = "",
    role: Annotated[
        str,
        typer.Option(
            "--role", help="owner, admin, developer, network, marketer, finance, support or viewer."
        ),
    ] = _FIRST_ROLE,
    account: Annotated[
        str | None, typer.Option("--account", help="The account's id. Default: the operator's account.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            "--token", help="The token of the set-up link: make the first user through a running server."
        ),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Create a user in the database of this node, or give a user who exists a role in another account."""
    from onesixty.cli import local_people

    made: dict[str, Any]
    if token is not None:
        if role != _FIRST_ROLE or account is not None:
            fail("the set-up link makes an owner of the operator's account", MISUSED)
        me = _set_up(url, {"token": token, "email": email, "name": name, "password": _password()})
        made = {"id": me["user"]["id"], "email": email, "account_id": me["account_id"], "role": me["role"]}
    else:
        password = "" if local_people.exists(email) else _password()
        made = local_people.create(email, password, name=name, role=role, account_id=account)
    if wants_json(as_json):
        show_json(made)
    else:
        say(f"{made['id']}  {made['email']}  {made['role']} of {made['account_id']}")


def reset(
    email: Email,
    second_factors: Annotated[
        bool,
        typer.Option(
            "--second-factors", help="Also remove TOTP, passkeys and recovery codes, and end all sessions."
        ),
    ] = False,
) -> None:
    """Print a link by which a user sets a new password."""
    from onesixty.cli import local_people
    from onesixty.people.letters import RESET

    made = local_people.reset(email, second_factors=second_factors)
    say("Hand over this link. It counts once, within 72 hours:")
    say()
    say(f"  {made.url}{RESET}#{made.token}")
    say()


def list_users(as_json: AsJson = False, url: Url = None, key: ApiKey = None) -> None:
    """List the users of the account."""
    with asking(url, key) as client:
        users = pages(client, "/v1/users", (), _EVERY)
    show_list(users, _COLUMNS, as_json)


def get(user_id: UserId, as_json: AsJson = False, url: Url = None, key: ApiKey = None) -> None:
    """Show a user."""
    with asking(url, key) as client:
        show_object(client.call("GET", f"/v1/users/{path_part(user_id)}"), as_json)


def change(
    user_id: UserId,
    role: Annotated[
        str,
        typer.Option(
            "--role", help="owner, admin, developer, network, marketer, finance, support or viewer."
        ),
    ],
    why: Why = None,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Change the role of a user in the account."""
    with asking(url, key, why) as client:
        show_object(client.call("PATCH", f"/v1/users/{path_part(user_id)}", {"role": role}), as_json)


def remove(user_id: UserId, why: Why = None, url: Url = None, key: ApiKey = None) -> None:
    """Remove a user from the account."""
    with asking(url, key, why) as client:
        client.call("DELETE", f"/v1/users/{path_part(user_id)}")
    say(f"{user_id}  removed")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    import getpass

    password = getpass.getpass("Password (12 characters at least): ")
    if getpass.getpass("Again: ") != password:
        fail("the two passwords differ", MISUSED)
    return password


def _set_up(url: str | None, body: dict[str, Any]) -> Any:
    from onesixty.cli.client import anonymous

    with anonymous(url) as client:
        return client.call("POST", "/v1/setup", body)
