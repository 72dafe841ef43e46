"""The configured carriers and routes: rows of `carriers` and `routes`.

Rules kept here:
- a row is changed only if it is as it was read (`version`), so two operators cannot silently overwrite each other;
- people use names, which are unique; routes hold ids, so a carrier can be renamed;
- after every change `reload` is awaited: when the API answers, this node uses the new table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import msgspec

from onesixty.carriers.registry import Connectors
from onesixty.core import money
from onesixty.core.channel import Channels
from onesixty.core.clock import Clock
from onesixty.core.contracts import CarrierConfig, RouteConfig, Sealer, Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.network.tables import CARRIERS, ROUTES
from onesixty.routing import spec
from onesixty.routing.spec import PRIORITY, KnownCarrier, Placed, RouteMatch, RouteSpec
from onesixty.store.contract import Store
from onesixty.store.rows import By, RowEffect, Rows, write
from onesixty.store.units import Poisoned, StoreError, Unit

Reload = Callable[[], Awaitable[None]]

#: Returns the settings of a type of carriers as operators see them: with their secrets masked.
Public = Callable[[str, str], Mapping[str, object]]

_Config = TypeVar("_Config", CarrierConfig, RouteConfig)


class Cost(NamedTuple):
    """What a carrier takes for a segment, in micro-units of a currency."""

    per_segment: int = 0
    currency: str = "EUR"


FREE: Final = Cost()


class Configs:
    """The configured carriers and routes of a database."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        id_source: IdSource,
        reload: Reload,
        effects: Sequence[RowEffect] = (),
        *,
        sealer: Sealer,
        public: Public | None = None,
    ) -> None:
        """`public` returns the settings of a type of carriers without their secrets, for the audit log. Without it,
        the log shows none of them."""
        self._store = store
        self._reload = reload

        def shows(config: CarrierConfig) -> dict[str, object]:
            cost: dict[str, object] = {"cost_per_segment": money.to_text(config.cost_per_segment)}
            return cost if public is None else {**cost, "settings": public(config.type, config.settings)}

        self.carrier_rows = Rows(
            CARRIERS, store, clock, id_source, one="carrier", effects=effects, sealer=sealer, shows=shows
        )
        self.route_rows = Rows(ROUTES, store, clock, id_source, one="route", effects=effects)
        self.carrier_rows.on_written(self._written)
        self.route_rows.on_written(self._written)

    # ------------------------------------------------------------ carriers

    async def carriers(self) -> list[CarrierConfig]:
        """All carriers, oldest first."""
        return await self.carrier_rows.all()

    async def carrier_ids(self) -> list[str]:
        """The ids of all carriers."""
        return [carrier.id for carrier in await self.carriers()]

    async def carrier(self, id_or_name: str) -> CarrierConfig | None:
        """The carrier with this id or name."""
        return _one(await self.carriers(), id_or_name)

    async def named_carrier(self, id_or_name: str, param: str) -> CarrierConfig:
        """The carrier that a field of a request names. Raises Problem `invalid_field`."""
        return _known(await self.carrier(id_or_name), f"carrier `{id_or_name}`", param)

    async def add_carrier(
        self,
        name: str,
        type_: str,
        settings: Mapping[str, object],
        *,
        enabled: bool = True,
        cost: Cost = FREE,
    ) -> CarrierConfig:
        """Create a carrier; `settings` in their normal form. Raises Problem `conflict` if the name is in use."""
        return await self.carrier_rows.add(
            self.new_carrier(name, type_, settings, enabled=enabled, cost=cost)
        )

    def new_carrier(
        self, name: str, type_: str, settings: Mapping[str, object], *, enabled: bool, cost: Cost = FREE
    ) -> CarrierConfig:
        """A new carrier."""
        return CarrierConfig(
            id=self.carrier_rows.new_id(),
            name=name,
            type=type_,
            settings=msgspec.json.encode(settings).decode(),
            enabled=enabled,
            version=1,
            created_at=self.carrier_rows.now(),
            cost_per_segment=cost.per_segment,
            currency=cost.currency,
        )

    async def change_carrier(
        self, config: CarrierConfig, *, name: str, settings: Mapping[str, object], enabled: bool
    ) -> CarrierConfig:
        """Change a carrier to these values. Raises Problem `conflict`."""
        return await self.carrier_rows.change(
            config, changed_carrier(config, name=name, settings=settings, enabled=enabled)
        )

    async def remove_carrier(self, config: CarrierConfig, by: By | None = None) -> None:
        """Delete a carrier. Raises Problem `conflict` if a route uses it."""
        for route in await self.routes():
            if any(config.id == placed.carrier_id for placed in spec_of(route).carriers):
                raise Problem(
                    "conflict", f"Route `{route.name}` still uses this carrier. Change the route first."
                )
        await self.carrier_rows.remove(config, by=by)

    # ------------------------------------------------------------ routes

    async def names(self) -> dict[str, str]:
        """The names of routes and carriers, by id."""
        names = {route.id: route.name for route in await self.routes()}
        return names | {carrier.id: carrier.name for carrier in await self.carriers()}

    async def routes(self) -> list[RouteConfig]:
        """All routes, oldest first."""
        return await self.route_rows.all()

    async def route(self, id_or_name: str) -> RouteConfig | None:
        """The route with this id or name."""
        return _one(await self.routes(), id_or_name)

    async def named_route(self, id_or_name: str, param: str) -> RouteConfig:
        """The route that a field of a request names. Raises Problem `invalid_field`."""
        return _known(await self.route(id_or_name), f"route `{id_or_name}`", param)

    async def add_route(
        self, name: str, route: RouteSpec | Sequence[str], *, enabled: bool = True
    ) -> RouteConfig:
        """Create a route; plain carrier ids are in the order of choice. Raises Problem `conflict` if the name is in
        use.
        """
        return await self.route_rows.add(self.new_route(name, route, enabled=enabled))

    def new_route(self, name: str, route: RouteSpec | Sequence[str], *, enabled: bool = True) -> RouteConfig:
        """A new route."""
        if not isinstance(route, RouteSpec):
            route = RouteSpec([Placed(id_, n, 1) for n, id_ in enumerate(route, 1)], RouteMatch(), PRIORITY)
        return RouteConfig(
            id=self.route_rows.new_id(),
            name=name,
            carriers=route.carriers_text,
            match=route.match_text,
            priority=route.priority,
            enabled=enabled,
            version=1,
            created_at=self.route_rows.now(),
        )

    async def change_route(
        self, config: RouteConfig, *, name: str, route: RouteSpec, enabled: bool
    ) -> RouteConfig:
        """Change a route to these values. Raises Problem `conflict`."""
        return await self.route_rows.change(
            config, changed_route(config, name=name, route=route, enabled=enabled)
        )

    # ------------------------------------------------------------ several at once

    async def reorder(
        self, now: Mapping[str, RouteConfig], placed: Sequence[RouteConfig], by: By | None = None
    ) -> list[RouteConfig]:
        """Give the routes `now` (by id) the priorities that they have in `placed`, all or none. Raises Problem, or
        Lost if one of them is not as it was read."""
        guards: list[Write] = []
        writes: list[Write] = []
        after: list[RouteConfig] = []
        for route in placed:
            before = now[route.id]
            if route.priority == before.priority:
                guards.append(("route_as_read", (before.id, before.version)))
                after.append(before)
                continue
            changed = msgspec.structs.replace(before, priority=route.priority, version=before.version + 1)
            guard, further = self.route_rows.updating(before, changed, by=by)
            guards.append(guard)
            writes += further
            after.append(changed)
        if not writes:
            return after
        unit = Unit(tuple(route.id for route in after), tuple(guards), tuple(writes))
        await write(self._store, unit)
        await self._reload()
        return after

    async def apply(self, guards: Sequence[Write], writes: Sequence[Write]) -> bool:
        """Make several changes, all or none. False if another request created or changed one of the rows.

        Does not reload. Raises StoreError.
        """
        if not guards and not writes:
            return True
        (result,) = await self._store.commit([Unit(("configs",), tuple(guards), tuple(writes))])
        if isinstance(result, StoreError):
            if isinstance(result, Poisoned) and result.conflict:
                return False
            raise result
        return result

    async def _written(self, _before: object, _after: object) -> None:
        await self._reload()


