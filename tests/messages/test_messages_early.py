"""An early receipt and its outcome find each other whichever comes to disk second, and in every order between."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from onesixty.core.contracts import CarrierReceipt
from onesixty.core.outcomes import Outcome
from onesixty.messages.receipts import Receipts
from onesixty.smpp.receipt import id_keys
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from onesixty.store.units import Unit
from tests.support.message_path import FEATURES, Node

NewNode = Callable[..., Awaitable[Node]]

DELIVRD, UNDELIV = 2, 5
LONG = "All segments of a message go over one carrier. " * 9  # 3 segments


class NothingOutstanding:
    """Dispatch of a node whose carriers answered nothing."""

    def written(self) -> None: ...

    def receipt_error(self, carrier_id: str, code: str) -> None: ...

    def receipt_timeout_ms(self, carrier_id: str) -> int:
        return 0


def desk_of(node: Node, store: Any) -> Receipts:
    """The desk of another node, whose carriers answered nothing."""
    nothing = NothingOutstanding()
    return Receipts(node.context_on(store), recorder=node.recorder, carriers=nothing, outcomes=nothing)


class Gate:
    """Holds a step of the store: `reached` once it is there, it goes on after `open.set()`."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def pass_(self) -> None:
        self.reached.set()
        await self.open.wait()


class GatedStore:
    """A store that waits before it commits a statement (`before`), or after it has read one (`after`)."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.before: dict[str, Gate] = {}
        self.after: dict[str, Gate] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, units: Any) -> Any:
        return asyncio.ensure_future(self._commit(units))

    async def _commit(self, units: Any) -> Any:
        for name in {name for unit in units for name, _ in unit.writes}:
            gate = self.before.pop(name, None)
            if gate is not None:
                await gate.pass_()
        return await self._store.commit(units)

    async def fetch(self, statement: str, **params: Any) -> Any:
        rows = await self._store.fetch(statement, **params)
        gate = self.after.pop(statement, None)
        if gate is not None:
            await gate.pass_()
        return rows


def gated(desk: Receipts) -> GatedStore:
    """The desk's store from now on."""
    store = GatedStore(desk._store)
    desk._store = desk._matcher._store = store  # type: ignore[assignment]
    return store


@contextlib.asynccontextmanager
async def second_desk(node: Node, url: str) -> AsyncIterator[Receipts]:
    """The desk of another node on the same database."""
    store = await open_store(url, load(FEATURES), clock=node.clock)
    yield desk_of(node, store)
    await store.close()


def receipt(id_: str, **fields: Any) -> CarrierReceipt:
    values: dict[str, Any] = {
        "carrier_id": "car_a", "carrier_message_id": id_, "candidates": id_keys(id_), "state": DELIVRD, "code": None,
        "sender": None, "recipient": "15551234567", "done_at": None, "raw": "",
    }  # fmt: skip
    return CarrierReceipt(**(values | fields))


@pytest.mark.parametrize("where", ["looked for", "kept"])
async def test_an_outcome_that_is_recorded_while_its_receipt_is(
    engine_url: str, new_node: NewNode, where: str
) -> None:
    node = await new_node(engine_url)
    message = await node.send()
    (submission,) = await node.until_submitted(1)
    gate, store = Gate(), gated(node.receipt_desk)
    if where == "kept":
        store.before["receipt_insert"] = gate
    else:
        store.after["attempts_by_match"] = gate
    node.receipt_desk.receive(receipt("4660"), node.acks.append)
    await asyncio.wait_for(gate.reached.wait(), 10)
    assert not node.acks, "it is not on disk yet"
    node.carrier.answer(submission, 0, Outcome("accepted", carrier_message_id="1234"))
    await node.until_status(message, "sent")
    gate.open.set()
    await node.until_status(message, "delivered")
    await asyncio.wait_for(_idle(node.receipt_desk), 10)
    assert node.acks == [True]
    assert node.counted("receipts", "swept") == 0


