"""Counts of messages: each is that of the list that it leads to, on both engines."""

from typing import Any

import pytest

from onesixty.core import times
from tests.doors.office import Office
from tests.http.asgi import Client
from tests.http.world import SEND

COUNTS = "/v1/messages/counts"
GROUPS = ("status", "class", "country", "network", "direction", "error_code")


async def counted(client: Client, query: str = "") -> dict[str, Any]:
    reply = await client.get(f"{COUNTS}?{query}")
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json
    return found


async def traffic(office: Office) -> Client:
    client = office.client()
    for fields in (
        {},
        {"class": "marketing"},
        {"to": "+4915112345678"},
        {"to": "+4915112345679", "class": "otp", "tags": ["a"]},
        {"to": "+33612345678", "tags": ["a"]},
        {"scheduled_at": "2027-01-01T00:00:00Z"},
    ):
        sent = await client.post("/v1/sms/send", {**SEND, **fields})
        assert sent.status == 202, sent.body
        office.clock.turn(1)
    assert (await client.post(f"/v1/messages/{sent.json['id']}/cancel")).status == 200
    return client


async def test_old_callers_get_the_counts_by_status(office: Office) -> None:
    client = await traffic(office)
    assert await counted(client) == {
        "group_by": "status",
        "counts": {"queued": 5, "canceled": 1},
        "total": 6,
        "as_of": times.to_text(office.clock.now_ms()),
        "exact": True,
        "next": None,
    }


async def test_messages_are_counted_by_each_of_their_values(office: Office) -> None:
    client = await traffic(office)
    assert (await counted(client, "group_by=country"))["counts"] == {"US": 3, "DE": 2, "FR": 1}
    by_class = await counted(client, "group_by=class")
    assert by_class["counts"] == {"transactional": 4, "marketing": 1, "otp": 1}
    assert list(by_class["counts"]) == ["transactional", "marketing", "otp"], "the most frequent first"
    assert (await counted(client, "group_by=direction"))["counts"] == {"outbound": 6}
    errors = await counted(client, "group_by=error_code")
    assert (errors["counts"], errors["total"]) == ({"null": 5, "canceled": 1}, 6)
    assert (await counted(client, "group_by=country&tag=a"))["counts"] == {"DE": 1, "FR": 1}
    assert (await counted(client, "group_by=country&tag=none"))["counts"] == {}


@pytest.mark.parametrize("narrowed", ["", "&tag=a", "&country=US", "&account_id=*", "&duplicates=false"])
async def test_each_count_is_that_of_the_list_that_it_leads_to(office: Office, narrowed: str) -> None:
    client = await traffic(office)
    every = (await client.get(f"/v1/messages?limit=200{narrowed}")).json["data"]
    for group in GROUPS:
        counts = await counted(client, f"group_by={group}{narrowed}")
        assert counts["total"] == sum(counts["counts"].values()) == len(every)
        for value, count in counts["counts"].items():
            if f"&{group}=" in narrowed:
                continue
            query = f"{group}={'' if value == 'null' else value}"
            listed = await client.get(f"/v1/messages?limit=200&{query}{narrowed}")
            assert listed.status == 200, listed.body
            assert len(listed.json["data"]) == count, query


async def test_what_one_call_does_not_read_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onesixty.store.slices.SLICE", 1)
    monkeypatch.setattr("onesixty.store.slices.SLICES", 2)
    client = await traffic(office)
    after, found = "", dict[str, int]()
    while True:
        part = await counted(client, f"group_by=country{after}")
        assert part["exact"] is False, "a part of them"
        for value, count in part["counts"].items():
            found[value] = found.get(value, 0) + count
        if part["next"] is None:
            break
        after = f"&after={part['next']}"
    assert found == {"US": 3, "DE": 2, "FR": 1}


async def test_an_unknown_value_to_count_by_is_refused(office: Office) -> None:
    for query, param in (
        ("group_by=text", "group_by"),
        ("group_by=", "group_by"),
        ("error_code=x", "error_code"),
    ):
        refused = await office.client().get(f"{COUNTS}?{query}")
        assert (refused.status, refused.json["param"]) == (422, param), query
