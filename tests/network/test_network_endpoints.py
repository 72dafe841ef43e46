"""/v1/carriers and /v1/routes, on both engines."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.doors.office import Office

ACME = {
    "name": "acme",
    "type": "smpp",
    "settings": {"host": "smsc.example.net", "port": 2775, "system_id": "onesixty", "password": "s3cret"},
}


@pytest.fixture
async def office(engine_url: str) -> AsyncIterator[Office]:
    made = await Office.open(engine_url)
    yield made
    await made.close()


async def carrier(office: Office, **body: Any) -> Any:
    reply = await office.client().post("/v1/carriers", {**ACME, **body})
    assert reply.status == 201, reply.body
    return reply.json


async def test_a_carrier_is_made_and_its_password_never_shown(office: Office) -> None:
    made = await carrier(office)
    assert made["settings"]["host"] == "smsc.example.net"
    assert made["enabled"] is True
    assert (made["type"], made["channel"]) == ("smpp", "sms")
    for path in ("/v1/carriers", "/v1/carriers/acme", f"/v1/carriers/{made['id']}"):
        reply = await office.client().get(path)
        assert reply.status == 200
        assert b"s3cret" not in reply.body
    assert (await office.client().get("/v1/carriers/acme")).json["state"]["connected"] is False
    assert "s3cret" in (await office.features.configs.carriers())[0].settings


async def test_a_change_keeps_what_it_leaves_out(office: Office) -> None:
    made = await carrier(office)
    client = office.client()
    masked = made["settings"]["password"]
    reply = await client.patch(
        "/v1/carriers/acme", {"settings": {"port": 2775, "window": 50, "password": masked}, "enabled": False}
    )
    assert reply.status == 200, reply.body
    assert (reply.json["settings"]["port"], reply.json["settings"]["window"]) == (2775, 50)
    assert (reply.json["enabled"], reply.json["version"], reply.json["name"]) == (False, 2, "acme")
    assert '"password":"s3cret"' in (await office.features.configs.carriers())[0].settings
    reply = await client.patch("/v1/carriers/acme", {"settings": {"window": None}, "name": "acme-2"})
    assert reply.json["settings"]["window"] != 50
    await client.patch("/v1/carriers/acme-2", {"settings": {"password": "other"}})
    assert '"password":"other"' in (await office.features.configs.carriers())[0].settings


async def test_a_carrier_says_what_a_segment_costs(office: Office) -> None:
    made = await carrier(office, cost_per_segment="0.0040", currency="USD")
    assert (made["cost_per_segment"], made["currency"]) == ("0.004", "USD")
    client = office.client()
    changed = (await client.patch("/v1/carriers/acme", {"cost_per_segment": "0.0055"})).json
    assert (changed["cost_per_segment"], changed["currency"]) == ("0.0055", "USD")
    renamed = (await client.patch("/v1/carriers/acme", {"name": "acme-2"})).json
    assert (renamed["cost_per_segment"], renamed["version"]) == ("0.0055", 3)
    free = (await client.patch("/v1/carriers/acme-2", {"cost_per_segment": None})).json
    assert (free["cost_per_segment"], free["currency"]) == ("0.00", "USD")


BAD = [
    ({"cost_per_segment": "-0.01"}, "invalid_field", "cost_per_segment"),
    ({"cost_per_segment": 1}, "invalid_field", "cost_per_segment"),
    ({"currency": "euros"}, "invalid_field", "currency"),
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


async def test_bad_carriers_name_their_field(office: Office) -> None:
    for body, code, param in BAD:
        reply = await office.client().post("/v1/carriers", {**ACME, **body})
        assert reply.json["code"] == code, reply.body
        assert param is None or reply.json["param"] == param
    assert (await office.client().get("/v1/carriers")).json == {"data": [], "next": None}
    await carrier(office)
    reply = await office.client().patch("/v1/carriers/acme", {"settings": {"port": 99999}})
    assert (reply.json["code"], reply.json["param"]) == ("invalid_field", "settings.port")


async def test_a_name_is_taken_once(office: Office) -> None:
    await carrier(office)
    await carrier(office, name="other")
    client = office.client()
    for reply in (
        await client.post("/v1/carriers", ACME),
        await client.patch("/v1/carriers/other", {"name": "acme"}),
    ):
        assert (reply.status, reply.json["code"], reply.json["param"]) == (409, "conflict", "name")


async def test_two_operators_do_not_undo_each_other_unseen(office: Office) -> None:
    await carrier(office)
    config = await office.features.configs.carrier("acme")
    assert config is not None
    await office.client().patch("/v1/carriers/acme", {"enabled": False})
    with pytest.raises(Exception, match="conflict"):
        await office.features.configs.change_carrier(config, name="acme", settings={}, enabled=True)


async def test_routes_name_carriers_in_order(office: Office) -> None:
    client = office.client()
    first, second = await carrier(office), await carrier(office, name="backup")
    made = await client.post("/v1/routes", {"name": "default", "carriers": ["backup", first["id"]]})
    assert (made.status, made.json["carriers"]) == (201, ["backup", "acme"])
    config = (await office.features.configs.routes())[0]
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


async def test_bad_routes_name_their_field(office: Office) -> None:
    await carrier(office)
    for carriers, param in (
        (["nobody"], "carriers[0]"),
        (["acme", "acme"], "carriers[1]"),
        ([], "carriers"),
        ("acme", "carriers"),
    ):
        reply = await office.client().post("/v1/routes", {"name": "default", "carriers": carriers})
        assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_field", param)


async def test_a_carrier_that_a_route_names_stays(office: Office) -> None:
    client = office.client()
    await carrier(office)
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
    office: Office, made: dict[str, Any], elsewhere: dict[str, Any], secret: str
) -> None:
    """Who may change where a carrier is may not thereby have its secrets sent to themselves."""
    client = office.client()
    reply = await client.post("/v1/carriers", made)
    assert reply.status == 201, reply.body
    before = reply.json
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
