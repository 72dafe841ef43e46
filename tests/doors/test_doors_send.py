"""POST /v1/sms/send where all is well: what is asked reaches intake, what it made comes back."""

import json
import re
from typing import Any

from onesixty.channels.sms.view import sms_view
from tests.http.world import SEND


async def test_the_first_call_of_the_documentation(world: Any) -> None:
    reply = await world.client().post("/v1/sms/send", SEND)
    assert reply.status == 202
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["content-length"] == str(len(reply.body))
    message = world.accepted[0]
    assert reply.json == {"message_id": message.id, "recipient": "+15551234567", **sms_view(message)}
    assert list(reply.json)[:3] == ["message_id", "status", "recipient"]
    assert reply.json["status"] == "queued"
    assert re.fullmatch(r"msg_[0-9a-z]{26}", reply.json["message_id"])


async def test_every_field_reaches_intake(world: Any) -> None:
    reply = await world.client().post(
        "/v1/sms/send",
        {
            **SEND,
            "scheduled_at": "2026-12-24T18:00:00.250+01:00",
            "valid_for": 600,
            "priority": 7,
            "class": "otp",
            "encoding": "gsm7",
            "max_segments": 2,
            "reference": "order 4711",
            "tags": ["a", "b"],
            "status_callback": "https://example.com/hook",
            "on_unknown": "hold",
            "route": "default",
        },
    )
    assert reply.status == 202
    assert reply.json["status"] == "scheduled"
    order = world.orders[0]
    assert (order.sender, order.recipient, order.text) == tuple(SEND.values())
    assert order.scheduled_at == 1_798_131_600_250
    assert (order.valid_for, order.priority, order.class_, order.encoding) == (600, 7, "otp", "gsm7")
    assert (order.max_segments, order.reference, order.tags) == (2, "order 4711", ["a", "b"])
    assert (order.status_callback, order.on_unknown, order.route) == (
        "https://example.com/hook",
        "hold",
        "default",
    )
    assert order.idempotency is None


async def test_null_is_a_field_left_out(world: Any) -> None:
    optional = ["scheduled_at", "valid_for", "class", "max_segments", "reference", "tags", "status_callback"]
    reply = await world.client().post("/v1/sms/send", {**SEND, **dict.fromkeys(optional)})
    assert reply.status == 202
    order = world.orders[0]
    assert (order.scheduled_at, order.class_, order.tags) == (None, None, [])


async def test_text_of_any_language_arrives_as_it_was_sent(world: Any) -> None:
    text = "Grüße, 你好, שלום 👩‍👩‍👧 \\u0000 “quotes”"
    for body in (json.dumps({**SEND, "text": text}), json.dumps({**SEND, "text": text}, ensure_ascii=False)):
        await world.client().post("/v1/sms/send", raw=body.encode())
    assert [order.text for order in world.orders] == [text, text]


async def test_request_ids_are_made_or_taken_over(world: Any) -> None:
    client = world.client()
    made = (await client.post("/v1/sms/send", SEND)).headers["x-request-id"]
    assert re.fullmatch(r"req_[0-9a-z]{26}", made)
    own = await client.post("/v1/sms/send", SEND, headers={"x-request-id": "trace-1.2_3"})
    assert own.headers["x-request-id"] == "trace-1.2_3"
    for odd in ("a b", "x" * 129, "ü", ""):
        reply = await client.post("/v1/sms/send", SEND, headers={"x-request-id": odd})
        assert reply.headers["x-request-id"].startswith("req_")


async def test_requests_are_counted_by_route_never_by_path(world: Any) -> None:
    client = world.client()
    await client.post("/v1/sms/send", SEND)
    await client.post("/v1/sms/send", {})
    await client.get("/v1/whatever/4711")
    await client.get("/healthz")
    assert world.counted == [("/v1/sms/send", 202), ("/v1/sms/send", 422), ("none", 404), ("/healthz", 200)]
