"""One question for everything, and only what the caller may see; lists by several statuses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.doors.v1.send import SEND_PATH
from tests.accounts.test_accounts_subaccounts import customer
from tests.doors.office import Office
from tests.http.asgi import Client
from tests.http.world import SEND


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open()
    await made.route()
    yield made
    await made.close()


async def found(client: Client, q: str) -> dict[str, list[Any]]:
    """The results by kind."""
    reply = await client.get("/v1/search?q=" + q.replace("+", "%2B").replace(" ", "%20"))
    assert reply.status == 200, reply.body
    assert reply.json["q"] == q
    return {group["kind"]: group["data"] for group in reply.json["data"]}


async def sent(client: Client, **fields: Any) -> str:
    reply = await client.post(SEND_PATH, {**SEND, **fields})
    assert reply.status == 202, reply.body
    return str(reply.json["id"])


async def test_a_message_is_found_by_its_id_its_reference_and_its_number(office: Office) -> None:
    client = office.client()
    id_ = await sent(client, reference="order 4711", to="+4915112345678")
    for q, matched in (
        (id_, "id"),
        ("order 4711", "reference"),
        ("+4915112345678", "number"),
        ("0151-123 456".removeprefix("0"), "number"),
    ):
        (hit,) = (await found(client, q))["message"]
        assert (hit["id"], hit["matched"], hit["title"]) == (id_, matched, "queued"), q
        assert hit["path"] == f"/v1/messages/{id_}"
        assert hit["account_id"] is None
    assert await found(client, "order 47") == {}


async def test_a_refusal_is_found_by_its_request(office: Office) -> None:
    client = office.client()
    reply = await client.post(SEND_PATH, {**SEND, "text": ""})
    assert reply.status == 422
    await office.features.refusals.trace.stop()
    (hit,) = (await found(client, reply.json["request_id"]))["refusal"]
    assert (hit["title"], hit["matched"]) == ("text_empty", "request_id")


async def test_what_was_changed_is_found_by_its_request(office: Office) -> None:
    client = office.client()
    body = {"url": "https://example.com/hook", "events": ["*"]}
    made = await client.post("/v1/webhooks", body)
    entries = (await found(client, made.headers["x-request-id"]))["audit entry"]
    assert [(hit["title"], hit["detail"]) for hit in entries] == [("made webhook", made.json["id"])]


async def test_objects_are_found_by_their_id_and_by_a_part_of_their_name(office: Office) -> None:
    client = office.client()
    hook = (
        await client.post("/v1/webhooks", {"url": "https://shop.example.com/hook", "events": ["*"]})
    ).json["id"]
    assert [hit["id"] for hit in (await found(client, hook))["webhook"]] == [hook]
    assert [hit["id"] for hit in (await found(client, "SHOP.example"))["webhook"]] == [hook]
    (carrier,) = (await found(client, "acm"))["carrier"]
    assert (carrier["title"], carrier["matched"]) == ("acme", "name")
    (route,) = (await found(client, "defaul"))["route"]
    assert route["path"] == f"/v1/routes/{route['id']}"


async def test_nobody_finds_what_they_may_not_read(office: Office) -> None:
    operator = office.client()
    id_ = await sent(operator, reference="secret")
    reader = office.client(await _key(operator, ["messages:read", "account:read"]))
    stranger = (await customer(office)).live
    assert "carrier" not in await found(reader, "acme")
    assert [hit["id"] for hit in (await found(reader, id_))["message"]] == [id_]
    for q in (id_, "secret", SEND["to"], "acme", "default"):
        assert await found(stranger, q) == {}, q


async def test_an_operator_learns_in_which_account_a_message_is(office: Office) -> None:
    operator = office.client()
    shop = await customer(office)
    id_ = await sent(shop.live)
    (hit,) = (await found(operator, id_))["message"]
    assert (hit["account_id"], hit["detail"]) == (shop.id, None)


async def _key(giver: Client, scopes: list[str]) -> str:
    made = await giver.post("/v1/keys", {"name": "k", "mode": "live", "scopes": scopes})
    assert made.status == 201, made.body
    return str(made.json["secret"])


async def test_a_list_takes_several_statuses(office: Office) -> None:
    client = office.client()
    waits = await sent(client, scheduled_at="2027-01-01T00:00:00Z")
    queued = await sent(client)
    ids = lambda reply: [one["id"] for one in reply.json["data"]]  # noqa: E731
    assert ids(await client.get("/v1/messages?status=queued")) == [queued]
    assert ids(await client.get("/v1/messages?status=queued&status=scheduled")) == [queued, waits]
    counts = await client.get("/v1/messages/counts?status=queued&status=scheduled")
    assert counts.json["counts"] == {"queued": 1, "scheduled": 1}
    assert (await client.get("/v1/messages/export?status=queued&status=scheduled")).status == 200
    twice = await client.get("/v1/messages?status=queued&status=queued")
    assert (twice.status, twice.json["param"]) == (422, "status")
    assert (await client.get("/v1/messages?tag=a&tag=b")).status == 422
