"""Carriers and routes as they are configured: rows of `carriers` and `routes`.

Rules kept here:
- a row is changed only as it was read (`version`), so two operators cannot undo each other unseen;
- names are unique and are what people write; routes hold ids, so a carrier can be renamed;
- after every change `reload` is awaited: when the API answers, this node works with the new table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import CarrierConfig, RouteConfig, Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.routing import spec
from onesixty.routing.spec import PRIORITY, RouteMatch, RouteSpec
from onesixty.store.contract import Store
from onesixty.store.units import Poisoned, StoreError, Unit

Reload = Callable[[], Awaitable[None]]

_Config = TypeVar("_Config", CarrierConfig, RouteConfig)


class Configs:
    """The configured carriers and routes of a database."""

    def __init__(self, store: Store, clock: Clock, id_source: IdSource, reload: Reload) -> None:
        self._store = store
        self._clock = clock
        self._ids = id_source
        self._reload = reload

    # ------------------------------------------------------------ carriers

    async def carriers(self) -> list[CarrierConfig]:
        """All carriers, oldest first."""
        rows = await self._store.fetch("carrier_configs")
        return [
            CarrierConfig(
                id=id_, name=name, type=type_, settings=settings, enabled=bool(enabled), version=version,
                created_at=created_at,
            )
            for id_, name, type_, settings, enabled, version, created_at in rows
        ]  # fmt: skip

    async def carrier(self, id_or_name: str) -> CarrierConfig | None:
        """The carrier of this id or name."""
        return _one(await self.carriers(), id_or_name)

    async def add_carrier(
        self, name: str, type_: str, settings: Mapping[str, object], *, enabled: bool = True
    ) -> CarrierConfig:
        """A new carrier; `settings` in their normal form. Raises Problem `conflict` for a name in use."""
        config, write = self.made_carrier(name, type_, settings, enabled=enabled)
        await self._change(config.id, write=write)
        return config

    def made_carrier(
        self, name: str, type_: str, settings: Mapping[str, object], *, enabled: bool
    ) -> tuple[CarrierConfig, Write]:
        """A new carrier, and the write that makes it."""
        config = CarrierConfig(
            id=self._ids.new(ids.CARRIER),
            name=name,
            type=type_,
            settings=msgspec.json.encode(settings).decode(),
            enabled=enabled,
            version=1,
            created_at=self._clock.now_ms(),
        )
        row = (config.id, name, type_, config.settings, int(enabled), 1, config.created_at)
        return config, ("carrier_insert", row)

    async def change_carrier(
        self, config: CarrierConfig, *, name: str, settings: Mapping[str, object], enabled: bool
    ) -> CarrierConfig:
        """The carrier with these values. Raises Problem `conflict`."""
        changed, guard = changed_carrier(config, name=name, settings=settings, enabled=enabled)
        await self._change(config.id, guard=guard)
        return changed

    async def remove_carrier(self, config: CarrierConfig) -> None:
        """Delete it. Raises Problem `conflict` while a route names it."""
        for route in await self.routes():
            if any(config.id == carrier for carrier, _, _ in spec_of(route).carriers):
                raise Problem("conflict", f"The route {route.name!r} still names this carrier.")
        await self._change(config.id, guard=("carrier_delete", (config.id,)))

    # ------------------------------------------------------------ routes

    async def names(self) -> dict[str, str]:
        """The names of routes and carriers, by id."""
        names = {route.id: route.name for route in await self.routes()}
        return names | {carrier.id: carrier.name for carrier in await self.carriers()}

    async def routes(self) -> list[RouteConfig]:
        """All routes, oldest first."""
        rows = await self._store.fetch("route_configs")
        return [
            RouteConfig(
                id=id_, name=name, carriers=carriers, match=match, priority=priority, enabled=bool(enabled),
                version=version, created_at=created_at,
            )
            for id_, name, carriers, match, priority, enabled, version, created_at in rows
        ]  # fmt: skip

    async def route(self, id_or_name: str) -> RouteConfig | None:
        """The route of this id or name."""
        return _one(await self.routes(), id_or_name)

    async def add_route(
        self, name: str, route: RouteSpec | Sequence[str], *, enabled: bool = True
    ) -> RouteConfig:
        """A new route; ids of carriers alone are first choice first. Raises Problem `conflict` for a name in use."""
        config, write = self.made_route(name, route, enabled=enabled)
        await self._change(config.id, write=write)
        return config

    def made_route(
        self, name: str, route: RouteSpec | Sequence[str], *, enabled: bool = True
    ) -> tuple[RouteConfig, Write]:
        """A new route, and the write that makes it."""
        if not isinstance(route, RouteSpec):
            route = RouteSpec([(id_, order, 1) for order, id_ in enumerate(route, 1)], RouteMatch(), PRIORITY)
        config = RouteConfig(
            id=self._ids.new(ids.ROUTE),
            name=name,
            carriers=route.carriers_text,
            match=route.match_text,
            priority=route.priority,
            enabled=enabled,
            version=1,
            created_at=self._clock.now_ms(),
        )
        row = (
            config.id, name, config.carriers, config.match, config.priority, int(enabled), 1,
            config.created_at,
        )  # fmt: skip
        return config, ("route_insert", row)

    async def change_route(
        self, config: RouteConfig, *, name: str, route: RouteSpec, enabled: bool
    ) -> RouteConfig:
        """The route with these values. Raises Problem `conflict`."""
        changed, guard = changed_route(config, name=name, route=route, enabled=enabled)
        await self._change(config.id, guard=guard)
        return changed

    async def remove_route(self, config: RouteConfig) -> None:
        """Delete it. Messages that took it keep the carrier they have."""
        await self._change(config.id, guard=("route_delete", (config.id,)))

    async def apply(self, guards: Sequence[Write], writes: Sequence[Write]) -> bool:
        """Make several changes, all or none. False: somebody else made or changed one of them meanwhile.

        Nothing is reloaded. Raises StoreError.
        """
        if not guards and not writes:
            return True
        (result,) = await self._store.commit([Unit(("configs",), tuple(guards), tuple(writes))])
        if isinstance(result, StoreError):
            if isinstance(result, Poisoned) and result.conflict:
                return False
            raise result
        return result

    async def _change(self, key: str, *, guard: Write | None = None, write: Write | None = None) -> None:
        unit = Unit(keys=(key,), guards=(guard,) if guard else (), writes=(write,) if write else ())
        result = (await self._store.commit([unit]))[0]
        if result is False:
            raise Problem("conflict", "Somebody else changed it meanwhile: read it again.")
        if isinstance(result, Poisoned) and result.conflict:
            raise Problem("conflict", "This name is in use.", param="name")
        if isinstance(result, StoreError):
            raise result
        await self._reload()


def changed_carrier(
    config: CarrierConfig, *, name: str, settings: Mapping[str, object], enabled: bool
) -> tuple[CarrierConfig, Write]:
    """The carrier with these values, and the guard that changes it unless somebody else has."""
    text = msgspec.json.encode(settings).decode()
    changed = msgspec.structs.replace(
        config, name=name, settings=text, enabled=enabled, version=config.version + 1
    )
    return changed, ("carrier_update", (config.id, config.version, name, text, int(enabled)))


def changed_route(
    config: RouteConfig, *, name: str, route: RouteSpec, enabled: bool
) -> tuple[RouteConfig, Write]:
    """The route with these values, and the guard that changes it unless somebody else has."""
    carriers, match = route.carriers_text, route.match_text
    row = (config.id, config.version, name, carriers, match, route.priority, int(enabled))
    changed = msgspec.structs.replace(
        config, name=name, carriers=carriers, match=match, priority=route.priority, enabled=enabled,
        version=config.version + 1,
    )  # fmt: skip
    return changed, ("route_update", row)


def spec_of(route: RouteConfig) -> RouteSpec:
    """What a route's row says."""
    return spec.read(route.carriers, route.match, route.priority)


def _one(configs: Sequence[_Config], id_or_name: str) -> _Config | None:
    return next((config for config in configs if id_or_name in (config.id, config.name)), None)
