"""Messages that SMPP customers cut themselves: a part each on disk with its id, one message of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from onesixty.channels.sms import content
from onesixty.channels.sms.orders import SendOrder
from onesixty.channels.sms.view import sms_view
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.customers.origin import SmppOrigin, origin_of
from onesixty.customers.parts import CustomerPart, Parts
from onesixty.messages.queries import Filters
from onesixty.store.units import Result, Unavailable, Unit
from tests.support.message_path import ACCOUNT, Node
from tests.support.path_fixtures import NewNode
from tests.support.waiting import wait_until_async

TO = "+15551234567"


class Customer:
    """Parts on a node."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.told: list[str] = []
        self.parts = Parts(
            node.context_on(node.store, max_segments=5),
            intake=node.intake,
            recorder=node.recorder,
            accounts=node.accounts,
            binds=self,  # type: ignore[arg-type]
        )

    def receipts_of(self, made: Message, ids: Sequence[str], at: int) -> tuple[()]:
        self.told += ids
        return ()

    def part(self, number: int, total: int = 3, payload: bytes | None = None, **fields: Any) -> CustomerPart:
        order = {"tenant": Tenant(ACCOUNT, False), "sender": "Acme", "recipient": TO, "text": ""}
        registered = fields.pop("registered_delivery", 1)
        return CustomerPart(
            order=SendOrder(**(order | fields.pop("order", {}))),
            origin=SmppOrigin(credential_id="smpp_1", registered_delivery=registered, source=(5, 0, "Acme")),
            payload=payload if payload is not None else b"abc"[number - 1 : number] * 4,
            **({"reference": 9, "total": total, "number": number, "bits": 8} | fields),
        )

    async def take(self, *parts: CustomerPart) -> list[Any]:
        taken = await self.parts.take(parts)
        await wait_until_async(lambda: self.parts.idle, 20, "the parts being joined")
        return taken

    async def messages(self) -> list[Message]:
        found, _ = await self.node.queries.find(Tenant(ACCOUNT, False), Filters(), 50, None)
        return found[::-1]

    async def later(self, seconds: float = 61) -> None:
        self.node.clock.advance(seconds)
        await self.parts.sweep(self.node.clock.now_ms())


@pytest.fixture
def customer(node: Node) -> Customer:
    return Customer(node)


async def test_parts_in_any_order_become_one_message(engine_url: str, new_node: NewNode) -> None:
    """Each part has its own id, and the parts are one message for rules and price."""
    customer = Customer(await new_node(engine_url))
    (second,) = await customer.take(customer.part(2))
    assert (await customer.parts.state(second)).message_id is None
    third, first, again = await customer.take(customer.part(3), customer.part(1), customer.part(1))
    (message,) = await customer.messages()
    assert (message.text, message.status, message.segments) == ("aaaabbbbcccc", "queued", 1)
    assert message.price == 7500
    origin = origin_of(message.origin)
    assert origin is not None
    assert origin.parts == (first, second, third, again)
    for part in (first, second, third, again):
        assert (await customer.parts.state(part)).message_id == message.id
    await customer.node.until_submitted(1)


async def test_too_many_parts_and_a_store_that_is_away_are_refused(customer: Customer) -> None:
    """Refused, never cut."""
    (refused,) = await customer.take(customer.part(1, total=6))
    assert isinstance(refused, Problem)
    assert refused.code == "text_too_long"
    customer.node.store.down = True
    (refused,) = await customer.take(customer.part(1))
    assert (refused.code, refused.kind.retryable) == ("unavailable", True)


