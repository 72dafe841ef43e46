"""Calls about carriers and binds for operators: `/v1/pauses`, the same by carrier, and probes.

Rules kept here:
- carriers and routes are given by name or id, senders as messages show them; unknown ones are refused;
- pausing, draining and resuming can be repeated;
- when the call returns, the change is in force on this node.
"""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

from fastapi import Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts import Accounts
from onesixty.core import ids
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem
from onesixty.http import moments, openapi
from onesixty.http.addresses import sender_of
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires, takes
from onesixty.http.bodies import Body
from onesixty.http.noting import author, noted
from onesixty.http.paging import PageQuery, cut, page_answer
from onesixty.http.scopes import Principal
from onesixty.http.structs import shown_fields
from onesixty.pauses import answers
from onesixty.pauses import pauses as p
from onesixty.pauses.pauses import Pause, Pauses
from onesixty.pauses.probes import Probes
from onesixty.store.notes import LONGEST, Notes

Operator = Annotated[Principal, Depends(Requires("desk"))]
Kind = Literal["carrier", "bind", "route", "account", "sender", "country"]
Reason = Annotated[str | None, Field(max_length=500, description="A note for other operators.")]
EndsAt = Annotated[
    str | None,
    Field(
        max_length=40,
        description="RFC 3339: when it ends by itself. Default: it lasts until it is removed.",
        json_schema_extra={"format": "date-time"},
    ),
]


class Configured(Protocol):
    """The configured carriers and routes."""

    async def carrier(self, id_or_name: str) -> CarrierConfig | None: ...

    async def named_carrier(self, id_or_name: str, param: str) -> CarrierConfig: ...

    async def named_route(self, id_or_name: str, param: str) -> RouteConfig: ...

    async def names(self) -> dict[str, str]: ...


class PauseBody(Body):
    """What to pause or drain."""

    kind: Kind
    value: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            description="A carrier or route by name or id, an account by id, a sender as in `from`, a country of "
            "recipients as ISO 3166 code (`001` for none); a bind as carrier, slash and bind number (`acme/2`).",
            examples=["acme", "acme/2"],
        ),
    ]
    mode: Literal["pause", "drain"] = "pause"
    reason: Reason = None
    ends_at: EndsAt = None


class PauseQuery(PageQuery):
    """The query of `GET /v1/pauses`."""

    kind = ids.PAUSE

    kind_: Annotated[
        Kind | None, Field(alias="kind", description="Only those of carriers, binds, routes and so on.")
    ] = None
    mode: Literal["pause", "drain"] | None = None


class ReasonBody(Body):
    """Why to pause, and until when."""

    reason: Reason = None
    ends_at: EndsAt = None


class ProbeBody(Body):
    """One real message to send over this carrier."""

    to: Annotated[str, Field(max_length=64, description="The number, in full with + or 00.")]
    sender: Annotated[str, Field(alias="from", max_length=64)]
    text: Annotated[str, Field(min_length=1, max_length=1600)] = "This is a test of a route."


Probing = Annotated[Principal, Depends(Requires("desk", takes(ProbeBody)))]


