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

import msgspec
import structlog

from onesixty.accounts import Accounts, bootstrap, ensure_admin_key
from onesixty.accounts.keys import NewKey
from onesixty.accounts.passwords import Passwords
from onesixty.accounts.smpp_credentials import SmppCredentials
from onesixty.app import gauges
from onesixty.app.alerting import Alerting
from onesixty.app.captures import Captures
from onesixty.app.doors import open_doors
from onesixty.app.home import Home, doors_of
from onesixty.app.host import Host
from onesixty.app.links import Links
from onesixty.app.observers import Observers
from onesixty.app.smpp_door import SmppListeners
from onesixty.app.tenure import Tenure
from onesixty.app.writer import Options
from onesixty.billing.flat import LedgerEffect
from onesixty.core import money
from onesixty.core.clock import Clock, SystemClock, system_random
from onesixty.core.contracts import Net, Write
from onesixty.core.ids import IdSource
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.dispatch.recovery import recover
from onesixty.dispatch.refill import Refill
from onesixty.doors.smpp.binds import Binds
from onesixty.doors.smpp.deliveries import BindDeliveries
from onesixty.http.server import HttpServer
from onesixty.messages import bind_effect
from onesixty.messages import inbound as inbound_
from onesixty.messages.batches import Batches
from onesixty.messages.bind_effect import BindEffect
from onesixty.messages.bulk import Bulk
from onesixty.messages.control import Control
from onesixty.messages.edits import Edits
from onesixty.messages.inbound import InboundDesk
from onesixty.messages.intake import Intake, Terms
from onesixty.messages.jobs import Jobs
from onesixty.messages.own_numbers import OwnNumbers
from onesixty.messages.parts import Parts
from onesixty.messages.queries import Queries
from onesixty.messages.receipts import Desk
from onesixty.messages.recorder import Recorder
from onesixty.messages.sweep import Sweep
from onesixty.ops.faults import FaultPoints
from onesixty.ops.metrics import Metrics
from onesixty.ops.settings import Settings
from onesixty.outbox.deliverer import Deliverer
from onesixty.outbox.effect import OutboxEffect, redact
from onesixty.outbox.endpoints import EndpointTable
from onesixty.outbox.sink import Sink
from onesixty.outbox.urls import check_url
from onesixty.routing.loops import Laps
from onesixty.routing.router import Router
from onesixty.simulator.sandbox import Sandbox
from onesixty.simulator.stage import Stage
from onesixty.smpp.network import LoopNetwork
from onesixty.store import urls
from onesixty.store.contract import FaultPoint, Store
from onesixty.store.opening import open_store
from onesixty.store.remote import spawn_store
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from onesixty.webhooks.feed import Feed
from onesixty.webhooks.http_sink import HttpSink

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
    "onesixty.alerts",
)

#: The process that writes the database and delivers webhooks, where a node is two.
WRITER = "onesixty.app.writer"

#: Seconds that a start waits: for a PostgreSQL that is away, for the process before to let go of a SQLite file.
PATIENCE = {"postgresql": 30.0, "sqlite": 5.0}