@pytest.mark.parametrize("failing", ["read", "write"])
async def test_complete_parts_wait_for_a_store_that_is_away_and_not_for_the_sweep(
    customer: Customer, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """Every part was answered, so the customer does not come again."""
    monkeypatch.setattr("onesixty.customers.parts.AGAIN", 0.01)
    await customer.take(customer.part(1), customer.part(2))
    store, refused = customer.node.store, 0

    def away() -> bool:
        nonlocal refused
        refused += 1
        return refused <= 3

    async def read(statement: str, **params: object) -> list[Any]:
        if failing == "read" and statement == "smpp_parts_of" and away():
            raise Unavailable("gone")
        return await store._store.fetch(statement, **params)

    def refuse(unit: Unit) -> Result | None:
        joins = any(name == "smpp_part_join" for name, _ in unit.guards)
        return Unavailable("gone") if failing == "write" and joins and away() else None

    store.fetch, store.refuse = read, refuse
    (third,) = await customer.take(customer.part(3))
    assert isinstance(third, str)
    await wait_until_async(customer.messages, what="the message")
    (message,) = await customer.messages()
    assert (message.text, message.status) == ("aaaabbbbcccc", "queued")
    assert refused == 4


async def test_parts_that_never_come_end_the_others(customer: Customer) -> None:
    first, third = await customer.take(customer.part(1), customer.part(3, registered_delivery=0))
    await customer.later(30)
    assert await customer.messages() == []
    await customer.later()
    (message,) = await customer.messages()
    assert (message.status, message.error_code, message.text) == ("failed", "parts_missing", "aaaacccc")
    assert sms_view(message)["error"]["retryable"] is True
    assert await customer.node.events(message) == ["message.failed"]
    origin = origin_of(message.origin)
    assert origin is not None
    assert (origin.parts, origin.silent, origin.registered_delivery) == ((first, third), (third,), 1)
    assert not customer.node.carrier.submissions


async def test_what_intake_refuses_ends_as_a_failed_message(customer: Customer) -> None:
    await customer.take(*(customer.part(n, order={"route": "nowhere"}) for n in (1, 2, 3)))
    (message,) = await customer.messages()
    assert (message.status, message.error_code) == ("failed", "unknown_route")
    assert await customer.node.store.fetch("smpp_places") == []


async def test_a_part_that_comes_again_after_its_message_is_of_it(customer: Customer) -> None:
    """Its answer was lost, so the customer submits it again."""
    node = customer.node
    node.carrier.script = node.carrier.accept
    await customer.take(customer.part(1), customer.part(2), customer.part(3))
    (again,) = await customer.take(customer.part(2))
    await customer.later()
    (message,) = await customer.messages()
    assert (await customer.parts.state(again)).message_id is None, "its receipt is that of the message's end"
    await node.until_status(message, "sent")
    await node.receipts(("car_a-1", 2))
    await node.until_status(message, "delivered")
    await customer.later()
    assert (await customer.parts.state(again)).message_id == message.id
    assert customer.told == [again]
    assert len(await customer.messages()) == 1


async def test_complete_parts_left_by_a_crash_are_joined_once(engine_url: str, new_node: NewNode) -> None:
    """Killed between the commit of the last part and that of the message, and between two looks."""
    customer = Customer(await new_node(engine_url))

    def crash(point: str) -> None:
        if point == "parts.before_join":
            raise RuntimeError("killed")

    customer.node.faults = crash
    await customer.take(customer.part(1), customer.part(2), customer.part(3))
    assert await customer.messages() == []
    customer.node.faults = lambda name: None
    places = [str(row[0]) for row in await customer.node.store.fetch("smpp_places")]
    other = Customer(customer.node)
    groups = await other.parts._waiting(places)
    await customer.parts.recover()
    await other.parts.recover()
    assert len(groups) == 1
    assert [m.text for m in await customer.messages()] == ["aaaabbbbcccc"]


async def test_parts_from_before_an_upgrade_are_joined(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = customer.node.store

    def as_before(unit: Unit) -> Unit:
        ((name, row),) = unit.writes
        part = msgspec.json.decode(row[7])
        account_id, test = part["order"].pop("tenant")
        part["order"] |= {"account_id": account_id, "test": test}
        return msgspec.structs.replace(
            unit, writes=((name, (*row[:7], msgspec.json.encode(part).decode(), *row[8:])),)
        )

    commit = store.commit
    with monkeypatch.context() as before:
        before.setattr(store, "commit", lambda units: commit([as_before(unit) for unit in units]))
        await customer.parts.take([customer.part(1, 2)])
    await customer.take(customer.part(2, 2))
    assert [(m.tenant) for m in await customer.messages()] == [(ACCOUNT, False)]


async def test_a_waiting_part_can_be_taken_back_with_its_message(customer: Customer) -> None:
    first, _ = await customer.take(customer.part(1), customer.part(2))
    assert await customer.parts.cancel(first, "smpp_other") is False
    assert await customer.parts.cancel(first, "smpp_1") is True
    (message,) = await customer.messages()
    assert (message.status, message.error_code) == ("canceled", "canceled")
    assert await customer.parts.cancel(first, "smpp_1") is False


async def test_what_a_part_says_beside_its_text_is_kept(customer: Customer) -> None:
    extra = {"class_": "otp", "priority": 3, "content": content.Content(protocol_id=65), "reference": "r-1"}
    octets = "привет".encode("utf-16-be")
    await customer.take(
        customer.part(1, 2, octets[:6], data_coding=0x18, order=extra),
        customer.part(2, 2, octets[6:], data_coding=0x18, order=extra),
    )
    (message,) = await customer.messages()
    said = content.content_of(message.content)
    assert (message.text, message.encoding, message.class_, message.priority) == ("привет", "ucs2", "otp", 3)
    assert (said.flash, said.protocol_id, message.reference) == (True, 65, "r-1")
