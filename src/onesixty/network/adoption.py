"""Turns carriers and routes of the settings file into rows, matched by name, at each start.

Rules kept here:
- without any carrier, simulated ones and routes to them are created; without any route, one over all of these, or
  over the first carrier;
- everything is one transaction, built from the current rows. If several nodes start together on an empty database,
  one creates the rows, and the others read again and find them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from onesixty.carriers.registry import Connectors
from onesixty.carriers.settings import decode
from onesixty.core.actor import SETTINGS
from onesixty.core.channel import Channels
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.http.amounts import Amount, Currency, micros_of
from onesixty.network.configs import (
    Configs,
    Cost,
    changed_carrier,
    changed_route,
    cost_of,
    known_carriers,
    spec_of,
)
from onesixty.network.tables import BESIDE_SETTINGS
from onesixty.ops.settings import table_error
from onesixty.routing import spec
from onesixty.routing.router import DEFAULT
from onesixty.simulator.networks import first_carriers
from onesixty.store.rows import By

#: How often the rows are read again after another node changed them. Each time, some node succeeded.
_TRIES: Final = 20

Tables = Sequence[Mapping[str, Any]]


async def adopt(
    configs: Configs,
    connectors: Connectors,
    channels: Channels,
    carriers: Tables,
    routes: Tables,
    *,
    account_id: str,
) -> None:
    """Update the rows from the settings file. `account_id` is the operator's account, in which the changes are made.
    Raises SettingsError naming table and field, StoreError."""
    by = By(account_id, SETTINGS)
    _refuse_twice("carriers", carriers)
    _refuse_twice("routes", routes)
    for _ in range(_TRIES):
        if await configs.apply(*await _changes(configs, connectors, channels, carriers, routes, by)):
            return
    raise Problem("conflict", "Carriers or routes keep being changed by others; start again.")


async def _changes(
    configs: Configs, connectors: Connectors, channels: Channels, carriers: Tables, routes: Tables, by: By
) -> tuple[list[Write], list[Write]]:
    """The guards and writes that update the rows from the tables."""
    guards: list[Write] = []
    writes: list[Write] = []
    known = {config.name: config for config in await configs.carriers()}
    known_routes = {route.name: route for route in await configs.routes()}
    for index, table in enumerate(carriers):
        name, type_, settings, enabled, cost = _carrier_table(connectors, index, table)
        config = known.get(name)
        if config is None:
            known[name] = configs.new_carrier(name, type_, settings, enabled=enabled, cost=cost)
            writes += configs.carrier_rows.inserting(known[name], by=by)
            continue
        if config.type != type_:
            raise table_error("carriers", index, "type", f"of carrier {name!r} was {config.type!r}")
        as_it_was = (msgspec.json.decode(config.settings), config.enabled, cost_of(config))
        if as_it_was != (settings, enabled, cost):
            known[name] = changed_carrier(config, name=name, settings=settings, enabled=enabled, cost=cost)
            guard, further = configs.carrier_rows.updating(config, known[name], by=by)
            guards.append(guard)
            writes += further
    bare = not known
    if bare:
        for one in first_carriers():
            settings = connectors.validate("simulator", one.settings)
            known[one.name] = configs.new_carrier(one.name, "simulator", settings, enabled=True)
            writes += configs.carrier_rows.inserting(known[one.name], by=by)
    nameable = known_carriers(list(known.values()), connectors, channels)
    for index, table in enumerate(routes):
        name, row = _route_table(index, table, nameable)
        route = known_routes.get(name)
        if route is None:
            known_routes[name] = configs.new_route(name, row)
            writes += configs.route_rows.inserting(known_routes[name], by=by)
        elif spec_of(route) != row:
            known_routes[name] = changed_route(route, name=name, route=row, enabled=route.enabled)
            guard, further = configs.route_rows.updating(route, known_routes[name], by=by)
            guards.append(guard)
            writes += further
    if not known_routes:
        first = [config.id for config in known.values()]
        made = [configs.new_route(DEFAULT, first if bare else first[:1])]
        # A route to each of the first carriers, so that a message can name it.
        made += [configs.new_route(config.name, [config.id]) for config in known.values() if bare]
        writes += [write for route in made for write in configs.route_rows.inserting(route, by=by)]
    return guards, writes


def _refuse_twice(tables: str, given: Tables) -> None:
    """Refuse two tables of the same name: each would overwrite the other."""
    names: list[object] = []
    for index, table in enumerate(given):
        if "name" in table and table["name"] in names:
            raise table_error(tables, index, "name", f"{table['name']!r} appears twice")
        names.append(table.get("name"))


class _CostTable(msgspec.Struct):
    cost_per_segment: Amount = "0.00"
    currency: Currency = "EUR"


def _carrier_table(
    connectors: Connectors, index: int, table: Mapping[str, Any]
) -> tuple[str, str, dict[str, Any], bool, Cost]:
    name, type_, enabled = table.get("name"), table.get("type"), table.get("enabled", True)
    if not isinstance(name, str) or not name:
        raise table_error("carriers", index, "name", "is missing")
    if not isinstance(type_, str):
        raise table_error("carriers", index, "type", "is missing")
    if not isinstance(enabled, bool):
        raise table_error("carriers", index, "enabled", "must be true or false")
    rest = {field: value for field, value in table.items() if field not in BESIDE_SETTINGS}
    cost = {field: table[field] for field in _CostTable.__struct_fields__ if field in table}
    try:
        settings = connectors.validate(type_, rest, param="")
        said = decode(cost, _CostTable, param="")
        micros = micros_of(said.cost_per_segment, "cost_per_segment")
        return name, type_, settings, enabled, Cost(micros, said.currency)
    except Problem as problem:
        raise table_error("carriers", index, (problem.param or "").lstrip("."), problem.detail) from None


def _route_table(
    index: int, table: Mapping[str, Any], known: Mapping[str, spec.KnownCarrier]
) -> tuple[str, spec.RouteSpec]:
    fields = dict(table)
    name = fields.pop("name", None)
    if not isinstance(name, str) or not name:
        raise table_error("routes", index, "name", "is missing")
    try:
        return name, spec.check(fields, known)
    except Problem as problem:
        raise table_error("routes", index, problem.param, problem.detail) from None
