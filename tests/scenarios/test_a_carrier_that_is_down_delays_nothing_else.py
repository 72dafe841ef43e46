"""Two carriers, one of them down: the other's messages do not notice, and routes go around it."""

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

COUNT = 40


async def test_a_carrier_that_is_down_delays_nothing_else(start_node: StartNode) -> None:
    """What waits for a carrier that is down blocks nobody, and goes when it comes back."""
    async with FarEnd() as sick, FarEnd() as well:
        await sick.smsc.stop(0)
        node = await start_node(
            [sick.table("sick"), well.table("well")],
            {"default": ["sick", "well"], "only-sick": ["sick"], "only-well": ["well"]},
        )
        api = node.api
        waiting = [await api.accepted(f"+1555100{n:04}", route="only-sick") for n in range(COUNT)]
        quick = [await api.accepted(f"+1555200{n:04}", route="only-well") for n in range(COUNT)]
        around = [await api.accepted(f"+1555300{n:04}") for n in range(COUNT)]
        ended = await api.ended(quick, timeout=4)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        ended = await api.ended(around, timeout=15)
        assert {m["status"] for m in ended.values()} == {"delivered"}, "failed over along the route"
        statuses = await api.statuses()
        assert {statuses[id_] for id_ in waiting} == {"queued"}

        await sick.smsc.restart()
        ended = await api.ended(waiting)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        assert {m["duplicates"] for m in await api.messages()} == {0}
        assert set((sick.copies() + well.copies()).values()) == {1}
        assert sick.recipients == [f"+1555100{n:04}" for n in range(COUNT)], "in the order of their answers"


async def test_what_was_on_its_way_when_a_carrier_died_takes_the_other_one(start_node: StartNode) -> None:
    """Only what was written and never answered may arrive twice, and it says so."""
    window = 10
    async with FarEnd(latency_ms=600_000) as first, FarEnd() as second:  # it dies before it answers anything
        node = await start_node(
            [first.table("first", window=window), second.table("second")],
            {"default": ["first", "second"]},
        )
        await node.bound("first", "second")
        ids = [await node.api.accepted(f"+1555400{n:04}") for n in range(COUNT)]
        await wait_until_async(lambda: len(first.smsc.messages) == window, what="a full window at the first")
        first.smsc.hang_up()
        await first.smsc.stop(0)

        async def all_taken() -> bool:
            statuses = await node.api.statuses()  # the receipts of the first one died with it
            return {statuses[id_] for id_ in ids} <= {"sent", "delivered"}

        await wait_until_async(all_taken, 30, "a carrier for every message")
        copies = first.copies() + second.copies()
        for message in await node.api.messages():
            assert 1 <= copies[message["to"], 1] <= 1 + message["duplicates"], message
        assert sum(m["duplicates"] for m in await node.api.messages()) == window, "no more than the window"
        assert (len(first.copies()), len(second.copies())) == (window, COUNT)
        await node.stop()
        await node.audit()
