"""The body of the answer to a send: the same bytes with a template as without."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from onesixty.channels.sms.view import sms_view
from onesixty.core.message import Message
from onesixty.doors.v1.sent import _template, sent_body

SECONDS = st.integers(0, 4_000_000_000_000)
MESSAGES = st.builds(
    Message,
    id=st.sampled_from(["msg_01h455vb4pex5vsknk084sn02q", "msg_01h455vb4pex5vsknk084sn02r"]),
    account_id=st.just("acc_1"),
    test=st.booleans(),
    sender=st.sampled_from(["YourBrand", "100%", "%s", "+15551234567", '"<own>"']),
    recipient=st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    text=st.text(st.characters(exclude_categories=["Cs"])),
    encoding=st.sampled_from(["gsm7", "ucs2", "binary"]),
    segments=st.integers(1, 3),
    class_=st.sampled_from(["otp", "transactional"]),
    country=st.sampled_from([None, "US"]),
    reference=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    tags=st.sampled_from([None, '["a","%s"]', '["\\u0000"]']),
    batch_id=st.sampled_from([None, "bat_1"]),
    content=st.sampled_from([None, '{"flash":true}', '{"udh":"06050415820000"}']),
    status_callback=st.none() | st.text(max_size=5),
    origin=st.none() | st.text(max_size=5),
    price=st.sampled_from([0, 7500]),
    created_at=SECONDS,
    scheduled_at=st.none() | SECONDS,
    expires_at=SECONDS,
    due_at=st.none() | SECONDS,
    queued_at=st.none() | SECONDS,
    status=st.sampled_from(["queued", "scheduled", "delivered", "failed"]),
    done_at=st.none() | SECONDS,
    error_code=st.sampled_from([None, "carrier_rejected"]),
    redacted_at=st.none() | SECONDS,
    direction=st.sampled_from(["outbound", "inbound"]),
    notices=st.sampled_from([None, '[{"kind":"warning","rule":"r","code":"c","text":"%s","at":1}]']),
)


@given(MESSAGES)
def test_a_template_gives_the_bytes_of_the_view(message: Message) -> None:
    view: dict[str, Any] = {
        "message_id": message.id,
        "status": message.status,
        "recipient": message.recipient,
        **sms_view(message),
    }
    assert sent_body(message) == msgspec.json.encode(view)


def test_messages_share_a_template_whatever_their_callers_choose() -> None:
    _template.cache_clear()
    for number in range(10):
        message = Message(
            id=f"msg_{number}", account_id=f"acc_{number}", test=False, sender=f"Sender{number}",
            recipient=f"+1555123000{number}", text=f"text {number}", encoding="gsm7", segments=1, class_="otp",
            country=f"A{number}", reference=f"order {number}", tags=f'["tag {number}"]', price=number,
            status_callback=f"https://example.com/{number}", pinned_route=f"rte_{number}", created_at=number,
            expires_at=number + 1, queued_at=number, due_at=number + 1, route_id=f"rte_{number}",
            carrier_id=f"car_{number}", claim=number, status="queued",
        )  # fmt: skip
        assert f'"text":"text {number}"'.encode() in sent_body(message)
    found = _template.cache_info()
    assert (found.misses, found.hits) == (1, 9)


def test_contents_make_no_templates() -> None:
    _template.cache_clear()
    message = Message(
        id="msg_1", account_id="acc_1", test=False, sender="Shared", recipient="+15551230001", text="text",
        encoding="gsm7", segments=1, class_="otp", content='{"udh":"06050415820000"}', created_at=1, expires_at=2,
        status="queued",
    )  # fmt: skip
    assert b'"udh":"06050415820000"' in sent_body(message)
    assert _template.cache_info().currsize == 0
