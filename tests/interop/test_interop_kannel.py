"""Kannel's bearerbox, unchanged, as a customer of a running product; and as the benchmark runs it."""

import asyncio
import os
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs

import pytest

from benchmarks.kannel.gateway import Kannel, KannelError
from tests.interop.shop import LONG, OFF, PATIENCE, SHORT, UNICODE, Customer, Shop
from tests.support.peers import require_program
from tests.support.receiver import Receiver
from tests.support.waiting import free_port, wait_until_async

#: Segments a second that the customer may send: fewer than Kannel has at once.
RATE = 2
#: What Kannel's reports call an end: bits of its dlr-mask, and 32 for what the receipt said further.
DELIVERED, EXPIRED = 1, 2 | 32


@pytest.mark.parametrize("spool", [False, True], ids=["memory", "spool"])
def test_kannel_takes_messages_and_ends(tmp_path: Path, spool: bool) -> None:
    require_program("bearerbox", "kannel")
    with Kannel(tmp_path, smsc_port=free_port(), binds=2, spool=spool) as kannel:
        path = kannel.send_path("YourBrand", "+15551234567", "Hello € you", "http://127.0.0.1:1/?status=%d")
        with urllib.request.urlopen(kannel.url + path, timeout=10) as answer:
            assert answer.status == 202  # kept for later, since no SMSC is there
        with pytest.raises(KannelError, match="2 binds to the SMSC"):
            kannel.wait_bound(timeout=0.1)
        pids = list(kannel.pids.values())
        assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


class Bound(NamedTuple):
    """A Kannel that is bound to the product, and where its own customer is told what happens."""

    kannel: Kannel
    customer: Customer
    receiver: Receiver

    async def send(self, to: str, text: str, *, unicode: bool = False) -> None:
        """Have it send a message; its receipts come to the receiver."""
        url = f"{self.receiver.url}/receipt?status=%d&to={to[1:]}&id=%F"
        path = self.kannel.send_path("YourBrand", to, text, url, unicode=unicode)

        def ask() -> int:
            with urllib.request.urlopen(self.kannel.url + path, timeout=PATIENCE) as answer:
                return int(answer.status)

        assert await asyncio.to_thread(ask) == 202

    def said(self, path: str) -> list[dict[str, str]]:
        """The queries of the calls to one path of the receiver."""
        return [
            {name: values[0] for name, values in parse_qs(call.query, encoding="latin-1").items()}
            for call in self.receiver.at_path(path)
        ]

    async def wait_for_end(self, to: str, status: int) -> None:
        """Wait until Kannel reports the message to a number with this status (DELIVERED, EXPIRED)."""
        await wait_until_async(
            lambda: any(
                int(one["status"]) == status and one["to"] == to[1:] for one in self.said("/receipt")
            ),
            PATIENCE,
            f"the report of {to}",
        )


@pytest.fixture
async def bound(shop: Shop, receiver: Receiver, tmp_path: Path) -> AsyncIterator[Bound]:
    """Kannel between its own customer and the product, as a transceiver that may send `RATE` segments a second."""
    require_program("bearerbox", "kannel")
    customer = await asyncio.to_thread(shop.customer, "kannel", rate=RATE)
    kannel = Kannel(
        tmp_path,
        smsc_port=shop.port,
        system_id=customer.system_id,
        smsc_password=customer.password,
        window=50,
        resend_s=1,
        incoming_url=f"{receiver.url}/incoming?from=%p&to=%P&coding=%c&charset=%C&text=%b",
    )
    try:
        await asyncio.to_thread(kannel.start)
        await asyncio.to_thread(kannel.wait_bound, PATIENCE)
        yield Bound(kannel, customer, receiver)
    finally:
        await asyncio.to_thread(kannel.stop)
    await asyncio.to_thread(shop.wait_unbound, customer)  # bearerbox unbinds when it ends


async def test_kannel_as_a_customer(shop: Shop, bound: Bound) -> None:
    """Short, long and Unicode messages and their receipts, throttled on the way; and what handsets answer."""
    customer = bound.customer
    short, long, unicode = (next(customer.handsets) for _ in range(3))
    await bound.send(short, SHORT)
    await bound.send(long, LONG)
    await bound.send(unicode, UNICODE, unicode=True)
    await bound.send(OFF, "never shown")
    for number, text in ((short, SHORT), (long, LONG), (unicode, UNICODE)):
        await bound.wait_for_end(number, DELIVERED)
        await asyncio.to_thread(shop.wait_for_texts, number, text)
    await bound.wait_for_end(OFF, EXPIRED)
    assert await asyncio.to_thread(metric, shop, 'status="ESME_RTHROTTLED"') > 0

    answers = {short: "yes, 5 €", long: LONG, unicode: UNICODE}
    for number, text in answers.items():
        await asyncio.to_thread(shop.answer, number, customer.number, text)
    await wait_until_async(lambda: len(bound.said("/incoming")) == 3, PATIENCE, "all three answers")
    for one in bound.said("/incoming"):
        said = one["text"].encode("latin-1").decode(one["charset"])
        assert said == answers["+" + one["from"].strip(" +")]
        assert one["to"].strip(" +") == customer.number[1:]


def metric(shop: Shop, label: str) -> float:
    """The sum of the SMPP door's answers with a label."""
    with urllib.request.urlopen(f"{shop.product.url}/metrics", timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if "smpp_requests" in line and label in line)
