"""The primary of PostgreSQL dies, its standby is promoted, and the node finds it: what was promised still holds."""

import asyncio
import signal

import pytest

from onesixty.smpp import constants as c
from onesixty.store.unanswered import ANSWER_WITHIN
from tests.scenarios.conftest import StartNode
from tests.support.customer import Customer
from tests.support.far_end import FarEnd
from tests.support.outage import OUTAGE, Customers, assert_away
from tests.support.postgres import PostgresProcess
from tests.support.standby import StandbyProcess
from tests.support.waiting import wait_until_async

#: Messages accepted before the failover, and after it.
BEFORE = 20
AFTER = 20


@pytest.mark.deadline(180)
@pytest.mark.parametrize("away", [False, True], ids=["following", "away"])
async def test_a_synchronous_standby_takes_over(
    away: bool, own_postgres: PostgresProcess, own_standby: StandbyProcess, start_node: StartNode
) -> None:
    """Promises 1 to 3: whatever was answered is on the standby; where that is away, nothing is answered."""
    async with FarEnd(latency_ms=10) as far_end:
        database = own_postgres.create_database()
        await asyncio.to_thread(own_standby.follow, synchronous=True)
        node = await start_node([far_end.table("acme")], database_url=own_standby.both(database))
        api = node.api
        for event in OUTAGE:
            node.product.allow_log(event)
        credential = await api.ask("POST", "/v1/smpp-credentials", {"system_id": "shop"})

        async def ready(status: int) -> bool:
            return (await api.call("GET", "/readyz")).status == status

        async with (
            Customers(api, "+1555150") as customers,
            Customer(node.product.smpp_port, "shop", credential["password"]) as customer,
        ):
            accepted = customers.accepted
            await wait_until_async(lambda: len(accepted) >= BEFORE, 30, "the first messages")
            if away:
                await asyncio.to_thread(own_standby.stop, signal.SIGQUIT)
                before = len(accepted)
                await wait_until_async(lambda: ready(503), 20, "the node not being ready")
                assert await api.metrics("onesixty_store_oldest_write_seconds") > 0
                began = asyncio.get_running_loop().time()
                assert_away(await api.send("+15551609999"))
                answer = await customer.offer("15551609998", b"Hello")
                assert answer.command_status == c.ESME_RMSGQFUL
                assert asyncio.get_running_loop().time() - began < ANSWER_WITHIN + 5
                assert len(accepted) == before, "nothing is accepted that one server alone has"
            await asyncio.to_thread(own_postgres.stop, signal.SIGQUIT)
            if away:
                await asyncio.to_thread(own_standby.start)
            await asyncio.to_thread(own_standby.promote)
            before = len(accepted)
            await wait_until_async(lambda: len(accepted) >= before + AFTER, 40, "messages after the failover")
            ids = await customers.finish()
        assert await ready(200)
        ended = await api.ended(ids, timeout=40)
        assert {(m["status"], m["duplicates"]) for m in ended.values()} == {("delivered", 0)}
        assert {m["id"] for m in await api.messages()} == set(ids), "a retry did not send twice"
        assert set(far_end.copies().values()) == {1}
        await node.stop()
        await node.audit()


@pytest.mark.deadline(180)
async def test_an_asynchronous_standby_may_lack_the_last_messages_and_goes_on(
    own_postgres: PostgresProcess, own_standby: StandbyProcess, start_node: StartNode
) -> None:
    """What the standby had not got is gone, as the documentation says; all else holds, and what follows does."""
    async with FarEnd(latency_ms=10) as far_end:
        database = own_postgres.create_database()
        await asyncio.to_thread(own_standby.follow, synchronous=False)
        node = await start_node(
            [far_end.table("acme", throughput=2)], database_url=own_standby.both(database)
        )
        api = node.api
        for event in (
            *OUTAGE,
            r'"outcome_(not_applied|is_evidence)"',
        ):  # of what waited in memory, and is in no row any more
            node.product.allow_log(event)
        known = await api.accepted("+15551500001")
        await api.ended([known])
        await asyncio.to_thread(own_standby.caught_up)
        await asyncio.to_thread(own_standby.stop, signal.SIGQUIT)
        gone = [await api.accepted(f"+1555160{n:04}") for n in range(6)]
        await api.until(gone[0], "delivered")
        await asyncio.to_thread(own_postgres.stop, signal.SIGQUIT)
        await asyncio.to_thread(own_standby.start)
        await asyncio.to_thread(own_standby.promote)

        async def is_accepted() -> str | None:
            reply = await api.send("+15551500002")
            return reply.id if reply.status == 202 else None

        after = await wait_until_async(is_accepted, 40, "a message after the failover")
        ended = await api.ended([known, after], timeout=40)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        listed = {m["id"] for m in await api.messages()}
        assert listed == {known, after}
        assert not listed & set(gone)
        await node.stop()
        await node.audit()
