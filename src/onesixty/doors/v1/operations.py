"""Operations: `/healthz`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`. They need no key.

`/healthz` tells that the process answers; `/readyz` that it would accept a message now. If metrics have a separate
address, `/metrics` is only there, and the other two are at both addresses.

The document and the pages take long to make (a good part of a second). So they are made once, when they are first
read, in a thread, and only the requests for them wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from onesixty.core.errors import Problem
from onesixty.http import pages
from onesixty.http.answers import json_answer
from onesixty.http.openapi import Document

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def monitoring_routes(ready: Callable[[], bool], metrics: Callable[[], bytes] | None) -> APIRouter:
    """`ready` tells whether the node accepts messages. `metrics` returns the Prometheus text, and is None if
    metrics are not at this address."""
    router = APIRouter(tags=["operations"])

    @router.get("/healthz")
    async def health() -> Response:
        """Check whether the process is alive."""
        return json_answer({"status": "ok"})

    @router.get("/readyz", responses={503: {"description": "This node does not accept messages right now."}})
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


def page_routes(document: Document) -> APIRouter:
    """The document of the API and the pages made from it."""
    router = APIRouter(tags=["operations"])
    headers = {"content-security-policy": pages.CONTENT_SECURITY_POLICY}
    written = Made(lambda: msgspec.json.encode(document()))
    page = Made(lambda: pages.api_page(document()).encode())
    errors_page = Made(lambda: pages.errors_page().encode())

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return Response(await written.get(), media_type="application/json")

    @router.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(await page.get(), headers=headers)

    @router.get("/docs/errors", include_in_schema=False)
    async def errors() -> Response:
        return HTMLResponse(await errors_page.get(), headers=headers)

    @router.get("/", include_in_schema=False)
    @router.get("/docs/", include_in_schema=False)
    async def to_docs() -> Response:
        return RedirectResponse("/docs", status_code=308)

    return router


class Made:
    """Content that is made once, in a thread, when it is first read."""

    def __init__(self, make: Callable[[], bytes]) -> None:
        self._make = make
        self._task: asyncio.Task[bytes] | None = None

    async def get(self) -> bytes:
        """The content. Requests that arrive meanwhile wait for the same task."""
        if self._task is None or (self._task.done() and self._task.exception() is not None):
            self._task = asyncio.create_task(asyncio.to_thread(self._make))
        return await asyncio.shield(self._task)
