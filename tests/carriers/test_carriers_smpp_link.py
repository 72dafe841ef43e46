"""What happens on the link of a carrier over SMPP, against an SMSC that plays what the simulated one does not."""

import random
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from onesixty.carriers.smpp import SmppCarrier, SmppSettings
from onesixty.core.clock import SystemClock
from onesixty.core.contracts import Refusal, Submission
from onesixty.smpp import codec, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import Connection
from tests.carriers.conformance import LONG, Host, message, until
from tests.smpp.recorders import Smsc, listening


class Far(Smsc):
    """An SMSC that tells its load with the bind."""

    def __init__(self) -> None:
        super().__init__()
        self.load: int | None = None

    def on_bind(self, connection: Connection, pdu: Pdu) -> None:
        connection.congestion_state = self.load
        super().on_bind(connection, pdu)


class Link:
    """A carrier and that SMSC."""

    def __init__(self) -> None:
        self.smsc = Far()
        self.host = Host()
        self.carrier: SmppCarrier

    async def open(self, context: ssl.SSLContext | None = None, **settings: Any) -> "Link":
        self.server = await listening(self.smsc)
        if context is not None:
            await self.server.stop(1)
            await self.server.start("127.0.0.1", 0, tls=context)
        given = {"host": "127.0.0.1", "port": self.server.port, "system_id": "me", "window": 20} | settings
        quick = {"reconnect_min_s": 0.02, "reconnect_max_s": 0.05}
        self.carrier = SmppCarrier(
            "car_1", SmppSettings(**(quick | given)), clock=SystemClock(), random=random.Random(1)
        )
        await self.carrier.start(self.host)
        await until(lambda: self.carrier.state().connected, "the bind")
        return self

    @property
    def connection(self) -> Connection:
        (connection,) = self.server.connections.values()
        return connection

    def submit(self, text: str = "hello", number: int = 1) -> None:
        one = message(text, number=number)
        rendered = self.carrier.render(one, one.sender, 7)
        assert not isinstance(rendered, Refusal)
        segments = list(range(rendered.units))
        self.carrier.submit(Submission(one, rendered, segments, 1, 7, 60_000, one.created_at))

    async def close(self) -> None:
        await self.carrier.stop(1)
        await self.server.stop(1)


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    made = Link()
    yield made
    await made.close()


async def test_the_bind_says_what_the_settings_say(link: Link) -> None:
    await link.open(
        system_type="VMA", interface_version="5.0", address_range="^404", addr_ton=3, addr_npi=9,
        source_ip="127.0.0.2",
    )  # fmt: skip
    bind = link.connection.bind_pdu
    assert bind is not None
    assert (bind.text("system_type"), bind.text("address_range")) == ("VMA", "^404")
    assert (bind.number("addr_ton"), bind.number("addr_npi")) == (3, 9)
    assert bind.number("interface_version") == c.INTERFACE_VERSION_50
    assert link.connection.interface_version == c.INTERFACE_VERSION_50
    assert isinstance(link.connection.peer, tuple)
    assert link.connection.peer[0] == "127.0.0.2"


async def test_an_smsc_that_is_nearly_full_gets_less_until_it_says_otherwise(link: Link) -> None:
    """The whole link slows down, before anything has to be refused; order is kept."""
    link.smsc.load = 100
    await link.open(interface_version="5.0", window=20)
    await until(lambda: link.carrier.capacity() == 1, "a single slot")
    link.connection.congestion_state = 95
    for number in range(3):
        link.submit(number=number)
    await until(lambda: len(link.host.outcomes) == 3, "the outcomes")
    assert [pdu.text("destination_addr")[-1] for pdu in link.smsc.requests] == ["0", "1", "2"]
    assert link.carrier.capacity() == 5
    link.connection.congestion_state = 50
    link.submit(number=3)
    await until(lambda: link.carrier.capacity() == 20, "all of the window")
    link.connection.congestion_state = 100
    link.submit(number=4)
    await until(lambda: link.carrier.capacity() == 1, "a single slot again")
    link.connection.congestion_state = None
    link.submit(number=5)
    await until(lambda: link.carrier.capacity() == 20, "all of the window, since nothing is told any more")
    assert link.host.kinds == {"accepted": 6}


async def test_a_3_4_carrier_that_tells_its_load_all_the_same_is_not_slowed_by_mistake(link: Link) -> None:
    await link.open(window=20)
    link.connection.congestion_state = 100
    link.submit()
    await until(lambda: link.host.outcomes, "the outcome")
    assert link.carrier.capacity() == 20


