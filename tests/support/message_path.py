"""The message path of one node for tests: the real parts on a real store, with a carrier that does as it is told.

`Node.start(url)` opens a store and builds the product's own `MessagePath` on it, with money and events, but without
doors and webhooks. Time is the machine's plus what `clock.advance` added.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random
from typing import Any

import msgspec

from onesixty.accounts import Account, AccountSettings
from onesixty.accounts.tree import Tree
from onesixty.app.features import STATEMENTS
from onesixty.app.path import MessagePath
from onesixty.billing.flat import LedgerEffect
from onesixty.channels.registry import standard
from onesixty.channels.sms.orders import SendOrder
from onesixty.core.channel import Channels
from onesixty.core.contracts import (
    CarrierConfig,
    CarrierHost,
    CarrierReceipt,
    CarrierState,
    Refusal,
    Rendered,
    RouteConfig,
    Submission,
    Write,
)
from onesixty.core.covered import Revealer
from onesixty.core.ids import IdSource
from onesixty.core.message import Attempt, Message, attempt_from_row, from_row
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant
from onesixty.dispatch.recovery import recover
from onesixty.extensions.feature import ExtensionsFeature
from onesixty.extensions.loading import Extensions
from onesixty.http.idempotency import Idempotency
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.jobs.bulk import Bulk
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.kit.observer import Observer
from onesixty.kit.upkeep import UpkeepFeature
from onesixty.messages.control import Control
from onesixty.messages.drafts import Step
from onesixty.messages.histories import Histories
from onesixty.messages.sweep import Sweep
from onesixty.network.callbacks import CarrierCallbacks
from onesixty.ops.metrics import Metrics
from onesixty.ops.settings import Settings
from onesixty.ranges.networks import Networks
from onesixty.smpp.network import LoopNetwork
from onesixty.smpp.receipt import id_keys
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.units import Result, Unavailable, Unit
from onesixty.webhooks.effect import EventEffect, redact
from onesixty.webhooks.listeners import EndpointTable
from tests.support.databases import memory_database, statements
from tests.support.sealing import KEYRING
from tests.support.waiting import wait_until_async

FEATURES = (*STATEMENTS, "onesixty.reports")
ACCOUNT = "acc_one"
START_MS = 1_800_000_000_000


class MovableClock:
    """The machine's clock, and what was added to it. Wall time begins at `START_MS`."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.added = 0.0
        self.stepped = 0.0

    def step(self, seconds: float) -> None:
        """Somebody sets the wall clock; the monotonic one goes on."""
        self.stepped += seconds

    def advance(self, seconds: float) -> None:
        self.added += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.added

    def now_ms(self) -> int:
        return START_MS + int((self.monotonic() - self._began + self.stepped) * 1000)


class Lease:
    """A lease that does not run out, unless a test says so."""

    def __init__(self, id_: int) -> None:
        self.id = id_
        self.held: Callable[[], bool] = lambda: True

    def claim(self) -> int:
        return self.id if self.held() else 0


class Accounts:
    """Whatever is asked for is an account, at 0.0075 EUR a segment; `acc_no_otp` may not use class otp."""

    #: The account of an id never changes, except by a test.
    version = 0

    class Book(dict[str, Account]):
        price = 7500

        def __missing__(self, id_: str) -> Account:
            settings = AccountSettings(may_use_otp=id_ != "acc_no_otp")
            return Account(
                id=id_,
                name=id_,
                currency="EUR",
                price_per_segment=self.price,
                settings=settings,
                created_at=0,
            )

    def __init__(self) -> None:
        self.book = Accounts.Book()
        self.tree = Tree(self.book)
        self.tree.without_otp = frozenset({"acc_no_otp"})

    def operator(self) -> Account:
        return self.book[ACCOUNT]

    def currency(self, account_id: str) -> str:
        return self.book[account_id].currency


class Scrubbed(Feature):
    """Events are scrubbed with the message, as the feature of webhooks does it."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def scrub(self, message: Message) -> Sequence[Write]:
        return redact(message.id, self._node.clock.now_ms())


class RowCounts:
    """The store's observer: rows by statement."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()

    def committed(self, units: int, rows: Mapping[str, int], seconds: float) -> None:
        self.rows.update(rows)

    def failed(self, units: int, error: str) -> None: ...

    def health(self, healthy: bool) -> None: ...


