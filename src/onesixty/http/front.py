"""The ASGI app before everything: each request passes here once, whichever route it goes to.

Its steps: request id, key, rate, body within its limit and its time, then the hot route by method and path,
or the FastAPI app for all the rest. What goes wrong anywhere ends here as a problem document.

Rules kept here:
- under `/v1/` nothing is looked at, not even whether the path exists, before the key is known;
- a body is bounded while it is read, before anything parses it: by its announced length, and by what really
  comes, chunked or not; a body that stops coming is given up after `BODY_SECONDS`;
- every answer carries a request id (the caller's own, if sane) and RateLimit headers;
- an exception that nobody expected is logged with the request id and shown as `internal_error`, no more.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.ids import REQUEST, IdSource
from onesixty.http import problems
from onesixty.http.auth import KeyRing, bearer, hash_of
from onesixty.http.call import (
    SCOPE_KEY,
    Answer,
    AsgiApp,
    AsgiMessage,
    AsgiScope,
    Call,
    HotRoute,
    Receive,
    Send,
)
from onesixty.http.limits import ANONYMOUS_PER_SECOND, RateLimits, rate_problem
from onesixty.http.validation import check_json
from onesixty.store.units import StoreError

MAX_BODY: Final = 1_048_576
BODY_SECONDS: Final = 30.0
#: So much of a body that is too large is still read, so that the client gets to see the refusal.
DRAIN_BYTES: Final = 8 * 1_048_576
DRAIN_SECONDS: Final = 5.0

_PROTECTED: Final = "/v1/"
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SANE_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._\-]{1,128}")

_log = structlog.get_logger("onesixty.http")

#: (route template, status, seconds): for metrics.
Count = Callable[[str, int, float], None]


class _Gone(Exception):
    """The client hung up before its request was complete."""


class Front:
    """See the module. `hot` are the routes served without FastAPI, by (method, path)."""

    def __init__(
        self,
        api: AsgiApp,
        *,
        ring: KeyRing,
        clock: Clock,
        ids: IdSource,
        hot: Mapping[tuple[str, str], HotRoute],
        public_url: str,
        max_body: int = MAX_BODY,
        body_seconds: float = BODY_SECONDS,
        count: Count | None = None,
    ) -> None:
        self._api = api
        self._ring = ring
        self._clock = clock
        self._ids = ids
        self._hot = dict(hot)
        self._public_url = public_url
        self._max_body = max_body
        self._body_seconds = body_seconds
        self._limits = RateLimits(clock)
        self._count = count

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = self._clock.monotonic()
        call = Call(scope["method"], scope["path"], scope["headers"], "")
        given = call.header(b"x-request-id")
        if given is not None and _SANE_REQUEST_ID.fullmatch(given):
            call.request_id = given.decode("ascii")
        else:
            call.request_id = self._ids.new(REQUEST)
        hot = self._hot.get((call.method, call.path))
        route = call.path
        status = 500
        try:
            try:
                await self._admit(call, scope)
                if call.method in _WITH_BODY:
                    call.body = await self._read_body(call, receive)
                if hot is None:
                    status = await self._delegate(call, scope, receive, send)
                    matched = scope.get("route")
                    route = getattr(matched, "path", "none")
                    return
                answer = await hot(call)
            except (Problem, StoreError) as error:
                problem = error if isinstance(error, Problem) else problems.of_store_error(error)
                route = route if hot is not None else "none"
                answer = problems.answer(problem, call.request_id, self._public_url)
            status = answer.status
            await _send(send, answer, call)
        except _Gone:
            status = 499
        except Exception:
            _log.exception("request_failed", request_id=call.request_id, route=route)
            answer = problems.answer(Problem("internal_error"), call.request_id, self._public_url)
            await _send(send, answer, call)
        finally:
            if self._count is not None:
                self._count(route, status, self._clock.monotonic() - started)

    async def _admit(self, call: Call, scope: AsgiScope) -> None:
        """Who asks, and whether one more request is within the rate."""
        if not call.path.startswith(_PROTECTED):
            self._take_anonymous(call, scope)
            return
        try:
            key_hash = hash_of(bearer(call.header(b"authorization")))
            principal = self._ring.peek(key_hash) or await self._ring.get(key_hash)
        except Problem as problem:
            # Guessing keys is slowed by address; a right key from the same address is not held up by it.
            if not self._take_anonymous(call, scope) and problem.kind.status == 401:
                raise rate_problem(ANONYMOUS_PER_SECOND) from None
            raise
        allowed, call.rate = self._limits.take(principal.key_id, principal.requests_per_second)
        if not allowed:
            raise rate_problem(principal.requests_per_second)
        call.principal = principal

    def _take_anonymous(self, call: Call, scope: AsgiScope) -> bool:
        client = scope.get("client")
        allowed, call.rate = self._limits.take(f"address:{client[0] if client else ''}", ANONYMOUS_PER_SECOND)
        return allowed

    # ------------------------------------------------------------ the body

    async def _read_body(self, call: Call, receive: Receive) -> bytes:
        announced = call.header(b"content-length")
        length = int(announced) if announced is not None and announced.isdigit() else 0
        if length > self._max_body + DRAIN_BYTES:
            raise self._too_large()
        deadline = asyncio.timeout(self._body_seconds)
        try:
            async with deadline:
                body = await self._read(receive)
        except TimeoutError:
            raise Problem("request_timeout", f"No whole body in {self._body_seconds:g} seconds.") from None
        if body and call.method != "DELETE" and not _is_json(call.header(b"content-type")):
            raise Problem(
                "unsupported_media_type", "Send the body as JSON, with `Content-Type: application/json`."
            )
        return body

    async def _read(self, receive: Receive) -> bytes:
        message = await receive()
        if not message.get("more_body") and message["type"] == "http.request":
            body: bytes = message["body"]
            if len(body) > self._max_body:
                raise self._too_large()
            return body
        chunks: list[bytes] = []
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                raise _Gone
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._max_body:
                chunks.clear()
                if message.get("more_body"):
                    await _drain(receive)
                raise self._too_large()
            chunks.append(chunk)
            if not message.get("more_body"):
                return b"".join(chunks)
            message = await receive()

    def _too_large(self) -> Problem:
        return Problem("body_too_large", f"A body has at most {self._max_body} bytes.")

    # ------------------------------------------------------------ the rest of the API

    async def _delegate(self, call: Call, scope: AsgiScope, receive: Receive, send: Send) -> int:
        """Hand the request to FastAPI. Gives the status that it answered."""
        scope[SCOPE_KEY] = call
        if "\x00" in call.path:
            raise Problem("not_found")
        if call.body and call.method != "DELETE":
            check_json(call.body)
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
                message["headers"] = headers
            await send(message)

        try:
            await self._api(scope, receive_again, send_with_headers)
        except Exception:
            # FastAPI has answered it as internal_error already, and raises it again so that it is logged.
            if not status:
                raise
            _log.exception("request_failed", request_id=call.request_id, route=call.path)
        return status


async def _drain(receive: Receive) -> None:
    """Read on for a while without keeping anything: a client that is still sending does not read answers."""
    size = 0
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while size <= DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
    except TimeoutError:
        return


def _is_json(content_type: bytes | None) -> bool:
    if content_type is None:
        return False
    if content_type == b"application/json":
        return True
    kind, *parameters = content_type.lower().split(b";")
    if kind.strip() != b"application/json":
        return False
    for parameter in parameters:
        name, _, value = parameter.strip().partition(b"=")
        if name == b"charset" and value.strip(b'"') not in (b"utf-8", b"utf8"):
            return False
    return True


async def _send(send: Send, answer: Answer, call: Call) -> None:
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", b"%d" % len(answer.body)),
        (b"x-request-id", call.request_id.encode("ascii")),
        *call.rate,
        *answer.headers,
    ]
    if answer.status in (408, 413):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
