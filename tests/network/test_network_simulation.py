"""Draft routes against recent messages: what would change, without changing anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.doors.office import Office


@pytest.fixture
async def office(engine_url: str) -> AsyncIterator[Office]:
    made = await Office.open(engine_url)
    client = made.client()
    for name, cost in (("a", "0.01"), ("b", "0.03")):
        body = {"name": name, "type": "simulator", "cost_per_segment": cost, "currency": "EUR"}
        assert (await client.post("/v1/carriers", body)).status == 201
    assert (await client.post("/v1/routes", {"name": "default", "carriers": ["a"]})).status == 201
    made._hold()
    for to in ("+15551234567", "+4915112345678", "+4915112345679"):
        sent = await client.post("/v1/sms/send", {"from": "Acme", "to": to, "text": "Hi"})
        assert sent.status == 202, sent.body
    made.clock.turn(60)
    yield made
    await made.close()


async def simulate(office: Office, **body: Any) -> Any:
    reply = await office.client().post("/v1/routes/simulate", body)
    assert reply.status == 200, reply.body
    return reply.json


async def test_a_draft_says_what_it_would_change(office: Office) -> None:
    german = {"name": "german", "carriers": ["b"], "match": {"countries": ["DE"]}, "priority": 10}
    found = await simulate(office, routes=[german])
    assert found["messages"] == 3
    assert found["counts"] == {
        "same": 1, "other_route": 0, "other_carrier": 2, "newly_refused": 0, "newly_taken": 0
    }  # fmt: skip
    (change,) = found["changes"]
    assert change["before"] == {"route": "default", "carrier": "a", "error": None}
    assert change["after"] == {"route": "german", "carrier": "b", "error": None}
    assert (change["messages"], change["countries"], len(change["sample"])) == (2, {"DE": 2}, 2)
    assert found["costs"] == [{"currency": "EUR", "before": "0.03", "after": "0.07"}]
    assert [route["name"] for route in (await office.client().get("/v1/routes")).json["data"]] == ["default"]


async def test_a_draft_replaces_and_removes_routes(office: Office) -> None:
    same = await simulate(office, routes=[{"name": "default", "carriers": ["a", "b"]}])
    assert (same["counts"]["same"], same["changes"]) == (3, [])
    none = await simulate(office, remove=["default"])
    assert none["counts"]["newly_refused"] == 3
    assert none["changes"][0]["after"] == {"route": None, "carrier": None, "error": "no_route"}
    renamed = await simulate(office, remove=["default"], routes=[{"name": "next", "carriers": ["a"]}])
    assert renamed["counts"]["other_route"] == 3


async def test_a_draft_may_be_renamed_and_put_in_order(office: Office) -> None:
    client = office.client()
    german = {"name": "german", "carriers": ["b"], "match": {"countries": ["DE"]}}
    made = (await client.post("/v1/routes", german)).json
    renamed = await simulate(office, routes=[{**german, "name": "austrian", "id": made["id"]}])
    assert (renamed["counts"]["same"], renamed["changes"]) == (3, [])
    first = await simulate(office, order=["default", "german"])
    assert first["counts"]["other_carrier"] == 2
    assert first["changes"][0]["after"]["route"] == "default"
    assert (await simulate(office, order=[made["id"], "default"]))["counts"]["same"] == 3
    for body, param in (
        ({"routes": [{**german, "name": "default", "id": made["id"]}]}, "routes[0].name"),
        ({"routes": [{**german, "id": "rte_none"}]}, "routes[0].id"),
        ({"order": ["german", "none"]}, "order[1]"),
        ({"order": ["german", made["id"]]}, "order[1]"),
        ({"order": ["german"]}, "order"),
    ):
        refused = await client.post("/v1/routes/simulate", body)
        assert (refused.status, refused.json["param"]) == (422, param), refused.body


async def test_messages_are_tried_as_of_their_time_and_bounded(office: Office) -> None:
    assert (await simulate(office, messages=2))["messages"] == 2
    office.clock.turn(3 * 3600)
    assert (await simulate(office, hours=2))["messages"] == 0
    assert (await simulate(office, hours=4, test=True))["messages"] == 0
    old = await simulate(office, hours=4)
    assert (old["messages"], old["oldest"] is None) == (3, False)


async def test_a_draft_that_cannot_be_names_its_field(office: Office) -> None:
    twice = {"name": "x", "carriers": ["a"]}
    for body, param in (
        ({"routes": [{"name": "x", "carriers": ["none"]}]}, "routes[0].carriers[0]"),
        ({"routes": [twice, twice]}, "routes[1].name"),
        ({"remove": ["none"]}, "remove[0]"),
        ({"messages": 100_000}, "messages"),
        ({"hours": 0}, "hours"),
    ):
        refused = await office.client().post("/v1/routes/simulate", body)
        assert (refused.status, refused.json["param"]) == (422, param), refused.body
