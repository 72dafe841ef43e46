"""Towards carriers nothing that can be understood is refused: a raw SMSC that keeps to no layout."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.channels.sms.rendering import Segments
from onesixty.core.clock import SystemClock
from onesixty.core.contracts import Submission
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from tests.carriers.conformance import Host, message, until
from tests.carriers.smpp_rig import QUICK

FIELDS: dict[str, Any] = {
    "source_addr_ton": 1,
    "source_addr": "15557654321",
    "dest_addr_ton": 1,
    "destination_addr": "15550001111",
}
RECEIPT = b"id:P1 sub:001 dlvrd:001 submit date:2302101454 done date:2302101454 stat:DELIVRD err:000 text:"
TAILS = [b"\0", b"\x04\x27\x00\x01", b"\x02\x0c\x00", b"\x04\x24\x00\x30abc"]


class RawSmsc:
    """Binds whoever comes; answers each submit_sm with `body`, whatever that is."""

    def __init__(self) -> None:
        self.body = b"P1\0"
        self.told: list[Pdu] = []
        self.writer: asyncio.StreamWriter

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        framer = Framer()
        while data := await reader.read(65536):
            for frame in framer.feed(data):
                pdu = codec.decode(frame)
                if pdu.command_id in c.BIND_COMMANDS:
                    self.write(pdu.command_id | c.RESPONSE_BIT, pdu.sequence, b"smsc\0\x02")
                elif pdu.command_id == c.SUBMIT_SM:
                    self.write(c.SUBMIT_SM_RESP, pdu.sequence, self.body)
                else:
                    self.told.append(pdu)
        writer.close()

    def write(self, command_id: int, sequence: int, body: bytes) -> None:
        head = (c.HEADER_LENGTH + len(body), command_id, 0, sequence)
        self.writer.write(b"".join(part.to_bytes(4, "big") for part in head) + body)

    def deliver(self, tail: bytes, front: bytes = b"", **fields: Any) -> None:
        body = codec.encode(Pdu(c.DELIVER_SM, fields=FIELDS | fields))[c.HEADER_LENGTH :]
        self.write(c.DELIVER_SM, 7, front + body + tail)


@pytest.fixture
async def far() -> AsyncIterator[tuple[RawSmsc, SmppCarrier, Host]]:
    smsc, host = RawSmsc(), Host()
    server = await asyncio.start_server(smsc.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = SmppSettings(host="127.0.0.1", port=port, system_id="test", **QUICK)
    carrier = SmppCarrier("car_smpp", settings, clock=SystemClock(), random=random.Random(1))
    await carrier.start(host)
    await until(lambda: carrier.capacity() == 10, "the bind")
    yield smsc, carrier, host
    await carrier.stop(0.1)
    server.close()
    await server.wait_closed()
    smsc.writer.transport.abort()
    with suppress(OSError):
        await smsc.writer.wait_closed()


@pytest.mark.parametrize(
    ("body", "id_"),
    [
        (b"N1", "N1"),
        (b"T1\0\0", "T1"),
        (b"C1\0\x04\x28\x00\x05\x00", "C1"),
        (b"L" * 65 + b"\0", "L" * 65),
        (b"X" * 400 + b"\0", "X" * 255),
    ],
)
async def test_the_id_that_stands_in_an_answer_is_kept(
    far: tuple[RawSmsc, SmppCarrier, Host], body: bytes, id_: str
) -> None:
    smsc, carrier, host = far
    smsc.body = body
    one = message("hello", number=1)
    rendered = carrier.render(one, one.sender, 7)
    assert isinstance(rendered, Segments)
    carrier.submit(Submission(one, rendered, [0], 1, 7, 60_000, one.created_at))
    await until(lambda: len(host.outcomes) == 1, "the answer")
    assert host.outcomes[0][2].carrier_message_id == id_
    assert carrier.state().tolerated == 2  # the answer to the bind, too


async def test_what_is_whole_but_for_its_end_is_stored_and_noted(
    far: tuple[RawSmsc, SmppCarrier, Host],
) -> None:
    smsc, carrier, host = far
    for tail in TAILS:
        smsc.deliver(tail, short_message=b"hello")
        smsc.deliver(tail, short_message=RECEIPT, esm_class=4)
    smsc.deliver(b"", b"SYSTEM", short_message=b"hello")
    await until(lambda: len(smsc.told) == 9, "all answers")
    assert {pdu.command_status for pdu in smsc.told} == {c.ESME_ROK}
    assert [one.payload for one in host.inbounds] == [b"hello"] * 5
    assert all(one.noted for one in host.inbounds)
    assert [one.carrier_message_id for one in host.receipts] == ["P1"] * 4
    assert all("tolerated:" in one.raw for one in host.receipts)
    assert carrier.state().tolerated == 10


async def test_what_the_handset_asked_for_comes_with_its_message(
    far: tuple[RawSmsc, SmppCarrier, Host],
) -> None:
    """Message class, protocol_id, reply path, and ports that TLVs name."""
    smsc, _, host = far
    ports = b"\x02\x0b\x00\x02\x0b\x84\x02\x0a\x00\x02\x00\x05"
    smsc.deliver(ports, short_message=b"hi", data_coding=0xF2, protocol_id=0x41, esm_class=0x80)
    await until(lambda: len(host.inbounds) == 1, "the message")
    (one,) = host.inbounds
    assert (one.data_coding, one.protocol_id, one.reply_path) == (0xF2, 0x41, True)
    assert one.udh.hex() == "0605040b840005"


async def test_what_names_no_number_and_has_no_text_is_refused(
    far: tuple[RawSmsc, SmppCarrier, Host],
) -> None:
    smsc, _, host = far
    smsc.write(c.DELIVER_SM, 9, b"\x12\x34")
    await until(lambda: bool(smsc.told), "the answer")
    assert (smsc.told[0].command_id, smsc.told[0].command_status) == (c.DELIVER_SM_RESP, c.ESME_RINVCMDLEN)
    assert host.inbounds == []
