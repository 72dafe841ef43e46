"""What carriers take is shown only to operators: on messages, in lists, exports, previews, routes."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.doors.v1.send import SEND_PATH
from onesixty.store.units import Unit
from tests.doors.office import Office
from tests.http.world import SEND
from tests.support.waiting import wait_until_async

ROUTE = {
    "carriers": [{"carrier": "acme", "order": 1}, {"carrier": "spare", "order": 2, "sender": "Spare"}],
}


@pytest.fixture
async def office(engine_url: str) -> AsyncIterator[Office]:
    made = await Office.open(engine_url)
    await made.route(runs=True)
    client = made.client()
    await client.patch("/v1/carriers/acme", {"cost_per_segment": "0.004"})
    spare = {"name": "spare", "type": "simulator", "cost_per_segment": "0.01", "currency": "USD"}
    assert (await client.post("/v1/carriers", spare)).status == 201
    reply = await client.patch("/v1/routes/default", ROUTE)
    assert reply.status == 200, reply.body
    yield made
    await made.close()


async def sent(office: Office, **fields: Any) -> str:
    """The id of a message that a carrier took."""
    id_ = str((await office.client().post(SEND_PATH, {**SEND, **fields})).json["id"])

    async def taken() -> bool:
        view = (await office.client().get(f"/v1/messages/{id_}")).json
        return bool(view["sent_at"])

    await wait_until_async(taken, what="a carrier that took it")
    return id_


async def test_operators_see_what_a_message_costs_and_tenants_do_not(office: Office) -> None:
    id_ = await sent(office, text="x" * 200)
    cost = [{"amount": "0.008", "currency": "EUR"}]
    operator, tenant = office.client(), office.client(await office.reader())
    path = f"/v1/messages/{id_}"
    assert (await operator.get(path)).json["cost"] == cost
    assert [one["cost"] for one in (await operator.get("/v1/messages")).json["data"]] == [cost]
    attempts = [e for e in (await operator.get(f"{path}/history")).json["data"] if e["type"] == "attempt"]
    assert [(a["sender"], a["cost"], a["currency"]) for a in attempts] == [(SEND["from"], "0.004", "EUR")] * 2
    (row,) = csv.DictReader(io.StringIO((await operator.get("/v1/messages/export?format=csv")).body.decode()))
    assert row["cost"] == "0.008 EUR"
    assert b'"cost":[{"amount":"0.008","currency":"EUR"}]' in (await operator.get("/v1/messages/export")).body
    for seen in (
        path,
        "/v1/messages",
        f"{path}/history",
        "/v1/messages/export",
        "/v1/messages/export?format=csv",
    ):
        reply = await tenant.get(seen)
        assert reply.status == 200
        assert b"cost" not in reply.body, seen


async def test_costs_in_several_currencies_are_not_added(office: Office) -> None:
    id_ = await sent(office)
    (first,) = await office.store.fetch("attempts_of_messages", ids=[id_])
    later = (id_, 2, *first[2:-2], 10_000, "USD")
    assert await office.store.commit([Unit(keys=(id_,), writes=(("attempt_insert", later),))]) == [True]
    assert (await office.client().get(f"/v1/messages/{id_}")).json["cost"] == [
        {"amount": "0.004", "currency": "EUR"},
        {"amount": "0.01", "currency": "USD"},
    ]


async def test_a_list_reads_its_costs_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        await sent(office, text=f"message {number}")
    read: list[str] = []
    fetch = office.store.fetch

    async def noted(statement: str, **params: Any) -> Any:
        read.append(statement)
        return await fetch(statement, **params)

    monkeypatch.setattr(office.store, "fetch", noted, raising=False)
    assert len((await office.client().get("/v1/messages")).json["data"]) == 3
    assert read.count("costs_of_messages") == 1


HOPS = [
    {
        "carrier": "acme", "sender": "Acme", "cost_per_segment": "0.004", "currency": "EUR", "channel": "sms",
        "reasons": ["order"],
    },
    {
        "carrier": "spare", "sender": "Spare", "cost_per_segment": "0.01", "currency": "USD", "channel": "sms",
        "reasons": ["order", "failover"],
    },
]  # fmt: skip


async def test_explanation_and_preview_show_each_hop(office: Office) -> None:
    asked = {"to": "+15551234567", "from": "Acme"}
    explained = (await office.client().post("/v1/routes/explain", asked)).json
    assert (explained["carriers"], explained["hops"]) == (["acme", "spare"], HOPS)
    seen = await office.client().post("/v1/sms/preview", {**asked, "text": "hello"})
    assert seen.json["route"]["hops"] == HOPS
    shared = {"carriers": [{"carrier": "acme", "order": 1}, {"carrier": "spare", "order": 1}]}
    await office.client().patch("/v1/routes/default", shared)
    explained = (await office.client().post("/v1/routes/explain", asked)).json
    assert [hop["reasons"] for hop in explained["hops"]] == [["weight"], ["weight"]]
