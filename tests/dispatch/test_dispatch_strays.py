"""What a node has by the rows and not in its memory is found in two looks and put right; nothing else is touched."""

from collections.abc import Awaitable, Callable

from onesixty.core.outcomes import Outcome
from onesixty.store.units import Unit
from tests.support.message_path import Node

NewNode = Callable[..., Awaitable[Node]]


async def test_a_message_that_its_node_has_lost_waits_again(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url, window=0)
    lost, kept = await node.send("lost"), await node.send("kept")
    assert node.dispatcher.withdraw(lost.id) is not None
    await node.strays.once()
    assert (await node.get(lost)).claim == node.lease
    await node.strays.once()
    assert node.counted("strays", "memory") == 1
    assert (await node.get(kept)).version == kept.version
    node.carrier.window, node.carrier.script = 10, node.carrier.accept
    node.path.queues.wake_all()
    await node.until_status(lost, "sent")
    await node.until_status(kept, "sent")


async def test_a_message_that_was_in_other_hands_for_a_moment_is_left_alone(node: Node) -> None:
    node.carrier.window = 0
    message = await node.send()
    withdrawn = node.dispatcher.withdraw(message.id)
    assert withdrawn is not None
    await node.strays.once()
    node.dispatcher.restore(withdrawn)
    await node.strays.once()
    assert (await node.get(message)).version == message.version
    assert node.counted("strays", "memory") == 0


async def test_what_is_in_flight_or_on_its_way_to_disk_is_in_somebodys_hands(node: Node) -> None:
    flying, waiting = await node.send("flying"), await node.send("waiting")
    first, second = await node.until_submitted(2)
    node.store.down = True
    node.carrier.answer_all(second, Outcome("unknown", code="outcome_unknown"))
    held = node.dispatcher.holds()
    assert {flying.id, waiting.id} <= held
    node.store.down = False
    for _ in range(2):
        await node.strays.once()
    node.carrier.answer_all(first)
    await node.until_status(flying, "sent")
    assert node.counted("strays") == 0


async def test_an_open_flight_with_nothing_in_it_is_closed(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    message = await node.send()
    await node.until_submitted(1)
    row = ("flt_left", node.lease, "car_a", "[]", 0)
    await node.store.commit([Unit(keys=("flt_left",), guards=(("flight_open", row),))])
    for _ in range(2):
        assert len(await node.store.fetch("flights_of_lease", lease=node.lease)) == 2
        await node.strays.once()
    ((left, _, named, *_),) = await node.store.fetch("flights_of_lease", lease=node.lease)
    assert message.id in named
    assert left != "flt_left"
    assert node.counted("strays", "flight") == 1
