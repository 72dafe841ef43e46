"""PostgreSQL is stopped in the middle of traffic and started again."""

import asyncio
import signal

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.outage import OUTAGE, Customers, assert_away
from tests.support.postgres import PostgresProcess
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

#: Messages accepted before the outage, and after it.
BEFORE = 30
AFTER = 30


@pytest.mark.deadline(240)
async def test_the_database_goes_away_and_comes_back(
    own_postgres: PostgresProcess, start_node: StartNode, receiver: Receiver
) -> None:
    """Promises 1, 2, 6 and 10: 503 meanwhile, retryable; what was accepted is there afterwards."""
    async with FarEnd(latency_ms=20) as far_end:
        node = await start_node([far_end.table("acme")], database_url=own_postgres.create_database())
        for event in OUTAGE:
            node.product.allow_log(event)
        await node.hook(receiver)
        api = node.api

        async def is_refused() -> bool:
            # The customers may all wait: whose COMMIT lost its answer is told nothing before it is known.
            reply = await api.send("+15551509999")
            assert_away(reply)
            return True

        async with Customers(api, "+1555150") as customers:
            accepted = customers.accepted
            await wait_until_async(lambda: len(accepted) >= BEFORE, what="the first messages")
            await asyncio.to_thread(own_postgres.stop, signal.SIGQUIT)
            await wait_until_async(is_refused, what="a refusal")
            assert (await api.call("GET", "/readyz")).status == 503
            assert (await api.call("GET", "/healthz")).status == 200
            before = len(accepted)
            await asyncio.to_thread(own_postgres.start)
            await wait_until_async(lambda: len(accepted) >= before + AFTER, 60, "messages after the outage")
            ids = await customers.finish()

        ended = await api.ended(ids, timeout=40)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        assert len(await api.messages()) == len(ids), "a retry did not send twice"
        copies = far_end.copies()
        assert all(1 <= copies[m["to"], 1] <= 1 + m["duplicates"] for m in ended.values())
        events = {event["event_id"] for id_ in ended for event in await api.events(id_)}
        await wait_until_async(lambda: events <= {post.id for post in receiver.requests}, 30, "every event")
        assert (await api.call("GET", "/readyz")).status == 200
        await node.stop()
        await node.audit()
