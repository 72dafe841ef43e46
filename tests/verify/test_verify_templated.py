"""Verifications with the words of a template of the account."""

from __future__ import annotations

from typing import Any

from onesixty.core.errors import Problem
from onesixty.verify.warned import unusable
from tests.templates.test_templates_endpoints import approve
from tests.templates.test_templates_endpoints import made as made_template
from tests.verify.conftest import PROFILES, Desk

CODE: dict[str, Any] = {
    "name": "door-code",
    "purpose": "otp",
    "default_language": "en",
    "texts": {
        "en": "{app}: {code} opens the door, for {minutes, plural, one {# minute} other {# minutes}}.",
        "de": "{app}: {code} öffnet die Tür.",
    },
    "variables": {
        "app": {"type": "string", "longest": 20, "example": "Acme"},
        "code": {"type": "code", "longest": 8, "example": "482931"},
        "minutes": {"type": "number", "longest": 3, "example": 10},
    },
}


async def test_a_template_words_the_text(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    client = desk.client()
    row = await approve(client, (await made_template(client, **CODE))["id"])
    path = f"{PROFILES}/{desk.profile['id']}"
    changed = await client.patch(path, {"template": "door-code"})
    assert changed.status == 200, changed.body
    one = await desk.start()
    assert one["language"] == "en"
    code = await desk.read()
    assert desk.texts()[0] == f"Acme: {code} opens the door, for 10 minutes."
    listed = (await client.get("/v1/messages")).json["data"]
    assert [message["text"] for message in listed] == ["Acme: ****** opens the door, for 10 minutes."]
    assert listed[0]["template"] == {"id": row["id"], "version": 1, "language": "en"}
    assert listed[0]["class"] == "otp"
    assert (await desk.check(one["id"], code)).json["outcome"] == "approved"
    german = await desk.start("+4915112345678", language="de-CH")
    assert german["language"] == "de"
    code = await desk.read(1, "+4915112345678")
    assert desk.texts("+4915112345678") == [f"Acme: {code} öffnet die Tür."]


async def test_a_template_that_cannot_say_it_is_refused(desk: Desk) -> None:
    client = desk.client()
    path = f"{PROFILES}/{desk.profile['id']}"

    async def refused(template: str) -> tuple[int, str, str]:
        reply = await client.patch(path, {"template": template})
        return reply.status, reply.json["code"], reply.json["param"]

    assert await refused("nothing") == (422, "unknown_template", "template")
    draft = await made_template(client, **CODE)
    assert await refused("door-code") == (409, "template_not_approved", "template")
    await approve(client, draft["id"])
    greeting = {
        "name": "greeting",
        "purpose": "transactional",
        "texts": {"en": "{app} greets you."},
        "variables": {"app": {"type": "string", "longest": 20, "example": "Acme"}},
    }
    await approve(client, (await made_template(client, **greeting))["id"])
    assert await refused("greeting") == (422, "invalid_field", "template")
    variables = CODE["variables"]
    for name, changed in (
        ("short-app", {"app": {"type": "string", "longest": 3, "example": "A"}}),
        ("short-code", {"code": {"type": "code", "longest": 4, "example": "1234"}}),
        ("unfilled", {"minutes": {"type": "number"}, "ticket": {"type": "string"}}),
    ):
        text = "{app}: {code}, {minutes}" + (", {ticket}" if name == "unfilled" else "")
        fields = CODE | {"name": name, "texts": {"en": text}, "variables": {**variables, **changed}}
        await approve(client, (await made_template(client, **fields))["id"])
        assert await refused(name) == (422, "invalid_field", "template"), name
    assert (await client.patch(path, {"template": "door-code"})).status == 200
    body = {"to": "+15551234567", "bind_to": {"amount": "10.00", "currency": "EUR", "payee": "Bo"}}
    unsaid = await client.post("/v1/verifications", body)
    assert (unsaid.status, unsaid.json["param"]) == (422, "template")
    assert b"it needs `amount`, `payee`" in unsaid.body
    await client.post(f"/v1/templates/{draft['id']}/retire")
    late = await client.post("/v1/verifications", {"to": "+15551234567"})
    assert (late.status, late.json["code"]) == (409, "template_not_approved")
    assert desk.texts() == []


async def test_a_payment_is_said_by_its_template(desk: Desk) -> None:
    client = desk.client()
    fields = CODE | {
        "name": "pay",
        "texts": {"en": "{app}: {code} to pay {amount} to {payee}."},
        "variables": {
            "app": {"type": "string", "longest": 20, "example": "Acme"},
            "code": {"type": "code", "longest": 8, "example": "482931"},
            "amount": {"type": "money", "longest": 12, "example": {"amount": "10.00", "currency": "EUR"}},
            "payee": {"type": "string", "longest": 30, "example": "Bo"},
        },
    }
    await approve(client, (await made_template(client, **fields))["id"])
    path = f"{PROFILES}/{desk.profile['id']}"
    assert (await client.patch(path, {"template": "pay"})).status == 200
    bound = {"amount": "10.00", "currency": "EUR", "payee": "Bo Shop"}
    one = await desk.start(bind_to=bound)
    code = await desk.read()
    assert desk.texts()[0] == f"Acme: {code} to pay €10.00 to Bo Shop."
    assert (await desk.check(one["id"], code, bind_to=bound)).json["outcome"] == "approved"


async def test_a_profile_warns_of_what_became_of_its_template(desk: Desk) -> None:
    client = desk.client()
    texts = {
        "en": "{app}: {code}",
        "de": "{app}: {code}, " + "gültig " * 20,
        "ru": "{app}: код {code}. " + "ж" * 60,
    }
    row = await approve(client, (await made_template(client, **CODE | {"texts": texts}))["id"])
    path = f"{PROFILES}/{desk.profile['id']}"
    said = {"template": "door-code", "formats": {"android_hashes": ["Iyrw0/SRopH"]}}
    assert (await client.patch(path, said)).status == 200

    async def warned() -> list[str]:
        found: list[str] = (await client.get(path)).json["warnings"]
        return found

    assert any(each.endswith("need more than one segment: de, ru.") for each in await warned())
    assert (await client.post(f"/v1/templates/{row['id']}/retire", {})).status == 200
    assert "No verification can be started: no version of the template is approved." in await warned()


async def test_a_profile_says_why_its_template_makes_no_text(desk: Desk) -> None:
    client = desk.client()
    row = await approve(client, (await made_template(client, **CODE))["id"])
    template, path = f"/v1/templates/{row['id']}", f"{PROFILES}/{desk.profile['id']}"
    saved = await client.patch(path, {"template": "door-code", "application": "Acme Doors"})
    assert saved.status == 200, saved.body

    async def found() -> list[tuple[str, dict[str, Any]]]:
        told = (await client.get(path)).json["findings"]
        return [(one["code"], one["values"]) for one in told if one["code"].startswith("template_")]

    assert await found() == []
    known = CODE["variables"]
    door = {"type": "string", "longest": 20, "example": "North"}
    for change, code, values in (
        ({"purpose": "transactional", "texts": {"en": "Open!"}, "variables": {}}, "template_unfit", {}),
        (
            {"texts": {"en": "{door}: {code}"}, "variables": {"door": door, "code": known["code"]}},
            "template_needs",
            {"variable": "door"},
        ),
        (
            {
                "texts": {"en": "{app}: {code}"},
                "variables": {"app": {**known["app"], "longest": 4}, "code": known["code"]},
            },
            "template_value",
            {"variable": "app"},
        ),
        ({"texts": {"en": "{app}: {code}" + "!" * 145}, "max_segments": 1}, "template_too_long", {}),
    ):
        before = (await client.get(template)).json
        gone = {
            name: dict.fromkeys(before[name].keys() - change.get(name, CODE[name]).keys())
            for name in ("texts", "variables")
        }
        version = {
            name: CODE[name] for name in ("purpose", "default_language", "texts", "variables")
        } | change
        version |= {name: version[name] | gone[name] for name in gone}
        changed = await client.patch(template, version)
        assert changed.status == 200, (change, changed.body)
        await approve(client, row["id"])
        assert await found() == [(code, values)], change
    assert (await client.post(f"{template}/retire", {})).status == 200
    assert await found() == [("template_not_approved", {})]
    assert [
        warned.code for warned in map(unusable, (Problem("unknown_template"), Problem("invalid_field")))
    ] == [
        "template_gone",
        "template_unfit",
    ]
