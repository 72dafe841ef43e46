"""What we send, as a foreign dissector reads it: tshark finds nothing malformed."""

import asyncio
import random
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.core.clock import SystemClock
from onesixty.simulator.smsc import SimulatedSmsc, SmscOptions
from onesixty.simulator.smsc.fast import FastSmsc
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.fields import DestAddress
from onesixty.smpp.pdu import Pdu
from tests.carriers.conformance import LONG, Host, submit, until
from tests.doors.smpp.esme import Esme, message
from tests.interop.shop import PATIENCE, Shop
from tests.support.pcap import write_pcap
from tests.support.waiting import wait_until_async


class Relay:
    """Stands between client and server and keeps what passes."""

    def __init__(self, port: int) -> None:
        self.conversation: list[tuple[bool, bytes]] = []
        self._target = port
        self._server: asyncio.Server

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def has_seen(self, octets: bytes) -> bool:
        return any(octets in passed for _, passed in self.conversation)

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(
            self._pass_on(True, reader, far_writer), self._pass_on(False, far_reader, writer)
        )

    async def _pass_on(
        self, from_client: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while octets := await reader.read(65536):
            self.conversation.append((from_client, octets))
            writer.write(octets)
        writer.close()


class Rig:
    """The shape that `submit` wants."""

    def __init__(self, carrier: SmppCarrier, host: Host) -> None:
        self.carrier = carrier
        self.host = host


class Peer:
    """A bound ESME that acknowledges what it is given and keeps it, while it asks."""

    def __init__(self, esme: Esme) -> None:
        self.deliveries: list[Pdu] = []
        self._esme = esme
        self._answers: dict[int, Pdu] = {}
        self._reader = asyncio.ensure_future(self._read())

    async def ask(self, command_id: int, tlvs: tuple[tuple[int, bytes], ...] = (), **fields: Any) -> Pdu:
        """Send a request and wait for its answer."""
        sequence = self._esme.put(command_id, tlvs, **fields)
        await wait_until_async(lambda: sequence in self._answers, PATIENCE, "the answer")
        return self._answers.pop(sequence)

    async def submit(self, to: str, text: bytes, **fields: Any) -> Pdu:
        """submit_sm; the answer."""
        return await self.ask(c.SUBMIT_SM, **message(text, to.lstrip("+"), **fields))

    async def until(self, count: int) -> None:
        """Wait until so many were given."""
        await wait_until_async(lambda: len(self.deliveries) >= count, PATIENCE, f"{count} deliveries")

    async def stop(self) -> None:
        """Once the connection has ended."""
        await asyncio.wait_for(self._reader, PATIENCE)

    async def _read(self) -> None:
        while (pdu := await self._esme.next()) is not None:
            if pdu.is_response:
                self._answers[pdu.sequence] = pdu
            else:
                self._esme.answer(pdu)
                self.deliveries.append(pdu)


def dissect(path: Path) -> tuple[Counter[str], str]:
    """The commands that tshark reads in a capture, and everything it complains about."""
    program = shutil.which("tshark")
    if program is None:
        pytest.skip("tshark is not installed")
    base = [program, "-n", "-r", str(path), "-d", "tcp.port==2775,smpp"]
    fields = subprocess.run(
        [*base, "-T", "fields", "-e", "smpp.command_id", "-E", "occurrence=a"],
        capture_output=True, text=True, timeout=50, check=True,
    )  # fmt: skip
    commands = Counter(word for line in fields.stdout.split() for word in line.split(","))
    wrong = subprocess.run(
        [*base, "-V", "-Y", "_ws.malformed || (smpp && _ws.expert.severity >= 6291456)"],
        capture_output=True, text=True, timeout=50, check=True,
    )  # fmt: skip
    return commands, wrong.stdout


@pytest.mark.parametrize("kind", [SimulatedSmsc, FastSmsc], ids=["server", "fast"])
async def test_tshark_finds_nothing_malformed(tmp_path: Path, kind: type[SimulatedSmsc | FastSmsc]) -> None:
    """Short, long, Unicode and empty texts: bind, submit_sm, receipts, enquire_link, unbind, and all answers."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    smsc = kind(
        SmscOptions(port=0, latency_ms=1, latency_jitter_ms=0, receipt_delay_ms=5, receipt_jitter_ms=0),
        clock=SystemClock(),
        random=random.Random(1),
    )
    await smsc.start()
    relay = Relay(smsc.port)
    settings = SmppSettings(
        host="127.0.0.1", port=await relay.start(), system_id="onesixty", password="a-long-password",
        system_type="test", service_type="CMT", concatenation="udh16", enquire_link_s=0.05, window=50,
    )  # fmt: skip
    carrier = SmppCarrier("car_1", settings, clock=SystemClock(), random=random.Random(1))
    host = Host()
    rig = Rig(carrier, host)
    await carrier.start(host)
    await until(carrier.capacity, "the bind")
    segments = 0
    for text, sender in (
        ("hello", "Acme"),
        (LONG, "+4915112345678"),
        ("漢字 🐢 " * 30, "40404"),
        ("", "Acme"),
    ):
        segments += len(submit(rig, text, sender=sender).pending)  # type: ignore[arg-type]
    await until(lambda: len(host.receipts) == segments, "receipts")
    if isinstance(smsc, SimulatedSmsc):
        smsc.deliver("+15550009999", "40404", b"hi", udh=b"\5\0\3\7\2\1")
        await until(lambda: host.inbounds, "the message")
    await until(lambda: relay.has_seen(b"\x80\0\0\x15"), "an enquire_link and its answer")
    await carrier.stop(1)
    await smsc.stop()
    await relay.stop()

    path = tmp_path / "smpp.pcap"
    write_pcap(path, relay.conversation)
    commands, complaints = dissect(path)
    assert complaints == ""
    assert commands["0x00000004"] == commands["0x80000004"] == segments
    assert commands["0x00000005"] == commands["0x80000005"] >= segments
    for command in ("0x00000009", "0x80000009", "0x00000015", "0x80000015", "0x00000006", "0x80000006"):
        assert commands[command] > 0, command


async def test_tshark_finds_nothing_malformed_at_the_customers_door(shop: Shop, tmp_path: Path) -> None:
    """Every command a customer may send, its answers and refusals; receipts and incoming messages both ways."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    customer = await asyncio.to_thread(shop.customer, "tshark", max_binds=20)
    relay = Relay(shop.port)
    port = await relay.start()
    later = "000001000000000R"
    handsets = [next(customer.handsets) for _ in range(4)]

    def changed(**profile: object) -> None:
        shop.ask("PATCH", f"/v1/smpp-credentials/{customer.id}", {"profile": profile})

    async with await Esme.connect(port) as esme:
        assert await esme.bind(customer.system_id, "wrong") == c.ESME_RINVPASWD
    async with await Esme.connect(port) as esme:
        bound = await esme.bind(customer.system_id, customer.password, interface_version=0x50)
        assert bound == c.ESME_ROK
        peer = Peer(esme)
        await peer.ask(c.ENQUIRE_LINK)
        await peer.submit(handsets[0], b"hello", registered_delivery=0x11)
        await peer.submit("15000160011", b"hello", registered_delivery=1)
        for number in (1, 2):
            part = bytes((5, 0, 3, 7, 2, number)) + f"part {number}".encode("utf-16-be")
            fields = {"esm_class": c.ESM_UDHI, "data_coding": 8, "registered_delivery": 1}
            await peer.submit(handsets[1], part, **fields)
        payload = ((tlv.MESSAGE_PAYLOAD, b"long " * 60),)
        whole = {
            name: value for name, value in message(b"", handsets[2][1:]).items() if name != "short_message"
        }
        await peer.ask(c.DATA_SM, payload, **whole, registered_delivery=1)
        sent = await peer.submit(handsets[3], b"first words", schedule_delivery_time=later)
        named = {"message_id": sent.text("message_id"), "source_addr_ton": 5, "source_addr": "Acme"}
        assert (await peer.ask(c.QUERY_SM, **named)).command_status == c.ESME_ROK
        assert (await peer.ask(c.REPLACE_SM, **named, short_message=b"other")).command_status == c.ESME_ROK
        assert (await peer.ask(c.CANCEL_SM, **named)).command_status == c.ESME_ROK
        assert (await peer.ask(c.QUERY_SM, **(named | {"message_id": "0"}))).command_status != c.ESME_ROK
        several = tuple(DestAddress(1, 1, number[1:]) for number in (*handsets, "+12"))
        fields = {
            "source_addr_ton": 5,
            "source_addr": "Acme",
            "dest_address": several,
            "short_message": b"all",
        }
        assert (await peer.ask(c.SUBMIT_MULTI, **fields)).command_status == c.ESME_ROK
        assert (await peer.submit("15", b"refused")).command_status == c.ESME_RINVDSTADR
        assert (await peer.ask(c.DELIVER_SM)).command_status != c.ESME_ROK  # not for a customer to send

        await peer.until(6)  # receipts: an intermediate one, its end, EXPIRED, two parts, data_sm
        for profile in ({}, {"inbound_long": "payload"}, {"deliver_by": "data_sm", "receipt_style": "tlv"}):
            await asyncio.to_thread(changed, **profile)
            before = len(peer.deliveries)
            await asyncio.to_thread(shop.answer, handsets[0], customer.number, "漢字 🐢 " * 30)
            await peer.submit("15000160011", b"hello", registered_delivery=1)
            await peer.until(before + 2)
        await peer.ask(c.UNBIND)
        await peer.stop()
    await relay.stop()
    await asyncio.to_thread(shop.wait_unbound, customer)

    path = tmp_path / "smpp.pcap"
    write_pcap(path, relay.conversation)
    commands, complaints = dissect(path)
    assert complaints == ""
    for command in (3, 4, 5, 6, 7, 8, 9, 0x15, 0x21, 0x103):
        assert commands[f"0x{command:08x}"] > 0, hex(command)
        assert commands[f"0x{command | 0x80000000:08x}"] > 0, hex(command)


def test_a_fault_would_be_seen(tmp_path: Path) -> None:
    """The check itself: a deliver_sm whose sm_length lies is found."""
    path = tmp_path / "bad.pcap"
    body = b"\0" * 16 + b"\xfahello"
    frame = b"".join(word.to_bytes(4, "big") for word in (16 + len(body), 5, 0, 1)) + body
    write_pcap(path, [(False, frame)])
    _, complaints = dissect(path)
    assert complaints
