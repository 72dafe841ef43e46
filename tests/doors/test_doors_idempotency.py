"""Idempotency-Key: a retry does not send twice (promise 6)."""

import asyncio
import json
from typing import Any

import pytest

from onesixty.core.errors import Problem
from onesixty.core.message import Message
from tests.doors.office import Office
from tests.http.asgi import Client
from tests.http.world import SEND

KEY = {"idempotency-key": "order-4711"}
PATH = "/v1/sms/send"


async def test_a_retry_gets_the_first_answers_bytes(office: Office) -> None:
    """A client that retries after a time-out must not send twice."""
    first = await office.client().post(PATH, SEND, headers=KEY)
    office.clock.turn(3600)
    again = await office.client().post(PATH, SEND, headers=KEY)
    assert first.status == again.status == 202
    assert again.body == first.body
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(office.accepted) == 1


async def test_twins_at_once_make_one_message(office: Office) -> None:
    """The retry is on its way while the first is still being stored, on two nodes."""
    other = Client(office.another_front(), office.live)
    replies = await asyncio.gather(
        *(client.post(PATH, SEND, headers=KEY) for client in (office.client(), other) for _ in range(5))
    )
    assert {reply.status for reply in replies} == {202}
    assert len({reply.body for reply in replies}) == 1
    assert len(office.accepted) == 1


async def test_another_body_is_refused(office: Office) -> None:
    await office.client().post(PATH, SEND, headers=KEY)
    for body in ({**SEND, "text": "Something else"}, {**SEND, "priority": 1}):
        reply = await office.client().post(PATH, body, headers=KEY)
        assert (reply.status, reply.json["code"]) == (409, "idempotency_mismatch")
        assert reply.json["param"] == "Idempotency-Key"
        assert reply.json["retryable"] is False
    assert len(office.accepted) == 1


async def test_the_same_body_spelled_otherwise_is_the_same(office: Office) -> None:
    first = await office.client().post(PATH, SEND, headers=KEY)
    turned = json.dumps(dict(reversed(SEND.items())), indent=2).encode()
    again = await office.client().post(PATH, raw=turned, headers=KEY)
    assert again.body == first.body


async def test_a_key_belongs_to_its_account_and_mode(office: Office) -> None:
    _, keys = await office.features.accounts.create("other", "EUR", 1)
    for secret in (office.live, office.test, keys[0].secret):
        assert (await office.client(secret).post(PATH, SEND, headers=KEY)).status == 202
    assert len(office.accepted) == 3


async def test_after_a_day_a_key_is_free_again(office: Office) -> None:
    first = await office.client().post(PATH, SEND, headers=KEY)
    office.clock.turn(24 * 3600 - 1)
    assert (await office.client().post(PATH, SEND, headers=KEY)).body == first.body
    office.clock.turn(1)
    later = await office.client().post(PATH, {**SEND, "text": "Another day"}, headers=KEY)
    assert later.status == 202
    assert later.json["text"] == "Another day"
    again = await office.client().post(PATH, {**SEND, "text": "Another day"}, headers=KEY)
    assert again.body == later.body
    office.clock.turn(48 * 3600)
    await office.store.execute("idempotency_expire", now=office.clock.now_ms())
    assert (await office.client().post(PATH, SEND, headers=KEY)).status == 202


async def test_a_refusal_that_a_retry_cannot_change_is_kept(office: Office) -> None:
    wrong = {**SEND, "scheduled_at": "2020-01-01T00:00:00Z"}
    first = await office.client().post(PATH, wrong, headers=KEY)
    again = await office.client().post(PATH, wrong, headers=KEY)
    assert first.status == again.status == 422
    assert again.body == first.body
    assert again.headers["content-type"] == "application/problem+json"
    other = await office.client().post(PATH, SEND, headers=KEY)
    assert other.json["code"] == "idempotency_mismatch"


async def test_a_retry_is_answered_from_the_first_even_where_it_would_be_refused_now(
    office: Office,
) -> None:
    soon = {**SEND, "scheduled_at": "2026-11-24T00:00:00Z"}
    first = await office.client().post(PATH, soon, headers=KEY)
    assert first.status == 202, first.body
    office.clock.turn(20 * 3600)
    assert office.clock.now_ms() > 1_795_450_000_000
    again = await office.client().post(PATH, soon, headers=KEY)
    assert again.body == first.body


