"""The settings of a node as operators may see them.

Rules kept here:
- a secret is never shown: `********` says that it is set. Tables of carriers and extensions may hold secrets of any
  name, so only their names are shown; a URL of a database is shown without its password;
- the source says what an operator has to change: the variable, which wins, or the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from onesixty.doctor.bodies import SettingView
from onesixty.ops.settings import Settings, variable_of

MASK: Final = "********"

#: Where a value comes from.
VARIABLE: Final = "variable"
FILE: Final = "file"
DEFAULT: Final = "default"

#: The settings that are tables, of which only the names are shown.
_TABLES: Final = ("carriers", "routes", "extensions")


def shown(settings: Settings, environ: Mapping[str, str] | None = None) -> list[SettingView]:
    """All settings, in the order in which they are defined. `environ` is that of the process."""
    return list(_views(settings, os.environ if environ is None else environ))


def source_of(settings: Settings, name: str, environ: Mapping[str, str]) -> str:
    """Where the value of a setting comes from. What is not a default was said in the file, unless a variable says
    it."""
    if name not in settings.model_fields_set:
        return DEFAULT
    variable = variable_of(name)
    said = (given.upper() for given in environ)
    own = any(one == variable or (name == "extensions" and one.startswith(f"{variable}__")) for one in said)
    return VARIABLE if own else FILE


def _views(settings: Settings, environ: Mapping[str, str]) -> Iterator[SettingView]:
    for name, field in Settings.model_fields.items():
        value, default = getattr(settings, name), field.get_default(call_default_factory=True)
        yield SettingView(
            name=name,
            variable=variable_of(name),
            value=_table(name, value) if name in _TABLES else _plain(name, value),
            default=None if name in _TABLES else _plain(name, default),
            source=source_of(settings, name, environ),
            secret=is_secret(field),
        )


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting holds a secret."""
    return "SecretStr" in str(field.annotation)


def without_password(url: str) -> str:
    """A URL with its password covered, wherever the password stands."""
    parts = urlsplit(url)
    host = parts.netloc
    if parts.password is not None:
        user, _, rest = host.rpartition("@")
        host = f"{user.partition(':')[0]}:{MASK}@{rest}"
    query = "&".join(
        f"password={MASK}" if part.startswith("password=") else part for part in parts.query.split("&")
    )
    return urlunsplit(parts._replace(netloc=host, query=query)) if host or query else url


def _table(name: str, value: Any) -> list[str]:
    """The names of the tables."""
    if isinstance(value, Mapping):
        return sorted(str(key) for key in value)
    return [str(one.get("name", "")) for one in value]


def _plain(name: str, value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, Path | Decimal):
        return str(value)
    if name == "database_url" and isinstance(value, str):
        return without_password(value)
    if isinstance(value, Mapping):
        return {key: _plain(name, one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(name, one) for one in value]
    return value
