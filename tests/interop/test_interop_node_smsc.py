"""Our connector, and a running product, against a foreign SMSC: the server of node's `smpp` package."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.core.clock import SystemClock
from onesixty.core.contracts import Refusal, Submission
from tests.carriers.conformance import Host, message, until
from tests.support.api import Api
from tests.support.peers import require_node_smpp
from tests.support.process import Product
from tests.support.waiting import wait_until_async

GSM = "Price: 5 € [net] {x} ~ ^ | \\ and @£$ÄÖÜß, " * 8
UNICODE = "Zażółć gęślą jaźń 👩‍👩‍👧 漢字 " * 9


class NodeSmsc:
    """The process, its events so far, and its commands."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.events: list[dict[str, Any]] = []
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.events.append(json.loads(line))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [one for one in self.events if one["event"] == event]

    async def tell(self, command: str) -> None:
        assert self._process.stdin is not None
        before = len(self.of("told"))
        self._process.stdin.write(f"{command}\n".encode())
        await self._process.stdin.drain()
        await until(lambda: len(self.of("told")) > before, command)

    async def end(self) -> None:
        self._process.kill()
        await self._process.wait()
        await self._reader


@pytest.fixture
async def node() -> AsyncIterator[NodeSmsc]:
    program, directory = require_node_smpp()
    process = await asyncio.create_subprocess_exec(
        program,
        str(directory / "smsc.js"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    smsc = NodeSmsc(process)
    try:
        await until(lambda: smsc.of("listening"), "the foreign SMSC")
        yield smsc
    finally:
        await smsc.end()


@pytest.fixture
async def carrier(node: NodeSmsc) -> AsyncIterator[tuple[SmppCarrier, Host]]:
    settings = SmppSettings(
        host="127.0.0.1",
        port=node.of("listening")[0]["port"],
        system_id="onesixty",
        password="a-long-password",
        window=5,
        enquire_link_s=0.1,
        reconnect_min_s=0.05,
    )
    made = SmppCarrier("car_node", settings, clock=SystemClock(), random=random.Random(1))
    host = Host()
    await made.start(host)
    await until(lambda: made.capacity() == 5, "the bind")
    yield made, host
    await made.stop(1)


def send(carrier: SmppCarrier, text: str, sender: str = "Acme", number: int = 1) -> Submission:
    one = message(text, sender=sender, number=number)
    rendered = carrier.render(one, one.sender, 200)
    assert not isinstance(rendered, Refusal)
    submission = Submission(one, rendered, list(range(rendered.units)), 1, 200, 60_000, 0)
    carrier.submit(submission)
    return submission


@pytest.mark.parametrize(("text", "data_coding"), [(GSM, 0), (UNICODE, 8)], ids=["gsm", "unicode"])
async def test_long_messages_arrive_whole(
    node: NodeSmsc, carrier: tuple[SmppCarrier, Host], text: str, data_coding: int
) -> None:
    """Long and Unicode texts, cut by us, read and joined by a foreign decoder."""
    link, host = carrier
    parts = len(send(link, text).pending)
    assert parts > 2
    await until(lambda: len(host.receipts) == parts, "a receipt for each segment")
    submits = sorted(node.of("submit"), key=lambda one: one["udh"][0])
    assert [one["udh"][0][-4:] for one in submits] == [f"{parts:02x}{n:02x}" for n in range(1, parts + 1)]
    assert "".join(one["text"] for one in submits) == text
    assert {one["data_coding"] for one in submits} == {data_coding}
    assert {one["registered_delivery"] for one in submits} == {1}
    assert submits[0]["source"] == [5, 0, "Acme"]
    assert submits[0]["destination"] == [1, 1, "15550000001"]
    ids = {outcome.carrier_message_id for _, _, outcome in host.outcomes}
    assert {receipt.carrier_message_id for receipt in host.receipts} == ids
    await until(lambda: len(node.of("acknowledged")) == parts, "the acknowledgements")
    assert not node.of("error")


async def test_throttled_unbound_and_back(node: NodeSmsc, carrier: tuple[SmppCarrier, Host]) -> None:
    """The foreign SMSC throttles, then unbinds; the link comes back and goes on."""
    link, host = carrier
    await node.tell("throttle 2")
    for number in range(2):
        send(link, "throttled", number=number)
    await until(lambda: len(host.outcomes) == 2, "the outcomes")
    assert host.kinds == {"throttled": 2}
    await node.tell("unbind")
    await until(lambda: len(node.of("bind")) == 2, "the next bind")
    await until(lambda: link.capacity() == 5, "room again")
    send(link, "after all")
    await until(lambda: host.receipts, "the receipt")
    assert host.kinds == {"throttled": 2, "accepted": 1}


async def test_a_message_from_a_handset(node: NodeSmsc, carrier: tuple[SmppCarrier, Host]) -> None:
    _, host = carrier
    await node.tell("incoming")
    await until(lambda: host.inbounds, "the message")
    await until(lambda: node.of("acknowledged"), "its acknowledgement")
    inbound = host.inbounds[0]
    assert inbound.payload.decode("utf-16-be") == "żółw 🐢"
    assert (inbound.sender, inbound.recipient, inbound.data_coding) == ("+15550009999", "40404", 8)


async def test_stopping_unbinds(node: NodeSmsc, carrier: tuple[SmppCarrier, Host]) -> None:
    link, _ = carrier
    await link.stop(2)
    await until(lambda: node.of("unbind"), "the unbind")
    assert not node.of("error")


async def test_a_running_product_over_it(node: NodeSmsc, new_product: Callable[..., Product]) -> None:
    """From the API to the foreign SMSC and back: delivered by its receipts, throttled first; an incoming message."""
    table = {
        "name": "node", "type": "smpp", "host": "127.0.0.1", "port": node.of("listening")[0]["port"],
        "system_id": "onesixty", "password": "a-long-password", "window": 5,
    }  # fmt: skip
    product = new_product(carriers=json.dumps([table]))
    await asyncio.to_thread(product.start)
    async with Api(product.url, product.admin_key) as api:
        await api.ask("POST", "/v1/numbers", {"number": "40404"})
        await node.tell("throttle 2")
        sent = [await api.accepted("+15551234567", text, sender="Acme") for text in (GSM, UNICODE)]
        ended = await api.ended(sent)
        assert {one["status"] for one in ended.values()} == {"delivered"}
        texts = ["".join(one["text"] for one in node.of("submit") if one["data_coding"] == n) for n in (0, 8)]
        assert sorted(map(len, texts)) == sorted(map(len, (GSM, UNICODE)))  # throttled parts came later
        await node.tell("incoming")

        async def came() -> list[str]:
            found = await api.ask("GET", "/v1/messages?direction=inbound")
            return [one["text"] for one in found["data"]]

        assert await wait_until_async(came, 20, "the incoming message") == ["żółw 🐢"]
    await asyncio.to_thread(product.stop)
    await until(lambda: node.of("unbind"), "the unbind")
    assert not node.of("error")
