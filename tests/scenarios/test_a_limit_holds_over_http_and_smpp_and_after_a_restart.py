"""A customer's limits count what comes over HTTP and over SMPP together, and go on after a restart and a kill."""

import asyncio
from typing import Any

from onesixty.smpp import constants as c
from tests.doors.smpp.esme import Esme, message
from tests.scenarios.conftest import StartNode
from tests.support.api import Api
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async
from tests.support.zones import by_day

DAY = 12


async def test_a_limit_holds_over_http_and_smpp_and_after_a_restart(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    node = await start_node([far_end.table("acme")], database_url=engine_url)
    made = await node.api.ask(
        "POST",
        "/v1/accounts",
        {
            "name": "customer",
            "price_per_segment": "0.01",
            "time_zone": by_day("Europe/Berlin", "America/Denver"),
            "limits": {"messages_per_day": DAY, "scheduled_messages": 1},
        },
    )
    await node.api.ask(
        "POST",
        "/v1/smpp-credentials",
        {
            "account_id": made["id"],
            "system_id": "acme",
            "password": "password",
            "profile": {"allowed_senders": ["Shop"]},
        },
    )
    secret = made["keys"][0]["secret"]

    async def over_smpp(number: int, **fields: Any) -> int:
        async with await Esme.connect(node.product.smpp_port) as esme:
            assert await esme.bind("acme", "password") == c.ESME_ROK
            sent = message(f"over SMPP {number}".encode(), f"1555123{number:04}")
            esme.put(c.SUBMIT_SM, (), **(sent | {"source_addr": "Shop", "source_addr_ton": 5} | fields))
            answer = await esme.next()
            assert answer is not None
            return answer.command_status

    async with Api(node.product.url, secret) as api:
        for number in range(4):
            assert (await api.send("+15551230001", f"over HTTP {number}")).status == 202
            assert await over_smpp(number) == c.ESME_ROK
        assert await over_smpp(50, source_addr="Other") == c.ESME_RINVSRCADR
        await node.restart()
        assert (await api.call("GET", "/v1/limits")).json["data"][0]["used"] == 8
        at = "2099-01-01T00:00:00Z"
        later = await api.send("+15551230002", "later", scheduled_at=at)
        assert later.code == "scheduled_too_far"
        for number in range(4, DAY - 4):
            assert (await api.send("+15551230001", f"over HTTP {number}")).status == 202
        refused = await api.send("+15551230001", "one too many")
        assert (refused.status, refused.code) == (429, "day_limit_reached")
        assert 0 < int(refused.headers["retry-after"]) <= 86_400
        assert refused.headers["ratelimit"].startswith('"day";r=0;t=')
        assert await over_smpp(99) == c.ESME_RTHROTTLED
        # a kill may lose what the node had taken ahead, and never gives more than the limit
        await asyncio.to_thread(node.product.kill)
        await node.start()
        assert (await api.send("+15551230001", "after the kill")).code == "day_limit_reached"

        async def traced() -> bool:
            listed = await node.api.ask("GET", f"/v1/refusals?account_id={made['id']}")
            return "limits" in {one["rule"] for one in listed["data"]}

        await wait_until_async(traced, what="the refusals in the trace")
    await node.api.ask("PATCH", f"/v1/accounts/{made['id']}", {"limits": {"messages_per_day": None}})
    async with Api(node.product.url, secret) as api:
        assert (await api.send("+15551230001", "without a limit")).status == 202
    assert await over_smpp(100) == c.ESME_ROK
