"""Receipts and incoming messages to customers' binds: any bind that can receive, kept while there is none."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from onesixty.core import ids
from onesixty.core.tenant import Tenant
from onesixty.customers.binds import UNKNOWN, UNSENT
from onesixty.customers.effect import (
    INBOUND,
    RECEIPT,
    AccountLane,
    Addresses,
    NewDelivery,
    ReceiptBody,
)
from onesixty.customers.policy import POLICY
from onesixty.customers.profile import SmppProfile
from onesixty.customers.sink import LIMITS, BindSink
from onesixty.customers.tables import SmppCredential
from onesixty.smpp import constants as c
from onesixty.smpp.errors import InvalidStateError, WindowFullError
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import parse_receipt
from onesixty.store.units import Unit
from onesixty.work.item import Item
from onesixty.work.queue import WorkQueue
from tests.support.message_path import ACCOUNT, Node
from tests.support.path_fixtures import NewNode
from tests.support.waiting import wait_until_async

SHOP = "smpp_shop"


class FakeBind:
    """A customer's bind: what it was given waits in `got` for `answer`, or is answered by `script` at once."""

    def __init__(self, credential: SmppCredential, window: int = 10) -> None:
        self.credential = credential
        self.interface_version = c.INTERFACE_VERSION_34
        self.window = window
        self.receives = True
        self.got: list[Pdu] = []
        self.open: deque[Callable[[int], None]] = deque()

    @property
    def window_free(self) -> int:
        return self.window - len(self.open) if self.receives else 0

    def deliver(self, pdu: Pdu, answered: Callable[[int], None]) -> None:
        if not self.receives:
            raise InvalidStateError("not bound")
        if not self.window_free:
            raise WindowFullError("full")
        self.got.append(pdu)
        self.open.append(answered)

    def answer(self, status: int = c.ESME_ROK, count: int = 1) -> None:
        for _ in range(count):
            self.open.popleft()(status)

    @property
    def ids(self) -> list[str]:
        return [receipt.id or "" for pdu in self.got if (receipt := parse_receipt(pdu))]


class FakeBinds:
    """The registry of binds."""

    def __init__(self) -> None:
        self.binds: list[FakeBind] = []
        self.listeners: list[Callable[[str], None]] = []
        self.wanted: Counter[str] = Counter()

    def of(self, credential_id: str) -> list[FakeBind]:
        return [bind for bind in self.binds if bind.credential.id == credential_id]

    def receiver(self, credential_id: str) -> FakeBind | None:
        free = [bind for bind in self.of(credential_id) if bind.window_free]
        return max(free, key=lambda bind: bind.window_free, default=None)

    def bound(self, credential_id: str) -> bool:
        return any(bind.receives for bind in self.of(credential_id))

    def on_room(self, listener: Callable[[str], None]) -> None:
        self.listeners.append(listener)

    def want(self, credential_id: str) -> None:
        self.wanted[credential_id] += 1

    def tell(self, credential_id: str) -> None:
        for listener in self.listeners:
            listener(credential_id)


class Shop:
    """A node with the deliveries to binds, and the shop's credential."""

    def __init__(self, node: Node, lease: int | None = None) -> None:
        self.node = node
        self.lease = node.lease if lease is None else lease
        self.counts: Counter[tuple[str, str]] = Counter()
        self.binds = FakeBinds()
        self.book: dict[str, SmppCredential] = {}
        self.add(SHOP)
        self.sink = BindSink(
            node.store, self.binds, self.book, random=node.random, observer=self,  # type: ignore[arg-type]
        )  # fmt: skip
        self.queue = WorkQueue(
            node.store,
            self.sink,
            clock=node.clock,
            random=node.random,
            lease=lambda: self.lease,
            limits=LIMITS,
        )

    def add(self, id_: str, *, test: bool = False, **profile: Any) -> SmppCredential:
        self.book[id_] = SmppCredential(
            id=id_, account_id=ACCOUNT, system_id=id_, test=test, password_hash="", version=1, created_at=0,
            changed_at=0, profile=SmppProfile(message_id_form="typeid", **profile),
        )  # fmt: skip
        return self.book[id_]

    def bind_delivery(self, kind: str, result: str) -> None:
        self.counts[kind, result] += 1

    def bind(self, credential_id: str = SHOP, window: int = 10) -> FakeBind:
        bind = FakeBind(self.book[credential_id], window)
        self.binds.binds.append(bind)
        self.binds.tell(credential_id)
        return bind

    async def write(
        self, count: int = 1, lane: str = SHOP, kind: str = RECEIPT, message_id: str = "msg_1"
    ) -> list[str]:
        """Rows as the effect writes them; their receipt ids."""
        units, names = [], []
        for _ in range(count):
            id_, now = self.node.ids.new(ids.DELIVERY), self.node.clock.now_ms()
            names.append(self.node.ids.new(ids.MESSAGE))
            body = (
                msgspec.json.encode(ReceiptBody(names[-1], 2, None, None, now, now)).decode()
                if kind == RECEIPT
                else None
            )
            addresses = msgspec.json.encode(
                Addresses((5, 0, "Acme"), (1, 1, "1555"), "Acme", "+1555")
            ).decode()
            claim = self.queue.claim(lane)
            row = NewDelivery(
                id_, message_id, ACCOUNT, lane, kind, body, addresses, claim, now, now + POLICY.life_ms
            )
            units.append(Unit(keys=(id_,), writes=(("bind_delivery_insert", row),)))
        assert all(await self.node.store.commit(units))
        return names

    async def rows(self) -> list[tuple[Any, ...]]:
        """What is left, oldest first."""
        far = self.node.clock.now_ms() + 10**12
        found = []
        for lane, _ in await self.node.store.fetch("work_lanes", sink="bind"):
            found += await self.node.store.fetch("work_waiting", sink="bind", lane=lane, now=far, count=1000)
        return found

    async def until_got(self, bind: FakeBind, count: int) -> None:
        await wait_until_async(lambda: len(bind.got) >= count, 20, f"{count} deliveries")

    async def until_rows(self, count: int) -> None:
        async def there() -> bool:
            return len(await self.rows()) == count and not self.queue.state()["in_flight"]

        await wait_until_async(there, 20, f"{count} rows")


