"""/v1/carriers and /v1/routes, on both engines."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.doors.office import Platform

ACME = {
    "name": "acme",
    "type": "smpp",
    "settings": {"host": "smsc.example.net", "port": 2775, "system_id": "onesixty", "password": "s3cret"},
}


@pytest.fixture
async def platform(engine_url: str) -> AsyncIterator[Platform]:
    made = await Platform().open(engine_url)
    yield made
    await made.store.close()


async def carrier(platform: Platform, **body: Any) -> Any:
    reply = await platform.client().post("/v1/carriers", {**ACME, **body})
    assert reply.status == 201, reply.body
    return reply.json


async def test_a_carrier_is_made_and_its_password_never_shown(platform: Platform) -> None:
    made = await carrier(platform)
    assert made["settings"]["host"] == "smsc.example.net"
    assert made["enabled"] is True
    platform.states[made["id"]] = {"connected": True}
    for path in ("/v1/carriers", "/v1/carriers/acme", f"/v1/carriers/{made['id']}"):
        reply = await platform.client().get(path)
        assert reply.status == 200
        assert b"s3cret" not in reply.body
    assert (await platform.client().get("/v1/carriers/acme")).json["state"] == {"connected": True}
    assert platform.reloads == 1
    assert "s3cret" in (await platform.configs.carriers())[0].settings


async def test_a_change_keeps_what_it_leaves_out(platform: Platform) -> None:
    made = await carrier(platform)
    client = platform.client()
    masked = made["settings"]["password"]
    reply = await client.patch(
        "/v1/carriers/acme", {"settings": {"port": 2775, "window": 50, "password": masked}, "enabled": False}
    )
    assert reply.status == 200, reply.body
    assert (reply.json["settings"]["port"], reply.json["settings"]["window"]) == (2775, 50)
    assert (reply.json["enabled"], reply.json["version"], reply.json["name"]) == (False, 2, "acme")
    assert '"password":"s3cret"' in (await platform.configs.carriers())[0].settings
    reply = await client.patch("/v1/carriers/acme", {"settings": {"window": None}, "name": "acme-2"})
    assert reply.json["settings"]["window"] != 50
    await client.patch("/v1/carriers/acme-2", {"settings": {"password": "other"}})
    assert '"password":"other"' in (await platform.configs.carriers())[0].settings
    assert platform.reloads == 4


BAD = [
    ({"type": "pigeon"}, "invalid_field", "type"),
    (
        {"settings": {"host": "h", "system_id": "s", "password": "p", "colour": 1}},
        "unknown_field",
        "settings.colour",
    ),
    (
        {"settings": {"host": "h", "port": "2775", "system_id": "s", "password": "p"}},
        "invalid_field",
        "settings.port",
    ),
    ({"settings": {}}, "missing_field", None),
    ({"settings": []}, "invalid_field", "settings"),
    ({"name": "has space"}, "invalid_field", "name"),
    ({"name": None}, "missing_field", "name"),
    ({"colour": "red"}, "unknown_field", "colour"),
    ({"enabled": "yes"}, "invalid_field", "enabled"),
]


async def test_bad_carriers_name_their_field(platform: Platform) -> None:
    for body, code, param in BAD:
        reply = await platform.client().post("/v1/carriers", {**ACME, **body})
        assert reply.json["code"] == code, reply.body
        assert param is None or reply.json["param"] == param
    assert (await platform.client().get("/v1/carriers")).json == {"data": [], "next": None}
    await carrier(platform)
    reply = await platform.client().patch("/v1/carriers/acme", {"settings": {"port": 99999}})
    assert (reply.json["code"], reply.json["param"]) == ("invalid_field", "settings.port")


async def test_a_name_is_taken_once(platform: Platform) -> None:
    await carrier(platform)
    await carrier(platform, name="other")
    client = platform.client()
    for reply in (
        await client.post("/v1/carriers", ACME),
        await client.patch("/v1/carriers/other", {"name": "acme"}),
    ):
        assert (reply.status, reply.json["code"], reply.json["param"]) == (409, "conflict", "name")


async def test_two_operators_do_not_undo_each_other_unseen(platform: Platform) -> None:
    await carrier(platform)
    config = await platform.configs.carrier("acme")
    assert config is not None
    await platform.client().patch("/v1/carriers/acme", {"enabled": False})
    with pytest.raises(Exception, match="conflict"):
        await platform.configs.change_carrier(config, name="acme", settings={}, enabled=True)


async def test_routes_name_carriers_in_order(platform: Platform) -> None:
    client = platform.client()
    first, second = await carrier(platform), await carrier(platform, name="backup")
    made = await client.post("/v1/routes", {"name": "default", "carriers": ["backup", first["id"]]})
    assert (made.status, made.json["carriers"]) == (201, ["backup", "acme"])
    config = (await platform.configs.routes())[0]
    assert config.carriers == f'["{second["id"]}","{first["id"]}"]'
    await client.patch("/v1/carriers/backup", {"name": "spare"})
    assert (await client.get("/v1/routes/default")).json["carriers"] == ["spare", "acme"]
    changed = await client.patch(f"/v1/routes/{config.id}", {"carriers": ["acme"], "enabled": False})
    assert (changed.json["carriers"], changed.json["enabled"], changed.json["version"]) == (
        ["acme"],
        False,
        2,
    )
    listed = (await client.get("/v1/routes")).json
    assert [route["name"] for route in listed["data"]] == ["default"]


async def test_bad_routes_name_their_field(platform: Platform) -> None:
    await carrier(platform)
    for carriers, param in (
        (["nobody"], "carriers[0]"),
        (["acme", "acme"], "carriers[1]"),
        ([], "carriers"),
        ("acme", "carriers"),
    ):
        reply = await platform.client().post("/v1/routes", {"name": "default", "carriers": carriers})
        assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_field", param)


async def test_a_carrier_that_a_route_names_stays(platform: Platform) -> None:
    client = platform.client()
    await carrier(platform)
    await client.post("/v1/routes", {"name": "default", "carriers": ["acme"]})
    reply = await client.delete("/v1/carriers/acme")
    assert (reply.status, reply.json["code"]) == (409, "conflict")
    assert (await client.delete("/v1/routes/default")).status == 204
    assert (await client.delete("/v1/carriers/acme")).status == 204
    for path in ("/v1/carriers/acme", "/v1/routes/default"):
        assert (await client.get(path)).status == 404
        assert (await client.delete(path)).status == 404
        assert (await client.patch(path, {})).status == 404


HTTP = {
    "name": "acme",
    "type": "http",
    "settings": {"url": "https://provider.example/sms", "auth": "bearer", "token": "s3cret"},
}
TWILIO = {"name": "acme", "type": "twilio", "settings": {"account_sid": "AC1", "auth_token": "s3cret"}}


@pytest.mark.parametrize(
    ("made", "elsewhere", "secret"),
    [
        (ACME, {"host": "smsc.attacker.example"}, "password"),
        (ACME, {"port": 2776}, "password"),
        (ACME, {"tls": True, "tls_verify": False}, "password"),
        (HTTP, {"url": "https://attacker.example/sms"}, "token"),
        (HTTP, {"token_url": "https://attacker.example/token"}, "token"),
        (HTTP, {"check_url": "https://attacker.example/check"}, "token"),
        (HTTP, {"tls_verify": False}, "token"),
        (TWILIO, {"base_url": "https://attacker.example"}, "auth_token"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) and "name" not in value else None,
)
async def test_a_new_address_does_not_get_the_hidden_secrets(
    platform: Platform, made: dict[str, Any], elsewhere: dict[str, Any], secret: str
) -> None:
    """Who may change where a carrier is may not thereby have its secrets sent to themselves."""
    client = platform.client()
    before = (await client.post("/v1/carriers", made)).json
    masked = {secret: before["settings"][secret]}
    for settings in (elsewhere, {**elsewhere, **masked}):
        reply = await client.patch("/v1/carriers/acme", {"settings": settings})
        assert (reply.status, reply.json["code"], reply.json["param"]) == (
            422,
            "missing_field",
            f"settings.{secret}",
        )
    assert (await client.get("/v1/carriers/acme")).json["settings"] == before["settings"]
    reply = await client.patch("/v1/carriers/acme", {"settings": {**elsewhere, secret: "s3cret"}})
    assert reply.status == 200, reply.body
    reply = await client.patch("/v1/carriers/acme", {"settings": {"window": 3, **masked}})
    assert reply.status == 200, reply.body  # what stays where it is keeps them
