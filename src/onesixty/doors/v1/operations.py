"""Operations: `/healthz`, `/readyz`, `/metrics`, `/openapi.json`, `/docs/openapi.json`, `/docs/errors`,
`/docs/console`. They need no key. `/docs` itself is served with the console (`console.door`).

`/healthz` tells that the process answers; `/readyz` that it would accept a message now. If metrics have a separate
address, `/metrics` is only there, and the other two are at both addresses.

The documents take long to make (a good part of a second), and are large. So they are made and compressed once, when
they are first read, in a thread, and only the requests for them wait. A client that has one is told so (304).
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from hashlib import sha256
from typing import Final, Literal, NamedTuple

import msgspec
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from onesixty.console.pages import help_page
from onesixty.core.errors import Problem
from onesixty.doors.v1.illustrated import illustrated
from onesixty.http import pages
from onesixty.http.answers import json_answer
from onesixty.http.negotiation import header, matches, prefers_gzip
from onesixty.http.openapi import Document, Router

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """The node accepts messages."""

    status: Literal["ready"]


def monitoring_routes(ready: Callable[[], bool], metrics: Callable[[], bytes] | None) -> Router:
    """`ready` tells whether the node accepts messages. `metrics` returns the Prometheus text, and is None if
    metrics are not at this address."""
    router = Router("operations")

    @router.get("/healthz", response_model=Health)
    async def health() -> Response:
        """Check whether the process is alive."""
        return json_answer({"status": "ok"})

    @router.get(
        "/readyz",
        response_model=Readiness,
        responses={503: {"description": "This node does not accept messages right now."}},
    )
    async def readiness() -> Response:
        """Check whether this node accepts messages."""
        if not ready():
            raise Problem("unavailable", "This node does not accept messages right now.", retry_after=1)
        return json_answer({"status": "ready"})

    if metrics is not None:

        @router.get("/metrics", responses={200: {"content": {"text/plain": {}}}})
        async def read_metrics() -> Response:
            """Get metrics in the Prometheus text format."""
            return Response(metrics(), media_type=METRICS_TYPE)

    return router


def page_routes(document: Document, public_url: str) -> Router:
    """The document of the API, without and with examples, and the pages of errors and of the console."""
    router = Router("operations")
    plain = Made(lambda: msgspec.json.encode(document()))
    with_examples = Made(lambda: msgspec.json.encode(illustrated(document(), public_url)))

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> Response:
        return _answer(await plain.get(), request)

    @router.get("/docs/openapi.json", include_in_schema=False)
    async def openapi_with_examples(request: Request) -> Response:
        return _answer(await with_examples.get(), request)

    @router.get("/docs/errors", include_in_schema=False)
    async def errors() -> Response:
        return HTMLResponse(pages.errors_page(), headers=pages.HEADERS)

    @router.get("/docs/console", include_in_schema=False)
    async def console() -> Response:
        return HTMLResponse(help_page(), headers=pages.HEADERS)

    return router


class Content(NamedTuple):
    """A JSON document, also compressed. `tag` is the middle of its entity tags."""

    tag: str
    plain: bytes
    compressed: bytes


def _answer(content: Content, request: Request) -> Response:
    """The document in the form that the client takes, or 304 if it has that."""
    compressed = prefers_gzip(header(request, "accept-encoding"))
    tag = f'"{content.tag}-gzip"' if compressed else f'"{content.tag}"'
    headers = {"etag": tag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if matches(header(request, "if-none-match"), tag.encode()):
        return Response(status_code=304, headers=headers)
    if compressed:
        headers["content-encoding"] = "gzip"
    body = content.compressed if compressed else content.plain
    return Response(body, media_type="application/json", headers=headers)


class Made:
    """A document that is made once, in a thread, when it is first read."""

    def __init__(self, make: Callable[[], bytes]) -> None:
        self._make = make
        self._task: asyncio.Task[Content] | None = None

    async def get(self) -> Content:
        """The document. Requests that arrive meanwhile wait for the same task."""
        if self._task is None or (self._task.done() and self._task.exception() is not None):
            self._task = asyncio.create_task(asyncio.to_thread(self._content))
        return await asyncio.shield(self._task)

    def _content(self) -> Content:
        plain = self._make()
        return Content(sha256(plain).hexdigest()[:32], plain, gzip.compress(plain, 6, mtime=0))
