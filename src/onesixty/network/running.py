"""Carriers and routes as they run: made from their rows, and made anew only where a row changed.

Rules kept here:
- a reload touches no bind whose carrier did not change (name apart);
- a changed carrier's old connector answers what it has in flight before it goes, while the new one starts;
- a carrier whose address is one of our own doors is not started: a route to it would lead back here;
- what is paused is taken over with every reload; a paused carrier stays connected, so that receipts come in;
- a disabled or deleted carrier keeps its line until nothing waits in it: alternatives take over, or it expires;
- carriers and routes of the settings file are rows like all others (`app.adoption`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import msgspec
import structlog

from onesixty.carriers import registry
from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import (
    Callbacks,
    Carrier,
    CarrierConfig,
    CarrierHost,
    CarrierState,
    Net,
    ReadsErrors,
    Tappable,
)
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.dispatch.refill import Refill
from onesixty.network.configs import Configs
from onesixty.network.loop_check import Home
from onesixty.pauses.in_force import Standing
from onesixty.routing.router import Router
from onesixty.simulator.sandbox import Sandbox
from onesixty.store.contract import Store

#: Seconds an old connector has to answer what it has in flight.
DRAIN = 10.0


class Links:
    """The running carriers of this node. `names` is kept up to date: carrier id -> name."""

    def __init__(
        self,
        *,
        store: Store,
        ids: IdSource,
        names: dict[str, str],
        router: Router,
        dispatcher: Dispatcher,
        refill: Refill,
        make_host: Callable[[str], CarrierHost],
        clock: Clock,
        random: Random,
        net: Net,
        sandbox: Sandbox,
        public_url: str,
        home: Home | None = None,
    ) -> None:
        self.configs = Configs(store, clock, ids, self.reload)
        self.standing = Standing(store, clock, ids, self.reload, router, dispatcher)
        self._names = names
        self._router = router
        self._dispatcher = dispatcher
        self._refill = refill
        self._make_host = make_host
        self._clock = clock
        self._random = random
        self._net = net
        self._sandbox = sandbox
        self._public_url = public_url
        #: Ids and names of carriers that are switched off.
        self._off: frozenset[str] = frozenset()
        self._home = home
        self._homeward: dict[str, str] = {}
        self._running: dict[str, tuple[CarrierConfig, Carrier]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        self._log = structlog.get_logger("onesixty.carriers")
        #: Called after each reload: captures listen to carriers that are new.
        self.on_reload: Callable[[], None] = lambda: None

    def name(self, carrier_id: str) -> str:
        """The carrier's name, for metrics and logs."""
        return self._names.get(carrier_id, carrier_id)

    def state(self, carrier_id: str) -> CarrierState | None:
        """How a running carrier is, None when it does not run here."""
        running = self._running.get(carrier_id)
        if running is None and carrier_id in self._homeward:
            return CarrierState(False, 0, 0, 0, 0, self._homeward[carrier_id])
        return running[1].state() if running else None

    def receipt_error(self, carrier_id: str, code: str) -> str | None:
        """What a carrier's own tables make of the code in a receipt: a code of the catalogue, or None."""
        running = self._running.get(carrier_id)
        return running[1].receipt_error(code) if running and isinstance(running[1], ReadsErrors) else None

    def called(self, id_or_name: str) -> Callbacks | None:
        """The running carrier that its provider calls. Raises Problem for one that is switched off."""
        if id_or_name in self._off:
            raise Problem("unavailable", "This carrier is switched off.", retry_after=60)
        for config, carrier in self._running.values():
            if id_or_name in (config.id, config.name) and isinstance(carrier, Callbacks):
                return carrier
        return None

    def tappable(self) -> list[tuple[str, Tappable]]:
        """The running carriers whose frames can be captured, by id."""
        return [(id_, one) for id_, (_, one) in self._running.items() if isinstance(one, Tappable)]

    def states(self) -> dict[str, CarrierState]:
        """All running carriers by name."""
        return {self.name(id_): carrier.state() for id_, (_, carrier) in self._running.items()}

    async def reload(self) -> None:
        """Make what runs equal to the rows."""
        async with self._lock:
            carriers, routes = await self.configs.carriers(), await self.configs.routes()
            await self.standing.take_over()
            self._names.update((config.id, config.name) for config in carriers)
            wanted = {config.id: config for config in carriers if config.enabled}
            off = (config for config in carriers if not config.enabled)
            self._off = frozenset(known for config in off for known in (config.id, config.name))
            for carrier_id, (config, _) in list(self._running.items()):
                if carrier_id not in wanted or not _same(wanted[carrier_id], config):
                    self._leave(carrier_id, replaced=carrier_id in wanted)
            for carrier_id, config in wanted.items():
                if carrier_id not in self._running:
                    await self._begin(config)
                else:
                    self._running[carrier_id] = (config, self._running[carrier_id][1])
            for config in carriers:
                if not config.enabled and config.id not in self._dispatcher.lines:
                    await self._refill.discover(self._dispatcher.set_line(config.id, None))
            simulated = [config.id for config in carriers if registry.is_simulated(config.type)]
            self._router.load(routes, carriers, simulated)
            self.standing.stop_binds(carrier for _, carrier in self._running.values())
            self.on_reload()

    async def refuse_home(self, settings: Mapping[str, object]) -> None:
        """Raises Problem for settings whose address is one of our own doors."""
        if self._home is not None:
            await self._home.refuse(settings)

    async def _begin(self, config: CarrierConfig) -> None:
        known = self._homeward.pop(config.id, None)
        if self._home is not None and not registry.is_simulated(config.type):
            door = await self._home.leads_to(msgspec.json.decode(config.settings))
            if door is not None:
                self._homeward[config.id] = f"{door} is a door of this node: what goes there comes back"
                if known is None:
                    self._log.warning("carrier_leads_home", carrier=config.name, address=str(door))
                await self._refill.discover(self._dispatcher.set_line(config.id, None))
                return
        carrier = registry.build(
            config,
            clock=self._clock,
            random=self._random,
            net=self._net,
            sandbox=self._sandbox,
            public_url=self._public_url,
            name=lambda: self.name(config.id),
        )
        self._running[config.id] = (config, carrier)
        line = self._dispatcher.set_line(config.id, carrier)
        await self._refill.discover(line)
        await carrier.start(self._make_host(config.id))

    def _leave(self, carrier_id: str, *, replaced: bool) -> None:
        config, carrier = self._running.pop(carrier_id)
        if not replaced:
            self._dispatcher.set_line(carrier_id, None)
        task = asyncio.get_running_loop().create_task(carrier.stop(DRAIN))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        self._log.info("carrier_stops", carrier=config.name, replaced=replaced)

    async def stop(self, deadline: float) -> None:
        """Stop all carriers: unbind, wait for answers, report what is open."""
        await self.standing.stop()
        stops = [carrier.stop(deadline) for _, carrier in self._running.values()]
        await asyncio.gather(*stops, *self._leaving, return_exceptions=True)
        self._running.clear()


def _same(one: CarrierConfig, other: CarrierConfig) -> bool:
    return one.type == other.type and msgspec.json.decode(one.settings) == msgspec.json.decode(other.settings)
