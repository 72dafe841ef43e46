"""Fallbacks: another carrier when no report comes, another channel when nobody types, at once when nobody gets it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.secrecy import tells
from tests.support.smtp import SmtpServer
from tests.support.waiting import wait_until_async
from tests.verify.conftest import PATH, TO, Desk

MAIL = "ada@example.com"
CHANNELS = [{"channel": "sms", "after": 90}, {"channel": "email", "after": 0}]
UNDELIVERABLE = "+15000160013"


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    made = SmtpServer()
    yield made
    await made.stop()


@pytest.fixture
async def desk(tmp_path: Any, engine_url: str, smtp: SmtpServer) -> AsyncIterator[Desk]:
    """A node with a mail server, on each engine."""
    port = await smtp.start()
    made = await Desk.open(engine_url, data_dir=tmp_path, mail_server=f"smtp://127.0.0.1:{port}")
    await made.ready(channels=CHANNELS)
    await made.features.verify.start()
    yield made
    await made.features.verify.stop(8)
    await made.close()


async def quiet(desk: Desk) -> None:
    """No carrier reports deliveries."""
    for carrier in desk.sandbox.carriers.values():
        carrier.behave({"receipts_missing": 1.0})


async def settled(desk: Desk) -> None:
    """All that was sent is on disk, and was looked at."""
    await wait_until_async(lambda: desk.features.path.idle)
    await desk.sweep()
    await wait_until_async(lambda: desk.features.path.idle)


async def reasons(desk: Desk, id_: str) -> list[tuple[str, str]]:
    return [(send["channel"], send["reason"]) for send in (await desk.get(id_))["sends"]]


async def test_a_missing_report_is_a_reason_for_the_other_carrier_and_then_for_mail(
    desk: Desk, smtp: SmtpServer
) -> None:
    await quiet(desk)
    made = await desk.start(fallback_to=MAIL.upper())
    code = await desk.read()
    await settled(desk)
    assert [event["sends"][0]["status"] for event in desk.told("verification.sent")] == ["sent"]
    await desk.turn(44)
    await settled(desk)
    assert await reasons(desk, made["id"]) == [("sms", "asked")]
    await desk.turn(2)
    await settled(desk)
    assert await desk.read(2) == code
    shown = await desk.get(made["id"])
    messages = [send["message_id"] for send in shown["sends"]]
    assert await reasons(desk, made["id"]) == [("sms", "asked"), ("sms", "no_report")]
    carriers = [(await desk.client().get(f"/v1/messages/{id_}/history")).json["data"] for id_ in messages]
    used = [{entry.get("carrier") for entry in history if entry["type"] == "attempt"} for history in carriers]
    assert used == [{"first"}, {"second"}]

    await desk.turn(46)  # there is no third carrier: the time of the channel goes on
    await settled(desk)
    assert [step["what"] for step in (await desk.get(made["id"]))["history"]].count("skipped") == 1
    await desk.turn(45)
    await settled(desk)
    await wait_until_async(lambda: len(smtp.mails) == 1)
    assert (await reasons(desk, made["id"]))[2] == ("email", "not_approved_in_time")
    assert f"To: {MAIL}" in smtp.mails[0]
    assert code in smtp.mails[0]

    async def taken() -> bool:
        return (await desk.get(made["id"]))["sends"][2]["status"] == "sent"

    await wait_until_async(taken)
    rows = await desk.store.fetch("verifications_get", id=made["id"])
    assert not tells(rows, code)
    assert (await desk.check(made["id"], code)).json["outcome"] == "approved"


async def test_nothing_falls_back_after_the_approval(desk: Desk, smtp: SmtpServer) -> None:
    await quiet(desk)
    made = await desk.start(fallback_to=MAIL)
    await settled(desk)
    await desk.check(made["id"], await desk.read())
    await desk.turn(200)
    await settled(desk)
    assert await reasons(desk, made["id"]) == [("sms", "asked")]
    assert smtp.mails == []


async def test_what_nobody_gets_falls_back_at_once(desk: Desk, smtp: SmtpServer) -> None:
    made = await desk.start(UNDELIVERABLE, fallback_to=MAIL)

    async def fell_back() -> bool:
        await settled(desk)
        return len((await desk.get(made["id"]))["sends"]) == 2

    await wait_until_async(fell_back)
    assert await reasons(desk, made["id"]) == [("sms", "asked"), ("email", "send_failed")]
    await wait_until_async(lambda: len(smtp.mails) == 1)


async def test_without_another_channel_it_fails(desk: Desk) -> None:
    made = await desk.start(UNDELIVERABLE)

    async def failed() -> bool:
        await settled(desk)
        return (await desk.get(made["id"]))["status"] == "failed"

    await wait_until_async(failed)
    (event,) = desk.told("verification.failed")
    assert (event["status"], event["reason"], event["sends"][0]["error"]) == (
        "failed",
        "send_failed",
        "undeliverable",
    )


async def test_an_address_alone_is_verified_by_mail(desk: Desk, smtp: SmtpServer) -> None:
    made = await desk.start(" Ada@Example.COM ")
    assert (made["to"], made["channel"], made["country"]) == (MAIL, "email", None)
    await wait_until_async(lambda: len(smtp.mails) == 1)
    body = smtp.mails[0].split("\r\n\r\n", 1)[1]
    code = body.partition("code ")[2][:6]
    assert code not in smtp.mails[0].split("\r\n\r\n", 1)[0], "no header has it"
    reply = await desk.client().post(f"{PATH}/check", {"to": MAIL, "code": code})
    assert (reply.json["outcome"], reply.json["id"]) == ("approved", made["id"])


async def test_a_refused_mailbox_ends_the_send(desk: Desk, smtp: SmtpServer) -> None:
    smtp.refusal = "550 no such mailbox"
    made = await desk.start(MAIL)

    async def failed() -> bool:
        await desk.sweep()
        return (await desk.get(made["id"]))["status"] == "failed"

    await wait_until_async(failed)
    assert (await desk.get(made["id"]))["sends"][0]["error"] == "recipient_refused"


async def test_the_user_wishes_another_channel(desk: Desk, smtp: SmtpServer) -> None:
    made = await desk.start(fallback_to=MAIL)
    code = await desk.read()
    await desk.turn(31)
    reply = await desk.client().post(f"{PATH}/{made['id']}/resend", {"channel": "email"})
    assert (reply.status, reply.json["channel"]) == (200, "email")
    await wait_until_async(lambda: len(smtp.mails) == 1)
    assert code in smtp.mails[0]


async def test_a_thousand_that_expire_together_are_a_few_transactions(desk: Desk) -> None:
    number = 15550200000
    client = desk.client()
    path = f"/v1/verify-profiles/{desk.profile['id']}"
    numbers = [f"+{number + place}" for place in range(20)]
    await client.patch(path, {"test_numbers": [{"number": one, "code": "1234"} for one in numbers]})
    for one in numbers:
        await desk.start(one)
    await desk.turn(601)
    await desk.sweep()
    found = (await client.get(f"{PATH}?status=expired&limit=200")).json["data"]
    assert sorted(one["to"] for one in found) == numbers
    assert TO not in numbers