def changed_carrier(
    config: CarrierConfig,
    *,
    name: str,
    settings: Mapping[str, object],
    enabled: bool,
    cost: Cost | None = None,
) -> CarrierConfig:
    """The carrier with these values. Without `cost`, it costs what it did."""
    text = msgspec.json.encode(settings).decode()
    cost = cost or cost_of(config)
    return msgspec.structs.replace(
        config,
        name=name,
        settings=text,
        enabled=enabled,
        cost_per_segment=cost.per_segment,
        currency=cost.currency,
    )


def cost_of(config: CarrierConfig) -> Cost:
    """What the carrier takes for a segment."""
    return Cost(config.cost_per_segment, config.currency)


def changed_route(config: RouteConfig, *, name: str, route: RouteSpec, enabled: bool) -> RouteConfig:
    """The route with these values."""
    return msgspec.structs.replace(
        config,
        name=name,
        carriers=route.carriers_text,
        match=route.match_text,
        priority=route.priority,
        enabled=enabled,
    )


def spec_of(route: RouteConfig) -> RouteSpec:
    """The contents of a route's row."""
    return spec.read(route.carriers, route.match, route.priority)


def known_carriers(
    carriers: Sequence[CarrierConfig], connectors: Connectors, channels: Channels
) -> dict[str, KnownCarrier]:
    """The carriers that a route may name, by name and by id."""
    senders = channels.each(lambda channel: channel.sender)
    known = [KnownCarrier(one.id, senders[connectors.channel_of(one.type)]) for one in carriers]
    named = dict(zip((one.name for one in carriers), known, strict=True))
    return named | {one.id: one for one in known}


def _one(configs: Sequence[_Config], id_or_name: str) -> _Config | None:
    return next((config for config in configs if id_or_name in (config.id, config.name)), None)


def _known(config: _Config | None, what: str, param: str) -> _Config:
    if config is None:
        raise Problem("invalid_field", f"Unknown {what}.", param=param)
    return config
