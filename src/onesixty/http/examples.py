"""Examples made from schemas: what a body or an answer looks like, for the pages and the reference.

A schema's own example comes first; then its default, its first allowed value, or a value for its type and name. The
example of a body shows the required fields, and those that have an example. That of an answer shows every field.
"""

from __future__ import annotations

from typing import Any, Final

#: Values by the name of a field, for schemas without an example.
_BY_NAME: Final[dict[str, Any]] = {
    "name": "acme",
    "from": "YourBrand",
    "sender": "YourBrand",
    "sender_used": None,
    "class": "transactional",
    "priority": 0,
    "index": 0,
    "refused": 0,
    "enabled": True,
    "possible": True,
    "valid": True,
    "delivered": True,
    "connected": True,
    "type": "smpp",
    "doc_url": "http://127.0.0.1:8160/docs/errors#invalid_recipient",
    "code": "invalid_recipient",
    "title": "`to` is not a valid phone number.",
    "detail": "The number has too few digits for its country.",
    "description": "",
    "made_by": "key_01h455vb4pex5vsknk084sn02q",
    "to": "+15551234567",
    "recipient": "+15551234567",
    "number": "+15551234567",
    "text": "Your verification code is 482931",
    "country": "US",
    "currency": "EUR",
    "price": "0.0075",
    "encoding": "gsm7",
    "segments": 1,
    "status": "queued",
    "url": "https://example.com/hooks/sms",
    "secret": "shown-this-once",
    "password": "NqkKFCDY",
    "system_id": "acme-shop",
    "reference": "order-1234",
    "tags": ["signup"],
    "events": ["message.delivered"],
    "settings": {},
    "filter": {"tag": "signup"},
    "test": False,
    "duplicates": 0,
    "next": None,
    "error": None,
    "redacted_at": None,
    "carrier": "acme",
}
_MOMENT: Final = "2026-11-28T12:00:00.000Z"
_IDS: Final = {
    "message_id": "msg", "batch_id": "bat", "account_id": "acc", "event_id": "evt", "carrier_id": "car",
    "credential_id": "smpp", "route_id": "rte",
}  # fmt: skip
_TAIL: Final = "01h455vb4pex5vsknk084sn02q"
#: How many levels of nested schemas are followed.
_DEPTH: Final = 6


def example_of(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """An example body of this schema."""
    return _value(document, schema, "", True, 0)


def answer_example(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """An example of an operation's successful answer; None if that is not JSON."""
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json")
        if status.startswith("2") and content and content.get("schema"):
            return _value(document, content["schema"], "", False, 0)
    return None


def _value(document: dict[str, Any], schema: dict[str, Any], name: str, body: bool, depth: int) -> Any:
    if "$ref" in schema:
        found = schema["$ref"].rsplit("/", 1)[1]
        return _value(document, document["components"]["schemas"][found], name, body, depth)
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if name in _BY_NAME and "properties" not in schema:
        return _BY_NAME[name]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _value(document, schema[several][0], name, body, depth)
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if isinstance(kinds, list) and "null" in kinds and not body and name not in _IDS and name != "queued_at":
        return None
    if kind == "object":
        return _object(document, schema, body, depth)
    if kind == "array":
        return [] if depth >= _DEPTH else [_value(document, schema.get("items", {}), name, body, depth + 1)]
    if schema.get("default") is not None:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    if kind == "integer":
        return schema.get("minimum", 1)
    if kind == "number":
        return schema.get("minimum", 0.5)
    if kind == "boolean":
        return False
    if kind == "null":
        return None
    if schema.get("format") == "date-time" or name.endswith("_at"):
        return _MOMENT
    if name in _IDS:
        return f"{_IDS[name]}_{_TAIL}"
    return "..." if name != "id" else f"..._{_TAIL}"


def _object(document: dict[str, Any], schema: dict[str, Any], body: bool, depth: int) -> dict[str, Any]:
    if depth >= _DEPTH:
        return {}
    required = set(schema.get("required", ()))
    fields = schema.get("properties", {})
    chosen = [name for name in fields if not body or name in required]
    if body and not chosen:  # a change: one field as an example
        chosen = list(fields)[:1]
    if body and required <= {"from", "to"} and "text" in fields:
        chosen.append("text")
    return {name: _value(document, fields[name], name, body, depth + 1) for name in chosen}
