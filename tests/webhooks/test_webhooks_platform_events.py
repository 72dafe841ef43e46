"""Events of the platform in the live feed: who gets which, what they say, the heartbeat, and the coarse feed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest

from onesixty.core import events
from onesixty.core.actor import Actor
from onesixty.core.contracts import CarrierState
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http.scopes import ALL_SCOPES, Principal
from onesixty.network.state_events import QUIET
from onesixty.webhooks.feed import FeedEvent
from onesixty.webhooks.feed_endpoints import types_for
from onesixty.webhooks.feed_stream import Manner, written
from tests.accounts.test_accounts_subaccounts import customer
from tests.doors.office import Office
from tests.support.waiting import wait_until_async


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open()
    await made.route()
    yield made
    await made.close()


async def told(office: Office, account_id: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """The events of an account that are about no message: type and data, oldest first."""
    rows = await office.store.fetch(
        "events_after",
        **Tenant(account_id or office.account_id, False).params,
        after="evt_",
        until="evt_~",
        count=1000,
    )
    return [(row[1], json.loads(row[5])) for row in rows if row[4] is None]


async def types(office: Office, account_id: str | None = None) -> list[str]:
    return [type_ for type_, _ in await told(office, account_id)]


async def test_a_change_of_the_countries_of_a_verify_profile_is_told(office: Office) -> None:
    client = office.client()
    made = await client.post("/v1/verify-profiles", {"name": "login", "application": "Acme"})
    assert made.status == 201, made.body
    path = f"/v1/verify-profiles/{made.json['id']}"
    changed = await client.patch(path, {"guards": {"countries": ["AT", "DE"]}, "code_length": 8})
    assert changed.status == 200, changed.body
    removed = await client.delete(path)
    assert removed.status == 204, removed.body
    found = (await told(office))[-3:]
    assert [(type_, data["action"], data["changed"]) for type_, data in found] == [
        ("verify_profile.changed", "made", []),
        ("verify_profile.changed", "changed", ["code_length", "guards.countries"]),
        ("verify_profile.changed", "removed", []),
    ]
    assert all((data["id"], data["name"]) == (made.json["id"], "login") for _, data in found)


async def test_what_operators_set_up_is_told_without_values(office: Office) -> None:
    client = office.client()
    await client.post("/v1/carriers", {"name": "b", "type": "simulator"})
    await client.patch("/v1/carriers/b", {"settings": {"window": 5}})
    await client.post("/v1/routes", {"name": "x", "carriers": ["b"]})
    await client.delete("/v1/routes/x")
    await client.post("/v1/webhooks", {"url": "https://a.example/hush", "events": ["*"]})
    found = (await told(office))[-5:]
    assert [type_ for type_, _ in found] == [
        "carrier.changed", "carrier.changed", "route.changed", "route.changed", "webhook.changed"
    ]  # fmt: skip
    assert [data["action"] for _, data in found] == ["made", "changed", "made", "removed", "made"]
    assert found[1][1]["changed"] == ["settings"]
    assert "hush" not in json.dumps(found)


async def test_pauses_and_jobs_are_told(office: Office) -> None:
    client = office.client()
    made = await client.post("/v1/pauses", {"kind": "carrier", "value": "acme"})
    await client.post("/v1/pauses", {"kind": "carrier", "value": "acme", "mode": "drain"})
    await client.delete(f"/v1/pauses/{made.json['id']}")
    job = await client.post("/v1/messages/cancel", {"filter": {"country": "DE"}})
    await client.post(f"/v1/jobs/{job.json['id']}/stop")
    found = (await told(office))[-5:]
    assert [(type_, data.get("action") or data["status"]) for type_, data in found] == [
        ("pause.changed", "made"), ("pause.changed", "changed"), ("pause.changed", "removed"),
        ("job.changed", "running"), ("job.changed", "stopped"),
    ]  # fmt: skip


async def test_an_account_and_those_above_it_hear_of_its_changes(office: Office) -> None:
    shop = await customer(office)
    assert (await told(office))[-1][0] == "subaccount.changed"
    await office.client().patch(f"/v1/accounts/{shop.id}", {"state": "suspended"})
    ((type_, data),) = [one for one in await told(office, shop.id) if one[0] == "account.changed"][-1:]
    assert (type_, data["account_id"], data["state"], data["action"]) == (
        "account.changed", shop.id, "suspended", "changed"
    )  # fmt: skip
    above = (await told(office))[-1]
    assert (above[0], above[1]["what"], above[1]["state"]) == ("subaccount.changed", "account", "suspended")


async def test_a_profile_that_changes_is_told(office: Office) -> None:
    shop = await customer(office)
    hook = {"url": "https://a.example/x", "events": ["profile.changed"]}
    assert (await shop.live.post("/v1/webhooks", hook)).status == 201
    changed = await shop.live.patch(f"/v1/profiles/{shop.id}", {"legal_name": "Shop of Secrets"})
    assert changed.status == 200, changed.body
    assert "profile.changed" in await types(office, shop.id)
    assert "Shop of Secrets" not in json.dumps(await told(office, shop.id))
    assert (await told(office))[-1][1]["what"] == "profile"
    waiting = await shop.live.get("/v1/webhooks")
    deliveries = await shop.live.get(f"/v1/webhooks/{waiting.json['data'][0]['id']}/deliveries")
    assert [row["type"] for row in deliveries.json["data"]] == ["profile.changed"]


async def test_a_carrier_that_is_lost_is_told_once_in_a_while(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = office.features.network
    states = {"car_1": CarrierState(True, 2, 2, 0, 10)}
    monkeypatch.setattr(network.carriers, "states_by_id", lambda: states)
    look = network._state_events.look
    before = len(await told(office))
    look()
    states["car_1"] = CarrierState(False, 2, 0, 0, 10, "gone")
    look()
    states["car_1"] = CarrierState(True, 2, 1, 0, 10)
    for _ in range(3):  # it flaps
        office.clock.turn(1)
        look()
    office.clock.turn(QUIET)
    look()
    look()

    async def both() -> list[tuple[str, dict[str, Any]]] | None:
        found = (await told(office))[before:]
        return found if len(found) >= 2 else None

    found = await wait_until_async(both, what="the events")
    assert found is not None
    assert [(type_, data["connected"], data["binds_bound"]) for type_, data in found] == [
        ("carrier.state", False, 0), ("carrier.state", True, 1)
    ]  # fmt: skip
    assert found[0][1]["last_error"] == "gone"


def caller(*scopes: str) -> Principal:
    return Principal(
        tenant=Tenant("acc_1", False),
        actor=Actor("key", "key_1"),
        scopes=frozenset({"messages:read", *scopes}),
        requests_per_second=1,
    )


def test_each_gets_what_it_may_see() -> None:
    assert types_for(caller(*ALL_SCOPES), None) is None
    seen = types_for(caller("carriers"), None)
    assert seen is not None
    assert {"carrier.state", "message.sent", "webhook.test"} <= seen
    assert not {"alert.firing", "pause.changed", "account.changed", "subaccount.changed"} & seen
    assert types_for(caller("subaccounts"), "subaccount.changed") == {"subaccount.changed"}
    with pytest.raises(Problem, match="forbidden"):
        types_for(caller(), "message.sent,carrier.state")
    with pytest.raises(Problem, match="invalid_parameter"):
        types_for(caller(), "message.none")
    assert set(events.SCOPES) <= {*events.TYPES, *events.FEED_TYPES}


class Told:
    """A listener that yields what it is given, and moves the time on."""

    def __init__(self, script: Iterable[FeedEvent | float]) -> None:
        self._script = script
        self.time = 100.0

    async def __aiter__(self) -> AsyncIterator[FeedEvent | None]:
        for one in self._script:
            if isinstance(one, float):
                self.time += one
                yield None
            else:
                yield one


async def read(script: list[FeedEvent | float], manner: Manner) -> list[tuple[str, dict[str, Any]]]:
    """What a client sees: events with their data; comments are left out."""
    listener: Any = Told(script)
    text = b"".join([part async for part in written(listener, lambda: 0, manner, lambda: listener.time)])
    found = []
    for block in text.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def event(number: int, type_: str = "message.sent") -> FeedEvent:
    return FeedEvent(f"evt_{number:05}", type_, json.dumps({"n": number}))


async def test_a_heartbeat_is_an_event() -> None:
    script: list[FeedEvent | float] = [event(1), 5.0, 5.0, event(2), 5.0]
    beats = [type_ for type_, _ in await read(script, Manner(5.0, heartbeat=True))]
    assert beats == ["message.sent", "heartbeat", "heartbeat", "message.sent", "heartbeat"]
    assert [type_ for type_, _ in await read(script, Manner(5.0))] == ["message.sent", "message.sent"]


async def test_a_busy_account_is_summed_up() -> None:
    many = [event(n, "message.sent" if n % 2 else "message.delivered") for n in range(500)]
    script: list[FeedEvent | float] = [*many, event(500, "alert.firing"), 1.0, event(501), 1.0, 1.0]
    found = await read(script, Manner(60.0, heartbeat=True, coarse=3))
    assert [type_ for type_, _ in found] == [
        "message.delivered", "message.sent", "message.delivered", "alert.firing", "changed", "message.sent"
    ]  # fmt: skip
    changed = found[4][1]
    assert (changed["count"], changed["types"]) == (497, {"message.sent": 249, "message.delivered": 248})
    assert changed["last"] == "evt_00499"
    none = await read([event(1), 1.0], Manner(60.0, coarse=0))
    assert [type_ for type_, _ in none] == ["changed"]


async def test_the_feed_has_them_for_who_may_see_them(office: Office) -> None:
    """Over HTTP, as a client gets it."""
    feed = office.features.webhooks._feed
    listener = feed.open(Tenant(office.account_id, False), frozenset({"route.changed"}), None, idle=30)
    waiting = asyncio.ensure_future(anext(aiter(listener)))
    await asyncio.sleep(0)
    await office.client().post("/v1/carriers", {"name": "c", "type": "simulator"})
    await office.client().post("/v1/routes", {"name": "y", "carriers": ["c"]})
    got = await asyncio.wait_for(waiting, 10)
    assert got is not None
    assert (got.type, json.loads(got.body)["data"]["action"]) == ("route.changed", "made")
    feed.close()
    refused = await office.client(await office.reader()).get("/v1/events?types=carrier.state")
    assert (refused.status, refused.json["scope"]) == (403, "carriers")
    assert (await office.client().get("/v1/events?heartbeat=0")).json["param"] == "heartbeat"