def desk_routes(
    configs: Configured, pauses: Pauses, probes: Probes, accounts: Accounts, notes: Notes
) -> openapi.Router:
    """`/v1/pauses` and `/v1/carriers/{id}/...`."""
    router = openapi.Router("desk", "/v1")
    router.describe(answers.schemas)
    shown = openapi.answers(200, "Pause", "The pause is in force.")
    accepted = openapi.answers(202, "ProbeResult", "The probe is stored and will be sent.")
    probed = openapi.answers(200, "ProbeResult", "The probe.")

    async def carrier(id_or_name: str) -> CarrierConfig:
        config = await configs.carrier(id_or_name)
        if config is None:
            raise Problem("not_found", f"Unknown carrier `{id_or_name}`.")
        return config

    async def subject(kind: str, value: str) -> str:
        """The value as stored in a row."""
        if kind == p.CARRIER:
            return (await configs.named_carrier(value, "value")).id
        if kind == p.BIND:
            name, slash, bind = value.rpartition("/")
            if not slash or not bind.isdecimal():
                raise Problem(
                    "invalid_field",
                    "A bind must be a carrier, a slash and a number, such as acme/2.",
                    param="value",
                )
            return f"{(await configs.named_carrier(name, 'value')).id}/{int(bind)}"
        if kind == p.ROUTE:
            return (await configs.named_route(value, "value")).id
        if kind == p.ACCOUNT:
            if value not in accounts.book:
                raise Problem("invalid_field", f"Unknown account `{value}`.", param="value")
            return value
        if kind == p.COUNTRY:
            return _country(value)
        return sender_of(value, "value").display

    def end_of(said: str | None) -> int | None:
        ends_at = moments.of_body(said, "ends_at")
        if ends_at is not None and ends_at <= pauses.now():
            raise Problem("invalid_field", "`ends_at` must be in the future.", param="ends_at")
        return ends_at

    readable = takes(ReasonBody, required=False)

    async def judge(request: Request, caller: Principal) -> None:
        await readable(request, caller)
        await carrier(request.path_params["id"])
        said = await request.json() if await request.body() else None
        end_of((said or {}).get("ends_at"))

    stopping = Depends(Requires("desk", judge))

    async def stop(
        request: Request, caller: Principal, id_or_name: str, mode: str, body: ReasonBody | None
    ) -> Response:
        config, said = await carrier(id_or_name), body or ReasonBody()
        by = author(request, caller)
        pause = await pauses.put(
            p.CARRIER, config.id, mode, said.reason, caller.actor.who, by, ends_at=end_of(said.ends_at)
        )
        return json_answer(_view(pause, {config.id: config.name}))

    @router.get("/pauses", responses=openapi.answers(200, "PauseList", "A page of the pauses in force."))
    async def list_pauses(caller: Operator, query: Annotated[PauseQuery, Query()]) -> Response:
        """List pauses and drains, oldest first."""
        known = await configs.names()
        found = [
            row
            for row in await pauses.all()
            if (query.after is None or row.id > query.after)
            and query.kind_ in (None, row.kind)
            and query.mode in (None, row.mode)
        ]
        page, next_ = cut(found, query.limit, lambda row: row.id)
        return json_answer(page_answer([_view(row, known) for row in page], next_))

    @router.post("/pauses", responses=shown)
    async def create_pause(request: Request, caller: Operator, body: PauseBody) -> Response:
        """Pause or drain a carrier, bind, route, account, sender or country.

        `pause`: nothing new is sent; messages are accepted and kept. `drain`: queued messages are still sent; new
        messages use other carriers or are refused with `draining`. A second request for the same subject replaces
        the first. At `ends_at` it is resumed by itself.
        """
        value = await subject(body.kind, body.value)
        by = author(request, caller)
        pause = await pauses.put(
            body.kind, value, body.mode, body.reason, caller.actor.who, by, ends_at=end_of(body.ends_at)
        )
        return json_answer(_view(pause, await configs.names()))

    @router.delete("/pauses/{id}", status_code=204)
    async def delete_pause(request: Request, caller: Operator, id: str) -> Response:  # noqa: A002
        """Remove a pause or drain."""
        if not ids.is_id(ids.PAUSE, id):
            raise Problem("not_found", "Pause not found.")
        await pauses.remove(id, author(request, caller))
        return empty_answer()

    @router.post("/carriers/{id}/pause", responses=shown)
    async def pause_carrier(
        request: Request,
        id: str,  # noqa: A002
        caller: Principal = stopping,
        body: ReasonBody | None = None,
    ) -> Response:
        """Pause a carrier.

        It stays connected and its receipts are processed. Its messages, queued and new, are kept.
        """
        return await stop(request, caller, id, p.PAUSE, body)

    @router.post("/carriers/{id}/drain", responses=shown)
    async def drain_carrier(
        request: Request,
        id: str,  # noqa: A002
        caller: Principal = stopping,
        body: ReasonBody | None = None,
    ) -> Response:
        """Drain a carrier.

        Its queued messages are still sent; new messages use the other carriers of their routes.
        """
        return await stop(request, caller, id, p.DRAIN, body)

    @router.post("/carriers/{id}/resume", status_code=204)
    async def resume_carrier(request: Request, caller: Operator, id: str) -> Response:  # noqa: A002
        """Resume a paused or drained carrier."""
        await pauses.resume(p.CARRIER, (await carrier(id)).id, author(request, caller))
        return empty_answer()

    @router.post("/carriers/{id}/probe", status_code=202, responses=accepted)
    async def probe_carrier(
        request: Request,
        caller: Probing,
        id: str,  # noqa: A002
        body: ProbeBody,
    ) -> Response:
        """Send one real message over this carrier.

        It bypasses all routes, costs nothing, has the tag `probe`, and is never sent twice.
        """
        config = await carrier(id)
        result = await probes.send(caller.tenant, config.id, body.sender, body.to, body.text)
        personal = {"from": body.sender, "to": body.to, "text": body.text[:LONGEST]}
        await notes.record(noted(request, caller, "probed", "carrier", config.id, personal=personal))
        return json_answer(result, 202)

    @router.get("/carriers/{id}/probe/{message_id}", responses=probed)
    async def read_probe(caller: Operator, id: str, message_id: str) -> Response:  # noqa: A002
        """Get a probe: how fast the carrier answered, and what its receipt says."""
        config = await carrier(id)
        return json_answer(await probes.result(caller.tenant, config.id, message_id))

    return router


def _country(value: str) -> str:
    """The country as messages have it. Raises Problem: an unknown one would hold nothing, unnoticed."""
    # Imported here: a node starts without the plans of all countries.
    import phonenumbers

    country = value.upper()
    if (
        country != phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
        and country not in phonenumbers.SUPPORTED_REGIONS
    ):
        raise Problem(
            "invalid_field", f"Unknown country `{value}`; write an ISO 3166 code such as DE.", param="value"
        )
    return country


def _view(pause: Pause, names: dict[str, str]) -> answers.Pause:
    subject, slash, bind = pause.value.partition("/") if pause.kind == p.BIND else (pause.value, "", "")
    value = f"{names.get(subject, subject)}{slash}{bind}"
    return answers.Pause(subject=pause.value, **shown_fields(answers.Pause, pause) | {"value": value})
