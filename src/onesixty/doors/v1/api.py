"""All routes of version 1 as one FastAPI app: those of messages, the features' routers, operations.

It is behind the front (`http.front`), which has already checked key, rate and body.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from fastapi import APIRouter, FastAPI

from onesixty.doors.v1.operations import monitoring_routes, page_routes
from onesixty.doors.v1.send_request import SendRequest
from onesixty.doors.v1.texts import RENAMED, TAGS, WEBHOOKS
from onesixty.http import openapi, problems

DESCRIPTION: Final = """The SMS API platform that you run yourself. Every call under `/v1` needs a key:
`Authorization: Bearer KEY`.

Bodies are JSON. Times are RFC 3339. Amounts of money are decimal strings. Lists are pages: requests take `limit`
and `after`; responses contain `data` and `next`. Unknown fields and parameters are refused.

Errors are problem details (RFC 9457) with a stable `code`, the `param` at fault, and whether a retry can help.
The page of errors lists all codes.
"""


def build_api(
    *,
    routers: Sequence[APIRouter],
    ready: Callable[[], bool],
    metrics: Callable[[], bytes] | None,
    public_url: str,
    version: str,
) -> FastAPI:
    """The app. `routers` are in the order of the document; `metrics` is None if metrics have a separate address."""
    app = _app(public_url, version)
    texts = openapi.Texts(DESCRIPTION, public_url, TAGS, RENAMED, WEBHOOKS)
    openapi.install(app, routers, _schemas, texts)
    for router in (*routers, monitoring_routes(ready, metrics), page_routes(app.openapi, public_url)):
        _add(app, router)
    return app


def _schemas() -> dict[str, openapi.Schema]:
    # Imported only when the document is read, because a start does not need them.
    from onesixty.doors.v1.schemas import SCHEMAS

    return {**openapi.of_struct(SendRequest), **SCHEMAS}


def build_monitoring(
    *, ready: Callable[[], bool], metrics: Callable[[], bytes], public_url: str, version: str
) -> FastAPI:
    """The app at the separate address of the metrics: only `/metrics`, `/healthz` and `/readyz`."""
    app = _app(public_url, version)
    _add(app, monitoring_routes(ready, metrics))
    return app


def _add(app: FastAPI, router: APIRouter) -> None:
    """Add the routes themselves: `include_router` would build each of them a second time, at the first request."""
    app.router.routes.extend(router.routes)


def _app(public_url: str, version: str) -> FastAPI:
    return FastAPI(
        title="onesixty",
        version=version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=problems.handlers(problems.documents(public_url)),
        telemetry={"tracing": False, "metrics": False},
    )
