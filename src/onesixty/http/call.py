"""One request as the front hands it on to a route, and the answer of a hot route.

A hot route is any async callable from `Call` to `Answer`; the front calls it by method and path, and the same
callable is mounted in FastAPI, so that there is one truth of what the endpoint takes and says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from onesixty.core.errors import Problem
from onesixty.http.scopes import Principal, check_scope
from onesixty.http.strictness import Headers, header_fault, valid_host

#: Where the front leaves the `Call` in the ASGI scope for FastAPI's routes.
SCOPE_KEY: Final = "onesixty.call"

JSON: Final = b"application/json"
#: What no Host field says.
_NO_HOST: Final = b" "
PROBLEM_JSON: Final = b"application/problem+json"


class Answer(NamedTuple):
    """What a hot route answers. The front adds length, request id and rate."""

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Call:
    """A request after the front: who asks, under which id, and the whole body.

    `principal` is None only on public paths. `headers` as they came: lower-case names, bytes.
    """

    __slots__ = (
        *("_headers", "body", "client", "fault", "method", "path", "principal", "rate", "request_id"),
        "target",
    )

    def __init__(self, method: str, path: str, headers: Headers, client: str, http_1_0: bool = False) -> None:
        self.method = method
        self.path = path
        #: The address of whoever connected.
        self.client = client
        self._headers = dict(headers)
        #: Why the header cannot be understood; such a request is refused before anything else.
        self.fault: str | None = None
        if len(self._headers) != len(headers) or not valid_host(self._headers.get(b"host", _NO_HOST)):
            self.fault = header_fault(headers, http_1_0)
        #: Set by the front before anything can fail.
        self.request_id = ""
        self.principal: Principal | None = None
        self.body = b""
        #: Path and query as they came; set for open routes alone.
        self.target = b""
        #: The RateLimit headers of the answer.
        self.rate: Headers = []

    def caller(self, scope: str) -> Principal:
        """The principal, if its key has `scope` and the right mode for it. Raises Problem."""
        if self.principal is None:
            raise Problem("unauthorized")
        check_scope(self.principal, scope)
        return self.principal

    def headers(self) -> dict[str, str]:
        """All headers, lower-case names to values."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self._headers.items()}

    def header(self, name: bytes) -> bytes | None:
        """The header of this (lower-case) name; the last one if there are several."""
        return self._headers.get(name)


HotRoute = Callable[[Call], Awaitable[Answer]]

#: A route for callers without a key, and the template that it is counted under.
OpenRoute = tuple[str, HotRoute]
#: Finds the open route of a method and path, None for all others.
FindOpen = Callable[[str, str], OpenRoute | None]

AsgiScope = dict[str, Any]
AsgiMessage = dict[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
AsgiApp = Callable[[AsgiScope, Receive, Send], Awaitable[None]]