#: Statements that the sweep runs now and then, each with `:now`.
CLEANERS = (
    "alerts_forget",
    "alert_mails_forget",
    "idempotency_expire",
    "inbound_seen_expire",
    "smpp_parts_expire",
)


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
        self.sandbox = Sandbox()
        #: Whether a second process writes the database and delivers webhooks: see `app.writer`.
        self.two_processes = self._two_processes()
        self._log = structlog.get_logger("onesixty")
        self._server: HttpServer | None = None
        #: The SMPP door, once it is open.
        self.smpp: SmppListeners | None = None
        self._serving = False
        #: Set when the node cannot go on and has to be started anew.
        self.failed = asyncio.Event()

    @property
    def url(self) -> str:
        """Where it serves HTTP, or will."""
        address = self.settings.http_address
        port = address.port if self._server is None else self._server.port
        return f"http://{address._replace(port=port)}"

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
        await self.own_numbers.load()
        await self._recover()
        self.tenure.keep()
        await self.links.adopt(self.settings.carriers, self.settings.routes)
        await self.links.reload()
        if not self.two_processes:
            await self.deliverer.start()
        await self.smpp_credentials.refresh()
        self.bind_deliveries.start()
        await self.inbound.recover()
        await self.parts.recover()
        self.sweep.start()
        await self.jobs.resume()
        await self.alerting.start()
        gauges.read_from(self)
        if doors:
            self.smpp = SmppListeners(self)
            self._server = await open_doors(self)
            await self.smpp.open()
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
        await self.own_numbers.load()
        await self.links.reload()

    def _lease_lost(self) -> None:
        self.dispatcher.begin_stop()
        self.failed.set()

    async def _open_store(self) -> Store:
        settings, statements = self.settings, load(FEATURES)
        patience = PATIENCE[
            "sqlite" if settings.effective_database_url.startswith("sqlite") else "postgresql"
        ]
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
                patience=patience,
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
            patience=patience,
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
        self.passwords = Passwords(secrets.token_bytes)
        self.smpp_credentials = SmppCredentials(store, clock, self.ids, secrets.token_bytes, self.passwords)
        self.binds = Binds()
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
        self.own_numbers = OwnNumbers(store, clock, self.ids)
        self.bind_deliveries = BindDeliveries(
            store,
            self.binds,
            self.smpp_credentials.book,
            clock=clock,
            random=self.random,
            lease=lambda: self.tenure.id if self.tenure.held() else 0,
            hit=self.fault,
            observer=self.observers,
        )
        self.outbox_effect = OutboxEffect(
            self.endpoints, self.ids, claim=claim, wanted=self.own_numbers.wants_webhooks
        )
        binds_effect = BindEffect(
            self.ids,
            settings_of=self.own_numbers.settings_of,
            wants=self.bind_deliveries.wants_inbound,
            claim=self.bind_deliveries.claim,
        )
        self.recorder = Recorder(
            (
                LedgerEffect(settings.billing_charge_on),
                self.outbox_effect,
                binds_effect,
            )
        )
        self.inbound = InboundDesk(
            store=store,
            recorder=self.recorder,
            own_numbers=self.own_numbers,
            first_account=lambda: min(self.accounts.book),
            currency=lambda account_id: self._terms(account_id).currency,
            clock=clock,
            new_id=self.ids.new,
            lease=self.tenure.id,
            fault=self.fault,
            observer=self.observers,
            settings=inbound_.Settings(
                parts_ms=int(settings.inbound_parts_seconds * 1000),
                repeat_ms=int(settings.inbound_repeat_seconds * 1000),
            ),
        )
        self.desk = Desk(
            store=store,
            recorder=self.recorder,
            clock=clock,
            new_id=self.ids.new,
            fault=self.fault,
            observer=self.observers,
            outcomes_written=lambda: self.dispatcher.outcomes_written(),  # noqa: PLW0108  (made below)
            meaning=lambda carrier_id, code: self.links.receipt_error(carrier_id, code),  # noqa: PLW0108
        )
        self.refill = Refill(store, self.tenure.id)
        laps = Laps(settings.loop_limit) if settings.loop_limit else None
        self.router = Router(clock, carrier_of_sender=self.own_numbers.carrier_of_sender, laps=laps)
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
            make_host=lambda carrier_id: Host(carrier_id, self.dispatcher, self.desk, self.inbound),
            clock=clock,
            random=self.random,
            net=self.net,
            sandbox=self.sandbox,
            public_url=settings.effective_public_url,
            home=Home(lambda: doors_of(self)) if isinstance(self.net, LoopNetwork) else None,
        )
        self.stage = Stage(self.sandbox, clock, self.links.name)
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
        self.parts = Parts(
            store=store,
            intake=self.intake,
            recorder=self.recorder,
            currency=lambda account_id: self._terms(account_id).currency,
            clock=clock,
            new_id=self.ids.new,
            fault=self.fault,
            receipts_of=binds_effect.receipts_of,
            max_segments=settings.max_segments,
            wait_ms=int(settings.smpp_parts_seconds * 1000),
        )
        self.control = Control(
            store=store,
            recorder=self.recorder,
            owner=self.dispatcher,
            clock=clock,
            scrubs=(
                lambda message_id: redact(message_id, clock.now_ms()),
                lambda message_id: [("idempotency_redact", (message_id,))],
                bind_effect.redact,
                self._forget_on_handset,
            ),
            fault=self.fault,
        )
        self.edits = Edits(
            store=store,
            recorder=self.recorder,
            owner=self.dispatcher,
            lanes=self.dispatcher,
            judge=self.intake.judge,
            clock=clock,
        )
        self.batches = Batches(
            store=store,
            accept=self.intake.accept,
            cancel=self.control.cancel,
            clock=clock,
            new_id=self.ids.new,
        )
        bulk = Bulk(store, self.recorder, self.router, self.dispatcher, clock)
        self.jobs = Jobs(store, bulk, clock, self.ids.new)
        self.queries = Queries(store)
        self.alerting = Alerting(self)
        self.captures = Captures(self)
        self.links.on_reload = self.captures.listen
        self.feed = Feed(store, clock, watch_others=store.dialect == "postgresql")
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
            others={"inbound_parts": self.inbound.sweep, "smpp_parts": self.parts.sweep},
        )

    def _claim_for_node(self, _lane: str) -> int:
        return self.tenure.id if self.tenure.held() else 0

    def _forget_on_handset(self, message_id: str) -> list[Write]:
        self.sandbox.handsets.forget(message_id)  # it is in memory alone: there is nothing to write
        return []

    def _terms(self, account_id: str) -> Terms:
        account = self.accounts.book[account_id]
        return Terms(account.price_per_segment, account.currency, account.settings.may_use_otp)

    # ------------------------------------------------------------ doors

    def ready(self) -> bool:
        """Whether this node takes messages."""
        return self._serving and self.store.healthy

    # ------------------------------------------------------------ stop

    async def stop(self) -> None:
        """Close the doors, let carriers answer, write what came, end the lease; within `shutdown_seconds`."""
        self._serving = False
        bound = self.settings.shutdown_seconds
        self.feed.close()
        self.captures.close()
        if self.smpp is not None:
            await self.smpp.close(min(5.0, bound / 4))
        self.passwords.close()
        if self._server is not None:
            await self._server.stop(min(5.0, bound / 4))
        await self.alerting.stop()
        await self.jobs.stop()
        await self.sweep.stop()
        self.dispatcher.begin_stop()
        await self.stage.stop()
        await self.links.stop(bound / 2)
        await self._until_idle(bound / 8)
        await self.bind_deliveries.stop(bound / 8)
        if not self.two_processes:
            await self.deliverer.stop(bound / 8)
        await self.tenure.end()
        await self.store.close()
        self._log.info("stopped")

    async def _until_idle(self, seconds: float) -> None:
        deadline = self.clock.monotonic() + seconds
        parts = (self.dispatcher, self.desk, self.inbound, self.parts)
        while not all(part.idle for part in parts) and self.clock.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # several parts have to be idle at once
