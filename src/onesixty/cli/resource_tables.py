"""The groups of commands that are generated from the API, as `resources.toml` lists them.

A command's options are the fields of its operation. They come from `operations.json`, which `python -m
scripts.docs_reference` generates from the OpenAPI document.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from onesixty.cli.output import Column
from onesixty.cli.resources import Field, Resource, Verb

_HERE: Final = Path(__file__).parent


def _binds(carrier: dict[str, Any]) -> str:
    state = carrier.get("state")
    return f"{state['binds_bound']}/{state['binds']}" if state else "-"


def _carriers(route: dict[str, Any]) -> str:
    return ", ".join(one if isinstance(one, str) else one["carrier"] for one in route["carriers"])


def _money(amounts: list[dict[str, str]] | None) -> str | None:
    return ", ".join(f"{one['amount']} {one['currency']}" for one in amounts or ()) or None


#: Columns whose content is computed and not a field of the row.
_SHOWN: Final[dict[str, Callable[[dict[str, Any]], object]]] = {
    "binds()": _binds,
    "carriers()": _carriers,
    "mode()": lambda row: "test" if row.get("test") else "live",
    "costs()": lambda row: _money(row.get("cost")),
    "prices()": lambda row: _money(row.get("price")),
    "price()": lambda account: f"{account['price_per_segment']} {account['currency']}",
    "route()": lambda row: row.get("route") if row.get("carrier") else None,
}


def resources() -> list[Resource]:
    """Return all groups, in the order of `onesixty --help`."""
    tables = tomllib.loads((_HERE / "resources.toml").read_text(encoding="utf-8"))
    operations = json.loads((_HERE / "operations.json").read_text(encoding="utf-8"))

    def field(said: dict[str, Any]) -> Field:
        return _field(said, tables["help"], tables["instead"])

    return [
        Resource(
            name,
            group["about"],
            tuple(
                _verb(verb, {"id": group.get("id", ""), **said}, operations[said["call"]], field)
                for verb, said in group["commands"].items()
            ),
        )
        for name, group in tables["group"].items()
    ]


def _verb(
    name: str, said: dict[str, Any], operation: dict[str, Any], field: Callable[[dict[str, Any]], Field]
) -> Verb:
    method, path = said["call"].split()
    return Verb(
        name,
        said["about"],
        method,
        path,
        fields=tuple(map(field, operation["fields"])),
        columns=tuple(_column(column) for column in said.get("columns", ())),
        shared=tuple(said.get("shared", ())),
        sparse=said.get("sparse", False),
        paged=operation["paged"],
        streamed=operation.get("streamed", False),
        id_help=said["id"] if "{" in path else "",
        done=said.get("done", "removed"),
    )


def _column(text: str) -> Column:
    heading, _, shown = text.partition(" = ")
    return heading, _SHOWN.get(shown, shown or heading)


def _field(said: dict[str, Any], helps: dict[str, str], instead: dict[str, str]) -> Field:
    about = said.get("about", "")
    if not about or about.startswith("`--clear"):
        about = f"{helps.get(said['name'], '')} {about}".strip()
    option = said.get("option", said["name"])
    about = instead.get(f"{option} {said.get('kind')}", instead.get(option, about))
    return Field(**said | {"about": about, "choices": tuple(said.get("choices", ()))})
