"""The lean SMSC for benchmarks, and the SMSC in the foreground."""

import asyncio
import random
from typing import Any

import pytest

from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.core.clock import SystemClock
from onesixty.simulator.smsc import SmscOptions
from onesixty.simulator.smsc.fast import FastSmsc
from onesixty.simulator.smsc.run import make_smsc, serve_smsc
from tests.carriers.conformance import LONG, Host, submit, until


class Rig:
    """The shape that `submit` wants."""

    def __init__(self, carrier: SmppCarrier, host: Host) -> None:
        self.carrier = carrier
        self.host = host


class Seen:
    """Whom the SMSC told of."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.receipts: list[bytes] = []

    def taken(self, recipient: bytes) -> None:
        self.messages.append(recipient)

    def reported(self, recipient: bytes) -> None:
        self.receipts.append(recipient)


@pytest.mark.parametrize("bind", ["transceiver", "transmitter"])
async def test_it_answers_and_reports_as_the_other_does(bind: Any) -> None:
    options = SmscOptions(port=0, receipt_delay_ms=10, window=3, fast=True)
    smsc = make_smsc(options, clock=SystemClock(), random=random.Random(1))
    assert isinstance(smsc, FastSmsc)
    smsc.watch = seen = Seen()
    await smsc.start()
    settings = SmppSettings(
        host="127.0.0.1", port=smsc.port, system_id="me", bind=bind, window=100, enquire_link_s=0.05
    )
    carrier = SmppCarrier("car_1", settings, clock=SystemClock(), random=random.Random(1))
    host = Host()
    await carrier.start(host)
    await until(lambda: carrier.capacity() == 100, "the bind")
    for number in range(10):
        submit(Rig(carrier, host), LONG, number=number, sender="40404")  # type: ignore[arg-type]
    await until(lambda: len(host.outcomes) == 70, "answers")
    if bind == "transceiver":
        await until(lambda: len(host.receipts) == 70, "receipts, three at a time")
        ids = {outcome.carrier_message_id for _, _, outcome in host.outcomes}
        assert {receipt.carrier_message_id for receipt in host.receipts} == ids
        assert {receipt.recipient for receipt in host.receipts} == {
            f"+{15550000000 + number}" for number in range(10)
        }
        assert {(receipt.state, receipt.sender) for receipt in host.receipts} == {(2, "40404")}
        await until(lambda: smsc.counters["acknowledged"] == 70, "acknowledgements")
    else:
        assert smsc.counters["receipts"] == 0
    assert smsc.counters["received"] == 70
    assert set(seen.messages) == {b"%d" % (15550000000 + number) for number in range(10)}
    assert sorted(seen.receipts) == (sorted(seen.messages) if bind == "transceiver" else [])
    await carrier.stop(1)
    assert carrier.state().in_flight == 0
    await smsc.stop()


async def test_garbage_ends_its_connection_and_no_other() -> None:
    smsc = FastSmsc(SmscOptions(port=0), clock=SystemClock(), random=random.Random(1))
    await smsc.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", smsc.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n")
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), 5)
    writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", smsc.port)
    enquire_link = bytes.fromhex("00000010 00000015 00000000 00000007")
    writer.write(enquire_link)
    answer = await asyncio.wait_for(reader.readexactly(16), 5)
    assert answer == bytes.fromhex("00000010 80000015 00000000 00000007")
    writer.close()
    await smsc.stop()


async def test_in_the_foreground_it_says_where_it_is_and_what_came() -> None:
    said: list[str] = []
    stop = asyncio.Event()
    running = asyncio.ensure_future(
        serve_smsc(SmscOptions(port=0), stop, said.append, clock=SystemClock(), random=random.Random(1))
    )
    await until(lambda: said, "the first line")
    assert said[0].startswith("SMSC on 127.0.0.1:")
    stop.set()
    await running
    assert said[1:] == ["nothing came"]


async def test_an_unknown_misbehaviour_is_refused_before_it_listens() -> None:
    with pytest.raises(ValueError, match="unknown misbehaviour 'x'"):
        await serve_smsc(
            SmscOptions(port=0, misbehave=("x",)),
            asyncio.Event(),
            print,
            clock=SystemClock(),
            random=random.Random(1),
        )
