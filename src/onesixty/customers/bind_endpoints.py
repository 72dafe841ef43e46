"""`/v1/smpp-binds`: the binds of customers on this node, closing one, and where customers bind.

Rules kept here:
- a caller sees the binds of its account; an operator with the scope `accounts` sees and closes those of all accounts.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Query
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts.reach import SCOPE, AnyAccountQuery, setup_for
from onesixty.core import ids, times
from onesixty.core.errors import Problem
from onesixty.customers.binds import Bind, Binds
from onesixty.customers.refused_binds import RefusedBind
from onesixty.http import openapi
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.noting import noted
from onesixty.http.paging import cut, page_answer
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time, one_of
from onesixty.ops.settings import Settings, parse_address
from onesixty.smpp import constants as c
from onesixty.store.notes import Notes

Caller = Annotated[Principal, Depends(Requires("smpp"))]

#: Hosts that stand for all addresses of a machine.
_EVERY: Final = frozenset({"0.0.0.0", "::"})


class BindWindow(Answer):
    """The requests in flight in a window, and its size."""

    used: int
    size: int


class SmppBind(Answer):
    """A bind of a customer."""

    id: str
    account_id: str
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


class SmppRefusedBind(Answer):
    """Binds that were refused for the same reason."""

    system_id: Annotated[str, Meta(description="As the client gave it.")]
    credential_id: Annotated[str | None, Meta(description="null for an unknown system_id.")]
    mode: Literal["live", "test"] | None
    kind: Annotated[str, one_of(("transmitter", "receiver", "transceiver"))]
    address: str
    tls: bool
    reason: Annotated[
        str,
        Meta(
            description="`password`, `system_id` (unknown), `address` (not on the list), `max_binds`, `expired`, "
            "`closed` (the account), `locked` (too many failures), `unavailable`."
        ),
    ]
    command_status: Annotated[str, Meta(description="What the client was answered.")]
    count: Annotated[int, Meta(description="How often.")]
    first_at: Time
    last_at: Time


class SmppListener(Answer):
    """An address where customers bind."""

    host: Annotated[
        str,
        Meta(
            description="The address listened on; the host of the public URL if onesixty listens on all addresses."
        ),
    ]
    port: int
    tls: bool


class BindQuery(AnyAccountQuery):
    """The query of `GET /v1/smpp-binds`."""

    kind = ids.BIND

    credential_id: Annotated[
        str | None, Field(max_length=40, description="Only the binds of this SMPP credential.")
    ] = None
    kind_: Annotated[
        Literal["transmitter", "receiver", "transceiver"] | None,
        Field(alias="kind", description="Only binds of this kind."),
    ] = None


def smpp_bind_routes(
    binds: Binds, notes: Notes, settings: Settings, accounts: Container[str] = ()
) -> openapi.Router:
    """`/v1/smpp-binds`. `settings` are those of the node, which listens."""
    router = openapi.Router("smpp", "/v1/smpp-binds")
    router.describe(lambda: openapi.of_struct(pages=[SmppBind, SmppRefusedBind, SmppListener]))

    def visible(caller: Principal, bind: Bind) -> bool:
        return caller.reach(SCOPE).covers(bind.credential.tenant)

    @router.get("", responses=openapi.answers(200, "SmppBindList", "A page of the binds on this node."))
    async def list_smpp_binds(caller: Caller, query: Annotated[BindQuery, Query()]) -> Response:
        """List the binds of your account on this node, newest first."""
        reach = setup_for(caller, query.account_id, accounts)
        found = [
            bind
            for bind in binds
            if (query.after is None or bind.id < query.after)
            and reach.covers(bind.credential.tenant)
            and query.credential_id in (None, bind.credential.id)
            and query.kind_ in (None, bind.kind)
        ]
        page, next_ = cut(sorted(found, key=_id_of, reverse=True), query.limit, _id_of)
        return json_answer(page_answer([_view(bind) for bind in page], next_))

    @router.get("/refused", responses=openapi.answers(200, "SmppRefusedBindList", "The refused binds."))
    async def list_refused_smpp_binds(caller: Caller) -> Response:
        """List the refused binds of your account on this node, newest first.

        They are kept in memory. Operators with the scope `accounts` see those of all accounts, and those of unknown
        system_ids.
        """
        everyone = caller.operates("accounts")
        setup = caller.tenant.setup
        found = [
            _refused(one)
            for one in binds.refused
            if everyone or (one.tenant is not None and setup.covers(one.tenant))
        ]
        return json_answer({"data": found, "next": None})

    @router.get("/listeners", responses=openapi.answers(200, "SmppListenerList", "The addresses."))
    async def list_smpp_listeners(_: Caller) -> Response:
        """List the addresses where customers bind: host, port, and whether the connection is over TLS.

        If a proxy or a load balancer is in front of onesixty, its address may be another one.
        """
        return json_answer({"data": _listeners(settings), "next": None})

    @router.delete("/{id}", status_code=204)
    async def end_smpp_bind(request: Request, caller: Caller, id: str) -> Response:  # noqa: A002
        """Unbind a customer.

        Open requests are answered first. The customer can bind again; revoke the credential to prevent that.
        """
        bind = binds.get(id) if ids.is_id(ids.BIND, id) else None
        if bind is None or not visible(caller, bind):
            raise Problem("not_found", "Bind not found.")
        bind.connection.unbind()
        details = {"system_id": bind.credential.system_id}
        await notes.record(
            noted(request, caller, "ended", "smpp_bind", id, details=details, test=bind.credential.test)
        )
        return empty_answer()

    return router


def _id_of(bind: Bind) -> str:
    return bind.id


def _listeners(settings: Settings) -> list[SmppListener]:
    public = urlsplit(settings.effective_public_url).hostname or ""
    said = (settings.smpp_tls_listen, True), (settings.smpp_listen, False)
    addresses = [(parse_address(text), tls) for text, tls in said if text]
    return [
        SmppListener(host=public if address.host in _EVERY else address.host, port=address.port, tls=tls)
        for address, tls in addresses
    ]


def _refused(refused: RefusedBind) -> SmppRefusedBind:
    return SmppRefusedBind(
        system_id=refused.system_id,
        credential_id=refused.credential_id,
        mode=None if refused.tenant is None else refused.tenant.mode,
        kind=refused.kind,
        address=refused.address,
        tls=refused.tls,
        reason=refused.reason,
        command_status=refused.status,
        count=refused.count,
        first_at=times.to_text(refused.first_at),
        last_at=times.to_text(refused.last_at),
    )


def _view(bind: Bind) -> SmppBind:
    session, credential = bind.connection.link.session, bind.credential
    return SmppBind(
        account_id=credential.account_id,
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
