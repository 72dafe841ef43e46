"""A client follows the live feed, the node is started anew, and nothing is missing."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE

from tests.scenarios.conftest import StartNode
from tests.support.waiting import wait_until_async


async def test_a_live_feed_goes_on_where_it_was(start_node: StartNode) -> None:
    """`onesixty tail` shows every event once, also through a restart of the server."""
    node = await start_node()
    settings = {"ONESIXTY_URL": node.product.url, "ONESIXTY_KEY": node.api.key}
    tail = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "onesixty", "tail", "--json", "--types", "message.sent,message.delivered",
        stdout=PIPE, stderr=PIPE, env=os.environ | settings,
    )  # fmt: skip
    shown: list[dict[str, str]] = []

    async def read() -> None:
        assert tail.stdout is not None
        while line := await tail.stdout.readline():
            shown.append(json.loads(line))

    reading = asyncio.create_task(read())

    async def first_is_shown() -> bool:
        await node.api.send("+15551234567")  # it may be a moment until the feed is open
        return bool(shown)

    await wait_until_async(first_is_shown, 30, "the first event")
    await node.restart()
    sent = [(await node.api.send("+15551234567")).id for _ in range(5)]
    ended = await node.api.ended(sent)
    assert {message["status"] for message in ended.values()} == {"delivered"}

    def all_is_shown() -> bool:
        seen = {(event["data"]["id"], event["type"]) for event in shown}  # type: ignore[index]
        return seen >= {(id_, f"message.{status}") for id_ in sent for status in ("sent", "delivered")}

    await wait_until_async(all_is_shown, 30, "every event after the restart")
    assert len({event["id"] for event in shown}) == len(shown), "each once"
    tail.terminate()
    await tail.wait()
    await reading
    assert tail.stderr is not None
    assert await tail.stderr.read() == b""
