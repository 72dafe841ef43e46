"""PostgreSQL is stopped in the middle of traffic and started again."""

import asyncio
import itertools
import signal

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.api import Reply
from tests.support.far_end import FarEnd
from tests.support.postgres import PostgresProcess
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

#: Messages accepted before the outage, and after it.
BEFORE = 30
AFTER = 30
#: What the log tells of the outage.
OUTAGE = (
    "receipts_refused",
    "pool connection floor",
    "sweep_waits_for_store",
    "alert_watch_waits_for_store",
    "outbox_rows_unreadable",
    "lease_not_renewed",
    "bind_deliveries_unreadable",
    "refill_waits_for_store",
)
AT_ONCE = 4


def assert_away(reply: Reply) -> None:
    """The answer of a store that is away."""
    assert (reply.status, reply.code, reply.json["retryable"]) == (503, "unavailable", True)
    assert int(reply.headers["retry-after"]) >= 1


@pytest.mark.deadline(240)
async def test_the_database_goes_away_and_comes_back(
    own_postgres: PostgresProcess, start_node: StartNode, receiver: Receiver
) -> None:
    """Promises 1, 2, 6 and 10; field note 30: 503 meanwhile, retryable; what was accepted is there afterwards."""
    async with FarEnd(latency_ms=20) as far_end:
        node = await start_node([far_end.table("acme")], database_url=own_postgres.create_database())
        for event in OUTAGE:
            node.product.allow_log(event)
        await node.hook(receiver)
        api = node.api
        numbers = itertools.count()
        over = asyncio.Event()
        accepted: dict[int, str] = {}

        async def customer() -> None:
            while not over.is_set():
                n = next(numbers)
                while n not in accepted:
                    try:
                        reply = await api.send(f"+1555150{n:04}", idempotency_key=f"order {n}")
                    except TimeoutError:
                        continue  # a customer loses patience and asks again, under the same key
                    if reply.status == 202:
                        accepted[n] = reply.id
                    else:
                        assert_away(reply)
                    await asyncio.sleep(0.02)  # the pace of this customer

        async def is_refused() -> bool:
            # The customers may all wait: whose COMMIT lost its answer is told nothing before it is known.
            reply = await api.send("+15551509999")
            assert_away(reply)
            return True

        customers = [asyncio.create_task(customer()) for _ in range(AT_ONCE)]
        await wait_until_async(lambda: len(accepted) >= BEFORE, what="the first messages")
        await asyncio.to_thread(own_postgres.stop, signal.SIGQUIT)
        await wait_until_async(is_refused, what="a refusal")
        assert (await api.call("GET", "/readyz")).status == 503
        assert (await api.call("GET", "/healthz")).status == 200
        before = len(accepted)
        await asyncio.to_thread(own_postgres.start)
        await wait_until_async(lambda: len(accepted) >= before + AFTER, 60, "messages after the outage")
        over.set()
        await asyncio.wait_for(asyncio.gather(*customers), 40)

        ended = await api.ended(list(accepted.values()), timeout=40)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        assert len(await api.messages()) == len(accepted), "a retry did not send twice"
        copies = far_end.copies()
        assert all(1 <= copies[m["to"], 1] <= 1 + m["duplicates"] for m in ended.values())
        events = {event["event_id"] for id_ in ended for event in await api.events(id_)}
        await wait_until_async(lambda: events <= {post.id for post in receiver.requests}, 30, "every event")
        assert (await api.call("GET", "/readyz")).status == 200
        await node.stop()
        await node.audit()
