"""A carrier that asks to slow down is obeyed, and loses neither messages nor their order."""

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd

COUNT = 60
WINDOW = 10


def _taken(far_end: FarEnd) -> list[str]:
    """The recipients in the order in which their messages were taken: each one's last submit."""
    return list(reversed(dict.fromkeys(reversed(far_end.recipients))))


async def test_a_throttling_carrier_gets_everything_in_order(start_node: StartNode) -> None:
    """ESME_RTHROTTLED slows the whole link; order and the wish for a receipt stay."""
    async with FarEnd(misbehave=("throttles",)) as far_end:
        node = await start_node([far_end.table("acme", window=1)])
        recipients = [f"+1555500{n:04}" for n in range(COUNT // 3)]
        ids = [await node.api.accepted(to) for to in recipients]
        ended = await node.api.ended(ids, timeout=40)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        assert {m["duplicates"] for m in ended.values()} == {0}
        assert far_end.counters["throttled"] > 0
        assert far_end.counters["accepted"] == len(recipients)
        assert _taken(far_end) == recipients


async def test_a_rate_limit_met_by_a_full_window_displaces_no_more_than_the_window(
    start_node: StartNode,
) -> None:
    """A pipelined window cannot promise more; segments are what is counted."""
    async with FarEnd(throttle_above=30) as far_end:
        node = await start_node([far_end.table("acme", window=WINDOW)])
        recipients = [f"+1555600{n:04}" for n in range(COUNT)]
        # All of them wait before the first is sent, so that the rate is above the limit on any machine.
        await node.api.ask("POST", "/v1/carriers/acme/pause", {"reason": "a test"})
        ids = [
            await node.api.accepted(to, "x" * (200 if n % 10 == 0 else 20)) for n, to in enumerate(recipients)
        ]
        await node.api.ask("POST", "/v1/carriers/acme/resume", {})
        ended = await node.api.ended(ids, timeout=40)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        assert {m["duplicates"] for m in ended.values()} == {0}
        assert far_end.counters["throttled"] > 0
        place = {to: index for index, to in enumerate(_taken(far_end))}
        assert all(abs(place[to] - index) <= WINDOW for index, to in enumerate(recipients)), place


async def test_our_own_rate_keeps_below_the_carriers(start_node: StartNode) -> None:
    """With `throughput` set, the carrier has nothing to throttle."""
    async with FarEnd(throttle_above=60) as far_end:
        node = await start_node([far_end.table("acme", window=WINDOW, throughput=50)])
        ids = [await node.api.accepted(f"+1555700{n:04}", "x" * 200) for n in range(COUNT // 2)]
        await node.api.ended(ids, timeout=30)
        assert far_end.counters["throttled"] == 0
