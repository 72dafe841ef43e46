"""The running carriers and routes: built from their rows, and rebuilt only if a row has changed.

Rules kept here:
- a reload touches no bind of an unchanged carrier (a new name is no change);
- the old connector of a changed carrier answers what is in flight before it stops, while the new one starts;
- a carrier whose address is one of our own doors is not started: a route to it would lead back here;
- pauses are applied with every reload; a paused carrier stays connected, so that receipts arrive;
- a disabled or deleted carrier keeps its queue until it is empty: messages fail over, or expire;
- carriers and routes of the settings file are rows like all others (`adoption`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
import structlog

from onesixty.captures.captures import Captures
from onesixty.carriers.registry import Connectors
from onesixty.core.contracts import (
    BindState,
    Callbacks,
    Carrier,
    CarrierConfig,
    CarrierState,
    HasBinds,
)
from onesixty.core.errors import Problem
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.kit.context import Context
from onesixty.kit.reload import Reload
from onesixty.messages.inbound import Inbound
from onesixty.messages.receipts import Receipts
from onesixty.network.callbacks import CarrierCallbacks
from onesixty.network.configs import Configs
from onesixty.network.loop_check import LoopCheck
from onesixty.pauses.in_force import PausesInForce
from onesixty.routing.router import Router
from onesixty.simulator.sandbox import Sandbox

#: Seconds for an old connector to answer what is in flight.
DRAIN = 10.0


class RunningCarriers:
    """The running carriers of this node. `reload` makes them match the rows; code that changes rows awaits it."""

    def __init__(
        self,
        node: Context,
        *,
        configs: Configs,
        connectors: Connectors,
        router: Router,
        dispatcher: Dispatcher,
        receipts: Receipts,
        inbound: Inbound,
        pauses: PausesInForce,
        captures: Captures,
        sandbox: Sandbox,
        loop_check: LoopCheck | None,
        reload: Reload,
    ) -> None:
        """`loop_check` is None if there is no network to loop over."""
        self._node = node
        self._configs = configs
        self._connectors = connectors
        self._router = router
        self._dispatcher = dispatcher
        self._receipts = receipts
        self._inbound = inbound
        self._pauses = pauses
        self._captures = captures
        self._sandbox = sandbox
        self._loop_check = loop_check
        self._observer = node.observer
        #: Ids and names of disabled carriers.
        self._off: frozenset[str] = frozenset()
        #: Why a carrier is not started (its address is one of our doors, its type is not installed, or refuses its
        #: settings), by id.
        self._not_started: dict[str, str] = {}
        self._running: dict[str, tuple[CarrierConfig, Carrier]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        #: Set by `stop`. The lease is still renewed while the node stops, and each renewal reloads.
        self._stopped = False
        self._log = structlog.get_logger("onesixty.carriers")
        reload.listen(self.reload)

    def state(self, carrier_id: str) -> CarrierState | None:
        """The health of a running carrier; None if it does not run on this node."""
        running = self._running.get(carrier_id)
        if running is None and carrier_id in self._not_started:
            return CarrierState(False, 0, 0, 0, 0, self._not_started[carrier_id])
        return running[1].state() if running else None

    def bind_states(self, carrier_id: str) -> list[BindState]:
        """The binds of a running carrier; none if its connector has none, or it does not run on this node."""
        running = self._running.get(carrier_id)
        return running[1].bind_states() if running and isinstance(running[1], HasBinds) else []

    def called(self, id_or_name: str) -> Callbacks | None:
        """The running carrier that its provider calls. Raises Problem if it is disabled."""
        if id_or_name in self._off:
            raise Problem("unavailable", "This carrier is disabled.", retry_after=60)
        for config, carrier in self._running.values():
            if id_or_name in (config.id, config.name) and isinstance(carrier, Callbacks):
                return carrier
        return None

    def states_by_id(self) -> dict[str, CarrierState]:
        """All running carriers by id."""
        return {id_: carrier.state() for id_, (_, carrier) in self._running.items()}

    def states(self) -> dict[str, CarrierState]:
        """All running carriers by name."""
        name = self._observer.carrier_name
        return {name(id_): carrier.state() for id_, (_, carrier) in self._running.items()}

    async def reload(self) -> None:
        """Make the running carriers match the rows. Does nothing once the node stops."""
        async with self._lock:
            carriers, routes = await self._configs.carriers(), await self._configs.routes()
            await self._pauses.take_over()
            if self._stopped:
                return
            self._observer.carrier_names.update((config.id, config.name) for config in carriers)
            wanted = {config.id: config for config in carriers if config.enabled}
            for carrier_id in self._not_started.keys() - wanted.keys():
                del self._not_started[carrier_id]
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
                if not config.enabled and config.id not in self._dispatcher.queues:
                    await self._dispatcher.refill.discover(self._dispatcher.connect(config.id, None))
            simulated = [config.id for config in carriers if self._connectors.is_simulated(config.type)]
            channels = {config.id: self._connectors.channel_of(config.type) for config in carriers}
            self._router.load(routes, carriers, simulated, channels)
            self._pauses.stop_binds(carrier for _, carrier in self._running.values())

    async def refuse_loop(self, settings: Mapping[str, object]) -> None:
        """Raise Problem for settings whose address is one of our own doors."""
        if self._loop_check is not None:
            await self._loop_check.refuse(settings)

    async def _begin(self, config: CarrierConfig) -> None:
        known = self._not_started.pop(config.id, None)
        if config.type not in self._connectors.types:
            why = f"no connector of type {config.type} is installed on this node"
            await self._hold_back(config, why, known, "carrier_type_missing", type=config.type)
            return
        if self._loop_check is not None and not self._connectors.is_simulated(config.type):
            door = await self._loop_check.leads_to(msgspec.json.decode(config.settings))
            if door is not None:
                why = f"{door} leads back to this node, so messages would loop"
                await self._hold_back(config, why, known, "carrier_leads_home", address=str(door))
                return
        try:
            carrier = self._connectors.build(
                config,
                clock=self._node.clock,
                random=self._node.random,
                net=self._node.net,
                sandbox=self._sandbox,
                public_url=self._node.settings.effective_public_url,
                name=lambda: self._observer.carrier_name(config.id),
            )
        except Problem as problem:  # stored by another version of the connector
            await self._hold_back(
                config, problem.detail, known, "carrier_settings_refused", setting=problem.param
            )
            return
        self._running[config.id] = (config, carrier)
        self._captures.carrier_runs(config.id, carrier)
        await self._dispatcher.refill.discover(self._dispatcher.connect(config.id, carrier))
        if self._stopped:  # meanwhile: nothing would stop it again
            return
        await carrier.start(CarrierCallbacks(config.id, self._dispatcher, self._receipts, self._inbound))

    async def _hold_back(
        self, config: CarrierConfig, why: str, known: str | None, event: str, **about: str | None
    ) -> None:
        """Do not start a carrier, and say why: in its state, and in the log unless that is `known`."""
        self._not_started[config.id] = why
        if known is None:
            self._log.warning(event, carrier=config.name, **about)
        await self._dispatcher.refill.discover(self._dispatcher.connect(config.id, None))

    def _leave(self, carrier_id: str, *, replaced: bool) -> None:
        config, carrier = self._running.pop(carrier_id)
        self._captures.carrier_stopped(carrier_id)
        if not replaced:
            self._dispatcher.connect(carrier_id, None)
        task = asyncio.get_running_loop().create_task(carrier.stop(DRAIN))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        self._log.info("carrier_stops", carrier=config.name, replaced=replaced)

    async def stop(self, deadline: float) -> None:
        """Stop all carriers for good: unbind, wait for answers, report open segments."""
        self._stopped = True
        stops = [carrier.stop(deadline) for _, carrier in self._running.values()]
        await asyncio.gather(*stops, *self._leaving, return_exceptions=True)
        self._running.clear()


def _same(one: CarrierConfig, other: CarrierConfig) -> bool:
    return one.type == other.type and msgspec.json.decode(one.settings) == msgspec.json.decode(other.settings)
