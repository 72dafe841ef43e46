"""Lists that can be read from both ends: page by page, the one order is the reverse of the other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
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


async def test_what_is_named_is_left_out_of_lists_counts_exports_and_jobs(office: Office) -> None:
    client = office.client()
    for reference, more in (
        ("us", {"tags": ["a", "b"]}),
        ("de", {"to": "+4915112345678"}),
        ("fr", {"to": "+33612345678", "from": "Shop"}),
        ("otp", {"class": "otp"}),
    ):
        assert (await client.post("/v1/sms/send", {**SEND, "reference": reference, **more})).status == 202
    for query, expected in (
        ("country_not=DE&country_not=fr", ["us", "otp"]),
        ("country_not=", ["us", "de", "fr", "otp"]),
        ("country=US&class_not=otp&class_not=marketing", ["us"]),
        ("tag_not=c&tag_not=b", ["de", "fr", "otp"]),
        ("from_not=Shop", ["us", "de", "otp"]),
        ("to_not=%2B49%20151%2012345678&to_not=33612345678", ["us", "otp"]),
        ("sender_shown_not=Shop&to_not=%2B4915112345678", ["us", "otp"]),
        ("direction_not=outbound", []),
        ("direction_not=inbound&from_not=Shop", ["us", "de", "otp"]),
        ("status=queued&status_not=queued", []),
        ("status_not=delivered&status_not=failed", ["us", "de", "fr", "otp"]),
        ("error_code_not=no_route&network_not=26201&network_not=", []),
        ("network_not=26201&held_for_not=review&batch_id_not=bat_1", ["us", "de", "fr", "otp"]),
        ("carrier_not=acme", []),
        ("route_not=default", []),
    ):
        found = await client.get(f"/v1/messages?order=oldest&{query}")
        assert found.status == 200, (query, found.body)
        assert [message["reference"] for message in found.json["data"]] == expected, query
        assert (await client.get(f"/v1/messages/counts?{query}")).json["total"] == len(expected), query
        lines = (await client.get(f"/v1/messages/export?{query}")).body.splitlines()
        assert [msgspec.json.decode(line)["reference"] for line in lines] == expected[::-1], query
    for query, param in (
        ("status_not=sending", "status_not"),
        ("country_not=DE&country_not=DE", "country_not"),
        ("country_not=Germany", "country_not"),
        ("direction_not=both", "direction_not"),
        ("error_code_not=nothing", "error_code_not"),
        ("carrier_not=acme&carrier_not=nobody", "carrier_not"),
        ("&".join(f"tag_not={place}" for place in range(51)), "tag_not"),
    ):
        refused = await client.get(f"/v1/messages?{query}")
        assert (refused.status, refused.json["param"]) == (422, param), query
    for wanted, count in (
        ({"country_not": ["de", "FR"]}, 2),
        ({"from_not": ["Shop"], "class_not": ["otp"]}, 2),
        ({"to_not": ["+49 151 12345678", "+33612345678"]}, 2),
        ({"carrier_not": ["acme"]}, 0),
        ({"status_not": ["queued"]}, 0),
        ({"tag_not": ["a"], "error_not": ["no_route"]}, 3),
    ):
        counted = await client.post("/v1/messages/cancel", {"filter": wanted, "dry_run": True})
        assert counted.json["total"] == count, (wanted, counted.body)
    for wrong, param in (
        ({"country_not": []}, "filter.country_not"),
        ({"country_not": [""]}, "filter.country_not[0]"),
        ({"error_not": ["no_route", "nothing"]}, "filter.error_not[1]"),
        ({"carrier_not": ["nobody"]}, "filter.carrier_not[0]"),
        ({"to_not": ["+15551234567", "Acme"]}, "filter.to_not[1]"),
        ({"status_not": ["sent"]}, "filter.status_not[0]"),
    ):
        refused = await client.post("/v1/messages/cancel", {"filter": wrong})
        assert (refused.status, refused.json["param"]) == (422, param), wrong
    job = (
        await client.post("/v1/messages/cancel", {"filter": {"from_not": ["Shop"], "country_not": ["us"]}})
    ).json
    assert job["filter"] == {"from_not": ["Shop"], "country_not": ["US"]}
    notes = (await client.get("/v1/audit?action=exported")).json["data"]
    said = [one["details"] for one in notes]
    assert [one["from_not"] for one in said if "from_not" in one] == [["Shop"]] * 2
    assert [one["sender_shown_not"] for one in said if "sender_shown_not" in one] == [["Shop"]]
    redaction = {"value": "Shop", "dry_run": True}
    assert (await client.post("/v1/audit/redact", redaction)).json == {"entries": 4}, (
        "three exports and a job"
    )
