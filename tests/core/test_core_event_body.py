"""Events keep little and tell everything: the body is the message as `GET` showed it."""

from typing import Any

import msgspec
import pytest

from onesixty.channels.sms.content import Content
from onesixty.channels.sms.view import sms_view
from onesixty.core import event_body, message
from onesixty.core.message import Message

AT = 1_700_000_000_000
ENCODE = msgspec.json.encode


def made(**fields: Any) -> Message:
    base: dict[str, Any] = {
        "id": "msg_1", "account_id": "acc_1", "test": False, "sender": "Brand", "recipient": "+15551234567",
        "text": 'Your "code" is 482931 ä 💬', "encoding": "ucs2", "segments": 2, "class_": "otp",
        "created_at": AT, "expires_at": AT + 300_000, "status": "queued",
    }  # fmt: skip
    return Message(**(base | fields))


MESSAGES = [
    made(),
    made(status="sent", sent_at=AT, queued_at=AT, sender_used="Brand", encoding="gsm7", segments=1),
    made(status="delivered", done_at=AT, price=7500, country="DE", tags='["a","b"]', reference="r"),
    made(status="failed", done_at=AT, error_code="no_route", carrier_code="8", duplicates=1, test=True),
    made(status="scheduled", scheduled_at=AT, batch_id="bat_1", priority=5, network="26201"),
    made(direction=message.INBOUND, status="received", content=ENCODE(Content(total=3)).decode()),
    made(status="canceled", done_at=AT, redacted_at=AT, text="", recipient=""),
    made(encoding="binary", text="AAEC", content=ENCODE(Content(udh="050003010201", flash=True)).decode()),
]


def whole(event_id: str, type_: str, sequence: int, data: dict[str, Any]) -> str:
    """An event written without leaving anything out."""
    at = "2023-11-14T22:13:20.000Z"
    return ENCODE(
        {"id": event_id, "type": type_, "created_at": at, "sequence": sequence, "data": data}
    ).decode()


@pytest.mark.parametrize("given", MESSAGES, ids=lambda given: given.status)
def test_what_is_told_is_the_message_to_the_octet(given: Message) -> None:
    view = sms_view(given)
    data = event_body.kept(view)
    told = event_body.told("evt_1", "message.sent", AT, 3, given.id, data)
    assert told == whole("evt_1", "message.sent", 3, view)
    assert len(data) < len(ENCODE(view)) * 0.6


@pytest.mark.parametrize("given", MESSAGES, ids=lambda given: given.status)
def test_what_was_kept_whole_is_told_the_same(given: Message) -> None:
    """Rows from before say all of it."""
    view = sms_view(given)
    told = event_body.told("evt_1", "message.sent", AT, 3, given.id, ENCODE(view).decode())
    assert told == whole("evt_1", "message.sent", 3, view)


def test_every_field_of_the_view_has_its_usual_value_in_order() -> None:
    assert list(event_body.USUAL) == list(sms_view(made()))


def test_an_event_about_no_message_keeps_its_data() -> None:
    data = {"webhook_id": "whk_1", "url": None}
    told = event_body.told("evt_1", "webhook.test", AT, 0, None, event_body.kept_whole(data))
    assert told == whole("evt_1", "webhook.test", 0, data)
