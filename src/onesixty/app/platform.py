"""One node of onesixty, put together from its parts, started in order and stopped in reverse.

Rules kept here:
- recovery of what dead nodes left comes before the first flight; doors open last and close first;
- a stop is bounded: answers that do not come in time are left to the next start, which counts them;
- a start that failed can be stopped, too: what was begun ends, in reverse.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable
from random import Random as SeededRandom

import msgspec
import structlog

from onesixty.accounts import Accounts, bootstrap, ensure_admin_key
from onesixty.accounts.keys import NewKey
from onesixty.alerts.alerting import Alerting
from onesixty.app import gauges
from onesixty.app.doors import open_doors, open_monitoring
from onesixty.app.observers import Observers
from onesixty.app.ports import LISTENS, check_free
from onesixty.app.wiring import Wiring
from onesixty.app.writer import Options
from onesixty.captures.captures import Captures
from onesixty.core import money
from onesixty.core.clock import Clock, SystemClock, system_random
from onesixty.core.contracts import Net
from onesixty.core.ids import IdSource
from onesixty.dispatch.recovery import recover
from onesixty.doors.smpp.listeners import SmppListeners
from onesixty.http.server import HttpServer
from onesixty.network.adoption import adopt
from onesixty.network.loop_check import doors_of
from onesixty.network.watch import LineWatch
from onesixty.ops.faults import FaultPoints
from onesixty.ops.metrics import Metrics
from onesixty.ops.settings import Settings
from onesixty.simulator.sandbox import Sandbox
from onesixty.smpp.network import LoopNetwork
from onesixty.store import urls
from onesixty.store.contract import FaultPoint, Store
from onesixty.store.lease_keeper import Tenure
from onesixty.store.opening import open_store
from onesixty.store.remote import spawn_store
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from onesixty.webhooks.poster import Poster

#: Where statements.sql files are.
FEATURES = (
    "onesixty.store",
    "onesixty.http",
    "onesixty.accounts",
    "onesixty.messages",
    "onesixty.inventory",
    "onesixty.customers",
    "onesixty.jobs",
    "onesixty.ranges",
    "onesixty.dispatch",
    "onesixty.pauses",
    "onesixty.billing",
    "onesixty.work",
    "onesixty.webhooks",
    "onesixty.network",
    "onesixty.alerts",
    "onesixty.retention",
    "onesixty.refusals",
)

#: The process that writes the database and delivers webhooks, where a node is two.
WRITER = "onesixty.app.writer"

#: Seconds that a start waits: for a PostgreSQL that is away, for the process before to let go of a SQLite file.
PATIENCE = {"postgresql": 30.0, "sqlite": 5.0}


class Platform(Wiring):
    """One node. `start` returns when it serves; `stop` when nothing of it runs any more."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        random: SeededRandom | None = None,
        net: Net | None = None,
        poster: Poster | None = None,
        memory: MemoryDatabase | None = None,
        fault: FaultPoint | None = None,
    ) -> None:
        """`poster` takes webhooks in place of HTTP, `memory` is the database, `fault` is called at
        the fault points in place of those of the settings: for the simulation."""
        self.settings = settings
        self.webhook_poster = poster
        self.addresses = lambda: doors_of(self)
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
        self._monitoring: HttpServer | None = None
        #: The SMPP door, once it is open.
        self.smpp: SmppListeners | None = None
        self._serving = False
        #: What ends that which the start has begun, in the order in which it began.
        self._ends: list[Callable[[], Awaitable[object]]] = []
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
        if self.webhook_poster is not None or not settings.effective_database_url.startswith("sqlite:///"):
            return False
        return settings.processes == "2" or (settings.processes == "auto" and (os.cpu_count() or 1) > 1)

    # ------------------------------------------------------------ start

    async def start(self, *, doors: bool = True) -> None:
        """Open the database, settle what was left, connect the carriers, open the doors (if wanted)."""
        if doors:
            for setting in LISTENS:
                check_free(setting, getattr(self.settings, setting))
        self.observers = Observers(self.metrics)
        self.store = await self._open_store()
        self._ends.append(self.store.close)
        self._log.info(
            "database_ready", database=self.store.dialect, processes=2 if self.two_processes else 1
        )
        self.accounts = await self._open_accounts()
        self.tenure = Tenure(
            self.store,
            self.clock,
            recover=self._recover,
            refresh=self._refresh,
            lost=self._lease_lost,
            regained=self._lease_regained,
        )
        self._ends.append(self.tenure.end)
        await self.tenure.start(socket.gethostname())
        self.build()
        self.alerting = Alerting(self)
        self.captures = Captures(self)
        self.line_watch = LineWatch(self.dispatcher.lines, self.links.name, self.clock)
        self._ends.append(self._stop_parts)
        self.links.on_reload = self.captures.listen
        await self.endpoints.refresh(self.store)
        await self.own_numbers.load()
        await self.networks.load()
        # Before any carrier: what comes in has to be kept for the binds of customers.
        await self.smpp_credentials.refresh()
        await self._recover()
        self.tenure.keep()
        await adopt(self.links.configs, self.settings.carriers, self.settings.routes)
        await self.links.reload()
        if not self.two_processes:
            await self.webhook_queue.start()
        await self.bind_queue.start()
        await self.inbound.recover()
        await self.parts.recover()
        self.sweep.rounds.start()
        self.strays.rounds.start()
        self.keeper.rounds.start()
        await self.job_queue.start()
        await self.alerting.start()
        gauges.read_from(self)
        if doors:
            self.line_watch.start()
            self.smpp = SmppListeners(self)
            self._server = await open_doors(self)
            await self.smpp.open()
            self._monitoring = await open_monitoring(self)
            self._log.info("serving", url=self.url, lease=self.tenure.id, database=self.store.dialect)
        self._serving = True

    async def _recover(self) -> None:
        """At the start, and with every renewal."""
        await recover(self.store, self.recorder, self.clock, self.observers, self.fault)
        # What waits in the database for a node that is gone is known to no line yet. A look each time: a node that
        # was frozen commits what it had accepted after others took over from it.
        for line in list(self.dispatcher.lines.values()):
            await self.refill.discover(line)
            self.dispatcher.wake(line)

    async def _refresh(self) -> None:
        await self.endpoints.refresh(self.store)
        await self.accounts.load()
        await self.smpp_credentials.refresh()
        await self.own_numbers.load()
        await self.networks.load()
        await self.links.reload()

    def _lease_lost(self) -> None:
        self.dispatcher.begin_stop()
        self.failed.set()

    def _lease_regained(self) -> None:
        self.dispatcher.wake_all()

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
            with_keys=self.settings.admin_key is None,
        )
        if self.settings.admin_key is not None:
            await ensure_admin_key(accounts, self.settings.admin_key.get_secret_value())
        await accounts.load()
        return accounts

    # ------------------------------------------------------------ doors

    def ready(self) -> bool:
        """Whether this node takes messages."""
        return self._serving and self.store.healthy

    # ------------------------------------------------------------ stop

    async def stop(self) -> None:
        """Close the doors, let carriers answer, write what came, end the lease; within `shutdown_seconds`."""
        self._serving = False
        while self._ends:
            await self._ends.pop()()
        self._log.info("stopped")

    async def _stop_parts(self) -> None:
        """All that stands between the doors and the carriers; a part that has not begun has nothing to stop."""
        bound = self.settings.shutdown_seconds
        self.feed.close()
        self.captures.close()
        if self.smpp is not None:
            await self.smpp.close(min(5.0, bound / 4))
        self.passwords.close()
        servers = [server for server in (self._server, self._monitoring) if server is not None]
        await asyncio.gather(*(server.stop(min(5.0, bound / 4)) for server in servers))
        await self.line_watch.stop()
        await self.alerting.stop(bound / 8)
        await self.job_queue.stop(bound / 8)
        await self.refused.stop()
        await self.keeper.rounds.stop()
        await self.sweep.rounds.stop()
        await self.strays.rounds.stop()
        self.dispatcher.begin_stop()
        await self.stage.stop()
        await self.links.stop(bound / 2)
        await self._until_idle(bound / 8)
        await self.bind_queue.stop(bound / 8)
        if not self.two_processes:
            await self.webhook_queue.stop(bound / 8)

    async def _until_idle(self, seconds: float) -> None:
        deadline = self.clock.monotonic() + seconds
        parts = (self.dispatcher, self.desk, self.inbound, self.parts)
        while not all(part.idle for part in parts) and self.clock.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # several parts have to be idle at once
