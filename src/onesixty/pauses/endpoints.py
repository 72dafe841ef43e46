"""Calls about carriers and binds for operators: `/v1/pauses`, the same by carrier, and probes.

Rules kept here:
- carriers and routes are given by name or id, senders as messages show them; unknown ones are refused;
- pausing, draining and resuming can be repeated;
- when the call returns, the change is in force on this node.
"""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

from fastapi import Depends
from pydantic import Field
from starlette.responses import Response

from onesixty.accounts import Accounts
from onesixty.core import ids
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem
from onesixty.http import openapi
from onesixty.http.addresses import sender_of
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.scopes import Principal
from onesixty.http.structs import shown_fields
from onesixty.pauses import answers
from onesixty.pauses import pauses as p
from onesixty.pauses.pauses import Pause, Pauses
from onesixty.pauses.probes import Probes

Operator = Annotated[Principal, Depends(Requires("desk"))]
Reason = Annotated[str | None, Field(max_length=500, description="A note for other operators.")]


class Configured(Protocol):
    """The configured carriers and routes."""

    async def carrier(self, id_or_name: str) -> CarrierConfig | None: ...

    async def named_carrier(self, id_or_name: str, param: str) -> CarrierConfig: ...

    async def named_route(self, id_or_name: str, param: str) -> RouteConfig: ...

    async def names(self) -> dict[str, str]: ...


class PauseBody(Body):
    """What to pause or drain."""

    kind: Literal["carrier", "bind", "route", "account", "sender"]
    value: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            description="A carrier or route by name or id, an account by id, a sender as in `from`; a bind as "
            "carrier, slash and bind number (`acme/2`).",
            examples=["acme", "acme/2"],
        ),
    ]
    mode: Literal["pause", "drain"] = "pause"
    reason: Reason = None


class ReasonBody(Body):
    """Why to pause."""

    reason: Reason = None


class ProbeBody(Body):
    """One real message to send over this carrier."""

    to: Annotated[str, Field(max_length=64, description="The number, in full with + or 00.")]
    sender: Annotated[str, Field(alias="from", max_length=64)]
    text: Annotated[str, Field(min_length=1, max_length=1600)] = "This is a test of a route."


def desk_routes(configs: Configured, pauses: Pauses, probes: Probes, accounts: Accounts) -> openapi.Router:
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
        return sender_of(value, "value").display

    async def stop(caller: Principal, id_or_name: str, mode: str, reason: str | None) -> Response:
        config = await carrier(id_or_name)
        pause = await pauses.put(p.CARRIER, config.id, mode, reason, caller.key_id)
        return json_answer(_view(pause, {config.id: config.name}))

    @router.get("/pauses", responses=openapi.answers(200, "PauseList", "All pauses and drains in force."))
    async def list_pauses(caller: Operator) -> Response:
        """List all pauses and drains."""
        known = await configs.names()
        return json_answer({"data": [_view(row, known) for row in await pauses.all()], "next": None})

    @router.post("/pauses", responses=shown)
    async def create_pause(caller: Operator, body: PauseBody) -> Response:
        """Pause or drain a carrier, bind, route, account or sender.

        `pause`: nothing new is sent; messages are accepted and kept. `drain`: queued messages are still sent; new
        messages use other carriers or are refused with `draining`. A second request for the same subject replaces
        the first.
        """
        value = await subject(body.kind, body.value)
        pause = await pauses.put(body.kind, value, body.mode, body.reason, caller.key_id)
        return json_answer(_view(pause, await configs.names()))

    @router.delete("/pauses/{id}", status_code=204)
    async def delete_pause(caller: Operator, id: str) -> Response:  # noqa: A002
        """Remove a pause or drain."""
        if not ids.is_id(ids.PAUSE, id):
            raise Problem("not_found", "Pause not found.")
        await pauses.remove(id)
        return empty_answer()

    @router.post("/carriers/{id}/pause", responses=shown)
    async def pause_carrier(
        caller: Operator,
        id: str,  # noqa: A002
        body: ReasonBody | None = None,
    ) -> Response:
        """Pause a carrier.

        It stays connected and its receipts are processed. Its messages, queued and new, are kept.
        """
        return await stop(caller, id, p.PAUSE, body.reason if body else None)

    @router.post("/carriers/{id}/drain", responses=shown)
    async def drain_carrier(
        caller: Operator,
        id: str,  # noqa: A002
        body: ReasonBody | None = None,
    ) -> Response:
        """Drain a carrier.

        Its queued messages are still sent; new messages use the other carriers of their routes.
        """
        return await stop(caller, id, p.DRAIN, body.reason if body else None)

    @router.post("/carriers/{id}/resume", status_code=204)
    async def resume_carrier(caller: Operator, id: str) -> Response:  # noqa: A002
        """Resume a paused or drained carrier."""
        await pauses.resume(p.CARRIER, (await carrier(id)).id)
        return empty_answer()

    @router.post("/carriers/{id}/probe", status_code=202, responses=accepted)
    async def probe_carrier(caller: Operator, id: str, body: ProbeBody) -> Response:  # noqa: A002
        """Send one real message over this carrier.

        It bypasses all routes, costs nothing, has the tag `probe`, and is never sent twice.
        """
        config = await carrier(id)
        result = await probes.send(caller.tenant, config.id, body.sender, body.to, body.text)
        return json_answer(result, 202)

    @router.get("/carriers/{id}/probe/{message_id}", responses=probed)
    async def read_probe(caller: Operator, id: str, message_id: str) -> Response:  # noqa: A002
        """Get a probe: how fast the carrier answered, and what its receipt says."""
        config = await carrier(id)
        return json_answer(await probes.result(caller.tenant, config.id, message_id))

    return router


def _view(pause: Pause, names: dict[str, str]) -> answers.Pause:
    subject, slash, bind = pause.value.partition("/") if pause.kind == p.BIND else (pause.value, "", "")
    value = f"{names.get(subject, subject)}{slash}{bind}"
    return answers.Pause(subject=pause.value, **shown_fields(answers.Pause, pause) | {"value": value})
