"""Carriers and routes as a feature of a node: their rows, the running carriers, and their endpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter

from onesixty.captures.captures import Captures
from onesixty.carriers.registry import Connectors
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.kit.reload import Reload
from onesixty.messages.inbound import Inbound
from onesixty.messages.receipts import Receipts
from onesixty.network.adoption import adopt
from onesixty.network.callback_endpoints import CallbackDoor, callback_routes
from onesixty.network.carrier_endpoints import carrier_routes
from onesixty.network.configs import Configs
from onesixty.network.loop_check import LoopCheck
from onesixty.network.route_endpoints import route_routes
from onesixty.network.running import RunningCarriers
from onesixty.network.watch import CarrierWatch
from onesixty.ops.metrics import BREAKER_STATES, Metrics
from onesixty.ops.settings import Address
from onesixty.pauses.in_force import PausesInForce
from onesixty.routing.router import Router
from onesixty.simulator.sandbox import Sandbox
from onesixty.smpp.network import LoopNetwork


class NetworkFeature(Feature):
    """The network of this node. `addresses` gives the addresses where the node listens, or will listen."""

    def __init__(
        self,
        node: Context,
        *,
        configs: Configs,
        connectors: Connectors,
        reload: Reload,
        router: Router,
        dispatcher: Dispatcher,
        receipts: Receipts,
        inbound: Inbound,
        pauses: PausesInForce,
        captures: Captures,
        sandbox: Sandbox,
        addresses: Callable[[], list[Address]],
    ) -> None:
        self._node = node
        self._configs = configs
        self._connectors = connectors
        self._router = router
        self._dispatcher = dispatcher
        self._pauses = pauses
        self.carriers = RunningCarriers(
            node,
            configs=configs,
            connectors=connectors,
            router=router,
            dispatcher=dispatcher,
            receipts=receipts,
            inbound=inbound,
            pauses=pauses,
            captures=captures,
            sandbox=sandbox,
            loop_check=LoopCheck(addresses) if isinstance(node.net, LoopNetwork) else None,
            reload=reload,
        )
        #: The endpoints that providers call over HTTP.
        self.callbacks = CallbackDoor(self.carriers, node.settings.effective_public_url)
        #: Logs the state of carriers.
        self.watch = CarrierWatch(dispatcher.queues, node.observer.carrier_name, node.clock)

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        node = self._node
        return [
            carrier_routes(self._configs, self._connectors, self.carriers, self._pauses, node.idempotency),
            route_routes(self._configs, self._router, node.ids, node.clock, node.idempotency),
            callback_routes(self.callbacks),
        ]

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        name, queues = self._node.observer.carrier_name, self._dispatcher.queues
        states = self.carriers.states
        metrics.lane_depth.read_from(
            lambda: {
                (name(queue.id), class_): depth
                for queue in queues.values()
                for class_, depth in queue.lane.depths().items()
            }
        )
        metrics.breaker_state.read_from(
            lambda: {(name(queue.id),): BREAKER_STATES[queue.breaker.state] for queue in queues.values()}
        )
        metrics.in_flight.read_from(lambda: {(n,): s.in_flight for n, s in states().items()})
        metrics.window.read_from(lambda: {(n,): s.window for n, s in states().items()})
        metrics.tolerated.read_from(lambda: {(n,): s.tolerated for n, s in states().items()})
        metrics.binds.read_from(
            lambda: {
                (name, kind): count
                for name, state in states().items()
                for kind, count in (("bound", state.binds_bound), ("configured", state.binds))
            }
        )

    async def start(self) -> None:
        """Apply the settings file, and start the carriers."""
        settings = self._node.settings
        await adopt(self._configs, self._connectors, settings.carriers, settings.routes)
        await self.carriers.reload()

    async def refresh(self) -> None:
        """See Feature."""
        await self.carriers.reload()

    async def stop(self, seconds: float) -> None:
        """Send nothing new, and let carriers answer what is in flight."""
        await self.watch.stop()
        self._dispatcher.begin_stop()
        await self.carriers.stop(seconds / 2)
