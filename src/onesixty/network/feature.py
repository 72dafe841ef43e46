"""Carriers and routes as a feature of a node: their rows, the running carriers, and their endpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter

from onesixty.accounts import Accounts
from onesixty.captures.captures import Captures
from onesixty.carriers.registry import Connectors
from onesixty.core.contracts import Tell, tell_nobody
from onesixty.core.history import Entry
from onesixty.core.message import Message, attempt_from_row
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
from onesixty.network.figures import CarrierFigures
from onesixty.network.live_endpoints import Live, live_routes
from onesixty.network.loop_check import LoopCheck
from onesixty.network.route_endpoints import route_routes
from onesixty.network.routed import routed
from onesixty.network.running import RunningCarriers
from onesixty.network.simulation_endpoints import Drafts, simulation_routes
from onesixty.network.state_events import StateEvents
from onesixty.network.type_endpoints import Checks, type_routes
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
        accounts: Accounts,
        tell: Tell = tell_nobody,
    ) -> None:
        """`tell` writes events for operators."""
        self._node = node
        self._accounts = accounts
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
        #: What carriers did within the last hour.
        self.figures = CarrierFigures(node.observer, node.clock)
        #: Logs the state of carriers, and lets the figures be counted.
        self._state_events = StateEvents(node, self.carriers, tell)
        self.watch = CarrierWatch(dispatcher.queues, node.observer.carrier_name, node.clock, self._look)

    def _look(self) -> None:
        """What the watch looks at besides."""
        self.figures.look()
        self._state_events.look()

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        node = self._node
        return [
            carrier_routes(self._configs, self._connectors, self.carriers, self._pauses, node.idempotency),
            type_routes(
                self._connectors,
                Checks(node, configs=self._configs, connectors=self._connectors, running=self.carriers),
                node.notes,
            ),
            live_routes(
                Live(
                    self._configs,
                    self.carriers,
                    self._dispatcher,
                    self.figures,
                    self._pauses,
                    node.clock,
                ),
                node.clock.now_ms,
            ),
            route_routes(
                self._configs,
                self._connectors,
                node.channels,
                self._router,
                node.ids,
                node.clock,
                node.idempotency,
            ),
            simulation_routes(
                Drafts(node, configs=self._configs, connectors=self._connectors, router=self._router)
            ),
            callback_routes(self.callbacks),
        ]

    async def history(self, message: Message, operator: bool) -> Sequence[Entry]:
        """See Feature."""
        if not operator:
            return ()
        rows = await self._node.store.fetch("attempts_of_messages", ids=[message.id])
        routes = {route.id: route for route in await self._configs.routes()}
        return routed(message, [attempt_from_row(row) for row in rows], self._router, routes)

    def gauges(self, metrics: Metrics) -> None:
        """See Feature."""
        name, queues = self._node.observer.carrier_name, self._dispatcher.queues
        oldest, clock = self._dispatcher.oldest, self._node.clock
        states = self.carriers.states
        metrics.lane_depth.read_from(
            lambda: {
                (name(queue.id), class_): depth
                for queue in queues.values()
                for class_, depth in queue.lane.depths().items()
            }
        )
        metrics.oldest_waiting.read_from(
            lambda: {
                (name(queue.id),): 0 if since is None else (clock.now_ms() - since) / 1000
                for queue, since in ((queue, oldest.of(queue)) for queue in queues.values())
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
        await adopt(
            self._configs,
            self._connectors,
            self._node.channels,
            settings.carriers,
            settings.routes,
            account_id=self._accounts.operator().id,
        )
        await self.carriers.reload()

    async def refresh(self) -> None:
        """See Feature."""
        await self.carriers.reload()

    async def stop(self, seconds: float) -> None:
        """Send nothing new, and let carriers answer what is in flight."""
        await self.watch.stop()
        self._dispatcher.begin_stop()
        await self.carriers.stop(seconds / 2)
