"""`/v1/routes`, for operators: which carriers take which messages, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.carriers.registry import Connectors
from onesixty.channels.sms.addresses import recipient_of, sender_of
from onesixty.core import ids, money, statuses
from onesixty.core.channel import Channels
from onesixty.core.clock import Clock
from onesixty.core.contracts import RouteConfig
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.ids import IdSource
from onesixty.core.message import Message
from onesixty.http import openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery, page_answer
from onesixty.http.resource import ByVerb, Changed, Made, Resource, by_of
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.network import order
from onesixty.network.carrier_endpoints import Name
from onesixty.network.configs import Configs, changed_route, known_carriers, spec_of
from onesixty.routing import spec
from onesixty.routing.router import Considered, Explanation
from onesixty.routing.router import Router as SmsRouter
from onesixty.routing.spec import MOST_CARRIERS, RouteCarrier, RouteMatch, RouteSpec
from onesixty.store.rows import By, again

Operator = Annotated[Principal, Depends(Requires("routes"))]


class NewRouteBody(structs.Body):
    """A new route. Without filters, the route named `default` takes every message that no other route takes."""

    name: Name
    carriers: Annotated[
        list[str | RouteCarrier],
        Meta(
            min_length=1,
            max_length=MOST_CARRIERS,
            description="Names or ids of carriers, first choice first; or objects with `carrier`, `order` and "
            "`weight`.",
        ),
    ]
    match: Annotated[
        RouteMatch, Meta(description="Which messages the route takes; without filters, all of them.")
    ] = RouteMatch()
    priority: Annotated[
        int, Meta(ge=0, le=spec.HIGHEST, description="Routes are evaluated by ascending priority.")
    ] = spec.PRIORITY
    enabled: bool = True


class Route(structs.Answer):
    """A route: which messages go over which carriers."""

    id: str
    name: str
    carriers: Annotated[
        list[str | RouteCarrier],
        Meta(description="Carrier names, first choice first; objects where carriers share the messages."),
    ]
    match: RouteMatch
    priority: Annotated[int, Meta(description="Routes are evaluated by ascending priority.")]
    enabled: bool
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: structs.Time


class RouteQuery(PageQuery):
    """The query of `GET /v1/routes`."""

    @classmethod
    def is_cursor(cls, value: str) -> bool:
        return order.place_of(value) is not None


class PlacedRoute(structs.Body):
    """A route at its place in an order."""

    route: Annotated[str, Meta(min_length=1, max_length=100, description="Its name or id.")]
    version: (
        Annotated[
            int,
            Meta(ge=1, description="The version that you have seen. With another one, the order is refused."),
        ]
        | None
    ) = None


class RouteOrderBody(structs.Body):
    """The order in which routes are to be tried."""

    routes: Annotated[
        list[PlacedRoute],
        Meta(min_length=1, max_length=10_000, description="Every route once, the first one to try first."),
    ]


class ExplainBody(Body):
    """A message to explain; it is not sent. `account` and `test` say for which account and mode."""

    to: Annotated[str, Field(max_length=64)]
    sender: Annotated[str, Field(alias="from", max_length=64)]
    class_: Annotated[Literal["otp", "transactional", "marketing"], Field(alias="class")] = "transactional"
    tags: Annotated[list[str], Field(max_length=10)] = Field(default_factory=list)
    route: Annotated[str | None, Field(max_length=100)] = None
    account: Annotated[str | None, Field(max_length=100, description="Default: your own account.")] = None
    test: bool = False


class ConsideredRoute(structs.Answer):
    """A route that was evaluated."""

    route: str
    taken: bool
    reason: str


class WeighedCarrier(structs.Answer):
    """A carrier of the route."""

    carrier: str
    taken: bool
    reason: str


class ShownHop(structs.Answer):
    """One way that the message may go."""

    carrier: str
    sender: Annotated[str, Meta(description="The sender that is used there.")]
    cost_per_segment: Annotated[str, Meta(description="What the carrier takes for a segment.")]
    currency: Annotated[str, Meta(description="The currency of the cost, ISO 4217.")]
    channel: str
    reasons: Annotated[
        list[str],
        Meta(
            description="Why it stands at its place: `order`, `weight` (its share), `failover` (after those of the "
            "first order), `own number` (the carrier hosts the sender), `sandbox` (test traffic)."
        ),
    ]


class RouteError(structs.Answer):
    """Why no route takes the message."""

    code: Annotated[str, structs.named("ErrorCode")]
    detail: str | None


class RouteExplanation(structs.Answer):
    """The route a message would take, and why other routes do not take it."""

    route: Annotated[str | None, Meta(description="null if no route takes the message.")]
    carriers: Annotated[list[str], Meta(description="In the order in which they would be tried.")]
    hops: Annotated[
        list[ShownHop], Meta(description="How the message would go over each of them, in the same order.")
    ]
    error: Annotated[RouteError | None, Meta(description="The refusal, if there is one.")]
    considered: Annotated[
        list[ConsideredRoute],
        Meta(
            description="Routes in order of evaluation, up to the one that takes the message. `reason` is taken, "
            "pinned, drained, no carrier, or the filter that the message fails."
        ),
    ]
    weighed: Annotated[
        list[WeighedCarrier],
        Meta(
            description="The carriers of the route. `reason` is taken, disabled, drained, not simulated, or rule."
        ),
    ]


class Routes(Resource[RouteConfig, NewRouteBody, NewRouteBody, Route]):
    """`/v1/routes`."""

    path, tag, one, many, scope = "/v1/routes", "routes", "route", "routes", "routes"
    new, fields, shown, query = NewRouteBody, NewRouteBody, Route, RouteQuery
    change_name = "RouteChangeBody"
    about = ByVerb(
        list="List routes in the order in which they are tried.",
        get="Get a route, by id or name.",
        change="Change a route.\n\nMessages accepted before keep their carrier, and fail over by the new "
        "list.",
    )

    def __init__(self, configs: Configs, connectors: Connectors, channels: Channels) -> None:
        super().__init__(configs.route_rows)
        self._configs = configs
        self._connectors = connectors
        self._channels = channels

    async def page(self, caller: Principal, query: RouteQuery) -> tuple[Sequence[RouteConfig], str | None]:
        return order.page(await self._configs.routes(), query.limit, query.after)

    async def reorder(self, body: RouteOrderBody, by: By) -> list[RouteConfig]:
        """Give all routes a new order. Raises Problem, or Lost if another request changes one meanwhile."""
        routes = {route.id: route for route in await self._configs.routes()}
        param = "routes[{}].route"
        placed = order.put_in_order(list(routes.values()), [one.route for one in body.routes], param)
        for index, (route, said) in enumerate(zip(placed, body.routes, strict=True)):
            if said.version is not None and said.version != route.version:
                raise Problem(
                    "precondition_failed",
                    f"The route `{route.name}` is at version {route.version}. Read it again before you change the "
                    "order.",
                    param=f"routes[{index}].version",
                    extra={"version": route.version},
                )
        return await self._configs.reorder(routes, placed, by)

    async def made(self, body: NewRouteBody, caller: Principal) -> Made:
        return Made(self._configs.new_route(body.name, await self._spec(body), enabled=body.enabled))

    def fields_of(self, row: RouteConfig) -> NewRouteBody:
        said = spec_of(row)
        return NewRouteBody(
            name=row.name,
            carriers=spec.shown(said.carriers),
            match=said.match,
            priority=said.priority,
            enabled=row.enabled,
        )

    async def changed(
        self, row: RouteConfig, fields: NewRouteBody, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        route = await self._spec(fields)
        return Changed(changed_route(row, name=fields.name, route=route, enabled=fields.enabled))

    async def _spec(self, body: NewRouteBody) -> RouteSpec:
        known = known_carriers(await self._configs.carriers(), self._connectors, self._channels)
        return spec.checked(body.carriers, body.match, body.priority, known)

    async def views(self, rows: Sequence[RouteConfig], caller: Principal) -> list[Route]:
        names = {carrier.id: carrier.name for carrier in await self._configs.carriers()}
        shown = []
        for row in rows:
            said = spec_of(row)
            fields = structs.shown_fields(Route, row)
            fields |= {"carriers": spec.shown(said.carriers, names), "match": said.match}
            shown.append(Route(**fields))
        return shown


def route_routes(
    configs: Configs,
    connectors: Connectors,
    channels: Channels,
    router: SmsRouter,
    id_source: IdSource,
    clock: Clock,
    idempotency: Idempotency,
) -> Router:
    """`/v1/routes`. `router` explains; the message is not sent, but needs an id and a time."""
    api = Router("routes")
    api.describe(lambda: openapi.of_struct(RouteExplanation))

    @api.post(
        "/v1/routes/explain",
        responses=openapi.answers(200, "RouteExplanation", "The explanation. Nothing was sent."),
    )
    async def explain_route(caller: Operator, body: ExplainBody) -> Response:
        """Explain which route a message would take, and why.

        Routes are listed in the order of evaluation, up to the one that takes the message.
        """
        message = _draft(body, caller, id_source.new(ids.MESSAGE), clock.now_ms())
        return json_answer(explained(router.explain(message), await configs.names(), message.sender))

    resource = Routes(configs, connectors, channels)
    api.describe(lambda: openapi.of_struct(RouteOrderBody))
    decode_order = msgspec.json.Decoder(RouteOrderBody).decode

    @api.put(
        "/v1/routes/order",
        responses=openapi.answers(200, "RouteList", "All routes in their new order."),
        openapi_extra=openapi.json_body("RouteOrderBody"),
    )
    async def order_routes(request: Request, caller: Operator) -> Response:
        """Put all routes in a new order.

        The priority of a route rises if the order needs it. All of them change, or none: if one is missing, or has
        another version than the one you give, the order is refused. An order that holds already changes nothing.
        """
        call: Call = request.scope[SCOPE_KEY]
        body = structs.read(decode_order, call.body)
        placed = await again(lambda: resource.reorder(body, by_of(call, caller)))
        return json_answer(page_answer(await resource.views(placed, caller), None))

    return routes(resource, idempotency, api)


def _draft(body: ExplainBody, caller: Principal, id_: str, now: int) -> Message:
    recipient, country = recipient_of(body.to)
    return Message(
        id=id_,
        account_id=body.account or caller.account_id,
        test=body.test,
        sender=sender_of(body.sender),
        recipient=recipient,
        country=country,
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


def explained(explanation: Explanation, names: Mapping[str, str], sender: str) -> RouteExplanation:
    """The explanation of a choice for operators; `names` are those of routes and carriers by id, `sender` is the
    message's own."""
    choice, refusal = explanation.choice, explanation.refusal

    def told(one: Considered) -> dict[str, Any]:
        return {"taken": one.taken, "reason": one.reason}

    return RouteExplanation(
        route=None if choice is None else names.get(choice.route_id, choice.route_id) or None,
        carriers=[] if choice is None else [names.get(hop.carrier_id, hop.carrier_id) for hop in choice.hops],
        hops=[] if choice is None else [_shown(hop, names, sender) for hop in choice.hops],
        error=None if refusal is None else RouteError(code=refusal.code, detail=refusal.detail),
        considered=[
            ConsideredRoute(route=names.get(one.id, one.id), **told(one)) for one in explanation.routes
        ],
        weighed=[
            WeighedCarrier(carrier=names.get(one.id, one.id), **told(one)) for one in explanation.carriers
        ],
    )


def _shown(hop: Hop, names: Mapping[str, str], sender: str) -> ShownHop:
    return ShownHop(
        carrier=names.get(hop.carrier_id, hop.carrier_id),
        sender=hop.sender or sender,
        cost_per_segment=money.to_text(hop.cost),
        currency=hop.currency,
        channel=hop.channel,
        reasons=list(hop.reasons),
    )
