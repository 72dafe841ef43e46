"""Examples made from schemas: what an answer looks like, for the reference.

Rules kept here:
- a schema's own example comes first; then a value for the name of the field, its default, its first allowed value, or
  a value for its type;
- a value fits its schema: one that does not (another type, not in the list, another pattern) is passed over;
- the example of an answer shows all fields.
"""

from __future__ import annotations

import re
from typing import Any, Final

#: Values by the name of a field, for schemas without an example. A list has the values of its items.
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
    "about": "What it is for.",
    "action": "changed",
    "actor": "usr_01h455vb4pex5vsknk084sn02q",
    "address": "192.0.2.7",
    "after": "0.0190",
    "allowed_networks": "192.0.2.0/24",
    "allowed_senders": "YourBrand",
    "amount": "0.0075",
    "at": "0s",
    "before": "0.0285",
    "by": "country",
    "bind": "1",
    "caller": "key_01h455vb4pex5vsknk084sn02q",
    "carriers": "acme",
    "carrier_code": "ESME_RTHROTTLED",
    "carrier_message_id": "f3a1c09be2",
    "channel": "sms",
    "character": "’",
    "code_point": "U+2019",
    "countries": "DE",
    "default_country": "DE",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "door": "v1",
    "end": "2026-11-28T13:00:00.000Z",
    "error_title": "The handset could not be reached.",
    "field": "text",
    "filters": "countries",
    "found": "50.0 GiB of 100.0 GiB are free on the disk of /var/lib/onesixty.",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "international_format": "+1 555-123-4567",
    "keywords": "INFO",
    "link": "https://sms.example.com/console/invitation#4cU8qZ0kXG6oV1yQm2bT7nRw5sJ9hLdPfA3eKiYxN0o",
    "matched": "number",
    "method": "password",
    "national_format": "(555) 123-4567",
    "network": "26201",
    "network_name": "Sim Rhein",
    "networks": "26201",
    "object": "webhook",
    "operation": "send_message",
    "outcome": "accepted",
    "param": "to",
    "path": "/console/messages/msg_01h455vb4pex5vsknk084sn02q",
    "prefix": "49151",
    "prefixes": "49151",
    "q": "+4915",
    "raw": "id:f3a1c09be2 stat:DELIVRD err:000",
    "reason": "Maintenance until 14:00",
    "reasons": "The registration number is missing.",
    "receipt": "delivered",
    "recipients": "team@example.com",
    "recovery_codes": "k7qm-2x9d-4hfp",
    "remedy": "Nothing to do.",
    "replacement": "'",
    "roles": "api",
    "route": "german-otp",
    "rule": "recipient",
    "sample": "msg_01h455vb4pex5vsknk084sn02q",
    "second_factor": "totp",
    "secrets": "password",
    "senders": "YourBrand",
    "signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    "start": "2026-11-28T12:00:00.000Z",
    "step": "day",
    "subject": "acme",
    "summary": "Carrier acme has no bind.",
    "time_zone": "Europe/Berlin",
    "token": "4cU8qZ0kXG6oV1yQm2bT7nRw5sJ9hLdPfA3eKiYxN0o",
    "unit": "seconds",
    "value": "60",
    "version": "1.0.0",
    "what": "acme goes down",
    "zone": "Europe/Berlin",
}
_MOMENT: Final = "2026-11-28T12:00:00.000Z"
#: The prefix of an id by the name of its field, and of `id` by the beginning of the name of its schema.
_IDS: Final = {
    "message_id": "msg", "batch_id": "bat", "account_id": "acc", "event_id": "evt", "carrier_id": "car",
    "credential_id": "smpp", "route_id": "rte", "parent_id": "acc", "webhook_id": "whk", "delivery_id": "dlv",
    "user_id": "usr", "key_id": "key", "report_id": "rpt", "request_id": "req", "entry_id": "aud", "event_ids": "evt",
    "object_id": "whk", "account": "acc", "home": "acc", "runs_as": "usr", "invited_by": "usr", "credential": "smpp",
    "acknowledged_by": "usr", "accounts": "acc",
}  # fmt: skip
_OWN_IDS: Final = (
    ("MessageEvent", "evt"), ("AlertEvent", "evt"), ("WebhookTestEvent", "evt"), ("DeliveryRecord", "dlv"),
    ("Account", "acc"), ("OwnAccount", "acc"), ("Adjustment", "adj"), ("Alert", "alr"), ("Audit", "aud"),
    ("Batch", "bat"), ("Capture", "cap"), ("Carrier", "car"), ("LiveCarrier", "car"), ("Delivery", "dlv"),
    ("Document", "doc"), ("Invitation", "inv"), ("Job", "job"), ("Key", "key"), ("MeUser", "usr"), ("Number", "num"),
    ("Passkey", "crd"), ("Pause", "pau"), ("Refusal", "rfs"), ("ReportRun", "run"), ("Route", "rte"),
    ("SavedReport", "rpt"), ("Session", "ses"), ("SmppBind", "bnd"), ("SmppCredential", "smpp"), ("User", "usr"),
    ("Webhook", "whk"),
)  # fmt: skip
_TAIL: Final = "01h455vb4pex5vsknk084sn02q"
#: How many levels of nested schemas are followed.
_DEPTH: Final = 10


