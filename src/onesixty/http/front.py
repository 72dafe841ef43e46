"""The part of the HTTP server that every request passes once, for any door: request id, caller, rate and body.

The path decides which door (`http.door`) a request is for; the longest prefix wins. A hot route is answered here
(`answer_hot`, or `http.ticks` if it answers several calls in one go). The connection calls it directly; unusual
requests come through ASGI. All other requests go on to the app of the door. Every error ends here, and is answered in
the door's format.

Rules kept here:
- behind a door with callers nothing is examined before the caller is known, not even whether the path exists. Open
  routes are the exception: their handlers identify the caller by a signature;
- every answer carries a request id (the caller's own, if acceptable) and RateLimit headers. Caches must not store an
  answer of a door with callers, since it may hold a secret, a number or a text;
- a request that cannot be understood (`http.strictness`) is refused before anything else is examined;
- HEAD is GET without its body (RFC 9110, 9.3.2);
- behind a proxy that leaves the path of the public URL in place, that path is taken off here, once for all doors;
- an unexpected exception is logged with the request id. The caller sees only `internal_error`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.ids import REQUEST, IdSource
from onesixty.http import problems
from onesixty.http.call import (
    SCOPE_KEY,
    Answer,
    AsgiMessage,
    AsgiScope,
    Call,
    HotRoute,
    OpenRoute,
    Receive,
    Send,
)
from onesixty.http.door import Door, Together
from onesixty.http.heads import Heads
from onesixty.http.hot import Hot, HotRoutes
from onesixty.http.limits import ANONYMOUS_PER_SECOND, RateLimits, rate_problem
from onesixty.http.networks import Proxies
from onesixty.http.reading import BODY_SECONDS, Gone, read_body
from onesixty.http.scopes import Principal
from onesixty.http.strictness import Headers, check_query
from onesixty.http.ticks import Tick
from onesixty.store.units import StoreError

_NO_STORE: Final = (b"cache-control", b"no-store")
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SANE_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._\-]{1,128}")
#: The parameters that may be repeated at most paths.
_NO_NAMES: Final[frozenset[str]] = frozenset()
#: The name under which requests that matched no route are counted.
_NO_ROUTE: Final = "none"
#: Requests a second from one address to open routes: a provider reports every message from a few machines.
OPEN_PER_SECOND: Final = 5_000
#: Answers without a body, and so without its type and length (RFC 9110, 8.6).
_BODILESS: Final = frozenset({204, 304})
#: The status under which a request is counted if its client hung up.
_CLIENT_GONE: Final = 499

_log = structlog.get_logger("onesixty.http")

#: Counts a request of a caller for further limits, and may set the RateLimit headers of its answer. Raises Problem.
Gate = Callable[[Call, Principal], None]
#: Notes a request of a caller with so many a second, and returns how many this node may take.
Share = Callable[[str, int], float]

#: (route template, status, seconds): for metrics.
Count = Callable[[str, int, float], None]


class Front:
    """The front of an HTTP server. One of the doors has the prefix `/`, and gets all paths that no other door has."""

    def __init__(
        self,
        doors: Sequence[Door],
        *,
        clock: Clock,
        ids: IdSource,
        body_seconds: float = BODY_SECONDS,
        count: Count | None = None,
        proxies: Proxies | None = None,
        gate: Gate | None = None,
        share: Share | None = None,
        prefix: str = "",
    ) -> None:
        """`proxies` are those whose word on the address of a client counts; `gate` is asked about each request of a
        known caller, after its own rate; `share` says what this node may take of that rate, if there can be others.
        `prefix` is the path of the public URL: paths count with it and without."""
        self._doors = sorted(doors, key=lambda door: len(door.prefix), reverse=True)
        if not self._doors or self._doors[-1].prefix != "/":
            raise ValueError("no door has the prefix /")
        self._clock = clock
        self._ids = ids
        self._limits = RateLimits(clock)
        self._count = count
        self._proxies = proxies
        self._gate = gate
        self._share = share
        self._prefix = prefix
        #: The hot routes of all doors.
        self.hot = HotRoutes(
            (method, self._hot(path, route, door, door.together.get((method, path))))
            for door in doors
            for (method, path), route in door.hot.items()
        )
        #: The headers of requests for them that were read before.
        self.heads = Heads()
        self.body_seconds = body_seconds

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if self._prefix:
            scope = _below(self._prefix, scope)
        client = scope.get("client")
        http_1_0 = scope.get("http_version") == "1.0"
        call = Call(scope["method"], scope["path"], scope["headers"], client[0] if client else "", http_1_0)
        found = None if scope.get("query_string") else self.hot.find(call.method, call.path)
        if found is not None:
            call.item = found.item
            answer = await self.answer_hot(call, found.hot, receive)
            if answer is not None:
                await _send(send, answer, self.headers_of(call, answer, found.hot.door))
            return
        door = self._door_of(call.path)
        open_route = None if door.find_open is None else door.find_open(call.method, call.path)
        if open_route is not None:
            await self._answer_open(call, door, open_route, scope, receive, send)
            return
        if call.method == "HEAD":
            scope = {**scope, "method": "GET"}
        started = self._clock.monotonic()
        self.identify(call)
        route, status = _NO_ROUTE, 500
        try:
            await self._admit(call, door)
            check_query(scope.get("query_string", b""), door.repeated.get(call.path, _NO_NAMES))
            if call.method in _WITH_BODY:
                call.body = await self._body_of(call, door, receive)
                if call.body and call.method != "DELETE" and (call.method, call.path) not in door.raw:
                    door.bodies.check_type(call.header(b"content-type"), call.method)
                    door.bodies.check(call.body)
            status = await self._delegate(call, door, scope, receive, send)
            route = getattr(scope.get("route"), "path_format", _NO_ROUTE)
        except Gone:
            status = _CLIENT_GONE
        except Exception as error:
            answer = self.answer_error(call, error, door)
            status = answer.status
            await _send(send, answer, self.headers_of(call, answer, door))
        finally:
            self._note(route, status, started)

    async def answer_hot(self, call: Call, hot: Hot, receive: Receive | None = None) -> Answer | None:
        """The answer of a hot route. Never raises; None if the client is gone.

        Without `receive` the call already has its body, within the limit.
        """
        started = self._clock.monotonic()
        self.identify(call)
        route, door = hot.route, hot.door
        status = 500
        try:
            await self._admit(call, door)
            if receive is not None:
                call.body = await self._body_of(call, door, receive)
            if call.body:
                door.bodies.check_type(call.header(b"content-type"), call.method)
            answer = await route(call)
            status = answer.status
        except Gone:
            status = _CLIENT_GONE
            return None
        except Exception as error:
            answer = _refuse_hot(call, error, door)
            status = answer.status
        finally:
            self._note(hot.path, status, started)
        return answer

    def _hot(self, path: str, route: HotRoute, door: Door, together: Together | None) -> Hot:
        if together is None:
            return Hot(route, door, path)
        tick = Tick(lambda calls: self._answer_together(calls, door, together, path))
        return Hot(route, door, path, together, tick)

    def joins(self, call: Call, hot: Hot) -> bool:
        """Whether the call can be answered together with others: it has to wait for nothing of its own."""
        callers = hot.door.callers
        if hot.together is None or callers is None or call.fault is not None:
            return False
        if self._proxies is not None:
            self._proxies.locate(call)
        try:
            call.principal = callers.peek(call)
        except Problem:
            return False
        return call.principal is not None and not hot.together.alone(call, call.principal)

    async def _answer_together(
        self, calls: Sequence[Call], door: Door, together: Together, path: str
    ) -> Sequence[Answer]:
        """The answers to calls whose callers are known (`joins`). Never raises."""
        started = self._clock.monotonic()
        refused = [self._before(call, door) for call in calls]
        passing = [call for call, error in zip(calls, refused, strict=True) if error is None]
        found: Sequence[Answer | Exception]
        try:
            found = await together.together(passing) if passing else ()
        except Exception as error:
            found = [error] * len(passing)
        seconds = self._clock.monotonic() - started
        outcomes = iter(found)
        answers = []
        for call, refusal in zip(calls, refused, strict=True):
            outcome = next(outcomes) if refusal is None else refusal
            answer = outcome if isinstance(outcome, Answer) else _refuse_hot(call, outcome, door)
            answers.append(answer)
            if self._count is not None:
                self._count(path, answer.status, seconds)
        return answers

    def _before(self, call: Call, door: Door) -> Exception | None:
        """Why a call whose caller is known may not pass."""
        self.identify(call)
        assert call.principal is not None
        try:
            self._take_known(call, call.principal)
            if call.body:
                door.bodies.check_type(call.header(b"content-type"), call.method)
        except Exception as error:  # what fails for one call must not fail the others
            return error
        return None

    async def _answer_open(
        self, call: Call, door: Door, found: OpenRoute, scope: AsgiScope, receive: Receive, send: Send
    ) -> None:
        """Answer a route that identifies its caller itself: without a key, and with any type of body."""
        started = self._clock.monotonic()
        self.identify(call)
        template, route = found
        status = 500
        query = scope.get("query_string", b"")
        call.target = (scope.get("raw_path") or call.path.encode()) + (b"?" + query if query else b"")
        try:
            if call.fault is not None:
                raise Problem("bad_request", call.fault)
            allowed, call.rate = self._limits.take(f"open:{door.name}:{call.client}", OPEN_PER_SECOND)
            if not allowed:
                raise rate_problem(OPEN_PER_SECOND)
            call.body = await self._body_of(call, door, receive)
            answer = await route(call)
            status = answer.status
        except Gone:
            status = _CLIENT_GONE
            return
        except Exception as error:
            call.path = template  # keeps a secret in the path out of the log
            answer = self.answer_error(call, error, door)
            status = answer.status
        finally:
            self._note(template, status, started)
        await _send(send, answer, self.headers_of(call, answer, door))

    def answer_error(self, call: Call, error: Exception, door: Door) -> Answer:
        """The answer to `call` for an error."""
        return door.refuse(_problem_of(call, error), call)

    def headers_of(self, call: Call, answer: Answer, door: Door) -> Headers:
        """All headers of an answer."""
        headers = [
            (b"content-type", answer.content_type),
            (b"content-length", b"%d" % len(answer.body)),
            (b"x-request-id", call.request_id.encode("ascii")),
            *call.rate,
            *answer.headers,
        ]
        if door.callers is not None:
            headers.append(_NO_STORE)
        if answer.status in (408, 413) or call.fault is not None:
            headers.append((b"connection", b"close"))
        return headers[2:] if answer.status in _BODILESS else headers

    def identify(self, call: Call) -> None:
        """Give the request its id, the caller's own if it is acceptable, and the address of its client."""
        if self._proxies is not None:
            self._proxies.locate(call)
        given = call.header(b"x-request-id")
        if given is not None and _SANE_REQUEST_ID.fullmatch(given):
            call.request_id = given.decode("ascii")
        else:
            call.request_id = self._ids.new(REQUEST)

    def _door_of(self, path: str) -> Door:
        for door in self._doors:
            if path.startswith(door.prefix):
                return door
        return self._doors[-1]  # for a target that is not a path, such as `*`

    async def _admit(self, call: Call, door: Door) -> None:
        """Identify the caller, and check the rate."""
        if call.fault is not None:
            raise Problem("bad_request", call.fault)
        callers = door.callers
        if callers is None:
            self._take_anonymous(call)
            return
        try:
            principal = callers.peek(call) or await callers.find(call)
        except (Problem, StoreError) as error:
            # Guessing keys is limited by address. A valid key from the same address is not affected.
            within = self._take_anonymous(call)
            if not within and isinstance(error, Problem):
                raise rate_problem(ANONYMOUS_PER_SECOND) from None
            raise
        self._take_known(call, principal)

    def _take_known(self, call: Call, principal: Principal) -> None:
        call.principal = principal
        bucket, per_second = principal.bucket, principal.requests_per_second
        share = None if self._share is None else self._share(bucket, per_second)
        allowed, call.rate = self._limits.take(bucket, per_second, share)
        if not allowed:
            raise rate_problem(principal.requests_per_second)
        if self._gate is not None:
            self._gate(call, principal)

    def _take_anonymous(self, call: Call) -> bool:
        allowed, call.rate = self._limits.take(f"address:{call.client}", ANONYMOUS_PER_SECOND)
        return allowed

    async def _body_of(self, call: Call, door: Door, receive: Receive) -> bytes:
        most = door.larger.get((call.method, call.path), door.max_body)
        return await read_body(receive, call.header(b"content-length"), most, self.body_seconds)

    async def _delegate(self, call: Call, door: Door, scope: AsgiScope, receive: Receive, send: Send) -> int:
        """Pass the request to the app of its door. Returns the status of the answer."""
        scope[SCOPE_KEY] = call
        head = call.method == "HEAD"
        if "\x00" in call.path:
            raise Problem("not_found")
        status = 0
        body_given = False

        async def receive_again() -> AsgiMessage:
            nonlocal body_given
            if body_given:
                return await receive()
            body_given = True
            return {"type": "http.request", "body": call.body, "more_body": False}

        async def send_with_headers(message: AsgiMessage) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), *call.rate]
                headers.append((b"x-request-id", call.request_id.encode("ascii")))
                if door.callers is not None and all(n != _NO_STORE[0] for n, _ in headers):
                    headers.append(_NO_STORE)
                message["headers"] = headers
                await send(message)
                if head:  # a stream would never end: its next write finds the client gone
                    await send({"type": "http.response.body", "body": b""})
            elif not head:
                await send(message)

        try:
            await door.app(scope, receive_again, send_with_headers)
        except Exception as error:
            # FastAPI has already answered internal_error, and raises the exception again so that it is logged.
            if not status:
                raise
            _log.error("request_failed", request_id=call.request_id, path=call.path, exc_info=error)
        return status

    def _note(self, route: str, status: int, started: float) -> None:
        if self._count is not None:
            self._count(route, status, self._clock.monotonic() - started)


def _below(prefix: str, scope: AsgiScope) -> AsgiScope:
    """The request without the prefix of its path, if it has that."""
    path, raw = scope["path"], scope.get("raw_path") or b""
    if path != prefix and not path.startswith(f"{prefix}/"):
        return scope
    if not raw.startswith(prefix.encode()):
        return scope  # written with escapes, as no proxy and no link of ours writes it
    return {**scope, "path": path[len(prefix) :] or "/", "raw_path": raw[len(prefix) :] or b"/"}


def _problem_of(call: Call, error: Exception) -> Problem:
    """The problem for an error. An unexpected exception is logged, and not shown."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, StoreError):
        return problems.of_store_error(error)
    _log.error("request_failed", request_id=call.request_id, path=call.path, exc_info=error)
    return Problem("internal_error")


def _refuse_hot(call: Call, error: Exception, door: Door) -> Answer:
    problem = _problem_of(call, error)
    if door.refused is not None:
        door.refused(call, problem)
    return door.refuse(problem, call)


async def _send(send: Send, answer: Answer, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
