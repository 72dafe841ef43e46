"""Keys that end, that open only from some networks, that send only some things, and that get new secrets."""

import re
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest

from onesixty.accounts.keys import checksum_of, is_altered, make_secret
from onesixty.core import times
from onesixty.http.auth import KeyRing, hash_of
from tests.doors.office import Office
from tests.http.asgi import Client
from tests.support.waiting import wait_until_async

SEND = {"from": "Acme", "to": "+15551234567", "text": "Hi"}


@pytest.fixture
async def office(engine_url: str) -> AsyncIterator[Office]:
    made = await Office.open(engine_url)
    yield made
    await made.close()


def later(office: Office, seconds: float) -> str:
    return times.to_text(int(office.clock.now_ms() + seconds * 1000))


async def new_key(office: Office, as_: str | None = None, **fields: Any) -> dict[str, Any]:
    made = await office.client(as_).post("/v1/keys", {"name": "app", "mode": "live", **fields})
    assert made.status == 201, made.json
    return dict(made.json)


async def test_a_key_ends_at_its_time_here_and_on_another_node(office: Office) -> None:
    made = await new_key(office, expires_at=later(office, 60))
    ring = KeyRing(office.features.accounts.find_key, office.clock)
    elsewhere = Client(office.another_front(ring), made["secret"])
    for client in (office.client(made["secret"]), elsewhere):
        assert (await client.get("/v1/account")).status == 200
    office.clock.turn(59.9)
    for client in (office.client(made["secret"]), elsewhere):
        assert (await client.get("/v1/account")).status == 200
    office.clock.turn(0.2)  # far less than a look-up is remembered
    for client in (office.client(made["secret"]), elsewhere):
        reply = await client.get("/v1/account")
        assert (reply.status, reply.json["code"]) == (401, "key_expired")
    shown = (await office.client().get(f"/v1/keys/{made['id']}")).json
    assert (shown["state"], shown["expires_at"]) == ("expired", made["expires_at"])
    longer = await office.client().patch(f"/v1/keys/{made['id']}", {"expires_at": None})
    assert (longer.status, longer.json["state"]) == (200, "active")
    assert (await office.client(made["secret"]).get("/v1/account")).status == 200


async def test_an_end_in_the_past_is_refused(office: Office) -> None:
    reply = await office.client().post(
        "/v1/keys", {"name": "app", "mode": "live", "expires_at": later(office, -1)}
    )
    assert (reply.json["code"], reply.json["param"]) == ("invalid_field", "expires_at")


@pytest.mark.parametrize(
    ("networks", "client", "opens"),
    [
        (["192.0.2.0/24"], "192.0.2.77", True),
        (["192.0.2.0/24"], "::ffff:192.0.2.77", True),
        (["192.0.2.0/24"], "192.0.3.1", False),
        (["2001:db8::/32"], "2001:db8:1::2", True),
        (["2001:db8::/32"], "192.0.2.1", False),
        (["198.51.100.7", "2001:db8::1"], "198.51.100.7", True),
        (["192.0.2.0/24"], "", False),
    ],
)
async def test_a_key_opens_only_from_its_networks(
    office: Office, networks: list[str], client: str, opens: bool
) -> None:
    made = await new_key(office, allowed_networks=networks)
    for _ in range(2):  # looked up, and remembered
        reply = await Client(office.front, made["secret"], client).get("/v1/account")
        assert reply.status == (200 if opens else 403)
        if not opens:
            assert reply.json["code"] == "address_not_allowed"


async def test_a_network_that_is_none_is_refused_with_its_place(office: Office) -> None:
    reply = await office.client().post(
        "/v1/keys", {"name": "app", "mode": "live", "allowed_networks": ["10.0.0.0/8", "192.0.2.1/24"]}
    )
    assert (reply.status, reply.json["param"]) == (422, "allowed_networks[1]")


