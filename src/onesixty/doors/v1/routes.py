"""`/v1/routes`, for operators: which carriers take a message, first choice first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from onesixty.core import times
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.errors import Problem
from onesixty.doors.v1.carriers import Name
from onesixty.doors.v1.configs import Configs, carriers_of
from onesixty.http import openapi
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.scopes import Principal

Operator = Annotated[Principal, Depends(Requires("routes"))]
CarrierNames = Annotated[
    list[str],
    Field(min_length=1, max_length=50, description="Names or ids of carriers, first choice first."),
]


class NewRouteBody(Body):
    """A route to make. The one named `default` takes what names no route."""

    name: Name
    carriers: CarrierNames
    enabled: bool = True


class RouteChangeBody(Body):
    """What to change; what is left out stays."""

    name: Name | None = None
    carriers: CarrierNames | None = None
    enabled: bool | None = None


def route_routes(configs: Configs) -> APIRouter:
    """`/v1/routes`."""
    router = APIRouter(prefix="/v1/routes", tags=["routes"])
    shown = openapi.answers(200, "Route", "The route as it is now.")

    def view(config: RouteConfig, carriers: Sequence[CarrierConfig]) -> dict[str, Any]:
        names = {carrier.id: carrier.name for carrier in carriers}
        return {
            "id": config.id,
            "name": config.name,
            "carriers": [names.get(carrier, carrier) for carrier in carriers_of(config)],
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
        config = await configs.add_route(body.name, _ids(body.carriers, carriers), enabled=body.enabled)
        return json_answer(view(config, carriers), 201)

    @router.get("", responses=openapi.answers(200, "RouteList", "All of them."))
    async def list_routes(caller: Operator) -> Response:
        """List routes, all of them."""
        carriers = await configs.carriers()
        data = [view(config, carriers) for config in await configs.routes()]
        return json_answer({"data": data, "next": None})

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
        changed = await configs.change_route(
            config,
            name=config.name if body.name is None else body.name,
            carriers=carriers_of(config) if body.carriers is None else _ids(body.carriers, carriers),
            enabled=config.enabled if body.enabled is None else body.enabled,
        )
        return json_answer(view(changed, carriers))

    @router.delete("/{id}", status_code=204)
    async def delete_route(caller: Operator, id: str) -> Response:  # noqa: A002
        """Delete a route."""
        await configs.remove_route(await find(id))
        return empty_answer()

    return router


def _ids(named: Sequence[str], carriers: Sequence[CarrierConfig]) -> list[str]:
    known = {carrier.name: carrier.id for carrier in carriers} | {
        carrier.id: carrier.id for carrier in carriers
    }
    found: list[str] = []
    for index, name in enumerate(named):
        param = f"carriers[{index}]"
        if name not in known:
            raise Problem("invalid_field", f"There is no carrier {name!r}.", param=param)
        if known[name] in found:
            raise Problem("invalid_field", f"The carrier {name!r} is named twice.", param=param)
        found.append(known[name])
    return found