async def opened(node: Node, lease: int | None = None) -> Shop:
    """A shop whose queue runs."""
    made = Shop(node, lease)
    await made.queue.start()
    return made


@pytest.fixture
async def shop(new_path: NewNode) -> AsyncIterator[Shop]:
    made = await opened(await new_path())
    yield made
    await made.queue.stop(0)


async def test_a_receipt_goes_out_at_once_and_is_gone_when_taken(shop: Shop) -> None:
    bind = shop.bind()
    names = await shop.write(3)
    assert bind.ids == names
    bind.answer(count=3)
    await shop.until_rows(0)
    assert shop.counts == {("receipt", "delivered"): 3}


async def test_they_wait_in_order_while_nobody_is_bound(engine_url: str, new_path: NewNode) -> None:
    """Held while there is none; the customer is asked to bind."""
    shop = await opened(await new_path(engine_url))
    names = await shop.write(5)
    await wait_until_async(lambda: shop.binds.wanted[SHOP], 20, "the wish for a bind")
    bind = shop.bind(window=2)
    await shop.until_got(bind, 2)
    for _ in range(5):
        await wait_until_async(lambda: bool(bind.open), 20, "the next one")
        bind.answer()
        shop.binds.tell(SHOP)
    assert bind.ids == names
    await shop.until_rows(0)
    await shop.queue.stop(0)


async def test_any_bind_that_receives_takes_them_and_a_full_window_waits(shop: Shop) -> None:
    full, free = shop.bind(window=1), shop.bind(window=3)
    names = await shop.write(6)
    assert (len(full.got), len(free.got)) == (1, 3)
    free.answer()
    assert len(free.got) == 4
    full.answer()
    free.answer(count=3)
    await shop.until_got(full, 2)
    assert sorted(full.ids + free.ids) == sorted(names)


@pytest.mark.parametrize("status", [c.ESME_RX_T_APPN, c.ESME_RTHROTTLED, UNKNOWN])
async def test_a_temporary_error_and_no_answer_are_tried_again(shop: Shop, status: int) -> None:
    """deliver_sm_resp with a temporary error is tried again."""
    bind = shop.bind()
    names = await shop.write()
    bind.answer(status)
    await shop.until_rows(1)
    (row,) = await shop.rows()
    assert Item(*row).tries == 1
    shop.node.clock.advance(2)
    shop.queue.wake()
    await shop.until_got(bind, 2)
    bind.answer()
    await shop.until_rows(0)
    assert bind.ids == names * 2


async def test_a_permanent_error_is_recorded_and_dropped(shop: Shop) -> None:
    bind = shop.bind()
    await shop.write()
    bind.answer(c.ESME_RX_P_APPN)
    await shop.until_rows(0)
    assert shop.counts == {("receipt", "dropped"): 1}
    await shop.node.store.execute("work_ended_forget", now=shop.node.clock.now_ms() + 8 * 86_400_000)


async def test_what_never_left_us_goes_to_another_bind_in_its_place(shop: Shop) -> None:
    lost = shop.bind(window=3)
    names = await shop.write(5)
    lost.receives = False
    lost.answer(UNSENT, count=3)
    other = shop.bind()
    await shop.until_got(other, 5)
    assert other.ids == names
    assert shop.counts == {}


