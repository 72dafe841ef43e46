"""What we send, as somebody else's dissector reads it: tshark finds nothing malformed."""

import asyncio
import random
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.core.clock import SystemClock
from onesixty.simulator.smsc import SimulatedSmsc, SmscOptions
from onesixty.simulator.smsc.fast import FastSmsc
from tests.carriers.conformance import LONG, Host, submit, until
from tests.support.pcap import write_pcap


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


def test_a_fault_would_be_seen(tmp_path: Path) -> None:
    """The check itself: a deliver_sm whose sm_length lies is found."""
    path = tmp_path / "bad.pcap"
    body = b"\0" * 16 + b"\xfahello"
    frame = b"".join(word.to_bytes(4, "big") for word in (16 + len(body), 5, 0, 1)) + body
    write_pcap(path, [(False, frame)])
    _, complaints = dissect(path)
    assert complaints
