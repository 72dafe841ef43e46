"""Jasmin 0.11.0, unchanged, as a customer of a running product and as a carrier of one. It is started once a run.

Not 0.11.1, which never hands a receipt on (jookies/jasmin, issue 1236).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple
from urllib.parse import parse_qs

import pytest

from tests.interop.shop import LONG, OFF, PATIENCE, SHORT, UNICODE, Customer, Shop
from tests.support.api import Api
from tests.support.far_end import FarEnd
from tests.support.jasmin import Jasmin, missing
from tests.support.process import Product
from tests.support.receiver import Answer, Receiver
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.deadline(150)

#: What Jasmin wants to hear of whom it calls; else it calls again.
ACKNOWLEDGED = Answer(200, body=b"ACK/Jasmin")
PASSWORD = "secret"


@pytest.fixture(scope="session")
def jasmin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jasmin]:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    with Jasmin(tmp_path_factory.mktemp("jasmin")) as running:
        yield running


class Bound(NamedTuple):
    """A Jasmin that is bound to the product, and where its own customer is told what happens."""

    jasmin: Jasmin
    customer: Customer
    receiver: Receiver

    async def send(self, to: str, text: str, coding: int = 0) -> str:
        """Have its user send a message; its receipts come to the receiver. Jasmin's id."""
        url = f"{self.receiver.url}/receipt"
        user = (self.customer.system_id, PASSWORD)
        return await asyncio.to_thread(self.jasmin.send, *user, "YourBrand", to, text, url, coding)

    async def wait_for_end(self, message_id: str, status: str) -> None:
        """Wait until Jasmin tells this of a message: a command_status's name first, then the word of a receipt."""

        def told() -> bool:
            calls = [parse_qs(call.body.decode()) for call in self.receiver.at_path("/receipt")]
            return any(one["id"] == [message_id] and one["message_status"] == [status] for one in calls)

        await wait_until_async(told, PATIENCE, f"the report of {message_id}")


@pytest.fixture
async def far_end() -> AsyncIterator[FarEnd]:
    """The SMSC behind Jasmin."""
    async with FarEnd() as running:
        yield running


@pytest.fixture
async def bound(jasmin: Jasmin, shop: Shop, receiver: Receiver) -> AsyncIterator[Bound]:
    """Jasmin's connector as a customer, and its user."""
    receiver.default = ACKNOWLEDGED
    customer = await asyncio.to_thread(shop.customer, "jasmin")
    name = customer.system_id

    def configure() -> None:
        login = {"system_id": name, "password": customer.password}
        jasmin.connector(name, port=shop.port, **login)
        jasmin.user(name, PASSWORD, connector=name, order=10)
        jasmin.incoming_to_url(name, f"{receiver.url}/incoming", order=10)
        jasmin.wait_bound(name, PATIENCE)

    await asyncio.to_thread(configure)
    yield Bound(jasmin, customer, receiver)
    await asyncio.to_thread(jasmin.stop_connector, name)
    await asyncio.to_thread(shop.wait_unbound, customer)


async def test_jasmin_as_a_customer(shop: Shop, bound: Bound) -> None:
    """Short, long and Unicode messages and their receipts; what handsets answer; throttled, and sent again."""
    customer = bound.customer
    texts = {next(customer.handsets): text for text in (SHORT, LONG, UNICODE)}
    sent = [await bound.send(number, text, 8 if text == UNICODE else 0) for number, text in texts.items()]
    off = await bound.send(OFF, "never shown")
    for message_id in sent:
        await bound.wait_for_end(message_id, "ESME_ROK")
        await bound.wait_for_end(message_id, "DELIVRD")
    await bound.wait_for_end(off, "EXPIRED")
    for number, text in texts.items():
        await asyncio.to_thread(shop.wait_for_texts, number, text)

    for number, text in texts.items():
        await asyncio.to_thread(shop.answer, number, customer.number, text)
    calls = await bound.receiver.wait_for(3, PATIENCE, "/incoming")
    for call in calls:
        one = {name: values[0] for name, values in parse_qs(call.body.decode("latin-1")).items()}
        octets = bytes.fromhex(one["binary"])
        number = f"+{one['from']}"
        assert one["to"] == customer.number[1:]
        if texts[number] == UNICODE:
            assert octets.decode("utf-16-be") == UNICODE
        else:
            assert len(octets) == len(texts[number]) + sum(map(texts[number].count, "€[]{}~^|\\"))

    # Of a long message Jasmin heeds the answer to its last part alone; what was throttled it sends again, but forgets
    # that receipts were asked for. So here are messages of one part, and the handset is looked at.
    path = f"/v1/smpp-credentials/{customer.id}"
    await asyncio.to_thread(shop.ask, "PATCH", path, {"profile": {"rate": 1}})
    number = next(customer.handsets)
    sent = [await bound.send(number, f"text {count}") for count in range(4)]

    async def arrived() -> bool:
        return len(await asyncio.to_thread(shop.handset, number)) == len(sent)

    await wait_until_async(arrived, PATIENCE, "all texts on the handset")
    assert sorted(await asyncio.to_thread(shop.handset, number)) == [f"text {count}" for count in range(4)]


async def test_jasmin_as_a_carrier(
    jasmin: Jasmin, far_end: FarEnd, new_product: Callable[..., Product]
) -> None:
    """Jasmin's SMPP server between the product and an SMSC: messages, receipts, throttling, inbound, unbind."""

    def configure() -> Product:
        jasmin.connector("far", port=far_end.port, system_id="jasmin", password=PASSWORD)
        jasmin.user("onesixty", PASSWORD, connector="far", order=20, throughput=4)
        jasmin.incoming_to_user("far", "onesixty", order=20)
        jasmin.wait_bound("far", PATIENCE)
        table = {
            "name": "jasmin", "type": "smpp", "host": "127.0.0.1", "port": jasmin.smpp_port,
            "system_id": "onesixty", "password": PASSWORD, "window": 20,
        }  # fmt: skip
        product = new_product(carriers=json.dumps([table]))
        return product.start()

    product = await asyncio.to_thread(configure)
    async with Api(product.url, product.admin_key) as api:
        texts = {f"+155512340{n:02}": text for n, text in enumerate((SHORT, LONG, UNICODE), 1)}
        sent = [await api.accepted(number, text, sender="YourBrand") for number, text in texts.items()]
        ended = await api.ended(sent, PATIENCE)
        assert {one["status"] for one in ended.values()} == {"delivered"}
        for number, text in texts.items():
            assert far_end.text_for(number) == text

        assert max(far_end.copies().values()) == 1
        histories = [(await api.ask("GET", f"/v1/messages/{one}/history"))["data"] for one in sent]
        assert "throttled" in {entry.get("outcome") for history in histories for entry in history}

        await api.ask("POST", "/v1/numbers", {"number": "+15550107777"})
        far_end.smsc.deliver("+15551234001", "15550107777", "tak, żółw 🐢".encode("utf-16-be"), data_coding=8)

        async def came() -> list[str]:
            return [one["text"] for one in (await api.ask("GET", "/v1/messages?direction=inbound"))["data"]]

        assert await wait_until_async(came, PATIENCE, "the incoming message") == ["tak, żółw 🐢"]
    await asyncio.to_thread(product.stop)
    await asyncio.to_thread(jasmin.stop_connector, "far")
