"""A node's API in process: its real features over a real store, of which nothing runs but what a test starts.

The clock is turned by hand, and no carrier has a network.
"""

import os
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Self

from onesixty.accounts.feature import AccountsFeature
from onesixty.app.doors import front_of
from onesixty.app.features import ROW_EFFECTS, STATEMENTS, Features
from onesixty.audit_log.recording import Recording
from onesixty.channels.registry import standard
from onesixty.channels.sms.orders import SendOrder
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.orders import Replay
from onesixty.core.tenant import Tenant
from onesixty.extensions.loading import Extensions
from onesixty.http.auth import KeyRing
from onesixty.http.front import Front
from onesixty.http.idempotency import Idempotency
from onesixty.kit.announced import Announced
from onesixty.kit.context import Context
from onesixty.kit.observer import Observer
from onesixty.messages.queries import Filters
from onesixty.ops.metrics import Metrics
from onesixty.ops.settings import Settings
from onesixty.simulator.sandbox import Sandbox
from onesixty.simulator.virtual import NoNet
from onesixty.store.lease_keeper import LeaseKeeper
from onesixty.store.opening import open_store
from tests.http.asgi import Client
from tests.http.world import PUBLIC_URL, Clock, new_ids
from tests.support.databases import memory_database, statements
from tests.support.message_path import SwitchedStore
from tests.support.sealing import KEYRING

SMPP = {"host": "smsc.example.net", "system_id": "onesixty", "password": "s3cret"}


class Office:
    """One node. `orders` and `accepted` are what went into intake and what it made of it."""

    live: str
    test: str
    node: Context
    features: Features
    front: Front

    def __init__(self) -> None:
        self.clock = Clock()
        self.ids = new_ids(self.clock)
        self.sandbox = Sandbox()
        self.orders: list[SendOrder] = []
        self.accepted: list[Message] = []
        self._lives: list[Features] = []
        self._runs = False
        self.faults: Callable[[str], None] = lambda name: None

    @classmethod
    async def open(cls, url: str = "sqlite://", **settings: Any) -> Self:
        self = cls()
        database = await open_store(url, statements(*STATEMENTS), clock=self.clock, memory=memory_database())
        store: Any = SwitchedStore(database)
        self.store: SwitchedStore = store
        lease = LeaseKeeper(store, self.clock, recover=_nothing, refresh=_nothing, lost=bool, regained=bool)
        await lease.start("office")
        metrics = Metrics()
        announced = Announced()
        recording = Recording(store, self.clock, self.ids, os.urandom, KEYRING)
        self.node = Context(
            settings=Settings(
                **({"public_url": PUBLIC_URL, "billing_price_per_segment": "0.0075"} | settings)
            ),
            clock=self.clock,
            random=Random(5),
            ids=self.ids,
            net=NoNet(),
            store=store,
            lease=lease,
            keyring=KEYRING,
            fault=self._fault,
            metrics=metrics,
            observer=Observer(metrics),
            idempotency=Idempotency(store, self.clock),
            channels=standard(10, 255),
            two_processes=False,
            row_effects=(*ROW_EFFECTS, recording.effect, announced.effect),
            notes=recording,
            announced=announced,
        )
        self.live, self.test = (made.secret for made in await AccountsFeature(self.node).open())
        await self.again()
        return self

    def _fault(self, name: str) -> None:
        self.faults(name)

    async def again(self) -> None:
        """New features over the same store, as after a restart, or on another node."""
        accounts = AccountsFeature(self.node)
        self.features = Features(
            self.node, accounts, extensions=Extensions(), sandbox=self.sandbox, poster=None, addresses=list
        )
        self._lives.append(self.features)
        await self.features.load()
        await self.features.network.refresh()
        self._hold()
        intake = self.features.path.intake
        accept = intake.accept

        async def noted(orders: Sequence[SendOrder]) -> list[Message | Problem | Replay]:
            self.orders += orders
            results = await accept(orders)
            self.accepted += [result for result in results if isinstance(result, Message)]
            return results

        intake.accept = noted  # type: ignore[method-assign]
        self.account_id = self.features.accounts.operator().id
        self.front = self.another_front()

    def another_front(self, ring: KeyRing | None = None) -> Front:
        """A front of its own, with its own memory of keys, as another node has it."""
        return front_of(self.node, self.features, lambda: self.store.healthy, ring=ring)

    async def route(self, type_: str = "simulator", *, runs: bool = False) -> None:
        """A carrier `acme` and the route `default` over it; nothing goes out unless it `runs`."""
        configs, self._runs = self.features.configs, runs
        carrier = await configs.add_carrier("acme", type_, SMPP if type_ == "smpp" else {})
        await configs.add_route("default", [carrier.id])
        self._hold()

    def _hold(self) -> None:
        dispatcher = self.features.path.dispatcher
        for carrier_id in () if self._runs else list(dispatcher.queues):
            dispatcher.connect(carrier_id, None)

    async def close(self) -> None:
        for life in self._lives:
            await life.network.stop(1)
        await self.store.close()

    def client(self, key: str | None = None) -> Client:
        return Client(self.front, key or self.live)

    async def reader(self) -> str:
        """A new key that may only read messages."""
        made = await self.client().post(
            "/v1/keys", {"name": "reader", "mode": "live", "scopes": ["messages:read"]}
        )
        return str(made.json["secret"])

    async def texts(self) -> list[str]:
        """Those of all live messages."""
        tenant = Tenant(self.account_id, False)
        found, _ = await self.features.path.queries.find(tenant, Filters(), 100_000, None)
        return sorted(message.text for message in found)


async def _nothing() -> None:
    """Nobody else is at the store."""
