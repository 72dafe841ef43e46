"""`/v1/webhooks` over HTTP, the real store on both engines, the real sink and a real receiver."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from onesixty.core import events, ids
from onesixty.core.clock import SystemClock
from onesixty.core.tenant import Tenant
from onesixty.smpp.network import LoopNetwork
from onesixty.store.notes import NoNotes
from onesixty.webhooks import schemas
from onesixty.webhooks.deliveries import MAX_REPLAY, Deliveries
from onesixty.webhooks.delivery_reading import DeliveryReading
from onesixty.webhooks.endpoints import webhook_routes
from onesixty.webhooks.http_poster import Deadlines, HttpPoster
from onesixty.webhooks.secrets import OVERLAP_MS, opened
from onesixty.webhooks.service import MAX_ENDPOINTS, Webhooks
from tests.http.asgi import Client, Reply
from tests.http.world import LIVE, NARROW, TEST, front_over
from tests.support.receiver import Receiver
from tests.support.sealing import KEYRING
from tests.support.waiting import wait_until_async
from tests.webhooks.support import ONCE, World


class FixedClock(SystemClock):
    """A wall clock that is told the time."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms


class Api:
    """The API over a World, whose deliverer posts for real."""

    def __init__(self, world: World, allow_private: bool = True) -> None:
        self.world = world
        clock = SystemClock()
        deadlines = Deadlines(connect=2, answer=1, sweep=0.05)
        self.sink: Any = HttpPoster(LoopNetwork(), clock, allow_private=True, deadlines=deadlines)
        webhooks = Webhooks(
            world.store, world.table, clock=clock, id_source=world.ids, entropy=secrets.token_bytes,
            allow_private=allow_private, sealer=KEYRING,
        )  # fmt: skip
        self.deliveries = Deliveries(world.store, self.sink, clock=clock, id_source=world.ids, kept_days=30)
        self.front = front_over(
            webhook_routes(webhooks, DeliveryReading(world.store, clock), self.deliveries, NoNotes()),
            clock=clock,
        )

    def client(self, key: str = LIVE) -> Client:
        return Client(self.front, key)


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    made = Api(world)
    yield made
    await world.stop()
    await made.sink.close()


async def create(client: Client, url: str, types: Any = ("*",), **fields: Any) -> dict[str, Any]:
    reply = await client.post("/v1/webhooks", {"url": url, "events": list(types), **fields})
    assert reply.status == 201, reply.body
    shown: dict[str, Any] = reply.json
    return shown


async def test_a_webhook_from_its_making_to_its_first_event(api: Api, receiver: Receiver) -> None:
    """Promise 7: signed, with an id, a time and a sequence; the standard package verifies."""
    client = api.client()
    made = await create(client, f"{receiver.url}/hook", ["message.sent", "message.delivered"])
    assert made["secret"].startswith("whsec_")
    await api.world.start(api.sink)
    (first,) = await api.world.happen(id="msg_1", status="sent", sequence=1)
    (second,) = await api.world.happen(id="msg_1", status="delivered", sequence=2)
    await api.world.happen(id="msg_1", status="failed", sequence=3)
    got = {request.id: request for request in await receiver.wait_for(2)}
    for event_id, type_, sequence in ((first, "message.sent", 1), (second, "message.delivered", 2)):
        request = got[event_id]
        body = Webhook(made["secret"]).verify(request.body, request.headers)
        assert (body["id"], body["type"], body["sequence"]) == (event_id, type_, sequence)
        assert body["data"]["id"] == "msg_1"
        assert body["created_at"].endswith("Z")
    await api.world.wait_all("delivered", 2)
    page = (await client.get(f"/v1/webhooks/{made['id']}/deliveries")).json
    assert [row["event_id"] for row in page["data"]] == [second, first]
    assert page["data"][0] | {"id": "", "done_at": "", "created_at": "", "expires_at": ""} == {
        "id": "", "event_id": second, "type": "message.delivered", "message_id": "msg_1", "status": "delivered",
        "attempts": 1, "response_status": 204, "error": None, "created_at": "", "next_attempt_at": None,
        "expires_at": "", "done_at": "",
    }  # fmt: skip


