"""Nodes that share the limits of accounts over one store: the real holds and messages, and one carrier's row."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
from msgspec.structs import replace

from onesixty.accounts import Account, Accounts, AccountSettings
from onesixty.app.features import STATEMENTS
from onesixty.channels.registry import standard
from onesixty.channels.sms.orders import SendOrder
from onesixty.core import events, ids, statuses
from onesixty.core.contracts import CarrierConfig
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.ids import IdSource
from onesixty.core.limits import Limits
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.limits.arrivals import Arrivals, follow_arrivals
from onesixty.limits.filling import Filling
from onesixty.limits.hold import LimitHold
from onesixty.limits.rows import LimitRows
from onesixty.messages import changes
from onesixty.messages.drafts import SEND, Draft
from onesixty.messages.holds import Holds
from onesixty.messages.recorder import Recorder
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.units import Result, Unit
from onesixty.webhooks.effect import EventEffect
from onesixty.webhooks.listeners import EndpointTable
from onesixty.webhooks.rows import follow_events
from tests.http.world import Clock
from tests.support.databases import memory_database, statements
from tests.support.message_path import Lease
from tests.support.sealing import KEYRING

_worlds = itertools.count(1)

#: The carrier that all messages wait for.
CARRIER = CarrierConfig(
    id="car_a", name="a", type="simulator", settings="{}", enabled=True, version=1, created_at=0
)


async def open_world(url: str) -> Store:
    store = await open_store(
        url,
        statements(*STATEMENTS),
        clock=Clock(),
        memory=memory_database(),
        migrate=url.startswith("postgresql"),
    )
    if not await store.fetch("carriers_get", id=CARRIER.id):
        await store.execute("carriers_insert", **msgspec.structs.asdict(CARRIER))
    return store


class World:
    """Accounts in a database, and the nodes that send for them. `several` as on PostgreSQL."""

    def __init__(self, store: Store, *, several: bool) -> None:
        number = next(_worlds)
        self.store = store
        self.several = several
        self.clock = Clock()
        self.clock.ms += number * 1000
        self.ids = IdSource(self.clock, Random(number))
        self.accounts = Accounts(store, self.clock, self.ids, bytes)
        self.nodes: list[LimitNode] = []
        self.messages: dict[str, Message] = {}
        #: The node whose transactions are committed now: each has a store of its own, and learns of its own alone.
        self.committing: LimitNode | None = None

    async def create(self, limits: Limits, parent: str | None = None, zone: str = "UTC") -> str:
        if not self.accounts.book:
            await self.accounts.load()
        account = self.accounts.new_account(
            "Limits", "EUR", 1, AccountSettings(limits=limits), parent_id=parent, time_zone=zone
        )
        await self.accounts.rows.add(account)
        await self.accounts.load()
        return account.id

    async def limit(self, account_id: str, limits: Limits) -> None:
        def change(account: Account) -> Account:
            return replace(account, settings=replace(account.settings, limits=limits))

        await self.accounts.change(account_id, change)

    async def start(self) -> LimitNode:
        now = self.clock.now_ms()
        rows = await self.store.execute("lease_start", node="n", now=now, ttl=10**9, sessions="[]")
        node = LimitNode(self, int(rows[0][0]))
        self.nodes.append(node)
        return node

    async def crash(self, node: LimitNode) -> None:
        """A node is gone with what it holds, and its lease is fenced."""
        self.nodes.remove(node)
        await self.store.execute("lease_end", id=node.lease.id, now=self.clock.now_ms())

    async def end(self) -> None:
        """No other world has nodes at the same time."""
        for node in list(self.nodes):
            await node.filling.stop(node.hold.meters())
            await self.crash(node)

    def of(self, *status: str) -> list[Message]:
        return [one for one in self.messages.values() if one.status in status]


class LimitNode:
    """A node: its lease and its limits."""

    def __init__(self, world: World, lease: int) -> None:
        self.world = world
        self.lease = Lease(lease)
        self.filling = Filling(
            LimitRows(world.store, world.clock, self.lease),
            world.clock,
            several=world.several,  # type: ignore[arg-type]
        )
        self.hold = LimitHold(world.accounts, self.filling, world.clock)
        self.holds = Holds([self.hold])
        events_of = EventEffect(EndpointTable(KEYRING), world.ids, channels=standard())
        self.recorder = Recorder([Arrivals(), events_of])
        follow_events(world.store, self)
        follow_arrivals(world.store, self.came)

    follows = LimitHold.follows

    def listening(self) -> bool:
        return self.world.committing is self and self.hold.listening()

    def told(self, type_: str, tenant: Tenant) -> None:
        self.hold.told(type_, tenant)

    def came(self, subject: str, status: str) -> None:
        if self.world.committing is self:
            self.hold.came(subject, status)

    async def _commit(self, units: Sequence[Unit]) -> list[Result]:
        self.world.committing = self
        try:
            return await self.world.store.commit(units)
        finally:
            self.world.committing = None

    async def send(
        self,
        account_id: str,
        count: int = 1,
        *,
        segments: int = 1,
        scheduled: bool = False,
        deferred: bool = False,
        test: bool = False,
        grant: Grant | None = None,
        lost: bool = False,
        unwritten: bool = False,
    ) -> list[Message | Problem]:
        """Send as intake does. `deferred`: by a rule. `lost`: the commit fails. `unwritten`: it succeeds, and nothing
        is written."""
        world = self.world
        now = world.clock.now_ms()
        later = scheduled or deferred
        drafts = [self._draft(account_id, now, segments, later, test, grant) for _ in range(count)]
        for draft in drafts if deferred else ():
            draft.message.not_before = draft.message.due_at
        await self.holds.filled(drafts)
        results: list[Message | Problem] = []
        for draft in drafts:
            try:
                self.holds.take(draft.message, (), 0)
            except Problem as problem:
                results.append(problem)
            else:
                results.append(draft.message)
        taken = [one for one in results if isinstance(one, Message)]
        answers = [] if lost or unwritten else await self._commit([self._acceptance(one) for one in taken])
        for one, answer in zip(taken, answers or [unwritten] * len(taken), strict=True):
            self.holds.settle(one, answer is True)
            if answer is True:
                world.messages[one.id] = one
        return results

    async def accepted(self, account_id: str, count: int = 1, **fields: Any) -> int:
        return sum(isinstance(one, Message) for one in await self.send(account_id, count, **fields))

    async def advance(self, one: Message, status: str) -> None:
        change = changes.advance(one, status, self.world.clock.now_ms())
        (result,) = await self._commit([self.recorder.change(change)])
        assert result is True
        self.world.messages[one.id] = change.after

    def _acceptance(self, one: Message) -> Unit:
        event = None
        if one.not_before is not None:
            event, one.sequence = events.of_status(one.status), 1
        return self.recorder.acceptance(one, event=event)

    def _draft(
        self, account_id: str, now: int, segments: int, scheduled: bool, test: bool, grant: Grant | None
    ) -> Draft:
        one = Message(
            id=self.world.ids.new(ids.MESSAGE),
            account_id=account_id,
            test=test,
            sender="Acme",
            recipient="+15551234567",
            text="Hi",
            encoding="gsm7",
            segments=segments,
            class_="transactional",
            carrier_id=CARRIER.id,
            created_at=now,
            expires_at=now + 10**9,
            due_at=now + 10**9,
            status=statuses.SCHEDULED if scheduled else statuses.QUEUED,
            queued_at=None if scheduled else now,
            limited_by=None if grant is None else grant.counts,
        )
        order = SendOrder(
            tenant=Tenant(account_id, test), sender="Acme", recipient="+15551234567", text="Hi", grant=grant
        )
        return Draft(SEND, one, now, order=order, words=order)
