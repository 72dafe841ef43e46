"""Events keep little and tell everything: the body is the message as `GET` showed it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given as with_values
from hypothesis import strategies as st

from onesixty.channels.sms.content import Content
from onesixty.channels.sms.view import sms_view
from onesixty.core import event_body, message, statuses, times
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


#: What a change may set after an event, and what it may have set before.
LATER = {
    "status": "delivered", "version": 9, "sequence": 5, "due_at": None, "carrier_id": "car_2", "sender_used": "Other",
    "attempts": 3, "duplicates": 2, "error_code": "no_route", "carrier_code": "8", "sent_at": AT + 5,
    "done_at": AT + 9,
}  # fmt: skip


@pytest.mark.parametrize("given", MESSAGES, ids=lambda given: given.status)
def test_what_is_told_from_a_state_is_what_was_told_at_once(given: Message) -> None:
    """Whatever happens to the message later."""
    type_ = f"message.{given.status}"
    data, state = event_body.stored(given, type_, AT, sms_view)
    if state is None:
        assert given.status in statuses.WAITING or given.content is not None
        assert event_body.told("evt_1", type_, AT, 3, given.id, data) == whole(
            "evt_1", type_, 3, sms_view(given)
        )
        return
    at_once = event_body.told_whole("evt_1", type_, AT, 3, data)
    if given.redacted_at is None:
        assert at_once == whole("evt_1", type_, 3, sms_view(given))
    later = msgspec.structs.astuple(msgspec.structs.replace(given, **LATER))
    assert event_body.told("evt_1", type_, AT, 3, given.id, "", state, *later) == at_once


@with_values(st.sampled_from(MESSAGES), st.data())
def test_a_state_holds_whatever_a_change_may_set(given: Message, data: st.DataObject) -> None:
    values = {
        "status": st.sampled_from(sorted(set(statuses.ALL) - statuses.WAITING)),
        "error_code": st.sampled_from([None, "no_route"]),
        "sender_used": st.sampled_from([None, "Brand", "Other"]),
        "duplicates": st.integers(0, 2),
        **dict.fromkeys(("queued_at", "sent_at", "done_at"), st.none() | st.integers(AT, AT + 2)),
    }
    message = msgspec.structs.replace(given, **data.draw(st.fixed_dictionaries(values)))
    type_ = data.draw(st.sampled_from([f"message.{message.status}", "message.corrected"]))
    told, state = event_body.stored(message, type_, AT, sms_view)
    if state is None:
        assert given.content is not None
        return
    row = msgspec.structs.astuple(msgspec.structs.replace(message, **LATER))
    assert event_body.told("evt_1", type_, AT, 3, message.id, "", state, *row) == event_body.told_whole(
        "evt_1", type_, AT, 3, told
    )


def test_a_state_is_small() -> None:
    sent = made(status="sent", queued_at=AT, sent_at=AT + 5, sender_used="Brand")
    assert event_body.stored(sent, "message.sent", AT + 5, sms_view)[1] == "{}"
    delivered = msgspec.structs.replace(sent, status="delivered", done_at=AT + 9)
    assert event_body.stored(delivered, "message.delivered", AT + 9, sms_view)[1] == f'{{"sent_at":{AT + 5}}}'


def test_a_redacted_message_is_told_without_text_and_number() -> None:
    sent = made(status="sent", queued_at=AT, sent_at=AT + 5, sender_used="Brand")
    _, state = event_body.stored(sent, "message.sent", AT + 5, sms_view)
    redacted = msgspec.structs.replace(sent, text="", recipient="", redacted_at=AT + 7)
    told = event_body.told(
        "evt_1", "message.sent", AT, 3, "msg_1", "", state, *msgspec.structs.astuple(redacted)
    )
    data = msgspec.json.decode(told)["data"]
    assert (data["text"], data["to"], data["from"]) == (None, None, "Brand")
    assert data["redacted_at"] == times.to_text(AT + 7)


def test_every_field_of_the_view_has_its_usual_value_in_order() -> None:
    assert list(event_body.USUAL) == list(sms_view(made()))


def test_an_event_about_no_message_keeps_its_data() -> None:
    data = {"webhook_id": "whk_1", "url": None}
    told = event_body.told("evt_1", "webhook.test", AT, 0, None, event_body.kept_whole(data))
    assert told == whole("evt_1", "webhook.test", 0, data)
