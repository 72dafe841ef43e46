"""Lenient reading: what stands in a PDU is read, and what did not keep to the layout is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import codec, reading, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.errors import PduError, UnknownCommandError
from onesixty.smpp.layouts import LAYOUTS
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.reading import LENIENT, STRICT
from tests.smpp.strategies import pdu_of, pdus

HANDSETS = Pdu(
    c.DELIVER_SM,
    0,
    9,
    {
        "source_addr_ton": 1,
        "source_addr": "447700900123",
        "destination_addr": "15550001111",
        "short_message": b"hello",
    },
)


def framed(command_id: int, body: bytes, sequence: int = 9) -> bytes:
    size = c.HEADER_LENGTH + len(body)
    return b"".join(n.to_bytes(4, "big") for n in (size, command_id, 0, sequence)) + body


def with_tail(pdu: Pdu, tail: bytes) -> bytes:
    return framed(pdu.command_id, codec.encode(pdu)[c.HEADER_LENGTH :] + tail)


@pytest.mark.parametrize(
    ("tail", "kept", "told"),
    [
        (b"\0", (), "1 NUL before the TLVs"),
        (b"\0\0", (), "2 NUL before the TLVs"),
        (b"\x04\x27\x00\x01", (), "message_state is cut: 0 of 1 octets"),
        (b"\x02\x0c\x00", (), "3 octets behind the last TLV"),
        (b"\x04\x24\x00\x30abc", (), "message_payload is cut: 3 of 48 octets"),
        (b"\0\x04\x27\x00\x01\x02", ((tlv.MESSAGE_STATE, b"\2"),), "1 NUL before the TLVs"),
        (b"\x04\x27\x00\x01\x02\0", ((tlv.MESSAGE_STATE, b"\2"),), "1 octets behind the last TLV"),
    ],
)
def test_what_stands_behind_the_text(tail: bytes, kept: tuple[tlv.Tlv, ...], told: str) -> None:
    frame = with_tail(HANDSETS, tail)
    with pytest.raises(PduError):
        reading.decode(frame, STRICT)
    pdu = reading.decode(frame, LENIENT)
    assert (pdu.octets("short_message"), pdu.tlvs, pdu.tolerated) == (b"hello", kept, (told,))


STATE = b"\x04\x27\x00\x01\x02"
ID = b"\x00\x1e\x00\x03ab\0"


@pytest.mark.parametrize("nuls", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("tail", "kept", "told"),
    [
        (STATE + ID[:-1], ((tlv.MESSAGE_STATE, b"\2"),), "receipted_message_id is cut: 2 of 3 octets"),
        (ID + STATE[:-1], ((tlv.RECEIPTED_MESSAGE_ID, b"ab\0"),), "message_state is cut: 0 of 1 octets"),
        (ID + b"\x04\x27", ((tlv.RECEIPTED_MESSAGE_ID, b"ab\0"),), "2 octets behind the last TLV"),
        (STATE[:-1], (), "message_state is cut: 0 of 1 octets"),
    ],
)
def test_nuls_before_tlvs_that_are_cut(nuls: int, tail: bytes, kept: tuple[tlv.Tlv, ...], told: str) -> None:
    pdu = reading.decode(with_tail(HANDSETS, b"\0" * nuls + tail), LENIENT)
    assert pdu.tlvs == kept
    assert pdu.tolerated == ((f"{nuls} NUL before the TLVs",) if nuls else ()) + (told,)


def test_the_text_behind_a_nul_that_is_cut() -> None:
    frame = with_tail(Pdu(c.DELIVER_SM, fields={"source_addr": "1"}), b"\0\x04\x24\x00\x30abc")
    assert reading.decode(frame, LENIENT).message() == b"abc"


def test_a_text_in_a_payload_that_is_cut_is_what_came_of_it() -> None:
    frame = with_tail(Pdu(c.DELIVER_SM, fields={"source_addr": "1"}), b"\x04\x24\x00\x30abc")
    assert reading.decode(frame, LENIENT).message() == b"abc"


def test_strings_that_are_longer_than_their_field() -> None:
    body = codec.encode(HANDSETS)[c.HEADER_LENGTH :]
    pdu = reading.decode(framed(c.DELIVER_SM, b"SYSTEM" + body), LENIENT)
    assert (pdu.text("service_type"), pdu.octets("short_message")) == ("SYSTEM", b"hello")
    long = body.replace(b"447700900123", b"123456789012345678901")
    pdu = reading.decode(framed(c.DELIVER_SM, long), LENIENT)
    assert (pdu.text("source_addr"), pdu.text("destination_addr")) == ("123456789012345678901", "15550001111")


@pytest.mark.parametrize(
    ("body", "id_"),
    [
        (b"abc\0", "abc"),
        (b"abc", "abc"),
        (b"abc\0\0", "abc"),
        (b"abc\0\x04\x28\x00\x05\x00", "abc"),
        (b"x" * 65 + b"\0", "x" * 65),
        (b"", ""),
    ],
)
def test_the_id_of_an_answer(body: bytes, id_: str) -> None:
    assert reading.decode(framed(c.SUBMIT_SM_RESP, body), LENIENT).text("message_id") == id_


@given(pdus)
def test_what_is_strict_is_read_alike(pdu: Pdu) -> None:
    frame = codec.encode(pdu)
    read = reading.decode(frame, LENIENT)
    assert (read, read.tolerated) == (codec.decode(frame), ())


@given(pdu_of(LAYOUTS[c.DELIVER_SM]), st.data())
def test_any_mutation_of_a_deliver_sm_is_read(pdu: Pdu, data: st.DataObject) -> None:
    """Any prefix, octets changed, put in and taken away: only the header can be an error."""
    body = bytearray(codec.encode(pdu)[c.HEADER_LENGTH :])
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(body)))
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    frame = framed(c.DELIVER_SM, bytes(body[: data.draw(st.integers(0, len(body)))]))
    read = reading.decode(frame, LENIENT)
    assert set(read.fields) == LAYOUTS[c.DELIVER_SM].names
    try:
        assert codec.decode(frame) == read
    except PduError:
        assert read.tolerated


@given(st.sampled_from(sorted(LAYOUTS)), st.binary(max_size=80))
def test_no_body_raises(command_id: int, body: bytes) -> None:
    assert reading.decode(framed(command_id, body), LENIENT).command_id == command_id


def test_an_unknown_command_is_an_error() -> None:
    for how in (STRICT, LENIENT):
        with pytest.raises(UnknownCommandError):
            reading.decode(framed(0x77, b""), how)