class FakeCarrier:
    """A carrier in memory. What it is handed waits in `submissions` until the test answers, or is answered by
    `script` (a function from submission and segment to an Outcome or None) in a later turn of the loop."""

    #: As the type of its connector says it.
    channel = "sms"

    def __init__(self, carrier_id: str, *, window: int = 10, simulated: bool = False) -> None:
        self.id = carrier_id
        self.simulated = simulated
        self.throughput = 0.0
        self.receipt_timeout_ms = 3_600_000
        self.window = window
        self.connected = True
        self.parts: int | None = None
        self.refuses: Refusal | None = None
        self.receipt_errors: dict[str, str] = {}
        self.submissions: list[Submission] = []
        self.sent: list[str] = []
        self.waiting = 0
        self.script: Callable[[Submission, int], Outcome | None] | None = None
        self.on_submit: Callable[[Submission], None] | None = None
        self._loop: Any = None
        self._host: CarrierHost | None = None
        self._ids = 0

    async def start(self, host: CarrierHost) -> None:
        self._host = host

    async def stop(self, deadline: float) -> None: ...

    def attach(self, host: CarrierHost, loop: Any) -> None:
        self._host, self._loop = host, loop

    def render(self, message: Message, sender: str, concat_reference: int) -> Rendered | Refusal:
        if self.refuses is not None:
            return self.refuses
        parts = self.parts or message.segments
        return Rendered(parts, sender)

    def receipt_error(self, code: str) -> str | None:
        return self.receipt_errors.get(code)

    def capacity(self) -> int:
        return max(0, self.window - self.waiting) if self.connected else 0

    def submit(self, submission: Submission) -> None:
        self.submissions.append(submission)
        self.sent.append(submission.message.text)
        self.waiting += len(submission.pending)
        if self.on_submit is not None:
            self.on_submit(submission)
        if self.script is not None:
            for segment in submission.pending:
                outcome = self.script(submission, segment)
                if outcome is not None:
                    self._loop.call_soon(self.answer, submission, segment, outcome)

    def answer(self, submission: Submission, segment: int, outcome: Outcome) -> None:
        """Report one outcome, as from the wire."""
        assert self._host is not None
        self.waiting -= 1
        self._host.outcome(submission, segment, outcome)
        self._host.ready(self.id)

    def answer_all(self, submission: Submission, outcome: Outcome | None = None) -> None:
        """Report the same for all its pending segments; by default each is accepted."""
        for segment in submission.pending:
            self.answer(submission, segment, outcome or self.accept(submission, segment))

    def accept(self, submission: Submission, segment: int) -> Outcome:
        """An outcome `accepted` with a new id, for `script`."""
        self._ids += 1
        return Outcome("accepted", carrier_message_id=f"{self.id}-{self._ids}", bind="b0")

    def come_and_go(self, connected: bool) -> None:
        """The link comes up or goes down."""
        assert self._host is not None
        self.connected = connected
        self._host.ready(self.id)

    def state(self) -> CarrierState:
        return CarrierState(self.connected, 1, int(self.connected), self.waiting, self.window)


