"""/v1/keys, /v1/account and /v1/accounts."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.http.scopes import ALL_SCOPES, OPERATOR_SCOPES, TENANT_SCOPES, TEST_SCOPES
from tests.doors.office import Office
from tests.http.asgi import Client


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open("sqlite://")
    yield made
    await made.close()


async def make(client: Client, **body: Any) -> Any:
    reply = await client.post("/v1/keys", {"name": "a key", "mode": "live", **body})
    assert reply.status == 201, reply.body
    return reply.json


async def test_a_key_is_made_and_its_secret_shown_once(office: Office) -> None:
    made = await make(office.client(), name="shop", mode="test", scopes=["messages:send"])
    assert made["secret"].startswith("os_test_")
    assert made["hint"] == f"os_test_...{made['secret'][-4:]}"
    assert (made["name"], made["mode"], made["scopes"]) == ("shop", "test", ["messages:send"])
    shown = (await office.client().get(f"/v1/keys/{made['id']}")).json
    assert "secret" not in shown
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    listed = await office.client().get("/v1/keys")
    assert made["secret"] not in listed.body.decode()
    assert [key["name"] for key in listed.json["data"]] == ["shop", "first test key", "first live key"]


async def test_scopes_say_what_they_allow_and_who_gives_them(office: Office) -> None:
    async def given(client: Client) -> set[str]:
        return {one["name"] for one in (await client.get("/v1/scopes")).json["data"] if one["gives"]}

    listed = (await office.client().get("/v1/scopes")).json["data"]
    assert [one["name"] for one in listed] == list(ALL_SCOPES)
    users = next(one for one in listed if one["name"] == "users")
    assert users["about"].startswith("Invite, list")
    assert (users["audience"], users["live_only"]) == ("tenant", True)
    assert {one["name"] for one in listed if one["audience"] == "operator"} == set(OPERATOR_SCOPES)
    assert await given(office.client()) == set(ALL_SCOPES)
    few = (await make(office.client(), scopes=["keys", "webhooks"]))["secret"]
    assert await given(office.client(few)) == {"keys", "webhooks"}
    assert await given(office.client(office.test)) == set(TEST_SCOPES)
    limited = (await make(office.client(), limits={"messages_per_day": 5}))["secret"]
    assert await given(office.client(limited)) == set()


async def test_a_new_key_works_at_once_and_a_revoked_one_no_more(office: Office) -> None:
    wrong = office.client("os_live_0000000000000000000000000000000000")
    assert (await wrong.get("/v1/account")).status == 401
    made = await make(office.client())
    assert (await office.client(made["secret"]).get("/v1/account")).status == 200
    assert (await office.client().delete(f"/v1/keys/{made['id']}")).status == 204
    reply = await office.client(made["secret"]).get("/v1/account")
    assert (reply.status, reply.json["code"]) == (401, "key_revoked")
    assert (await office.client().delete(f"/v1/keys/{made['id']}")).status == 204


async def test_a_revocation_on_another_node_counts_within_seconds(office: Office) -> None:
    made = await make(office.client())
    elsewhere = Client(office.another_front(), made["secret"])
    assert (await elsewhere.get("/v1/account")).status == 200
    office.features.accounts._listeners.clear()  # as if it were in another process
    await office.client().delete(f"/v1/keys/{made['id']}")
    office.clock.turn(5)
    assert (await elsewhere.get("/v1/account")).json["code"] == "key_revoked"


async def test_a_key_may_revoke_itself(office: Office) -> None:
    made = await make(office.client())
    own = office.client(made["secret"])
    assert (await own.delete(f"/v1/keys/{made['id']}")).status == 204
    assert (await own.get("/v1/account")).status == 401


async def test_a_key_gives_away_only_what_it_has(office: Office) -> None:
    limited = await make(office.client(), scopes=["keys", "messages:read"])
    client = office.client(limited["secret"])
    assert set((await make(client))["scopes"]) == {"keys", "messages:read"}
    reply = await client.post("/v1/keys", {"name": "x", "mode": "live", "scopes": ["keys", "carriers"]})
    assert (reply.status, reply.json["code"], reply.json["param"]) == (403, "forbidden", "scopes[1]")
    assert set((await make(office.client()))["scopes"]) == set(TENANT_SCOPES)
    assert set((await make(office.client(), scopes=list(ALL_SCOPES)))["scopes"]) == set(ALL_SCOPES)


async def test_a_key_may_have_a_limit_of_its_own(office: Office) -> None:
    made = await make(office.client(), requests_per_second=2)
    assert made["requests_per_second"] == 2
    client = office.client(made["secret"])
    replies = [await client.get("/v1/account") for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert replies[0].headers["ratelimit-policy"] == '"default";q=2;w=1'
    assert (replies[2].json["code"], replies[2].headers["retry-after"]) == ("rate_limited", "1")
    assert (await office.client().get("/v1/account")).status == 200, "other keys are not held up"


async def test_a_key_has_no_higher_limit_than_its_account(office: Office) -> None:
    body = {"name": "Shop", "currency": "USD", "price_per_segment": "0.0125", "requests_per_second": 3}
    live = (await office.client().post("/v1/accounts", body)).json["keys"][0]["secret"]
    asked = {"name": "x", "mode": "live", "requests_per_second": 4}
    reply = await office.client(live).post("/v1/keys", asked)
    assert (reply.status, reply.json["param"]) == (422, "requests_per_second")


async def test_test_keys_stay_among_themselves(office: Office) -> None:
    client = office.client(office.test)
    reply = await client.post("/v1/keys", {"name": "x", "mode": "live"})
    assert (reply.status, reply.json["code"], reply.json["param"]) == (403, "wrong_mode", "mode")
    listed = (await client.get("/v1/keys")).json["data"]
    assert [key["mode"] for key in listed] == ["test"]
    live = (await office.client().get("/v1/keys")).json["data"][-1]
    assert live["mode"] == "live"
    assert (await client.get(f"/v1/keys/{live['id']}")).status == 404
    assert (await client.delete(f"/v1/keys/{live['id']}")).status == 404
    reply = await office.client().post("/v1/keys", {"name": "x", "mode": "test", "scopes": ["carriers"]})
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_field", "scopes[0]")


@pytest.mark.parametrize("path", ["/v1/carriers", "/v1/routes", "/v1/accounts"])
async def test_operators_endpoints_need_a_live_key_with_their_scope(office: Office, path: str) -> None:
    assert (await office.client().get(path)).status == 200
    assert (await office.client(office.test).get(path)).json["code"] == "wrong_mode"
    tenant = await make(office.client())
    assert (await office.client(tenant["secret"]).get(path)).json["code"] == "forbidden"


BAD = [
    ({"mode": "live"}, "missing_field", "name"),
    ({"name": "x"}, "missing_field", "mode"),
    ({"name": "x", "mode": "both"}, "invalid_field", "mode"),
    ({"name": "", "mode": "live"}, "invalid_field", "name"),
    ({"name": "x" * 101, "mode": "live"}, "invalid_field", "name"),
    ({"name": 5, "mode": "live"}, "invalid_field", "name"),
    ({"name": "a\x00b", "mode": "live"}, "invalid_field", "name"),
    ({"name": "x", "mode": "live", "scopes": []}, "invalid_field", "scopes"),
    ({"name": "x", "mode": "live", "scopes": ["flying"]}, "invalid_field", "scopes[0]"),
    ({"name": "x", "mode": "live", "scopes": [1]}, "invalid_field", "scopes[0]"),
    ({"name": "x", "mode": "live", "secret": "mine"}, "unknown_field", "secret"),
    ([], "invalid_field", None),
]


@pytest.mark.parametrize(("body", "code", "param"), BAD)
async def test_bad_bodies_name_their_field(office: Office, body: Any, code: str, param: str | None) -> None:
    problem = (await office.client().post("/v1/keys", body)).json
    assert (problem["code"], problem["param"]) == (code, param)


NO_JSON = [
    (b"", "empty"),
    (b"  ", "empty"),
    (b"{", "not valid JSON"),
    (b"{} {}", "not valid JSON"),
    (b"\xff", "not valid JSON"),
    (b'"\xff"', "UTF-8"),
    (b"[" * 2000 + b"]" * 2000, "deeply"),
    (b'{"name": NaN}', "not valid JSON"),
    (b'{"name": 1e999999}', "not valid JSON"),
    (b'{"name": "\\ud800"}', "not valid JSON"),
]


@pytest.mark.parametrize(("raw", "detail"), NO_JSON)
async def test_what_is_no_json_is_told_so(office: Office, raw: bytes, detail: str) -> None:
    reply = await office.client().post("/v1/keys", raw=raw, headers={"content-type": "application/json"})
    assert (reply.status, reply.json["code"]) == (400, "bad_json")
    assert detail in reply.json["detail"]


async def test_lists_refuse_parameters_they_do_not_know(office: Office) -> None:
    client = office.client()
    for query, param in (
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("page=2", "page"),
        ("after=%00", "after"),
        ("after=a%20b", "after"),
    ):
        problem = (await client.get(f"/v1/keys?{query}")).json
        assert (problem["code"], problem["param"]) == ("invalid_parameter", param)


async def test_lists_go_from_page_to_page(office: Office) -> None:
    first = (await office.client().get("/v1/keys?limit=1")).json
    assert len(first["data"]) == 1
    second = (await office.client().get(f"/v1/keys?limit=1&after={first['next']}")).json
    assert second["data"][0]["name"] == "first live key"
    assert second["next"] is None


async def test_ids_that_are_none_are_not_found(office: Office) -> None:
    for id_ in ("x", "msg_01h455vb4pex5vsknk084sn02q", "key_01h455vb4pex5vsknk084sn02q", "%00", "k" * 3000):
        reply = await office.client().get(f"/v1/keys/{id_}")
        assert (reply.status, reply.json["code"]) == (404, "not_found")


async def test_operators_make_accounts(office: Office) -> None:
    body = {"name": "Shop", "currency": "USD", "price_per_segment": "0.0125", "requests_per_second": 3}
    made = (await office.client().post("/v1/accounts", body)).json
    assert (made["name"], made["currency"], made["price_per_segment"]) == ("Shop", "USD", "0.0125")
    live, test = (key["secret"] for key in made["keys"])
    own = await office.client(live).get("/v1/account")
    assert (own.json["id"], own.json["mode"]) == (made["id"], "live")
    assert own.headers["ratelimit-policy"] == '"default";q=3;w=1'
    assert (await office.client(test).get("/v1/account")).json["mode"] == "test"
    assert (await office.client(live).get("/v1/accounts")).json["code"] == "forbidden"
    assert (await office.client().get(f"/v1/accounts/{made['id']}")).json["name"] == "Shop"
    assert [a["name"] for a in (await office.client().get("/v1/accounts")).json["data"]] == [
        "Shop",
        "default",
    ]
    assert (await office.client().get("/v1/accounts/acc_01h455vb4pex5vsknk084sn02q")).status == 404


@pytest.mark.parametrize("price", ["", "free", "-1", "0.0000001", "NaN", "Infinity", "1e30", "1000001"])
async def test_prices_are_amounts(office: Office, price: str) -> None:
    reply = await office.client().post("/v1/accounts", {"name": "x", "price_per_segment": price})
    assert (reply.status, reply.json["code"], reply.json["param"]) == (
        422,
        "invalid_field",
        "price_per_segment",
    )


async def test_a_store_that_is_away_is_told_as_such(office: Office) -> None:
    await office.store.close()
    office.clock.turn(10)
    reply = await office.client().post("/v1/keys", {"name": "x", "mode": "live"})
    assert (reply.status, reply.json["code"], reply.json["retryable"]) == (503, "unavailable", True)
    assert reply.headers["retry-after"] == "1"


async def test_an_account_is_changed(office: Office) -> None:
    client = office.client()
    made = (await client.post("/v1/accounts", {"name": "Acme", "price_per_segment": "0.01"})).json
    path = f"/v1/accounts/{made['id']}"
    reply = await client.patch(path, {"name": "Acme Ltd", "price_per_segment": "0.0125", "state": None})
    assert reply.status == 200, reply.body
    shown = {
        name: reply.json[name] for name in ("name", "price_per_segment", "state", "currency", "may_use_otp")
    }
    assert shown == {
        "name": "Acme Ltd", "price_per_segment": "0.0125", "state": "active", "currency": "EUR", "may_use_otp": True,
    }  # fmt: skip
    assert office.features.accounts.book[made["id"]].price_per_segment == 12_500
    reply = await client.patch(path, {"state": "suspended", "requests_per_second": 5})
    assert (reply.json["state"], reply.json["requests_per_second"]) == ("suspended", 5)
    assert (await client.get(path)).json == reply.json
    assert office.features.accounts.tree.stopped == {made["id"]: "suspended"}
    own = office.client(next(key["secret"] for key in made["keys"] if key["mode"] == "live"))
    assert '"default";q=5' in (await own.get("/v1/account")).headers["ratelimit-policy"], (
        "at once, on this node"
    )


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"name": None}, "invalid_field", "name"),
        ({"price_per_segment": None}, "invalid_field", "price_per_segment"),
        ({"name": ""}, "invalid_field", "name"),
        ({"price_per_segment": "-1"}, "invalid_field", "price_per_segment"),
        ({"price_per_segment": 1}, "invalid_field", "price_per_segment"),
        ({"state": "gone"}, "invalid_field", "state"),
        ({"currency": "USD"}, "unknown_field", "currency"),
    ],
)
async def test_a_change_that_is_none_is_refused(
    office: Office, body: dict[str, Any], code: str, param: str | None
) -> None:
    account_id = next(iter(office.features.accounts.book))
    reply = await office.client().patch(f"/v1/accounts/{account_id}", body)
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, code, param), reply.body


async def test_of_two_changes_of_an_account_at_once_both_hold(office: Office) -> None:
    client = office.client()
    path = f"/v1/accounts/{next(iter(office.features.accounts.book))}"
    for turn in range(5):
        replies = await asyncio.gather(
            client.patch(path, {"name": f"name {turn}"}),
            client.patch(path, {"price_per_segment": f"0.0{turn}1"}),
            client.patch(path, {"may_use_otp": turn % 2 == 0}),
        )
        assert {reply.status for reply in replies} == {200}
        shown = (await client.get(path)).json
        assert (shown["name"], shown["price_per_segment"], shown["may_use_otp"]) == (
            f"name {turn}",
            f"0.0{turn}1",
            turn % 2 == 0,
        )


async def test_an_operator_makes_and_ends_keys_of_an_account(office: Office) -> None:
    client = office.client()
    made = (await client.post("/v1/accounts", {"name": "Acme", "price_per_segment": "0.01"})).json
    body = {"name": "shop", "mode": "live", "account_id": made["id"]}
    reply = await client.post("/v1/keys", body)
    assert (reply.status, reply.json["account_id"]) == (201, made["id"]), reply.body
    assert not set(reply.json["scopes"]) & set(OPERATOR_SCOPES)
    tenant = office.client(reply.json["secret"])
    assert (await tenant.get("/v1/account")).json["id"] == made["id"]
    listed = (await client.get(f"/v1/keys?account_id={made['id']}")).json["data"]
    assert [key["name"] for key in listed] == ["shop", "first test key", "first live key"]
    for account_id, code in (
        (next(iter(office.features.accounts.book)), "forbidden"),
        ("acc_other", "forbidden"),
    ):
        refused = await tenant.post("/v1/keys", {**body, "account_id": account_id})
        assert refused.json["code"] == code
        assert (await tenant.get(f"/v1/keys?account_id={account_id}")).json["code"] == code
    assert (await client.post("/v1/keys", {**body, "account_id": "acc_other"})).json["param"] == "account_id"
    refused = await client.post("/v1/keys", {**body, "scopes": ["carriers"]})
    assert (refused.json["code"], refused.json["param"]) == ("invalid_field", "scopes")
    assert (await client.get(f"/v1/keys/{reply.json['id']}")).json["name"] == "shop"
    assert (await client.delete(f"/v1/keys/{reply.json['id']}")).status == 204
    assert (await tenant.get("/v1/account")).json["code"] == "key_revoked"


async def test_a_repeated_post_makes_one_and_shows_no_secret_again(office: Office) -> None:
    """What is kept for the repetition has none either: a secret is in the answer that made it, and nowhere else."""
    client = office.client()
    for path, body, hidden in (
        ("/v1/keys", {"name": "shop", "mode": "live"}, "secret"),
        ("/v1/accounts", {"name": "Acme", "price_per_segment": "0.01"}, "keys"),
    ):
        replies = [await client.post(path, body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
        assert [reply.status for reply in replies] == [201, 201]
        first, again = (reply.json for reply in replies)
        assert replies[1].headers["idempotency-replayed"] == "true"
        assert hidden in first
        assert again == {name: value for name, value in first.items() if name != hidden}
        other = await client.post(path, {**body, "name": "other"}, headers={"Idempotency-Key": "k"})
        assert (other.status, other.json["code"]) == (409, "idempotency_mismatch")


async def test_a_version_that_was_seen_is_changed_or_none(office: Office) -> None:
    client = office.client()
    path = f"/v1/accounts/{next(iter(office.features.accounts.book))}"
    seen = (await client.get(path)).headers["etag"]
    changed = await client.patch(path, {"state": "suspended"}, headers={"If-Match": seen})
    assert (changed.json["state"], changed.headers["etag"]) == ("suspended", '"2"')
    late = await client.patch(path, {"name": "late"}, headers={"If-Match": seen})
    assert (late.status, late.json["code"], late.json["version"]) == (412, "precondition_failed", 2)
    back = await client.patch(path, dict.fromkeys(("state", "requests_per_second", "may_use_otp")))
    assert (back.json["state"], back.json["may_use_otp"], back.json["version"]) == ("active", True, 3)
    assert (await client.patch(path, {})).json == back.json
