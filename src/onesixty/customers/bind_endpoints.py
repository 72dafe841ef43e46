"""`/v1/smpp-binds`: the binds of customers on this node, and closing one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends
from msgspec import Meta
from starlette.responses import Response

from onesixty.core import ids, times
from onesixty.core.errors import Problem
from onesixty.customers.binds import Bind, Binds
from onesixty.http import openapi
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time, one_of
from onesixty.smpp import constants as c

Caller = Annotated[Principal, Depends(Requires("smpp"))]


class BindWindow(Answer):
    """The requests in flight in a window, and its size."""

    used: int
    size: int


class SmppBind(Answer):
    """A bind of a customer."""

    id: str
    credential_id: str
    system_id: str
    mode: Literal["live", "test"]
    kind: Annotated[str, one_of(("transmitter", "receiver", "transceiver"))]
    interface_version: Annotated[
        str, Meta(description="The SMPP version that both sides use.", examples=["3.4"])
    ]
    address: Annotated[str, Meta(description="The customer's address, also behind a proxy.")]
    tls: bool
    since: Time
    window: Annotated[BindWindow, Meta(description="Requests from the customer that are not answered yet.")]
    delivery_window: Annotated[
        BindWindow, Meta(description="Deliveries to the customer that are not answered yet.")
    ]
    submissions: int
    deliveries: int


def smpp_bind_routes(binds: Binds) -> openapi.Router:
    """`/v1/smpp-binds`."""
    router = openapi.Router("smpp", "/v1/smpp-binds")
    router.describe(lambda: openapi.of_struct(pages=[SmppBind]))

    def visible(caller: Principal, bind: Bind) -> bool:
        return caller.tenant.setup.covers(bind.credential.tenant)

    @router.get("", responses=openapi.answers(200, "SmppBindList", "All binds on this node."))
    async def list_smpp_binds(caller: Caller) -> Response:
        """List the binds of your account on this node."""
        return json_answer({"data": [_view(bind) for bind in binds if visible(caller, bind)], "next": None})

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


def _view(bind: Bind) -> SmppBind:
    session, credential = bind.connection.link.session, bind.credential
    return SmppBind(
        credential_id=credential.id,
        system_id=credential.system_id,
        mode=credential.tenant.mode,
        interface_version=c.version_name(bind.interface_version),
        window=BindWindow(used=session.unanswered, size=credential.profile.window),
        delivery_window=BindWindow(used=session.in_flight, size=session.config.window),
        **{
            name: getattr(bind, name)
            for name in ("id", "kind", "address", "tls", "submissions", "deliveries")
        },
        since=times.to_text(bind.since),
    )