async def test_a_crash_leaves_them_to_the_next_node(engine_url: str, new_path: NewNode) -> None:
    """Sent and not answered, or claimed and not sent: another node delivers them."""
    node = await new_path(engine_url)
    dead = await opened(node, lease=node.lease)
    bind = dead.bind(window=1)
    names = await dead.write(3)
    assert len(bind.got) == 1
    dead.queue._stopping = True
    await dead.queue._refill.stop()
    now = node.clock.now_ms()
    rows = await node.store.execute("lease_start", node="two", now=now, ttl=10**9, sessions="[]")
    await node.store.execute("leases_fence_all", mine=int(rows[0][0]), now=now)
    alive = await opened(node, lease=int(rows[0][0]))
    other = alive.bind()
    await alive.until_got(other, 3)
    assert other.ids == names
    other.answer(count=3)
    await alive.until_rows(0)
    await alive.queue.stop(0)


async def test_two_nodes_do_not_both_send(engine_url: str, new_path: NewNode) -> None:
    node = await new_path(engine_url)
    one = await opened(node)
    now = node.clock.now_ms()
    rows = await node.store.execute("lease_start", node="two", now=now, ttl=10**9, sessions="[]")
    two = await opened(node, lease=int(rows[0][0]))
    names = await one.write(20)
    binds = one.bind(window=50), two.bind(window=50)
    await wait_until_async(lambda: sum(len(b.got) for b in binds) >= 20, 20, "all of them")
    for bind in binds:
        bind.answer(count=len(bind.open))
    await one.until_rows(0)
    assert sorted(binds[0].ids + binds[1].ids) == sorted(names)
    await one.queue.stop(0)
    await two.queue.stop(0)


async def test_what_no_bind_took_runs_out_of_time(shop: Shop) -> None:
    await shop.write(2)
    shop.node.clock.advance(POLICY.life_ms / 1000 + 61)
    shop.queue.wake()
    await shop.until_rows(0)
    assert not shop.counts


async def test_redaction_takes_the_numbers_of_what_waits(shop: Shop) -> None:
    bind = shop.bind(window=1)
    await shop.write(2)
    await shop.node.store.commit([Unit(keys=("msg_1",), writes=(("bind_delivery_redact", ("msg_1",)),))])
    bind.answer()
    shop.binds.tell(SHOP)
    await shop.until_got(bind, 2)
    assert [pdu.text("source_addr") for pdu in bind.got] == ["1555", ""]


async def test_a_store_that_is_away_stops_deliveries_until_it_is_back(shop: Shop) -> None:
    bind = shop.bind(window=1)
    await shop.write(2)
    shop.node.store.down = True
    bind.answer()
    assert len(bind.got) == 1
    shop.node.store.down = False
    await shop.until_got(bind, 2)
    bind.answer()
    await shop.until_rows(0)


async def test_an_incoming_message_goes_to_any_bind_of_the_account(shop: Shop) -> None:
    shop.add("smpp_tests", test=True)
    shop.add("smpp_deaf", inbound=False)
    assert shop.sink.customers.wants_inbound(Tenant(ACCOUNT, True))
    assert not shop.sink.customers.wants_inbound(Tenant("acc_other", False))
    message = await shop.node.send("incoming")
    deaf, tests, bind = shop.bind("smpp_deaf"), shop.bind("smpp_tests"), shop.bind()
    await shop.write(lane=AccountLane(Tenant(ACCOUNT, False)).name, kind=INBOUND, message_id=message.id)
    await shop.until_got(bind, 1)
    assert (len(deaf.got), len(tests.got)) == (0, 0)
    assert bind.got[0].message() == b"incoming"
    bind.answer()
    await shop.until_rows(0)
    assert shop.counts == {("inbound", "delivered"): 1}


async def test_a_long_one_of_which_a_part_is_refused_goes_again_whole(shop: Shop) -> None:
    message = await shop.node.send("x" * 400)
    bind = shop.bind(window=2)
    await shop.write(kind=INBOUND, message_id=message.id)
    await shop.until_got(bind, 2)
    bind.answer(c.ESME_ROK)
    await shop.until_got(bind, 3)
    bind.answer(c.ESME_RX_T_APPN)
    bind.answer()
    await shop.until_rows(1)
    shop.node.clock.advance(2)
    shop.queue.wake()
    await shop.until_got(bind, 5)
    bind.answer(count=2)
    await shop.until_got(bind, 6)
    bind.answer()
    await shop.until_rows(0)


async def test_a_redacted_message_is_not_delivered(shop: Shop) -> None:
    message = await shop.node.sent("secret")
    await shop.node.receipts(("car_a-1", 2))
    await shop.node.until_status(message, "delivered")
    await shop.node.control.redact(Tenant(ACCOUNT, False), message.id)
    bind = shop.bind()
    await shop.write(kind=INBOUND, message_id=message.id)
    await wait_until_async(lambda: shop.counts[INBOUND, "dropped"], 20, "the end of it")
    assert not bind.got