async def test_reading_changing_and_removing(api: Api) -> None:
    client = api.client()
    made = await create(client, "http://one.example/", ["*"], description="one")
    path = f"/v1/webhooks/{made['id']}"
    secret = made.pop("secret")
    assert secret not in str((await client.get("/v1/webhooks")).json)
    assert (await client.get(path)).json == made
    changed = (
        await client.patch(
            path, {"url": "http://two.example/", "events": ["message.failed", "message.failed"]}
        )
    ).json
    assert (changed["url"], changed["events"], changed["description"]) == (
        "http://two.example/",
        ["message.failed"],
        "one",
    )
    assert (await client.patch(path, {"enabled": False})).json["enabled"] is False
    assert api.world.table.matching(Tenant("acc_1", False), "message.failed") == ()
    assert (await client.patch(path, {"enabled": True})).json["enabled"] is True
    assert len(api.world.table.matching(Tenant("acc_1", False), "message.failed")) == 1, (
        "known before the answer"
    )
    assert (await client.delete(path)).status == 204
    assert (await client.get(path)).json["code"] == "not_found"
    assert (await client.delete(path)).status == 404


async def test_accounts_modes_and_scopes_do_not_see_each_other(api: Api) -> None:
    live = await create(api.client(), "http://live.example/")
    test = await create(api.client(TEST), "http://test.example/")
    assert live["test"] is False
    assert test["test"] is True
    assert [row["id"] for row in (await api.client(TEST).get("/v1/webhooks")).json["data"]] == [test["id"]]
    for method, rest in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate"), ("POST", "/test"),
                         ("POST", "/replay"), ("GET", "/deliveries")):  # fmt: skip
        reply = await api.client(TEST).request(
            method, f"/v1/webhooks/{live['id']}{rest}", {} if method != "GET" else None
        )
        assert reply.json["code"] == "not_found", (method, rest)
    assert (await api.client(NARROW).get("/v1/webhooks")).status == 403


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"events": ["*"]}, "missing_field", "url"),
        ({"url": "http://a.example/"}, "missing_field", "events"),
        ({"url": "http://a.example/", "events": []}, "invalid_field", "events"),
        ({"url": "http://a.example/", "events": ["message.exploded"]}, "invalid_field", "events[0]"),
        ({"url": "http://a.example/", "events": ["*", "sms"]}, "invalid_field", "events[1]"),
        ({"url": "http://a.example/", "events": "*"}, "invalid_field", "events"),
        ({"url": "http://a.example/", "events": ["*"], "color": 1}, "unknown_field", "color"),
        ({"url": "http://a.example/", "events": ["*"], "description": "x" * 501}, "invalid_field", "description"),
        ({"url": "ftp://a.example/", "events": ["*"]}, "url_not_allowed", "url"),
        ({"url": "http://u:p@a.example/", "events": ["*"]}, "url_not_allowed", "url"),
        ({"url": "", "events": ["*"]}, "url_not_allowed", "url"),
        ({"url": 7, "events": ["*"]}, "invalid_field", "url"),
    ],
)  # fmt: skip
async def test_bad_webhooks_are_refused(world: World, body: Any, code: str, param: str) -> None:
    api = Api(world)
    reply = await api.client().post("/v1/webhooks", body)
    assert (reply.json["code"], reply.json["param"], reply.json["retryable"]) == (code, param, False)
    await api.sink.close()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0x7f.1/", "https://10.0.0.1/"]
)
async def test_private_urls_are_refused_unless_allowed(world: World, url: str) -> None:
    api = Api(world, allow_private=False)
    reply = await api.client().post("/v1/webhooks", {"url": url, "events": ["*"]})
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "url_not_allowed", "url")
    made = await create(api.client(), "https://example.com/")
    reply = await api.client().patch(f"/v1/webhooks/{made['id']}", {"url": url})
    assert reply.json["code"] == "url_not_allowed"
    await api.sink.close()