async def test_a_key_sends_only_from_its_senders_and_in_its_classes(office: Office) -> None:
    await office.route()
    made = await new_key(office, allowed_senders=["Acme", "+1 555 123 9999"], allowed_classes=["otp"])
    assert made["allowed_senders"] == ["Acme", "+15551239999"]
    client = office.client(made["secret"])
    for sender, class_, code, param in (
        ("Acme", "otp", None, None),
        ("0015551239999", "otp", None, None),
        ("Other", "otp", "sender_not_allowed", "from"),
        ("acme", "otp", "sender_not_allowed", "from"),
        ("Acme", "marketing", "class_not_allowed", "class"),
        ("Acme", None, "class_not_allowed", "class"),
    ):
        body = {**SEND, "from": sender} | ({"class": class_} if class_ else {})
        reply = await client.post("/v1/sms/send", body)
        if code is None:
            assert reply.status == 202, reply.json
            continue
        assert (reply.status, reply.json["code"], reply.json["param"]) == (403, code, param)
        preview = await client.post("/v1/sms/preview", body)
        assert preview.json["refusal"]["code"] == code
    batch = await client.post(
        "/v1/sms/batch",
        {"messages": [{**SEND, "class": "otp"}, {**SEND, "from": "Other", "class": "otp"}]},
    )
    assert (batch.json["accepted"], batch.json["refused"]) == (1, 1)
    assert [one["code"] for one in batch.json["refusals"]] == ["sender_not_allowed"]


async def test_an_edit_through_a_restricted_key_cannot_widen_it(office: Office) -> None:
    await office.route()
    made = await new_key(office, allowed_senders=["Acme"], allowed_classes=["transactional"])
    client = office.client(made["secret"])
    sent = await client.post("/v1/sms/send", {**SEND, "scheduled_at": later(office, 3600)})
    at = f"/v1/messages/{sent.json['id']}"
    for patch, code in (
        ({"from": "Other"}, "sender_not_allowed"),
        ({"class": "marketing"}, "class_not_allowed"),
    ):
        reply = await client.patch(at, patch)
        assert (reply.status, reply.json["code"]) == (403, code)
    assert (await client.patch(at, {"text": "Other"})).status == 200
    assert (await office.client().patch(at, {"from": "Other"})).status == 200


async def test_a_rotated_key_has_two_secrets_until_the_old_one_ends(office: Office) -> None:
    made = await new_key(office, requests_per_second=7)
    rotated = await office.client().post(f"/v1/keys/{made['id']}/rotate", {"overlap_seconds": 600})
    assert rotated.status == 200, rotated.json
    assert rotated.json["id"] == made["id"]
    assert rotated.json["requests_per_second"] == 7
    assert rotated.json["previous_hint"] == made["hint"]
    assert rotated.json["previous_expires_at"] == later(office, 600)
    old, new = office.client(made["secret"]), office.client(rotated.json["secret"])
    assert [(await each.get("/v1/account")).status for each in (old, new)] == [200, 200]

    async def used() -> bool:
        shown = (await office.client().get(f"/v1/keys/{made['id']}")).json
        return shown["previous_used_at"] is not None

    await wait_until_async(used, what="the note of the old secret's use")
    office.clock.turn(600.1)
    reply = await old.get("/v1/account")
    assert (reply.status, reply.json["code"]) == (401, "key_expired")
    assert (await new.get("/v1/account")).status == 200


async def test_a_second_rotation_ends_the_oldest_secret(office: Office) -> None:
    made = await new_key(office)
    first = await office.client().post(f"/v1/keys/{made['id']}/rotate")
    second = await office.client(first.json["secret"]).post(f"/v1/keys/{made['id']}/rotate")
    assert second.status == 200, "a key may rotate itself"
    states = [
        (await office.client(secret).get("/v1/account")).status
        for secret in (made["secret"], first.json["secret"], second.json["secret"])
    ]
    assert states == [401, 200, 200]
    ended = await office.client().patch(f"/v1/keys/{made['id']}", {"previous_expires_at": None})
    assert (ended.status, ended.json["previous_hint"]) == (200, None)
    assert (await office.client(first.json["secret"]).get("/v1/account")).json["code"] == "unauthorized"
    at_once = await office.client().post(f"/v1/keys/{made['id']}/rotate", {"overlap_seconds": 0})
    assert (await office.client(second.json["secret"]).get("/v1/account")).json["code"] == "key_expired"
    assert (await office.client(at_once.json["secret"]).get("/v1/account")).status == 200


async def test_what_cannot_be_rotated(office: Office) -> None:
    made = await new_key(office, expires_at=later(office, 10))
    office.clock.turn(11)
    reply = await office.client().post(f"/v1/keys/{made['id']}/rotate")
    assert (reply.status, reply.json["code"]) == (409, "conflict")
    await office.client().delete(f"/v1/keys/{made['id']}")
    for path, body in ((f"/v1/keys/{made['id']}/rotate", {}), (f"/v1/keys/{made['id']}", {"name": "x"})):
        call = office.client().post if path.endswith("rotate") else office.client().patch
        reply = await call(path, body)
        assert (reply.status, reply.json["code"]) == (409, "conflict")


