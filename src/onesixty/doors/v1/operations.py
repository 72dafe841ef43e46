"""Operations: `/healthz`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`. They need no key.

`/healthz` says that the process answers; `/readyz` that it would take a message now.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from onesixty.core.errors import Problem
from onesixty.http import pages
from onesixty.http.answers import json_answer
from onesixty.http.openapi import Document

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def operation_routes(
    ready: Callable[[], bool], metrics: Callable[[], bytes], document: Document
) -> APIRouter:
    """`metrics` gives the Prometheus text, `ready` whether the node takes messages."""
    router = APIRouter(tags=["operations"])
    no_outside = {"content-security-policy": pages.CONTENT_SECURITY_POLICY}

    @router.get("/healthz")
    async def health() -> Response:
        """Whether the process is alive."""
        return json_answer({"status": "ok"})

    @router.get("/readyz", responses={503: {"description": "It does not take messages now."}})
    async def readiness() -> Response:
        """Whether it takes messages."""
        if not ready():
            raise Problem("unavailable", "This node does not take messages now.", retry_after=1)
        return json_answer({"status": "ready"})

    @router.get("/metrics", responses={200: {"content": {"text/plain": {}}}})
    async def read_metrics() -> Response:
        """Metrics, in Prometheus' text format."""
        return Response(metrics(), media_type=METRICS_TYPE)

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return json_answer(document())

    @router.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(pages.api_page(document()), headers=no_outside)

    @router.get("/docs/errors", include_in_schema=False)
    async def errors() -> Response:
        return HTMLResponse(pages.errors_page(), headers=no_outside)

    return router
