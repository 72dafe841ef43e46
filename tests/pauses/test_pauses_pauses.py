"""Pauses: what an operator stopped does not go, blocks nobody else, and goes on as it was."""

from collections.abc import Awaitable, Callable

import pytest

from onesixty.core.ids import IdSource
from onesixty.core.message import HALTED, UNCLAIMED
from onesixty.core.tenant import Tenant
from onesixty.dispatch.halts import Halts
from onesixty.dispatch.held_out import HeldOut
from onesixty.pauses import pauses as p
from onesixty.pauses.pauses import Pauses
from tests.support.databases import memory_database
from tests.support.message_path import ACCOUNT, Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]
OTHER = "acc_other"


def pause(node: Node, *carriers: str, **halts: set[str]) -> HeldOut:
    """Pause these on the node; what lets go again is running when this returns."""
    found = Halts(**{kind: frozenset(named) for kind, named in halts.items()}) if halts else None
    node.dispatcher.pause(frozenset(carriers), found)
    node.dispatcher.held_out.let_in()
    return node.dispatcher.held_out


async def until_sent(node: Node, *texts: str, carrier_id: str = "car_a") -> None:
    carrier = node.carriers[carrier_id]
    await wait_until_async(lambda: len(carrier.sent) >= len(texts), timeout=20, what=f"{texts} sent")
    assert sorted(carrier.sent) == sorted(texts)


async def test_a_paused_carrier_keeps_what_comes_and_goes_on_in_order(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url, carriers=("car_a", "car_b"))
    for carrier in node.carriers.values():
        carrier.script = carrier.accept
    pause(node, "car_a")
    kept = [await node.send(f"m{n}") for n in range(5)]
    assert {(await node.get(m)).carrier_id for m in kept} == {"car_a"}, "the first choice keeps its messages"
    node.dispatcher.queues["car_a"].down_since = node.clock.monotonic() - 100
    await node.until_idle()
    assert node.carriers["car_a"].sent == node.carriers["car_b"].sent == []
    pause(node)
    await until_sent(node, *(f"m{n}" for n in range(5)))
    assert node.carriers["car_a"].sent == [f"m{n}" for n in range(5)]


async def test_a_paused_carrier_takes_over_nothing(new_node: NewNode) -> None:
    node = await new_node(carriers=("car_a", "car_b"))
    node.carriers["car_a"].connected = False
    node.dispatcher.queues["car_a"].down_since = node.clock.monotonic() - 100
    pause(node, "car_b")
    assert (await node.send()).carrier_id == "car_a"


@pytest.mark.parametrize("kind", ["accounts", "senders", "routes", "countries"])
async def test_what_is_paused_leaves_the_lane_and_comes_back(
    engine_url: str, new_node: NewNode, kind: str
) -> None:
    node = await new_node(engine_url)
    node.load_routes({"default": ("car_a",), "slow": ("car_a",)})
    node.carrier.script = node.carrier.accept
    node.carrier.connected = False
    odd = {"account_id": OTHER, "sender": "Shop", "route": "slow", "recipient": "+4915112345678"}
    before = [await node.send(f"b{n}", **odd) for n in range(3)]
    plain = await node.send("plain")
    value = {"accounts": OTHER, "senders": "Shop", "routes": "rte_slow", "countries": "DE"}[kind]
    pause(node, **{kind: {value}})
    after = await node.send("after", **odd)
    assert (await node.get(after)).claim == HALTED
    node.carrier.come_and_go(True)
    await node.until_status(plain, "sent")
    await node.until_idle()
    assert node.carrier.sent == ["plain"]
    assert {(await node.get(m)).claim for m in before} == {HALTED}
    assert len(node.dispatcher.queues["car_a"].lane) == 0, "it takes no place of others"
    pause(node)
    await until_sent(node, "plain", "b0", "b1", "b2", "after")
    assert node.carrier.sent == ["plain", "b0", "b1", "b2", "after"], "in the old order"
    for message in (*before, after):
        await node.until_status(message, "sent")


