"""The network desk over the API: pauses, probes, bulk work by jobs; and routes with all that they may say."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.core import times
from onesixty.core.message import Message, insertion
from onesixty.jobs.bulk import Filter
from onesixty.store.units import Unit
from tests.doors.office import Office
from tests.support.waiting import wait_until_async

ACME = {
    "name": "acme",
    "type": "smpp",
    "settings": {"host": "smsc.example.net", "system_id": "onesixty", "password": "s3cret"},
}


@pytest.fixture
async def office(engine_url: str) -> AsyncIterator[Office]:
    made = await Office.open(engine_url)
    await made.features.jobs.start()
    for name in ("acme", "beta"):
        reply = await made.client().post("/v1/carriers", {**ACME, "name": name})
        assert reply.status == 201, reply.body
    await made.client().post("/v1/routes", {"name": "default", "carriers": ["acme"]})
    yield made
    await made.features.jobs.stop(5)
    await made.close()


async def carrier_id(office: Office, name: str) -> str:
    return str((await office.client().get(f"/v1/carriers/{name}")).json["id"])


async def store(office: Office, **fields: Any) -> Message:
    """A message that waits, as if it had been accepted."""
    account = next(iter(office.features.accounts.book))
    now = office.clock.now_ms()
    values: dict[str, Any] = {
        "id": office.ids.new("msg"), "account_id": account, "test": False, "sender": "Acme", "segments": 1,
        "recipient": "+15551234567", "text": "hello", "encoding": "gsm7", "class_": "transactional", "country": "US",
        "created_at": now, "expires_at": now + 86_400_000, "status": "queued", "due_at": now + 86_400_000,
        "carrier_id": await carrier_id(office, "acme"),
    }  # fmt: skip
    message = Message(**(values | fields))
    unit = Unit(keys=(message.id,), writes=(insertion(message),))
    assert (await office.store.commit([unit]))[0] is True
    return message


# ---------------------------------------------------------------- pauses


async def test_pauses_are_made_shown_and_taken_back(office: Office) -> None:
    client = office.client()
    made = await client.post("/v1/pauses", {"kind": "carrier", "value": "acme", "reason": "sick"})
    assert (made.status, made.json["mode"], made.json["value"]) == (200, "pause", "acme")
    assert made.json["subject"] == await carrier_id(office, "acme")
    drained = await client.post("/v1/pauses", {"kind": "carrier", "value": "acme", "mode": "drain"})
    assert (drained.json["id"], drained.json["mode"]) == (made.json["id"], "drain")
    for kind, value, shown in (
        ("bind", "acme/2", "acme/2"), ("route", "default", "default"), ("sender", "+1 555 123 4567", "+15551234567"),
        ("account", next(iter(office.features.accounts.book)), None), ("country", "de", "DE"),
        ("country", "001", "001"),
    ):  # fmt: skip
        reply = await client.post("/v1/pauses", {"kind": kind, "value": value})
        assert (reply.status, reply.json["value"]) == (200, shown or value), reply.body
    listed = (await client.get("/v1/pauses")).json["data"]
    assert [row["kind"] for row in listed] == [
        "carrier",
        "bind",
        "route",
        "sender",
        "account",
        "country",
        "country",
    ]
    assert (await client.delete(f"/v1/pauses/{made.json['id']}")).status == 204
    assert (await client.delete(f"/v1/pauses/{made.json['id']}")).status == 404
    assert (await client.delete("/v1/pauses/x")).status == 404
    assert len((await client.get("/v1/pauses")).json["data"]) == 6


NO_PAUSES = [
    ({"kind": "carrier", "value": "nobody"}, "value"), ({"kind": "bind", "value": "acme"}, "value"),
    ({"kind": "bind", "value": "nobody/1"}, "value"), ({"kind": "route", "value": "nowhere"}, "value"),
    ({"kind": "account", "value": "acc_none"}, "value"), ({"kind": "sender", "value": "!"}, "value"),
    ({"kind": "country", "value": "UK"}, "value"), ({"kind": "country", "value": "Germany"}, "value"),
    ({"kind": "planet", "value": "x"}, "kind"), ({"kind": "carrier", "value": "acme", "mode": "stop"}, "mode"),
]  # fmt: skip


async def test_what_cannot_be_paused_names_its_field(office: Office) -> None:
    for body, param in NO_PAUSES:
        reply = await office.client().post("/v1/pauses", body)
        assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_field", param)


async def test_a_carrier_is_paused_drained_and_resumed_by_its_name(office: Office) -> None:
    client = office.client()
    assert (await client.post("/v1/carriers/acme/pause", {"reason": "x"})).json["mode"] == "pause"
    assert (await client.post("/v1/carriers/acme/drain", {})).json["mode"] == "drain"
    assert (await client.get("/v1/carriers/acme")).json["paused"] == "drain"
    assert (await client.get("/v1/carriers/beta")).json["paused"] is None
    for _ in range(2):
        assert (await client.post("/v1/carriers/acme/resume", {})).status == 204
    assert (await client.get("/v1/pauses")).json["data"] == []
    assert (await client.post("/v1/carriers/nobody/pause", {})).status == 404


async def test_the_desk_is_for_operators(office: Office) -> None:
    client = office.client(office.test)
    for path in ("/v1/pauses", "/v1/jobs"):
        assert (await client.get(path)).json["code"] == "wrong_mode"
    assert (await client.post("/v1/messages/cancel", {"filter": {"tag": "x"}})).status == 403


# ---------------------------------------------------------------- probes


async def test_a_probe_is_an_order_for_one_carrier(office: Office) -> None:
    client = office.client()
    reply = await client.post("/v1/carriers/beta/probe", {"to": "+15551234567", "from": "Acme"})
    assert reply.status == 202, reply.body
    order = office.orders[-1]
    assert (order.carrier, order.tags, order.on_unknown) == (
        await carrier_id(office, "beta"),
        ["probe"],
        "hold",
    )
    refused = await client.post("/v1/carriers/beta/probe", {"to": "x", "from": "Acme"})
    assert (refused.status, refused.json["param"]) == (422, "to")
    found = await client.get(f"/v1/carriers/acme/probe/{reply.json['message_id']}")
    assert found.status == 404, "not over this one"


# ---------------------------------------------------------------- jobs


async def ended(office: Office, job_id: str) -> Any:
    async def look() -> Any:
        found = (await office.client().get(f"/v1/jobs/{job_id}")).json
        return found if found["status"] != "running" else None

    return await wait_until_async(look, timeout=20, what="the job's end")


async def test_a_dry_run_then_the_job(office: Office) -> None:
    messages = [await store(office, tags='["sale"]') for _ in range(3)]
    await store(office)
    office.clock.turn(1)
    client = office.client()
    dry = await client.post(
        "/v1/messages/cancel", {"filter": {"tag": "sale", "carrier": "acme"}, "dry_run": True}
    )
    assert (dry.status, dry.json["total"], dry.json["by_status"]) == (200, 3, {"queued": 3})
    assert set(dry.json["sample"]) == {m.id for m in messages}
    reply = await client.post("/v1/messages/cancel", {"filter": {"tag": "sale"}})
    assert (reply.status, reply.json["kind"], reply.json["total"]) == (202, "cancel", 3)
    done = await ended(office, reply.json["id"])
    assert (done["status"], done["counts"], done["filter"]) == ("done", {"done": 3}, {"tag": "sale"})
    assert (await client.get("/v1/jobs")).json["data"][0]["id"] == reply.json["id"]
    assert (await client.post(f"/v1/jobs/{reply.json['id']}/stop", {})).json["status"] == "done"


async def test_rerouting_names_its_target(office: Office) -> None:
    message = await store(office)
    office.clock.turn(1)
    body = {
        "filter": {"status": "queued", "from": "Acme", "class": "transactional"},
        "to": {"carrier": "beta"},
    }
    reply = await office.client().post("/v1/messages/reroute", body)
    assert reply.status == 202, reply.body
    assert (await ended(office, reply.json["id"]))["counts"] == {"done": 1}
    (row,) = await office.store.fetch("messages_by_id", ids=[message.id])
    assert await carrier_id(office, "beta") in row


NO_WORK: list[tuple[str, Any, str, str]] = [
    ("cancel", {}, "missing_field", "filter"),
    ("cancel", {"filter": {}}, "invalid_field", "filter"),
    ("cancel", {"filter": {"colour": 1}}, "unknown_field", "filter.colour"),
    ("cancel", {"filter": {"status": "sent"}}, "invalid_field", "filter.status"),
    ("requeue", {"filter": {"carrier": "nobody"}}, "invalid_field", "filter.carrier"),
    ("requeue", {"filter": {"route": "nowhere"}}, "invalid_field", "filter.route"),
    ("requeue", {"filter": {"created_after": "today"}}, "invalid_field", "filter.created_after"),
    ("requeue", {"filter": {"to": "x"}}, "invalid_field", "filter.to"),
    ("reroute", {"filter": {"tag": "x"}}, "missing_field", "to"),
    ("reroute", {"filter": {"tag": "x"}, "to": {}}, "invalid_field", "to"),
    ("reroute", {"filter": {"tag": "x"}, "to": {"route": "nowhere"}}, "invalid_field", "to.route"),
    (
        "reroute",
        {"filter": {"tag": "x"}, "to": {"route": "default", "carrier": "acme"}},
        "invalid_field",
        "to",
    ),
]


async def test_bad_bulk_work_names_its_field(office: Office) -> None:
    for path, body, code, param in NO_WORK:
        reply = await office.client().post(f"/v1/messages/{path}", body)
        assert (reply.status, reply.json["code"], reply.json["param"]) == (422, code, param)


# ---------------------------------------------------------------- routes


async def test_a_route_says_what_it_takes(office: Office) -> None:
    client = office.client()
    match = {"countries": ["DE"], "times": [{"from": "22:00", "to": "06:00", "zone": "Europe/Berlin"}]}
    carriers = [
        {"carrier": "acme", "order": 1, "weight": 3},
        {"carrier": "beta", "order": 1, "weight": 1},
    ]
    made = await client.post(
        "/v1/routes", {"name": "night", "carriers": carriers, "match": match, "priority": 5}
    )
    assert made.status == 201, made.body
    read = (await client.get("/v1/routes/night")).json
    assert (read["match"], read["carriers"], read["priority"]) == (match, carriers, 5)
    changed = await client.patch("/v1/routes/night", {"priority": 6})
    assert (changed.json["match"], changed.json["carriers"], changed.json["priority"]) == (match, carriers, 6)
    day = await client.patch("/v1/routes/night", {"match": {"times": None, "tags": ["x"]}})
    assert day.json["match"] == {"countries": ["DE"], "tags": ["x"]}
    plain = await client.patch("/v1/routes/night", {"carriers": ["beta"], "match": None})
    assert (plain.json["match"], plain.json["carriers"]) == ({}, ["beta"])
    for change, param in (
        ({"match": {"countries": ["germany"]}}, "match.countries[0]"),
        ({"carriers": [{"carrier": "acme", "weight": -1}]}, "carriers[0].weight"),
        ({"match": {"times": [{"zone": "Nowhere/City"}]}}, "match.times[0].zone"),
        ({"priority": -1}, "priority"),
    ):
        reply = await client.patch("/v1/routes/night", change)
        assert (reply.status, reply.json["param"]) == (422, param), reply.body


async def test_routes_are_explained(office: Office) -> None:
    client = office.client()
    await client.post("/v1/routes", {"name": "german", "carriers": ["beta"], "match": {"countries": ["DE"]}})
    there = (await client.post("/v1/routes/explain", {"to": "+4915112345678", "from": "Acme"})).json
    assert (there["route"], there["carriers"], there["error"]) == ("german", ["beta"], None)
    here = (await client.post("/v1/routes/explain", {"to": "+15551234567", "from": "Acme"})).json
    assert here["considered"] == [
        {"route": "german", "taken": False, "reason": "countries"},
        {"route": "default", "taken": True, "reason": "taken"},
    ]
    assert here["weighed"] == [{"carrier": "acme", "taken": True, "reason": "taken"}]
    pinned = (
        await client.post("/v1/routes/explain", {"to": "+15551234567", "from": "Acme", "route": "none"})
    ).json
    assert (pinned["route"], pinned["error"]["code"]) == (None, "unknown_route")
    trial = (
        await client.post("/v1/routes/explain", {"to": "+15551234567", "from": "Acme", "test": True})
    ).json
    assert trial["error"]["code"] == "no_route"
    bad = await client.post("/v1/routes/explain", {"to": "x", "from": "Acme"})
    assert (bad.status, bad.json["param"]) == (422, "to")


@pytest.mark.parametrize(
    "name", ["account", "to", "from", "tag", "reference", "batch_id", "carrier", "route", "country", "error"]
)
async def test_an_empty_value_is_not_no_filter(office: Office, name: str) -> None:
    """A script whose variable is empty must not cancel everybody's messages."""
    await store(office)
    client = office.client()
    for work, more in (("cancel", {}), ("requeue", {}), ("reroute", {"to": {"carrier": "acme"}})):
        reply = await client.post(f"/v1/messages/{work}", {"filter": {name: ""}, "dry_run": True, **more})
        assert (reply.status, reply.json["code"]) == (422, "invalid_field"), reply.body
        assert reply.json["param"] == f"filter.{name}"


