"""`/v1/routes`, for operators: which carriers take which messages, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from onesixty import numbers
from onesixty.core import ids, statuses, times
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.http import openapi
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.scopes import Principal
from onesixty.network.carrier_endpoints import Name
from onesixty.network.configs import Configs, spec_of
from onesixty.network.route_schemas import ROUTE_CARRIER, ROUTE_MATCH
from onesixty.routing import spec
from onesixty.routing.router import Considered, Explanation
from onesixty.routing.spec import MOST_CARRIERS, RouteMatch

Operator = Annotated[Principal, Depends(Requires("routes"))]
Carriers = Annotated[
    list[Any],
    Field(
        min_length=1,
        max_length=MOST_CARRIERS,
        description="Names or ids of carriers, first choice first; or objects with `carrier`, `order` and `weight`.",
        json_schema_extra={"items": {"anyOf": [{"type": "string"}, ROUTE_CARRIER]}},
    ),
]
Match = Annotated[
    dict[str, Any],
    Field(
        description="Which messages it takes; without filters all of them.",
        json_schema_extra=ROUTE_MATCH,
    ),
]
Priority = Annotated[int, Field(ge=0, le=1_000_000, description="Lower is asked first.")]


class Deciding(NamedTuple):
    """What explaining needs: how a route is found, an id for the message that is not sent, and the time."""

    explain: Callable[[Message], Explanation]
    new_id: Callable[[str], str]
    now_ms: Callable[[], int]


class NewRouteBody(Body):
    """A route to make. Without filters, the one named `default` takes what no other does."""

    name: Name
    carriers: Carriers
    match: Match = Field(default_factory=dict)
    priority: Priority = spec.PRIORITY
    enabled: bool = True


class RouteChangeBody(Body):
    """What to change; what is left out stays. `carriers` and `match` are replaced as a whole."""

    name: Name | None = None
    carriers: Carriers | None = None
    match: Match | None = None
    priority: Priority | None = None
    enabled: bool | None = None


class ExplainBody(Body):
    """A message that is not sent. `account` and `test` say whose and of which mode it would be."""

    to: Annotated[str, Field(max_length=64)]
    sender: Annotated[str, Field(alias="from", max_length=64)]
    class_: Annotated[Literal["otp", "transactional", "marketing"], Field(alias="class")] = "transactional"
    tags: Annotated[list[str], Field(max_length=10)] = Field(default_factory=list)
    route: Annotated[str | None, Field(max_length=100)] = None
    account: Annotated[str | None, Field(max_length=100, description="Default: the own one.")] = None
    test: bool = False


def route_routes(configs: Configs, deciding: Deciding) -> APIRouter:
    """`/v1/routes`."""
    router = APIRouter(prefix="/v1/routes", tags=["routes"])
    shown = openapi.answers(200, "Route", "The route as it is now.")

    def view(config: RouteConfig, carriers: Sequence[CarrierConfig]) -> dict[str, Any]:
        row = spec_of(config)
        return {
            "id": config.id,
            "name": config.name,
            "carriers": spec.shown(row.carriers, {carrier.id: carrier.name for carrier in carriers}),
            "match": row.match,
            "priority": row.priority,
            "enabled": config.enabled,
            "version": config.version,
            "created_at": times.to_text(config.created_at),
        }

    async def find(id_or_name: str) -> RouteConfig:
        config = await configs.route(id_or_name)
        if config is None:
            raise Problem("not_found", "There is no such route.")
        return config

    @router.post("", status_code=201, responses=openapi.answers(201, "Route", "It was made."))
    async def create_route(caller: Operator, body: NewRouteBody) -> Response:
        """Make a route."""
        carriers = await configs.carriers()
        fields = {"carriers": body.carriers, "match": body.match, "priority": body.priority}
        config = await configs.add_route(
            body.name, spec.check(fields, known_carriers(carriers)), enabled=body.enabled
        )
        return json_answer(view(config, carriers), 201)

    @router.get("", responses=openapi.answers(200, "RouteList", "All of them."))
    async def list_routes(caller: Operator) -> Response:
        """List routes, all of them."""
        carriers = await configs.carriers()
        data = [view(config, carriers) for config in await configs.routes()]
        return json_answer({"data": data, "next": None})

    @router.post("/explain", responses=openapi.answers(200, "RouteExplanation", "Nothing was sent."))
    async def explain_route(caller: Operator, body: ExplainBody) -> Response:
        """Explain which route a message would take, and why.

        Routes are told in the order in which they are asked, down to the one taken.
        """
        message = _draft(body, caller, deciding)
        return json_answer(explained(deciding.explain(message), await configs.names()))

    @router.get("/{id}", responses=shown)
    async def get_route(caller: Operator, id: str) -> Response:  # noqa: A002
        """Read a route, by id or name."""
        return json_answer(view(await find(id), await configs.carriers()))

    @router.patch("/{id}", responses=shown)
    async def change_route(caller: Operator, id: str, body: RouteChangeBody) -> Response:  # noqa: A002
        """Change a route.

        Messages that were accepted before keep the carrier they have, and fail over by the new list.
        """
        config = await find(id)
        carriers = await configs.carriers()
        row = spec_of(config)
        fields = {
            "carriers": spec.shown(row.carriers) if body.carriers is None else body.carriers,
            "match": _plain(row.match) if body.match is None else body.match,
            "priority": row.priority if body.priority is None else body.priority,
        }
        changed = await configs.change_route(
            config,
            name=config.name if body.name is None else body.name,
            route=spec.check(fields, known_carriers(carriers)),
            enabled=config.enabled if body.enabled is None else body.enabled,
        )
        return json_answer(view(changed, carriers))

    @router.delete("/{id}", status_code=204)
    async def delete_route(caller: Operator, id: str) -> Response:  # noqa: A002
        """Delete a route."""
        await configs.remove_route(await find(id))
        return empty_answer()

    return router


def _draft(body: ExplainBody, caller: Principal, deciding: Deciding) -> Message:
    try:
        number = numbers.parse(body.to)
    except numbers.InvalidNumber as error:
        raise Problem("invalid_recipient", f"{error}.", param="to", extra={"reason": error.code}) from None
    try:
        sender = numbers.parse_sender(body.sender)
    except numbers.InvalidSender as error:
        raise Problem("invalid_sender", f"{error}.", param="from", extra={"reason": error.code}) from None
    now = deciding.now_ms()
    return Message(
        id=deciding.new_id(ids.MESSAGE),
        account_id=body.account or caller.account_id,
        test=body.test,
        sender=sender.display,
        recipient=number.e164,
        country=number.country,
        text="",
        encoding="gsm7",
        segments=1,
        class_=body.class_,
        tags=msgspec.json.encode(body.tags).decode() if body.tags else None,
        pinned_route=body.route,
        created_at=now,
        expires_at=now,
        status=statuses.QUEUED,
    )


def explained(explanation: Explanation, names: Mapping[str, str]) -> dict[str, Any]:
    """How a choice came about, as operators see it; `names` are those of routes and carriers by id."""
    choice, refusal = explanation.choice, explanation.refusal

    def told(considered: Sequence[Considered], what: str) -> list[dict[str, Any]]:
        return [
            {what: names.get(one.id, one.id), "taken": one.taken, "reason": one.reason} for one in considered
        ]

    return {
        "route": None if choice is None else names.get(choice.route_id, choice.route_id) or None,
        "carriers": [] if choice is None else [names.get(carrier, carrier) for carrier in choice.carriers],
        "error": None if refusal is None else {"code": refusal.code, "detail": refusal.detail},
        "considered": told(explanation.routes, "route"),
        "weighed": told(explanation.carriers, "carrier"),
    }


def _plain(match: RouteMatch) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(match)
    return plain


def known_carriers(carriers: Sequence[CarrierConfig]) -> dict[str, str]:
    """The id of each carrier, by name and by id."""
    return {carrier.name: carrier.id for carrier in carriers} | {
        carrier.id: carrier.id for carrier in carriers
    }
