"""Since when the oldest message waits for a carrier: in its lane, in the database, and while it is paused."""

from collections.abc import Awaitable, Callable

from onesixty.core.tenant import Tenant
from onesixty.dispatch.oldest import OldestWaiting
from tests.support.message_path import ACCOUNT, Node

NewNode = Callable[..., Awaitable[Node]]
CARRIER = "car_a"


async def test_the_oldest_message_is_that_of_the_lane_or_of_the_database(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url, lane_capacity=1)
    queue, oldest = node.dispatcher.queues[CARRIER], node.dispatcher.oldest
    assert (oldest.of(queue), await oldest.read()) == (None, {CARRIER: None})
    node.carrier.connected = False
    first = await node.send("in the lane")
    node.clock.advance(10)
    second = await node.send("in the database")
    assert oldest.of(queue) == (await oldest.read())[CARRIER] == first.queued_at
    await node.control.cancel(Tenant(ACCOUNT, False), first.id)
    assert oldest.of(queue) == second.queued_at, "a pause or an outage empties no database"


async def test_a_node_that_starts_with_a_paused_carrier_knows_what_waits(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url, lane_capacity=1)
    queue = node.dispatcher.queues[CARRIER]
    node.dispatcher.pause(frozenset({CARRIER}), None)
    await node.send("in the lane")
    node.clock.advance(10)
    waits = await node.send("in the database")
    anew = OldestWaiting(node.store, node.dispatcher.queues)
    assert anew.of(queue) != waits.queued_at
    await anew.read()
    queue.lane.take(1)
    assert anew.of(queue) == waits.queued_at
    queue.waiting.clear()
    assert anew.of(queue) is None, "nothing waits there any more"