#: Values for a pattern that no value by name fits.
_FOR_PATTERNS: Final = ("DE", "EUR", "08:00", "26201", "49151", "acme", "0.0075", "+15551234567", "NqkKFCDY")
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,),
    "object": (dict,), "null": (type(None),),
}  # fmt: skip


def answer_example(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """An example of an operation's successful answer; None if that is not JSON."""
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json")
        if status.startswith("2") and content and content.get("schema"):
            return answer_of(document, content["schema"])
    return None


def answer_of(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """An example answer of this schema."""
    return _Maker(document).value(schema, "", "", 0)


class _Maker:
    """Makes examples of one document. `kind` is the name of the schema around a field."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]

    def value(self, schema: dict[str, Any], name: str, kind: str, depth: int) -> Any:
        """An example of a schema, for a field of this name."""
        if "$ref" in schema:
            found = schema["$ref"].rsplit("/", 1)[1]
            return self.value(self._schemas[found], name, found, depth)
        if schema.get("examples"):
            return schema["examples"][0]
        if "const" in schema:
            return schema["const"]
        if name in _BY_NAME and self._fits(schema, _BY_NAME[name]):
            return _BY_NAME[name]
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self._one_of(schema[several], name, kind, depth)
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kinds, list) and "null" in kinds and name != "queued_at":
            return self._id(name, kind) if name in _IDS and "string" in kinds else None
        first = kinds[0] if isinstance(kinds, list) else kinds
        if first == "object":
            return self._object(schema, kind, depth)
        if first == "array":
            item = schema.get("items", {})
            return [] if depth >= _DEPTH else [self.value(item, name, kind, depth + 1)]
        return self._simple(schema, first, name, kind)

    def _one_of(self, options: list[dict[str, Any]], name: str, kind: str, depth: int) -> Any:
        """An example of the first option; null before a string that could be anything."""
        first = options[0]
        bare = first.get("type") == "string" and not {"enum", "examples", "format", "pattern"} & set(first)
        if bare and name not in _IDS and {"type": "null"} in options:
            return None
        return self.value(first, name, kind, depth)

    def _simple(self, schema: dict[str, Any], kind_of_value: str, name: str, kind: str) -> Any:
        if schema.get("default") is not None:
            return schema["default"]
        if schema.get("enum"):
            return schema["enum"][0]
        if kind_of_value == "null":
            return None
        if kind_of_value != "string":
            lowest = {"integer": 1, "number": 0.5, "boolean": False}[kind_of_value]
            return schema.get("minimum", lowest)
        if schema.get("format") == "date-time" or name.endswith("_at"):
            return _MOMENT
        if name == "id" or name in _IDS:
            return self._id(name, kind)
        values = [value for value in _FOR_PATTERNS if self._fits(schema, value)]
        return values[0] if values and "pattern" in schema else name or "text"

    @staticmethod
    def _id(name: str, kind: str) -> str:
        own = (prefix for start, prefix in _OWN_IDS if kind.startswith(start))
        return f"{_IDS.get(name) or next(own, 'msg')}_{_TAIL}"

    def _object(self, schema: dict[str, Any], kind: str, depth: int) -> dict[str, Any]:
        if depth >= _DEPTH:
            return {}
        fields = schema.get("properties", {})
        return {name: self.value(field, name, kind, depth + 1) for name, field in fields.items()}

    def _fits(self, schema: dict[str, Any], value: Any) -> bool:
        """Whether a value fits a schema, as far as values by name go."""
        if "$ref" in schema:
            return self._fits(self._schemas[schema["$ref"].rsplit("/", 1)[1]], value)
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return any(self._fits(option, value) for option in schema[several])
        kinds = schema.get("type", [])
        if kinds and not any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
            return False
        if "enum" in schema and value not in schema["enum"]:
            return False
        if isinstance(value, str):
            if schema.get("format") == "date-time" and not re.match(r"\d{4}-\d\d-\d\dT", value):
                return False
            longest = schema.get("maxLength", len(value))
            return len(value) <= longest and re.search(schema.get("pattern", ""), value) is not None
        if isinstance(value, list):
            return all(self._fits(schema.get("items", {}), item) for item in value)
        return not isinstance(value, dict) or "properties" not in schema


def _is(value: Any, kind: str) -> bool:
    """Whether a value has a JSON type."""
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
