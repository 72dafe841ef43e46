"""Delivery reports as carriers really send them: each message ends once, whatever comes."""

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until_async

COUNT = 30


@pytest.mark.parametrize("form", ["hex_receipts", "decimal_receipts", "zero_padded", "upper_case"])
async def test_receipts_late_doubled_early_and_in_hex_all_count_once(
    form: str, start_node: StartNode, receiver: Receiver
) -> None:
    """Promise 4: matched however written and whenever they come, applied once."""
    shares = {"receipts_early": 0.4, "receipts_late": 0.5, "receipts_late_ms": 900}
    async with FarEnd(misbehave=(form, "doubled_receipts", "overtaken_receipts"), **shares) as far_end:
        node = await start_node([far_end.table("acme")])
        await node.hook(receiver)
        ids = [
            await node.api.accepted(f"+1555940{n:04}", "x" * (200 if n % 5 == 0 else 20))
            for n in range(COUNT)
        ]
        ended = await node.api.ended(ids)
        assert {m["status"] for m in ended.values()} == {"delivered"}
        segments = sum(m["segments"] for m in ended.values())
        await wait_until_async(
            lambda: far_end.counters["acknowledged"] >= 3 * segments,
            what="two receipts and an ENROUTE for each",
        )
        await receiver.wait_for(2 * COUNT)
        for id_ in ids:
            assert [event["type"] for event in await node.api.events(id_)] == [
                "message.sent",
                "message.delivered",
            ]
        assert len({post.id for post in receiver.requests}) == 2 * COUNT
        await node.stop()
        await node.audit()


async def test_a_late_delivery_corrects_an_expired_one(start_node: StartNode) -> None:
    """DELIVRD after EXPIRED is told as a correction, and never taken back."""
    async with FarEnd(misbehave=("delivered_after_expired",), receipt_delay_ms=300) as odd:
        node = await start_node([odd.table("acme")])
        id_ = await node.api.accepted("+15559500001")
        message = await node.api.until(id_, "undelivered")
        assert message["error"]["code"] == "carrier_expired"
        message = await node.api.until(id_, "delivered")
        assert message["error"] is None
        assert [event["type"] for event in await node.api.events(id_)] == [
            "message.sent",
            "message.undelivered",
            "message.corrected",
        ]
        await node.stop()
        await node.audit()


async def test_one_segment_that_fails_makes_the_message_undelivered(start_node: StartNode) -> None:
    """Each segment has its own receipt, and one written rule makes the message's state."""
    async with FarEnd(misbehave=("first_segment_fails",)) as odd:
        node = await start_node([odd.table("acme")])
        id_ = await node.api.accepted("+15559600001", "x" * 400)
        message = await node.api.until(id_, "undelivered")
        assert message["error"]["code"] == "undeliverable"
        await node.stop()
        await node.audit()
