"""One request as the front passes it to a route, and the answer of a hot route.

A hot route is any async callable from `Call` to `Answer`. The front calls it by method and path (`http.hot`). The
same callable is mounted in FastAPI, so that an endpoint's input and output are defined once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from onesixty.core.errors import Problem
from onesixty.http.scopes import Principal, check_scope
from onesixty.http.step_up import needs_fresh
from onesixty.http.strictness import Headers, header_fault, valid_host

#: The key in the ASGI scope under which FastAPI's routes find the `Call`.
SCOPE_KEY: Final = "onesixty.call"

JSON: Final = b"application/json"
#: The header that says why a request is made, for the audit log.
REASON: Final = b"onesixty-reason"
LONGEST_REASON: Final = 500
#: A value that no Host field has.
_NO_HOST: Final = b" "
PROBLEM_JSON: Final = b"application/problem+json"


class Answer(NamedTuple):
    """The answer of a hot route. The front adds length, request id and rate."""

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Call:
    """A request after the front: its caller, its id and the whole body.

    `principal` is None only on public paths. `headers` are as received: lower-case names, bytes.
    """

    __slots__ = (
        *("_headers", "body", "client", "fault", "item", "method", "path", "principal", "rate", "request_id"),
        "target",
    )

    def __init__(self, method: str, path: str, headers: Headers, client: str, http_1_0: bool = False) -> None:
        self.method = method
        self.path = path
        #: What stands for `{id}` in the path of a hot route.
        self.item = ""
        #: The address of the client.
        self.client = client
        self._headers = dict(headers)
        #: Why the header cannot be understood. Such a request is refused before anything else.
        self.fault: str | None = None
        if len(self._headers) != len(headers) or not valid_host(self._headers.get(b"host", _NO_HOST)):
            self.fault = header_fault(headers, http_1_0)
        #: Set by the front before anything can fail.
        self.request_id = ""
        self.principal: Principal | None = None
        self.body = b""
        #: Path and query as received; set for open routes only.
        self.target = b""
        #: The RateLimit headers of the answer.
        self.rate: Headers = []

    def again(self, client: str, body: bytes) -> Call:
        """Another request with the same header, which has no fault."""
        call = Call.__new__(Call)
        call.method, call.path, call._headers = self.method, self.path, self._headers
        call.client, call.body, call.target, call.item = client, body, b"", self.item
        call.fault = call.principal = None
        call.request_id, call.rate = "", []
        return call

    def caller(self, scope: str) -> Principal:
        """The principal, if it has `scope` and the right mode for it, and is fresh where that is needed. Raises
        Problem."""
        if self.principal is None:
            raise Problem("unauthorized")
        check_scope(self.principal, scope)
        if not self.principal.fresh:
            self.check_fresh()
        return self.principal

    @property
    def reason(self) -> str | None:
        """Why the caller makes this request, if it says so (`Onesixty-Reason`). Raises Problem."""
        given = self.header(REASON)
        if given is None:
            return None
        text = given.decode("utf-8", "replace").strip()
        if len(text) > LONGEST_REASON:
            raise Problem(
                "invalid_parameter",
                f"`Onesixty-Reason` must not be longer than {LONGEST_REASON} characters.",
                param="Onesixty-Reason",
            )
        return text or None

    @property
    def is_stale(self) -> bool:
        """Whether the principal has to prove who it is before this request."""
        principal = self.principal
        return principal is not None and not principal.fresh and needs_fresh(self.method, self.path)

    def check_fresh(self) -> None:
        """Raise Problem `reauthenticate` if the principal has to prove who it is before this request."""
        if self.is_stale:
            raise Problem("reauthenticate")

    def headers(self) -> dict[str, str]:
        """All headers, lower-case names to values."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self._headers.items()}

    def header(self, name: bytes) -> bytes | None:
        """The header of this (lower-case) name; the last one if there are several."""
        return self._headers.get(name)


HotRoute = Callable[[Call], Awaitable[Answer]]

#: The template under which a route without a key is counted in metrics, and the route.
OpenRoute = tuple[str, HotRoute]
#: Finds the open route for a method and path; None if there is none.
FindOpen = Callable[[str, str], OpenRoute | None]

AsgiScope = dict[str, Any]
AsgiMessage = dict[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
AsgiApp = Callable[[AsgiScope, Receive, Send], Awaitable[None]]
