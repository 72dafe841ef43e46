"""Guards over the API: what they stop in front of real carriers, what is on record, released and trusted."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty.verify.guards.catalogue import GUARDS
from tests.verify.conftest import PROFILES, Desk

BLOCKS = "/v1/verify-blocks"
TRUSTED = "/v1/trusted-numbers"


@pytest.fixture
async def guarded(desk_on_each_engine: Desk) -> Desk:
    """A desk whose guards take its carriers for real ones, and whose profile allows one country."""
    desk = desk_on_each_engine
    desk.features.path.router.simulated = frozenset()
    changed = await desk.client().patch(f"{PROFILES}/{desk.profile['id']}", {"guards": {"countries": ["US"]}})
    assert changed.status == 200, changed.body
    return desk


def number(place: int) -> str:
    """Numbers of one range, far enough apart to be no sequence."""
    return f"+155512{place * 137 % 10_000 + 10_000:05d}"


async def crowd(desk: Desk, count: int) -> list[dict[str, Any]]:
    return [await desk.start(number(place), user_ip=f"198.51.100.{place + 1}") for place in range(count)]


async def test_a_new_profile_allows_the_country_of_its_account(desk: Desk) -> None:
    assert desk.profile["guards"] == {"countries": []}
    assert any("No country is allowed" in said for said in desk.profile["warnings"])
    await desk.client().patch(
        f"/v1/profiles/{desk.account_id}",
        {
            "legal_name": "Shop",
            "street": "High St 1",
            "city": "York",
            "country": "GB",
            "contact_email": "a@b.example",
        },
    )
    made = await desk.client().post(PROFILES, {"name": "pay", "application": "Acme"})
    assert made.json["guards"] == {"countries": ["GB"]}
    given = await desk.client().post(
        PROFILES, {"name": "x", "application": "Acme", "guards": {"countries": ["ID"]}}
    )
    assert any("Artificial traffic to ID" in said for said in given.json["warnings"])


async def test_a_new_profile_allows_the_country_that_the_account_itself_names(desk: Desk) -> None:
    changed = await desk.client().patch(f"/v1/accounts/{desk.account_id}", {"country": "DE"})
    assert changed.status == 200, changed.body
    made = await desk.client().post(PROFILES, {"name": "pay", "application": "Acme"})
    assert made.json["guards"] == {"countries": ["DE"]}


@pytest.mark.parametrize(
    ("guards", "param"),
    [
        ({"countries": ["XX"]}, "guards.countries[0]"),
        ({"modes": {"moon": "off"}}, "guards.modes.moon"),
        ({"thresholds": {"address.hold": 5}}, "guards.thresholds.address.hold"),
        ({"thresholds": {"address.hold_above": 0}}, "guards.thresholds.address.hold_above"),
        ({"thresholds": {"address.hold_above": 30}}, "guards.thresholds.address.block_above"),
    ],
)
async def test_a_slip_in_a_profile_is_named(desk: Desk, guards: dict[str, Any], param: str) -> None:
    reply = await desk.client().patch(f"{PROFILES}/{desk.profile['id']}", {"guards": guards})
    assert (reply.status, reply.json["param"]) == (422, param)


async def test_where_no_carrier_is_real_guards_stop_nothing(desk: Desk) -> None:
    assert (await desk.start("+4915112345678"))["status"] == "pending"


async def test_a_blocked_start_costs_nothing_and_says_why(guarded: Desk) -> None:
    found = await guarded.start("+4915112345678")
    assert (found["status"], found["guard"], found["public_reason"]) == ("blocked", "country", "try_later")
    assert "DE" in found["reason"]
    assert found["finding"] == {"code": "country", "values": {"country": "DE"}}
    assert found["sends"] == []
    (told,) = guarded.told("verification.blocked")
    assert (told["guard"], told["finding"]) == ("country", found["finding"])
    assert "to" not in told


async def test_a_redaction_leaves_the_number_in_no_reason(guarded: Desk) -> None:
    premium = "+499001234567"
    allowed = {"guards": {"countries": ["US", "DE"]}}
    assert (await guarded.client().patch(f"{PROFILES}/{guarded.profile['id']}", allowed)).status == 200
    found = await guarded.start(premium)
    said = f"{premium} is a number of the type premium rate, which gets no SMS."
    assert (found["status"], found["guard"], found["reason"]) == ("blocked", "line", said)
    shown = await guarded.get(found["id"])
    assert [step["reason"] for step in shown["history"]][-1] == shown["reason"] == said
    redacted = await guarded.client().post(f"/v1/verifications/{found['id']}/redact")
    assert redacted.status == 200, redacted.body
    assert redacted.json["reason"] == said.replace(premium, "…")
    assert redacted.json["finding"] == {"code": "line", "values": {"number": None, "type": "premium_rate"}}
    assert premium not in str(await guarded.store.fetch("verifications_get", id=found["id"]))


async def test_held_ones_are_sent_when_others_approve(guarded: Desk) -> None:
    found = await crowd(guarded, 11)
    assert [one["status"] for one in found] == ["pending"] * 10 + ["held"]
    assert (found[-1]["guard"], found[-1]["sends"]) == ("range_open", [])
    await guarded.turn(3)
    await guarded.sweep()
    assert (await guarded.get(found[-1]["id"]))["status"] == "held"
    code = await guarded.read(to=number(0))
    assert (await guarded.check(found[0]["id"], code)).json["outcome"] == "approved"
    await guarded.turn(3)
    await guarded.sweep()
    assert (await guarded.get(found[-1]["id"]))["status"] == "pending"
    late = await guarded.read(to=number(10))
    assert (await guarded.check(found[-1]["id"], late)).json["outcome"] == "approved"


async def test_a_range_is_blocked_listed_and_released(guarded: Desk) -> None:
    client = guarded.client()
    first = await guarded.start()  # somebody approves in the country
    assert (await guarded.check(first["id"], await guarded.read())).json["outcome"] == "approved"
    found = await crowd(guarded, 11)
    await guarded.turn(75)
    blocked = await guarded.start(number(12), user_ip="203.0.113.1")
    assert (blocked["status"], blocked["guard"]) == ("blocked", "range_score")
    listed = (await client.get(f"{BLOCKS}?standing=true")).json["data"]
    assert {(one["guard"], one["action"], one["lasting"]) for one in listed} == {
        ("range_open", "hold", False),
        ("range_score", "block", True),
    }
    row = next(one for one in listed if one["lasting"])
    assert (row["subject"], row["strikes"], row["released_at"]) == (number(0)[:-4], 1, None)
    assert row["finding"] == {"code": "range_score", "values": {"range": number(0)[:-4]}}
    assert (await client.get(f"{BLOCKS}/{row['id']}")).json == row
    released = await client.post(f"{BLOCKS}/{row['id']}/release")
    assert (released.status, released.json["released_at"] is None) == (200, False)
    again = await client.post(f"{BLOCKS}/{row['id']}/release")
    assert again.json == released.json
    assert (await client.get(f"{BLOCKS}?standing=true")).json["data"] == []
    assert (await guarded.start(number(13), user_ip="203.0.113.2"))["status"] == "pending"
    assert (await guarded.get(found[-1]["id"]))["status"] == "held"
    await guarded.sweep()
    assert (await guarded.get(found[-1]["id"]))["status"] == "pending"
    await guarded.features.audit_log.chainer.chain()
    entries = (await client.get(f"/v1/audit?object_id={row['id']}")).json["data"]
    assert [entry["action"] for entry in entries] == ["changed"]


async def test_a_resend_into_a_blocked_range_waits(guarded: Desk) -> None:
    found = await crowd(guarded, 10)
    await guarded.turn(75)
    assert (await guarded.start(number(12), user_ip="203.0.113.1"))["status"] == "blocked"
    reply = await guarded.client().post(f"/v1/verifications/{found[0]['id']}/resend")
    assert (reply.status, reply.json["code"]) == (429, "verification_later")
    assert (reply.json["guard"], reply.json["public_reason"]) == ("range_score", "try_later")
    assert reply.json["finding"]["code"] in GUARDS["range_score"].reasons
    assert reply.json["finding"]["values"].keys() == {"range"}


async def test_trusted_numbers_pass(guarded: Desk) -> None:
    client = guarded.client()
    made = await client.post(TRUSTED, {"number": "+491511234*", "note": "A fleet"})
    assert made.status == 201, made.body
    assert (await guarded.start("+4915112345678"))["status"] == "pending"
    assert (await guarded.start("+4915212345678"))["status"] == "blocked"
    twice = await client.post(TRUSTED, {"number": "+491511234*"})
    assert (twice.status, twice.json["param"]) == (409, "number")
    wrong = await client.post(TRUSTED, {"number": "0151"})
    assert (wrong.status, wrong.json["param"]) == (422, "number")
    assert (await client.delete(f"{TRUSTED}/{made.json['id']}")).status == 204
    assert (await guarded.start("+4915112345679"))["status"] == "blocked"


async def test_the_table_of_guards_is_shown(desk: Desk) -> None:
    found = (await desk.client().get("/v1/verify-guards")).json["data"]
    assert [guard["name"] for guard in found] == list(GUARDS)
    names = [threshold["name"] for guard in found for threshold in guard["thresholds"]]
    assert "address.hold_above" in names


async def test_texts_end_with_the_line_that_phones_read(desk: Desk) -> None:
    formats = {"domain": "example.com", "android_hashes": ["Iyrw0/SRopH"]}
    changed = await desk.client().patch(f"{PROFILES}/{desk.profile['id']}", {"formats": formats})
    assert (changed.status, changed.json["formats"]) == (200, formats)
    made = await desk.start()
    code = await desk.read()
    assert desk.texts()[0].endswith(f"\n@example.com #{code}")
    assert (await desk.check(made["id"], code)).json["outcome"] == "approved"
    await desk.start("+15551234599", app_hash="Iyrw0/SRopH")
    await desk.read(to="+15551234599")
    assert desk.texts("+15551234599")[0].endswith("\nIyrw0/SRopH")
    unknown = await desk.client().post("/v1/verifications", {"to": "+15551234598", "app_hash": "OXC8BLsvqMI"})
    assert (unknown.status, unknown.json["param"]) == (422, "app_hash")
    refused = await desk.client().patch(
        f"{PROFILES}/{desk.profile['id']}", {"formats": {"domain": "a.com:80"}}
    )
    assert (refused.status, refused.json["param"]) == (422, "formats.domain")


async def test_a_preview_shows_the_text_and_what_breaks_readers(desk: Desk) -> None:
    path = f"{PROFILES}/{desk.profile['id']}"
    await desk.client().patch(path, {"formats": {"domain": "example.com"}, "application": "Acme 2026"})
    shown = (await desk.client().post(f"{path}/preview", {"language": "de"})).json
    assert (shown["language"], shown["segments"], shown["encoding"]) == ("de", 1, "gsm7")
    assert shown["text"].endswith("\n@example.com #******")
    (found,) = [each for each in shown["findings"] if each["code"] == "other_digits"]
    assert found["words"] == shown["text"][found["start"] : found["end"]] == "2026"


async def test_a_format_that_does_not_fit_is_not_saved(desk: Desk) -> None:
    path = f"{PROFILES}/{desk.profile['id']}"
    hashes = {"formats": {"android_hashes": ["Iyrw0/SRopH"]}}
    long = "The Application of Acme Incorporated"
    saved = await desk.client().patch(path, hashes | {"application": long})
    assert saved.status == 200, saved.body
    assert any("more than one segment: " in said for said in saved.json["warnings"])
    refused = await desk.client().patch(path, {"language": "el"})
    assert (refused.status, refused.json["param"]) == (422, "formats")
    assert "segments" in refused.json["detail"]
