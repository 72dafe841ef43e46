"""The schemas of this door's answers for the document: messages, batches, previews.

`channels.sms.view` writes the message object; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from onesixty.alerts.endpoints import AlertView
from onesixty.core import message, statuses
from onesixty.core.errors import CATALOGUE
from onesixty.doors.v1.batch_schemas import BATCH_SCHEMAS
from onesixty.doors.v1.changes import ChangeRequest
from onesixty.doors.v1.event_schemas import EVENT_SCHEMAS
from onesixty.doors.v1.history_schemas import HISTORY_SCHEMAS
from onesixty.doors.v1.preview import PREVIEW_SCHEMAS
from onesixty.doors.v1.replies import ReplyRequest
from onesixty.http.openapi import REF, Schema, list_of, of_struct
from onesixty.http.shapes import (
    CHANGES,
    ERROR_CODE,
    NOTICE_FIELDS,
    NOTICES,
    TEXT_OR_NULL,
    TIME,
    TIME_OR_NULL,
    described,
    list_of_ref,
    object_of,
)
from onesixty.network.route_endpoints import RouteExplanation
from onesixty.ranges.lookup_endpoints import LookupView
from onesixty.verify.bodies import VerificationTold

_MESSAGE_FIELDS: Final[dict[str, Schema]] = {
    "id": {"type": "string", "examples": ["msg_01h455vb4pex5vsknk084sn02q"]},
    "status": {"type": "string", "enum": list(statuses.ALL)},
    "held_for": described(TEXT_OR_NULL, "What a held message waits for: `outcome_unknown`, `review`."),
    "direction": {"type": "string", "enum": ["outbound", "inbound"]},
    "channel": {"type": "string", "enum": ["sms"]},
    "from": {"type": "string"},
    "sender_used": described(TEXT_OR_NULL, "The sender as given to the carrier; null before."),
    "to": described({"type": "string"}, "E.164."),
    "text": described(TEXT_OR_NULL, "null for binary content, and once redacted."),
    "encoding": {"type": "string", "enum": ["gsm7", "ucs2", "binary"]},
    "segments": {"type": "integer"},
    "flash": described({"type": "boolean"}, "Displayed at once and not stored (message class 0)."),
    "binary": described(TEXT_OR_NULL, "The octets of a binary message in base64; null once redacted."),
    "udh": described(TEXT_OR_NULL, "The message's own user data header, in hex."),
    "template": described(
        {"anyOf": [{"$ref": REF.format(name="MessageTemplate")}, {"type": "null"}]},
        "The template that the text was made from.",
    ),
    "class": {"type": "string", "enum": list(message.CLASSES)},
    "priority": {"type": "integer"},
    "price": described({"type": "string"}, "A decimal string."),
    "currency": described({"type": "string"}, "ISO 4217."),
    "country": described(TEXT_OR_NULL, "ISO 3166."),
    "network": TEXT_OR_NULL,
    "error": {"anyOf": [{"$ref": REF.format(name="MessageError")}, {"type": "null"}]},
    "notices": NOTICES,
    "reference": TEXT_OR_NULL,
    "tags": {"type": "array", "items": {"type": "string"}},
    "batch_id": TEXT_OR_NULL,
    "campaign_id": described(TEXT_OR_NULL, "Reserved: always null in this version."),
    "chain_id": described(TEXT_OR_NULL, "Reserved: always null in this version."),
    "test": {"type": "boolean"},
    "duplicates": described(
        {"type": "integer"}, "How often it was resent although an earlier attempt may have arrived."
    ),
    "expires_at": TIME,
    "created_at": TIME,
    "scheduled_at": TIME_OR_NULL,
    "not_before": described(
        TIME_OR_NULL, "Until when a rule defers the message; null if none does. `notices` says why."
    ),
    "queued_at": TIME_OR_NULL,
    "sent_at": TIME_OR_NULL,
    "redacted_at": TIME_OR_NULL,
    "received_at": described(TIME_OR_NULL, "When it was received; null for outgoing messages."),
    "incomplete": described(
        {"type": "boolean"},
        "Whether parts of an incoming message are missing; `text` has the parts that arrived.",
    ),
    "delivered_at": TIME_OR_NULL,
    "undelivered_at": TIME_OR_NULL,
    "unconfirmed_at": TIME_OR_NULL,
    "failed_at": TIME_OR_NULL,
    "expired_at": TIME_OR_NULL,
    "canceled_at": TIME_OR_NULL,
}

#: What operators' keys see besides.
_COST: Final[Schema] = described(
    list_of_ref("Cost"),
    "What carriers take for its attempts so far, a sum for each currency. Only for keys with the scope `carriers`.",
)

_ACCOUNT: Final[Schema] = described(
    {"type": "string"}, "The account of the message. Only for live keys with the scope `accounts`."
)

_SENT_FIELDS: Final[dict[str, Schema]] = {
    "message_id": described({"type": "string"}, "The same as `id`."),
    "recipient": described({"type": "string"}, "The same as `to`."),
}


def _with_previous(page: Schema) -> Schema:
    """A page that also leads back."""
    previous = described(TEXT_OR_NULL, "The `before` of the page before this one; null on the first page.")
    fields = {**page["properties"], "previous": previous}
    return {**page, "required": list(fields), "properties": fields}


SCHEMAS: Final[dict[str, Schema]] = {
    **BATCH_SCHEMAS,
    **PREVIEW_SCHEMAS,
    **of_struct(RouteExplanation, ChangeRequest),
    "Message": {
        "type": "object",
        "description": "A message.",
        "required": list(_MESSAGE_FIELDS),
        "properties": {**_MESSAGE_FIELDS, "account_id": _ACCOUNT, "cost": _COST},
    },
    "MessageTemplate": object_of(
        "The template of a message, as it was when the message was made.",
        {
            "id": {"type": "string"},
            "version": described({"type": "integer"}, "As in `GET /v1/templates/{id}/versions/{version}`."),
            "language": described(
                {"type": "string"}, "The language of the text, which may stand in for another."
            ),
        },
    ),
    "Cost": object_of(
        "An amount of money.",
        {
            "amount": described({"type": "string"}, "A decimal string."),
            "currency": described({"type": "string"}, "ISO 4217."),
        },
    ),
    "SentMessage": {
        "type": "object",
        "description": "An accepted message; it is stored durably.",
        "required": [*_SENT_FIELDS, *_MESSAGE_FIELDS],
        "properties": {**_SENT_FIELDS, **_MESSAGE_FIELDS, "changes": CHANGES},
    },
    "ChangedMessage": {
        "type": "object",
        "description": "A message after a change.",
        "required": list(_MESSAGE_FIELDS),
        "properties": {**_MESSAGE_FIELDS, "account_id": _ACCOUNT, "cost": _COST, "changes": CHANGES},
    },
    "Notice": object_of(
        "What a rule told about a message besides refusing it.",
        {**NOTICE_FIELDS, "text": described({"type": "string"}, "A sentence for people.")},
    ),
    "MessageError": {
        "type": "object",
        "required": ["code", "title", "retryable", "scope", "carrier_code"],
        "properties": {
            "code": ERROR_CODE,
            "title": {"type": "string"},
            "retryable": {"type": "boolean"},
            "scope": described(
                {"type": "string", "enum": sorted({kind.scope for kind in CATALOGUE.values()})},
                "What the error affects.",
            ),
            "carrier_code": TEXT_OR_NULL,
        },
    },
    "MessageList": _with_previous(list_of("Message")),
    **HISTORY_SCHEMAS,
    **EVENT_SCHEMAS,
    **{one.__name__: one.model_json_schema(mode="serialization") for one in (AlertView, LookupView)},
    **of_struct(ReplyRequest, VerificationTold),
}