async def test_what_is_paused_by_two_waits_for_both(new_node: NewNode) -> None:
    node = await new_node()
    pause(node, accounts={ACCOUNT}, senders={"Acme"})
    message = await node.send()
    release = pause(node, senders={"Acme"})
    assert await release.once() == 0
    assert (await node.get(message)).claim == HALTED
    node.dispatcher.pause(frozenset(), None)
    assert await release.once() == 1
    assert (await node.get(message)).claim in (UNCLAIMED, node.lease)


async def test_a_pause_that_ends_while_a_message_is_written_strands_nothing(new_node: NewNode) -> None:
    node = await new_node()
    node.carrier.script = node.carrier.accept
    pause(node, accounts={ACCOUNT})

    def resume(fault: str) -> None:
        if fault == "intake.after_commit":
            node.dispatcher.pause(frozenset(), None)

    node.faults = resume
    message = await node.send()
    await node.until_status(message, "sent")


async def test_what_is_paused_can_be_canceled_and_expires(new_node: NewNode) -> None:
    node = await new_node()
    pause(node, accounts={ACCOUNT})
    canceled, expired = await node.send("c"), await node.send("e", valid_for=5)
    assert (await node.control.cancel(Tenant(ACCOUNT, False), canceled.id)).status == "canceled"
    node.clock.advance(6)
    await node.sweep.once()
    assert (await node.get(expired)).status == "expired"
    assert (await node.ledger(expired))["release"] == (-7500, 0)


async def test_a_scheduled_message_of_a_paused_sender_is_released_into_the_pause(new_node: NewNode) -> None:
    node = await new_node()
    node.carrier.script = node.carrier.accept
    message = await node.send(scheduled_at=node.clock.now_ms() + 1000)
    pause(node, senders={"Acme"})
    node.clock.advance(2)
    await node.sweep.once()
    found = await node.get(message)
    assert (found.status, found.claim) == ("queued", HALTED)
    pause(node)
    await node.until_status(message, "sent")


async def test_a_long_message_of_which_a_part_was_taken_is_finished(new_node: NewNode) -> None:
    node = await new_node(window=1)
    message = await node.send("All segments of a message go over one carrier. " * 6)
    (submission,) = await node.until_submitted(1)
    pause(node, accounts={ACCOUNT})
    for segment in submission.pending:
        node.carrier.answer(submission, segment, node.carrier.accept(submission, segment))
    assert (await node.until_status(message, "sent")).attempts == 1


async def test_pauses_survive_a_restart(new_node: NewNode) -> None:
    memory = memory_database()
    node = await new_node(memory=memory)
    pause(node, accounts={ACCOUNT})
    message = await node.send()
    await node.close()
    again = await new_node(memory=memory)
    again.carrier.script = again.carrier.accept
    await again.until_idle()
    assert again.carrier.sent == []
    assert (await again.get(message)).claim == HALTED
    pause(again)
    await again.until_status(message, "sent")


async def test_rows_are_one_for_each_subject(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    reloads: list[int] = []

    async def reload() -> None:
        reloads.append(1)

    pauses = Pauses(node.store, node.clock, IdSource(node.clock, node.random), reload)
    first = await pauses.put(p.CARRIER, "car_a", p.PAUSE, "broken", "key_1")
    second = await pauses.put(p.CARRIER, "car_a", p.DRAIN, None, "key_2")
    await pauses.put(p.BIND, "car_a/2", p.PAUSE, None, "key_2")
    rows = await pauses.all()
    assert (rows[0].id, rows[0].mode, rows[0].reason) == (first.id, "drain", None)
    assert second.id == first.id
    assert p.binds(rows, "car_a") == {"2"}
    assert p.halts(rows) is None
    await pauses.resume(p.CARRIER, "car_a")
    await pauses.resume(p.CARRIER, "car_a")
    assert [row.kind for row in await pauses.all()] == ["bind"]
    assert len(reloads) == 4
