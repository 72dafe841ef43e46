"""Forty starts on one range of numbers at the same moment, over the running product and a real link: ten messages
leave it, and a restart in the middle gives the attacker no more."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

PROFILE = {"name": "login", "application": "Acme", "sender": "Acme", "guards": {"countries": ["US"]}}


async def test_an_attack_on_a_range_costs_ten_messages(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    await node.api.ask("POST", "/v1/verify-profiles", PROFILE)

    async def starts(first: int) -> Counter[str]:
        replies = await asyncio.gather(*(
            node.api.call(
                "POST",
                "/v1/verifications",
                {"to": f"+1555123{place * 97 % 10_000:04d}", "user_ip": f"198.51.100.{place}"},
            )
            for place in range(first, first + 40)
        ))  # fmt: skip
        assert {reply.status for reply in replies} == {201}
        return Counter(reply.json["status"] for reply in replies)

    found = await starts(1)
    assert 0 < found["pending"] <= 10
    assert set(found) == {"pending", "held"}
    await node.stop()
    await node.start()
    await node.bound("acme")
    again = await starts(101)
    sent = found["pending"] + again["pending"]
    assert sent <= 10
    await wait_until_async(lambda: len(set(far_end.recipients)) == sent, 20, "the messages")
    abroad = await node.api.ask("POST", "/v1/verifications", {"to": "+4915112345678"})
    assert (abroad["status"], abroad["guard"], abroad["public_reason"]) == ("blocked", "country", "try_later")
    listed = await node.api.ask("GET", "/v1/verify-blocks?standing=true")
    assert {one["subject"] for one in listed["data"]} >= {"+1555123"}
