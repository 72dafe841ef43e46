"""Users with their roles, of the operator and of customers: invited, signed in, one invited and not yet here.

The passwords of all but the owner are random and known to nobody: to try a role, invite yourself.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final, NamedTuple

from onesixty.demo.cast import Person
from onesixty.demo.week import Week


class New(NamedTuple):
    """A user. `customer` is None for the operator's own people."""

    key: str
    name: str
    email: str
    role: str
    joined: float
    customer: str | None = None


PEOPLE: Final = (
    New("ewa", "Ewa Nowak", "ewa.nowak@harborlight.example", "admin", -13.5),
    New("tomas", "Tomás Ferreira", "tomas.ferreira@harborlight.example", "network", -13.4),
    New("aiko", "Aiko Mori", "aiko.mori@harborlight.example", "finance", -12.0),
    New("samir", "Samir Haddad", "samir.haddad@harborlight.example", "support", -11.0),
    New("ruth", "Ruth Okafor", "ruth.okafor@harborlight.example", "viewer", -9.0),
    New("jonas", "Jonas Weber", "jonas@lumo.example", "admin", -6.0, "lumo"),
    New("clara", "Clara Ruiz", "clara@lumo.example", "developer", -5.5, "lumo"),
    New("priya", "Priya Raman", "priya@saffron.example", "marketer", -4.5, "saffron"),
    New("bruno", "Bruno Azevedo", "bruno@orbita.example", "admin", -4.0, "orbita"),
)
#: Whose sessions act in the week, and when they sign in.
_SIGN_INS: Final = (
    ("tomas", 3, 6.9),
    ("ewa", 3, 7.4),
    ("samir", 4, 8.1),
    ("tomas", 5, 7.2),
    ("aiko", 6, 9.3),
)


def plan(week: Week) -> None:
    """People are invited and come in before the week, and sign in during it."""
    passwords = {new.key: secrets.token_urlsafe(18) for new in PEOPLE}
    for new in PEOPLE:
        week.at(new.joined, 9.0, lambda new=new: _join(week, new, passwords[new.key]))  # type: ignore[misc]
    for key, day, hour in _SIGN_INS:
        week.at(day, hour, lambda key=key: _sign_in(week, key, passwords[key]))  # type: ignore[misc]
    week.at(6, 8.5, lambda: _invite(week, "noor.visser@harborlight.example", "support", None))


async def set_up(week: Week, token: str, email: str, password: str) -> None:
    """Make the owner, by the set-up link."""
    body = {"token": token, "email": email, "name": "Marta Lindqvist", "password": password}
    _, headers = await week.api.call("POST", "/v1/setup", body)
    week.cast.people["marta"] = Person(email, "Marta Lindqvist", _cookie(headers))


async def _invite(week: Week, email: str, role: str, customer: str | None) -> str:
    """Invite somebody. Returns the token of the link."""
    account = None if customer is None else week.cast.customers[customer].id
    made = await week.api.post("/v1/invitations", {"email": email, "role": role}, account=account)
    return str(made["link"]).partition("#")[2]


async def _join(week: Week, new: New, password: str) -> None:
    token = await _invite(week, new.email, new.role, new.customer)
    body = {"token": token, "name": new.name, "password": password}
    _, headers = await week.api.call("POST", "/v1/invitations/accept", body)
    week.cast.people[new.key] = Person(new.email, new.name, _cookie(headers))


async def _sign_in(week: Week, key: str, password: str) -> None:
    person = week.cast.people[key]
    _, headers = await week.api.call("POST", "/v1/sessions", {"email": person.email, "password": password})
    person.cookie = _cookie(headers)


def _cookie(headers: Sequence[tuple[str, str]]) -> str:
    """The cookies of an answer, as a browser sends them back."""
    return "; ".join(value.partition(";")[0] for name, value in headers if name == "set-cookie")
