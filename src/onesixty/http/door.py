"""A door as a value: what the front has to know of one API that is spoken over HTTP.

A door owns the paths that begin with its prefix. The front does what is the same for all doors: request ids,
rates, the limit of a body, headers and queries that cannot be understood, metrics, HEAD. It asks the door
for the rest: how to identify a caller, how to read a body, how to word a refusal, which routes are hot, and
which app has the other routes.

`/v1/` is one door (`doors.v1.door`), the pages without a key are another. A further API is one more value in the list
that the composition root passes to the front. The console (`console.door`) is one, without `callers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from onesixty.core.errors import Problem
from onesixty.http.call import Answer, AsgiApp, Call, FindOpen, HotRoute
from onesixty.http.reading import MAX_BODY
from onesixty.http.scopes import Principal


class Callers(Protocol):
    """How a door identifies a caller."""

    def peek(self, call: Call) -> Principal | None:
        """The caller if that needs no look-up. None means that the front has to use `find`. Raises Problem."""

    async def find(self, call: Call) -> Principal:
        """The caller, after a look-up. Raises Problem or StoreError."""


class Bodies(Protocol):
    """How a door reads bodies."""

    def check_type(self, content_type: bytes | None, method: str) -> None:
        """Raise Problem for a Content-Type that this door does not read."""

    def check(self, body: bytes) -> object:
        """Raise Problem for a body that is not well-formed. Hot routes check this themselves."""


class Together(Protocol):
    """A hot route that answers several calls in one go (`http.ticks`)."""

    def alone(self, call: Call, caller: Principal) -> bool:
        """Whether this call of `caller` may have to wait for something of its own."""

    async def together(self, calls: Sequence[Call]) -> Sequence[Answer | Exception]:
        """The answers, in the order of the calls, or why a call has none."""


#: Makes the answer that refuses a request.
Refuse = Callable[[Problem, Call], Answer]
#: Called for each refusal of a hot route.
Refused = Callable[[Call, Problem], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """One HTTP API.

    `app` has the routes that are not hot. `hot` are the routes that the front calls itself, by method and path, or
    template of a path (`http.hot`); `together` are those of them that also answer several calls in one go. `larger`
    are the limits, in bytes, of routes whose bodies may exceed `max_body`; `raw` are routes whose bodies are files,
    which the routes themselves examine. `repeated` are the parameters of queries that may appear several times, by
    path. `find_open` finds routes under the prefix that identify their callers themselves, or need none; each door
    has a limit of its own for them. A door without `callers` is public, and caches may store its answers.
    """

    name: str
    prefix: str
    app: AsgiApp
    refuse: Refuse
    bodies: Bodies
    callers: Callers | None = None
    hot: Mapping[tuple[str, str], HotRoute] = field(default_factory=dict)
    together: Mapping[tuple[str, str], Together] = field(default_factory=dict)
    max_body: int = MAX_BODY
    larger: Mapping[tuple[str, str], int] = field(default_factory=dict)
    raw: frozenset[tuple[str, str]] = frozenset()
    repeated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    find_open: FindOpen | None = None
    refused: Refused | None = None
