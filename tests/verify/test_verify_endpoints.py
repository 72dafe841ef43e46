"""Verifications over the API, with the real message path and handsets behind it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from onesixty.core.message import from_row
from onesixty.verify import life
from tests.support.secrecy import tells
from tests.support.waiting import wait_until_async
from tests.verify.conftest import PATH, PROFILES, TO, Desk, other_than


async def test_a_code_arrives_and_approves(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    made = await desk.start(reference="user-7")
    assert (made["status"], made["to"], made["attempts_left"], made["sends_left"]) == ("pending", TO, 5, 4)
    assert (made["reused"], made["sent"], made["language"], made["country"]) == (False, True, "en", "US")
    code = await desk.read()
    assert desk.texts()[0] == f"Acme: verification code {code}. Expires in 10 minutes. Don't share it."
    wrong = (await desk.check(made["id"], other_than(code))).json
    assert (wrong["outcome"], wrong["approved"], wrong["attempts_left"]) == ("wrong", False, 4)
    right = await desk.check(made["id"], f" {code[:3]}-{code[3:]} ")
    assert right.status == 200
    assert (right.json["outcome"], right.json["approved"], right.json["reference"]) == (
        "approved",
        True,
        "user-7",
    )
    again = await desk.check(made["id"], code)
    assert (again.status, again.json["code"]) == (409, "verification_approved")
    shown = await desk.get(made["id"])
    assert (shown["status"], shown["attempts_left"], shown["next_send_at"]) == ("approved", 0, None)
    await wait_until_async(lambda: desk.features.path.idle)
    assert (await desk.get(made["id"]))["sends"][0]["status"] == "delivered"
    assert [event["type"] for event in desk.told("verification.started", "verification.approved")] == [
        "verification.started",
        "verification.approved",
    ]


async def test_no_row_no_answer_and_no_event_has_the_code(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    made = await desk.start()
    code = await desk.read()
    await desk.check(made["id"], other_than(code))
    await desk.check(made["id"], code)
    await wait_until_async(lambda: desk.features.path.idle)
    (row,) = await desk.store.fetch(
        "message_of_account", id=made["sends"][0]["message_id"], account_id=desk.account_id, test=0
    )
    message = from_row(row)
    assert message.text == "Acme: verification code ******. Expires in 10 minutes. Don't share it."
    assert (message.class_, message.segments, message.reference) == ("otp", 1, made["id"])
    assert not tells(row, code)
    assert not tells(await desk.store.fetch("verifications_get", id=made["id"]), code)
    assert not tells(desk.events, code)
    shown = await desk.client().get(f"/v1/messages/{message.id}")
    assert shown.json["text"] == message.text
    assert not tells((await desk.client().get(f"/v1/messages/{message.id}/history")).body, code)
    assert not tells((await desk.client().get("/v1/messages/export?format=csv")).body, code)


async def test_a_start_finds_the_open_one_and_sends_nothing_too_early(desk: Desk) -> None:
    first = await desk.start()
    code = await desk.read()
    for written in (TO, "+1 (555) 123-4567", "0015551234567"):
        again = await desk.start(written, 200)
        assert (again["id"], again["reused"], again["sent"]) == (first["id"], True, False)
    await desk.turn(31)
    third = await desk.start(status=200)
    assert (third["id"], third["sent"], len(third["sends"])) == (first["id"], True, 2)
    assert await desk.read(2) == code, "the same code while it is young"
    await desk.turn(301)
    await desk.start(status=200)
    later = await desk.read(3)
    assert later != code
    assert [send["code_number"] for send in (await desk.get(first["id"]))["sends"]] == [1, 1, 2]
    assert (await desk.check(first["id"], code)).json["outcome"] == "approved", "the one before, for a minute"


async def test_a_resend_waits_its_pause_and_ends_with_the_sends(desk: Desk) -> None:
    made = await desk.start()
    path = f"{PATH}/{made['id']}/resend"
    early = await desk.client().post(path)
    assert (early.status, early.json["code"], early.headers["retry-after"]) == (
        429,
        "verification_later",
        "30",
    )
    for pause in (30, 60, 120, 240):
        await desk.turn(pause)
        assert (await desk.client().post(path)).status == 200
    await desk.turn(240)
    used = await desk.client().post(path)
    assert (used.status, used.json["code"]) == (409, "verification_sends_used")
    shown = await desk.get(made["id"])
    assert (shown["sends_left"], shown["next_send_at"]) == (0, None)
    again = await desk.start(status=200)
    assert (again["reused"], again["sent"]) == (True, False)


async def test_wrong_codes_exhaust_it_and_a_resend_gives_none_back(desk: Desk) -> None:
    made = await desk.start()
    code = await desk.read()
    wrong = other_than(code)
    assert (await desk.check(made["id"], wrong)).json["attempts_left"] == 4
    await desk.turn(30)
    resent = (await desk.client().post(f"{PATH}/{made['id']}/resend")).json
    assert resent["attempts_left"] == 4
    left = [(await desk.check(made["id"], wrong)).json for _ in range(4)]
    assert [one["outcome"] for one in left] == ["wrong", "wrong", "wrong", "exhausted"]
    assert (await desk.check(made["id"], code)).json["outcome"] == "exhausted"
    (failed,) = desk.told("verification.failed")
    assert failed["status"] == "exhausted"
    assert (await desk.start())["id"] != made["id"], "another one may begin"


async def test_two_checks_at_once_approve_once(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    made = await desk.start()
    code = await desk.read()
    replies = await asyncio.gather(*(desk.check(made["id"], code) for _ in range(8)))
    assert sorted(reply.status for reply in replies) == [200, *[409] * 7]
    assert len(desk.told("verification.approved")) == 1


async def test_a_burst_of_wrong_codes_is_counted_to_the_last(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    made = await desk.start()
    code = await desk.read()
    wrong = other_than(code)
    replies = await asyncio.gather(*(desk.check(made["id"], one) for one in [wrong] * 20 + [code]))
    outcomes = [reply.json["outcome"] for reply in replies if reply.status == 200]
    shown = await desk.get(made["id"])
    if "approved" in outcomes:  # the right one came before the last wrong one
        assert (outcomes.count("approved"), outcomes.count("exhausted")) == (1, 0)
        assert outcomes.count("wrong") <= 4
        assert shown["status"] == "approved"
    else:
        assert outcomes.count("wrong") == 4
        assert shown["status"] == "exhausted"
    assert shown["attempts_left"] == 0


async def test_two_starts_at_once_are_one(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    replies = await asyncio.gather(*(desk.client().post(PATH, {"to": TO}) for _ in range(6)))
    assert sorted(reply.status for reply in replies) == [200] * 5 + [201]
    assert len({reply.json["id"] for reply in replies}) == 1
    await desk.read()
    await wait_until_async(lambda: desk.features.path.idle)
    assert len(desk.texts()) == 1


async def test_a_key_makes_a_repeated_request_count_once(desk: Desk) -> None:
    client = desk.client()
    started = [await client.post(PATH, {"to": TO}, headers={"idempotency-key": "a"}) for _ in range(2)]
    assert started[0].status == started[1].status == 201
    assert started[0].body == started[1].body
    code = await desk.read()
    path = f"{PATH}/{started[0].json['id']}/check"
    for key, typed in (("b", other_than(code)), ("c", code)):
        two = [await client.post(path, {"code": typed}, headers={"idempotency-key": key}) for _ in range(2)]
        assert two[0].status == 200
        assert two[0].body == two[1].body
    assert (await desk.get(started[0].json["id"]))["attempts_left"] == 0
    other = await client.post(path, {"code": "000000"}, headers={"idempotency-key": "c"})
    assert (other.status, other.json["code"]) == (409, "idempotency_mismatch")
    rows = await desk.store.fetch(
        "idempotency_find",
        account_id=desk.account_id,
        test=0,
        endpoint=f"POST {path}",
        key="c",
        now=desk.clock.now_ms(),
    )
    assert not tells(rows, code)


async def test_a_code_by_number_is_checked_with_what_it_is_bound_to(desk: Desk) -> None:
    bound = {"amount": "49.9", "currency": "EUR", "payee": "Shop"}
    made = await desk.start(bind_to=bound)
    code = await desk.read()
    assert "Payment: €49.90 to Shop." in desk.texts()[0]

    async def by_number(**fields: Any) -> dict[str, Any]:
        reply = await desk.client().post(f"{PATH}/check", {"to": "+1 555 123 4567", "code": code} | fields)
        assert reply.status == 200, reply.body
        found: dict[str, Any] = reply.json
        return found

    assert (await by_number())["outcome"] == "unknown"
    assert (await by_number(bind_to=bound | {"amount": "50.00"}))["outcome"] == "unknown"
    other = await desk.check(made["id"], code, bind_to=bound | {"payee": "Thief"})
    assert other.json["outcome"] == "wrong"
    found = await by_number(bind_to=bound | {"amount": "49.900"})
    assert (found["outcome"], found["id"]) == ("approved", made["id"])
    assert (await desk.start(bind_to=bound | {"amount": "50"}))["id"] != made["id"]


async def test_a_code_of_the_callers_own(desk: Desk) -> None:
    made = await desk.start(code="ab 12-cd")
    assert (made["own_code"], await desk.read()) == (True, "AB12CD")
    other = await desk.client().post(PATH, {"to": TO, "code": "999999"})
    assert (other.status, other.json["code"]) == (429, "verification_later")
    assert (await desk.check(made["id"], "ab12cd")).json["outcome"] == "approved"
    assert "AB12CD" not in str(await desk.store.fetch("verifications_get", id=made["id"]))
    for written in ("123", "12345678901", "äöüß"):
        refused = await desk.client().post(PATH, {"to": TO, "code": written})
        assert (refused.status, refused.json["param"]) == (422, "code")


async def test_a_test_number_has_its_code_and_nothing_is_sent(desk: Desk) -> None:
    number = "+15550100001"
    path = f"/v1/verify-profiles/{desk.profile['id']}"
    changed = await desk.client().patch(
        path, {"test_numbers": [{"number": "+1 555 0100001", "code": "424242"}]}
    )
    assert changed.json["test_numbers"] == [{"number": number, "code": "424242"}]
    made = await desk.start(number)
    assert (made["test_number"], made["sent"], made["sends"]) == (True, False, [])
    assert (await desk.start(number, 200))["reused"]
    assert (await desk.check(made["id"], "424242")).json["outcome"] == "approved"
    assert desk.texts(number) == []
    assert all(event["test_number"] for event in desk.told())


async def test_a_canceled_one_stops_what_waits_and_says_what_was_gone(desk: Desk) -> None:
    made = await desk.start()
    code = await desk.read()
    canceled = (await desk.client().post(f"{PATH}/{made['id']}/cancel")).json
    assert (canceled["status"], canceled["stopped"]) == ("canceled", [])
    assert canceled["gone"] == [made["sends"][0]["message_id"]]
    assert (await desk.check(made["id"], code)).json["outcome"] == "canceled"
    assert (await desk.client().post(f"{PATH}/{made['id']}/cancel")).status == 200
    late = await desk.client().post(f"{PATH}/{made['id']}/resend")
    assert (late.status, late.json["code"]) == (409, "verification_ended")


async def test_a_life_ends_whether_the_sweep_came_or_not(desk: Desk) -> None:
    made = await desk.start()
    code = await desk.read()
    await desk.turn(600)
    assert (await desk.check(made["id"], code)).json["outcome"] == "expired"
    second = await desk.start()
    assert second["id"] != made["id"]
    await desk.turn(601)
    await desk.sweep()
    assert (await desk.get(second["id"]))["status"] == "expired"
    assert len(desk.told("verification.expired")) == 2


async def test_the_list_and_other_tenants(desk: Desk) -> None:
    made = await desk.start(reference="seven")
    client = desk.client()
    for query in ("", "?to=%2B1%20555%20123%204567", "?status=pending", "?reference=seven"):
        assert [one["id"] for one in (await client.get(PATH + query)).json["data"]] == [made["id"]], query
    for query in ("?to=%2B15551234568", "?status=approved", "?reference=eight"):
        assert (await client.get(PATH + query)).json["data"] == [], query
    foreign = desk.client(desk.test)
    assert (await foreign.get(f"{PATH}/{made['id']}")).status == 404
    assert (await foreign.get(PATH)).json["data"] == []
    unknown = await foreign.post(f"{PATH}/{made['id']}/check", {"code": "123456"})
    assert (unknown.status, unknown.json["outcome"]) == (200, "unknown")
    assert (await desk.get(made["id"]))["attempts_left"] == 5, "a check of another tenant is not counted here"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"to": "12"}, "invalid_field", "to"),
        ({"to": "123"}, "invalid_recipient", "to"),
        ({"to": "ada@"}, "invalid_recipient", "to"),
        ({"to": TO, "profile": "nobody"}, "invalid_field", "profile"),
        ({"to": TO, "channel": "email"}, "invalid_field", "channel"),
        ({"to": "ada@example.com"}, "invalid_field", "to"),
        ({"to": TO, "fallback_to": "+15550001111"}, "invalid_field", "fallback_to"),
        ({"to": TO, "language": "xx"}, "invalid_field", "language"),
        ({"to": TO, "user_ip": "300.1.1.1"}, "invalid_field", "user_ip"),
        ({"to": TO, "bind_to": {}}, "invalid_field", "bind_to"),
        ({}, "missing_field", "to"),
    ],
)
async def test_a_start_that_cannot_be_is_refused_by_field(
    desk: Desk, body: dict[str, Any], code: str, param: str
) -> None:
    reply = await desk.client().post(PATH, body)
    assert (reply.status, reply.json["code"], reply.json["param"]) == (422, code, param)


async def test_a_start_without_any_sender_names_the_profile(desk: Desk) -> None:
    await desk.client().post(PROFILES, {"name": "mute", "application": "Acme"})
    refused = await desk.client().post(PATH, {"to": TO, "profile": "mute"})
    assert (refused.status, refused.json["param"]) == (422, "profile.sender")
    assert refused.json["detail"].startswith("The profile has no `sender`, and the account has no default")


async def test_the_text_of_a_covered_message_cannot_be_changed(desk: Desk) -> None:
    for carrier in desk.carriers.values():
        desk.features.path.dispatcher.connect(carrier, None)
    made = await desk.start()
    path = f"/v1/messages/{made['sends'][0]['message_id']}"
    refused = await desk.client().patch(path, {"text": "Another text"})
    assert (refused.status, refused.json["code"], refused.json["param"]) == (409, "too_late", "text")
    assert (await desk.client().patch(path, {"priority": 3})).status == 200
    canceled = (await desk.client().post(f"{PATH}/{made['id']}/cancel")).json
    assert canceled["stopped"] == [made["sends"][0]["message_id"]]


async def test_a_redaction_removes_who_was_verified(desk: Desk) -> None:
    made = await desk.start(user_ip="192.0.2.7", device="phone", bind_to={"text": "login"})
    code = await desk.read()
    early = await desk.client().post(f"{PATH}/{made['id']}/redact")
    assert (early.status, early.json["code"]) == (409, "not_terminal")
    await desk.check(made["id"], code, bind_to={"text": "login"})
    await wait_until_async(lambda: desk.features.path.idle)
    redacted = (await desk.client().post(f"/v1/messages/{made['sends'][0]['message_id']}/redact")).json
    assert redacted["text"] is None
    shown = await desk.get(made["id"])
    assert [shown[name] for name in ("to", "fallback_to", "bind_to", "user_ip", "device")] == [None] * 5
    assert shown["status"] == "approved"
    assert (await desk.client().get(f"{PATH}?to=%2B15551234567")).json["data"] == []
    assert TO not in str(await desk.store.fetch("verifications_get", id=made["id"]))


async def test_the_figures_count_what_ended_once(desk_on_each_engine: Desk) -> None:
    desk = desk_on_each_engine
    made = await desk.start()
    await desk.turn(20)
    await desk.check(made["id"], await desk.read())
    await desk.start("+4915112345678")
    await desk.turn(life.LIVES * 600)
    for _ in range(3):
        await desk.sweep()
    figures = (await desk.client().get("/v1/reports/verifications?by=country,carrier")).json["data"]
    found = {(one["country"], one["carrier"]): one for one in figures}
    assert set(found) == {("US", "first"), ("DE", "first")}
    us, de = found["US", "first"], found["DE", "first"]
    assert (us["started"], us["approved"], us["conversion"], us["seconds_to_approval"]) == (1, 1, 1.0, 20.0)
    assert (de["started"], de["expired"], de["conversion"]) == (1, 1, 0.0)
    whole = (await desk.client().get("/v1/reports/verifications")).json["data"]
    assert [(one["started"], one["conversion"]) for one in whole] == [(2, 0.5)]


async def test_the_text_is_in_the_language_that_was_asked_for(desk: Desk) -> None:
    german = await desk.start(language="de-AT")
    assert german["language"] == "de"
    await desk.read()
    assert desk.texts()[0].startswith("Acme: Bestätigungscode ")
    path = f"/v1/verify-profiles/{desk.profile['id']}"
    assert (await desk.client().patch(path, {"language": "ru"})).status == 200
    russian = await desk.start("+79161234567")
    assert russian["language"] == "ru"
    await desk.read(1, "+79161234567")
    refused = await desk.client().patch(path, {"language": "tlh"})
    assert (refused.status, refused.json["param"]) == (422, "language")
    refused = await desk.client().patch(path, {"template": "nothing"})
    assert (refused.status, refused.json["param"]) == (422, "template")


async def test_checks_of_nothing_are_written_like_any_other(desk_on_each_engine: Desk) -> None:
    """And nobody sees where."""
    desk = desk_on_each_engine

    async def of_nothing(place: int) -> str:
        reply = await desk.client().post(f"{PATH}/check", {"to": f"+1555300{place:04}", "code": "123456"})
        assert reply.status == 200
        return str(reply.json["outcome"])

    assert set(await asyncio.gather(*(of_nothing(place) for place in range(40)))) == {"unknown"}
    assert {await of_nothing(place) for place in range(20)} == {"unknown"}
    assert (await desk.client().get(PATH)).json["data"] == []
    assert desk.told() == []
    await desk.turn(700)
    await desk.sweep()
    assert (await desk.client().get("/v1/reports/verifications")).json["data"][0]["started"] == 0
    assert desk.told() == []
