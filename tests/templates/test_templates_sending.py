"""Messages that are made from a template: sent, in a batch, as a reply, changed, previewed; and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from onesixty.routing.spec import Placed, RouteMatch, RouteSpec
from tests.doors.office import Office
from tests.http.asgi import Client, Reply
from tests.templates.test_templates_endpoints import ORDER, PATH, approve, approved, made, refused

TO = "+15551234567"


@pytest.fixture
async def office(engine_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    opened = await Office.open(engine_url, data_dir=tmp_path)
    await opened.route()
    yield opened
    await opened.close()


async def sent(client: Client, **fields: Any) -> Reply:
    body = {
        "from": "Shop",
        "to": TO,
        "template": "order-shipped",
        "variables": {"shop": "Acme", "days": 1},
    } | fields
    return await client.post(
        "/v1/sms/send", {name: value for name, value in body.items() if value is not None}
    )


async def test_a_message_keeps_the_version_that_it_was_made_of(office: Office) -> None:
    client = office.client()
    row = await approved(client)
    first = await sent(client, language="de-CH")
    assert first.status == 202, first.body
    assert first.json["text"] == "Acme: kommt in 1 Tag."
    assert first.json["template"] == {"id": row["id"], "version": 1, "language": "de"}
    assert first.json["class"] == "transactional"
    await client.patch(f"{PATH}/{row['id']}", {"texts": {"de": "{shop}: {days} T."}})
    assert (await sent(client, language="de")).json["template"]["version"] == 1, "the draft is not sent"
    await approve(client, row["id"])
    second = await sent(client, template=row["id"], language="de")
    assert (second.json["text"], second.json["template"]["version"]) == ("Acme: 1 T.", 2)
    shown = await client.get(f"/v1/messages/{first.json['id']}")
    assert shown.json["template"] == {"id": row["id"], "version": 1, "language": "de"}
    version = await client.get(f"{PATH}/{row['id']}/versions/1")
    assert version.json["texts"]["de"] == ORDER["texts"]["de"]
    other = await sent(client, language="ja")
    assert (other.json["template"]["language"], other.json["text"]) == ("en", "Acme: arrives in 1 day.")
    default = await sent(client, variables={"shop": "Acme"})
    assert default.json["text"] == "Acme: arrives in 3 days."
    plain = await sent(client, template=None, variables=None, text="Hi")
    assert plain.json["template"] is None
    await client.post(f"{PATH}/{row['id']}/retire")
    assert refused(await sent(client)) == (409, "template_not_approved")
    await office.again()
    assert refused(await sent(office.client())) == (409, "template_not_approved"), "also after a restart"


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"template": "nothing"}, "unknown_template", "template"),
        ({"template": "tpl_01h455vb4pex5vsknk084sn02q"}, "unknown_template", "template"),
        ({"variables": None}, "missing_field", "variables.shop"),
        ({"variables": {"shop": 5}}, "invalid_field", "variables.shop"),
        ({"variables": {"shop": "x" * 21}}, "invalid_field", "variables.shop"),
        ({"variables": {"shop": "evil.com"}}, "invalid_field", "variables.shop"),
        ({"variables": {"shop": "a\nb"}}, "invalid_field", "variables.shop"),
        ({"variables": {"shop": "Acme", "days": "soon"}}, "invalid_field", "variables.days"),
        ({"variables": {"shop": "Acme", "dyas": 1}}, "unknown_field", "variables.dyas"),
        ({"language": "deutsch"}, "invalid_field", "language"),
        ({"text": "Hi"}, "invalid_field", "text"),
        ({"binary": "aGk="}, "invalid_field", "binary"),
        ({"class": "otp"}, "invalid_field", "class"),
        ({"template": None}, "missing_field", "template"),
        ({"template": None, "variables": None}, "missing_field", "text"),
        ({"template": None, "variables": None, "text": "Hi", "language": "de"}, "invalid_field", "language"),
        ({"variables": "shop"}, "invalid_field", "variables"),
    ],
)
async def test_what_is_refused_is_named(
    tmp_path: Path, fields: dict[str, Any], code: str, param: str
) -> None:
    office = await Office.open(data_dir=tmp_path)
    await office.route()
    await approved(office.client())
    reply = await sent(office.client(), **fields)
    assert (reply.json["code"], reply.json["param"]) == (code, param), reply.body
    await office.close()


async def test_a_value_changes_nothing_of_a_template(office: Office) -> None:
    client = office.client()
    await approved(client)
    for value in ("{days}", "'{'", "# {shop}", "{n,plural,other{#}}", "''"):
        reply = await sent(client, variables={"shop": value, "days": 2})
        assert reply.status == 202, (value, reply.json["detail"])
        assert reply.json["text"] == f"{value}: arrives in 2 days."


async def test_a_value_does_not_begin_the_last_line_that_phones_read(office: Office) -> None:
    client = office.client()
    await approved(
        client,
        texts={"en": "Code: {note}\n{note}"},
        variables={"note": {"type": "string", "multiline": True}},
    )
    assert (await sent(client, variables={"note": "see you"})).status == 202
    for note in ("@evil", "x\n@evil #12", "#1234"):
        reply = await sent(client, variables={"note": note})
        assert (refused(reply), reply.json["param"]) == ((422, "invalid_field"), "variables.note"), note


async def test_a_value_does_not_make_a_message_longer_than_the_template_allows(office: Office) -> None:
    client = office.client()
    await approved(
        client,
        texts={"en": "x" * 60 + "{a} {b}"},
        variables={"a": {"type": "string"}, "b": {"type": "string"}},
        max_segments=1,
    )
    assert (await sent(client, variables={"a": "W" * 40, "b": "W" * 40})).status == 202
    reply = await sent(client, variables={"a": "Ж", "b": "long enough"})
    assert (refused(reply), reply.json["param"]) == ((422, "text_too_long"), "variables.b")


async def test_the_sandbox_renders_what_is_sent_later(office: Office) -> None:
    await approved(office.client())
    reply = await sent(office.client(office.test))
    assert (reply.status, reply.json["test"], reply.json["text"]) == (202, True, "Acme: arrives in 1 day.")


async def test_templates_of_other_accounts_do_not_exist(office: Office) -> None:
    row = await approved(office.client())
    account = await office.client().post("/v1/accounts", {"name": "Other", "price_per_segment": "0.01"})
    other = office.client(account.json["keys"][0]["secret"])
    for template in ("order-shipped", row["id"]):
        assert refused(await sent(other, template=template)) == (422, "unknown_template")
    assert (await made(other))["name"] == "order-shipped"
    assert refused(await sent(other)) == (409, "template_not_approved")


async def test_a_batch_renders_each_message(office: Office) -> None:
    client = office.client()
    row = await approved(client)
    message = {"from": "Shop", "to": TO, "template": "order-shipped"}
    reply = await client.post(
        "/v1/sms/batch",
        {
            "messages": [
                message | {"variables": {"shop": "Acme"}, "language": "de"},
                message | {"variables": {"shop": "Acme", "days": []}},
                message | {"template": "none"},
                message | {"variables": {"shop": "Shop", "days": 1}},
            ]
        },
    )
    assert reply.status == 202, reply.body
    assert [(one["index"], one["param"]) for one in reply.json["refusals"]] == [
        (1, "messages[1].variables.days"),
        (2, "messages[2].template"),
    ]
    assert await office.texts() == ["Acme: kommt in 3 Tagen.", "Shop: arrives in 1 day."]
    shared = await client.post(
        "/v1/sms/batch",
        {"from": "Shop", "to": [TO, "+15551234568"], "template": row["id"], "variables": {"shop": "All"}},
    )
    assert (shared.status, len(shared.json["messages"])) == (202, 2)
    assert (await office.texts()).count("All: arrives in 3 days.") == 2
    wrong = await client.post("/v1/sms/batch", {"from": "Shop", "to": [TO], "template": row["id"]})
    assert (refused(wrong), wrong.json["param"]) == ((422, "missing_field"), "variables.shop")


async def test_a_repeated_request_gets_the_first_answer(office: Office) -> None:
    client = office.client()
    await approved(client)
    body = {"from": "Shop", "to": TO, "template": "order-shipped", "variables": {"shop": "Acme", "days": 1}}
    headers = {"idempotency-key": "k1"}
    first = await client.request("POST", "/v1/sms/send", body, headers=headers)
    same = await client.request("POST", "/v1/sms/send", body, headers=headers)
    assert (first.status, first.json) == (202, same.json)
    turned = body | {"variables": {"days": 1, "shop": "Acme"}}
    same = await client.request("POST", "/v1/sms/send", turned, headers=headers)
    assert (same.status, same.json) == (202, first.json), "the order of members means nothing"
    other = await client.request(
        "POST", "/v1/sms/send", body | {"variables": {"shop": "Acme", "days": 2}}, headers=headers
    )
    assert refused(other) == (409, "idempotency_mismatch")


async def test_a_waiting_message_gets_a_new_text_from_a_template(office: Office) -> None:
    client = office.client()
    row = await approved(client)
    at = "2100-01-01T00:00:00Z"
    office.clock.turn(0)
    plain = await client.post(
        "/v1/sms/send",
        {"from": "Shop", "to": TO, "text": "Hi", "scheduled_at": _later(office), "flash": True},
    )
    assert plain.status == 202, (plain.body, at)
    path = f"/v1/messages/{plain.json['id']}"
    changed = await client.patch(
        path, {"template": "order-shipped", "language": "de", "variables": {"shop": "Acme"}}
    )
    assert changed.status == 200, changed.body
    assert (changed.json["text"], changed.json["flash"]) == ("Acme: kommt in 3 Tagen.", True)
    assert changed.json["template"] == {"id": row["id"], "version": 1, "language": "de"}
    kept = await client.patch(path, {"reference": "r"})
    assert kept.json["template"]["version"] == 1
    again = await client.patch(path, {"text": "Bye"})
    assert (again.json["template"], again.json["flash"]) == (None, True)
    for body, param in (
        ({"variables": {"shop": "A"}}, "template"),
        ({"template": "order-shipped"}, "variables.shop"),
        ({"template": "order-shipped", "text": "x", "variables": {"shop": "A"}}, "text"),
    ):
        reply = await client.patch(path, body)
        assert (reply.status, reply.json["param"]) == (422, param), reply.body


def _later(office: Office) -> str:
    from onesixty.core import times

    return times.to_text(office.clock.now_ms() + 3_600_000)


async def test_a_preview_says_which_ids_carriers_of_the_country_miss(office: Office) -> None:
    client, configs = office.client(), office.features.configs
    smpp = {"host": "smsc.example.net", "system_id": "a", "password": "b"}
    tlv = {"tag": 0x1400, "value": "{registration:entity}"}
    http = {"api_key": "k", "api_secret": "s", "signature_secret": "x"}
    carriers = [
        await configs.add_carrier("plain", "smpp", smpp),
        await configs.add_carrier(
            "indian", "smpp", smpp | {"destinations": {"91": {"tlvs": [tlv]}}, "tlvs": []}
        ),
        await configs.add_carrier("vonage", "vonage", http),
    ]
    off = smpp | {"tlvs": [tlv | {"value": "{registration:x}"}]}
    await configs.add_carrier("off", "smpp", off, enabled=False)
    placed = [Placed(one.id, order, 1) for order, one in enumerate(carriers[:2], 1)]
    await configs.add_route("india", RouteSpec(placed, RouteMatch(countries=("IN",)), 1))
    await office.features.network.refresh()
    row = await approved(client)
    to, body = "+919812345678", {"from": "Shop", "template": "order-shipped", "variables": {"shop": "Acme"}}

    async def missing(**fields: Any) -> list[str]:
        reply = await client.post("/v1/sms/preview", body | {"to": to} | fields)
        assert reply.json["refusal"] is None, reply.body
        found: list[str] = reply.json["missing_registration"]
        return found

    async def of_texts() -> list[Any]:
        shown = await client.post(f"{PATH}/{row['id']}/preview", {})
        return [one["missing_registrations"] for one in shown.json["texts"]]

    assert await missing() == ["entity"]
    assert await missing(template=None, variables=None, text="Hi") == ["entity"]
    assert await missing(to="+4915112345678") == []
    assert await of_texts() == [[{"country": "IN", "ids": ["entity", "template"]}]] * 2
    registered = [{"country": "IN", "ids": {"template": "1107"}}]
    registered += [{"country": "IN", "ids": {"entity": "1101"}, "carrier": carriers[1].id}]
    await client.patch(f"{PATH}/{row['id']}", {"registrations": registered})
    assert await missing() == []
    assert await of_texts() == [[{"country": "IN", "ids": ["entity"]}]] * 2, "the other carrier has no entity"


async def test_a_preview_of_a_send_shows_template_and_registration(office: Office) -> None:
    client = office.client()
    registrations = [
        {"country": "IN", "ids": {"entity": "1101", "template": "1107"}},
        {"country": "IN", "ids": {"template": "1108"}, "language": "de", "number": 1},
        {"country": "IN", "ids": {"template": "1109"}, "number": 2},
        {"country": "IN", "ids": {"template": "1110"}, "carrier": "car_other"},
        {"country": "US", "ids": {"campaign": "C1"}},
    ]
    row = await approved(client, registrations=registrations)
    body = {"from": "Shop", "template": "order-shipped", "variables": {"shop": "Acme"}}
    for to, language, said in (
        ("+919812345678", "en", {"entity": "1101", "template": "1107"}),
        ("+919812345678", "de", {"entity": "1101", "template": "1108"}),
        (TO, "en", {"campaign": "C1"}),
        ("+4915112345678", "en", {}),
    ):
        reply = await client.post("/v1/sms/preview", body | {"to": to, "language": language})
        assert reply.status == 200, reply.body
        assert (reply.json["refusal"], reply.json["registration"]) == (None, said)
        assert reply.json["template"] == {"id": row["id"], "version": 1, "language": language}
    shown = (await client.post(f"{PATH}/{row['id']}/preview", {"language": "de"})).json["texts"][0]
    assert [one["ids"].get("template") for one in shown["registrations"]] == ["1107", "1108", "1110", None]
    assert shown["remarks"] == []
    other = (await client.post(f"{PATH}/{row['id']}/preview", {"language": "de", "version": 1})).json
    assert other["texts"][0]["remarks"] == []
    german = [{"country": "AE", "ids": {"template": "9"}, "language": "de"}]
    await client.patch(f"{PATH}/{row['id']}", {"registrations": [*registrations, *german]})
    english = (await client.post(f"{PATH}/{row['id']}/preview", {"language": "en"})).json["texts"][0]
    assert english["remarks"] == ["No registration in AE is for this text."]
    (told,) = english["findings"]
    assert (told["code"], told["values"]) == ("registered_elsewhere", {"country": "AE"})
    changed = await client.patch(f"{PATH}/{row['id']}", {"registrations": registrations[:1]})
    assert (changed.json["number"], len(changed.json["registrations"])) == (1, 1), "no new version"
    reply = await client.post("/v1/sms/preview", body | {"to": "+919812345678", "language": "de"})
    assert reply.json["registration"] == {"entity": "1101", "template": "1107"}


async def test_a_refusal_can_be_found(office: Office) -> None:
    client = office.client()
    await approved(client)
    await sent(client, variables={})
    office.clock.turn(5)
    await office.features.refusals.trace.stop()
    (row,) = (await client.get("/v1/refusals")).json["data"]
    assert (row["rule"], row["param"]) == ("template", "variables.shop")


async def test_redaction_takes_the_text_and_leaves_the_template(office: Office) -> None:
    client = office.client()
    row = await approved(client)
    message = (await sent(client)).json["id"]
    await client.post(f"/v1/messages/{message}/cancel")
    reply = await client.post(f"/v1/messages/{message}/redact")
    assert (reply.status, reply.json["text"]) == (200, None), reply.body
    assert reply.json["template"] in (None, {"id": row["id"], "version": 1, "language": "en"})


async def test_only_orders_without_a_template_are_plain(office: Office) -> None:
    """The express lane takes plain orders; the others are judged step by step."""
    client = office.client()
    await approved(client)
    await sent(client)
    await client.post("/v1/sms/send", {"from": "Shop", "to": TO, "text": "Hi"})
    made_from, plain = office.orders
    assert made_from.plain() is None
    assert plain.plain() is not None
