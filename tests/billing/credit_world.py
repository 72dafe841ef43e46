"""Nodes that share the credit of one account over one store: the real ledger, recorder and holds; no carriers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from random import Random

from msgspec.structs import replace

from onesixty.accounts import Account, Accounts, AccountSettings
from onesixty.app.features import ROW_EFFECTS, STATEMENTS
from onesixty.billing.credit import Credit
from onesixty.billing.credit_rows import CreditRows
from onesixty.billing.flat import ChargeOn, LedgerEffect
from onesixty.core import ids, statuses
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.message import Change, Message
from onesixty.core.paid_above import Share, column_of, shares_of
from onesixty.kit.observer import Observer
from onesixty.messages import changes
from onesixty.messages.drafts import EDIT, SEND, Draft
from onesixty.messages.holds import Holds
from onesixty.messages.recorder import Recorder
from onesixty.ops.metrics import Metrics
from onesixty.reports.audit import FEATURES, Terms, run_audit
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.units import Result, Unit
from tests.support.databases import memory_database, statements
from tests.support.message_path import Lease, MovableClock

#: What the checks of the audit say about money.
MONEY = frozenset(
    {"above", "adjustments", "amounts", "credit", "credit_slices", "credit_limits", "free", "sums"}
)


async def open_world(url: str) -> Store:
    """A store with all statements of the product and of the audit."""
    return await open_store(
        url,
        statements(*dict.fromkeys((*STATEMENTS, *FEATURES))),
        clock=MovableClock(),
        memory=memory_database(),
        migrate=url.startswith("postgresql"),
    )


class World:
    """One account in a database, and the nodes that send for it. With `below`, the messages are those of an account
    two levels below it, which has no limit: the account pays for them at prices of its own."""

    def __init__(
        self, store: Store, seed: int = 1, charge_on: ChargeOn = "sent", *, below: bool = False
    ) -> None:
        self.below = below
        self.store = store
        self.charge_on = charge_on
        self.clock = MovableClock()
        self.clock.added = time.monotonic()  # so that ids of several worlds in one database differ
        self.ids = IdSource(self.clock, Random(seed))
        self.accounts = Accounts(store, self.clock, self.ids, bytes, ROW_EFFECTS)
        self.account = ""
        #: The account of the messages.
        self.sender = ""
        self.nodes: list[CreditNode] = []
        self.messages: dict[str, Message] = {}

    async def create(self, limit: int | None) -> None:
        """The account, with this limit."""
        await self.accounts.load()
        account = self.accounts.new_account("Credit", "EUR", 1, AccountSettings(credit_limit=limit))
        await self.accounts.rows.add(account)
        self.account = self.sender = account.id
        for _ in range(2 if self.below else 0):
            child = self.accounts.new_account("Below", "USD", 3, parent_id=self.sender)
            await self.accounts.rows.add(child)
            self.sender = child.id

    def price_of(self, message: Message) -> int:
        """What the account pays for a message."""
        return shares_of(message.paid_above)[-1].price if self.below else message.price

    async def start(self) -> CreditNode:
        """One more node."""
        now = self.clock.now_ms()
        rows = await self.store.execute("lease_start", node="n", now=now, ttl=10**9, sessions="[]")
        node = CreditNode(self, int(rows[0][0]))
        self.nodes.append(node)
        return node

    async def limit(self, limit: int | None) -> None:
        """Another limit, of which the nodes hear."""

        def change(account: Account) -> Account:
            return replace(account, settings=replace(account.settings, credit_limit=limit))

        await self.accounts.change(self.account, change)
        await self.told()

    async def adjust(self, amount: int) -> None:
        """A booked adjustment."""
        id_, now = self.ids.new(ids.ADJUSTMENT), self.clock.now_ms()
        await self.commit(
            Unit(
                keys=(id_, self.account),
                writes=(
                    ("adjustments_insert", (id_, self.account, amount, "EUR", "test", None, "key_1", now)),
                    ("ledger_book", (id_, self.account, amount, "EUR", now)),
                    ("credit_add", (self.account, amount)),
                ),
            )
        )

    async def told(self) -> None:
        """Every node looks at what others changed, as after a NOTIFY."""
        for node in self.nodes:
            await node.credit.refresh()

    async def balanced(self) -> None:
        """The running rows say what the ledger says, and no slice spent more than it took."""
        for check in ("audit_credit", "audit_credit_slices", "audit_credit_limits"):
            assert not await self.store.fetch(check, most=5), check
        shown = await self.shown()
        assert shown in (None, await self.available())

    async def crash(self, node: CreditNode) -> None:
        """A node is gone, and its lease is fenced."""
        self.nodes.remove(node)
        node.credit.forget()
        await self.store.execute("lease_end", id=node.lease.id, now=self.clock.now_ms())

    async def commit(self, unit: Unit) -> Result:
        (result,) = await self.store.commit([unit])
        return result

    async def available(self) -> int:
        """Limit and adjustments less what is held and charged, out of the ledger alone."""
        ((charged, held),) = await self.store.fetch("balance_of_ledger", account_id=self.account)
        limit = self.accounts.book[self.account].settings.credit_limit
        return int((limit or 0) - charged - held)

    async def shown(self) -> int | None:
        """What the running rows say is available."""
        rows = await self.store.fetch("credit_available", account_id=self.account)
        return int(rows[0][0]) if rows else None

    async def rest(self) -> tuple[int, int]:
        """What is in no slice, limit included, and how many slices are open."""
        rows = await self.store.fetch("credit_state", account_id=self.account, lease=0)
        return int(rows[0][0]), int(rows[0][2])

    async def audited(self) -> None:
        """The audit finds nothing about money."""
        terms = Terms(now=self.clock.now_ms(), charge_on=self.charge_on)
        found = {one.name: one.ids for one in await run_audit(self.store, terms) if one.count}
        assert not MONEY & set(found), found


class CreditNode:
    """A node: its lease, its credit and its recorder."""

    def __init__(self, world: World, lease: int) -> None:
        self.world = world
        self.lease = Lease(lease)
        rows = CreditRows(world.store, world.clock, self.lease, Observer(Metrics(process=False)))  # type: ignore[arg-type]
        self.credit = Told(world, rows)
        self.holds = Holds([self.credit])
        self.recorder = Recorder([LedgerEffect(world.charge_on, self.credit)])

    async def accept(self, *prices: int, test: bool = False) -> list[Message | Problem | bool]:
        """Accept messages at these prices, as intake does: each is on disk, refused, or has lost its guard."""
        world = self.world
        now = world.clock.now_ms()
        drafts = [Draft(SEND, message(world, price, now, test), now) for price in prices]
        await self.holds.filled(drafts)
        results: list[Message | Problem | bool] = []
        for draft in drafts:
            try:
                self.holds.take(draft.message, (), draft.held)
            except Problem as problem:
                results.append(problem)
            else:
                results.append(draft.message)
        taken = [one for one in results if isinstance(one, Message)]
        answers = await world.store.commit([self.recorder.acceptance(one) for one in taken])
        for one, answer in zip(taken, answers, strict=True):
            self.holds.settle(one, answer is True)
            if answer is True:
                world.messages[one.id] = one
            else:
                results[results.index(one)] = False
        return results

    async def end(self, one: Message, status: str) -> bool:
        """A message gets a status on this node."""
        change = changes.advance(one, status, self.world.clock.now_ms())
        if status == statuses.SENT:
            change.after.due_at = change.after.expires_at
        return await self._write(self.recorder.change(change), change.after)

    async def reprice(self, one: Message, price: int) -> Problem | bool:
        """A waiting message gets another price, as an edit does it."""
        after = changes.touch(one, self.world.clock.now_ms()).after
        draft = Draft(EDIT, after, 0)
        set_price(self.world, after, price)
        await self.holds.filled([draft])
        try:
            self.holds.take(after, (), draft.held)
        except Problem as problem:
            return problem
        change = Change(before=one, after=after, event=None, at=self.world.clock.now_ms())
        done = await self._write(self.recorder.edit(change), after)
        self.holds.settle(after, done)
        return done

    async def _write(self, unit: Unit, after: Message) -> bool:
        done = await self.world.commit(unit) is True
        if done:
            self.world.messages[after.id] = after
        return done

    async def take_over(self) -> None:
        """Give back what dead nodes did not spend."""
        await self.credit.rows.take_over()


class Told(Credit):
    """Credit whose question reaches the other nodes at once."""

    def __init__(self, world: World, rows: CreditRows) -> None:
        super().__init__(world.accounts.book, world.accounts.tree, rows, world.clock, several=True)
        self.rows = rows
        self._world = world
        self._asked: list[asyncio.Future[None]] = []
        want = rows.want

        async def ask(account_id: str) -> None:
            await want(account_id)
            for node in world.nodes:
                if node.credit is not self:
                    self._asked.append(asyncio.ensure_future(node.credit.refresh()))

        rows.want = ask  # type: ignore[method-assign]

    def forget(self) -> None:
        """The process is gone."""
        self._purses.clear()


def message(world: World, price: int, now: int, test: bool = False) -> Message:
    """A message before it is accepted."""
    made = Message(
        id=world.ids.new(ids.MESSAGE), account_id=world.sender, test=test, sender="Acme", recipient="+15551234567",
        text="hello", encoding="gsm7", segments=1, class_="otp", on_unknown="resend", price=price, created_at=now,
        expires_at=now + 10**6, due_at=now + 10**6, status="queued", queued_at=now,
    )  # fmt: skip
    set_price(world, made, price)
    return made


def set_price(world: World, message: Message, price: int) -> None:
    """The price for the world's account; those of other accounts follow it in some way."""
    message.price = price
    if world.below and not message.test:
        message.currency, message.price = "USD", price // 3
        nearer = world.accounts.book[world.sender].parent_id
        assert nearer is not None
        message.paid_above = column_of([Share(nearer, price % 7, "USD"), Share(world.account, price, "EUR")])


def refused(results: Sequence[Message | Problem | bool]) -> list[str]:
    """The codes of refusals."""
    return [one.code for one in results if isinstance(one, Problem)]
