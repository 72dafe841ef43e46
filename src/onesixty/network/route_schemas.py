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
    "route": {"type": ["string", "null"], "description": "null if no route takes the message."},
    "carriers": {
        "type": "array",
        "items": {"type": "string"},
        "description": "In the order in which they would be tried.",
    },
    "error": {"type": ["object", "null"], "description": "The `code` and `detail` of the refusal."},
    "considered": _considered(
        "route", "Routes in order of evaluation, up to the one that takes the message. `reason` is taken, "
                "pinned, drained, no carrier, or the filter that the message fails.",
    ),
    "weighed": _considered(
        "carrier", "The carriers of the route. `reason` is taken, disabled, drained or not simulated."
    ),
}  # fmt: skip

ROUTE_SCHEMAS: Final[dict[str, Schema]] = {
    "RouteExplanation": {
        "type": "object",
        "description": "The route a message would take, and why other routes do not take it.",
        "required": list(_EXPLAINED),
        "properties": _EXPLAINED,
    },
}
