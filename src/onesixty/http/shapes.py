"""Schemas that several schemas of the document share."""

from __future__ import annotations

from typing import Any, Final

from onesixty.core.notices import KINDS
from onesixty.http.openapi import REF, Schema

TIME: Final = {"type": "string", "format": "date-time"}
TIME_OR_NULL: Final = {"type": ["string", "null"], "format": "date-time"}
#: A code of the error catalogue, by reference.
ERROR_CODE: Final = {"$ref": REF.format(name="ErrorCode")}
ERROR_CODE_OR_NULL: Final = {"anyOf": [ERROR_CODE, {"type": "null"}]}
TEXT_OR_NULL: Final = {"type": ["string", "null"]}


def described(schema: dict[str, Any], about: str) -> Schema:
    """A schema with a description."""
    return {**schema, "description": about}


def object_of(about: str, fields: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """An object with these fields, all of which are required except the `optional` ones."""
    required = [name for name in fields if name not in optional]
    return {"type": "object", "description": about, "required": required, "properties": fields}


def list_of_ref(name: str) -> Schema:
    """A list of objects of another schema."""
    return {"type": "array", "items": {"$ref": REF.format(name=name)}}


#: The members of a notice, except its text.
NOTICE_FIELDS: Final[dict[str, Schema]] = {
    "kind": described(
        {"type": "string", "enum": list(KINDS)},
        "Whether the rule warns, changed what was asked for, defers the message or holds it.",
    ),
    "rule": described({"type": "string"}, "The name of the rule."),
    "code": described({"type": "string"}, "A word for programs; of a hold, what it waits for."),
    "field": described(TEXT_OR_NULL, "The field of a send that it is about."),
    "until": described(TIME_OR_NULL, "The time to which a rule defers the message."),
}

NOTICES: Final[Schema] = described(
    list_of_ref("Notice"), "What the rules told about the message: warnings, changes, why it waits."
)

CHANGES: Final[Schema] = described(
    list_of_ref("Replacement"), "With `transliterate`: the characters that were replaced."
)