async def test_alert_notification_and_outbind_do_no_harm(link: Link) -> None:
    await link.open()
    available = (tlv.MS_AVAILABILITY_STATUS, b"\0")
    link.connection.send(Pdu(c.ALERT_NOTIFICATION, fields={"source_addr": "15550000001"}, tlvs=(available,)))
    link.connection.link.send_raw(codec.encode(Pdu(c.OUTBIND, 0, 77, {"system_id": "smsc"})))
    link.submit()
    await until(lambda: link.host.outcomes, "the outcome")
    assert link.host.kinds == {"accepted": 1}
    assert (link.host.inbounds, link.host.receipts) == ([], [])
    await until(lambda: link.carrier.state().last_error, "the word about the outbind")
    assert "outbind" in str(link.carrier.state().last_error)
    assert link.carrier.state().connected


async def test_data_sm_brings_messages_and_receipts(link: Link) -> None:
    await link.open()
    addresses = {"source_addr_ton": 1, "source_addr": "15550000001", "destination_addr": "40404"}
    link.connection.send(Pdu(c.DATA_SM, fields=addresses, tlvs=(tlv.make("message_payload", b"hi"),)), 1)
    receipt = (
        tlv.make("receipted_message_id", "abc"),
        tlv.make("message_state", c.STATE_DELIVERED),
    )
    link.connection.send(Pdu(c.DATA_SM, fields=addresses | {"esm_class": 4}, tlvs=receipt), 2)
    await until(lambda: len(link.smsc.responses) == 2, "both answers")
    assert [pdu.command_id for _, pdu in link.smsc.responses] == [c.DATA_SM_RESP] * 2
    assert link.host.inbounds[0].payload == b"hi"
    assert (link.host.receipts[0].carrier_message_id, link.host.receipts[0].state) == ("abc", 2)


async def test_an_incoming_message_over_a_new_link_may_be_a_repeat(link: Link) -> None:
    await link.open()
    incoming = {"source_addr": "15550000001", "destination_addr": "40404", "short_message": b"1"}
    for _ in range(2):
        link.connection.send(Pdu(c.DELIVER_SM, fields=dict(incoming)))
    await until(lambda: len(link.smsc.responses) == 2, "both answers")
    link.connection.abort("hung up")
    await until(lambda: link.server.connections and link.connection.bound, "the bind again")
    link.connection.send(Pdu(c.DELIVER_SM, fields=dict(incoming)))
    await until(lambda: len(link.smsc.responses) == 3, "the third answer")
    first, second, third = (inbound.session for inbound in link.host.inbounds)
    assert first == second != third


async def test_the_frames_of_one_bind_or_of_all_can_be_seen(link: Link) -> None:
    await link.open(binds=2, window=5)
    await until(lambda: link.carrier.capacity() == 10, "both binds")
    seen: list[str] = []
    assert not link.carrier.set_tap(lambda *frame: seen.append(frame[1]), "3")
    assert link.carrier.set_tap(lambda *frame: seen.append(frame[1]), "1")
    for number in range(10):
        link.submit(number=number)
    await until(lambda: len(link.host.outcomes) == 10, "the outcomes")
    assert (seen.count("out"), seen.count("in")) == (5, 5)
    assert link.carrier.set_tap(None)
    link.submit()
    await until(lambda: len(link.host.outcomes) == 11, "the outcome")
    assert len(seen) == 10


@pytest.mark.parametrize(
    ("concatenation", "requests", "tag"),
    [("sar", 7, tlv.SAR_SEGMENT_SEQNUM), ("payload", 1, tlv.MESSAGE_PAYLOAD)],
)
async def test_long_messages_by_tlvs(link: Link, concatenation: str, requests: int, tag: int) -> None:
    await link.open(concatenation=concatenation)
    link.submit(LONG)
    await until(lambda: len(link.host.outcomes) == requests, "the outcomes")
    assert link.host.kinds == {"accepted": requests}
    assert all(pdu.tlv(tag) for pdu in link.smsc.requests)


async def test_a_carrier_that_wants_our_certificate_gets_it(link: Link, tmp_path: Path) -> None:
    authority = trustme.CA()
    ca_file, own = tmp_path / "ca.pem", tmp_path / "own.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    mine = authority.issue_cert("esme.example.net")
    mine.private_key_and_cert_chain_pem.write_to_path(str(own))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("smsc.example.net").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    await link.open(
        context,
        tls=True,
        tls_ca_file=str(ca_file),
        tls_cert_file=str(own),
        tls_server_name="smsc.example.net",
    )
    link.submit()
    await until(lambda: link.host.outcomes, "the outcome")
    assert link.host.kinds == {"accepted": 1}
