"""All that was in memory can be thrown away: the next run builds it from the database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.api import Api
from tests.support.databases import leases_run_out
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

COUNT = 40


@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_a_restart_finds_everything_again(
    ending: str, engine_url: str, start_node: StartNode, far_end: FarEnd, receiver: Receiver
) -> None:
    """Promise 10: queued, scheduled and sent messages, keys, carriers, endpoints, deliveries still to be made."""
    await far_end.smsc.stop(0)
    node = await start_node([far_end.table("acme", window=3)], database_url=engine_url, lane_capacity=20)
    api, product = node.api, node.product
    await node.hook(receiver)
    made = await api.ask("POST", "/v1/keys", {"name": "kept", "mode": "live"})
    extra = {"name": "extra", "type": "smpp", "settings": far_end.settings(window=2)}
    await api.ask("POST", "/v1/carriers", extra)
    await api.ask("POST", "/v1/routes", {"name": "pinned", "carriers": ["extra"]})
    await receiver.refuse()
    queued = [await api.accepted(f"+1555200{n:04}", "x" * (20 + n * 5)) for n in range(COUNT)]
    pinned = [await api.accepted(f"+1555210{n:04}", route="pinned") for n in range(3)]
    at = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    scheduled = [await api.accepted(f"+1555220{n:04}", scheduled_at=at) for n in range(3)]
    canceled = await api.accepted("+15552309999", scheduled_at=at)
    await api.ask("POST", f"/v1/messages/{canceled}/cancel")
    await asyncio.to_thread(getattr(product, ending))
    if ending == "kill":
        await leases_run_out(engine_url)

    await far_end.smsc.restart()
    await receiver.listen()
    await node.start()
    everything = [*queued, *pinned, *scheduled, canceled]
    ended = await api.ended(everything, timeout=40)
    statuses = {id_: message["status"] for id_, message in ended.items()}
    assert statuses.pop(canceled) == "canceled"
    assert set(statuses.values()) == {"delivered"}
    assert {m["duplicates"] for m in ended.values()} == {0}, "nothing had been written to a carrier"
    assert set(far_end.copies().values()) == {1}
    in_order = [to for to in dict.fromkeys(far_end.recipients) if to.startswith("+1555200")]
    assert in_order == [f"+1555200{n:04}" for n in range(COUNT)], "in the order of their answers"
    events = {event["event_id"] for id_ in everything for event in await api.events(id_)}
    await wait_until_async(lambda: events <= {post.id for post in receiver.requests}, 40, "every event")
    async with Api(product.url, made["secret"]) as other:
        assert len(await other.messages()) == len(everything)
    await node.stop()
    await node.audit()
