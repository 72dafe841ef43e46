"""PostgreSQL is away for so long that the leases of two nodes run out: both go on when it is back."""

import asyncio
import itertools

import pytest

from onesixty.store.leases import TTL_MS
from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.outage import OUTAGE, assert_away
from tests.support.postgres import PostgresProcess
from tests.support.waiting import wait_until_async

MESSAGES = 20


@pytest.mark.deadline(240)
async def test_the_database_stays_away_longer_than_a_lease(
    own_postgres: PostgresProcess, start_node: StartNode
) -> None:
    """Promises 1, 2 and 10: no supervisor is needed, and what waited in memory goes out once."""
    async with FarEnd() as far_end:
        url = own_postgres.create_database()
        node = await start_node([far_end.table("acme", throughput=2)], database_url=url)
        other = await start_node(database_url=url)
        pids = [each.product.pid for each in (node, other)]
        for each, event in itertools.product((node, other), OUTAGE):
            each.product.allow_log(event)
        ids = [await node.api.accepted(f"+1555160{n:04}") for n in range(MESSAGES)]
        began = asyncio.get_running_loop().time()
        await asyncio.to_thread(own_postgres.stop)
        assert_away(await node.api.send("+15551609999"))
        # The lease was renewed a moment ago at the most, so by then it has run out.
        await wait_until_async(
            lambda: asyncio.get_running_loop().time() - began > TTL_MS / 1000 + 1, 30, "the end of the lease"
        )
        before = far_end.counters["received"]
        assert before < MESSAGES
        await asyncio.to_thread(own_postgres.start)
        ended = await node.api.ended(ids, timeout=60)
        assert {(m["status"], m["duplicates"]) for m in ended.values()} == {("delivered", 0)}
        assert set(far_end.copies().values()) == {1}
        assert [each.product.pid for each in (node, other)] == pids
        await wait_until_async(
            lambda: all("lease_regained" in each.product.log for each in (node, other)),
            20,
            "both leases again",
        )
        for each in (other, node):
            await each.stop()
        await node.audit()