async def test_pages_and_the_most_there_can_be(api: Api) -> None:
    client = api.client()
    made = [(await create(client, f"http://h{index}.example/"))["id"] for index in range(MAX_ENDPOINTS)]
    reply = await client.post("/v1/webhooks", {"url": "http://more.example/", "events": ["*"]})
    assert (reply.status, reply.json["code"]) == (409, "conflict")
    shown: list[str] = []
    after = ""
    while True:
        page = (await client.get(f"/v1/webhooks?limit=20{after}")).json
        shown += [row["id"] for row in page["data"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert shown == made[::-1]


async def test_a_rotated_secret_and_the_one_before_both_verify(api: Api, receiver: Receiver) -> None:
    client = api.client()
    made = await create(client, receiver.url)
    newer = (await client.post(f"/v1/webhooks/{made['id']}/rotate")).json["secret"]
    assert newer != made["secret"]
    await api.world.start(api.sink)
    await api.world.happen()
    (request,) = await receiver.wait_for(1)
    for secret in (made["secret"], newer):
        Webhook(secret).verify(request.body, request.headers)
    assert OVERLAP_MS == 86_400_000


async def test_the_callback_secret(api: Api, receiver: Receiver) -> None:
    client = api.client()
    secret = (await client.get("/v1/webhooks/callback-secret")).json["secret"]
    assert (await client.get("/v1/webhooks/callback-secret")).json["secret"] == secret
    assert (await client.get("/v1/webhooks")).json["data"] == []
    await api.world.start(api.sink)
    await api.world.happen(status_callback=f"{receiver.url}/cb?x=1")
    (request,) = await receiver.wait_for(1)
    assert request.path == "/cb"
    Webhook(secret).verify(request.body, request.headers)
    newer = (await client.post("/v1/webhooks/callback-secret/rotate")).json["secret"]
    await api.world.happen(status_callback=receiver.url)
    request = (await receiver.wait_for(2))[1]
    for each in (secret, newer):
        Webhook(each).verify(request.body, request.headers)


async def test_each_mode_has_a_callback_secret_of_its_own(api: Api, receiver: Receiver) -> None:
    """A test key that leaks must not be able to sign, or to change, what live callbacks are verified by."""
    path = "/v1/webhooks/callback-secret"
    live = (await api.client().get(path)).json["secret"]
    test = (await api.client(TEST).get(path)).json["secret"]
    assert test != live
    await api.client(TEST).post(f"{path}/rotate")
    assert (await api.client().get(path)).json["secret"] == live
    await api.world.start(api.sink)
    await api.world.happen(status_callback=f"{receiver.url}/live")
    (request,) = await receiver.wait_for(1)
    Webhook(live).verify(request.body, request.headers)
    await api.world.happen(status_callback=f"{receiver.url}/test", test=True)
    request = (await receiver.wait_for(2))[1]
    Webhook(test).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(live).verify(request.body, request.headers)


async def test_a_test_tells_what_the_receiver_said(api: Api, receiver: Receiver) -> None:
    client = api.client()
    made = await create(client, f"{receiver.url}/hook", ["message.failed"])
    path = f"/v1/webhooks/{made['id']}/test"
    told = (await client.post(path)).json
    assert (told["delivered"], told["response_status"], told["error"]) == (True, 204, None)
    (request,) = receiver.requests
    body = Webhook(made["secret"]).verify(request.body, request.headers)
    assert (body["id"], body["type"], body["data"]["webhook_id"]) == (
        told["event_id"],
        "webhook.test",
        made["id"],
    )
    receiver.answer(302, headers={"Location": f"{receiver.url}/elsewhere"})
    told = (await client.post(path)).json
    assert (told["delivered"], told["response_status"], told["error"]) == (False, 302, "status 302")
    assert receiver.at_path("/elsewhere") == []
    await receiver.refuse()
    told = (await client.post(path)).json
    assert (told["delivered"], told["response_status"], told["error"]) == (False, None, "connection refused")


async def replay(client: Client, id_: str, **fields: Any) -> Reply:
    return await client.post(f"/v1/webhooks/{id_}/replay", fields)


async def test_replay_by_ids_by_time_and_of_what_failed(api: Api, receiver: Receiver) -> None:
    client = api.client()
    made = await create(client, receiver.url)
    receiver.answer(500, times=2)
    await api.world.start(api.sink, policy=ONCE)
    events_ = []
    for _ in range(2):
        events_ += await api.world.happen()
        await receiver.wait_for(len(events_))
    await api.world.wait_all("failed", 2)
    between = api.world.clock.now_ms() + 1
    await wait_until_async(lambda: api.world.clock.now_ms() > between, what="the next millisecond")
    events_ += await api.world.happen(3)
    await api.world.wait_all("delivered", 3)

    reply = await replay(client, made["id"], failed_only=True)
    assert (reply.status, reply.json) == (
        202,
        {"replayed": 2, "matching": 2, "sample": [], "next_since": None},
    )
    await api.world.wait_all("delivered", 5)
    assert (await replay(client, made["id"], failed_only=True)).json["replayed"] == 0, (
        "they have arrived since"
    )

    assert (await replay(client, made["id"], event_ids=events_[:1])).json["replayed"] == 1
    await api.world.wait_all("delivered", 6)

    moment = (await client.get(f"/v1/webhooks/{made['id']}/deliveries?limit=200")).json["data"]
    since = min(row["created_at"] for row in moment if row["event_id"] == events_[2])
    assert (await replay(client, made["id"], since=since)).json["replayed"] == 3
    assert (await replay(client, made["id"], until=since)).json["replayed"] == 2
    assert (
        await replay(client, made["id"], since="2020-01-01T00:00:00Z", until="2020-01-02T00:00:00+01:00")
    ).json["replayed"] == 0
    await api.world.wait_all("delivered", 11)
    counts = [sum(1 for request in receiver.requests if request.id == event) for event in events_]
    assert counts == [4, 3, 2, 2, 2]


async def test_an_event_that_retention_may_remove_is_not_replayed(
    api: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await create(api.client(), f"{receiver.url}/hook")
    await api.world.start()
    (event,) = await api.world.happen()
    await api.world.wait_all("delivered", 1)
    clock = FixedClock(ids.made_at(event) + 30 * 86_400_000 - 1000)
    monkeypatch.setattr(api.deliveries, "_clock", clock)
    long_ago = "2020-01-01T00:00:00Z"
    assert (await replay(api.client(), made["id"], since=long_ago)).json["replayed"] == 1
    clock.ms += 2000
    assert (await replay(api.client(), made["id"], since=long_ago)).json["replayed"] == 0
    assert (await replay(api.client(), made["id"], event_ids=[event])).status == 404


async def test_an_event_from_before_the_webhook_can_be_replayed(api: Api, receiver: Receiver) -> None:
    (event,) = await api.world.happen()
    made = await create(api.client(), receiver.url)
    await api.world.start(api.sink)
    assert (await replay(api.client(), made["id"], event_ids=[event])).json["replayed"] == 1
    (request,) = await receiver.wait_for(1)
    assert request.id == event


async def test_a_long_replay_goes_on_where_it_ended(api: Api) -> None:
    made = await create(api.client(), "http://nobody.example/")
    await api.world.start(policy=ONCE)
    for _ in range(6):
        await api.world.happen(200)
    await api.world.wait_all("delivered", 1200)
    told = (await replay(api.client(), made["id"], until="2100-01-01T00:00:00Z")).json
    assert told["replayed"] == MAX_REPLAY
    await api.world.wait_all("delivered", 2200)
    rest = (await replay(api.client(), made["id"], since=told["next_since"])).json
    assert rest["next_since"] is None
    assert rest["replayed"] >= 200


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({}, "missing_field", "event_ids"),
        ({"event_ids": ["evt_unknown"]}, "not_found", "event_ids"),
        ({"since": "yesterday"}, "invalid_field", "since"),
        ({"until": "2026-01-01T00:00:00"}, "invalid_field", "until"),
        ({"event_ids": ["evt_x"] * 1001}, "invalid_field", "event_ids"),
        ({"everything": True}, "unknown_field", "everything"),
    ],
)
async def test_bad_replays_are_refused(api: Api, fields: dict[str, Any], code: str, param: str) -> None:
    made = await create(api.client(), "http://a.example/")
    reply = await replay(api.client(), made["id"], **fields)
    assert (reply.json["code"], reply.json["param"]) == (code, param)


async def test_deliveries_by_status(api: Api, receiver: Receiver) -> None:
    client = api.client()
    made = await create(client, receiver.url)
    receiver.answer(500, times=3)
    await api.world.start(api.sink, policy=ONCE)
    await api.world.happen(3)
    await api.world.wait_all("failed", 3)
    await api.world.happen(2)
    await api.world.wait_all("delivered", 2)
    path = f"/v1/webhooks/{made['id']}/deliveries"
    for status, count in (("failed", 3), ("delivered", 2), ("pending", 0)):
        rows = (await client.get(f"{path}?status={status}")).json["data"]
        assert len(rows) == count
        assert {row["status"] for row in rows} <= {status}
    page = (await client.get(f"{path}?limit=2")).json
    rest = (await client.get(f"{path}?limit=2&after={page['next']}")).json
    assert len({row["id"] for row in page["data"] + rest["data"]}) == 4
    assert (await client.get(f"{path}?status=odd")).json["code"] == "invalid_parameter"


async def test_answers_are_as_the_document_says(api: Api, receiver: Receiver) -> None:
    client = api.client()
    made = await create(client, receiver.url)
    path = f"/v1/webhooks/{made['id']}"
    await api.world.start(api.sink)
    await api.world.happen()
    await api.world.wait_all("delivered", 1)
    schemas.DeliveryList.model_validate((await client.get(f"{path}/deliveries")).json, extra="forbid")
    schemas.TestResult.model_validate((await client.post(f"{path}/test")).json, extra="forbid")
    schemas.Replayed.model_validate(
        (await replay(client, made["id"], since="2020-01-01T00:00:00Z")).json, extra="forbid"
    )
    operations = [
        operation
        for where, methods in (await api.client().get("/openapi.json")).json["paths"].items()
        if where.startswith(("/v1/webhooks", "/v1/deliveries"))
        for operation in methods.values()
    ]
    assert len(operations) == 14
    assert len({operation["operationId"] for operation in operations}) == 14
    assert set(events.TYPES) >= {"message.sent", "webhook.test"}


async def test_of_two_changes_at_once_both_hold(api: Api) -> None:
    """Neither writes back what it read of the other's field, nor what the deliverer notes meanwhile."""
    client = api.client()
    id_ = (await create(client, "https://hooks.example/a"))["id"]
    for turn in range(10):
        await client.patch(f"/v1/webhooks/{id_}", {"enabled": True, "description": "old"})
        replies = await asyncio.gather(
            client.patch(f"/v1/webhooks/{id_}", {"enabled": False}),
            client.patch(f"/v1/webhooks/{id_}", {"description": f"new {turn}"}),
            api.world.store.execute("webhook_failing", id=id_, failing_since=1000 + turn),
        )
        assert [reply.status for reply in replies[:2]] == [200, 200]
        now = (await client.get(f"/v1/webhooks/{id_}")).json
        assert (now["enabled"], now["description"]) == (False, f"new {turn}")
        assert now["failing_since"] is not None


async def test_of_two_rotations_at_once_one_is_told(api: Api) -> None:
    """Each answers a secret that is shown this once: one that would not sign may not be shown."""
    client = api.client()
    id_ = (await create(client, "https://hooks.example/a"))["id"]
    for path in (f"/v1/webhooks/{id_}/rotate", "/v1/webhooks/callback-secret/rotate"):
        replies = await asyncio.gather(*(client.post(path) for _ in range(4)))
        made = [reply.json["secret"] for reply in replies if reply.status == 200]
        assert {reply.status for reply in replies} <= {200, 409}
        rows = await api.world.store.fetch("webhooks_all")
        columns = [opened(KEYRING, row[0], row[4]) for row in rows]
        (column,) = [column for column in columns if any(secret in column for secret in made)]
        newest, before = (part.partition(":")[0] for part in column.split())
        assert newest in made
        assert len(made) == 1 or before in made


async def test_a_replay_counts_before_it_delivers(api: Api, receiver: Receiver) -> None:
    client = api.client()
    made = await create(client, f"{receiver.url}/hook")
    await api.world.start(api.sink)
    (sent,) = await api.world.happen(id="msg_1", status="sent", sequence=1)
    (delivered,) = await api.world.happen(id="msg_1", status="delivered", sequence=2)
    await api.world.happen(id="msg_2", status="delivered", sequence=1)
    await receiver.wait_for(3)
    await api.world.wait_all("delivered", 3)
    path = f"/v1/webhooks/{made['id']}/replay"
    since = {"since": "2020-01-01T00:00:00Z", "dry_run": True}
    counted = await client.post(path, since)
    assert (counted.status, counted.json["replayed"], counted.json["matching"]) == (200, 0, 3)
    assert counted.json["sample"][:2] == [sent, delivered]
    narrowed = await client.post(path, {**since, "types": ["message.sent"]})
    assert (narrowed.json["matching"], narrowed.json["sample"]) == (1, [sent])
    assert (await client.post(path, {**since, "types": ["*"]})).json["matching"] == 3
    assert (await client.post(path, {"failed_only": True, "dry_run": True})).json["matching"] == 0
    one = {"message_id": "msg_1", "types": ["message.delivered"]}
    assert (await client.post(path, {**one, "dry_run": True})).json["sample"] == [delivered]
    assert len(receiver.requests) == 3, "nothing was delivered again"
    again = await client.post(path, one)
    assert (again.status, again.json["replayed"], again.json["sample"]) == (202, 1, [])
    await receiver.wait_for(4)
    assert [request.id for request in receiver.requests].count(delivered) == 2
    rows = await api.world.wait_all("delivered", 4)
    assert len(rows) == 4
    page = await client.get(f"/v1/webhooks/{made['id']}/deliveries?message_id=msg_1&types=message.delivered")
    assert [row["event_id"] for row in page.json["data"]] == [delivered, delivered], "the repeated one, too"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"types": ["message.sent"]}, "event_ids"),
        ({"message_id": "msg_1", "event_ids": ["evt_1"]}, "message_id"),
        ({"message_id": "msg_9"}, "message_id"),
        ({"failed_only": True, "types": ["nothing"]}, "types[0]"),
        ({"failed_only": True, "types": []}, "types"),
    ],
)
async def test_a_replay_names_what_it_cannot_do(api: Api, body: dict[str, Any], param: str) -> None:
    made = await create(api.client(), "https://example.com/hook")
    reply = await api.client().post(f"/v1/webhooks/{made['id']}/replay", body)
    assert (reply.status in (404, 422), reply.json["param"]) == (True, param)


