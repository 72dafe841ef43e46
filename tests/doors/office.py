"""The API over a real store: accounts, carriers and routes, and an intake that stores."""

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec

from onesixty.accounts import Accounts, bootstrap
from onesixty.accounts.endpoints import account_routes, key_routes
from onesixty.carriers import registry
from onesixty.core.errors import Problem
from onesixty.core.message import COLUMNS, Message
from onesixty.doors.v1 import SEND_PATH, SendDoor, build_api
from onesixty.doors.v1.batch import BatchDoor, batch_send_routes
from onesixty.doors.v1.batches import batch_routes
from onesixty.doors.v1.door import pages_door, v1_door
from onesixty.doors.v1.export import export_routes
from onesixty.doors.v1.messages import MessageActions, message_routes
from onesixty.doors.v1.preview import Foresight, preview_routes
from onesixty.http.auth import KeyRing
from onesixty.http.front import Front
from onesixty.http.idempotency import Idempotency
from onesixty.jobs.bulk import Bulk
from onesixty.jobs.endpoints import job_routes
from onesixty.jobs.jobs import Jobs
from onesixty.jobs.sink import LIMITS, JobSink
from onesixty.messages.batches import Batches
from onesixty.messages.orders import Replay, SendOrder
from onesixty.messages.recorder import Recorder
from onesixty.network.carrier_endpoints import Connectors, carrier_routes
from onesixty.network.configs import Configs
from onesixty.network.route_endpoints import Deciding, route_routes
from onesixty.pauses.endpoints import NetworkDesk, desk_routes
from onesixty.pauses.pauses import Pauses
from onesixty.pauses.probes import Probes
from onesixty.ranges.lookup_endpoints import lookup_routes
from onesixty.routing.router import Router
from onesixty.sandbox.endpoints import Desk, sandbox_routes
from onesixty.simulator.sandbox import Sandbox
from onesixty.simulator.stage import Stage
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.units import Unit
from onesixty.work.queue import WorkQueue
from tests.http.asgi import Client
from tests.http.world import PUBLIC_URL, Clock, Intake, new_ids
from tests.support.databases import memory_database, statements
from tests.support.refusals import untraced

PACKAGES = [
    "onesixty.messages",
    "onesixty.dispatch",
    "onesixty.http",
    "onesixty.accounts",
    "onesixty.network",
    "onesixty.inventory",
    "onesixty.customers",
    "onesixty.jobs",
    "onesixty.work",
    "onesixty.ranges",
    "onesixty.pauses",
]


class StoredIntake(Intake):
    """Judges as `Intake`, and commits with the order's guard as the real one does."""

    store: Store

    async def accept(self, orders: Sequence[SendOrder]) -> list[Any]:
        results = await super().accept(orders)
        for index, (order, result) in enumerate(zip(orders, results, strict=True)):
            if isinstance(result, Message):
                keyed = order.idempotency
                row = tuple(getattr(result, name) for name in COLUMNS)
                unit = Unit(
                    keys=(result.id,) if keyed is None else (result.id, keyed.lock),
                    guards=() if keyed is None else (keyed.guard(result),),
                    writes=(("message_insert", row),),
                )
                outcome = (await self.store.commit([unit]))[0]
                if outcome is not True:
                    self.accepted.remove(result)
                    results[index] = Replay() if outcome is False else Problem("unavailable", retry_after=1)
        return results


class Lanes:
    """Nothing waits in memory, and nothing enters it."""

    def first_available(self, carriers: Sequence[str]) -> str:
        return carriers[0]

    def reserve(self, message: Message) -> int:
        return 0

    def enter(self, message: Message) -> None: ...

    def withdraw(self, message_id: str) -> None: ...


