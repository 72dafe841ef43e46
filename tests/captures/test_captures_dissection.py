"""A frame taken apart: every octet belongs to one part, and the values are the codec's."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from onesixty.captures.dissection import Part, dissect
from onesixty.captures.meanings import meaning_of, udh_meaning
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.codec import encode
from onesixty.smpp.fields import DestAddress, DistributionList
from onesixty.smpp.layouts import LAYOUTS
from onesixty.smpp.pdu import Pdu

BODY: dict[str, Any] = {"source_addr_ton": 5, "source_addr": "Acme", "destination_addr": "15551234567"}


def parts_of(pdu: Pdu) -> dict[str, Part]:
    found = dissect(encode(pdu))
    assert found.problem is None
    return {part.name: part for part in found.parts}


@given(st.binary(max_size=200), st.sampled_from([*LAYOUTS, 0x00ABCDEF]))
def test_every_octet_belongs_to_one_part(body: bytes, command_id: int) -> None:
    frame = (len(body) + 16).to_bytes(4, "big") + command_id.to_bytes(4, "big") + bytes(7) + b"\x01" + body
    parts, problem = dissect(frame)
    places = [place for part in parts for place in range(part.start, part.end)]
    assert places == list(range(len(frame)))
    if any(part.kind == "rest" for part in parts):
        assert problem is not None
    cut = dissect(body[:15])
    assert [place for part in cut.parts for place in range(part.start, part.end)] == list(
        range(len(body[:15]))
    )


def test_a_submit_is_read_field_by_field() -> None:
    part = b"\x05\x00\x03\x2a\x02\x01Hello"
    fields = {**BODY, "esm_class": 0x43, "registered_delivery": 1, "short_message": part}
    parts = parts_of(Pdu(c.SUBMIT_SM, sequence=7, fields=fields, tlvs=((0x1400, b"\x01\x02"),)))
    assert (parts["command_id"].value, parts["command_id"].meaning) == ("0x00000004", "submit_sm")
    assert (parts["sequence_number"].value, parts["sequence_number"].kind) == ("7", "header")
    assert (parts["source_addr"].value, parts["source_addr_ton"].meaning) == ('"Acme"', "alphanumeric")
    assert parts["esm_class"].meaning == "store and forward mode, user data header"
    assert parts["registered_delivery"].meaning == "final receipt"
    assert parts["user_data_header"].meaning == "part 1 of 2, reference 42"
    assert parts["short_message"].value == '"Hello"'
    assert parts["short_message"].start == parts["user_data_header"].end == parts["sm_length"].end + 6
    assert (parts["0x1400"].value, parts["0x1400"].tag, parts["0x1400"].head) == ("01 02", 0x1400, 4)


def test_texts_are_read_by_the_data_coding() -> None:
    ucs2 = {**BODY, "data_coding": 8, "short_message": "Привет".encode("utf-16-be")}
    assert parts_of(Pdu(c.SUBMIT_SM, fields=ucs2))["short_message"].value == '"Привет"'
    payload = ((tlv.MESSAGE_PAYLOAD, b"a\x00b"),)
    assert parts_of(Pdu(c.DATA_SM, fields={}, tlvs=payload))["message_payload"].value == '"a@b"'


def test_answers_lists_and_tlvs() -> None:
    refused = parts_of(Pdu(c.SUBMIT_SM_RESP, c.ESME_RTHROTTLED, 9))
    assert refused["command_status"].meaning is not None
    assert refused["command_status"].meaning.startswith("ESME_RTHROTTLED: ")
    assert "message_id" not in refused
    dests = (DestAddress(1, 1, "1555"), DistributionList("all"))
    several = parts_of(Pdu(c.SUBMIT_MULTI, fields={"source_addr": "1", "dest_address": dests}))
    assert several["dest_address"].value == '1/1 "1555", list "all"'
    receipt = ((tlv.MESSAGE_STATE, b"\x02"), (tlv.NETWORK_ERROR_CODE, b"\x03\x00\x1b"))
    found = parts_of(Pdu(c.DELIVER_SM, fields=BODY, tlvs=receipt))
    assert (found["message_state"].value, found["message_state"].meaning) == ("2", "DELIVERED")
    assert found["network_error_code"].meaning == "GSM, code 27"


def test_what_cannot_be_read_is_said_and_shown() -> None:
    whole = encode(Pdu(c.SUBMIT_SM, fields={**BODY, "short_message": b"Hello"}))
    frame = (len(whole) - 2).to_bytes(4, "big") + whole[4:-2]
    parts, problem = dissect(frame)
    assert problem is not None
    assert "short_message" in problem
    assert (parts[-1].kind, frame[parts[-1].start :]) == ("rest", b"\x05Hel")
    parts, problem = dissect((18).to_bytes(4, "big") + bytes((0, 0, 0, 0x77)) + bytes(8) + b"\x01\x02")
    assert (problem, parts[-1].value) == ("unknown command 0x00000077", "01 02")
    bad = (tlv.MESSAGE_STATE, b"\x02\x03")
    assert parts_of(Pdu(c.DELIVER_SM, fields=BODY, tlvs=(bad,)))["message_state"].value == "02 03"


def test_meanings() -> None:
    assert meaning_of("data_coding", 0x10) == "default alphabet (read as GSM 7-bit), class 0 (flash)"
    assert meaning_of("esm_class", 4) == "delivery receipt"
    assert meaning_of("esm_class", 0) is None
    assert meaning_of("registered_delivery", 0x11) == "final receipt, intermediate notifications"
    assert meaning_of("interface_version", 0x34) == "3.4"
    assert meaning_of("dest_addr_npi", 1) == "ISDN (E.164)"
    assert meaning_of("data_coding", "x") is None
    assert meaning_of("message_id", "42") is None
    assert udh_meaning(b"\x06\x08\x04\x01\x00\x03\x02") == "part 2 of 3, reference 256"
    assert udh_meaning(b"\x06\x05\x04\x0b\x84\x23\xf0") == "ports 9200 to 2948"
    assert udh_meaning(b"\x03\x25\x01\x01") == "national language table 1 (locking shift)"
    assert udh_meaning(b"\x03\x70\x01\xff") == "element 0x70: ff"
    assert udh_meaning(b"\x09\x70") == "the length octet does not match the header"
