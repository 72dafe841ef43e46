"""The schemas of batches: what is asked, what is answered."""

from __future__ import annotations

from typing import Final

from onesixty.core import statuses
from onesixty.doors.v1.send_request import SendRequest
from onesixty.http.openapi import REF, Schema, list_of, of_struct
from onesixty.http.shapes import CHANGES, TEXT_OR_NULL, TIME, TIME_OR_NULL, described, list_of_ref, object_of

_BATCH_FIELDS: Final[dict[str, Schema]] = {
    "id": {"type": "string", "examples": ["bat_01h455vb4pex5vsknk084sn02q"]},
    "size": described({"type": "integer"}, "How many messages the request contained."),
    "accepted": {"type": "integer"},
    "refused": {"type": "integer"},
    "test": {"type": "boolean"},
    "created_at": TIME,
    "accepted_at": described(
        TIME_OR_NULL, "When all messages were accepted or refused; null while the batch is being processed."
    ),
    "canceled_at": TIME_OR_NULL,
}

_PROGRESS_FIELDS: Final[dict[str, Schema]] = {
    "statuses": described(
        {"type": "object", "additionalProperties": {"type": "integer"}},
        "The number of its messages by status.",
    ),
    "segments": {"type": "integer"},
    "price": described({"type": "string"}, "The price of all its messages: a decimal string."),
    "currency": TEXT_OR_NULL,
    "ended_at": described(TIME_OR_NULL, "When the last of its messages reached a final status."),
}


def _broadcast() -> Schema:
    """A send with a list of numbers."""
    schema = of_struct(SendRequest)["SendRequest"]
    number = schema["properties"]["to"]
    to = {"type": "array", "items": number, "minItems": 1, "maxItems": 10_000}
    return {
        **schema,
        "title": "BroadcastRequest",
        "description": "One text to many numbers.",
        "properties": {**schema["properties"], "to": to},
    }


BATCH_SCHEMAS: Final[dict[str, Schema]] = {
    "BatchRequest": {
        "description": "Many messages, or one text to many numbers.",
        "anyOf": [
            {"$ref": REF.format(name="MessagesRequest")},
            {"$ref": REF.format(name="BroadcastRequest")},
        ],
    },
    "MessagesRequest": {
        "type": "object",
        "required": ["messages"],
        "additionalProperties": False,
        "properties": {
            "messages": {
                "type": "array",
                "items": {"$ref": REF.format(name="SendRequest")},
                "minItems": 1,
                "maxItems": 10_000,
            }
        },
    },
    "BroadcastRequest": _broadcast(),
    "BatchAccepted": object_of(
        "The result of each message, by its position in the request.",
        {
            **_BATCH_FIELDS,
            "messages": list_of_ref("BatchMessage"),
            "refusals": list_of_ref("BatchRefusal"),
        },
    ),
    "BatchMessage": object_of(
        "An accepted message; it is stored durably.",
        {
            "index": {"type": "integer"},
            "message_id": {"type": "string"},
            "status": {"type": "string", "enum": list(statuses.ALL)},
            "encoding": {"type": "string"},
            "segments": {"type": "integer"},
            "price": {"type": "string"},
            "currency": {"type": "string"},
            "changes": CHANGES,
        },
        ("changes",),
    ),
    "BatchRefusal": object_of(
        "A refused message, with the members of a problem.",
        {
            "index": {"type": "integer"},
            "title": {"type": "string"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "param": described(TEXT_OR_NULL, "For example `messages[3].to`."),
            "retryable": {"type": "boolean"},
            "doc_url": {"type": "string", "format": "uri"},
        },
    ),
    "Replacement": object_of(
        "A character that was replaced by a similar one.",
        {"character": {"type": "string"}, "replacement": {"type": "string"}, "count": {"type": "integer"}},
    ),
    "Batch": object_of("A batch: the messages of one call.", _BATCH_FIELDS),
    "BatchList": list_of("Batch"),
    "BatchProgress": object_of(
        "A batch and the results of its messages.", {**_BATCH_FIELDS, **_PROGRESS_FIELDS}
    ),
    "BatchCanceled": object_of(
        "A batch, and how many of its messages this call canceled.",
        {**_BATCH_FIELDS, **_PROGRESS_FIELDS, "canceled_now": {"type": "integer"}},
    ),
}
