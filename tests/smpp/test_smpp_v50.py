"""SMPP 5.0: who speaks which version, what of 5.0 goes to whom, congestion, and outbind."""

import asyncio
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import codec, states, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.client import Bind
from onesixty.smpp.errors import InvalidStateError
from onesixty.smpp.events import (
    BindReceived,
    Bound,
    Event,
    Overflowed,
    ProtocolError,
    RequestReceived,
    ResponseReceived,
)
from onesixty.smpp.layouts import LAYOUTS
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import Connection
from onesixty.smpp.session import Session
from onesixty.smpp.states import SessionConfig
from tests.smpp.recorders import Esme, Smsc, bind_config, listening
from tests.smpp.strategies import tlvs as any_tlvs
from tests.support.waiting import wait_until_async

CONGESTED = (tlv.CONGESTION_STATE, b"\x5a")
BILLED = tlv.make("billing_identification", b"\x80contract")
VENDOR = (0x1403, b"vendor")
BROADCAST = Pdu(
    c.BROADCAST_SM,
    fields={"source_addr": "112", "data_coding": 0},
    tlvs=(
        tlv.make("broadcast_area_identifier", b"\x00Wales"),
        tlv.make("broadcast_area_identifier", b"\x00Devon"),
        tlv.make("broadcast_content_type", b"\x01\x00\x10"),
        tlv.make("broadcast_rep_num", 3),
        tlv.make("broadcast_frequency_interval", b"\x09\x00\x05"),
        tlv.make("message_payload", b"flood"),
    ),
)


def sessions(asked: int, spoken: int | None) -> tuple[Session, Session]:
    """An ESME and an SMSC that are bound: the version asked for, and the one that the SMSC tells (None: no
    TLV)."""
    esme, smsc = Session(states.ESME, SessionConfig(), 0.0), Session(states.SMSC, SessionConfig(), 0.0)
    esme.bind(c.BIND_TRANSCEIVER, {"system_id": "me", "interface_version": asked})
    (bind,) = pass_on(esme, smsc)
    assert isinstance(bind, BindReceived)
    told = () if spoken is None else ((tlv.SC_INTERFACE_VERSION, bytes((spoken,))),)
    smsc.accept_bind(bind.pdu, 0.0, {"system_id": "smsc"}, told)
    (bound,) = pass_on(smsc, esme)
    assert isinstance(bound, Bound)
    return esme, smsc


def pass_on(sender: Session, receiver: Session) -> list[Event]:
    return receiver.receive(sender.data_to_send(0.0), 0.0)


@pytest.mark.parametrize(
    ("asked", "spoken", "version"),
    [
        (0x34, 0x34, 0x34),
        (0x50, 0x50, 0x50),
        (0x50, 0x34, 0x34),
        (0x34, 0x50, 0x34),
        (0x50, None, 0x34),
        (0x00, 0x50, 0x33),  # 3.4, 5.2.4: 0x00 to 0x33 is 3.3 or earlier
        (0x10, 0x34, 0x33),
        (0x33, 0x34, 0x33),
        (0x50, 0x00, 0x34),
    ],
)
def test_the_lower_version_is_spoken(asked: int, spoken: int | None, version: int) -> None:
    esme, smsc = sessions(asked, spoken)
    assert (esme.version, smsc.version) == (version, version)
    assert c.version_name(version) in ("3.3", "3.4", "5.0")


@pytest.mark.parametrize(("version", "kept"), [(0x34, (VENDOR,)), (0x50, (BILLED, VENDOR))])
def test_only_a_5_0_peer_gets_5_0_tlvs_with_requests_and_answers(
    version: int, kept: tuple[tlv.Tlv, ...]
) -> None:
    esme, smsc = sessions(version, 0x50)
    smsc.congestion_state = 90
    esme.send(Pdu(c.SUBMIT_SM, tlvs=(BILLED, VENDOR)), None, 0.0)
    (asked,) = pass_on(esme, smsc)
    assert isinstance(asked, RequestReceived)
    assert asked.pdu.tlvs == kept
    smsc.respond(asked.pdu, c.ESME_ROK, {"message_id": "1"}, (BILLED, VENDOR))
    (answer,) = pass_on(smsc, esme)
    assert isinstance(answer, ResponseReceived)
    assert answer.pdu.tlvs == (kept if version == 0x34 else (*kept, CONGESTED))
    smsc.congestion_state = None
    esme.send(Pdu(c.SUBMIT_SM), None, 0.0)
    (asked,) = pass_on(esme, smsc)
    assert isinstance(asked, RequestReceived)
    smsc.respond(asked.pdu, c.ESME_ROK, {"message_id": "2"})
    (answer,) = pass_on(smsc, esme)
    assert isinstance(answer, ResponseReceived)
    assert answer.pdu.tlvs == ()


