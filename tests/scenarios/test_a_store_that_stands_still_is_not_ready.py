"""The process that owns the SQLite file stands still: nobody waits for it without end, and nothing is lost."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from onesixty.smpp import constants as c
from onesixty.store.unanswered import ANSWER_WITHIN
from tests.scenarios.conftest import Node, StartNode
from tests.support.api import Reply
from tests.support.customer import Customer
from tests.support.far_end import FarEnd
from tests.support.outage import OUTAGE, assert_away
from tests.support.waiting import wait_until_async


def store_process(node: Node) -> int:
    """The process beside the core."""
    children = Path(f"/proc/{node.product.pid}/task/{node.product.pid}/children").read_text().split()
    (pid,) = [
        int(child) for child in children if b"webhooks.writer" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    return pid


@pytest.mark.deadline(90)
async def test_a_store_that_stands_still_is_not_ready(start_node: StartNode, far_end: FarEnd) -> None:
    """Promises 1 and 6: 503, retryable and in bounded time, over SMPP ESME_RMSGQFUL; what was handed in before is
    found by its Idempotency-Key, and goes its way."""
    node = await start_node([far_end.table("acme")], processes=2)
    api = node.api
    for event in OUTAGE:
        node.product.allow_log(event)
    credential = await api.ask("POST", "/v1/smpp-credentials", {"system_id": "shop"})
    pid = store_process(node)

    async def refused(sending: "asyncio.Task[Reply]") -> None:
        assert_away(await asyncio.wait_for(sending, ANSWER_WITHIN + 5))

    def send(number: int) -> "asyncio.Task[Reply]":
        return asyncio.create_task(api.send(f"+1555150{number:04}", idempotency_key=f"order {number}"))

    async def ready(status: int) -> bool:
        return (await api.call("GET", "/readyz")).status == status

    async with Customer(node.product.smpp_port, "shop", credential["password"]) as customer:
        os.kill(pid, signal.SIGSTOP)
        try:
            handed_in, submitted = send(1), asyncio.create_task(customer.offer("15551500002", b"Hello"))
            await wait_until_async(lambda: ready(503), 15, "the node not being ready")
            assert await api.metrics("onesixty_store_oldest_write_seconds") > 0
            await refused(send(3))
            await refused(handed_in)
            assert (await submitted).command_status == c.ESME_RMSGQFUL
            assert (await api.call("GET", "/healthz")).status == 200
        finally:
            os.kill(pid, signal.SIGCONT)
        await wait_until_async(lambda: ready(200), 15, "the node being ready again")
        first = (await send(1)).id
        third = (await send(3)).id
        await wait_until_async(lambda: far_end.counters["received"] >= 3, 15, "all three at the carrier")
        ended = await api.ended([first, third])
    assert {(m["status"], m["duplicates"]) for m in ended.values()} == {("delivered", 0)}
    assert len(await api.messages()) == 3, "what was refused over SMPP was written all the same, once"
    assert set(far_end.copies().values()) == {1}
    await node.stop()
    await node.audit()
