"""How receipts and incoming messages look to a customer, by his profile."""

from __future__ import annotations

from typing import Any

import pytest

from onesixty import text
from onesixty.channels.sms import content
from onesixty.channels.sms.content import Content
from onesixty.core.errors import CATALOGUE
from onesixty.core.message import Message
from onesixty.customers.effect import Addresses, ReceiptBody
from onesixty.customers.incoming import message_pdus
from onesixty.customers.profile import SmppProfile
from onesixty.customers.receipts import ERR_OF, receipt_pdu
from onesixty.smpp import codec, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import parse_receipt

V34 = c.INTERFACE_VERSION_34
AT = 1_790_000_045_000  # 2026-09-21 14:14:05 UTC
ID = "msg_01h455vb4pex5vsknk084sn02q"
ADDRESSES = Addresses((5, 0, "Acme"), (1, 1, "15551234567"), "Acme", "+15551234567")


def receipt(profile: dict[str, Any] | None = None, version: int = V34, **fields: Any) -> Pdu:
    body = ReceiptBody(**{"id": ID, "state": 2, "error_code": None, "carrier_code": None,
                          "submitted_at": AT, "done_at": AT + 60_000, **fields})  # fmt: skip
    pdu = receipt_pdu(body, ADDRESSES, SmppProfile(**(profile or {})), version)
    codec.encode(Pdu(pdu.command_id, 0, 1, pdu.fields, pdu.tlvs))
    return pdu


def test_a_receipt_is_that_of_appendix_b_with_its_tlvs() -> None:
    """SMPP 3.4, appendix B and 5.3.2: roles turned round, as the customer wrote the addresses."""
    pdu = receipt(user_message_reference=513)
    assert (pdu.text("source_addr"), pdu.number("source_addr_ton")) == ("15551234567", 1)
    assert (pdu.text("destination_addr"), pdu.number("dest_addr_ton")) == ("Acme", 5)
    assert pdu.number("esm_class") == 0x04
    said = pdu.message().decode()
    assert said.endswith(
        "sub:001 dlvrd:001 submit date:2609211414 done date:2609211415 stat:DELIVRD err:000 text:"
    )
    read = parse_receipt(pdu)
    assert read is not None
    assert (read.state, read.conflict, len(read.id or "")) == (2, False, 32)
    assert pdu.tlv_int(tlv.USER_MESSAGE_REFERENCE) == 513


@pytest.mark.parametrize(
    ("profile", "version", "has_text", "has_tlvs"),
    [
        ({"receipt_style": "text"}, V34, True, False),
        ({"receipt_style": "tlv"}, V34, False, True),
        ({"receipt_style": "both"}, V34, True, True),
        ({"receipt_style": "tlv"}, 0x33, True, False),
    ],
)
def test_the_style_is_the_profiles(
    profile: dict[str, Any], version: int, has_text: bool, has_tlvs: bool
) -> None:
    pdu = receipt(profile, version)
    assert (bool(pdu.message()), pdu.tlv(tlv.RECEIPTED_MESSAGE_ID) is not None) == (has_text, has_tlvs)


@pytest.mark.parametrize(
    ("profile", "dates"),
    [
        ({"receipt_time_zone": "Asia/Kolkata"}, "2609211944"),
        ({"receipt_date_format": "YYMMDDhhmmss"}, "260921141405"),
        ({"receipt_date_format": "YYYYMMDDhhmmss", "receipt_time_zone": "Europe/Berlin"}, "20260921161405"),
    ],
)
def test_dates_are_in_the_profiles_zone_and_format(profile: dict[str, Any], dates: str) -> None:
    assert f"submit date:{dates} " in receipt(profile).message().decode()


@pytest.mark.parametrize(
    ("profile", "fields", "err"),
    [
        ({}, {"error_code": "undeliverable"}, "001"),
        ({}, {"error_code": "undeliverable", "carrier_code": "034"}, "034"),
        ({"receipt_errors": {"undeliverable": "7F"}}, {"error_code": "undeliverable", "carrier_code": "034"}, "7F"),
        ({}, {"error_code": "forbidden"}, "099"),
        ({}, {}, "000"),
    ],
)  # fmt: skip
def test_err_is_of_the_profile_then_the_carrier_then_ours(
    profile: dict[str, Any], fields: dict[str, Any], err: str
) -> None:
    assert f"err:{err} " in receipt(profile, **fields).message().decode()


def test_what_the_carrier_said_goes_on_as_network_error_code() -> None:
    assert (
        receipt(error_code="undeliverable", carrier_code="3:27").tlv(tlv.NETWORK_ERROR_CODE)
        == b"\x03\x00\x1b"
    )
    assert receipt(error_code="undeliverable", carrier_code="words").tlv(tlv.NETWORK_ERROR_CODE) is None
    assert set(ERR_OF) <= set(CATALOGUE)


