"""Frames with their secrets covered: same length, same layout, nothing else changed."""

from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.codec import decode, encode
from onesixty.smpp.layouts import LAYOUTS
from onesixty.smpp.masking import COVER, PASSWORD, TEXT, UNREAD, Cover, covers, masked
from onesixty.smpp.pdu import Pdu

BODY = {"source_addr": "40404", "destination_addr": "15551234567", "data_coding": 0}


def test_a_body_is_covered_and_nothing_else() -> None:
    frame = encode(Pdu(c.SUBMIT_SM, sequence=7, fields={**BODY, "short_message": b"Your code is 482931"}))
    shown = masked(frame)
    assert b"482931" not in shown
    assert len(shown) == len(frame)
    pdu = decode(shown)
    assert pdu.fields == decode(frame).fields | {"short_message": b"X" * 19}
    assert pdu.sequence == 7


def test_a_password_is_covered_always() -> None:
    frame = encode(Pdu(c.BIND_TRANSCEIVER, fields={"system_id": "acme", "password": "secret12"}))
    for shown in (masked(frame), masked(frame, bodies=False)):
        assert decode(shown).fields["password"] == "XXXXXXXX"
        assert decode(shown).fields["system_id"] == "acme"
    sent = encode(Pdu(c.SUBMIT_SM, fields={**BODY, "short_message": b"Hi"}))
    assert masked(sent, bodies=False) == sent


def test_payloads_of_tlvs_are_covered_and_other_tlvs_stay() -> None:
    tlvs = ((tlv.USER_MESSAGE_REFERENCE, b"\0\x09"), (tlv.MESSAGE_PAYLOAD, b"secret"))
    fields = {"source_addr": "40404", "destination_addr": "15551234567"}
    shown = decode(masked(encode(Pdu(c.DATA_SM, fields=fields, tlvs=tlvs))))
    assert shown.tlvs == (tlvs[0], (tlv.MESSAGE_PAYLOAD, b"XXXXXX"))


def test_a_user_data_header_stays() -> None:
    part = b"\x05\x00\x03\x2a\x02\x01secret"
    frame = encode(Pdu(c.DELIVER_SM, fields={**BODY, "esm_class": c.ESM_UDHI, "short_message": part}))
    assert decode(masked(frame)).fields["short_message"] == b"\x05\x00\x03\x2a\x02\x01XXXXXX"


def test_of_a_receipt_only_its_text_is_covered() -> None:
    text = b"id:42 sub:001 dlvrd:001 stat:DELIVRD err:000 Text:Your code"
    fields = {**BODY, "esm_class": c.ESM_TYPE_DELIVERY_RECEIPT, "short_message": text}
    shown = decode(masked(encode(Pdu(c.DELIVER_SM, fields=fields)))).fields["short_message"]
    assert shown == b"id:42 sub:001 dlvrd:001 stat:DELIVRD err:000 Text:" + b"X" * 9


@given(st.binary(max_size=300), st.sampled_from([c.SUBMIT_SM, c.DATA_SM, c.SUBMIT_MULTI, 0x00ABCDEF]))
def test_what_cannot_be_read_is_covered_whole(body: bytes, command_id: int) -> None:
    frame = (len(body) + 16).to_bytes(4, "big") + command_id.to_bytes(4, "big") + bytes(7) + b"\x01" + body
    shown = masked(frame)
    assert len(shown) == len(frame)
    assert shown[:16] == frame[:16]
    assert len(masked(body)) == len(body)


def test_what_is_covered_is_told_with_the_reason() -> None:
    bind = encode(Pdu(c.BIND_TRANSCEIVER, fields={"system_id": "acme", "password": "secret12"}))
    assert covers(bind, bodies=False) == [Cover(21, 29, PASSWORD)]
    sent = encode(Pdu(c.SUBMIT_SM, fields={**BODY, "short_message": b"Hi"}))
    assert covers(sent) == [Cover(len(sent) - 2, len(sent), TEXT)]
    assert covers(sent, bodies=False) == []
    unknown = (20).to_bytes(4, "big") + (0x00ABCDEF).to_bytes(4, "big") + bytes(12)
    assert covers(unknown) == [Cover(16, 20, UNREAD)]


@given(st.binary(max_size=300), st.sampled_from([*LAYOUTS, 0x00ABCDEF]))
def test_a_masked_frame_tells_the_same_covers(body: bytes, command_id: int) -> None:
    frame = (len(body) + 16).to_bytes(4, "big") + command_id.to_bytes(4, "big") + bytes(7) + b"\x01" + body
    found = covers(frame)
    shown = masked(frame)
    assert covers(shown) == found
    kept = bytearray(frame)
    for start, end, _ in found:
        kept[start:end] = COVER * (end - start)
    assert shown == bytes(kept)
