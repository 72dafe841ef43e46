"""Refusals as problem details (RFC 9457), raised by the front, a route, FastAPI or Starlette.

Rules kept here:
- every member of the document comes from the catalogue or from the `Problem`. An unexpected exception is only logged,
  and nothing of it is shown;
- `type` and `doc_url` are a page of this server itself, so the reader needs no network;
- a retryable refusal says after how many seconds to retry (Retry-After), and 401 says how to authenticate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core.errors import CATALOGUE, Problem
from onesixty.http.call import PROBLEM_JSON, SCOPE_KEY, Answer, Call
from onesixty.http.door import Refuse
from onesixty.http.validation import of_request_validation
from onesixty.store.units import Poisoned, StoreError, TooBroad

#: The path of the page of errors under the public URL.
ERROR_PAGE = "/docs/errors"

#: Codes of the catalogue for the statuses that Starlette and FastAPI raise.
_CODES = {
    400: "bad_json",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


def document(problem: Problem, request_id: str, public_url: str) -> dict[str, object]:
    """The members of the problem document, in the order in which they are shown."""
    kind = problem.kind
    url = f"{public_url}{ERROR_PAGE}#{kind.code}"
    members: dict[str, object] = {
        "type": url,
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
        "code": kind.code,
        "param": problem.param,
        "retryable": kind.retryable,
        "doc_url": url,
        "request_id": request_id,
    }
    for name, value in (problem.extra or {}).items():
        members.setdefault(name, value)
    return members


def answer(problem: Problem, request_id: str, public_url: str) -> Answer:
    """The answer that carries `problem`."""
    status = problem.kind.status
    headers: list[tuple[bytes, bytes]] = []
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="onesixty"'))
    if problem.retry_after is not None or status in (429, 503):
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(problem.retry_after or 1))))
    if status == 405 and problem.extra and "allow" in problem.extra:
        headers.append((b"allow", str(problem.extra["allow"]).encode("latin-1")))
    body = msgspec.json.encode(document(problem, request_id, public_url))
    return Answer(status, body, PROBLEM_JSON, tuple(headers))


def of_http_exception(error: HTTPException) -> Problem:
    """The problem for what Starlette raises, mostly for unknown paths and methods."""
    code = _CODES.get(error.status_code)
    if code is None:
        return Problem("internal_error" if error.status_code >= 500 else "bad_request")
    allow = (error.headers or {}).get("allow") or (error.headers or {}).get("Allow")
    if allow and "GET" in allow.split(", "):
        allow = f"{allow}, HEAD"  # the front answers HEAD itself
    return Problem(code, extra={"allow": allow} if allow else None)


def of_store_error(error: StoreError) -> Problem:
    """The problem for a store error during a request."""
    if isinstance(error, TooBroad):
        return Problem("query_too_broad", "Narrow the query: name a batch, a reference or a shorter period.")
    if isinstance(error, Poisoned):
        return (
            Problem("conflict") if error.conflict else Problem("invalid_field", "This data cannot be stored.")
        )
    return Problem("unavailable", "The store is unavailable. Retry in a moment.", retry_after=1)


Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


def documents(public_url: str) -> Refuse:
    """The `Refuse` of a door that answers with problem documents."""

    def refuse(problem: Problem, call: Call) -> Answer:
        return answer(problem, call.request_id, public_url)

    return refuse


def handlers(refuse: Refuse) -> dict[int | type[Exception], Handler]:
    """The exception handlers of a door's FastAPI app."""

    async def respond(request: Request, error: Exception) -> Response:
        if isinstance(error, Problem):
            problem = error
        elif isinstance(error, RequestValidationError):
            problem = of_request_validation(error)
        elif isinstance(error, StoreError):
            problem = of_store_error(error)
        elif isinstance(error, HTTPException):
            problem = of_http_exception(error)
        else:
            problem = Problem("internal_error")
        call: Call = request.scope[SCOPE_KEY]
        return response_of(refuse(problem, call))

    return {
        Problem: respond,
        RequestValidationError: respond,
        HTTPException: respond,
        StoreError: respond,
        Exception: respond,
    }


def response_of(given: Answer) -> Response:
    """An answer of a hot route as a response of Starlette."""
    response = Response(given.body, given.status, media_type=given.content_type.decode("latin-1"))
    for name, value in given.headers:
        response.headers[name.decode("latin-1")] = value.decode("latin-1")
    return response


def example(code: str, public_url: str) -> dict[str, object]:
    """A sample problem document for the documentation."""
    return document(Problem(CATALOGUE[code].code), "req_01h455vb4pex5vsknk084sn02q", public_url)
