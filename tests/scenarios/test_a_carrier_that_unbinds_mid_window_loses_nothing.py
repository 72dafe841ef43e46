"""A carrier that leaves while messages are on their way."""

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd

COUNT = 60
WINDOW = 10


@pytest.mark.parametrize("way", ["unbinds", "hangs_up"])
async def test_a_carrier_that_unbinds_mid_window_loses_nothing(way: str, start_node: StartNode) -> None:
    """Promise 3: every message arrives, and what may have arrived twice says so."""
    async with FarEnd(misbehave=(way, "still_bound"), every=25) as far_end:
        node = await start_node([far_end.table("acme", window=WINDOW, response_timeout_s=2)])
        ids = [
            await node.api.accepted(f"+1555800{n:04}", "x" * (200 if n % 5 == 0 else 20))
            for n in range(COUNT)
        ]
        ended = await node.api.ended(ids, timeout=50)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        copies = far_end.copies()
        for message in ended.values():
            received = max(count for (to, _), count in copies.items() if to == message["to"])
            assert 1 <= received <= 1 + message["duplicates"], message
        leavings = far_end.counters["closed"]
        assert leavings >= 2
        assert sum(m["duplicates"] for m in ended.values()) <= WINDOW * leavings
        assert await node.api.metrics("onesixty_duplicates_total") == sum(
            m["duplicates"] for m in ended.values()
        )
        await node.stop()
        await node.audit()
