"""A call of a provider with thousands of reports is on disk before it is answered, and does not hold up the loop."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from onesixty.carriers.http.carrier import HttpCarrier
from onesixty.carriers.http.settings import Answers, HttpSettings, Receipts
from onesixty.core.errors import Problem
from onesixty.network.callbacks import CarrierCallbacks
from onesixty.store.units import Unavailable
from tests.carriers.http.rig import call
from tests.support.message_path import Node
from tests.support.path_fixtures import new_node
from tests.support.stretches import measured

__all__ = ["new_node"]

NewNode = Callable[..., Awaitable[Node]]
MANY = 4000


async def carrier_of(node: Node) -> HttpCarrier:
    settings = HttpSettings(
        url="http://127.0.0.1:9/send",
        fields={"to": "{to}"},
        callback_token="tok",
        receipts=Receipts(id="id", state="status"),
        answer=Answers(id="id"),
    )
    carrier = HttpCarrier(
        "car_a", settings, clock=node.clock, random=Random(1), public_url="http://x.example"
    )
    await carrier.start(CarrierCallbacks("car_a", node.dispatcher, node.path.receipts, node.path.inbound))
    return carrier


async def test_thousands_of_reports_in_one_call(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url, window=1000)
    node.carrier.script = node.carrier.accept
    message = await node.send()
    await node.until_status(message, "sent")
    carrier = await carrier_of(node)
    reports = [{"id": f"unknown-{number}", "status": "DELIVRD"} for number in range(MANY)]
    reports[MANY // 2] = {"id": "car_a-1", "status": "DELIVRD"}
    with measured() as found:
        answer = await carrier.called(call(reports))
    assert answer.status == 200
    assert found.milliseconds < 20, found.what
    rows = await node.store.fetch(
        "receipts_unmatched", carrier_id="car_a", match_ids=[f"unknown-{number}" for number in range(MANY)]
    )
    assert len(rows) == MANY - 1, "all are on disk when it is answered"
    assert (await node.get(message)).status == "delivered"
    await carrier.stop(1)


async def test_what_could_not_be_stored_is_asked_for_again(new_node: NewNode) -> None:
    """Of a call of which a part could be stored nothing is lost and nothing counts twice."""
    node = await new_node(window=1000)
    carrier = await carrier_of(node)
    reports = [{"id": f"unknown-{number}", "status": "DELIVRD"} for number in range(300)]
    taken = 0

    def refuse(_: object) -> Unavailable | None:
        nonlocal taken
        taken += 1
        return Unavailable("full") if taken > 150 else None

    node.store.refuse = refuse
    with pytest.raises(Problem) as refused:
        await carrier.called(call(reports))
    assert (refused.value.code, refused.value.retry_after) == ("unavailable", 5)
    assert taken <= 200, "nothing more is tried once a slice could not be stored"
    node.store.refuse = lambda unit: None
    assert (await carrier.called(call(reports))).status == 200
    await asyncio.wait_for(carrier.stop(1), 5)
