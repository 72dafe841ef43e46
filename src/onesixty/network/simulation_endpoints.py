"""`POST /v1/routes/simulate`, for operators: draft routes against recent traffic, and what would change."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from fastapi import Depends
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from onesixty.carriers.registry import Connectors
from onesixty.core import ids, money, times
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem
from onesixty.core.message import from_row
from onesixty.http import openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY
from onesixty.http.openapi import json_body
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Time, named
from onesixty.kit.context import Context
from onesixty.network.configs import Configs, changed_route, known_carriers
from onesixty.network.order import put_in_order
from onesixty.network.route_endpoints import NewRouteBody
from onesixty.network.simulation import RESULTS, Network, Simulation, Way, simulate
from onesixty.routing import spec
from onesixty.routing.router import Router

Operator = Annotated[Principal, Depends(Requires("routes"))]

#: The most messages of a simulation, and the most groups that are shown.
MOST: Final = 5000
GROUPS: Final = 100
#: Simulations that run at a time.
AT_A_TIME: Final = 2
HOUR_MS: Final = 3_600_000
COUNTRIES: Final = 5


class DraftRoute(NewRouteBody):
    """A route as drafted."""

    id: (
        Annotated[
            str,
            Meta(
                max_length=100,
                description="The id of the route that it changes. Default: the route with its name, or a new one.",
            ),
        ]
        | None
    ) = None


class SimulationBody(Body):
    """A draft of the routes, as changes to those that there are."""

    routes: Annotated[
        list[DraftRoute],
        Meta(max_length=200, description="Routes as drafted: in place of those with the same name, or new."),
    ] = msgspec.field(default_factory=list)
    remove: Annotated[
        list[str], Meta(max_length=200, description="Names or ids of routes that the draft leaves out.")
    ] = msgspec.field(default_factory=list)
    order: (
        Annotated[
            list[str],
            Meta(
                min_length=1,
                max_length=10_000,
                description="Names or ids of all routes of the draft in a new order, as `PUT /v1/routes/order` would "
                "put them.",
            ),
        ]
        | None
    ) = None
    messages: Annotated[
        int, Meta(ge=1, le=MOST, description="How many messages to try, the newest first.")
    ] = 1000
    hours: Annotated[int, Meta(ge=1, le=168, description="How old they may be.")] = 24
    test: Annotated[bool, Meta(description="Try test traffic.")] = False


class SimulatedWay(Answer):
    """Where messages go, or why they are refused."""

    route: str | None
    carrier: str | None
    error: Annotated[Annotated[str, named("ErrorCode")] | None, Meta(description="The code of the refusal.")]


class SimulatedChange(Answer):
    """Messages whose way changes in the same manner."""

    before: SimulatedWay
    after: SimulatedWay
    messages: int
    segments: int
    countries: Annotated[dict[str, int], Meta(description="The most frequent countries.")]
    sample: Annotated[list[str], Meta(description="The ids of some of the messages.")]


class SimulatedCost(Answer):
    """What carriers would take for the messages, by the first carrier of each."""

    currency: str
    before: str
    after: str


class RouteSimulation(Answer):
    """What a draft of the routes would change. Nothing was sent, and nothing is changed."""

    messages: Annotated[int, Meta(description="How many messages were tried.")]
    oldest: Annotated[Time | None, Meta(description="When the oldest of them was accepted.")]
    counts: Annotated[
        dict[str, int],
        Meta(
            description="Messages by result: `same`, `other_route` (or another sender, by the same carrier), "
            "`other_carrier`, `newly_refused`, `newly_taken`."
        ),
    ]
    costs: list[SimulatedCost]
    changes: Annotated[
        list[SimulatedChange], Meta(description=f"At most {GROUPS} groups, the largest first.")
    ]


class Drafts:
    """Tries drafts of routes."""

    def __init__(self, node: Context, *, configs: Configs, connectors: Connectors, router: Router) -> None:
        self._node = node
        self._configs = configs
        self._connectors = connectors
        self._router = router
        self._free = AT_A_TIME

    async def simulate(self, body: SimulationBody) -> RouteSimulation:
        """Try a draft. Raises Problem."""
        if self._free == 0:
            raise Problem("rate_limited", f"At most {AT_A_TIME} simulations run at a time.", retry_after=5)
        self._free -= 1
        try:
            return await self._simulate(body)
        finally:
            self._free += 1

    async def _simulate(self, body: SimulationBody) -> RouteSimulation:
        carriers, now = await self._configs.carriers(), await self._configs.routes()
        draft = self._draft(body, carriers, now)
        after = ids.lowest_at(ids.MESSAGE, self._node.clock.now_ms() - body.hours * HOUR_MS)
        rows = await self._node.store.fetch(
            "routes_traffic", after=after, test=int(body.test), count=body.messages
        )
        messages = [from_row(row) for row in rows]
        network = Network(
            carriers,
            [one.id for one in carriers if self._connectors.is_simulated(one.type)],
            {one.id: self._connectors.channel_of(one.type) for one in carriers},
        )
        found = await simulate(self._router, network, now, draft, messages)
        names = {carrier.id: carrier.name for carrier in carriers}
        names |= {route.id: route.name for route in (*now, *draft)}
        oldest = min((message.created_at for message in messages), default=None)
        return _shown(found, names, len(messages), oldest)

    def _draft(
        self, body: SimulationBody, carriers: list[CarrierConfig], now: list[RouteConfig]
    ) -> list[RouteConfig]:
        """The routes as drafted. Raises Problem."""
        left = list(now)
        for index, name in enumerate(body.remove):
            gone = [route for route in left if name in (route.id, route.name)]
            if not gone:
                raise Problem("invalid_field", f"Unknown route `{name}`.", param=f"remove[{index}]")
            left = [route for route in left if route not in gone]
        known = known_carriers(carriers, self._connectors, self._node.channels)
        drafted: set[str] = set()
        for index, said in enumerate(body.routes):
            if said.name in drafted:
                param = f"routes[{index}].name"
                raise Problem("invalid_field", f"The route `{said.name}` appears twice.", param=param)
            drafted.add(said.name)
            try:
                row = spec.checked(said.carriers, said.match, said.priority, known)
            except Problem as problem:
                param = f"routes[{index}].{problem.param}" if problem.param else f"routes[{index}]"
                raise Problem(problem.code, problem.detail, param=param) from None
            place = _place_of(said, left, index)
            if place is None:
                left.append(self._configs.new_route(said.name, row, enabled=said.enabled))
            else:
                left[place] = changed_route(left[place], name=said.name, route=row, enabled=said.enabled)
        return left if body.order is None else put_in_order(left, body.order, "order[{}]")


def _place_of(said: DraftRoute, routes: list[RouteConfig], index: int) -> int | None:
    """The place of the route that a draft changes; None for a new one. Raises Problem."""
    named = next((n for n, route in enumerate(routes) if route.name == said.name), None)
    if said.id is None:
        return named
    place = next((n for n, route in enumerate(routes) if route.id == said.id), None)
    if place is None:
        raise Problem("invalid_field", f"Unknown route `{said.id}`.", param=f"routes[{index}].id")
    if named not in (None, place):
        raise Problem("invalid_field", "This name is already in use.", param=f"routes[{index}].name")
    return place


def simulation_routes(drafts: Drafts) -> openapi.Router:
    """The route."""
    router = openapi.Router("routes", "/v1")
    router.describe(lambda: openapi.of_struct(SimulationBody, RouteSimulation))
    decode = msgspec.json.Decoder(SimulationBody).decode

    @router.post(
        "/routes/simulate",
        responses=openapi.answers(200, "RouteSimulation", "What would change. Nothing was changed."),
        openapi_extra=json_body("SimulationBody"),
    )
    async def simulate_routes(request: Request, _: Operator) -> Response:
        """Try a draft of the routes against recent messages.

        Each message is routed by the routes as they are and as drafted, as of the time of its acceptance, and the
        first carriers are compared. Which carriers are up is not considered.
        """
        body = structs.read(decode, request.scope[SCOPE_KEY].body)
        return json_answer(await drafts.simulate(body))

    return router


def _shown(found: Simulation, names: dict[str, str], messages: int, oldest: int | None) -> RouteSimulation:
    groups = sorted(found.groups.values(), key=lambda group: group.messages, reverse=True)
    return RouteSimulation(
        messages=messages,
        oldest=times.text_or_none(oldest),
        counts={result: found.counts[result] for result in RESULTS},
        costs=[
            SimulatedCost(currency=currency, before=money.to_text(before), after=money.to_text(after))
            for currency, (before, after) in sorted(found.costs.items())
        ],
        changes=[
            SimulatedChange(
                before=_way(group.before, names),
                after=_way(group.after, names),
                messages=group.messages,
                segments=group.segments,
                countries=dict(group.countries.most_common(COUNTRIES)),
                sample=group.sample,
            )
            for group in groups[:GROUPS]
        ],
    )


def _way(way: Way, names: dict[str, str]) -> SimulatedWay:
    return SimulatedWay(
        route=None if way.route is None else names.get(way.route, way.route),
        carrier=None if way.carrier is None else names.get(way.carrier, way.carrier),
        error=way.error,
    )
