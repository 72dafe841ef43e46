"""All routes of version 1 as one FastAPI app: the hot route once more, the features' routers, operations.

It stands behind the front (`http.front`), which has already seen to key, rate and body.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Header
from starlette.requests import Request
from starlette.responses import Response

from onesixty.doors.v1.operations import monitoring_routes, page_routes
from onesixty.doors.v1.send import ACCEPTED, SCOPE, SEND_PATH, SendDoor
from onesixty.doors.v1.send_request import SendRequest
from onesixty.http import openapi, problems
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY
from onesixty.http.scopes import Principal

_Sender = Annotated[Principal, Depends(Requires(SCOPE))]

DESCRIPTION: Final = """\
The SMS API platform that you run yourself. Every call under `/v1` carries a key: `Authorization: Bearer KEY`.

Bodies are JSON. Times are RFC 3339, money is a decimal string, lists are pages: `limit` and `after` asked, \
`data` and `next` answered. Fields and parameters that an endpoint does not know are refused.

Refusals are problem details (RFC 9457) with a stable `code`, the `param` they are about, and whether a retry \
can help; the page of errors lists them all.
"""


def build_api(
    *,
    send: SendDoor,
    routers: Sequence[APIRouter],
    ready: Callable[[], bool],
    metrics: Callable[[], bytes] | None,
    public_url: str,
    version: str,
) -> FastAPI:
    """The app. `routers` are those of the features, in the order of the document; `metrics` is None where they have
    an address of their own."""
    app = _app(public_url, version)
    every = [_send_routes(send), *routers]
    openapi.install(app, every, _schemas, description=DESCRIPTION)
    for router in (*every, monitoring_routes(ready, metrics), page_routes(app.openapi)):
        app.include_router(router)
    return app


def _schemas() -> dict[str, openapi.Schema]:
    # Imported when somebody asks for the document: no start needs them.
    from onesixty.doors.v1.schemas import SCHEMAS

    return {**openapi.of_struct(SendRequest), **SCHEMAS}


def build_monitoring(
    *, ready: Callable[[], bool], metrics: Callable[[], bytes], public_url: str, version: str
) -> FastAPI:
    """The app at the address of the metrics: `/metrics`, `/healthz` and `/readyz`, nothing else."""
    app = _app(public_url, version)
    app.include_router(monitoring_routes(ready, metrics))
    return app


def _app(public_url: str, version: str) -> FastAPI:
    return FastAPI(
        title="onesixty",
        version=version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=problems.handlers(problems.documents(public_url)),
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False},
    )


def _send_routes(send: SendDoor) -> APIRouter:
    router = APIRouter(tags=["messages"])
    responses: dict[int | str, dict[str, Any]] = openapi.answers(ACCEPTED, "SentMessage", "It is on disk.")

    @router.post(
        SEND_PATH,
        status_code=ACCEPTED,
        response_model=None,
        responses=responses,
        openapi_extra=openapi.json_body("SendRequest"),
    )
    async def send_message(
        request: Request,
        caller: _Sender,
        idempotency_key: Annotated[
            str | None,
            Header(
                description="1 to 255 characters. For 24 hours the same key and body get the same answer."
            ),
        ] = None,
    ) -> Response:
        """Send a message.

        202 means that the message is on disk. `GET /v1/messages/{id}` and webhooks tell what becomes of it.
        """
        return problems.response_of(await send(request.scope[SCOPE_KEY]))

    return router