@given(any_tlvs, st.sampled_from((0x00, 0x33, 0x34)))
def test_3_4_gets_everything_but_5_0s_in_order_and_3_3_nothing(
    tlvs: tuple[tlv.Tlv, ...], version: int
) -> None:
    kept = tlv.for_version(tlvs, version)
    expected = tuple(entry for entry in tlvs if entry[0] not in tlv.TAGS_OF_50)
    assert kept == (expected if version >= c.INTERFACE_VERSION_34 else ())
    assert tlv.for_version(tlvs, 0x50) == tlvs


def test_the_table_of_5_0_is_whole() -> None:
    """5.0, table 4-44 (commands), 4-45 (statuses) and 4-48 (tags)."""
    assert set(LAYOUTS) >= c.COMMANDS_OF_50
    assert {0x0428, *range(0x0600, 0x060C), *range(0x060D, 0x0614)} == tlv.TAGS_OF_50
    assert set(range(0x100, 0x113)) <= set(c.STATUSES)
    names = [info.name for info in c.STATUSES.values()]
    assert len(set(names)) == len(names)


def test_broadcast_is_asked_answered_queried_and_cancelled() -> None:
    esme, smsc = sessions(0x50, 0x50)
    for request, fields in (
        (BROADCAST, {"message_id": "b1"}),
        (Pdu(c.QUERY_BROADCAST_SM, fields={"message_id": "b1", "source_addr": "112"}), {"message_id": "b1"}),
        (Pdu(c.CANCEL_BROADCAST_SM, fields={"message_id": "b1", "source_addr": "112"}), {}),
    ):
        esme.send(request, request.name, 0.0)
        (asked,) = pass_on(esme, smsc)
        assert isinstance(asked, RequestReceived)
        assert (asked.pdu.name, asked.pdu.tlvs) == (request.name, request.tlvs)
        smsc.respond(asked.pdu, c.ESME_ROK, dict(fields))
        (answer,) = pass_on(smsc, esme)
        assert isinstance(answer, ResponseReceived)
        assert (answer.context, answer.pdu.name) == (request.name, f"{request.name}_resp")


def test_broadcast_over_a_3_4_bind_is_neither_sent_nor_taken() -> None:
    esme, smsc = sessions(0x34, 0x50)
    with pytest.raises(InvalidStateError):
        esme.send(BROADCAST, None, 0.0)
    esme.send_raw(codec.encode(Pdu(c.BROADCAST_SM, 0, 99)))
    (error,) = pass_on(esme, smsc)
    assert isinstance(error, ProtocolError)
    assert (error.command_status, error.fatal) == (c.ESME_RINVCMDID, False)
    nack = codec.decode(smsc.data_to_send(0.0))
    assert (nack.command_id, nack.command_status, nack.sequence) == (c.GENERIC_NACK, c.ESME_RINVCMDID, 99)
    assert smsc.bound


def test_alert_notification_takes_no_slot_and_no_answer() -> None:
    esme, smsc = sessions(0x34, 0x34)
    alert = Pdu(c.ALERT_NOTIFICATION, fields={"source_addr": "1555", "esme_addr": "40404"})
    smsc.send(alert, None, 0.0)
    (told,) = pass_on(smsc, esme)
    assert isinstance(told, RequestReceived)
    assert told.pdu.text("source_addr") == "1555"
    assert not esme.respond(told.pdu)
    assert (esme.data_to_send(0.0), smsc.in_flight) == (b"", 0)


def test_limits_of_a_session_can_change_once_one_knows_who_it_is() -> None:
    esme, smsc = sessions(0x34, 0x34)
    smsc.configure(replace(smsc.config, window=2, receive_window=1, overflow_status=c.ESME_RMSGQFUL))
    assert (smsc.window_free, smsc.config.window) == (2, 2)
    for _ in range(2):
        esme.send(Pdu(c.SUBMIT_SM), None, 0.0)
    asked, beyond = pass_on(esme, smsc)
    assert isinstance(asked, RequestReceived)
    assert isinstance(beyond, Overflowed)
    refused = codec.decode(smsc.data_to_send(0.0))
    assert refused.command_status == c.ESME_RMSGQFUL
    smsc.configure(replace(smsc.config, enquire_link_interval=7.0, response_timeout=3.0))
    assert smsc.next_timeout() == 7.0


