"""One node of onesixty, put together from its parts, started in order and stopped in reverse.

Rules kept here:
- effects are ordered here: money first, then events;
- recovery of what dead nodes left comes before the first flight; doors open last and close first;
- a stop is bounded: answers that do not come in time are left to the next start, which counts them.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from random import Random as SeededRandom
from typing import cast

import msgspec
import structlog
from fastapi import APIRouter

from onesixty import __version__
from onesixty.accounts import Accounts, bootstrap, ensure_admin_key
from onesixty.accounts.keys import NewKey
from onesixty.accounts.routes import account_routes, key_routes
from onesixty.app.host import Host
from onesixty.app.links import Links
from onesixty.app.observers import Observers
from onesixty.app.tenure import Tenure
from onesixty.app.writer import Options
from onesixty.billing.flat import LedgerEffect
from onesixty.carriers import registry
from onesixty.core import money
from onesixty.core.clock import Clock, SystemClock, system_random
from onesixty.core.contracts import Net
from onesixty.core.ids import IdSource
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.dispatch.recovery import recover
from onesixty.dispatch.refill import Refill
from onesixty.doors.v1 import SEND_PATH, SendDoor, build_api
from onesixty.doors.v1.carriers import Connectors, carrier_routes
from onesixty.doors.v1.messages import MessageActions, message_routes
from onesixty.doors.v1.routes import route_routes
from onesixty.http.auth import KeyRing
from onesixty.http.call import AsgiApp
from onesixty.http.front import Front
from onesixty.http.idempotency import Idempotency
from onesixty.http.server import HttpServer, serve_http
from onesixty.messages.control import Control
from onesixty.messages.intake import Intake, Terms
from onesixty.messages.queries import Queries
from onesixty.messages.receipts import Desk
from onesixty.messages.recorder import Recorder
from onesixty.messages.sweep import Sweep
from onesixty.ops.faults import FaultPoints
from onesixty.ops.metrics import BREAKER_STATES, Metrics
from onesixty.ops.settings import Settings
from onesixty.outbox.deliverer import Deliverer
from onesixty.outbox.effect import OutboxEffect, redact
from onesixty.outbox.endpoints import EndpointTable
from onesixty.outbox.sink import Sink
from onesixty.outbox.urls import check_url
from onesixty.routing.router import Router
from onesixty.smpp.network import LoopNetwork
from onesixty.store import urls
from onesixty.store.contract import FaultPoint, Store
from onesixty.store.opening import open_store
from onesixty.store.remote import spawn_store
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from onesixty.webhooks.deliveries import Deliveries
from onesixty.webhooks.endpoints import Webhooks
from onesixty.webhooks.http_sink import HttpSink
from onesixty.webhooks.routes import webhook_routes

#: Where statements.sql files are.
FEATURES = (
    "onesixty.store",
    "onesixty.http",
    "onesixty.accounts",
    "onesixty.messages",
    "onesixty.dispatch",
    "onesixty.billing",
    "onesixty.outbox",
    "onesixty.webhooks",
    "onesixty.doors.v1",
)

#: The process that writes the database and delivers webhooks, where a node is two.
WRITER = "onesixty.app.writer"

#: Seconds for which a database that is away, or still held by the process before, is waited for at the start.
PATIENCE = 30.0

#: Statements that the sweep runs now and then, each with `:now`.
CLEANERS = ("idempotency_expire",)


class Platform:
    """One node. `start` returns when it serves; `stop` when nothing of it runs any more."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        random: SeededRandom | None = None,
        net: Net | None = None,
        sink: Sink | None = None,
        memory: MemoryDatabase | None = None,
        fault: FaultPoint | None = None,
    ) -> None:
        """`sink` takes webhooks in place of HTTP, `memory` is the database, `fault` is called at
        the fault points in place of those of the settings: for the simulation."""
        self.settings = settings
        self._sink = sink
        self._memory = memory
        self.clock = clock or SystemClock()
        self.random = random or system_random()
        self.net = net or LoopNetwork()
        self.ids = IdSource(self.clock, self.random)
        self.metrics = Metrics()
        self.fault = fault or FaultPoints(settings.faults).hit
        self.new_keys: list[NewKey] = []
        #: Whether a second process writes the database and delivers webhooks: see `app.writer`.
        self.two_processes = self._two_processes()
        self._log = structlog.get_logger("onesixty")
        self._server: HttpServer | None = None
        self._serving = False
        #: Set when the node cannot go on and has to be started anew.
        self.failed = asyncio.Event()

    @property
    def url(self) -> str:
        """Where it serves HTTP."""
        assert self._server is not None
        return f"http://{self.settings.http_address._replace(port=self._server.port)}"

    def _two_processes(self) -> bool:
        settings = self.settings
        if self._sink is not None or not settings.effective_database_url.startswith("sqlite:///"):
            return False
        return settings.processes == "2" or (settings.processes == "auto" and (os.cpu_count() or 1) > 1)

    # ------------------------------------------------------------ start

    async def start(self, *, doors: bool = True) -> None:
        """Open the database, settle what was left, connect the carriers, open the doors (if wanted)."""
        self.observers = Observers(self.metrics)
        self.store = await self._open_store()
        self.accounts = await self._open_accounts()
        self.tenure = Tenure(
            self.store,
            self.clock,
            recover=self._recover,
            refresh=self._refresh,
            lost=self._lease_lost,
        )
        await self.tenure.start(socket.gethostname())
        self._build_path()
        await self.endpoints.refresh(self.store)
        await self._recover()
        self.tenure.keep()
        await self.links.adopt(self.settings.carriers, self.settings.routes)
        await self.links.reload()
        if not self.two_processes:
            await self.deliverer.start()
        self.sweep.start()
        self._read_states()
        if doors:
            await self._open_doors()
            self._log.info("serving", url=self.url, lease=self.tenure.id, database=self.store.dialect)
        self._serving = True

    async def _recover(self) -> None:
        await recover(self.store, self.recorder, self.clock, self.observers, self.fault)
        for line in self.dispatcher.lines.values():
            await self.refill.discover(line)
            self.dispatcher.wake(line)

    async def _refresh(self) -> None:
        await self.accounts.load()
        await self.endpoints.refresh(self.store)
        await self.links.reload()

    def _lease_lost(self) -> None:
        self.dispatcher.begin_stop()
        self.failed.set()

    async def _open_store(self) -> Store:
        settings, statements = self.settings, load(FEATURES)
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.two_processes:
            extra = Options(
                settings.webhook_allow_private, settings.faults, settings.log_level, settings.log_format
            )
            store = await spawn_store(
                settings.effective_database_url,
                FEATURES,
                statements,
                migrate=True,
                patience=PATIENCE,
                observer=self.observers,
                faults=settings.faults,
                module=WRITER,
                extra=msgspec.to_builtins(extra),
            )
            store.on_news(self.observers.webhooks.news)
            return store
        return await open_store(
            settings.effective_database_url if self._memory is None else urls.MEMORY,
            statements,
            clock=self.clock,
            memory=self._memory,
            migrate=True,
            patience=PATIENCE,
            observer=self.observers,
            fault=self.fault,
        )

    async def _open_accounts(self) -> Accounts:
        accounts = Accounts(self.store, self.clock, self.ids, secrets.token_bytes)
        self.new_keys = await bootstrap(
            accounts,
            name="default",
            currency=self.settings.billing_currency,
            price_per_segment=money.from_text(str(self.settings.billing_price_per_segment)),
        )
        if self.settings.admin_key is not None:
            await ensure_admin_key(accounts, self.settings.admin_key.get_secret_value())
        await accounts.load()
        return accounts

    def _build_path(self) -> None:
        settings, store, clock = self.settings, self.store, self.clock
        self.endpoints = EndpointTable()
        self.sink = self._sink or HttpSink(self.net, clock, allow_private=settings.webhook_allow_private)
        self.deliverer = Deliverer(
            store,
            self.sink,
            self.endpoints,
            clock=clock,
            random=self.random,
            lease=lambda: self.tenure.id if self.tenure.held() else 0,
            entropy=secrets.token_bytes,
            observer=self.observers.webhooks,
            hit=self.fault,
        )
        claim = self._claim_for_node if self.two_processes else self.deliverer.claim
        self.recorder = Recorder(
            (
                LedgerEffect(settings.billing_charge_on),
                OutboxEffect(self.endpoints, self.ids, claim=claim),
            )
        )
        self.desk = Desk(
            store=store,
            recorder=self.recorder,
            clock=clock,
            new_id=self.ids.new,
            fault=self.fault,
            observer=self.observers,
            outcomes_written=lambda: self.dispatcher.outcomes_written(),  # noqa: PLW0108  (made below)
        )
        self.refill = Refill(store, self.tenure.id)
        self.router = Router()
        self.dispatcher = Dispatcher(
            store=store,
            recorder=self.recorder,
            alternatives=self.router.alternatives,
            clock=clock,
            random=self.random,
            new_id=self.ids.new,
            lease=self.tenure.id,
            lease_held=self.tenure.held,
            fault=self.fault,
            observer=self.observers,
            lane_capacity=settings.lane_capacity,
            on_recorded=self.desk.recorded,
            on_waiting=self.refill.want,
        )
        self.refill.serve(self.dispatcher)
        self.links = Links(
            store=store,
            ids=self.ids,
            names=self.observers.carrier_names,
            router=self.router,
            dispatcher=self.dispatcher,
            refill=self.refill,
            make_host=lambda carrier_id: Host(carrier_id, self.dispatcher, self.desk),
            clock=clock,
            random=self.random,
            net=self.net,
        )
        self.intake = Intake(
            store=store,
            recorder=self.recorder,
            routes=self.router,
            lanes=self.dispatcher,
            terms=self._terms,
            clock=clock,
            new_id=self.ids.new,
            check_callback=lambda url: check_url(
                url, settings.webhook_allow_private, param="status_callback"
            ),
            fault=self.fault,
            observer=self.observers,
            max_segments=settings.max_segments,
        )
        self.control = Control(
            store=store,
            recorder=self.recorder,
            owner=self.dispatcher,
            clock=clock,
            scrubs=(
                lambda message_id: redact(message_id, clock.now_ms()),
                lambda message_id: [("idempotency_redact", (message_id,))],
            ),
            fault=self.fault,
        )
        self.queries = Queries(store)
        self.sweep = Sweep(
            store=store,
            recorder=self.recorder,
            routes=self.router,
            lanes=self.dispatcher,
            owner=self.dispatcher,
            desk=self.desk,
            clock=clock,
            fault=self.fault,
            observer=self.observers,
            cleaners=CLEANERS,
        )

    def _claim_for_node(self, _lane: str) -> int:
        return self.tenure.id if self.tenure.held() else 0

    def _terms(self, account_id: str) -> Terms:
        account = self.accounts.book[account_id]
        return Terms(account.price_per_segment, account.currency, account.settings.may_use_otp)

    # ------------------------------------------------------------ doors

    async def _open_doors(self) -> None:
        settings = self.settings
        ring = KeyRing(self.accounts.find_key, self.clock)
        self.accounts.on_key_change(ring.forget)
        public_url = settings.effective_public_url
        send = SendDoor(self.intake.accept, Idempotency(self.store, self.clock), public_url)
        api = build_api(
            send=send,
            routers=self._routers(),
            ready=self.ready,
            metrics=self.metrics.render,
            public_url=public_url,
            version=__version__,
        )
        front = Front(
            cast("AsgiApp", api),
            ring=ring,
            clock=self.clock,
            ids=self.ids,
            hot={("POST", SEND_PATH): send},
            public_url=public_url,
            max_body=settings.max_body_bytes,
            count=self.metrics.http.count,
        )
        self._server = await serve_http(front, settings.http_address.host, settings.http_address.port)

    def _routers(self) -> list[APIRouter]:
        webhooks = Webhooks(
            self.store,
            self.endpoints,
            clock=self.clock,
            id_source=self.ids,
            entropy=secrets.token_bytes,
            allow_private=self.settings.webhook_allow_private,
        )
        deliveries = Deliveries(self.store, self.sink, clock=self.clock, id_source=self.ids)
        actions = MessageActions(
            get=self.queries.get,
            list=self.queries.find,
            history=self.queries.history,
            cancel=self.control.cancel,
            redact=self.control.redact,
        )
        connectors = Connectors(registry.validate, registry.public, self.links.state)
        return [
            message_routes(actions),
            webhook_routes(webhooks, deliveries),
            carrier_routes(self.links.configs, connectors),
            route_routes(self.links.configs),
            key_routes(self.accounts),
            account_routes(self.accounts),
        ]

    def ready(self) -> bool:
        """Whether this node takes messages."""
        return self._serving and self.store.healthy

    def _read_states(self) -> None:
        metrics = self.metrics
        self.store.subscribe("event_insert", self.observers.events)
        metrics.outbox_pending.read_from(
            lambda: {(): self.observers.webhooks.pending + self.deliverer.state()["waiting"]}
        )
        metrics.ready.read_from(lambda: {(): int(self.ready())})
        metrics.lane_depth.read_from(
            lambda: {
                (self.links.name(line.id), class_): depth
                for line in self.dispatcher.lines.values()
                for class_, depth in line.lane.depths().items()
            }
        )
        metrics.in_flight.read_from(lambda: {(n,): s.in_flight for n, s in self.links.states().items()})
        metrics.window.read_from(lambda: {(n,): s.window for n, s in self.links.states().items()})
        metrics.binds.read_from(
            lambda: {
                (name, kind): count
                for name, state in self.links.states().items()
                for kind, count in (("bound", state.binds_bound), ("configured", state.binds))
            }
        )
        metrics.breaker_state.read_from(
            lambda: {
                (self.links.name(line.id),): BREAKER_STATES[line.breaker.state]
                for line in self.dispatcher.lines.values()
            }
        )
        metrics.sweep_lag.read_from(lambda: {("messages",): self.observers.lag_seconds})

    # ------------------------------------------------------------ stop

    async def stop(self) -> None:
        """Close the doors, let carriers answer, write what came, end the lease; within `shutdown_seconds`."""
        self._serving = False
        bound = self.settings.shutdown_seconds
        if self._server is not None:
            await self._server.stop(min(5.0, bound / 4))
        await self.sweep.stop()
        self.dispatcher.begin_stop()
        await self.links.stop(bound / 2)
        await self._until_idle(bound / 8)
        if not self.two_processes:
            await self.deliverer.stop(bound / 8)
        await self.tenure.end()
        await self.store.close()
        self._log.info("stopped")

    async def _until_idle(self, seconds: float) -> None:
        deadline = self.clock.monotonic() + seconds
        while not (self.dispatcher.idle and self.desk.idle) and self.clock.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # several parts have to be idle at once
