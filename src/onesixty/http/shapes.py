"""Schemas that several schemas of the document share."""

from __future__ import annotations

from typing import Any, Final

from onesixty.http.openapi import REF, Schema

TIME: Final = {"type": "string", "format": "date-time"}
TIME_OR_NULL: Final = {"type": ["string", "null"], "format": "date-time"}
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


CHANGES: Final[Schema] = described(
    list_of_ref("Replacement"), "With `transliterate`: the characters that were replaced."
)
