"""What a request must show before its cookie counts for a change: that a page of this site made it.

Rules kept here, for every request by cookie that is not GET or HEAD:
- `Content-Type` is JSON or multipart. A form of another site can send neither JSON nor the header below without
  asking first (CORS), and nothing here ever answers such a question;
- `X-Onesixty-Console: 1`;
- `Origin` names the host of the request or of the public URL; `localhost`, 127.0.0.1 and [::1] are one;
- `Sec-Fetch-Site`, where sent, is `same-origin`. Browsers leave it out over plain HTTP beyond loopback, so that it
  can neither be the only check nor be asked for.

The routes by which one signs in have no session yet. They take requests without `Origin` (from curl), and hold all
others to the same rules, so that no page signs somebody into an account that is not theirs.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from onesixty.core.errors import Problem
from onesixty.http.call import Call
from onesixty.people.cookies import Site, host_of

HEADER: Final = b"x-onesixty-console"
_SAFE: Final = frozenset({"GET", "HEAD"})
#: Also those of files that are uploaded as they are. No form of another site can send them.
_FILES: Final = frozenset({b"application/pdf", b"image/png", b"image/jpeg"})
_TYPES: Final = _FILES | {b"application/json", b"application/merge-patch+json", b"multipart/form-data"}


def check(call: Call, site: Site) -> None:
    """Raise Problem `csrf` unless a page of this site made the request."""
    if call.method in _SAFE:
        return
    _check_type(call)
    if call.header(HEADER) != b"1":
        raise _refused("The header `X-Onesixty-Console: 1` is missing.")
    origin = call.header(b"origin")
    if origin is None:
        raise _refused("The header `Origin` is missing.")
    _check_origin(call, origin, site)


def check_open(call: Call, site: Site) -> None:
    """The same for a route by which one signs in: a request without `Origin` is no page's."""
    if call.method in _SAFE:
        return
    _check_type(call)
    origin = call.header(b"origin")
    if origin is not None:
        _check_origin(call, origin, site)


def _check_type(call: Call) -> None:
    kind = (call.header(b"content-type") or b"").partition(b";")[0].strip().lower()
    if kind not in _TYPES:
        raise _refused("Send `Content-Type: application/json`, also without a body.")


def _check_origin(call: Call, origin: bytes, site: Site) -> None:
    try:
        parts = urlsplit(origin.decode("ascii"))
    except ValueError:  # also for an Origin that is not ASCII
        raise _refused("The header `Origin` is malformed.") from None
    host = (call.header(b"host") or b"").decode("latin-1")
    known = (host_of(parts.scheme, host), site.host)
    if parts.scheme not in ("http", "https") or host_of(parts.scheme, parts.netloc) not in known:
        raise _refused("The request comes from a page of another site.")
    fetched = call.header(b"sec-fetch-site")
    if fetched is not None and fetched != b"same-origin":
        raise _refused("The request comes from a page of another site.")


def _refused(detail: str) -> Problem:
    return Problem("csrf", detail)