async def test_a_filter_of_bulk_work_finds_what_it_says(office: Office) -> None:
    """Whole tags, a country in either case, numbers however they are written; and an empty value finds no message."""
    client = office.client()
    await store(office, tags='["a","b"]')
    await store(office, tags='["15\\"screen"]', sender="+15550001111")
    await store(office, country="DE")

    async def found(**wanted: str) -> int:
        reply = await client.post("/v1/messages/cancel", {"filter": wanted, "dry_run": True})
        assert reply.status == 200, reply.body
        return int(reply.json["total"])

    assert [await found(tag=tag) for tag in ("a", "b", ",", "screen", '15"screen', '","')] == [
        1,
        1,
        0,
        0,
        1,
        0,
    ]
    assert [await found(country=code) for code in ("us", "US", "de")] == [2, 2, 1]
    assert await found(to="+1 (555) 123-4567") == 3
    assert await found(**{"from": "1 555 000 1111"}) == 1
    said = Filter(batch_id="", account="", tag="", carrier="", error="")
    assert (await office.features.jobs.jobs.look("cancel", said)).counts == {}


# ---------------------------------------------------------------- pauses with an end


async def test_a_pause_ends_by_itself(office: Office) -> None:
    client, now = office.client(), office.clock.now_ms()
    pauses = office.features.pauses
    (task,) = pauses.sweep_tasks().values()
    made = await client.post(
        "/v1/pauses", {"kind": "sender", "value": "Acme", "ends_at": times.to_text(now + 60_000)}
    )
    assert (made.status, made.json["ends_at"]) == (200, times.to_text(now + 60_000)), made.body
    longer = {"ends_at": times.to_text(now + 120_000)}
    assert (await client.post("/v1/carriers/acme/pause", longer)).json["ends_at"] == longer["ends_at"]
    assert (await client.post("/v1/carriers/beta/drain", {"reason": "sick"})).json["ends_at"] is None
    assert await task(now + 59_999) == 0
    assert await task(now + 60_000) == 1
    assert [row.kind for row in pauses.in_force.rows] == ["carrier", "carrier"]
    assert await task(now + 120_000) == 1
    assert [row["value"] for row in (await client.get("/v1/pauses")).json["data"]] == ["beta"]
    assert (await client.get("/v1/carriers/acme")).json["paused"] is None
    assert await task(now + 10**10) == 0


