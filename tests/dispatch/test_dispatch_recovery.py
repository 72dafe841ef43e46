"""What a node that is gone left behind: decided once, on both engines."""

from collections.abc import Awaitable, Callable
from typing import Any

from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.dispatch.recovery import LATE_MS, recover
from tests.support.message_path import Node

NewNode = Callable[..., Awaitable[Node]]
Shared = dict[str, Any]


async def test_after_a_kill_nothing_is_lost_and_repeats_are_counted(
    engine_url: str, new_node: NewNode
) -> None:
    """In flight is resent and counted, or held; claimed waits again; sent stays."""
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
    after.path.queues["car_a"].wake()
    for message, duplicates in ((in_flight, 1), (claimed, 0)):
        found = await after.until_status(message, "sent")
        assert found.duplicates == duplicates
        assert "settle" in await after.ledger(message)
    assert sorted(after.carrier.sent) == ["claimed", "in flight"]
    assert (await after.get(sent)).version == sent.version
    assert not await after.store.fetch("leases_left")
    assert after.counted("recovered", "unknown") == 2


async def test_a_part_that_was_taken_before_the_kill_is_not_sent_again(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    message = await node.send("All segments of a message go over one carrier. " * 6)
    (first,) = await node.until_submitted(1)
    node.carrier.answer(first, 0, node.carrier.accept(first, 0))
    node.carrier.answer(first, 1, Outcome("throttled"))
    await node.until_submitted(2)
    await node.close()

    after = await new_node(engine_url)
    after.carrier.script = after.carrier.accept
    after.path.queues["car_a"].wake()
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
    """Claimed messages wait again, and go in the order in which they were accepted."""
    node = await new_node(engine_url, window=0)
    texts = [f"m{index:02}" for index in range(30)]
    for text in texts:
        await node.send(text)
    await node.close()
    after = await new_node(engine_url)
    assert after.recovered == (0, len(texts))
    after.carrier.script = after.carrier.accept
    after.path.queues["car_a"].wake()
    await after.until_submitted(len(texts))
    assert after.carrier.sent == texts


async def test_what_a_fenced_node_still_accepts_is_found_at_the_next_look(
    shared: Shared, new_node: NewNode
) -> None:
    """It was prepared under a lease that has ended since: committed, answered, and claimed by nobody that runs."""
    fenced = await new_node(**shared)
    fenced.carrier.window = 0
    other = await new_node(**shared)
    message = await fenced.send("late")
    assert (await other.get(message)).claim == fenced.lease

    since = other.clock.now_ms()

    async def look() -> tuple[int, int]:
        return await recover(other.context, other.recorder, since)

    assert await look() == (0, 1)
    assert (await other.get(message)).claim == 0
    assert other.counted("strays", "lease") == 0
    again = await fenced.send("much later")
    other.clock.advance(LATE_MS / 1000 + 1)
    assert await look() == (0, 1)
    assert other.counted("strays", "lease") == 1
    assert (await other.get(again)).claim == 0


async def test_what_waited_while_no_node_ran_is_no_stray(engine_url: str, new_node: NewNode) -> None:
    """Stopped in order in the evening, and started in the morning: nobody was there to find it earlier."""
    node = await new_node(engine_url, window=0)
    await node.send("over night")
    await node.store.execute("lease_end", id=node.lease, now=node.clock.now_ms() - 2 * LATE_MS)
    await node.close()
    after = await new_node(engine_url)
    assert after.recovered == (0, 1)
    assert after.counted("strays", "lease") == 0


async def test_a_lease_that_ends_while_a_recovery_is_under_way_keeps_its_flights(
    shared: Shared, new_node: NewNode
) -> None:
    """Three nodes: one lease ends between the look at flights and the look at claims of a recovery under way."""
    node = await new_node(**shared)
    message = await node.send()
    await node.until_submitted(1)
    other = await new_node(**shared, carriers=(), fence=False)
    fetch = other.store.fetch

    async def fetched(statement: str, **params: object) -> object:
        found = await fetch(statement, **params)
        if statement == "leases_left":
            await other.store.execute("lease_end", id=node.lease, now=node.clock.now_ms())
        return found

    other.store.fetch = fetched  # type: ignore[method-assign]
    look = lambda: recover(other.context, other.recorder, 0)  # noqa: E731
    assert await look() == (0, 0)
    assert (await other.get(message)).claim == node.lease
    assert await look() == (1, 0)
    assert (await other.get(message)).duplicates == 1
