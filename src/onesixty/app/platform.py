"""One node of onesixty: the store and the lease, its features (`app.features`), and its doors.

Rules kept here:
- recovery of what stopped nodes left comes before the first flight; doors open last and close first;
- a stop is bounded: answers that do not arrive in time are left to the next start, which counts them;
- a start that failed can be stopped too: the parts that were started end in reverse order.
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

from onesixty import __version__
from onesixty.accounts.feature import AccountsFeature
from onesixty.accounts.keys import NewKey
from onesixty.app.doors import front_of, open_doors, open_monitoring
from onesixty.app.features import ROW_EFFECTS, STATEMENTS, Features
from onesixty.audit_log.recording import Recording
from onesixty.channels import registry as channels
from onesixty.core.clock import Clock, SystemClock, system_random
from onesixty.core.contracts import Net
from onesixty.core.ids import IdSource
from onesixty.doors.smpp.listeners import SmppListeners
from onesixty.extensions.loading import Extensions
from onesixty.http.front import Front
from onesixty.http.idempotency import Idempotency
from onesixty.http.server import HttpServer
from onesixty.kit.announced import Announced
from onesixty.kit.context import Context
from onesixty.kit.observer import Observer
from onesixty.ops.faults import FaultPoints
from onesixty.ops.metrics import Metrics
from onesixty.ops.ports import LISTENS, check_free
from onesixty.ops.settings import Address, Settings, parse_address
from onesixty.sealing.columns import sealed_tables
from onesixty.sealing.keyring import Keyring
from onesixty.sealing.opening import open_keyring
from onesixty.sealing.source import Source
from onesixty.simulator.sandbox import Sandbox
from onesixty.smpp.network import LoopNetwork
from onesixty.store import urls
from onesixty.store.contract import FaultPoint, Store
from onesixty.store.lease_keeper import LeaseKeeper
from onesixty.store.leases import About
from onesixty.store.opening import open_store
from onesixty.store.remote import spawn_store
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from onesixty.webhooks.poster import Poster
from onesixty.webhooks.writer import SECRET_VARIABLE, Options

#: The module of the second process, which writes the database and delivers webhooks if a node has two processes.
WRITER = "onesixty.webhooks.writer"

#: Seconds that a start waits for a PostgreSQL that is away, or for the former process to release a SQLite file.
PATIENCE = {"postgresql": 30.0, "sqlite": 5.0}


class Platform:
    """One node. `start` returns when it serves; `stop` returns when all of it has stopped.

    It has `store`, `keyring`, `lease` and `features` from its start on.
    """

    store: Store
    keyring: Keyring
    lease: LeaseKeeper
    features: Features
    _node: Context

    def __init__(
        self,
        settings: Settings,
        *,
        extensions: Extensions | None = None,
        clock: Clock | None = None,
        random: SeededRandom | None = None,
        net: Net | None = None,
        poster: Poster | None = None,
        memory: MemoryDatabase | None = None,
        fault: FaultPoint | None = None,
    ) -> None:
        """`extensions` are those to run, none by default. `poster` sends webhooks in place of HTTP, `memory` is the
        database, `fault` is called at the fault points in place of those of the settings. The simulation uses these
        three."""
        self.settings = settings
        self._extensions = extensions or Extensions()
        self._poster = poster
        self._memory = memory
        self.clock = clock or SystemClock()
        self.random = random or system_random()
        self.net = net or LoopNetwork()
        self.ids = IdSource(self.clock, self.random)
        self.metrics = Metrics()
        self.observer = Observer(self.metrics)
        self.fault = fault or FaultPoints(settings.faults).hit
        self.new_keys: list[NewKey] = []
        #: The token of the set-up link, at a start that made one.
        self.setup_token: str | None = None
        self.sandbox = Sandbox()
        #: Whether a second process writes the database and delivers webhooks: see `webhooks.writer`.
        self.two_processes = self._two_processes()
        self._log = structlog.get_logger("onesixty")
        self._server: HttpServer | None = None
        self._monitoring: HttpServer | None = None
        #: The SMPP door once it is open.
        self.smpp: SmppListeners | None = None
        self._serving = False
        #: The functions that end the started parts, in the order in which the parts were started.
        self._ends: list[Callable[[], Awaitable[object]]] = []
        #: Set when the node cannot go on and has to be restarted.
        self.failed = asyncio.Event()

    @property
    def url(self) -> str:
        """The URL at which it serves HTTP, or will."""
        return f"http://{self._http_address()}"

    def _http_address(self) -> Address:
        address = self.settings.http_address
        return address._replace(port=address.port if self._server is None else self._server.port)

    def _addresses(self) -> list[Address]:
        """Where the node listens, or will. The system may choose the ports."""
        listens = (self.settings.smpp_listen, self.settings.smpp_tls_listen)
        smpp = [parse_address(listen) for listen in listens if listen]
        if self.smpp is not None:
            smpp = [door._replace(port=port) for door, port in zip(smpp, self.smpp.ports, strict=False)]
        return [self._http_address(), *smpp]

    def _two_processes(self) -> bool:
        settings = self.settings
        if self._poster is not None or not settings.effective_database_url.startswith("sqlite:///"):
            return False
        return settings.processes == "2" or (settings.processes == "auto" and (os.cpu_count() or 1) > 1)

    # ------------------------------------------------------------ start

    async def start(self, *, doors: bool = True) -> None:
        """Open the database, settle what stopped nodes left, connect the carriers, and open the
        doors unless `doors` is False."""
        if doors:
            for setting in LISTENS:
                check_free(setting, getattr(self.settings, setting))
        self.store = await self._open_store()
        self._ends.append(self.store.close)
        self._log.info(
            "database_ready", database=self.store.dialect, processes=2 if self.two_processes else 1
        )
        self.keyring = await open_keyring(
            self.store, Source.of(self.settings), self.clock, sealed_tables(STATEMENTS)
        )
        self.lease = LeaseKeeper(
            self.store,
            self.clock,
            recover=self._recover,
            refresh=self._refresh,
            lost=self._lease_lost,
            regained=self._lease_regained,
        )
        self._ends.append(self.lease.end)
        node = self._node = self._context()
        accounts = AccountsFeature(node)
        self.new_keys = await accounts.open()
        await self.lease.start(socket.gethostname())
        self.features = features = Features(
            node,
            accounts,
            extensions=self._extensions,
            sandbox=self.sandbox,
            poster=self._poster,
            addresses=self._addresses,
        )
        self._ends.append(self._stop_features)
        await features.load()
        self.lease.keep()
        await features.start()
        self.metrics.store_oldest.read_from(lambda: {(): self.store.unanswered()})
        self.metrics.ready.read_from(lambda: {(): int(self.ready())})
        if doors:
            await self._open_doors(node, features)
            self.setup_token = await features.people.people.setup.first()
            self._log.info("serving", url=self.url, lease=self.lease.id, database=self.store.dialect)
        self._serving = True

    def _context(self) -> Context:
        announced = Announced()
        recording = Recording(self.store, self.clock, self.ids, secrets.token_bytes, self.keyring)
        return Context(
            settings=self.settings,
            clock=self.clock,
            random=self.random,
            ids=self.ids,
            net=self.net,
            store=self.store,
            lease=self.lease,
            keyring=self.keyring,
            fault=self.fault,
            metrics=self.metrics,
            observer=self.observer,
            idempotency=Idempotency(self.store, self.clock),
            channels=channels.standard(self.settings.max_segments, self.settings.max_segments_limit),
            two_processes=self.two_processes,
            row_effects=(*ROW_EFFECTS, recording.effect, announced.effect),
            notes=recording,
            announced=announced,
        )

    async def _open_doors(self, node: Context, features: Features) -> None:
        features.network.watch.start()
        self.smpp = smpp = SmppListeners(
            node,
            accounts=features.accounts,
            credentials=features.credentials.credentials,
            passwords=features.credentials.passwords,
            binds=features.binds.binds,
            short_ids=features.binds.short_ids,
            deduplication=features.binds.deduplication,
            parts=features.parts.parts,
            intake=features.path.intake,
            queries=features.path.queries,
            control=features.control,
            edits=features.path.edits,
            captures=features.captures.captures,
            trace=features.refusals.trace,
            shared=features.limits.shared,
        )
        smpp.gauges(self.metrics)
        self._server = await open_doors(node, features, self.ready)
        await smpp.open()
        self._monitoring = await open_monitoring(node, self.ready)
        await self.lease.describe(self._about())

    def _about(self) -> About:
        """What this node says of itself, for operators."""
        settings, addresses = self.settings, [str(address) for address in self._addresses()]
        served = ["http", *(name for name in ("smpp", "smpp_tls") if getattr(settings, f"{name}_listen"))]
        found = dict(zip(served, addresses, strict=False))
        if settings.metrics_listen:
            found["metrics"] = settings.metrics_listen
        roles = ["api", *(["smpp"] if len(served) > 1 else []), "dispatch", "webhooks", "sweep"]
        processes = 2 if self.two_processes else 1
        return About(version=__version__, addresses=found, roles=roles, processes=processes)

    async def _recover(self) -> None:
        await self.features.recover()

    async def _refresh(self) -> None:
        await self.features.refresh()

    def _lease_lost(self) -> None:
        self.features.path.dispatcher.begin_stop()
        self.failed.set()

    def _lease_regained(self) -> None:
        self.features.path.queues.wake_all()

    async def _open_store(self) -> Store:
        settings, statements = self.settings, load(STATEMENTS)
        patience = PATIENCE[
            "sqlite" if settings.effective_database_url.startswith("sqlite") else "postgresql"
        ]
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.two_processes:
            source = Source.of(settings)
            extra = Options(
                settings.webhook_allow_private,
                settings.faults,
                settings.log_level,
                settings.log_format,
                str(source.path),
            )
            store = await spawn_store(
                settings.effective_database_url,
                statements,
                migrate=True,
                patience=patience,
                observer=self.observer,
                faults=settings.faults,
                module=WRITER,
                extra=msgspec.to_builtins(extra),
                environment={SECRET_VARIABLE: ",".join(source.given)},
            )
            store.on_news(self.observer.webhooks.news)
            return store
        return await open_store(
            settings.effective_database_url if self._memory is None else urls.MEMORY,
            statements,
            clock=self.clock,
            memory=self._memory,
            migrate=True,
            patience=patience,
            observer=self.observer,
            fault=self.fault,
        )

    def ready(self) -> bool:
        """Whether this node accepts messages."""
        return self._serving and self.store.healthy

    def front(self) -> Front:
        """Another front of the started node, for calls of its API in this process, without a server."""
        return front_of(self._node, self.features, self.ready)

    # ------------------------------------------------------------ stop

    async def stop(self) -> None:
        """Close the doors, let carriers answer, write their answers, and end the lease, all
        within `shutdown_seconds`."""
        self._serving = False
        while self._ends:
            await self._ends.pop()()
        self._log.info("stopped")

    async def _stop_features(self) -> None:
        """Stop doors and features, as far as they were started."""
        bound = self.settings.shutdown_seconds
        await self.features.close(bound)
        if self.smpp is not None:
            await self.smpp.close(min(5.0, bound / 4))
        servers = [server for server in (self._server, self._monitoring) if server is not None]
        await asyncio.gather(*(server.stop(min(5.0, bound / 4)) for server in servers))
        await self.features.stop(bound)
