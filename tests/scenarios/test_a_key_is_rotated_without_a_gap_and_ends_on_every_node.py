"""A key gets new secrets under traffic without a refusal, and ends at its time on both nodes of a database."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.scenarios.conftest import StartNode
from tests.support.api import Api
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async


async def test_a_key_is_rotated_without_a_gap_and_ends_on_every_node(
    postgres_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    first = await start_node([far_end.table("acme")], database_url=postgres_url)
    second = await start_node([far_end.table("acme")], database_url=postgres_url)
    made = await first.api.ask("POST", "/v1/keys", {"name": "shop", "mode": "live"})
    secrets, answers, stop = [made["secret"]], [], asyncio.Event()

    async def traffic(url: str) -> None:
        async with Api(url, secrets[0]) as api:
            while not stop.is_set():
                api.key = secrets[-1]
                answers.append((await api.send("+15551230001", f"Hello {len(answers)} {url}")).status)

    running = [asyncio.create_task(traffic(node.product.url)) for node in (first, second)]
    for _ in range(3):
        count = len(answers)
        rotated = await first.api.ask("POST", f"/v1/keys/{made['id']}/rotate", {"overlap_seconds": 60})
        secrets.append(rotated["secret"])
        await wait_until_async(lambda count=count: _true(len(answers) > count + 20), what="traffic")  # type: ignore[misc]
    stop.set()
    await asyncio.gather(*running)
    assert set(answers) == {202}

    ends = datetime.now(UTC) + timedelta(seconds=4)
    await first.api.ask("PATCH", f"/v1/keys/{made['id']}", {"expires_at": ends.isoformat()})
    for node in (first, second):
        async with Api(node.product.url, secrets[-1]) as api:

            async def ended(api: Api = api) -> str | None:
                reply = await api.call("GET", "/v1/account")
                return reply.code if reply.status != 200 else None

            assert await wait_until_async(ended, 15, "the end of the key") == "key_expired"


async def _true(value: bool) -> bool:
    return value
