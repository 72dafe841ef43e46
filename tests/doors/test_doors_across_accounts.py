"""Lists of operators over one account or all of them (`account_id`), their filters, and that tenants are refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.doors.office import Office
from tests.http.asgi import Client
from tests.http.world import SEND

LISTS = (
    *(
        "messages",
        "messages/counts",
        "batches",
        "webhooks",
        "keys",
        "smpp-credentials",
        "smpp-binds",
        "refusals",
    ),
)
OTHER = {**SEND, "reference": "of-other"}


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open("sqlite://")
    await made.route()
    yield made
    await made.close()


async def customer(office: Office, name: str) -> tuple[str, Client, Client]:
    """An account, and clients with its live and its test key."""
    made = (await office.client().post("/v1/accounts", {"name": name, "price_per_segment": "0.02"})).json
    live, test = (office.client(key["secret"]) for key in made["keys"])
    return made["id"], live, test


async def ids_of(client: Client, path: str) -> list[str]:
    reply = await client.get(f"/v1/{path}")
    assert reply.status == 200, reply.body
    return [one["id"] for one in reply.json["data"]]


async def test_an_operator_lists_the_messages_of_one_account_and_of_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, first, in_test = await customer(office, "One")
    other, second, _ = await customer(office, "Other")
    operator = office.client()
    own = (await operator.post("/v1/sms/send", SEND)).json["id"]
    theirs = (await first.post("/v1/sms/send", SEND)).json["id"]
    of_other = (await second.post("/v1/sms/send", OTHER)).json["id"]
    await in_test.post("/v1/sms/send", SEND)
    batch = (await second.post("/v1/sms/batch", {"messages": [SEND, SEND]})).json
    batched = [sent["message_id"] for sent in batch["messages"]]
    newest = sorted([*batched, of_other, theirs, own], reverse=True)
    assert await ids_of(operator, "messages") == [own]
    assert await ids_of(operator, f"messages?account_id={one}") == [theirs]
    assert await ids_of(operator, "messages?account_id=*") == newest
    assert await ids_of(operator, "messages?account_id=*&order=oldest") == newest[::-1]
    assert await ids_of(operator, "messages?account_id=*&reference=of-other") == [of_other]
    assert await ids_of(operator, f"messages?account_id=*&batch_id={batch['id']}") == sorted(batched)[::-1]
    assert await ids_of(operator, f"messages?account_id=*&batch_id={batch['id']}&order=oldest") == sorted(
        batched
    )
    counts = (await operator.get("/v1/messages/counts?account_id=*")).json
    assert (counts["total"], counts["next"]) == (5, None)
    assert (await operator.get(f"/v1/messages/counts?account_id={other}")).json["total"] == 3
    shown = (await operator.get("/v1/messages?account_id=*")).json["data"]
    assert {message["account_id"] for message in shown} == {one, other, office.account_id}
    # Pages and slices meet without a gap.
    monkeypatch.setattr("onesixty.store.slices.SLICE", 2)
    for order in ("newest", "oldest"):
        found: list[str] = []
        after = ""
        while True:
            page = (await operator.get(f"/v1/messages?account_id=*&order={order}&limit=2{after}")).json
            found += [message["id"] for message in page["data"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert found == (newest if order == "newest" else newest[::-1])


async def test_an_operator_reads_a_message_of_another_account_by_naming_it(office: Office) -> None:
    one, client, _ = await customer(office, "One")
    sent = (await client.post("/v1/sms/send", SEND)).json["id"]
    operator, path = office.client(), f"/v1/messages/{sent}"
    assert (await operator.get(path)).status == 404
    for wanted in (one, "*"):
        shown = (await operator.get(f"{path}?account_id={wanted}")).json
        assert (shown["id"], shown["account_id"], shown["cost"]) == (sent, one, [])
        history = (await operator.get(f"{path}/history?account_id={wanted}")).json
        assert (history["message_id"], "route_id" in history) == (sent, True)
    assert "account_id" not in (await client.get(path)).json


async def test_reading_the_messages_of_others_is_noted(office: Office) -> None:
    one, client, _ = await customer(office, "One")
    operator = office.client()
    for path in (f"messages?account_id={one}", f"messages?account_id={one}&limit=1", "messages?account_id=*"):
        assert (await operator.get(f"/v1/{path}")).status == 200
    assert (await operator.get(f"/v1/messages?account_id={office.account_id}")).status == 200
    for account, client_, noted in ((one, client, one), (office.account_id, operator, "*")):
        entries = (await client_.get("/v1/audit?action=entered")).json["data"]
        assert [(entry["object_id"], entry["details"]) for entry in entries] == [
            (noted, {"used": "GET /v1/messages"})
        ], account


async def test_tenants_are_refused_and_unknown_accounts_too(office: Office) -> None:
    one, client, in_test = await customer(office, "One")
    other, _, _ = await customer(office, "Other")
    operator = office.client()
    for path in LISTS:
        for caller, wanted in ((client, "*"), (client, other), (in_test, "*"), (in_test, other)):
            refused = await caller.get(f"/v1/{path}?account_id={wanted}")
            assert (refused.status, refused.json["code"], refused.json["param"]) == (
                *(403, "forbidden"), "account_id"
            ), path  # fmt: skip
        assert (await client.get(f"/v1/{path}?account_id={one}")).status == 200, path
        unknown = await operator.get(f"/v1/{path}?account_id=acc_01h455vb4pex5vsknk084sn02q")
        assert (unknown.status, unknown.json["code"]) == (422, "invalid_parameter"), path
        in_test_mode = await office.client(office.test).get(f"/v1/{path}?account_id=*")
        assert in_test_mode.json["code"] == "forbidden", path


async def test_keys_are_found_by_name_scope_mode_and_state_in_all_accounts(office: Office) -> None:
    one, client, _ = await customer(office, "One")
    operator = office.client()

    async def key(owner: Client, name: str, **body: Any) -> str:
        made = await owner.post("/v1/keys", {"name": name, "mode": "live", **body})
        assert made.status == 201, made.body
        return str(made.json["id"])

    shop = await key(client, "Shop_100%", scopes=["messages:send"])
    desk = await key(operator, "The DESK", scopes=["desk"])
    ends = await key(client, "Short", expires_at="2027-01-01T00:00:00Z", scopes=["messages:send"])
    gone = await key(client, "Gone", scopes=["messages:send"])
    await client.delete(f"/v1/keys/{gone}")
    every = await ids_of(operator, "keys?account_id=*")
    assert {shop, desk, ends, gone} < set(every)
    assert await ids_of(operator, f"keys?account_id={one}") == await ids_of(client, "keys")
    assert await ids_of(operator, "keys?account_id=*&name=shop_100%25") == [shop]
    assert await ids_of(operator, "keys?account_id=*&name=desk") == [desk]
    assert await ids_of(operator, "keys?account_id=*&name=_") == [shop]
    assert await ids_of(operator, "keys?account_id=*&scope=desk&mode=live&name=e%20d") == [desk]
    assert await ids_of(client, "keys?state=revoked") == [gone]
    assert set(await ids_of(client, "keys?state=active&scope=messages:send&name=sh")) == {shop, ends}
    office.clock.turn(400 * 86_400)
    assert await ids_of(client, "keys?state=expired") == [ends]
    modes = {one["mode"] for one in (await client.get("/v1/keys?mode=test")).json["data"]}
    assert modes == {"test"}
    refused = await office.client(office.test).get("/v1/keys?mode=live")
    assert (refused.status, refused.json["code"]) == (403, "wrong_mode")


async def test_credentials_are_found_by_system_id_mode_and_state(office: Office) -> None:
    _, client, _ = await customer(office, "One")
    operator = office.client()

    async def credential(owner: Client, system_id: str, **body: Any) -> str:
        made = await owner.post("/v1/smpp-credentials", {"system_id": system_id, **body})
        assert made.status == 201, made.body
        return str(made.json["id"])

    shop, tested = await credential(client, "acme-shop"), await credential(client, "acme-test", test=True)
    own = await credential(operator, "ours")
    await client.delete(f"/v1/smpp-credentials/{tested}")
    path = "smpp-credentials?account_id=*"
    assert await ids_of(operator, path) == [own, tested, shop]
    assert await ids_of(operator, f"{path}&system_id=ACME") == [tested, shop]
    assert await ids_of(operator, f"{path}&system_id=acme&state=active") == [shop]
    assert await ids_of(operator, f"{path}&mode=test") == [tested]
    assert await ids_of(operator, f"{path}&limit=2") == [own, tested]
    assert await ids_of(client, "smpp-credentials?state=revoked") == [tested]


async def test_webhooks_are_found_by_url_event_and_state(office: Office) -> None:
    one, client, in_test = await customer(office, "One")
    operator = office.client()

    async def webhook(owner: Client, url: str, *events: str) -> str:
        made = await owner.post("/v1/webhooks", {"url": url, "events": events})
        assert made.status == 201, made.body
        return str(made.json["id"])

    every = await webhook(client, "https://198.41.30.5/Hooks/all", "*")
    failed = await webhook(operator, "https://198.41.30.6/hooks/failed", "message.failed")
    await webhook(in_test, "https://198.41.30.7/hooks", "*")
    await client.patch(f"/v1/webhooks/{every}", {"enabled": False})
    path = "webhooks?account_id=*"
    assert await ids_of(operator, path) == [failed, every], "in the live mode"
    assert await ids_of(operator, f"webhooks?account_id={one}") == [every]
    assert await ids_of(operator, f"{path}&event=message.failed") == [failed, every]
    assert await ids_of(operator, f"{path}&event=message.sent") == [every]
    assert await ids_of(operator, f"{path}&enabled=false") == [every]
    assert await ids_of(operator, f"{path}&url=hooks/all") == [every]
    for name in ("paused", "failing"):
        assert await ids_of(operator, f"{path}&{name}=true") == []
        assert await ids_of(operator, f"{path}&{name}=false") == [failed, every]
    shown = (await operator.get(f"/v1/{path}")).json["data"]
    assert [one["account_id"] for one in shown] == [office.account_id, one]
    refused = await operator.get("/v1/webhooks?event=message.unheard")
    assert (refused.status, refused.json["code"], refused.json["param"]) == (
        422,
        "invalid_parameter",
        "event",
    )


async def test_batches_are_found_by_state_and_time(office: Office) -> None:
    one, client, _ = await customer(office, "One")
    operator = office.client()
    bodies = {"messages": [{**SEND, "scheduled_at": "2026-12-24T12:00:00Z"}]}
    first = (await client.post("/v1/sms/batch", bodies)).json
    office.clock.turn(60)
    second = (await operator.post("/v1/sms/batch", bodies)).json
    await client.post(f"/v1/batches/{first['id']}/cancel")
    assert await ids_of(operator, "batches?account_id=*") == [second["id"], first["id"]]
    assert await ids_of(operator, "batches?account_id=*&order=oldest") == [first["id"], second["id"]]
    assert await ids_of(operator, f"batches?account_id={one}&state=canceled") == [first["id"]]
    assert await ids_of(operator, "batches?account_id=*&state=accepted") == [second["id"]]
    assert await ids_of(operator, "batches?account_id=*&state=accepting") == []
    at = second["created_at"]
    assert await ids_of(operator, f"batches?account_id=*&created_after={at}") == [second["id"]]
    assert await ids_of(operator, f"batches?account_id=*&created_before={at}") == [first["id"]]
    assert (await client.get("/v1/batches")).json["data"][0]["account_id"] == one


async def test_refusals_of_all_accounts_are_one_list(office: Office) -> None:
    one, client, _ = await customer(office, "One")
    operator = office.client()
    for caller in (client, operator):
        assert (await caller.post("/v1/sms/send", {**SEND, "to": "12"})).status == 422
    await office.features.refusals.trace.stop()
    for order, accounts in (("newest", [office.account_id, one]), ("oldest", [one, office.account_id])):
        found = (await operator.get(f"/v1/refusals?account_id=*&order={order}")).json["data"]
        assert [refusal["account_id"] for refusal in found] == accounts
    page = (await operator.get("/v1/refusals?account_id=*&limit=1&code=invalid_recipient")).json
    assert (len(page["data"]), page["next"]) == (1, page["data"][0]["id"])


async def test_pauses_have_pages_and_filters(office: Office) -> None:
    operator = office.client()
    made = [
        (await operator.post("/v1/pauses", {"kind": "sender", "value": f"Shop{number}"})).json["id"]
        for number in range(3)
    ]
    drained = {"kind": "account", "value": office.account_id, "mode": "drain"}
    made.append((await operator.post("/v1/pauses", drained)).json["id"])
    page = (await operator.get("/v1/pauses?limit=3")).json
    assert ([one["id"] for one in page["data"]], page["next"]) == (made[:3], made[2])
    assert await ids_of(operator, f"pauses?after={page['next']}") == made[3:]
    assert (
        await ids_of(operator, "pauses?kind=account")
        == await ids_of(operator, "pauses?mode=drain")
        == made[3:]
    )
