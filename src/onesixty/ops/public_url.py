"""The public URL: how others reach onesixty, perhaps under a path behind a proxy.

Rules kept here:
- the path is made of plain characters, so that it is the same in a request, in a link and in a page;
- it does not begin like a path of onesixty itself: then nobody could tell whether a proxy has removed it.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

#: What the paths of onesixty begin with.
OWN: Final = frozenset({"v1", "console", "docs", "openapi.json", "metrics", "healthz", "readyz"})

_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


def checked_url(value: str | None) -> str | None:
    """The URL without a slash at its end. Raises ValueError."""
    if value is None:
        return None
    if not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    url = value.rstrip("/")
    parts = urlsplit(url)
    if parts.query or parts.fragment or not _PATH.fullmatch(parts.path):
        raise ValueError("must end with a host or a path of letters, digits and - . _ ~, such as /sms")
    first = parts.path[1:].partition("/")[0]
    if first in OWN:
        raise ValueError(f"must not have a path that begins with /{first}: onesixty has this path itself")
    return url


def path_of(url: str) -> str:
    """The path of a public URL, without a slash at its end; empty for a URL that is only a host."""
    return urlsplit(url).path.rstrip("/")