def test_intermediate_notifications_and_data_sm() -> None:
    assert receipt(intermediate=True, state=1).number("esm_class") == 0x20
    pdu = receipt({"deliver_by": "data_sm"})
    assert pdu.command_id == c.DATA_SM
    assert (pdu.tlv(tlv.MESSAGE_PAYLOAD) or b"").startswith(b"id:")
    assert receipt({"deliver_by": "data_sm"}, 0x33).command_id == c.DELIVER_SM


def test_a_redacted_receipt_names_nobody() -> None:
    body = ReceiptBody(ID, 2, None, None, AT, AT)
    pdu = receipt_pdu(body, None, SmppProfile(), V34)
    assert (pdu.text("source_addr"), pdu.text("destination_addr")) == ("", "")


# ------------------------------------------------------------ incoming messages


def incoming(
    said: str, profile: dict[str, Any] | None = None, version: int = V34, **fields: Any
) -> list[Pdu]:
    extra = fields.pop("content", Content())
    encoding = fields.pop("encoding", None) or text.count(said).encoding
    made = Message(
        id="msg_1", account_id="acc_1", test=False, direction="inbound", sender="+15557654321",
        recipient="40404", text=said, encoding=encoding, segments=1, class_="transactional", created_at=AT,
        expires_at=AT, status="received", content=content.to_text(extra),
    )  # fmt: skip
    pdus = message_pdus(made, SmppProfile(**(profile or {})), version, 200)
    for pdu in pdus:
        codec.encode(Pdu(pdu.command_id, 0, 1, pdu.fields, pdu.tlvs))
    return pdus


def whole(pdus: list[Pdu], alphabet: Any = "gsm7") -> str:
    parts = []
    for pdu in pdus:
        octets, udh = pdu.message(), b""
        if pdu.number("esm_class") & c.ESM_UDHI:
            udh, octets = text.split_udh(octets)
        parts.append(text.Part(octets, pdu.number("data_coding"), udh))
    return text.decode_parts(parts, alphabet)


@pytest.mark.parametrize(
    ("said", "profile", "count"),
    [
        ("Hello @ you €", {}, 1),
        ("Привет", {}, 1),
        ("x" * 400, {}, 3),
        ("x" * 400, {"inbound_long": "payload"}, 1),
        ("😀" * 50, {}, 2),
        ("pound £ and ñ", {"alphabet_0": "latin1"}, 1),
        ("Δ is not in Latin-1", {"alphabet_0": "latin1"}, 1),
        ("packed " * 40, {"alphabet_0": "gsm7_packed"}, 2),
        ("packed " * 40, {"alphabet_0": "gsm7_packed", "inbound_long": "payload"}, 2),
    ],
)
def test_a_text_goes_in_the_profiles_alphabet_or_in_ucs2(
    said: str, profile: dict[str, Any], count: int
) -> None:
    pdus = incoming(said, profile)
    assert len(pdus) == count
    assert whole(pdus, profile.get("alphabet_0", "gsm7")) == said
    assert {pdu.text("destination_addr") for pdu in pdus} == {"40404"}


def test_a_peer_of_3_3_gets_parts_for_want_of_message_payload() -> None:
    assert len(incoming("x" * 400, {"inbound_long": "payload"}, 0x33)) == 3


def test_flash_ports_and_octets_stay_what_they_are() -> None:
    assert incoming("now", content=Content(flash=True))[0].number("data_coding") == 0x10
    ports = "06050415820000"
    (pdu,) = incoming("AQL/", encoding="binary", content=Content(udh=ports))
    assert (pdu.message(), pdu.number("data_coding")) == (bytes.fromhex(ports) + b"\x01\x02\xff", 4)
    assert pdu.number("esm_class") == c.ESM_UDHI
    assert whole(incoming("y" * 200, content=Content(udh=ports))) == "y" * 200


def test_data_sm_carries_the_text_in_its_payload() -> None:
    (pdu,) = incoming("Hi", {"deliver_by": "data_sm"})
    assert (pdu.command_id, pdu.tlv(tlv.MESSAGE_PAYLOAD)) == (c.DATA_SM, b"Hi")
    assert incoming("", {})[0].message() == b""


def test_what_the_handset_asked_for_goes_to_the_customer() -> None:
    """Message class, message waiting, kind of octets, protocol_id and the reply path, as they came."""
    asked = Content(data_coding=0xF2, protocol_id=0x41, reply_path=True, udh="0605040b840000")
    (pdu,) = incoming("hi", content=asked)
    assert (pdu.number("data_coding"), pdu.number("protocol_id")) == (0xF2, 0x41)
    assert pdu.number("esm_class") == 0xC0
    assert pdu.octets("short_message")[:7].hex() == "0605040b840000"
    (pdu,) = incoming("hi", {"deliver_by": "data_sm"}, content=asked)
    assert (pdu.number("data_coding"), pdu.number("esm_class")) == (0xF2, 0xC0)
    (pdu,) = incoming("я", content=Content(data_coding=0xC8))
    assert pdu.number("data_coding") == 0xE8
    (pdu,) = incoming("AQI=", encoding="binary", content=Content(data_coding=0xF6))
    assert (pdu.number("data_coding"), pdu.octets("short_message")) == (0xF6, b"\1\2")
