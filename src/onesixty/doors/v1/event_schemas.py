"""The schemas of events: a union by type, as webhooks and the live feed get them.

`core.event_body` writes events about messages; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from onesixty.core import events
from onesixty.http.openapi import REF, Schema
from onesixty.http.shapes import TIME, described, object_of
from onesixty.templates.states import STATES

MESSAGE_EVENTS: Final = tuple(type_ for type_ in events.TYPES if type_.startswith("message."))
ALERT_EVENTS: Final = tuple(type_ for type_ in events.TYPES if type_.startswith("alert."))
CHANGE_EVENTS: Final = (events.ACCOUNT_CHANGED, events.PROFILE_CHANGED)
VERIFICATION_EVENTS: Final = tuple(type_ for type_ in events.TYPES if type_.startswith("verification."))
TEMPLATE_EVENTS: Final = (events.TEMPLATE_CHANGED,)
VERIFY_PROFILE_EVENTS: Final = (events.VERIFY_PROFILE_CHANGED,)
TEST_EVENTS: Final = tuple(type_ for type_ in events.TYPES if type_.startswith("webhook."))


def _event(about: str, types: tuple[str, ...], data: str) -> Schema:
    return object_of(
        about,
        {
            "id": described({"type": "string"}, "The same for each attempt and replay: skip repeats by it."),
            "type": {"type": "string", "enum": list(types)},
            "created_at": TIME,
            "sequence": described(
                {"type": "integer"},
                "Counts the events of one message from 1 without gaps; 0 for other events.",
            ),
            "data": {"$ref": REF.format(name=data)},
        },
    )


_MEMBERS: Final[dict[str, tuple[tuple[str, ...], Schema]]] = {
    "MessageEvent": (
        MESSAGE_EVENTS,
        _event("A message changed. `data` is the message after the change.", MESSAGE_EVENTS, "Message"),
    ),
    "AlertEvent": (
        ALERT_EVENTS,
        _event("An alert fires or is over, for operators.", ALERT_EVENTS, "AlertView"),
    ),
    "ChangeEvent": (
        CHANGE_EVENTS,
        _event("The account or its business profile was changed.", CHANGE_EVENTS, "Change"),
    ),
    "VerificationEvent": (
        VERIFICATION_EVENTS,
        _event(
            "A verification changed. `data` is the verification after the change, without addresses.",
            VERIFICATION_EVENTS,
            "VerificationTold",
        ),
    ),
    "TemplateEvent": (
        TEMPLATE_EVENTS,
        _event("A template was changed.", TEMPLATE_EVENTS, "TemplateChanged"),
    ),
    "VerifyProfileEvent": (
        VERIFY_PROFILE_EVENTS,
        _event("A verify profile was changed.", VERIFY_PROFILE_EVENTS, "VerifyProfileChanged"),
    ),
    "WebhookTestEvent": (
        TEST_EVENTS,
        _event("A test event, sent on request.", TEST_EVENTS, "WebhookTest"),
    ),
}

#: What every change says.
_CHANGED: Final[Schema] = {
    "id": {"type": "string"},
    "action": {"type": "string", "enum": ["made", "changed", "removed"]},
    "version": {"type": ["integer", "null"]},
    "changed": described(
        {"type": "array", "items": {"type": "string"}},
        "The names of the fields that changed; `guards.countries` is one within another.",
    ),
}

EVENT_SCHEMAS: Final[dict[str, Schema]] = {
    "EventType": {
        "type": "string",
        "description": "The type of an event. `GET /v1/event-types` describes each.",
        "enum": list(events.TYPES),
    },
    "WebhookEventType": {
        "type": "string",
        "description": "The type of an event, or `*` for all.",
        "enum": [*events.TYPES, "*"],
    },
    **{name: schema for name, (_, schema) in _MEMBERS.items()},
    "Change": object_of(
        "What changed. Read the object for its values.",
        {
            "account_id": {"type": "string"},
            **_CHANGED,
            "state": {"type": "string"},
        },
    ),
    "TemplateChanged": object_of(
        "What changed. Read the template for its values.",
        {
            **_CHANGED,
            "state": {"type": "string", "enum": list(STATES)},
            "number": described({"type": "integer"}, "The number of its newest version."),
            "approved": described(
                {"type": ["integer", "null"]}, "The number of the version that is sent; null: none is."
            ),
        },
    ),
    "VerifyProfileChanged": object_of(
        "What changed. Read the verify profile for its values.",
        {
            **_CHANGED,
            "name": {"type": "string"},
        },
    ),
    "WebhookTest": object_of(
        "What a test event tells.",
        {"webhook_id": {"type": "string"}, "url": {"type": "string", "format": "uri"}},
    ),
    "Event": {
        "description": "An event, as webhooks and the live feed get it.",
        "oneOf": [{"$ref": REF.format(name=name)} for name in _MEMBERS],
        "discriminator": {
            "propertyName": "type",
            "mapping": {
                type_: REF.format(name=name) for name, (types, _) in _MEMBERS.items() for type_ in types
            },
        },
    },
}
