"""The schemas that the document shows of routes: as they are set, as they are, and how a choice came about."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from onesixty.http.openapi import REF, Schema, list_of, of_struct
from onesixty.routing.spec import RouteMatch, Share


def _whole(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a struct with those inside it in their places, for where no reference can stand."""
    parts = of_struct(struct)

    def put(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return put(parts[value["$ref"].rpartition("/")[2]])
            return {name: put(inner) for name, inner in value.items()}
        return [put(inner) for inner in value] if isinstance(value, list) else value

    whole: dict[str, Any] = put(parts[struct.__name__])
    return whole


ROUTE_CARRIER: Final = _whole(Share)
ROUTE_MATCH: Final = _whole(RouteMatch)

_FIELDS: Final[dict[str, Schema]] = {
    "id": {"type": "string"},
    "name": {"type": "string"},
    "carriers": {
        "type": "array",
        "items": {"anyOf": [{"type": "string"}, {"$ref": REF.format(name="RouteCarrier")}]},
        "description": "Names, first choice first; objects where some share what comes.",
    },
    "match": {"$ref": REF.format(name="RouteMatch")},
    "priority": {"type": "integer", "description": "Lower is asked first."},
    "enabled": {"type": "boolean"},
    "version": {"type": "integer", "description": "Rises with every change."},
    "created_at": {"type": "string", "format": "date-time"},
}


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
    "Route": {
        "type": "object",
        "description": "Which messages go over which carriers.",
        "required": list(_FIELDS),
        "properties": _FIELDS,
    },
    "RouteList": list_of("Route"),
    "RouteCarrier": ROUTE_CARRIER,
    "RouteMatch": ROUTE_MATCH,
    "RouteExplanation": {
        "type": "object",
        "description": "Which route a message would take, and what spoke against the others.",
        "required": list(_EXPLAINED),
        "properties": _EXPLAINED,
    },
}
