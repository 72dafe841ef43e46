"""`/v1/templates`: written, submitted, approved, changed, retired; previewed; listed; seen by whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.doors.office import Office
from tests.http.asgi import Client, Reply

PATH = "/v1/templates"
ORDER: dict[str, Any] = {
    "name": "order-shipped",
    "purpose": "transactional",
    "default_language": "en",
    "texts": {
        "en": "{shop}: arrives in {days, plural, one {# day} other {# days}}.",
        "de": "{shop}: kommt in {days, plural, one {# Tag} other {# Tagen}}.",
    },
    "variables": {
        "shop": {"type": "string", "longest": 20, "example": "Acme"},
        "days": {"type": "number", "longest": 2, "default": 3},
    },
}


@pytest.fixture
async def office(engine_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    made = await Office.open(engine_url, data_dir=tmp_path)
    yield made
    await made.close()


def refused(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["code"]


async def made(client: Client, **fields: Any) -> dict[str, Any]:
    reply = await client.post(PATH, ORDER | fields)
    assert reply.status == 201, reply.body
    found: dict[str, Any] = reply.json
    return found


async def approved(client: Client, **fields: Any) -> dict[str, Any]:
    row = await made(client, **fields)
    return await approve(client, row["id"])


async def approve(client: Client, id_: str) -> dict[str, Any]:
    submitted = await client.post(f"{PATH}/{id_}/submit")
    assert submitted.status == 200, submitted.body
    reply = await client.post(f"{PATH}/{id_}/decide", {"decision": "approve"})
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json
    return found


async def test_a_template_goes_from_a_draft_to_its_second_version(office: Office) -> None:
    client = office.client()
    row = await made(client)
    assert row["id"].startswith("tpl_")
    assert (row["number"], row["state"], row["approved"]) == (1, "draft", None)
    assert {name: row[name] for name in ORDER if name != "variables"} == {
        name: ORDER[name] for name in ORDER if name != "variables"
    }
    path = f"{PATH}/{row['id']}"
    draft = await client.patch(path, {"texts": {"fr": "{shop}: dans {days} jours."}})
    assert (draft.json["number"], sorted(draft.json["texts"])) == (1, ["de", "en", "fr"]), "a merge patch"
    submitted = await client.post(f"{path}/submit")
    assert (submitted.json["state"], submitted.json["submitted_at"] is not None) == ("submitted", True)
    locked = await client.patch(path, {"texts": {"fr": None}})
    assert (refused(locked), locked.json["state"]) == ((409, "template_state"), "submitted")
    assert (await client.patch(path, {"name": "shipped"})).json["name"] == "shipped"
    assert refused(await client.post(f"{path}/submit")) == (409, "template_state")
    back = await client.post(f"{path}/withdraw")
    assert back.json["state"] == "draft"

    first = await approve(client, row["id"])
    assert (first["number"], first["state"], first["approved"]) == (1, "approved", 1)
    second = await client.patch(path, {"texts": {"fr": None}})
    assert (second.json["number"], second.json["state"], second.json["approved"]) == (2, "draft", 1)
    again = await approve(client, row["id"])
    assert (again["number"], again["state"], again["approved"]) == (2, "approved", 2)

    versions = (await client.get(f"{path}/versions")).json["data"]
    assert [(one["number"], one["state"]) for one in versions] == [(2, "approved"), (1, "retired")]
    assert "fr" in versions[1]["texts"]
    assert versions[1]["retired_at"] is not None
    assert (await client.get(f"{path}/versions/1")).json == versions[1]
    assert refused(await client.get(f"{path}/versions/3")) == (404, "not_found")

    retired = await client.post(f"{path}/retire")
    assert (retired.json["state"], retired.json["approved"]) == ("retired", None)
    assert refused(await client.post(f"{path}/retire")) == (409, "template_state")
    anew = await client.post(f"{path}/submit")
    assert (anew.json["number"], anew.json["state"]) == (3, "submitted")
    assert (await client.get(f"{path}/versions/3")).json["state"] == "submitted"
    kept = await client.delete(path)
    assert refused(kept) == (409, "template_state"), "messages keep its versions"


async def test_a_rejection_has_reasons_and_a_new_draft_loses_them(office: Office) -> None:
    client = office.client()
    row = await made(client)
    path = f"{PATH}/{row['id']}"
    assert refused(await client.post(f"{path}/decide", {"decision": "approve"})) == (409, "template_state")
    await client.post(f"{path}/submit")
    bare = await client.post(f"{path}/decide", {"decision": "reject"})
    assert (refused(bare), bare.json["param"]) == ((422, "missing_field"), "reasons")
    both = await client.post(f"{path}/decide", {"decision": "approve", "reasons": ["x"]})
    assert (refused(both), both.json["param"]) == ((422, "invalid_field"), "reasons")
    said = await client.post(f"{path}/decide", {"decision": "reject", "reasons": ["Name the shop."]})
    assert (said.json["state"], said.json["reasons"]) == ("draft", ["Name the shop."])
    changed = await client.patch(path, {"texts": {"de": None}})
    assert changed.json["reasons"] == []
    assert (await client.delete(path)).status == 204
    assert refused(await client.get(path)) == (404, "not_found")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"name": "Order"}, "name"),
        ({"name": "tpl_x"}, "name"),
        ({"texts": {}}, "texts"),
        ({"texts": {"en": "  "}}, "texts.en"),
        ({"texts": {"en": "{shop"}}, "texts.en"),
        ({"texts": {"en": "{stop}"}}, "texts.en"),
        ({"texts": {"en": "{shop, plural, other {x}}"}}, "texts.en"),
        ({"texts": {"en": "{days, number, ::nonsense-here}"}}, "texts.en"),
        ({"texts": {"EN": "x", "en": "x"}}, "texts.EN"),
        ({"texts": {"english": "x", "en": "x"}}, "texts.english"),
        ({"default_language": "fr"}, "default_language"),
        ({"variables": {"shop": {"type": "text"}}}, "variables.shop.type"),
        ({"variables": ORDER["variables"] | {"Shop": {"type": "string"}}}, "variables.Shop"),
        ({"variables": ORDER["variables"] | {"u": {"type": "url"}}}, "variables.u.hosts"),
        ({"variables": ORDER["variables"] | {"d": {"type": "date", "default": "now"}}}, "variables.d.default"),
        ({"purpose": "spam"}, "purpose"),
        ({"max_segments": 0}, "max_segments"),
        ({"registrations": [{"country": "India", "ids": {"a": "1"}}]}, "registrations[0].country"),
        ({"registrations": [{"country": "IN", "ids": {}}]}, "registrations[0].ids"),
        ({"registrations": [{"country": "IN", "ids": {"a": "1"}, "language": "HI"}]}, "registrations[0].language"),
        ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
async def test_what_is_no_template_is_refused_with_its_field(
    tmp_path: Path, fields: dict[str, Any], param: str
) -> None:
    office = await Office.open(data_dir=tmp_path)
    reply = await office.client().post(PATH, ORDER | fields)
    assert (reply.status, reply.json["param"]) == (422, param), reply.body
    await office.close()


async def test_an_error_in_a_text_has_its_place(office: Office) -> None:
    reply = await office.client().post(PATH, ORDER | {"texts": {"en": "{shop}: {days, plural, one {x}}"}})
    assert (reply.json["position"], reply.json["variable"]) == (8, "days")
    assert "no branch `other`" in reply.json["detail"]


async def test_a_template_for_codes_has_a_code_before_it_is_submitted(office: Office) -> None:
    client = office.client()
    row = await made(client, purpose="otp")
    reply = await client.post(f"{PATH}/{row['id']}/submit")
    assert (refused(reply), reply.json["param"]) == ((422, "invalid_field"), "texts.en")


async def test_lists_filters_versions_and_names(office: Office) -> None:
    client = office.client()
    one = await made(client)
    two = await approved(client, name="welcome", purpose="marketing")
    twice = await client.post(PATH, ORDER)
    assert (refused(twice), twice.json["param"]) == ((409, "conflict"), "name")

    async def names(query: str) -> list[str]:
        return [row["name"] for row in (await client.get(f"{PATH}?{query}")).json["data"]]

    assert await names("") == ["welcome", "order-shipped"]
    assert await names("state=approved") == ["welcome"]
    assert await names("purpose=transactional") == ["order-shipped"]
    assert await names("name=ship") == ["order-shipped"]
    page = (await client.get(f"{PATH}?limit=1")).json
    assert await names(f"limit=1&after={page['next']}") == ["order-shipped"]
    etag = (await client.get(f"{PATH}/{one['id']}")).headers["etag"]
    late = await client.request("PATCH", f"{PATH}/{one['id']}", {"name": "x"}, headers={"if-match": '"7"'})
    assert refused(late) == (412, "precondition_failed")
    fine = await client.request("PATCH", f"{PATH}/{one['id']}", {"name": "x"}, headers={"if-match": etag})
    assert fine.json["version"] == 2
    moved = await client.request("POST", f"{PATH}/{two['id']}/retire", None, headers={"if-match": '"1"'})
    assert refused(moved) == (412, "precondition_failed")


async def test_test_keys_use_what_live_callers_write(office: Office) -> None:
    row = await made(office.client())
    test = office.client(office.test)
    assert (await test.get(f"{PATH}/{row['id']}")).json["name"] == "order-shipped"
    assert refused(await test.post(PATH, ORDER | {"name": "other"})) == (403, "wrong_mode")
    assert (await test.post(f"{PATH}/{row['id']}/preview", {})).status == 200


async def test_a_preview_renders_and_counts_each_language(office: Office) -> None:
    client = office.client()
    row = await made(client)
    path = f"{PATH}/{row['id']}/preview"
    whole = (await client.post(path, {})).json
    assert (whole["number"], whole["state"]) == (1, "draft")
    texts = {one["language"]: one for one in whole["texts"]}
    assert texts["en"]["rendered"]["text"] == "Acme: arrives in 3 days."
    assert texts["de"]["rendered"] == {
        "text": "Acme: kommt in 3 Tagen.", "characters": 23, "encoding": "gsm7", "segments": 1,
    }  # fmt: skip
    assert texts["en"]["spans"] == [
        {"variable": "shop", "start": 0, "length": 4},
    ]
    assert texts["en"]["shortest"]["text"] == "W: arrives in 1 day."
    assert texts["en"]["longest"]["text"] == f"{'W' * 20}: arrives in 99 days."
    assert (texts["en"]["longest_ucs2"]["encoding"], texts["en"]["longest_ucs2"]["segments"]) == ("ucs2", 1)

    one = (await client.post(path, {"language": "de-AT", "variables": {"shop": "Łódź", "days": 1}})).json
    (text,) = one["texts"]
    assert (one["asked"], text["language"]) == ("de-AT", "de")
    assert text["rendered"]["text"] == "Łódź: kommt in 1 Tag."
    assert [(each["character"], each["look_alike"]) for each in text["costly"]] == [
        ("Ł", "L"),
        ("ó", "o"),
        ("ź", "z"),
    ]
    assert text["if_transliterated"]["text"] == "Lodz: kommt in 1 Tag."

    other = await client.post(path, {"language": "pl", "text": "{days, plural, one {#} other {# x}} 5"})
    assert any("no branch `few`" in remark for remark in other.json["texts"][0]["remarks"])
    pl = f"{'x' * 80} {{days, plural, one {{# dzień}} other {{# dni}}}}"
    (branch,) = (await client.post(path, {"language": "pl", "text": pl})).json["texts"]
    assert (branch["longest"]["encoding"], branch["longest"]["segments"], branch["costly"]) == ("ucs2", 2, [])
    assert [one[-1] for one in branch["remarks"] if "UCS-2" in one] == ["ń"]
    for text in (branch, other.json["texts"][0]):
        assert [one["text"] for one in text["findings"]] == text["remarks"]
    found = {one["code"]: one["values"] for one in branch["findings"]}
    assert found["branch_missing"] == {"variable": "days", "branch": "many", "language": "pl"}
    assert (found["longest_ucs2"], found["variable_unused"]) == ({"characters": ["ń"]}, {"variable": "shop"})
    assert any("does not use the variable `shop`" in remark for remark in other.json["texts"][0]["remarks"])
    for body, param in (
        ({"variables": {"days": "many"}}, "variables.days"),
        ({"variables": {"dyas": 1}}, "variables.dyas"),
        ({"language": "german"}, "language"),
        ({"text": "x"}, "language"),
        ({"text": "{shop", "language": "en"}, "text"),
    ):
        reply = await client.post(path, body)
        assert (reply.status, reply.json["param"]) == (422, param), reply.body
    assert refused(await client.post(path, {"version": 2})) == (404, "not_found")


async def test_ready_texts_become_a_template(office: Office) -> None:
    client = office.client()
    found = (await client.get(f"{PATH}/ready")).json["data"]
    assert len(found) >= 40
    assert all(one["example"]["segments"] == 1 for one in found)
    (one,) = (await client.get(f"{PATH}/ready?purpose=payment&language=pt-MZ")).json["data"]
    assert (one["language"], sorted(one["variables"])) == (
        "pt-PT",
        ["amount", "app", "code", "minutes", "payee"],
    )
    assert refused(await client.get(f"{PATH}/ready?language=kk")) == (404, "not_found")
    assert (await client.get(f"{PATH}/ready?purpose=spam")).status == 422
    row = await made(
        client,
        name="verify",
        purpose="otp",
        texts={each["language"]: each["text"] for each in found},
        variables=found[0]["variables"],
    )
    assert (await approve(client, row["id"]))["approved"] == 1


async def test_changes_are_events_and_audit_entries(office: Office) -> None:
    client = office.client()
    hook = await client.post("/v1/webhooks", {"url": "https://example.com/h", "events": ["template.changed"]})
    assert hook.status == 201, hook.body
    row = await approved(client)
    found = (await client.get(f"/v1/webhooks/{hook.json['id']}/deliveries")).json["data"]
    assert len(found) == 3, "made, submitted, approved"
    await office.features.audit_log.chainer.chain()
    entries = (await client.get(f"/v1/audit?object_id={row['id']}")).json["data"]
    assert [entry["action"] for entry in entries] == ["changed", "changed", "made"]
    assert entries[0]["after"]["state"] == "approved"
