"""The last pass over the OpenAPI document: what FastAPI, pydantic and msgspec generate, in the form that generators
of clients read best.

Rules kept here:
- generated titles are left out, because they only repeat the names of fields;
- a query parameter is of one type: it cannot be null, and its description is said once;
- the description of a field stands at the field, not at one of its options;
- a closed set that several schemas share is a schema with a name (`NAMED` marks a field of it);
- schemas have names that stand alone in one name space (`renamed`);
- every answer has a schema, unless it has no content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

REF: Final = "#/components/schemas/"
#: The keyword by which a schema says that it is the schema of this name. Structs and models that cannot refer to it
#: carry it (`structs.named`).
NAMED: Final = "x-schema"

_NULL: Final = {"type": "null"}
_JSON: Final = "application/json"
#: Content without a schema, by its type: what it is.
_CONTENTS: Final[dict[str, dict[str, Any]]] = {
    "text/plain": {"type": "string"},
    "application/vnd.tcpdump.pcap": {"type": "string", "contentMediaType": "application/vnd.tcpdump.pcap"},
}
#: The members of a schema that have schemas: by name, one, a list of them.
_BY_NAME: Final = ("properties", "$defs", "patternProperties")
_ONE: Final = ("items", "additionalProperties", "not")
_SEVERAL: Final = ("anyOf", "oneOf", "allOf", "prefixItems")


def polish(document: dict[str, Any], renamed: Mapping[str, str]) -> None:
    """Polish the document in place. `renamed`: the names of schemas that the document has under other names."""
    components: dict[str, Any] = document["components"]["schemas"]
    for schema in components.values():
        _polish(schema)
    for operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            if "$ref" not in parameter:
                _polish_parameter(parameter)
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            _polish_contents(body)
    document["components"]["schemas"] = {renamed.get(name, name): one for name, one in components.items()}
    _rename(document, {REF + name: REF + new for name, new in renamed.items()})


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def _polish(schema: Any) -> None:
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("title"), str):
        del schema["title"]
    for keyword in _BY_NAME:
        for inner in schema.get(keyword, {}).values():
            _polish(inner)
    for keyword in _ONE:
        _polish(schema.get(keyword))
    for keyword in _SEVERAL:
        for inner in schema.get(keyword, ()):
            _polish(inner)
    options = schema.get("anyOf", ())
    nullable = _NULL in options or "null" in schema.get("type", ())
    if NAMED in schema:
        _refer(schema, nullable)
    elif "enum" in schema and options:  # of a model's field that may be null: the values say that too
        del schema["anyOf"]
        schema["type"] = ["string", "null"] if nullable else "string"
    elif nullable and len(options) == 2:
        (option,) = (one for one in options if one != _NULL)
        if "description" in option:
            schema.setdefault("description", option["description"])
            del option["description"]


def _refer(schema: dict[str, Any], nullable: bool) -> None:
    """Make a schema that is marked as one with a name a reference to it."""
    ref = {"$ref": REF + schema.pop(NAMED)}
    kept = {name: schema[name] for name in ("description", "default") if schema.get(name) is not None}
    schema.clear()
    schema |= {"anyOf": [ref, dict(_NULL)]} if nullable else ref
    schema |= kept


def _polish_parameter(parameter: dict[str, Any]) -> None:
    schema = parameter["schema"]
    _polish(schema)
    options = [one for one in schema.get("anyOf", ()) if one != _NULL]
    if len(options) == 1 and len(schema["anyOf"]) == 2:
        del schema["anyOf"]
        for name, value in options[0].items():
            schema.setdefault(name, value)
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if "description" in schema:
        parameter.setdefault("description", schema["description"])
        del schema["description"]


def _polish_contents(body: dict[str, Any]) -> None:
    """The contents of a body or an answer: each with a schema, and none that FastAPI only assumes."""
    contents = body.get("content", {})
    if contents.get(_JSON, {}).get("schema") == {}:
        del contents[_JSON]
    for kind, content in contents.items():
        if "schema" not in content:
            content["schema"] = dict(_CONTENTS[kind])
        _polish(content["schema"])
    if not contents:
        body.pop("content", None)


def _rename(value: Any, refs: Mapping[str, str]) -> None:
    """Replace references in a part of the document."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(inner, str):
            if inner in refs:
                value[key] = refs[inner]
        elif isinstance(inner, dict | list):
            _rename(inner, refs)
