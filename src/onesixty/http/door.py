"""A door as a value: what the front has to know of one of the APIs that are spoken over HTTP.

A door owns the paths that begin with its prefix. The front does for all doors what is the same for each: request ids,
rates, the bound of a body, headers and queries that cannot be understood, metrics, HEAD. It asks the door for what is
its own: how a caller is known, how a body is read, how a refusal is worded, which routes are hot, which app has the
others.

`/v1/` is one (`doors.v1.door`), the pages that need no key are another. A further API is one more value in the list
that the composition root hands to the front. So are the static files of a console, a door without `callers`, and an
API whose callers find their session by a cookie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from onesixty.core.errors import Problem
from onesixty.http.call import Answer, AsgiApp, Call, FindOpen, HotRoute
from onesixty.http.reading import MAX_BODY
from onesixty.http.scopes import Principal


class Callers(Protocol):
    """How a door knows who calls."""

    def peek(self, call: Call) -> Principal | None:
        """The caller where that can be told at once; None sends the front to `find`. Raises Problem."""

    async def find(self, call: Call) -> Principal:
        """The caller, after a look-up. Raises Problem or StoreError."""


class Bodies(Protocol):
    """How the bodies of a door are written."""

    def check_type(self, content_type: bytes | None, method: str) -> None:
        """Raises Problem for a Content-Type that this door does not read."""

    def check(self, body: bytes) -> object:
        """Raises Problem for a body that is not well-formed. Hot routes see to that themselves."""


#: Words a refusal of a request.
Refuse = Callable[[Problem, Call], Answer]
#: Is told of each refusal of a hot route.
Refused = Callable[[Call, Problem], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """See the module.

    `app` has the routes that are not hot. `hot` are those that the front serves without it, by method and path.
    `larger` are the bodies, in bytes, of routes that take more than `max_body`. `find_open` finds routes under the
    prefix that check themselves who calls. Without `callers` anybody may call, and answers may be kept by caches.
    """

    name: str
    prefix: str
    app: AsgiApp
    refuse: Refuse
    bodies: Bodies
    callers: Callers | None = None
    hot: Mapping[tuple[str, str], HotRoute] = field(default_factory=dict)
    max_body: int = MAX_BODY
    larger: Mapping[tuple[str, str], int] = field(default_factory=dict)
    find_open: FindOpen | None = None
    refused: Refused | None = None


class Hot(NamedTuple):
    """A hot route and its door."""

    route: HotRoute
    door: Door
