"""Lists that can be read from both ends: page by page, the one order is the reverse of the other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.doors.office import Office
from tests.http.world import SEND


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open()
    await made.route()
    yield made
    await made.close()


async def pages(office: Office, path: str, order: str) -> list[str]:
    found: list[str] = []
    after = ""
    while True:
        reply = await office.client().get(f"{path}?limit=2&order={order}{after}")
        assert reply.status == 200, reply.body
        found += [row["id"] for row in reply.json["data"]]
        if reply.json["next"] is None:
            return found
        after = f"&after={reply.json['next']}"


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/batches", "/v1/jobs", "/v1/refusals"])
async def test_a_list_is_read_from_both_ends(office: Office, path: str) -> None:
    client = office.client()
    for place in range(5):
        body = {"from": "YourBrand", "to": [SEND["to"]], "text": f"text {place}"}
        assert (await client.post("/v1/sms/batch", body)).status == 202
        assert (await client.post("/v1/sms/send", {**SEND, "to": "+1"})).status == 422
        reply = await client.post("/v1/messages/cancel", {"filter": {"country": "FR"}})
        assert reply.status == 202
        office.clock.turn(1)
    await office.features.refusals.trace.stop()  # which writes what it has in memory
    newest = await pages(office, path, "newest")
    assert len(newest) == 5
    assert await pages(office, path, "oldest") == newest[::-1]
    refused = await client.get(f"{path}?order=sideways")
    assert (refused.status, refused.json["param"]) == (422, "order")


async def test_counts_and_searches_over_the_api(office: Office) -> None:
    client = office.client()
    for place in range(3):
        await client.post("/v1/sms/send", {**SEND, "reference": f"order-{place}"})
    await client.post("/v1/sms/send", {**SEND, "to": "+4915112345678", "reference": "invoice-1"})
    counts = (await client.get("/v1/messages/counts")).json
    assert (counts["counts"], counts["total"], counts["next"]) == ({"queued": 4}, 4, None)
    assert (await client.get("/v1/messages/counts?number=1511234")).json["total"] == 1
    found = (await client.get("/v1/messages?reference_prefix=order-&order=oldest")).json["data"]
    assert [message["reference"] for message in found] == ["order-0", "order-1", "order-2"]
    for query, param in (
        ("number=12", "number"),
        ("number=%25", "number"),
        ("reference_prefix=", "reference_prefix"),
    ):
        refused = await client.get(f"/v1/messages?{query}")
        assert (refused.status, refused.json["param"]) == (422, param)