async def test_what_was_not_understood_takes_no_key(office: Office) -> None:
    assert (await office.client().post(PATH, {**SEND, "colour": 1}, headers=KEY)).status == 422
    assert (await office.client().post(PATH, raw=b"{", headers=KEY)).status == 400
    assert (await office.client().post(PATH, SEND, headers=KEY)).status == 202


@pytest.mark.parametrize("code", ["unavailable", "rate_limited", "internal_error"])
async def test_what_a_retry_can_change_is_not_kept(office: Office, code: str) -> None:
    def fail(*_order: Any) -> Message:
        raise Problem(code, retry_after=1)

    intake = office.features.path.intake
    judge, intake.judge = intake.judge, fail  # type: ignore[method-assign]
    assert (await office.client().post(PATH, SEND, headers=KEY)).json["code"] == code
    intake.judge = judge  # type: ignore[method-assign]
    assert (await office.client().post(PATH, SEND, headers=KEY)).status == 202


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "tab\tinside", "ümlaut"])
async def test_a_key_that_is_none_is_refused(office: Office, key: str) -> None:
    reply = await office.client().post(PATH, SEND, headers={"idempotency-key": key})
    assert (reply.status, reply.json["code"]) == (422, "invalid_parameter")
    assert not office.accepted


async def test_redaction_reaches_the_kept_answer(office: Office) -> None:
    first = await office.client().post(PATH, SEND, headers=KEY)
    await office.store.execute("idempotency_redact", message_id=first.json["id"])
    rows = await office.store.fetch(
        "idempotency_find",
        account_id=office.accepted[0].account_id,
        test=0,
        endpoint="POST /v1/sms/send",
        key="order-4711",
        now=office.clock.now_ms(),
    )
    assert rows[0][2] == ""
    again = await office.client().post(PATH, SEND, headers=KEY)
    assert (again.status, again.json["code"]) == (404, "not_found")
    assert len(office.accepted) == 1


async def test_a_body_that_means_the_same_is_the_same(office: Office) -> None:
    """Another zone of the same moment, another way to write a number: a client may build its body anew."""
    first = {**SEND, "scheduled_at": "2027-01-15T18:00:00Z"}
    again = {
        **SEND,
        "to": "+1 (555) 123-4567",
        "scheduled_at": "2027-01-15T19:00:00+01:00",
        "priority": None,
    }
    replies = [await office.client().post(PATH, body, headers=KEY) for body in (first, again)]
    assert [reply.status for reply in replies] == [202, 202], replies[1].body
    assert replies[0].body == replies[1].body
    other = {**again, "scheduled_at": "2027-01-15T19:00:00+02:00"}
    assert (await office.client().post(PATH, other, headers=KEY)).json["code"] == "idempotency_mismatch"


async def test_so_is_a_batch(office: Office) -> None:
    bodies = [
        {**SEND, "to": ["+15551234567", "+15551234568"]},
        {**SEND, "to": ["001 555 1234567", "+1-555-1234568"]},
    ]
    replies = [await office.client().post("/v1/sms/batch", body, headers=KEY) for body in bodies]
    assert [reply.status for reply in replies] == [202, 202], replies[1].body
    assert replies[0].body == replies[1].body
    wrong = b'{"from":"A","to":["+15551234567"],"text":"a","to":["+15551234568"]}'
    headers = {"content-type": "application/json"}
    assert (await office.client().post("/v1/sms/batch", raw=wrong, headers=headers)).json[
        "code"
    ] == "bad_json"


@pytest.mark.parametrize("path", ["accounts", "keys", "jobs", "batches"])
async def test_what_is_no_cursor_is_not_the_end_of_a_list(office: Office, path: str) -> None:
    for after in ("xyz", "msg_01h455vb4pex5vsknk084sn02q", "5"):
        reply = await office.client().get(f"/v1/{path}?after={after}")
        assert (reply.status, reply.json["code"], reply.json["param"]) == (422, "invalid_parameter", "after")
