"""The history of a message: every entry is one that the document names, and tenants see theirs alone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from onesixty.doors.v1.history import meaning
from onesixty.doors.v1.history_schemas import HISTORY_SCHEMAS
from onesixty.doors.v1.send import SEND_PATH
from tests.doors.office import Office
from tests.http.world import SEND
from tests.support.waiting import wait_until_async

HOOK = {"url": "https://example.com/hook", "events": ["*"]}


@pytest.fixture
async def office(engine_url: str) -> AsyncIterator[Office]:
    made = await Office.open(engine_url)
    await made.route(runs=True)
    yield made
    await made.close()


async def sent(office: Office, **fields: Any) -> str:
    """The id of a message that a carrier took."""
    id_ = str((await office.client().post(SEND_PATH, {**SEND, **fields})).json["id"])

    async def taken() -> bool:
        return bool((await office.client().get(f"/v1/messages/{id_}")).json["sent_at"])

    await wait_until_async(taken, what="a carrier that took it")
    return id_


async def history(office: Office, document: Any, id_: str, key: str | None = None) -> Any:
    """A history that fits the document."""
    client = office.client(key)
    reply = await client.get(f"/v1/messages/{id_}/history")
    assert reply.status == 200, reply.body
    schema = {"$ref": "#/components/schemas/History", "components": document["components"]}
    faults = list(OAS31Validator(schema).iter_errors(reply.json))
    assert not faults, faults
    return reply.json


def of_type(found: Any, type_: str) -> list[Any]:
    return [entry for entry in found["data"] if entry["type"] == type_]


async def test_an_operator_reads_what_happened_and_why(office: Office, document: Any) -> None:
    hook = (await office.client().post("/v1/webhooks", HOOK)).json["id"]
    id_ = await sent(office, text="x" * 200, status_callback="https://example.com/callback")
    found = await history(office, document, id_)
    assert found["data"][0]["type"] == "accepted"
    assert [(one["movement"], one["amount"]) for one in of_type(found, "priced")] == [
        ("hold", "0.015"),
        ("settle", "0.015"),
    ]
    (routed,) = of_type(found, "routed")
    assert (routed["route"], routed["carrier"]) == ("default", "acme")
    assert (routed["reasons"], routed["filters"], routed["because"]) == (["default", "order"], [], None)
    attempts = of_type(found, "attempt")
    assert [(one["segment"], one["segments"], one["outcome"]) for one in attempts] == [
        (1, 2, "accepted"),
        (2, 2, "accepted"),
    ]
    assert all(one["carrier"] == "acme" and one["carrier_code_title"] is None for one in attempts)
    (event,) = of_type(found, "message.sent")
    deliveries = of_type(found, "delivery")
    assert {one["webhook_id"] for one in deliveries} == {hook, None}
    assert {(one["event_id"], one["event"], one["status"]) for one in deliveries} == {
        (event["event_id"], "message.sent", "pending")
    }


async def test_a_tenant_reads_nothing_of_the_network(office: Office, document: Any) -> None:
    id_ = await sent(office)
    found = await history(office, document, id_, await office.reader())
    assert not of_type(found, "routed")
    assert {"accepted", "priced", "attempt", "message.sent"} <= {one["type"] for one in found["data"]}
    for name in ("acme", "route", "carrier", "cost", "bind", "raw"):
        assert name not in str(found), name


async def test_the_route_says_by_which_filters_it_took_the_message(office: Office, document: Any) -> None:
    client = office.client()
    body = {"name": "usa", "carriers": ["acme"], "match": {"countries": ["US"]}, "priority": 1}
    assert (await client.post("/v1/routes", body)).status == 201
    (routed,) = of_type(await history(office, document, await sent(office)), "routed")
    assert (routed["route"], routed["reasons"], routed["filters"]) == (
        "usa",
        ["filters", "order"],
        ["countries"],
    )
    (routed,) = of_type(await history(office, document, await sent(office, route="default")), "routed")
    assert (routed["route"], routed["reasons"]) == ("default", ["pinned", "order"])


def test_every_type_belongs_to_one_member() -> None:
    entry = HISTORY_SCHEMAS["HistoryEntry"]
    members = {ref["$ref"] for ref in entry["oneOf"]}
    mapping = entry["discriminator"]["mapping"]
    assert set(mapping.values()) == members
    for type_, ref in mapping.items():
        kind = HISTORY_SCHEMAS[ref.rsplit("/", 1)[1]]["properties"]["type"]
        assert type_ in kind.get("enum", [kind.get("const")])


def test_statuses_of_smpp_are_told_in_words() -> None:
    assert meaning("ESME_RTHROTTLED") == "throttled: message limits exceeded"
    assert meaning("http 401") is None
    assert meaning(None) is None
