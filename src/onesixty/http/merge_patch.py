"""JSON Merge Patch (RFC 7396): the meaning of every PATCH of the API.

Rules kept here:
- an absent member stays; null clears it, or restores its default; an object is merged member by member, at every
  depth; any other value, also a list, replaces the former one;
- a field without a default cannot be cleared: the refusal names it;
- the result is judged as a whole, like a new body. Every name in the patch has to be a field,
  even if the patch clears it;
- a patch without members changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import inspect

from onesixty.core.errors import Problem
from onesixty.http import structs, wording
from onesixty.http.openapi import Schema, of_struct
from onesixty.http.validation import decode, shorten

_T = TypeVar("_T", bound=msgspec.Struct)

CONTENT_TYPE: Final = "application/merge-patch+json"
_REF: Final = "#/components/schemas/"


def merged(target: Any, patch: Any) -> Any:
    """The result of applying `patch` to `target` (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def cleared(patch: Any, path: str = "") -> Iterator[str]:
    """The paths that a patch clears: `reference`, `settings.port`."""
    if isinstance(patch, dict):
        for name, value in patch.items():
            where = f"{path}.{name}" if path else name
            if value is None:
                yield where
            else:
                yield from cleared(value, where)


def read(body: bytes) -> dict[str, Any]:
    """The patch of a request. Raises Problem."""
    patch = decode(msgspec.json.Decoder(dict[str, Any]).decode, body)
    structs.check_nul(patch)
    return patch


class MergePatch(Generic[_T]):
    """Applies patches to the fields of `struct`. The struct also validates the result."""

    def __init__(self, struct: type[_T]) -> None:
        self.struct = struct
        self._decode: Callable[[bytes], _T] = msgspec.json.Decoder(struct).decode

    @cached_property
    def _info(self) -> inspect.StructType:
        """What the struct has. Read at the first use, because a start with many resources needs none of it."""
        info = inspect.type_info(self.struct)
        assert isinstance(info, inspect.StructType)
        return info

    def apply(self, current: _T, patch: dict[str, Any]) -> _T:
        """Apply the patch to the current fields. Raises Problem."""
        _check_names(patch, self._info, "")
        result = merged(msgspec.to_builtins(current), patch)
        try:
            return decode(self._decode, msgspec.json.encode(result), members=False)
        except Problem as problem:
            if problem.code == "missing_field" and problem.param in set(cleared(patch)):
                raise cannot_be_cleared(problem.param) from None
            raise

    def schemas(self, name: str, about: str) -> dict[str, Schema]:
        """The schema `name` of the patch, and the schemas of nested structs."""
        found = of_struct(self.struct)
        patch = found.pop(self.struct.__name__)
        patch.pop("required", None)
        patch["title"] = name
        patch["description"] = about
        fields = patch["properties"]
        for field in self._info.fields:
            optional = _optional(fields[field.encode_name], clearable=not field.required)
            fields[field.encode_name] = _by_member(optional, found)
        return {name: patch, **found}


def _optional(schema: Schema, *, clearable: bool) -> Schema:
    """The schema of an optional field, which may be null if null restores its default."""
    plain = {key: value for key, value in schema.items() if key != "default"}
    if not clearable:
        return plain
    if schema.get("default") not in (None, [], {}, ""):
        shown = msgspec.json.encode(schema["default"]).decode()
        plain["description"] = f"{plain.get('description', '')} null restores the default, {shown}.".strip()
    return _nullable(plain)


def _by_member(schema: Schema, found: dict[str, Schema]) -> Schema:
    """The schema of a field that is merged member by member: null takes an entry out of a table. A struct that has
    tables gets a schema of its own for changes, in `found`."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [_by_member(option, found) for option in schema["anyOf"]]}
    name = schema.get("$ref", "").removeprefix(_REF)
    if _is_table(schema):
        return {**schema, "additionalProperties": _nullable(schema["additionalProperties"])}
    properties = found[name].get("properties", {}) if name in found else {}
    if not any(_is_table(each) for each in properties.values()):
        return schema
    changed = f"{name.removesuffix('Body')}ChangeBody"
    required = found[name].get("required", ())
    found[changed] = {
        **{key: value for key, value in found[name].items() if key != "required"},
        "title": changed,
        "properties": {
            each: _by_member(_optional(value, clearable=each not in required), found)
            for each, value in properties.items()
        },
    }
    return {**schema, "$ref": f"{_REF}{changed}"}


def _is_table(schema: Schema) -> bool:
    """Whether it is an object whose names are values: of countries, of classes."""
    return bool(isinstance(schema.get("additionalProperties"), dict) and schema["additionalProperties"])


def cannot_be_cleared(param: str) -> Problem:
    """The refusal of a null for a field that must have a value."""
    return Problem("invalid_field", f"`{param}` cannot be cleared.", param=param)


def _nullable(schema: Schema) -> Schema:
    options = schema.get("anyOf", [])
    if {"type": "null"} in options or "null" in schema.get("type", ()):
        return schema
    about = {key: schema[key] for key in ("description",) if key in schema}
    plain = {key: value for key, value in schema.items() if key not in about}
    return {"anyOf": [*(options or [plain]), {"type": "null"}], **about}


def _check_names(patch: dict[str, Any], info: inspect.StructType, path: str) -> None:
    """Raise Problem `unknown_field` if a patch names an unknown field, even to clear it."""
    fields = {field.encode_name: field.type for field in info.fields}
    for name, value in patch.items():
        where = f"{path}.{name}" if path else name
        if name not in fields and info.forbid_unknown_fields:
            param = shorten(where)
            hint = "" if path else wording.suggestion(name, tuple(fields))
            raise Problem("unknown_field", wording.unknown_field(param, hint), param=param)
        inner = _struct_in(fields[name]) if name in fields else None
        if inner is not None and isinstance(value, dict):
            _check_names(value, inner, where)


def _struct_in(kind: inspect.Type) -> inspect.StructType | None:
    if isinstance(kind, inspect.Metadata):
        kind = kind.type
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return next((option for option in options if isinstance(option, inspect.StructType)), None)
