"""An application that did not see the answer asks again, and nothing is sent twice."""

import asyncio

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd

TWINS = 12


async def test_an_idempotent_retry_sends_once(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    """Promise 6: the same key and body get the same answer, at once, later and after a restart."""
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    api = node.api

    async def ask(text: str = "Once") -> tuple[int, object, bool]:
        reply = await api.send("+15551230001", text, idempotency_key="order 4711")
        return reply.status, reply.json, "idempotency-replayed" in reply.headers

    answers = await asyncio.gather(*(ask() for _ in range(TWINS)))
    first = answers[0][1]
    assert [answer[:2] for answer in answers] == [(202, first)] * TWINS
    assert sorted(answer[2] for answer in answers) == [False] + [True] * (TWINS - 1)
    (message,) = await api.messages()
    await api.until(message["id"], "delivered")
    assert (await ask())[:2] == (202, first), "the answer of then, not of now"

    other = await api.send("+15551230001", "Another", idempotency_key="order 4711")
    assert (other.status, other.code) == (409, "idempotency_mismatch")
    refused = [await api.send("12", "Once", idempotency_key="bad") for _ in range(2)]
    assert refused[0].status == refused[1].status == 422

    await node.restart()
    assert await ask() == (202, first, True)
    assert far_end.copies() == {("+15551230001", 1): 1}
    assert len(await api.messages()) == 1