class SwitchedStore:
    """A store that can be told to refuse units: by `refuse` one at a time, by `down` all of them. `hold` returns what
    a unit waits for before it is written or refused."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._down = False
        self._listeners: list[Callable[[bool], None]] = []
        self.refuse: Callable[[Unit], Result | None] = lambda unit: None
        self.hold: Callable[[Unit], Awaitable[Any] | None] = lambda unit: None
        self.log: list[Unit] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @property
    def healthy(self) -> bool:
        return not self._down and self._store.healthy

    @property
    def down(self) -> bool:
        return self._down

    @down.setter
    def down(self, down: bool) -> None:
        self._down = down
        for listener in self._listeners:
            listener(not down)

    def on_health(self, listener: Callable[[bool], None]) -> None:
        self._listeners.append(listener)
        self._store.on_health(listener)

    async def _commit(self, units: list[Unit]) -> list[Result]:
        for unit in units:
            held = self.hold(unit)
            if held is not None:
                await held
        verdicts = [self.refuse(unit) for unit in units]
        kept = [unit for unit, verdict in zip(units, verdicts, strict=True) if verdict is None]
        self.log += kept
        results = iter(await self._store.commit(kept))
        return [next(results) if verdict is None else verdict for verdict in verdicts]

    def commit(self, units: Any) -> Any:
        if self._down:  # as the real ones: at once, in a future that is done already
            future = asyncio.get_running_loop().create_future()
            future.set_result([Unavailable("down")] * len(units))
            return future
        return asyncio.ensure_future(self._commit(list(units)))


class Node:
    """One node. `carriers` by id; the route `default` has all of them in order."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.random = Random(160)
        self.metrics = Metrics()
        self.observer = Observer(self.metrics)
        self.row_counts = RowCounts()
        self.carriers: dict[str, FakeCarrier] = {}
        self.acks: list[bool] = []
        self.faults: Callable[[str], None] = lambda name: None

    @classmethod
    async def start(
        cls,
        url: str = "sqlite://",
        carriers: tuple[str, ...] = ("car_a",),
        *,
        lane_capacity: int = 1000,
        memory: MemoryDatabase | None = None,
        window: int = 10,
        charge_on: Any = "sent",
        test_carriers: tuple[str, ...] = (),
        fence: bool = True,
        rules: Sequence[Step] = (),
        extensions: Extensions | None = None,
        channels: Channels | None = None,
        others: Sequence[FakeCarrier] = (),
        revealer: Revealer | None = None,
    ) -> Node:
        """`others` are carriers beside those named by `carriers`, and no route has them yet."""
        self = cls()
        self.channels = channels or standard(10, 255)
        self.ids = IdSource(self.clock, self.random)
        real = await open_store(
            url,
            statements(*FEATURES),
            clock=self.clock,
            memory=memory or memory_database(),
            migrate=url.startswith("postgresql"),  # nothing to do where the fixture gave a migrated one
            observer=self.row_counts,
        )
        self.store = SwitchedStore(real)
        now = self.clock.now_ms()
        rows = await real.execute("lease_start", node="one", now=now, ttl=10**9, sessions="[]")
        self.lease = int(rows[0][0])
        self.keeper = Lease(self.lease)
        if fence:
            await real.execute("leases_fence_all", mine=self.lease, now=now)
        self.endpoints = EndpointTable(KEYRING)
        self.context = self.context_on(self.store, lane_capacity=lane_capacity, loop_limit=0)
        self.accounts: Any = Accounts()
        self.installed = ExtensionsFeature(self.context, extensions or Extensions())
        await self.installed.start()
        self.numbers = OwnNumbers(real, self.clock, self.ids)
        self.networks = Networks(real)
        self.path = path = MessagePath(
            self.context,
            effects=(
                LedgerEffect(charge_on),
                EventEffect(
                    self.endpoints, self.ids, channels=self.context.channels, also=self.installed.event_rows
                ),
            ),
            accounts=self.accounts,
            numbers=self.numbers,
            networks=self.networks,
            rules=rules,
            extended=self.installed.steps,
            revealer=revealer,
        )
        self.recorder, self.router, self.dispatcher = path.recorder, path.router, path.dispatcher
        self.receipt_desk, self.intake, self.edits = path.receipts, path.intake, path.edits
        self.queries, self.strays, self.holds = path.queries, path.strays, path.holds
        self.histories = Histories(path.queries, real)
        self.recovered = await recover(self.context, self.recorder, self.clock.now_ms())
        named = [FakeCarrier(id_, window=window, simulated=id_ in test_carriers) for id_ in carriers]
        for carrier in (*named, *others):
            carrier_id = carrier.id
            host = CarrierCallbacks(carrier_id, self.dispatcher, path.receipts, path.inbound)
            carrier.attach(host, asyncio.get_running_loop())
            self.carriers[carrier_id] = carrier
            await self.dispatcher.refill.discover(self.dispatcher.connect(carrier_id, carrier))
        self.load_routes({"default": carriers})
        features = (path, UpkeepFeature(), Scrubbed(self))
        self.control = Control(self.context, recorder=self.recorder, lanes=self.dispatcher, features=features)
        self.sweep = Sweep(
            self.context, recorder=self.recorder, steps=path.steps, holds=path.holds, lanes=self.dispatcher,
            receipts=path.receipts, evidence=self.dispatcher.evidence, features=features,
        )  # fmt: skip
        return self

    def context_on(self, store: Any, lease: int | None = None, **settings: Any) -> Context:
        """What the parts of a node share, over this store."""
        return Context(
            settings=Settings(**settings), clock=self.clock, random=self.random, ids=self.ids, net=LoopNetwork(),
            store=store, lease=self.keeper if lease is None else Lease(lease),  # type: ignore[arg-type]
            keyring=KEYRING,
            fault=self._fault, metrics=self.metrics, observer=self.observer,
            idempotency=Idempotency(store, self.clock), channels=self.channels, two_processes=False,
        )  # fmt: skip

    def counted(self, metric: str, *labels: str) -> int:
        """What a metric (an attribute of `Metrics`) has counted, of those with these labels."""
        self.observer.render()
        totals = getattr(self.metrics, metric).totals()
        return sum(count for found, count in totals.items() if set(labels) <= set(found))

    async def close(self) -> None:
        """Stop as a crash would: nothing is settled first."""
        self.dispatcher.begin_stop()
        await self.store.close()

    def _fault(self, name: str) -> None:
        self.faults(name)

    def load_routes(
        self,
        routes: Mapping[str, Sequence[Any]],
        costs: Mapping[str, int] | None = None,
        only: str | None = None,
        **match: Any,
    ) -> None:
        """Replace the table of routes: name -> carriers, as in the API. `costs` are those of a segment. All routes
        have the filters `match`, or the one route `only`."""
        simulated = [c.id for c in self.carriers.values() if c.simulated]
        self.router.load(
            [
                RouteConfig(
                    id=f"rte_{name}",
                    name=name,
                    carriers=msgspec.json.encode(list(carriers)).decode(),
                    match=msgspec.json.encode(match if only in (None, name) else {}).decode(),
                    enabled=True,
                    version=1,
                    created_at=place,
                )
                for place, (name, carriers) in enumerate(routes.items())
            ],
            [
                CarrierConfig(
                    id=id_,
                    name=id_,
                    type="fake",
                    settings="{}",
                    enabled=True,
                    version=1,
                    created_at=0,
                    cost_per_segment=(costs or {}).get(id_, 0),
                )
                for id_ in self.carriers
            ],
            simulated,
            {carrier.id: carrier.channel for carrier in self.carriers.values()},
        )

    @property
    def carrier(self) -> FakeCarrier:
        return next(iter(self.carriers.values()))

    def order(
        self, text: str = "hello", *, account_id: str = ACCOUNT, test: bool = False, **fields: Any
    ) -> SendOrder:
        values = {"tenant": Tenant(account_id, test), "sender": "Acme", "recipient": "+15551234567"}
        return SendOrder(**(values | {"text": text} | fields))

    async def send(self, text: str = "hello", **fields: Any) -> Message:
        """Accept one order; it must not be refused."""
        (result,) = await self.intake.accept([self.order(text, **fields)])
        assert isinstance(result, Message), result
        return result

    async def get(self, message: Message | str) -> Message:
        """The message as it is on disk."""
        message_id = message if isinstance(message, str) else message.id
        (row,) = await self.store.fetch("messages_by_id", ids=[message_id])
        return from_row(row)

    async def attempts(self, message: Message) -> list[Attempt]:
        rows = await self.store.fetch("attempts_of_messages", ids=[message.id])
        return [attempt_from_row(row) for row in rows]

    async def ledger(self, message: Message) -> dict[str, tuple[int, int]]:
        """kind -> (held, charged)."""
        rows = await self.store.fetch("ledger_of_message", message_id=message.id)
        assert len({row[0] for row in rows}) == len(rows)
        return {row[0]: (row[1], row[2]) for row in rows}

    async def events(self, message: Message) -> list[str]:
        rows = await self.store.fetch("events_of_message", message_id=message.id)
        assert [row[2] for row in rows] == list(range(1, len(rows) + 1)), "sequence has a gap"
        return [row[1] for row in rows]

    async def until_status(self, message: Message, *statuses: str) -> Message:
        """Wait until the message has one of these statuses on disk."""

        async def look() -> Message | None:
            found = await self.get(message)
            return found if found.status in statuses else None

        found = await wait_until_async(look, timeout=20, what=f"status {statuses}")
        assert found is not None
        return found

    async def until_submitted(self, count: int, carrier_id: str | None = None) -> list[Submission]:
        """Wait until the carrier was handed so many submissions in all."""
        carrier = self.carriers[carrier_id] if carrier_id else self.carrier
        await wait_until_async(
            lambda: len(carrier.submissions) >= count, timeout=20, what=f"{count} submissions"
        )
        return carrier.submissions

    async def until_idle(self) -> None:
        await wait_until_async(
            lambda: self.dispatcher.idle and self.receipt_desk.idle, timeout=20, what="an idle node"
        )

    async def sent(self, text: str = "hello", **fields: Any) -> Message:
        """Send a message, let the carrier take it, and wait until that is on disk."""
        carrier = self.carrier
        before = carrier.script
        carrier.script = carrier.accept
        message = await self.send(text, **fields)
        found = await self.until_status(message, "sent")
        carrier.script = before
        return found

    def receipt(self, carrier_message_id: str, state: int = 2, **fields: Any) -> None:
        """A delivery report arrives; what it is acknowledged with is appended to `acks`."""
        values: dict[str, Any] = {
            "carrier_id": self.carrier.id,
            "carrier_message_id": carrier_message_id,
            "candidates": id_keys(carrier_message_id),
            "state": state,
            "code": "000",
            "sender": "Acme",
            "recipient": "15551234567",
            "done_at": None,
            "raw": f"id:{carrier_message_id} stat:{state} text:hello",
        }
        self.receipt_desk.receive(CarrierReceipt(**(values | fields)), self.acks.append)

    async def receipts(self, *receipts: tuple[str, int]) -> None:
        """Receipts arrive one after the other, each on disk before the next."""
        for carrier_message_id, state in receipts:
            self.receipt(carrier_message_id, state)
            await wait_until_async(lambda: self.receipt_desk.idle, timeout=20, what="idle receipts")


def bulk_of(node: Node) -> Bulk:
    """What works on many messages of a node."""
    path = node.path
    return Bulk(
        node.context.store,
        path.recorder,
        path.router,
        path.alternatives,
        path.dispatcher,
        path.holds,
        node.clock,
    )
