"""Kills between a handset's message and its acknowledgement, between a customer's parts and their message, between a
receipt and its answer: nothing is lost, nothing is there twice.

One node lives through a kill at each of these points, one after the other; the last life is left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable

import pytest

from onesixty import text
from onesixty.smpp.backoff import BackoffConfig
from tests.faults.plan import ELSEWHERE
from tests.faults.submitter import Submitter
from tests.support.api import Api
from tests.support.auditing import assert_audited
from tests.support.customer import Customer
from tests.support.far_end import FarEnd
from tests.support.process import Product
from tests.support.waiting import wait_until_async

OURS = "15550001111"
HANDSET = "15557654321"
#: As whom the carrier's link binds.
LINK = "test"
#: The exit status of a node that was killed, and of one whose store process was.
KILLED = (-9, 74)


@pytest.mark.deadline(180)
async def test_kills_lose_nothing_and_double_nothing(new_product: Callable[..., Product]) -> None:
    """Promises 1, 3 and 4."""
    async with FarEnd(receipt_delay_ms=10) as far_end:
        product = new_product(carriers=json.dumps([far_end.table("acme")]), processes=1, smpp_parts_seconds=6)
        await asyncio.to_thread(product.start)
        async with Api(product.url, product.admin_key) as api:
            credential = await api.ask("POST", "/v1/smpp-credentials", {"system_id": "shop"})
            quick = BackoffConfig(0.05, 0.2)
            customer = Customer(product.smpp_port, "shop", credential["password"], backoff=quick)
            async with customer:
                submitter = Submitter(customer)
                await asyncio.to_thread(product.stop)
                for life, point in enumerate(ELSEWHERE):
                    product.settings["faults"] = f"{point}:kill@1"
                    await asyncio.to_thread(product.start, wait_ready=False)
                    far_end.smsc.deliver(HANDSET, OURS, f"single {life}".encode(), system_id=LINK)
                    for number in (2, 1):
                        udh = text.concat_udh(life, 2, number)
                        far_end.smsc.deliver(
                            HANDSET, OURS, f"({life}/{number})".encode(), udh=udh, system_id=LINK
                        )
                    submitter.want(f"1555111{life:04}", b"whole")
                    submitter.want(f"1555222{life:04}", b"first, ", 1)
                    submitter.want(f"1555222{life:04}", b"second", 2)

                    async def died() -> bool:
                        if not product.running:
                            return True
                        if customer.bind.bound:
                            await submitter.submit_all()
                        return not product.running

                    await wait_until_async(died, 30, f"the kill at {point}")
                    assert product.returncode in KILLED
                product.settings["faults"] = ""
                await asyncio.to_thread(product.start)
                await wait_until_async(submitter.submit_all, 30, "every answer")
                await _check(api, far_end, customer, submitter, len(ELSEWHERE))
        await asyncio.to_thread(product.stop)
        await assert_audited(product)


async def _check(api: Api, far_end: FarEnd, customer: Customer, submitter: Submitter, lives: int) -> None:
    """What came out is what went in, once."""
    expected = {f"single {life}" for life in range(lives)} | {
        f"({life}/1)({life}/2)" for life in range(lives)
    }

    async def received() -> Counter[str]:
        return Counter(m["text"] for m in await api.messages() if m["direction"] == "inbound")

    async def all_came() -> bool:
        return set(await received()) >= expected

    with contextlib.suppress(AssertionError):
        await wait_until_async(all_came, 30)
    assert await received() == Counter(expected)

    async def all_told() -> bool:
        told = {receipt.id for receipt in customer.receipts}
        return told >= set(submitter.ids.values())

    await wait_until_async(all_told, 30, "a receipt for every id")
    sent = [m for m in await api.messages() if m["direction"] == "outbound"]
    assert {m["text"] for m in sent if m["to"].startswith("+1555222")} == {"first, second"}
    parts = Counter(m["to"] for m in sent if m["to"].startswith("+1555222"))
    assert set(parts.values()) == {1}, "parts of one message made two"
    assert {m["status"] for m in sent} == {"delivered"}
    assert {receipt.stat for receipt in customer.receipts} == {"DELIVRD"}
    assert far_end.text_for("+15552220000") == "first, second"
