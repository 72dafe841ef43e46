"""What SMPP customers are told of: receipts as asked, and incoming messages, as rows for their binds."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from onesixty.core import statuses
from onesixty.core.ids import IdSource
from onesixty.core.message import Change, Message
from onesixty.core.tenant import Tenant
from onesixty.customers.effect import (
    STATE_OF,
    AccountLane,
    Addresses,
    BindEffect,
    NewDelivery,
    ReceiptBody,
    state_of,
)
from onesixty.customers.origin import SmppOrigin, to_memo
from onesixty.customers.policy import POLICY
from onesixty.inventory.tables import NumberSettings
from onesixty.messages import changes
from tests.support.message_path import MovableClock, Node

AT = 1_800_000_000_000


def message(**fields: Any) -> Message:
    values = {
        "id": "msg_1", "account_id": "acc_1", "test": False, "sender": "Acme", "recipient": "+15551234567",
        "text": "secret", "encoding": "gsm7", "segments": 1, "class_": "transactional", "created_at": AT,
        "expires_at": AT + 1, "status": "sent",
    }  # fmt: skip
    return Message(**(values | fields))


def smpp_message(registered_delivery: int = 1, **fields: Any) -> Message:
    origin_fields = {"source": (5, 0, "Acme"), "destination": (1, 1, "15551234567")}
    for name in ("parts", "silent", "submission", "user_message_reference"):
        if name in fields:
            origin_fields[name] = fields.pop(name)
    origin = SmppOrigin(credential_id="smpp_1", registered_delivery=registered_delivery, **origin_fields)  # type: ignore[arg-type]
    return message(origin=to_memo(origin), **fields)


def effect(settings: NumberSettings | None = None, *, wants: bool = True, claim: int = 0) -> BindEffect:
    clock = MovableClock()
    return BindEffect(
        IdSource(clock, Node().random),
        settings_of=lambda made: settings,
        wants=lambda tenant: wants,
        claim=lambda lane: claim,
    )


def end(before: Message, status: str, code: str | None = None) -> Change:
    if status == statuses.SENT:
        return changes.advance(msgspec.structs.replace(before, status="queued"), status, AT + 5)
    return changes.end(before, status, AT + 5, code)


@pytest.mark.parametrize(
    ("registered_delivery", "told"),
    [
        (0, set()),
        (1, {"delivered", "undelivered", "unconfirmed"}),
        (2, {"undelivered", "unconfirmed"}),
        (3, {"delivered"}),
        (0x10, {"sent"}),
        (0x11, {"sent", "delivered", "undelivered", "unconfirmed"}),
    ],
)
def test_registered_delivery_decides_what_is_told(registered_delivery: int, told: set[str]) -> None:
    """SMPP 3.4, 5.2.17; SMPP 5.0, 4.7.21."""
    before = smpp_message(registered_delivery)
    asked = {s for s in ("sent", "delivered", "undelivered", "unconfirmed") if effect()(end(before, s))}
    assert asked == told


def test_a_receipt_says_all_but_the_text_and_keeps_numbers_apart() -> None:
    before = smpp_message(user_message_reference=77)
    ((name, row),) = effect(claim=5)(end(before, "undelivered", "carrier_expired"))
    assert name == "bind_delivery_insert"
    made = NewDelivery._make(row)
    assert (made.lane, made.account_id, made.subject, made.kind, made.claim) == (
        "smpp_1", "acc_1", "msg_1", "receipt", 5,
    )  # fmt: skip
    assert (made.created_at, made.expires_at) == (AT + 5, AT + 5 + POLICY.life_ms)
    receipt = msgspec.json.decode(made.body or "", type=ReceiptBody)
    assert (receipt.id, receipt.state, receipt.error_code) == ("msg_1", 3, "carrier_expired")
    assert (receipt.user_message_reference, receipt.submitted_at, receipt.done_at) == (77, AT, AT + 5)
    assert "1555" not in str(made.body)
    assert "secret" not in str(row)
    told = msgspec.json.decode(str(made.addresses), type=Addresses)
    assert (told.source, told.destination) == ((5, 0, "Acme"), (1, 1, "15551234567"))


def test_each_part_has_its_receipt_and_submit_multi_its_common_id() -> None:
    parts = smpp_message(parts=("prt_1", "prt_2", "prt_3"), silent=("prt_2",))
    assert ids_of(effect()(end(parts, "delivered"))) == ["prt_1", "prt_3"]
    assert ids_of(effect()(end(smpp_message(submission="msg_multi"), "delivered"))) == ["msg_multi"]


def test_a_corrected_end_is_told_and_other_changes_are_not() -> None:
    ended = end(smpp_message(), "undelivered").after
    assert ids_of(effect()(changes.end(ended, "delivered", AT + 9))) == ["msg_1"]
    assert effect()(changes.touch(smpp_message(), AT)) == ()
    assert effect()(end(message(), "delivered")) == ()
    assert effect()(Change(before=None, after=smpp_message(status="queued"), event=None, at=AT)) == ()


def test_a_refusal_after_all_parts_came_is_told() -> None:
    refused = smpp_message(status="failed", error_code="no_route", parts=("prt_1", "prt_2"))
    assert ids_of(effect()(Change(before=None, after=refused, event="message.failed", at=AT))) == [
        "prt_1",
        "prt_2",
    ]


def test_every_status_has_its_message_state() -> None:
    assert set(STATE_OF) == set(statuses.ALL) - {statuses.RECEIVED}
    assert state_of(message(status="failed", error_code="parts_missing")) == 5
    assert state_of(message(status="undelivered", error_code="carrier_rejected")) == 8
    assert state_of(message(status="undelivered", error_code="undeliverable")) == 5


@pytest.mark.parametrize(
    ("settings", "wants", "lane"),
    [
        (None, True, AccountLane(Tenant("acc_1", False)).name),
        (None, False, None),
        (NumberSettings(deliver_to="webhooks"), True, None),
        (NumberSettings(deliver_to="binds"), True, AccountLane(Tenant("acc_1", False)).name),
        (NumberSettings(credential_id="smpp_9"), False, "smpp_9"),
    ],
)
def test_what_comes_in_goes_where_the_number_says(
    settings: NumberSettings | None, wants: bool, lane: str | None
) -> None:
    received = message(direction="inbound", status="received")
    writes = effect(settings, wants=wants)(
        Change(before=None, after=received, event="message.received", at=AT)
    )
    rows = [NewDelivery._make(row) for _, row in writes]
    assert [(row.lane, row.kind, row.body, row.addresses) for row in rows] == (
        [(lane, "inbound", None, None)] if lane else []
    )


def ids_of(writes: Any) -> list[str]:
    return [msgspec.json.decode(row.body, type=ReceiptBody).id for _, row in writes]
