"""/v1/subaccounts and `Onesixty-Account`: what a parent makes and sees, and what nobody sees."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.accounts.tree import DEEPEST
from onesixty.http.scopes import OPERATOR_SCOPES, TENANT_SCOPES, TEST_SCOPES
from tests.doors.office import Office
from tests.http.asgi import Client
from tests.http.world import SEND

PRICE = {"price_per_segment": "0.02"}
NOBODY = "acc_01h455vb4pex5vsknk084sn02q"


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open("sqlite://")
    await made.route()
    yield made
    await made.close()


class Someone:
    """An account with its first keys."""

    def __init__(self, office: Office, made: Any) -> None:
        self.id = made["id"]
        self.scopes = {key["mode"]: key["scopes"] for key in made["keys"]}
        self.live, self.test = (office.client(key["secret"]) for key in made["keys"])


async def customer(office: Office, name: str = "Customer", **body: Any) -> Someone:
    reply = await office.client().post("/v1/accounts", {"name": name, **PRICE, **body})
    assert reply.status == 201, reply.body
    return Someone(office, reply.json)


async def below(office: Office, parent: Someone, name: str = "Below", **body: Any) -> Someone:
    reply = await parent.live.post("/v1/subaccounts", {"name": name, **PRICE, **body})
    assert reply.status == 201, reply.body
    return Someone(office, reply.json)


def at(account: Someone | str) -> dict[str, str]:
    return {"Onesixty-Account": account if isinstance(account, str) else account.id}


async def test_a_parent_makes_lists_reads_and_changes_what_is_below_it(office: Office) -> None:
    parent, other = await customer(office), await customer(office, "Other")
    child = await below(office, parent, country="DE", time_zone="Europe/Berlin")
    grandchild = await below(office, child, "Grandchild")
    listed = (await parent.live.get("/v1/subaccounts")).json["data"]
    assert [one["name"] for one in listed] == ["Grandchild", "Below"]
    assert [one["parent_id"] for one in listed] == [child.id, parent.id]
    direct = (await parent.live.get(f"/v1/subaccounts?parent_id={parent.id}")).json["data"]
    assert [one["id"] for one in direct] == [child.id]
    assert (direct[0]["country"], direct[0]["time_zone"], direct[0]["effective_state"]) == (
        *("DE", "Europe/Berlin"), "active"
    )  # fmt: skip
    changed = await parent.live.patch(f"/v1/subaccounts/{grandchild.id}", {"name": "Renamed"})
    assert (changed.status, changed.json["name"]) == (200, "Renamed")
    own = (await child.live.get("/v1/account")).json
    assert (own["id"], own["parent_id"]) == (child.id, None), "it does not learn what is above it"
    assert (await other.live.get("/v1/subaccounts")).json["data"] == []
    pages = (await parent.live.get("/v1/subaccounts?limit=1")).json
    assert pages["next"] == grandchild.id
    second = (await parent.live.get(f"/v1/subaccounts?limit=1&after={pages['next']}")).json
    assert ([one["id"] for one in second["data"]], second["next"]) == ([child.id], None)
    all_ = (await office.client().get(f"/v1/accounts?parent_id={parent.id}")).json["data"]
    assert [one["id"] for one in all_] == [child.id]


async def test_what_is_not_below_does_not_exist(office: Office) -> None:
    parent, other = await customer(office), await customer(office, "Other")
    child = await below(office, parent)
    for client in (other.live, child.live):
        for id_ in (parent.id, office.account_id, NOBODY, "x"):
            replies = [
                await client.get(f"/v1/subaccounts/{id_}"),
                await client.patch(f"/v1/subaccounts/{id_}", {"name": "x"}),
                await client.get("/v1/account", headers=at(id_)),
            ]
            assert {(reply.status, reply.json["code"]) for reply in replies} == {(404, "not_found")}
    assert (await parent.live.get(f"/v1/subaccounts/{parent.id}")).status == 404, "not itself"
    for id_ in (other.id, office.account_id, NOBODY):
        refused = await parent.live.post("/v1/subaccounts", {"name": "x", **PRICE, "parent_id": id_})
        assert (refused.json["code"], refused.json["param"]) == ("invalid_field", "parent_id")


async def test_the_first_keys_have_no_scope_that_their_maker_lacks(office: Office) -> None:
    parent = await customer(office)
    narrow = ["subaccounts", "messages:send", "account:read"]
    made = await parent.live.post("/v1/keys", {"name": "k", "mode": "live", "scopes": narrow})
    keys = (await office.client(made.json["secret"]).post("/v1/subaccounts", {"name": "x", **PRICE})).json[
        "keys"
    ]
    assert set(keys[0]["scopes"]) == set(narrow)
    assert set(keys[1]["scopes"]) == set(narrow) & set(TEST_SCOPES)
    assert (await parent.test.get("/v1/subaccounts")).json["code"] == "wrong_mode"
    assert set((await below(office, parent)).scopes["live"]) == set(TENANT_SCOPES)


async def test_accounts_are_at_most_five_levels_deep(office: Office) -> None:
    one = await customer(office)
    for _ in range(DEEPEST - 1):
        one = await below(office, one)
    refused = await one.live.post("/v1/subaccounts", {"name": "x", **PRICE})
    assert (refused.json["code"], refused.json["param"]) == ("invalid_field", "parent_id")
    refused = await office.client().post("/v1/accounts", {"name": "x", **PRICE, "parent_id": one.id})
    assert refused.json["param"] == "parent_id"


async def test_a_sub_account_gets_no_right_that_its_parent_lacks(office: Office) -> None:
    parent = await customer(office, may_use_otp=False, requests_per_second=50)
    child = await below(office, parent)
    shown = (await parent.live.get(f"/v1/subaccounts/{child.id}")).json
    assert (shown["may_use_otp"], shown["requests_per_second"]) == (False, 50)
    path = f"/v1/subaccounts/{child.id}"
    assert (await parent.live.patch(path, {"may_use_otp": True})).json["code"] == "forbidden"
    assert (await parent.live.patch(path, {"requests_per_second": 51})).json["param"] == "requests_per_second"
    assert (await parent.live.patch(path, {"requests_per_second": 49})).status == 200
    refused = await parent.live.post("/v1/subaccounts", {"name": "x", **PRICE, "may_use_otp": True})
    assert refused.json["code"] == "forbidden"
    # A right that the parent loses is lost below it.
    operator = office.client()
    await operator.patch(f"/v1/accounts/{parent.id}", {"may_use_otp": True})
    await parent.live.patch(path, {"may_use_otp": True})
    otp = SEND | {"class": "otp"}
    assert (await child.live.post("/v1/sms/send", otp)).status == 202
    await operator.patch(f"/v1/accounts/{parent.id}", {"may_use_otp": False})
    assert (await child.live.post("/v1/sms/send", otp)).json["code"] == "forbidden"


async def test_the_header_acts_inside_an_account_with_tenant_scopes_only(office: Office) -> None:
    parent = await customer(office)
    child = await below(office, parent)
    operator = office.client()
    sent = await parent.live.post("/v1/sms/send", SEND, headers=at(child))
    assert sent.status == 202
    message_id = sent.json["message_id"]
    for client in (child.live, parent.live, operator):
        headers = {} if client is child.live else at(child)
        assert (await client.get(f"/v1/messages/{message_id}", headers=headers)).status == 200
    assert (await parent.live.get(f"/v1/messages/{message_id}")).status == 404
    assert (await operator.get("/v1/account", headers=at(child))).json["id"] == child.id
    for scope_path in ("/v1/carriers", "/v1/accounts", "/v1/routes"):
        refused = await operator.get(scope_path, headers=at(child))
        assert (refused.status, refused.json["code"]) == (403, "forbidden")
        assert (await operator.get(scope_path, headers=at(office.account_id))).status == 200, "its own"
    made = await operator.post("/v1/keys", {"name": "k", "mode": "live"}, headers=at(child))
    assert made.json["account_id"] == child.id
    assert not set(made.json["scopes"]) & set(OPERATOR_SCOPES)
    seen = (await operator.get(f"/v1/messages/{message_id}", headers=at(child))).json
    assert "cost" not in seen, "an operator sees there what the account sees"


async def test_the_header_needs_its_scope_and_keeps_the_mode(office: Office) -> None:
    parent = await customer(office)
    child = await below(office, parent)
    reader = await parent.live.post(
        "/v1/keys", {"name": "k", "mode": "live", "scopes": ["messages:read", "account:read"]}
    )
    narrow = office.client(reader.json["secret"])
    for id_ in (child.id, NOBODY):
        refused = await narrow.get("/v1/account", headers=at(id_))
        assert (refused.status, refused.json["scope"]) == (403, "subaccounts:enter")
    assert (await narrow.get("/v1/account", headers=at(parent))).status == 200, "its own needs none"
    assert (await parent.test.get("/v1/account", headers=at(child))).json["mode"] == "test"


async def test_a_change_notes_who_came_from_which_account(office: Office) -> None:
    changes: list[Any] = []
    rows = office.features.accounts.keys
    rows._effects = (*rows._effects, lambda change: changes.append(change) or ())
    parent = await customer(office)
    child = await below(office, parent)
    assert [change.by.home for change in changes] == [None] * 4, "first keys are made by somebody, too"
    await parent.live.post("/v1/keys", {"name": "k", "mode": "live"}, headers=at(child))
    by = changes[-1].by
    assert (by.account_id, by.home, by.actor.kind) == (child.id, parent.id, "key")
    assert by.address


async def test_a_suspended_account_stops_what_is_below_it_but_reads(office: Office) -> None:
    parent = await customer(office)
    child = await below(office, parent)
    path = f"/v1/accounts/{parent.id}"
    reply = await office.client().patch(path, {"state": "suspended", "state_reason": "unpaid"})
    assert (reply.json["state"], reply.json["state_reason"]) == ("suspended", "unpaid")
    for client in (parent.live, child.live, child.test):
        refused = await client.post("/v1/sms/send", SEND)
        assert (refused.status, refused.json["code"]) == (403, "account_suspended")
        assert (await client.get("/v1/messages")).status == 200
    own = (await child.live.get("/v1/account")).json
    assert (own["state"], own["effective_state"], own["state_reason"]) == ("active", "suspended", None)
    seen = (await parent.live.get(f"/v1/subaccounts/{child.id}")).json
    assert (seen["state"], seen["effective_state"]) == ("active", "suspended")
    reply = await office.client().patch(path, {"state": "active"})
    assert reply.json["state_reason"] is None
    assert (await child.live.post("/v1/sms/send", SEND)).status == 202


async def test_a_list_by_state_knows_what_follows_from_above(office: Office) -> None:
    parent, other = await customer(office), await customer(office, "Other")
    child = await below(office, parent)
    await office.client().patch(f"/v1/accounts/{parent.id}", {"state": "suspended"})

    async def listed(client: Client, path: str) -> list[str]:
        return [one["id"] for one in (await client.get(path)).json["data"]]

    assert await listed(office.client(), "/v1/accounts?state=suspended") == [child.id, parent.id]
    assert await listed(office.client(), f"/v1/accounts?state=suspended&parent_id={parent.id}") == [child.id]
    assert await listed(parent.live, "/v1/subaccounts?state=suspended") == [child.id]
    assert await listed(parent.live, "/v1/subaccounts?state=active") == []
    first = (await office.client().get("/v1/accounts?state=active&limit=1")).json
    assert [one["id"] for one in first["data"]] == [other.id]
    rest = (await office.client().get(f"/v1/accounts?state=active&after={first['next']}")).json
    assert ([one["operator"] for one in rest["data"]], rest["next"]) == ([True], None)


async def test_a_closed_account_lets_nobody_in_but_those_above(office: Office) -> None:
    parent = await customer(office)
    child = await below(office, parent)
    path = f"/v1/subaccounts/{child.id}"
    assert (await parent.live.patch(path, {"state": "closed"})).status == 200
    for client in (child.live, child.test):
        refused = await client.get("/v1/account")
        assert (refused.status, refused.json["code"]) == (403, "account_closed")
    assert (await parent.live.get("/v1/messages", headers=at(child))).status == 200
    refused = await parent.live.post("/v1/sms/send", SEND, headers=at(child))
    assert refused.json["code"] == "account_closed"
    refused = await parent.live.post("/v1/subaccounts", {"name": "x", **PRICE, "parent_id": child.id})
    assert refused.json["code"] == "conflict"
    assert (await parent.live.patch(path, {"state": None})).json["state"] == "active"
    assert (await child.live.get("/v1/account")).status == 200
    refused = await office.client().patch(f"/v1/accounts/{office.account_id}", {"state": "closed"})
    assert (refused.json["code"], refused.json["param"]) == ("invalid_field", "state")


DEFAULTS = {
    "class": "marketing",
    "senders": {"US": "+15550001111", "*": "Acme"},
    "valid_for": {"marketing": 3600},
}


async def test_defaults_fill_what_a_message_leaves_out_and_are_told(office: Office) -> None:
    shop = await customer(office, defaults=DEFAULTS)
    assert (await shop.live.get("/v1/account")).json["defaults"] == DEFAULTS
    bare = {"to": "+15551234567", "text": "Hi"}
    sent = (await shop.live.post("/v1/sms/send", bare)).json
    assert (sent["from"], sent["class"]) == ("+15550001111", "marketing")
    assert [(notice["code"], notice["field"]) for notice in sent["notices"]] == [
        ("default_sender", "from"), ("default_class", "class"), ("default_validity", "valid_for")
    ]  # fmt: skip
    message = (await shop.live.get(f"/v1/messages/{sent['message_id']}")).json
    assert message["expires_at"][11:13] != message["created_at"][11:13]
    elsewhere = (await shop.live.post("/v1/sms/send", bare | {"to": "+4915123456789"})).json
    assert elsewhere["from"] == "Acme"
    whole = SEND | {"class": "transactional", "valid_for": 60}
    told = (await shop.live.post("/v1/sms/send", whole)).json
    assert (told["from"], told["class"], told["notices"]) == ("YourBrand", "transactional", [])
    refused = await office.client().post("/v1/sms/send", bare)
    assert (refused.status, refused.json["code"], refused.json["param"]) == (422, "missing_field", "from")
    preview = (await shop.live.post("/v1/sms/preview", bare)).json
    assert preview["from"] == "+15550001111"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"time_zone": "../etc"}, "time_zone"),
        ({"country": "Germany"}, "country"),
        ({"defaults": {"senders": {"de": "Acme"}}}, "defaults.senders.de"),
        ({"defaults": {"senders": {"DE": "much too long a name"}}}, "defaults.senders.DE"),
        ({"defaults": {"valid_for": {"otp": 0}}}, "defaults.valid_for.otp"),
        ({"defaults": {"class": "spam"}}, "defaults.class"),
        ({"state_reason": ""}, "state_reason"),
    ],
)
async def test_fields_that_are_none_are_refused(office: Office, body: dict[str, Any], param: str) -> None:
    shop = await customer(office)
    reply = await office.client().patch(f"/v1/accounts/{shop.id}", body)
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_field", param)


async def test_another_node_hears_of_a_suspension(office: Office) -> None:
    shop = await customer(office)
    key: Client = shop.live
    elsewhere = Client(office.another_front(), key.key)
    assert (await elsewhere.get("/v1/account")).status == 200
    await office.features.accounts.load()
    await office.client().patch(f"/v1/accounts/{shop.id}", {"state": "suspended"})
    await office.again()  # another life over the same rows
    assert office.features.accounts.tree.stopped == {shop.id: "suspended"}


async def test_a_key_that_names_another_mode_than_its_own_is_refused(office: Office) -> None:
    one = await customer(office)
    for client, own, other in ((one.live, "live", "test"), (one.test, "test", "live")):
        assert (await client.get("/v1/messages", headers={"Onesixty-Mode": own})).status == 200
        refused = await client.post("/v1/sms/send", SEND, headers={"Onesixty-Mode": other})
        assert (refused.status, refused.json["code"], refused.json["param"]) == (
            *(403, "wrong_mode"), "Onesixty-Mode"
        )  # fmt: skip
        unknown = await client.get("/v1/messages", headers={"Onesixty-Mode": "LIVE"})
        assert (unknown.status, unknown.json["code"]) == (422, "invalid_parameter")