async def test_a_new_secret_never_gives_more_than_its_caller_has(office: Office) -> None:
    """Otherwise the scope `keys` would lead to every scope."""
    strong = await new_key(office, scopes=["keys", "messages:send", "webhooks"])
    weak = await new_key(office, scopes=["keys"])
    reply = await office.client(weak["secret"]).post(f"/v1/keys/{strong['id']}/rotate")
    assert (reply.status, reply.json["code"]) == (403, "forbidden")
    narrow = await new_key(office, scopes=["keys", "messages:send", "webhooks"], allowed_senders=["Acme"])
    reply = await office.client(narrow["secret"]).post(f"/v1/keys/{strong['id']}/rotate")
    assert (reply.status, reply.json["param"]) == (403, "allowed_senders")


async def test_a_restricted_key_gives_only_keys_as_restricted(office: Office) -> None:
    ends = later(office, 3600)
    made = await new_key(
        office,
        allowed_senders=["Acme", "Shop"],
        allowed_classes=["otp"],
        allowed_networks=["10.0.0.0/8"],
        expires_at=ends,
    )
    client = Client(office.front, made["secret"], "10.0.0.1")
    child = (await client.post("/v1/keys", {"name": "child", "mode": "live"})).json
    names = ("allowed_senders", "allowed_classes", "allowed_networks", "expires_at")
    assert [child[name] for name in names] == [made[name] for name in names]
    for field, value in (
        ("allowed_senders", ["Acme", "Else"]),
        ("allowed_classes", ["otp", "marketing"]),
        ("allowed_networks", ["10.0.0.0/8", "192.0.2.0/24"]),
        ("expires_at", later(office, 3601)),
    ):
        reply = await client.post("/v1/keys", {"name": "child", "mode": "live", field: value})
        assert (reply.status, reply.json["param"]) == (403, field)
        reply = await client.patch(f"/v1/keys/{made['id']}", {field: None})
        assert (reply.status, reply.json["param"]) == (403, field)
    tighter = {
        "allowed_senders": ["Acme"],
        "allowed_networks": ["10.1.0.0/16"],
        "expires_at": later(office, 60),
    }
    assert (await client.patch(f"/v1/keys/{child['id']}", tighter)).status == 200


async def test_the_last_use_names_time_and_address(office: Office) -> None:
    made = await new_key(office)
    await Client(office.front, made["secret"], "192.0.2.9").get("/v1/account")

    async def noted() -> bool:
        shown = (await office.client().get(f"/v1/keys/{made['id']}")).json
        return shown["last_used_from"] == "192.0.2.9" and shown["last_used_at"] == later(office, 0)

    await wait_until_async(noted, what="the note of the use")


async def test_a_key_is_found_by_the_hash_of_its_secret(office: Office) -> None:
    made = await new_key(office)
    rotated = (await office.client().post(f"/v1/keys/{made['id']}/rotate")).json
    for secret in (made["secret"], rotated["secret"]):
        found = await office.client().get(f"/v1/keys?sha256={hash_of(secret)}")
        assert [one["id"] for one in found.json["data"]] == [made["id"]]
    unknown = await office.client().get(f"/v1/keys?sha256={hash_of('another')}")
    assert unknown.json["data"] == []
    bad = await office.client().get(f"/v1/keys?sha256={made['secret']}")
    assert bad.status == 422


async def test_a_key_of_another_account_is_found_by_operators_only(office: Office) -> None:
    made = await office.client().post("/v1/accounts", {"name": "customer", "price_per_segment": "0.01"})
    live = made.json["keys"][0]
    path = f"/v1/keys?sha256={hash_of(office.live)}"
    assert (await office.client(live["secret"]).get(path)).json["data"] == []
    path = f"/v1/keys?sha256={hash_of(live['secret'])}"
    assert (await office.client().get(path)).json["data"][0]["account_id"] == made.json["id"]


def test_a_scanner_can_tell_a_key() -> None:
    secret = make_secret(False, Random(3).randbytes)
    assert re.fullmatch(r"os_(live|test)_[0-9A-Za-z]{38}", secret)
    assert checksum_of(secret[:-6]) == secret[-6:]
    assert not is_altered(secret)
    assert is_altered(secret[:10] + ("a" if secret[10] != "a" else "b") + secret[11:])
    assert not is_altered("os_live_" + "a" * 32), "keys of before have none"