async def test_deliveries_and_figures_are_shown(api: Api, receiver: Receiver) -> None:
    client = api.client()
    made = await create(client, f"{receiver.url}/hook?token=1")
    receiver.answer(503, times=1)
    await api.world.start(api.sink)
    (event_id,) = await api.world.happen(id="msg_1", status="delivered")
    await api.world.wait_all("delivered", 1)
    path = f"/v1/webhooks/{made['id']}"
    (row,) = (await client.get(f"{path}/deliveries?event_id={event_id}")).json["data"]

    async def tried() -> bool:
        return len((await client.get(f"/v1/deliveries/{row['id']}")).json["tries"]) == 2

    await wait_until_async(tried, what="both attempts")
    first, second = (await client.get(f"/v1/deliveries/{row['id']}")).json["tries"]
    assert (first["response_status"], second["response_status"]) == (503, 204)
    assert first["request"]["url"] == made["url"]
    assert {field["name"].lower() for field in first["response"]["headers"]} >= {"content-length", "server"}
    await api.world.stop()
    figures = (await client.get(f"{path}/statistics?hours=2")).json
    assert (figures["delivered"], figures["failed"], figures["success_rate"]) == (1, 1, 0.5)
    for bad in ("?hours=0", "?types=nothing", "?created_after=x"):
        reply = await client.get(f"{path}/{'statistics' if 'hours' in bad else 'deliveries'}{bad}")
        assert reply.json["code"] == "invalid_parameter", bad
    for id_ in ("x", row["id"][:-4] + "zzzz"):
        assert (await client.get(f"/v1/deliveries/{id_}")).status == 404
    assert (await api.client(TEST).get(f"/v1/deliveries/{row['id']}")).status == 404
    assert (await api.client(NARROW).get(f"/v1/deliveries/{row['id']}")).status == 403
