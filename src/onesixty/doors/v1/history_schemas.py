"""The schemas of a history: a union of entries by their `type`. A test compares them with what is answered."""

from __future__ import annotations

from typing import Any, Final

from onesixty.billing.movements import MOVEMENTS
from onesixty.core import notices, outcomes, statuses
from onesixty.doors.v1.event_schemas import MESSAGE_EVENTS
from onesixty.http.openapi import REF, Schema
from onesixty.http.shapes import ERROR_CODE_OR_NULL, TEXT_OR_NULL, TIME, TIME_OR_NULL, described, object_of
from onesixty.network.routed import REASONS
from onesixty.webhooks.delivery_reading import STATUSES as DELIVERY_STATUSES

_FOR_OPERATORS: Final = "For operators: "


def _one_of(values: tuple[str, ...] | list[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _or_null(values: tuple[str, ...] | list[str]) -> dict[str, Any]:
    return {"type": ["string", "null"], "enum": [*values, None]}


_ERROR: Final = described(ERROR_CODE_OR_NULL, "The code of the error catalogue.")
_ERROR_TITLE: Final = described(TEXT_OR_NULL, "What went wrong, in words.")
_ATTEMPT: Final = described({"type": "integer"}, "The attempt, from 1.")
_SEGMENT: Final = described({"type": "integer"}, "The segment, from 1.")
_OUTCOME: Final = {
    "type": "string",
    "enum": [
        outcomes.ACCEPTED, outcomes.THROTTLED, outcomes.RETRYABLE, outcomes.PERMANENT, outcomes.UNKNOWN,
    ],
}  # fmt: skip
_CARRIER: Final[dict[str, Schema]] = {
    "carrier_id": described({"type": "string"}, _FOR_OPERATORS + "the carrier."),
    "carrier": described({"type": "string"}, _FOR_OPERATORS + "the name of the carrier."),
}
_CODE: Final[dict[str, Schema]] = {
    "carrier_code": described(TEXT_OR_NULL, _FOR_OPERATORS + "the carrier's own code."),
    "carrier_code_title": described(
        TEXT_OR_NULL, _FOR_OPERATORS + "what this code means, if it is a command_status of SMPP."
    ),
}


#: The name of a member of the union, its types and its schema.
_Member = tuple[str, tuple[str, ...], Schema]


def _member(
    name: str, types: tuple[str, ...], about: str, fields: dict[str, Schema], *optional: str
) -> _Member:
    kind: Schema = {"const": types[0], "type": "string"} if len(types) == 1 else _one_of(types)
    return name, types, object_of(about, {"at": TIME, "type": kind, **fields}, optional)


_MEMBERS: Final[tuple[_Member, ...]] = (
    _member(
        "HistoryAccepted",
        ("accepted",),
        "The message was accepted and stored.",
        {"status": described(_one_of(statuses.ALL), "The status in which it was accepted.")},
    ),
    _member(
        "HistoryPriced",
        ("priced",),
        "Money moved for the message.",
        {
            "movement": described(
                _one_of(MOVEMENTS),
                "`hold` at acceptance, `reprice` when the price of a waiting message changed, `settle` when it is "
                "charged, `release` when a hold is given back, `adjust` when a late report is charged, `none` if it "
                "costs nothing.",
            ),
            "amount": described({"type": "string"}, "A decimal string; of `reprice` the difference."),
            "currency": described({"type": "string"}, "ISO 4217."),
        },
    ),
    _member(
        "HistoryNotice",
        notices.KINDS,
        "What a rule told besides refusing the message.",
        {
            "rule": described({"type": "string"}, "The name of the rule."),
            "code": described({"type": "string"}, "A word for programs; of a hold, what it waits for."),
            "text": described({"type": "string"}, "A sentence for people."),
            "until": described(TIME, "The time to which the rule defers the message."),
        },
        "until",
    ),
    _member(
        "HistoryRouted",
        ("routed",),
        "For operators: a carrier was chosen for the message, or for a further attempt. The reasons follow from the "
        "route as it is now.",
        {
            "route_id": described(
                {"type": "string"}, "The route; the carrier, if an operator bound the message to it."
            ),
            "route": described({"type": "string"}, "The name of the route."),
            **_CARRIER,
            "reasons": described(
                {"type": "array", "items": _one_of(REASONS)},
                "Why this route: `pinned` (the message asked for it), `filters` (they take the message), `default` "
                "(it takes every message). Why this carrier: `order`, `weight` (its share), `own number` (it hosts "
                "the sender), `bound` (by an operator), `sandbox` (test traffic), `failover` (another carrier was "
                "tried before), `resend` (the same carrier again).",
            ),
            "filters": described(
                {"type": "array", "items": {"type": "string"}},
                "The names of the filters that the route has now.",
            ),
            "because": described(
                {"anyOf": [{"$ref": REF.format(name="HistoryCause")}, {"type": "null"}]},
                "What made a further attempt necessary.",
            ),
        },
    ),
    _member(
        "HistoryAttempt",
        ("attempt",),
        "A segment was handed to a carrier. `at` is the time of the answer.",
        {
            "attempt": _ATTEMPT,
            "segment": _SEGMENT,
            "segments": {"type": "integer"},
            "outcome": described(
                _OUTCOME,
                "`accepted` by the carrier, `throttled` (asked to slow down), `retryable` (refused for now), "
                "`permanent` (refused), `unknown` (no answer).",
            ),
            "error": _ERROR,
            "error_title": _ERROR_TITLE,
            "sender": described({"type": "string"}, "The sender as given to the carrier."),
            "submitted_at": described(TIME, "When it was written to the carrier."),
            "milliseconds": described({"type": "integer"}, "How long the carrier took to answer."),
            **_CARRIER,
            "bind": described(TEXT_OR_NULL, _FOR_OPERATORS + "the bind that it went over."),
            "carrier_message_id": described(TEXT_OR_NULL, _FOR_OPERATORS + "the id that the carrier gave."),
            **_CODE,
            "cost": described(TEXT_OR_NULL, _FOR_OPERATORS + "what the carrier takes, a decimal string."),
            "currency": described(TEXT_OR_NULL, _FOR_OPERATORS + "the currency of the cost, ISO 4217."),
        },
        *_CARRIER,
        "bind",
        "carrier_message_id",
        *_CODE,
        "cost",
        "currency",
    ),
    _member(
        "HistoryOutcome",
        ("outcome",),
        "The outcome of an attempt whose answer was unknown became known.",
        {
            "attempt": _ATTEMPT,
            "segment": _SEGMENT,
            "outcome": _OUTCOME,
            "error": _ERROR,
            "error_title": _ERROR_TITLE,
        },
    ),
    _member(
        "HistoryReceipt",
        ("receipt",),
        "A delivery report of a carrier.",
        {
            "attempt": described({"type": ["integer", "null"]}, "The attempt that it is about."),
            "segment": described({"type": ["integer", "null"]}, "The segment that it is about, from 1."),
            "state": described({"type": "string"}, "The state as carriers write it, for example `DELIVRD`."),
            "means": described(_one_of(("enroute", "delivered", "undelivered")), "What the state means."),
            "error": _ERROR,
            "error_title": _ERROR_TITLE,
            **_CODE,
            "raw": described({"type": "string"}, _FOR_OPERATORS + "the report as it arrived."),
        },
        *_CODE,
        "raw",
    ),
    _member(
        "HistoryEvent",
        MESSAGE_EVENTS,
        "An event: the message changed, and webhooks and the live feed were told.",
        {
            "event_id": {"type": "string"},
            "sequence": described({"type": "integer"}, "Its place among the events of the message, from 1."),
        },
    ),
    _member(
        "HistoryDelivery",
        ("delivery",),
        "Where the delivery of an event to a webhook or status callback stands. `at` is the time of its end, or of "
        "its start while it is pending.",
        {
            "delivery_id": {"type": "string"},
            "event_id": {"type": "string"},
            "event": described(_one_of(MESSAGE_EVENTS), "The type of the event."),
            "webhook_id": described(TEXT_OR_NULL, "null for the status callback of the message."),
            "status": _one_of(DELIVERY_STATUSES),
            "attempts": {"type": "integer"},
            "response_status": described(
                {"type": ["integer", "null"]}, "The HTTP status of the last response."
            ),
            "error_text": described(TEXT_OR_NULL, "Why the last attempt failed, in words."),
            "created_at": TIME,
            "next_attempt_at": described(TIME_OR_NULL, "When a failed attempt is followed by the next."),
        },
    ),
)

HISTORY_SCHEMAS: Final[dict[str, Schema]] = {
    **{name: schema for name, _, schema in _MEMBERS},
    "HistoryCause": object_of(
        "Why a message needed a further attempt: what became of the one before.",
        {
            "attempt": _ATTEMPT,
            "carrier_id": {"type": "string"},
            "carrier": {"type": "string"},
            "outcome": _OUTCOME,
            "error": _ERROR,
            "state": described(
                _or_null(("enroute", "delivered", "undelivered")), "What its delivery report said, if there was one."
            ),
        },
    ),
    "HistoryEntry": {
        "description": "One entry of a history. Its `type` says which one.",
        "oneOf": [{"$ref": REF.format(name=name)} for name, _, _ in _MEMBERS],
        "discriminator": {
            "propertyName": "type",
            "mapping": {
                type_: REF.format(name=name) for name, types, _ in _MEMBERS for type_ in types
            },
        },
    },
    "History": object_of(
        "What happened to a message, in chronological order.",
        {
            "message_id": {"type": "string"},
            "status": _one_of(statuses.ALL),
            "country": described(TEXT_OR_NULL, "ISO 3166 country of the recipient."),
            "network": described(
                TEXT_OR_NULL, "MCC and MNC of the range of the recipient's number, if an operator imported it."
            ),
            "ported": described(
                {"type": ["boolean", "null"]},
                "Whether the number was ported to another network; null if that is not known. In this version it is "
                "never known.",
            ),
            "route_id": described(TEXT_OR_NULL, _FOR_OPERATORS + "the route that the message took."),
            "route": described({"type": "string"}, _FOR_OPERATORS + "the name of the route."),
            "data": {"type": "array", "items": {"$ref": REF.format(name="HistoryEntry")}},
        },
        ("route_id", "route"),
    ),
}  # fmt: skip
