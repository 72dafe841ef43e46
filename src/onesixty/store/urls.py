"""The URLs of databases.

sqlite:///onesixty.db           a file, relative to the working directory
sqlite:////var/lib/onesixty.db  a file
sqlite://                       in memory, for tests and the simulation
postgresql://user:password@host:5432/name?sslmode=require
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

MEMORY: Final = "sqlite://"
_FILE: Final = "sqlite:///"


class UrlError(ValueError):
    """Not the URL of a database that onesixty can use. The text does not repeat the URL: it may hold a password."""


def is_postgresql(url: str) -> bool:
    """Whether the URL names a PostgreSQL. Raises UrlError if it names no engine."""
    scheme = urlsplit(url).scheme
    if scheme in ("postgresql", "postgres"):
        return True
    if scheme != "sqlite":
        raise UrlError(
            f"a database URL must begin with sqlite:/// or postgresql://, not with {scheme or 'nothing'}"
        )
    return False


def sqlite_path(url: str) -> Path:
    """Return the file that the URL of a SQLite database names. Raises UrlError if it names none."""
    if not url.startswith(_FILE) or len(url) == len(_FILE):
        raise UrlError(
            "the URL of a SQLite database must be sqlite:///relative/path or sqlite:////absolute/path"
        )
    return Path(unquote(url.removeprefix(_FILE)))
