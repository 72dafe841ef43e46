"""The SMPP generator and the fast carrier, each other's peer, and the carrier against odd customers."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import pytest

from onesixty.load.bounds import Bounds, LoadError
from onesixty.load.carrier import FastCarrier
from onesixty.load.smpp import SmppLoad, SmppTarget
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import parse_receipt
from tests.support.waiting import free_port, wait_until_async


@pytest.fixture
async def carrier() -> AsyncIterator[tuple[FastCarrier, int]]:
    carrier = FastCarrier(receipt_delay=0.002, receipt_window=5)
    port = await carrier.start("127.0.0.1", 0)
    yield carrier, port
    await carrier.close()


def load(port: int, bounds: Bounds, **options: object) -> SmppLoad:
    target = SmppTarget(host="127.0.0.1", port=port, system_id="load", password="x", binds=2, window=5)
    settings: dict[str, object] = {"sender": "YourBrand", "text": "Hello", "random": random.random, **options}
    return SmppLoad(target, bounds, **settings)  # type: ignore[arg-type]


async def test_every_message_is_answered_and_reported(carrier: tuple[FastCarrier, int]) -> None:
    smsc, port = carrier
    report = await load(port, Bounds(200, 10)).run()
    assert (report.sent, report.accepted, report.receipts) == (200, 200, 200)
    assert (report.answers, report.errors) == ({"ESME_ROK": 200}, {})
    assert smsc.counts.submitted == len(smsc.counts.recipients) == 200
    assert smsc.counts.receipts_taken == smsc.counts.receipts_sent == 200
    await wait_until_async(lambda: smsc.counts.binds == 0, what="no bind left")


async def test_without_receipts_nothing_is_waited_for(carrier: tuple[FastCarrier, int]) -> None:
    smsc, port = carrier
    report = await load(port, Bounds(50, 10), receipts=False).run()
    assert (report.accepted, report.receipts, smsc.counts.receipts_sent) == (50, 0, 0)


async def test_a_rate_is_kept(carrier: tuple[FastCarrier, int]) -> None:
    report = await load(carrier[1], Bounds(40, 10, 200)).run()
    assert report.accepted == 40
    assert report.ended - report.started >= 39 / 200


async def test_time_is_a_bound_too(carrier: tuple[FastCarrier, int]) -> None:
    report = await load(carrier[1], Bounds(1_000_000, 0.2)).run()
    assert 0 < report.accepted == report.sent < 1_000_000


async def test_a_target_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onesixty.load.smpp._BIND_SECONDS", 0.2)
    with pytest.raises(LoadError, match="cannot bind"):
        await load(free_port(), Bounds(1, 1)).run()


@pytest.mark.parametrize(
    ("options", "says"),
    [({"text": "x" * 161}, "one segment"), ({"sender": "Much too long a sender"}, "not a sender")],
)
async def test_what_does_not_fit_a_submit_sm(options: dict[str, object], says: str) -> None:
    with pytest.raises(LoadError, match=says):
        load(2775, Bounds(), **options)


class Customer:
    """A customer by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.framer = Framer()
        self.frames: list[bytes] = []

    async def next(self) -> Pdu:
        while not self.frames:
            data = await asyncio.wait_for(self.reader.read(65536), 5)
            assert data, "the carrier hung up"
            self.frames += self.framer.feed(data)
        return codec.decode(self.frames.pop(0))

    async def ask(self, data: bytes) -> Pdu:
        self.writer.write(data)
        return await self.next()


async def test_the_carrier_answers_what_it_does_not_know_and_lives_on(
    carrier: tuple[FastCarrier, int],
) -> None:
    _, port = carrier
    customer = Customer(*await asyncio.open_connection("127.0.0.1", port))
    bound = await customer.ask(codec.encode(Pdu(c.BIND_TRANSCEIVER, 0, 1, {"system_id": "a"})))
    assert (bound.command_id, bound.command_status) == (c.BIND_TRANSCEIVER_RESP, c.ESME_ROK)
    answer = await customer.ask(b"\0\0\0\x10\0\0\0\x77\0\0\0\0\0\0\0\x02")
    assert (answer.command_id, answer.command_status, answer.sequence) == (
        c.GENERIC_NACK,
        c.ESME_RINVCMDID,
        2,
    )
    answer = await customer.ask(codec.encode(Pdu(c.QUERY_SM, 0, 3, {"message_id": "1"})))
    assert (answer.command_id, answer.command_status) == (c.GENERIC_NACK, c.ESME_RINVCMDID)
    answer = await customer.ask(b"\0\0\0\x12\0\0\0\x04\0\0\0\0\0\0\0\x04\x01\x02")
    assert (answer.command_id, answer.sequence) == (c.GENERIC_NACK, 4)
    answer = await customer.ask(codec.encode(Pdu(c.ENQUIRE_LINK, 0, 5)))
    assert answer.command_id == c.ENQUIRE_LINK_RESP
    answer = await customer.ask(codec.encode(Pdu(c.UNBIND, 0, 6)))
    assert answer.command_id == c.UNBIND_RESP
    customer.writer.close()
    await customer.writer.wait_closed()


async def test_receipts_stop_at_the_window_and_name_the_message(carrier: tuple[FastCarrier, int]) -> None:
    smsc, port = carrier
    customer = Customer(*await asyncio.open_connection("127.0.0.1", port))
    await customer.ask(codec.encode(Pdu(c.BIND_TRANSCEIVER, 0, 1, {"system_id": "a"})))
    fields = {"source_addr": "YourBrand", "destination_addr": "15550000001", "registered_delivery": 1}
    customer.writer.write(b"".join(codec.encode(Pdu(c.SUBMIT_SM, 0, 2 + n, dict(fields))) for n in range(8)))
    ids = [(await customer.next()).text("message_id") for _ in range(8)]
    assert len(set(ids)) == 8
    receipts = [await customer.next() for _ in range(5)]
    found = [parse_receipt(receipt) for receipt in receipts]
    assert [receipt.id for receipt in found if receipt] == ids[:5]
    assert all(receipt and receipt.state == c.STATE_DELIVERED for receipt in found)
    assert receipts[0].text("source_addr") == "15550000001"
    assert smsc.counts.receipts_sent == 5, "no more than the window"
    for receipt in receipts:
        customer.writer.write(codec.encode(Pdu(c.DELIVER_SM_RESP, 0, receipt.sequence, {"message_id": ""})))
    rest = [parse_receipt(await customer.next()) for _ in range(3)]
    assert [receipt.id for receipt in rest if receipt] == ids[5:]
    assert (smsc.counts.submitted, len(smsc.counts.recipients)) == (8, 1), "one recipient, eight messages"
    customer.writer.close()
    await customer.writer.wait_closed()


async def test_rubbish_ends_its_own_connection_only(carrier: tuple[FastCarrier, int]) -> None:
    _, port = carrier
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    report = await load(port, Bounds(10, 5)).run()
    assert report.accepted == 10
