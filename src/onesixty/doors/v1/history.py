"""The history of a message as this door shows it to operators: ids with their names, a carrier's codes in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from onesixty.smpp import constants


def name_all(history: dict[str, Any], names: Mapping[str, str]) -> None:
    """Add the names of carriers and routes to a history and its entries, and the meaning of carriers' codes. `names`
    by id."""
    for entry in (history, *history["data"]):
        _name(entry, names)
        if isinstance(entry.get("because"), dict):
            _name(entry["because"], names)
        if "carrier_code" in entry:
            entry["carrier_code_title"] = meaning(entry["carrier_code"])


def _name(entry: dict[str, Any], names: Mapping[str, str]) -> None:
    for kind in ("carrier", "route"):
        if id_ := entry.get(f"{kind}_id"):
            entry[kind] = names.get(id_, id_)


def meaning(carrier_code: str | None) -> str | None:
    """What a command_status means, by its name (SMPP 3.4, 5.1.3); None for other codes, which are a carrier's own."""
    return _meanings().get(carrier_code or "")


@cache
def _meanings() -> dict[str, str]:
    return {info.name: info.meaning for info in constants.STATUSES.values()}
