"""An account with a limit, from outside: through a kill, and to the last unit."""

import asyncio

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.api import Api
from tests.support.databases import leases_run_out
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

PRICE = "0.05"


@pytest.mark.deadline(120)
async def test_an_account_spends_its_credit_and_no_more(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    """Prepaid, topped up, spent by many requests at once, killed with slices in memory, spent to the last unit."""
    node = await start_node([far_end.table("acme")], {"default": ["acme"]}, database_url=engine_url)
    await node.bound("acme")
    made = await node.api.ask(
        "POST",
        "/v1/accounts",
        {"name": "Prepaid", "price_per_segment": PRICE, "currency": "EUR", "credit_limit": "0"},
    )
    key = next(key["secret"] for key in made["keys"] if key["mode"] == "live")
    async with Api(node.product.url, key) as prepaid:
        refused = await prepaid.send("+15550100001")
        assert (refused.status, refused.code) == (402, "insufficient_credit")
        assert refused.json["account_id"] == made["id"]
        preview = await prepaid.ask(
            "POST", "/v1/sms/preview", {"from": "Shop", "to": "+15550100001", "text": "Hello"}
        )
        assert preview["refusal"]["code"] == "insufficient_credit"

        topped = await node.api.ask(
            "POST",
            "/v1/adjustments",
            {
                "account_id": made["id"],
                "amount": "1.02",
                "currency": "EUR",
                "reason": "test",
                "reference": "1",
            },
        )
        assert (await prepaid.ask("GET", "/v1/adjustments"))["data"] == [topped]
        assert (await prepaid.call("POST", "/v1/adjustments", {})).code == "forbidden"
        replies = await asyncio.gather(*(prepaid.send(f"+1555020{n:04}") for n in range(10)))
        assert {reply.status for reply in replies} == {202}

        # Killed with what it took ahead; the next start gives it back.
        await asyncio.to_thread(node.product.kill)
        await leases_run_out(engine_url)
        await node.start()

        async def spent() -> bool:
            replies = await asyncio.gather(*(prepaid.send(f"+1555030{n:04}") for n in range(4)))
            assert {reply.status for reply in replies} <= {202, 402}
            return len(await prepaid.messages()) == 20

        await wait_until_async(spent, 60, "the end of the credit")
        assert (await prepaid.send("+15550100001")).code == "insufficient_credit"
        everything = [message["id"] for message in await prepaid.messages()]
        assert len(everything) == 20
        await prepaid.ended(everything, timeout=40)
        balance = await prepaid.ask("GET", "/v1/balance")
        assert {name: balance[name] for name in ("balance", "held", "available", "credit_limit")} == {
            "balance": "0.02",
            "held": "0.00",
            "available": "0.02",
            "credit_limit": "0.00",
        }
        await node.api.ask("PATCH", f"/v1/accounts/{made['id']}", {"credit_limit": None})
        await prepaid.accepted("+15550100001")
    await node.stop()
    await node.audit()