@pytest.mark.parametrize("order", ["receipt first", "outcome first", "at once"])
async def test_a_receipt_that_comes_to_another_node_than_the_answer(
    postgres_url: str, new_node: NewNode, order: str
) -> None:
    node = await new_node(postgres_url)
    async with second_desk(node, postgres_url) as other:
        message = await node.send()
        (submission,) = await node.until_submitted(1)
        gate, acks = Gate(), list[bool]()
        store = gated(other)
        if order == "at once":
            store.before["receipt_insert"] = gate
        if order != "outcome first":
            other.receive(receipt("1234"), acks.append)
            await asyncio.wait_for(gate.reached.wait() if order == "at once" else _idle(other), 10)
        node.carrier.answer(submission, 0, Outcome("accepted", carrier_message_id="4d2"))
        await node.until_status(message, "delivered" if order == "receipt first" else "sent")
        await asyncio.wait_for(_idle(node.receipt_desk), 10)
        gate.open.set()
        if order == "outcome first":
            other.receive(receipt("1234"), acks.append)
        await node.until_status(message, "delivered")
        await asyncio.wait_for(_idle(other), 10)
        assert acks == [True]
        assert node.counted("receipts", "swept") == 0


@pytest.mark.parametrize("text", ["hello", LONG])
async def test_the_last_two_receipts_of_a_message_come_to_two_nodes_at_once(
    postgres_url: str, new_node: NewNode, text: str
) -> None:
    """A message that a carrier took twice: each node reads the attempts before the other writes its receipt."""
    node = await new_node(postgres_url)
    async with second_desk(node, postgres_url) as other:
        message = await node.send(text)
        (first,) = await node.until_submitted(1)
        node.carrier.answer_all(first, Outcome("unknown", code="outcome_unknown"))
        _, second = await node.until_submitted(2)
        for segment in range(message.segments):
            node.carrier.answer(second, segment, Outcome("accepted", carrier_message_id="b"))
        await node.until_status(message, "sent")
        for segment in range(message.segments):
            found = (message.id, 1, segment, "accepted", "a", "a", node.clock.now_ms())
            await node.store.commit([Unit(keys=(message.id,), writes=(("attempt_found", found),))])
        gate, acks = Gate(), list[bool]()
        gated(other).after["attempts_of_messages"] = gate
        other.receive(receipt("a", state=UNDELIV), acks.append)
        await asyncio.wait_for(gate.reached.wait(), 10)
        await node.receipts(("b", UNDELIV))
        gate.open.set()
        await node.until_status(message, "undelivered")
        await asyncio.wait_for(_idle(other), 10)
        assert acks == [True]


async def test_a_message_that_is_held_finds_the_receipt_that_came_before_its_answer_was_lost(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    message = await node.send(class_="marketing", on_unknown="hold")
    (submission,) = await node.until_submitted(1)
    await node.receipts(("whatever", DELIVRD))
    node.carrier.answer(submission, 0, Outcome("unknown"))
    await node.until_status(message, "delivered")
    assert node.counted("receipts", "swept") == 0


async def test_the_receipt_of_a_part_meets_the_outcome_of_the_last_part(
    engine_url: str, new_node: NewNode
) -> None:
    """The message was queued when the first part's receipt was matched, and is sent when it is written."""
    node = await new_node(engine_url)
    message = await node.send(LONG)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, Outcome("accepted", carrier_message_id="a0"))
    node.carrier.answer(first, 1, Outcome("accepted", carrier_message_id="a1"))
    node.carrier.answer(first, 2, Outcome("throttled"))
    (_, second) = await node.until_submitted(2)
    gate = Gate()
    store = gated(node.receipt_desk)
    store.before["attempt_state"] = gate
    node.receipt("a0", DELIVRD)
    await asyncio.wait_for(gate.reached.wait(), 10)
    node.carrier.answer(second, 2, Outcome("accepted", carrier_message_id="a2"))
    await node.until_status(message, "sent")
    task = asyncio.create_task(_second_drain(node, "a1", "a2"))
    await task
    gate.open.set()
    await node.until_status(message, "delivered")
    assert node.counted("receipts", "swept") == 0


async def _second_drain(node: Node, *ids: str) -> None:
    """Receipts that another node's desk applies meanwhile."""
    desk = desk_of(node, node.store)
    for id_ in ids:
        desk.receive(receipt(id_), node.acks.append)
    await asyncio.wait_for(_idle(desk), 10)


async def _idle(desk: Receipts) -> None:
    while not desk.idle:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