class Platform:
    """One node's API, whose keys are real."""

    store: Store
    live: str
    test: str

    def __init__(self) -> None:
        self.clock = Clock()
        self.ids = new_ids(self.clock)
        self.reloads = 0
        self.modes: dict[str, str] = {}
        self.router = Router(self.clock)
        self.states: dict[str, object] = {}
        self.sandbox = Sandbox()
        self.stage = Stage(self.sandbox, self.clock, lambda carrier_id: carrier_id)
        self.intake = StoredIntake(self.clock, self.ids)

    async def open(self, url: str, actions: MessageActions | None = None) -> "Platform":
        self.store = self.intake.store = await open_store(
            url, statements(*PACKAGES), clock=self.clock, memory=memory_database()
        )
        self.accounts = Accounts(self.store, self.clock, self.ids, Random(5).randbytes)
        keys = await bootstrap(self.accounts, name="default", currency="EUR", price_per_segment=7500)
        if keys:
            self.live, self.test = (made.secret for made in keys)
        self.configs = Configs(self.store, self.clock, self.ids, self._reload)
        lanes: Any = Lanes()
        bulk = Bulk(self.store, Recorder(()), self.router, lanes, self.clock)
        self.jobs = Jobs(self.store, bulk, self.clock, self.ids.new)
        self.job_queue = WorkQueue(
            self.store, JobSink(self.store, bulk, self.clock), clock=self.clock, random=Random(6),
            lease=lambda: 1, limits=msgspec.structs.replace(LIMITS, look=0.02),
        )  # fmt: skip
        self.front = self.node(actions)
        return self

    def node(self, actions: MessageActions | None = None) -> Front:
        """Another node's front over the same store."""
        ring = KeyRing(self.accounts.find_key, self.clock)
        self.accounts.on_key_change(ring.forget)
        idempotency = Idempotency(self.store, self.clock)
        door = SendDoor(self.intake.accept, idempotency, PUBLIC_URL, untraced())
        connectors = Connectors(
            registry.validate,
            registry.public,
            registry.check_secrets,
            self.states.get,
            self.modes.get,
            _anywhere,
        )
        routers = [
            key_routes(self.accounts, idempotency),
            account_routes(self.accounts, idempotency),
            lookup_routes({"+4915112345678": "26201"}.get),
            desk_routes(self.configs, self._desk()),
            job_routes(self.configs, self.jobs),
            carrier_routes(self.configs, connectors),
            sandbox_routes(Desk(self.sandbox, self.stage, lambda carrier_id: carrier_id)),
            route_routes(self.configs, Deciding(self.router.explain, self.ids.new, self.clock.now_ms)),
        ]
        batches = Batches(
            store=self.store,
            accept=self.intake.accept,
            cancel=_cancel if actions is None else actions.cancel,
            clock=self.clock,
            new_id=self.ids.new,
        )
        batch = BatchDoor(batches, Idempotency(self.store, self.clock), PUBLIC_URL, untraced())
        foresight = Foresight(
            lambda order, _now: self.intake.judge(order),
            self.router.explain,
            self.configs.names,
            self.clock.now_ms,
        )
        routers += [
            batch_send_routes(batch),
            batch_routes(batches),
            preview_routes(foresight, PUBLIC_URL),
        ]
        if actions is not None:
            routers[:0] = [export_routes(actions.list), message_routes(actions)]
        api = build_api(
            send=door,
            routers=routers,
            ready=lambda: self.store.healthy,
            metrics=lambda: b"",
            public_url=PUBLIC_URL,
            version="1.0",
        )
        self.api = api
        v1 = v1_door(api, ring, PUBLIC_URL, hot={("POST", SEND_PATH): door})
        return Front((v1, pages_door(api, PUBLIC_URL)), clock=self.clock, ids=self.ids)

    def client(self, key: str | None = None) -> Client:
        return Client(self.front, key or self.live)

    def _desk(self) -> NetworkDesk:
        return NetworkDesk(
            Pauses(self.store, self.clock, self.ids, self._reload),
            Probes(self.intake.accept, self.store),
            lambda account_id: account_id in self.accounts.book,
        )

    async def _reload(self) -> None:
        self.reloads += 1
        self.router.load(await self.configs.routes(), await self.configs.carriers(), ())


async def _cancel(*_asked: object) -> Message:
    raise Problem("too_late")


async def _anywhere(settings: object) -> None:
    """A carrier may be at every address."""