class Loaded(Smsc):
    """An SMSC that tells its load."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[int] = []
        self.state: int | None = None

    def on_bind(self, connection: Connection, pdu: Pdu) -> None:
        connection.congestion_state = self.state
        super().on_bind(connection, pdu)

    def on_congestion(self, connection: Connection, congestion_state: int) -> None:
        self.heard.append(congestion_state)


class Heedful(Esme):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[int] = []

    def on_congestion(self, bind: Bind, congestion_state: int) -> None:
        self.heard.append(congestion_state)


async def test_congestion_is_told_both_ways_and_once_for_each_change() -> None:
    smsc, esme = Loaded(), Heedful()
    smsc.state = 20
    server = await listening(smsc)
    bind = Bind(
        bind_config(server.port, interface_version=c.INTERFACE_VERSION_50), esme, random=random.random
    )
    bind.start()
    await wait_until_async(lambda: esme.heard == [20])
    (connection,) = server.connections.values()
    assert connection.interface_version == c.INTERFACE_VERSION_50
    connection.congestion_state = 95
    for number in range(3):
        bind.submit({"destination_addr": "1"}, context=number)
    await wait_until_async(lambda: len(esme.responses) == 3)
    assert (esme.heard, bind.congestion_state) == ([20, 95], 95)
    assert bind.link is not None
    bind.link.session.congestion_state = 100
    connection.send(Pdu(c.DELIVER_SM, fields={"short_message": b"mo"}))
    await wait_until_async(lambda: smsc.heard == [100])
    assert connection.peer_congestion == 100
    await bind.stop(5)
    await server.stop(5)


async def test_a_3_4_customer_meets_a_3_4_smsc() -> None:
    smsc, esme = Loaded(), Heedful()
    smsc.state = 99
    server = await listening(smsc)
    bind = Bind(bind_config(server.port), esme, random=random.random)
    bind.start()
    await wait_until_async(lambda: esme.bound)
    bind.submit({"destination_addr": "1"}, context=1)
    await wait_until_async(lambda: esme.responses)
    assert esme.bound[0].tlvs == ((tlv.SC_INTERFACE_VERSION, b"\x34"),)
    assert (esme.responses[0][1].tlvs, esme.heard) == ((), [])
    await bind.stop(5)
    old = Bind(bind_config(server.port, interface_version=0x33), esme, random=random.random)
    old.start()
    await wait_until_async(lambda: len(esme.bound) == 2)
    assert esme.bound[1].tlvs == ()
    await old.stop(5)
    await server.stop(5)


async def test_a_bind_that_waits_for_our_answer_is_not_hung_up_on() -> None:
    """The session-init timer is for peers that say nothing."""
    session = Session(states.SMSC, SessionConfig(session_init_timeout=10.0), 0.0)
    assert session.next_timeout() == 10.0
    bind = Pdu(c.BIND_TRANSMITTER, 0, 1, {"system_id": "me"})
    (asked,) = session.receive(codec.encode(bind), 1.0)
    assert isinstance(asked, BindReceived)
    assert session.next_timeout() is None
    assert session.on_time(60.0) == []
    assert session.reject_bind(asked.pdu, c.ESME_RBINDFAIL)
    assert [type(event).__name__ for event in session.on_time(60.0)][-1] == "Closed"


async def test_a_bind_is_granted_with_limits_of_its_own() -> None:
    class Door(Smsc):
        def on_bind(self, connection: Connection, pdu: Pdu) -> None:
            connection.accept(pdu, window=3, receive_window=7, overflow_status=c.ESME_RMSGQFUL)

    server = await listening(Door())
    bind = Bind(bind_config(server.port), Esme(), random=random.random)
    bind.start()
    await wait_until_async(lambda: bind.bound)
    (connection,) = server.connections.values()
    config = connection.link.session.config
    assert (connection.window_free, config.receive_window, config.overflow_status) == (3, 7, c.ESME_RMSGQFUL)
    await bind.stop(5)
    await server.stop(5)


async def test_outbind_brings_a_bind_over_the_same_connection() -> None:
    smsc = Smsc()
    server = await listening(smsc, system_id="hub")
    said: list[Pdu] = []

    async def esme(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(4), "big")
        said.append(codec.decode(size.to_bytes(4, "big") + await reader.readexactly(size - 4)))
        if said[-1].text("password") == "come":
            writer.write(codec.encode(Pdu(c.BIND_RECEIVER, 0, 1, {"system_id": "me", "password": "pw"})))
            await reader.read()
        writer.close()

    async with await asyncio.start_server(esme, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        connection = await server.outbind("127.0.0.1", port, password="come")
        assert connection.outgoing
        await wait_until_async(lambda: connection.receives)
        assert (connection.system_id, said[0].text("system_id")) == ("me", "hub")
        connection.abort("enough")
        refused = await server.outbind("127.0.0.1", port, password="guess")
        await wait_until_async(lambda: len(smsc.closed) == 2)
        assert refused.bind_pdu is None
    with pytest.raises(OSError, match=r"."):
        await server.outbind("127.0.0.1", port)
    await server.stop(5)
