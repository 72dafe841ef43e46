"""The verbs that resources share, and the options that several of them have. The tables are made of these."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from onesixty.cli.output import Column
from onesixty.cli.resources import FLAG, Field, Verb

MODE: Final[Column] = ("mode", lambda row: "test" if row.get("test") else "live")
CLASSES: Final = ("otp", "transactional", "marketing")
REASON: Final = Field("reason", "For the others at the desk.")
ENABLED: Final = Field("enabled", "Whether it is in use.", FLAG)


def listed(
    path: str, *columns: Column, filters: tuple[Field, ...] = (), paged: bool = True, about: str
) -> Verb:
    """`list`."""
    return Verb("list", about, "GET", path, fields=filters, columns=columns, paged=paged)


def got(path: str, what: str, id_help: str) -> Verb:
    """`get`."""
    return Verb("get", f"Show {what}.", "GET", path, id_help=id_help)


def created(path: str, what: str, *fields: Field) -> Verb:
    """`create`, from options or a file."""
    return Verb("create", f"Make {what}.", "POST", path, fields=fields, body_file=True)


def changed(path: str, what: str, id_help: str, *fields: Field) -> Verb:
    """`change`, from options or a file; `--clear` empties a field."""
    about = f"Change {what}; what is not given stays."
    return Verb(
        "change", about, "PATCH", path, fields=fields, id_help=id_help, body_file=True, clearable=True
    )


def required(fields: tuple[Field, ...], *names: str) -> tuple[Field, ...]:
    """The same fields, of which these have to be given."""
    return tuple(replace(field, required=field.required or field.name in names) for field in fields)


def removed(path: str, what: str, id_help: str) -> Verb:
    """`remove`."""
    return Verb("remove", f"Delete {what}.", "DELETE", path, id_help=id_help, done="removed")


def posted(name: str, path: str, about: str, id_help: str = "", *fields: Field, **more: Any) -> Verb:
    """A verb of its own."""
    return Verb(name, about, "POST", path, fields=fields, id_help=id_help, **more)
