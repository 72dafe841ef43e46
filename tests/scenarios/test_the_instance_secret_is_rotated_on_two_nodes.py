"""The instance secret is replaced on two nodes of one database, which restart one after the other under traffic: both
sign webhooks all the time, and a rotation that begins too early ends only when both nodes know the new secret."""

import asyncio
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.scenarios.conftest import Node, StartNode
from tests.support.api import Api
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

NEW = "another-secret-of-tests-for-two-nodes"


class Traffic:
    """Sends over whichever nodes run, one message after the other until its end, until it is stopped."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.up = list(nodes)
        self.ended: list[str] = []
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while not self._stop.is_set():
            for node in list(self.up):
                if node not in self.up:
                    continue
                async with Api(node.product.url, node.product.admin_key) as api:
                    message = await api.accepted("+15551230001", f"Hello {len(self.ended)}")
                    await api.ended([message])
                self.ended.append(message)

    async def more(self, count: int = 5) -> None:
        seen = len(self.ended)
        await wait_until_async(lambda: _has(len(self.ended) >= seen + count), 30, "further messages")

    async def stop(self) -> None:
        self._stop.set()
        await self._task


async def _has(value: bool) -> bool:
    return value


@pytest.mark.deadline(240)  # starts two nodes three times, and waits for renewals of their leases
async def test_the_instance_secret_is_rotated_on_two_nodes(
    postgres_url: str, start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    first = await start_node([far_end.table("acme")], database_url=postgres_url)
    second = await start_node([far_end.table("acme")], database_url=postgres_url)
    old = str(first.product.settings["secret_key"])
    body: dict[str, Any] = {"url": receiver.url, "events": ["message.delivered"]}
    secret = (await first.api.ask("POST", "/v1/webhooks", body))["secret"]
    traffic = Traffic((first, second))

    async def restart(node: Node, value: str) -> None:
        """A restart with another setting, while the other node takes the traffic."""
        traffic.up.remove(node)
        await traffic.more(2)  # what this node has begun to answer is over
        node.product.settings["secret_key"] = value
        await node.restart()
        traffic.up.append(node)
        await traffic.more()

    await traffic.more()
    await restart(first, f"{NEW},{old}")
    shown = await asyncio.to_thread(first.product.command, "secret", "show", "--json")
    rotating = asyncio.create_task(asyncio.to_thread(first.product.command, "secret", "rotate", timeout=120))
    await traffic.more()
    assert not rotating.done(), "it waits for the node that does not know the new secret"
    await restart(second, f"{NEW},{old}")
    done = await rotating
    assert done.returncode == 0, done.stderr
    await traffic.more()
    for node in (second, first):
        await restart(node, NEW)
    await traffic.stop()
    after = await asyncio.to_thread(second.product.command, "secret", "show", "--json")
    assert shown.stdout != after.stdout
    await receiver.wait_for(len(traffic.ended))
    told = {request.headers["webhook-id"] for request in receiver.requests}
    assert len(told) == len(traffic.ended), "each message was told of, by either node"
    for request in receiver.requests:
        Webhook(secret).verify(request.body, request.headers)
    await first.audit()
    for node in (first, second):
        assert secret not in node.product.log
