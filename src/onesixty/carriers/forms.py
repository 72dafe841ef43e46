"""The form of a type of carriers: the JSON Schema of its settings, with the words that a person needs.

Rules kept here:
- types, limits and defaults come from the settings' own type (`registry.Connector`), so they never differ from what
  is checked;
- titles, groups and help come from `forms.toml`; a type of an extension has them in its own annotations
  (`msgspec.Meta`), with the group as `extra_json_schema={"x-group": "..."}`;
- a secret is `writeOnly` and has `x-secret`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from onesixty.carriers.http.profiles import PROFILES
from onesixty.carriers.registry import Connector

_DEFS: Final = "#/$defs/{name}"
#: The group of a field that names none.
OTHER: Final = "other"


@functools.cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("forms.toml").read_text(encoding="utf-8"))


def form(type_: str, connector: Connector) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the settings of a type. `x-groups` names its groups in the order of a form."""
    root, components = msgspec.json.schema_components([connector.settings], ref_template=_DEFS)
    name = root[0]["$ref"].rpartition("/")[2]
    schema: dict[str, Any] = components.pop(name)
    properties: dict[str, Any] = {
        field: _described(type_, field, _referred(said), secret=field in connector.secrets)
        for field, said in schema["properties"].items()
    }
    used = {said["x-group"] for said in properties.values()}
    titles = _words()["groups"]
    groups = [{"name": one, "title": titles[one]} for one in titles if one in used]
    groups += [
        {"name": one, "title": one.replace("_", " ").capitalize()} for one in sorted(used - set(titles))
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": schema.get("required", []),
        "properties": properties,
        "x-groups": groups,
        **({"$defs": components} if components else {}),
    }


def _referred(said: dict[str, Any]) -> dict[str, Any]:
    """A schema that may have words beside it: a reference stands alone in `allOf`."""
    return {"allOf": [said]} if "$ref" in said else dict(said)


def _described(type_: str, field: str, said: dict[str, Any], *, secret: bool) -> dict[str, Any]:
    group, title, about = next(_said_of(type_, field), (OTHER, _title(field), ""))
    said.setdefault("title", title)
    said.setdefault("x-group", group)
    if about:
        said.setdefault("description", about)
    if secret:
        said |= {"writeOnly": True, "x-secret": True}
    return said


def _said_of(type_: str, field: str) -> Iterator[tuple[str, str, str]]:
    tables = _words()["fields"]
    places = [type_]
    if type_ in PROFILES or type_ == "http":
        places += ["link", "profile"]
    for place in places:
        if field in tables.get(place, {}):
            group, title, about = tables[place][field]
            yield group, title, about


def _title(field: str) -> str:
    return field.replace("_", " ").capitalize()
