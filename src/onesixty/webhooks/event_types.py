"""Every type of event with its sentence and an example, for those who write receivers.

The example of an event about a message is made from a message by the code that tells events, so it is as long as
real ones, and has every field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from onesixty.core import event_body, events, statuses, times
from onesixty.core.channel import Channels
from onesixty.core.message import INBOUND, Message

_AT: Final = 1_795_867_200_000
_EVENT_ID: Final = "evt_01h455vb4pex5vsknk084sn02q"
_ACCOUNT_ID: Final = "acc_01h455vb4pex5vsknk084sn02q"
_MESSAGE_ID: Final = "msg_01h455vb4pex5vsknk084sn02q"

_ALERT: Final[Mapping[str, Any]] = {
    "id": "alr_01h455vb4pex5vsknk084sn02q",
    "rule": "bind_down",
    "status": "firing",
    "severity": "critical",
    "subject": "acme",
    "subject_kind": "carrier",
    "value": "0",
    "summary": "No bind of acme is bound.",
    "action": "Look at the carrier's state and its log.",
    "started_at": times.to_text(_AT),
    "resolved_at": None,
    "acknowledged_at": None,
    "acknowledged_by": None,
}
_VERIFICATION: Final[Mapping[str, Any]] = {
    "id": "ver_01h455vb4pex5vsknk084sn02q",
    "profile_id": "vpr_01h455vb4pex5vsknk084sn02q",
    "status": "pending",
    "channel": "sms",
    "country": "US",
    "network": None,
    "language": "en",
    "language_from": "default",
    "template": None,
    "reference": "user-1234",
    "guard": None,
    "reason": None,
    "finding": None,
    "public_reason": None,
    "own_code": False,
    "test_number": False,
    "test": False,
    "attempts_left": 5,
    "sends_left": 4,
    "next_send_at": times.to_text(_AT + 30_000),
    "sends": [
        {
            "number": 1,
            "channel": "sms",
            "reason": "asked",
            "code_number": 1,
            "message_id": _MESSAGE_ID,
            "status": "queued",
            "error": None,
            "created_at": times.to_text(_AT),
        }
    ],
    "created_at": times.to_text(_AT),
    "expires_at": times.to_text(_AT + 600_000),
    "ended_at": None,
}
#: What an ended verification has besides.
_OVER: Final[Mapping[str, Any]] = {
    "attempts_left": 0,
    "sends_left": 0,
    "next_send_at": None,
    "ended_at": times.to_text(_AT + 25_000),
}
#: What events that are not about a message tell.
_OTHERS: Final[dict[str, Mapping[str, Any]]] = {
    "alert.firing": _ALERT,
    "alert.resolved": {**_ALERT, "status": "resolved", "resolved_at": times.to_text(_AT + 60_000)},
    "account.changed": {
        "account_id": _ACCOUNT_ID,
        "id": _ACCOUNT_ID,
        "action": "changed",
        "version": 4,
        "changed": ["state", "state_reason"],
        "state": "suspended",
    },
    "template.changed": {
        "id": "tpl_01h455vb4pex5vsknk084sn02q",
        "action": "changed",
        "version": 3,
        "changed": ["state", "approved", "live", "decided_at"],
        "state": "approved",
        "number": 2,
        "approved": 2,
    },
    "verify_profile.changed": {
        "id": "vpr_01h455vb4pex5vsknk084sn02q",
        "action": "changed",
        "version": 3,
        "changed": ["guards.countries"],
        "name": "login",
    },
    "profile.changed": {
        "account_id": _ACCOUNT_ID,
        "id": _ACCOUNT_ID,
        "action": "changed",
        "version": 3,
        "changed": ["state", "decided_at"],
        "state": "verified",
    },
    "verification.started": _VERIFICATION,
    "verification.sent": {
        **_VERIFICATION,
        "sends": [{**_VERIFICATION["sends"][0], "status": "sent"}],
    },
    "verification.approved": {**_VERIFICATION, **_OVER, "status": "approved"},
    "verification.failed": {**_VERIFICATION, **_OVER, "status": "exhausted"},
    "verification.expired": {**_VERIFICATION, **_OVER, "status": "expired"},
    "verification.canceled": {**_VERIFICATION, **_OVER, "status": "canceled"},
    "verification.blocked": {
        **_VERIFICATION,
        **_OVER,
        "status": "blocked",
        "sends": [],
        "guard": "country",
        "reason": "The profile does not allow messages to US.",
        "finding": {"code": "country", "values": {"country": "US"}},
        "public_reason": "try_later",
    },
    "webhook.test": {
        "webhook_id": "whk_01h455vb4pex5vsknk084sn02q",
        "url": "https://example.com/hooks/sms",
    },
}
#: What a message has at its events, besides the status that the type names.
_AT_EVENT: Final[dict[str, Mapping[str, Any]]] = {
    "message.scheduled": {"not_before": _AT + 3_600_000, "queued_at": None},
    "message.held": {"held_for": statuses.REVIEW, "queued_at": None},
    "message.changed": {"status": statuses.QUEUED},
    "message.corrected": {"status": statuses.DELIVERED},
    "message.received": {"direction": INBOUND, "sender": "+15551234567", "recipient": "+15557654321"},
    "message.undelivered": {"error_code": "undeliverable", "carrier_code": "011"},
    "message.failed": {"error_code": "recipient_refused"},
    "message.expired": {"error_code": "validity_passed"},
    "message.canceled": {"error_code": "canceled"},
}
_TAKEN: Final = (
    "message.sent",
    "message.delivered",
    "message.undelivered",
    "message.unconfirmed",
    "message.corrected",
)


def event_types(channels: Channels) -> list[dict[str, Any]]:
    """Every type with its sentence and an example of its body. `channels` show messages."""
    return [
        {"type": type_, "about": about, "example": _example(channels, type_)}
        for type_, about in events.TYPES.items()
    ]


def _example(channels: Channels, type_: str) -> dict[str, Any]:
    sequence, data = 0, _OTHERS.get(type_)
    if data is None:
        sequence, data = 1, channels.view(_message(type_))
    body = event_body.told_whole(_EVENT_ID, type_, _AT, sequence, event_body.kept_whole(dict(data)))
    found: dict[str, Any] = msgspec.json.decode(body)
    return found


def _message(type_: str) -> Message:
    fields: dict[str, Any] = {
        "status": type_.removeprefix("message."),
        "queued_at": _AT,
        **({"sent_at": _AT, "sender_used": "YourBrand"} if type_ in _TAKEN else {}),
        **_AT_EVENT.get(type_, {}),
    }
    if fields["status"] in statuses.TERMINAL:
        fields["done_at"] = _AT + 1_250
    return Message(
        **{
            "id": _MESSAGE_ID, "account_id": "", "test": False, "sender": "YourBrand", "recipient": "+15551234567",
            "text": "Your verification code is 482931", "encoding": "gsm7", "segments": 1, "class_": "otp",
            "country": "US", "price": 7_500, "currency": "EUR", "reference": "order-1234", "tags": '["signup"]',
            "created_at": _AT, "expires_at": _AT + 300_000, **fields,
        }
    )  # fmt: skip
