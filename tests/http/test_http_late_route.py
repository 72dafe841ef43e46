"""Routes are built when they are first used."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Query, routing
from starlette.responses import Response

from onesixty.http.answers import json_answer
from onesixty.http.openapi import Router
from tests.http.asgi import Client
from tests.http.world import LIVE, Clock, front_over


def built(router: APIRouter) -> list[str]:
    """The names of the routes that FastAPI has read."""
    return [vars(route)["name"] for route in router.routes if "dependant" in vars(route)]


@pytest.fixture
def router() -> Router:
    made = Router("ships", "/v1/ships")

    @made.get("")
    async def list_ships(masts: Annotated[int, Query(ge=1)] = 1) -> Response:
        """List ships."""
        return json_answer({"masts": masts})

    @made.get("/{name}")
    async def get_ship(name: str) -> Response:
        """Get a ship."""
        return json_answer({"name": name})

    return made


async def test_a_request_builds_the_route_that_answers_it_and_no_other(router: Router) -> None:
    client = Client(front_over(router, clock=Clock()), LIVE)
    assert built(router) == []
    assert (await client.get("/v1/ships/vasa")).json == {"name": "vasa"}
    assert built(router) == ["get_ship"]
    assert (await client.get("/v1/ships?masts=3")).json == {"masts": 3}
    refused = await client.get("/v1/ships?masts=0")
    assert (refused.status, refused.json["param"]) == (422, "masts")
    assert built(router) == ["list_ships", "get_ship"]


async def test_what_no_route_answers_builds_none(router: Router) -> None:
    client = Client(front_over(router, clock=Clock()), LIVE)
    assert (await client.get("/v1/boats")).status == 404
    assert built(router) == []
    refused = await client.post("/v1/ships", {})
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")


async def test_the_document_has_every_route(router: Router) -> None:
    client = Client(front_over(router, clock=Clock()), LIVE)
    document: Any = (await client.get("/openapi.json")).json
    assert document["paths"]["/v1/ships"]["get"]["operationId"] == "list_ships"
    assert document["paths"]["/v1/ships/{name}"]["get"]["summary"] == "Get a ship"
    assert built(router) == ["list_ships", "get_ship"]


def test_a_route_has_no_attributes_that_fastapi_does_not_make(router: Router) -> None:
    with pytest.raises(AttributeError, match="sails"):
        _ = router.routes[0].sails  # type: ignore[attr-defined]


def test_a_route_that_a_thread_builds_is_used_when_it_is_whole(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    building, go_on, last = Event(), Event(), routing.request_response

    def stands(*given: Any) -> Any:  # the last that FastAPI makes of a route
        building.set()
        assert go_on.wait(10)
        return last(*given)

    monkeypatch.setattr(routing, "request_response", stands)
    route: Any = router.routes[0]
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: route.app)
        assert building.wait(10)
        second = threads.submit(lambda: route.app)
        with pytest.raises(TimeoutError):
            second.result(0.1)
        go_on.set()
        assert first.result(10) is second.result(10)