async def test_an_end_that_was_changed_elsewhere_counts(office: Office) -> None:
    now, pauses = office.clock.now_ms(), office.features.pauses
    (task,) = pauses.sweep_tasks().values()
    end = {"ends_at": times.to_text(now + 60_000)}
    await office.client().post("/v1/carriers/acme/pause", end)
    seen = list(pauses.in_force.rows)
    await office.client().post("/v1/carriers/acme/pause", {})
    pauses.in_force.rows = seen  # as on a node that has not heard of it yet
    assert await task(now + 60_000) == 0
    assert [row.ends_at for row in pauses.in_force.rows] == [None]
    assert (await office.client().get("/v1/carriers/acme")).json["paused"] == "pause"


async def test_an_end_lies_in_the_future(office: Office) -> None:
    for said in (times.to_text(office.clock.now_ms()), "tomorrow"):
        for path, body in (
            ("/v1/pauses", {"kind": "sender", "value": "Acme"}),
            ("/v1/carriers/acme/pause", {}),
        ):
            reply = await office.client().post(path, {**body, "ends_at": said})
            assert (reply.status, reply.json["code"], reply.json["param"]) == (
                422,
                "invalid_field",
                "ends_at",
            )
    assert (await office.client().get("/v1/pauses")).json["data"] == []
