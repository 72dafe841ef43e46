"""The schemas of sending a batch: the request, and the answer with the result of each message."""

from __future__ import annotations

from typing import Final

from onesixty.core import statuses
from onesixty.doors.v1.batches import Batch
from onesixty.doors.v1.send_request import SendRequest
from onesixty.http.openapi import REF, Schema, of_struct
from onesixty.http.shapes import (
    CHANGES,
    ERROR_CODE,
    NOTICE_FIELDS,
    TEXT_OR_NULL,
    described,
    list_of_ref,
    object_of,
)


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
            **of_struct(Batch)["Batch"]["properties"],
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
            "encoding": {"type": "string", "enum": ["gsm7", "ucs2", "binary"]},
            "segments": {"type": "integer"},
            "price": {"type": "string"},
            "currency": {"type": "string"},
            "changes": CHANGES,
            "notices": described(
                list_of_ref("NoticeInBrief"), "What the rules told about the message. Absent if nothing."
            ),
        },
        ("changes", "notices"),
    ),
    "BatchRefusal": object_of(
        "A refused message, with the members of a problem.",
        {
            "index": {"type": "integer"},
            "title": {"type": "string"},
            "detail": {"type": "string"},
            "code": ERROR_CODE,
            "param": described(TEXT_OR_NULL, "For example `messages[3].to`."),
            "retryable": {"type": "boolean"},
            "doc_url": {"type": "string", "format": "uri"},
        },
    ),
    "NoticeInBrief": object_of(
        "A notice without its text, which `GET /v1/messages/{id}` shows.", {**NOTICE_FIELDS}
    ),
    "Replacement": object_of(
        "A character that was replaced by a similar one.",
        {"character": {"type": "string"}, "replacement": {"type": "string"}, "count": {"type": "integer"}},
    ),
}
