"""The schemas of what `/v1/sandbox` answers; its views are held to them by a test."""

from __future__ import annotations

from typing import Any, Final

from onesixty.core import statuses
from onesixty.http.openapi import Schema, list_of, of_struct
from onesixty.simulator.fixed import GROUPS
from onesixty.simulator.scenario import Scenario

_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_TIME_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_TEXT: Final[Schema] = {"type": "string"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_COUNT: Final[Schema] = {"type": "integer"}
_FLAG: Final[Schema] = {"type": "boolean"}
_SECONDS: Final[Schema] = {"type": "number", "description": "Seconds after the start."}


def _object(about: str, properties: dict[str, Any]) -> Schema:
    return {
        "type": "object",
        "description": about,
        "required": list(properties),
        "properties": properties,
    }


SANDBOX_SCHEMAS: Final[dict[str, Schema]] = {
    "Handset": _object(
        "A handset behind a simulated carrier.",
        {
            "number": _TEXT,
            "country": _TEXT_OR_NULL,
            "network": {**_TEXT, "description": "MCC and MNC of its fictional operator."},
            "network_name": _TEXT,
            "carrier": {**_TEXT_OR_NULL, "description": "The carrier that last reached the handset."},
            "messages": _COUNT,
            "last_at": _TIME_OR_NULL,
            "account_id": _TEXT,
            "test": _FLAG,
        },
    ),
    "HandsetList": list_of("Handset"),
    "HandsetMessage": _object(
        "A message as a handset shows it.",
        {
            "direction": {"type": "string", "enum": ["received", "sent"]},
            "from": _TEXT,
            "to": _TEXT,
            "text": {
                **_TEXT,
                "description": "The text of the parts received so far; octets of a binary message in hex.",
            },
            "encoding": {"type": "string", "enum": ["gsm7", "ucs2", "binary"]},
            "flash": {**_FLAG, "description": "Displayed at once and not stored (class 0)."},
            "parts": _COUNT,
            "missing_parts": _COUNT,
            "at": _TIME,
            "carrier": _TEXT,
            "message_id": {
                **_TEXT_OR_NULL,
                "description": "The message that was delivered; null for messages that the handset sent.",
            },
            "account_id": _TEXT,
            "test": _FLAG,
        },
    ),
    "HandsetMessageList": list_of("HandsetMessage"),
    "FixedNumber": _object(
        "A number with a fixed outcome.",
        {
            "number": _TEXT,
            "group": {"type": "string", "enum": list(GROUPS)},
            "about": _TEXT,
            "ends": {"type": "string", "enum": sorted(statuses.TERMINAL)},
            "error": _TEXT_OR_NULL,
        },
    ),
    "FixedNumberList": list_of("FixedNumber"),
    "ScenarioStatus": _object(
        "A scenario that is playing or was played.",
        {
            "name": _TEXT,
            "state": {"type": "string", "enum": ["running", "done", "stopped"]},
            "started_at": _TIME,
            "ended_at": _TIME_OR_NULL,
            "lasts": {"type": "number", "description": "Seconds."},
            "steps": {
                "type": "array",
                "items": _object(
                    "A step and its result.",
                    {
                        "at": _SECONDS,
                        "what": _TEXT,
                        "done_at": {**_SECONDS, "type": ["number", "null"]},
                        "problem": {**_TEXT_OR_NULL, "description": "Why the step failed."},
                    },
                ),
            },
        },
    ),
    **of_struct(Scenario),
}
