"""The source of the command line's options: the fields of each operation, from the OpenAPI document.

This module writes `src/onesixty/cli/operations.json`. The commands read it, so that their help needs no running
server.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from scripts.docs_reference.embedding import ROOT

#: Fields whose name is already an option of every command, with the name to use instead.
_RENAMED = {"url": "target"}
_PAGING = ("limit", "after")
#: The type of the lines of an export. Its commands have options of their own for the format.
_LINES = "application/x-ndjson"
_MOST_CHOICES = 40
_MOST_OF_LIST = 12

FILE = ROOT / "src" / "onesixty" / "cli" / "operations.json"


def operations(document: dict[str, Any]) -> str:
    """Return the file's text: for each operation that has a command, its options, and whether it is a list in pages
    or a stream of lines."""
    groups = tomllib.loads(FILE.with_name("resources.toml").read_text())["group"].values()
    calls = {verb["call"] for group in groups for verb in group["commands"].values()}
    made = {
        call: _operation(document, method.lower(), document["paths"][path][method.lower()])
        for call in sorted(calls)
        for method, path in [call.split()]
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _operation(document: dict[str, Any], method: str, operation: dict[str, Any]) -> dict[str, Any]:
    query = [one for one in operation.get("parameters", ()) if one.get("in") == "query"]
    fields = [
        _field(
            document,
            one["name"],
            {"description": one.get("description", ""), **one["schema"]},
            one["required"],
        )
        for one in query
    ]
    for content in list(operation.get("requestBody", {}).get("content", {}).values())[:1]:
        fields += _fields(document, content["schema"])
    for field in fields:
        if method == "patch":
            field["about"] = re.sub(r"\bnull\b", f"`--clear {field['name']}`", field["about"])
        else:
            field["about"] = re.sub(r"; null [^.;]*", "", field["about"])
    streamed = any(_LINES in response.get("content", ()) for response in operation["responses"].values())
    own = (*_PAGING, "format") if streamed else _PAGING
    kept = [
        field
        for field in fields
        if field["kind"] and field["name"] not in own and "Reserved" not in field["about"]
    ]
    made = {
        "fields": [{key: value for key, value in field.items() if value} for field in kept],
        "paged": not streamed and any(one["name"] == "after" for one in query),
    }
    return made | ({"streamed": True} if streamed else {})


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the fields of a body. Of a required object, yields its fields, marked with the name of the object."""
    body = resolved(document, schema)
    required = body.get("required", ())
    taken: set[str] = set()
    for name, field in body.get("properties", {}).items():
        inner = resolved(document, field)
        if name not in required or "properties" not in inner:
            yield _field(document, name, field, name in required)
            continue
        for one, said in inner["properties"].items():
            option = f"{name}_{one}" if one in taken else one
            yield _field(document, one, said, False) | {"inside": name, "option": option}
        taken |= set(inner["properties"])


def _field(document: dict[str, Any], name: str, schema: dict[str, Any], required: bool) -> dict[str, Any]:
    said = resolved(document, schema)
    listed = said.get("type") == "array"
    return {
        "name": name,
        "option": _RENAMED.get(name, ""),
        "about": schema.get("description") or said.get("description") or "",
        "kind": _kind(document, said),
        "choices": _choices(resolved(document, said["items"]) if listed else said, listed=listed),
        "required": required,
    }


def _choices(said: dict[str, Any], *, listed: bool) -> list[Any]:
    """Return the values of an option; none if they are too many for a help text."""
    most = _MOST_OF_LIST if listed else _MOST_CHOICES
    values = said.get("enum") or ([said["const"]] if "const" in said else [])
    return [value for value in values if value is not None] if len(values) <= most else []


def _kind(document: dict[str, Any], said: dict[str, Any]) -> str:
    """Return the option's kind; empty for a list of objects, which only a file can give."""
    kinds = {"integer": "int", "number": "number", "boolean": "flag", "object": "map", "string": "text"}
    if said.get("type") == "array":
        items = [resolved(document, one) for one in said["items"].get("anyOf", [said["items"]])]
        return "texts" if {"type": "string"} in [{"type": one.get("type")} for one in items] else ""
    type_ = said.get("type", "")
    if isinstance(type_, list):
        type_ = next(one for one in type_ if one != "null")
    return kinds.get(type_, "text")


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema behind references, and the schema beside null."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema and any(one.get("type") == "null" for one in schema["anyOf"]):
            schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
        else:
            return schema
