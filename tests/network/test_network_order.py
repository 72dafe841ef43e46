"""The order in which routes are tried: as it is listed page by page, and given to all of them at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.core.ids import is_id
from tests.doors.office import Office

#: In the order in which they are tried, but for the first, which has another priority.
ROUTES: dict[str, dict[str, Any]] = {
    "otp": {"match": {"countries": ["DE"], "classes": ["otp"]}},
    "network": {"match": {"networks": ["26201"]}},
    "long": {"match": {"prefixes": ["+49151", "+4930"]}},
    "short": {"match": {"prefixes": ["+491"]}},
    "country": {"match": {"countries": ["DE"]}},
    "default": {},
    "elder": {},
    "younger": {},
    "last": {"match": {"countries": ["DE"], "classes": ["otp"]}, "priority": 200},
}


@pytest.fixture
async def office(engine_url: str) -> AsyncIterator[Office]:
    made = await Office.open(engine_url)
    client = made.client()
    assert (await client.post("/v1/carriers", {"name": "sim", "type": "simulator"})).status == 201
    # the reverse order of age, but for those that only their age tells apart
    names = [*(name for name in reversed(ROUTES) if name not in ("elder", "younger")), "elder", "younger"]
    for name in names:
        made.clock.turn(1)
        reply = await client.post("/v1/routes", {"name": name, "carriers": ["sim"], **ROUTES[name]})
        assert reply.status == 201, reply.body
    yield made
    await made.close()


async def listed(office: Office, **query: object) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    reply = await office.client().get(f"/v1/routes?{asked}")
    assert reply.status == 200, reply.body
    return list(reply.json["data"])


async def names(office: Office) -> list[str]:
    return [route["name"] for route in await listed(office)]


async def put(office: Office, *routes: Any) -> Any:
    said = [{"route": route} if isinstance(route, str) else route for route in routes]
    return await office.client().put("/v1/routes/order", {"routes": said})


async def test_routes_are_listed_in_the_order_in_which_they_are_tried(office: Office) -> None:
    assert await names(office) == list(ROUTES)
    explained = await office.client().post(
        "/v1/routes/explain", {"to": "+33612345678", "from": "Acme", "class": "otp"}
    )
    assert list(dict.fromkeys(one["route"] for one in explained.json["considered"])) == list(ROUTES)[:6]


async def test_pages_go_on_where_they_ended(office: Office) -> None:
    client, found, after = office.client(), [], ""
    while True:
        page = (await client.get(f"/v1/routes?limit=2{after}")).json
        found += [route["name"] for route in page["data"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
        # the list goes on also if the last route of the page has been removed
        assert (await client.delete(f"/v1/routes/{found[-1]}")).status == 204
    assert found == list(ROUTES)
    whole = (await client.get("/v1/routes?limit=200")).json
    assert whole["next"] is None
    for cursor in (whole["data"][0]["id"], "100_-2_-1_0_x_rte_1", "1_2_3", "x"):
        refused = await client.get(f"/v1/routes?after={cursor}")
        assert (refused.status, refused.json["param"]) == (422, "after"), cursor


async def test_all_routes_are_put_in_another_order(office: Office) -> None:
    wanted = sorted(ROUTES)
    reply = await put(office, *wanted)
    assert reply.status == 200, reply.body
    assert {one["name"]: one["priority"] for one in reply.json["data"]} == {
        "country": 100, "default": 100, "elder": 100, "last": 200, "long": 200, "network": 201, "otp": 202,
        "short": 202, "younger": 202,
    }  # fmt: skip
    raised = [one["id"] for one in reply.json["data"] if one["version"] == 2]
    assert len(raised) == 5
    assert reply.json["data"] == await listed(office)
    explained = await office.client().post("/v1/routes/explain", {"to": "+4915112345678", "from": "Acme"})
    assert explained.json["route"] == "country"
    entries = (await office.client().get("/v1/audit?object=route&action=changed")).json["data"]
    assert sorted(entry["object_id"] for entry in entries) == sorted(raised)
    assert all(set(entry["after"]) == {"priority"} for entry in entries)


async def test_an_order_that_holds_changes_nothing(office: Office) -> None:
    before = await listed(office)
    assert (await put(office, *(route["id"] for route in before))).json["data"] == before
    assert all(is_id("rte", route["id"]) for route in before)
    moved = ["default", *(name for name in ROUTES if name != "default")]
    await put(office, *moved)
    again = {route["name"]: route["version"] for route in (await put(office, *moved)).json["data"]}
    assert again == {name: 1 if name in ("default", "last") else 2 for name in moved}
    # only what is moved behind another one changes
    swapped = [*moved[:-2], moved[-1], moved[-2]]
    versions = {route["name"]: route["version"] for route in (await put(office, *swapped)).json["data"]}
    assert versions == again | {"younger": 3}


async def test_a_new_route_comes_before_one_without_filters(office: Office) -> None:
    await put(office, "default", *(name for name in ROUTES if name != "default"))
    made = {"name": "new", "carriers": ["sim"], "match": {"countries": ["FR"]}}
    assert (await office.client().post("/v1/routes", made)).status == 201
    explained = await office.client().post("/v1/routes/explain", {"to": "+33612345678", "from": "Acme"})
    assert explained.json["route"] == "new"


async def test_an_order_without_a_priority_left_is_refused(office: Office) -> None:
    await office.client().patch("/v1/routes/default", {"priority": 1_000_000})
    reply = await put(office, "default", *(name for name in ROUTES if name != "default"))
    assert (reply.status, reply.json["code"]) == (409, "conflict")
    assert (await names(office))[-1] == "default"


async def test_an_order_is_refused_whole(office: Office) -> None:
    before = await listed(office)
    wanted = [{"route": route["name"], "version": route["version"]} for route in reversed(before)]
    await office.client().patch("/v1/routes/otp", {"enabled": False})
    for routes, status, code, param in (
        (wanted, 412, "precondition_failed", f"routes[{len(wanted) - 1}].version"),
        (["default", "nobody"], 422, "invalid_field", "routes[1].route"),
        (["default", "default"], 422, "invalid_field", "routes[1].route"),
        (["default"], 422, "invalid_field", "routes"),
        ([], 422, "invalid_field", "routes"),
    ):
        reply = await put(office, *routes)
        assert (reply.status, reply.json["code"], reply.json["param"]) == (status, code, param), reply.body
    assert (await put(office, *wanted)).json["version"] == 2
    assert [route["priority"] for route in await listed(office)] == [route["priority"] for route in before]


async def test_orders_and_changes_at_once_leave_one_of_the_orders(office: Office) -> None:
    one, other = sorted(ROUTES), sorted(ROUTES, reverse=True)
    replies = await asyncio.gather(
        put(office, *one),
        put(office, *other),
        office.client().patch("/v1/routes/otp", {"enabled": False}),
    )
    assert {reply.status for reply in replies} <= {200, 409}
    assert await names(office) in (one, other)


async def test_the_order_is_for_operators(office: Office) -> None:
    reply = await office.client(await office.reader()).put("/v1/routes/order", {"routes": [{"route": "x"}]})
    assert (reply.status, reply.json["scope"]) == (403, "routes")
