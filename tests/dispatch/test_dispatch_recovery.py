"""What a node that is gone left behind: decided once, on both engines."""

from collections.abc import Awaitable, Callable

from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from tests.support.message_path import Node

NewNode = Callable[..., Awaitable[Node]]


async def test_after_a_kill_nothing_is_lost_and_repeats_are_counted(
    engine_url: str, new_node: NewNode
) -> None:
    """Field note 29: in flight is resent and counted, or held; claimed waits again; sent stays."""
    node = await new_node(engine_url, window=3)
    sent = await node.sent("sent")
    in_flight = await node.send("in flight")
    held = await node.send("held", on_unknown="hold")
    await node.until_submitted(3)
    node.carrier.window = 0
    claimed = await node.send("claimed")
    assert claimed.claim == node.lease
    await node.close()

    after = await new_node(engine_url)
    assert after.recovered == (2, 1)
    assert (await after.get(held)).status == "held"
    after.carrier.script = after.carrier.accept
    after.dispatcher.wake(after.dispatcher.lines["car_a"])
    for message, duplicates in ((in_flight, 1), (claimed, 0)):
        found = await after.until_status(message, "sent")
        assert found.duplicates == duplicates
        assert "settle" in await after.ledger(message)
    assert sorted(after.carrier.sent) == ["claimed", "in flight"]
    assert (await after.get(sent)).version == sent.version
    assert not await after.store.fetch("flights_of_fenced")
    assert after.counts.seen["recovered", "unknown"] == 2


async def test_a_part_that_was_taken_before_the_kill_is_not_sent_again(
    engine_url: str, new_node: NewNode
) -> None:
    """Field note 29."""
    node = await new_node(engine_url)
    message = await node.send("All segments of a message go over one carrier. " * 6)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, node.carrier.accept(first, 0))
    node.carrier.answer(first, 1, Outcome("throttled"))
    await node.until_submitted(2)
    await node.close()

    after = await new_node(engine_url)
    after.carrier.script = after.carrier.accept
    after.dispatcher.wake(after.dispatcher.lines["car_a"])
    found: Message = await after.until_status(message, "sent")
    assert found.duplicates == 1
    assert [s.pending for s in after.carrier.submissions] == [[1]]
    assert after.carrier.submissions[0].concat_reference == first.concat_reference


async def test_recovering_twice_changes_nothing_more(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    message = await node.send()
    await node.until_submitted(1)
    await node.close()
    after = await new_node(engine_url, carriers=())
    version = (await after.get(message)).version
    await after.close()
    again = await new_node(engine_url, carriers=())
    assert again.recovered == (0, 0)
    assert (await again.get(message)).version == version


async def test_order_within_an_account_survives_a_restart(engine_url: str, new_node: NewNode) -> None:
    """Field note 29: claimed messages wait again, and go in the order in which they were accepted."""
    node = await new_node(engine_url, window=0)
    texts = [f"m{index:02}" for index in range(30)]
    for text in texts:
        await node.send(text)
    await node.close()
    after = await new_node(engine_url)
    assert after.recovered == (0, len(texts))
    after.carrier.script = after.carrier.accept
    after.dispatcher.wake(after.dispatcher.lines["car_a"])
    await after.until_submitted(len(texts))
    assert after.carrier.sent == texts
