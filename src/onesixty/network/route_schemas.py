"""The schema that the document shows of how the choice of a route came about."""

from __future__ import annotations

from typing import Final

from onesixty.http.openapi import Schema


def _considered(what: str, about: str) -> Schema:
    return {
        "type": "array",
        "description": about,
        "items": {
            "type": "object",
            "required": [what, "taken", "reason"],
            "properties": {
                what: {"type": "string"},
                "taken": {"type": "boolean"},
                "reason": {"type": "string"},
            },
        },
    }


_EXPLAINED: Final[dict[str, Schema]] = {
    "route": {"type": ["string", "null"], "description": "null where none takes it."},
    "carriers": {
        "type": "array",
        "items": {"type": "string"},
        "description": "In the order in which they are tried.",
    },
    "error": {"type": ["object", "null"], "description": "`code` and `detail` of the refusal."},
    "considered": _considered(
        "route", "Routes in the order in which they are asked, down to the one taken: `reason` is taken, pinned, "
        "drained, no carrier, or the filter that the message fails.",
    ),
    "weighed": _considered(
        "carrier", "The carriers of the route taken: `reason` is taken, disabled, drained or not simulated."
    ),
}  # fmt: skip

ROUTE_SCHEMAS: Final[dict[str, Schema]] = {
    "RouteExplanation": {
        "type": "object",
        "description": "Which route a message would take, and what spoke against the others.",
        "required": list(_EXPLAINED),
        "properties": _EXPLAINED,
    },
}
