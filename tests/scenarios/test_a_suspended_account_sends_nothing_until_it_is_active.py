"""A suspended account sends nothing, nor does any account below it; a closed one also lets nobody in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.api import Api
from tests.support.customer import Customer
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async

PRICE = {"price_per_segment": "0.02"}


def _live(made: Any) -> str:
    return next(key["secret"] for key in made["keys"] if key["mode"] == "live")


@pytest.mark.deadline(120)
async def test_a_suspended_account_sends_nothing_until_it_is_active(
    engine_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    """What was accepted waits, over a restart too; receipts are taken; a customer's binds stay until it is closed."""
    node = await start_node([far_end.table("acme")], {"default": ["acme"]}, database_url=engine_url)
    await node.bound("acme")
    parent = await node.api.ask("POST", "/v1/accounts", {"name": "Parent", **PRICE})
    async with Api(node.product.url, _live(parent)) as above:
        child = await above.ask("POST", "/v1/subaccounts", {"name": "Child", **PRICE})
        inside = {"Onesixty-Account": child["id"]}
        made = await above.call("POST", "/v1/smpp-credentials", {"system_id": "child"}, headers=inside)
        async with Api(node.product.url, _live(child)) as below:
            customer = Customer(node.product.smpp_port, "child", made.json["password"])
            async with customer:
                # Accepted before and scheduled: neither may go while the parent is suspended.
                await node.api.ask("POST", "/v1/carriers/acme/pause", {})
                waiting = await below.accepted("+15550100001")
                path = f"/v1/accounts/{parent['id']}"
                await node.api.ask("PATCH", path, {"state": "suspended", "state_reason": "unpaid"})
                await node.api.ask("POST", "/v1/carriers/acme/resume", {})
                assert (await below.send("+15550100002")).code == "account_suspended"
                other = await node.api.accepted("+15550100003")
                await node.api.ended([other], timeout=20)
                assert (await below.ask("GET", f"/v1/messages/{waiting}"))["status"] == "queued"
                assert customer.bind.bound, "receipts and incoming messages still reach it"

            await node.restart()
            await node.bound("acme")
            other = await node.api.accepted("+15550100004")
            await node.api.ended([other], timeout=20)
            assert (await below.ask("GET", f"/v1/messages/{waiting}"))["status"] == "queued"
            await node.api.ask("PATCH", path, {"state": "active"})
            await below.until(waiting, "delivered")

            async with Customer(node.product.smpp_port, "child", made.json["password"]) as customer:
                await above.ask("PATCH", f"/v1/subaccounts/{child['id']}", {"state": "closed"})
                await wait_until_async(lambda: not customer.bind.bound, 10, "the end of the bind")
            assert (await below.call("GET", "/v1/account")).code == "account_closed"
            assert (await above.call("GET", "/v1/messages", headers=inside)).status == 200
    await node.stop()
    await node.audit()
