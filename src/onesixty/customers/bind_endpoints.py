"""`/v1/smpp-binds`: who is bound to this node over SMPP, and the end of a bind."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from onesixty.core import ids
from onesixty.core.errors import Problem
from onesixty.customers.binds import Bind, Binds
from onesixty.http import openapi
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.openapi import Schema, list_of
from onesixty.http.scopes import Principal

Caller = Annotated[Principal, Depends(Requires("smpp"))]

_WINDOW: Schema = {
    "type": "object",
    "required": ["used", "size"],
    "properties": {"used": {"type": "integer"}, "size": {"type": "integer"}},
}
_FIELDS: dict[str, Schema] = {
    "id": {"type": "string"},
    "credential_id": {"type": "string"},
    "system_id": {"type": "string"},
    "mode": {"type": "string", "enum": ["live", "test"]},
    "kind": {"type": "string", "enum": ["transmitter", "receiver", "transceiver"]},
    "interface_version": {
        "type": "string",
        "description": "The SMPP version that both sides use.",
        "examples": ["3.4"],
    },
    "address": {"type": "string", "description": "The customer's address, also behind a proxy."},
    "tls": {"type": "boolean"},
    "since": {"type": "string", "format": "date-time"},
    "window": {**_WINDOW, "description": "Requests from the customer that are not answered yet."},
    "delivery_window": {**_WINDOW, "description": "Deliveries to the customer that are not answered yet."},
    "submissions": {"type": "integer"},
    "deliveries": {"type": "integer"},
}

#: What these routes answer, for the document.
SMPP_BIND_SCHEMAS: dict[str, Schema] = {
    "SmppBind": {
        "type": "object",
        "description": "A bind of a customer.",
        "required": list(_FIELDS),
        "properties": _FIELDS,
    },
    "SmppBindList": list_of("SmppBind"),
}


def smpp_bind_routes(binds: Binds) -> APIRouter:
    """`/v1/smpp-binds`."""
    router = APIRouter(prefix="/v1/smpp-binds", tags=["smpp"])

    def visible(caller: Principal, bind: Bind) -> bool:
        return caller.tenant.setup.covers(bind.credential.tenant)

    @router.get("", responses=openapi.answers(200, "SmppBindList", "All binds on this node."))
    async def list_smpp_binds(caller: Caller) -> Response:
        """List the binds of your account on this node."""
        return json_answer({"data": [bind.view() for bind in binds if visible(caller, bind)], "next": None})

    @router.delete("/{id}", status_code=204)
    async def end_smpp_bind(caller: Caller, id: str) -> Response:  # noqa: A002
        """Unbind a customer.

        Open requests are answered first. The customer can bind again; revoke the credential to prevent that.
        """
        bind = binds.get(id) if ids.is_id(ids.BIND, id) else None
        if bind is None or not visible(caller, bind):
            raise Problem("not_found", "Bind not found.")
        bind.connection.unbind()
        return empty_answer()

    return router
