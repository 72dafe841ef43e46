"""Receipts as carriers really write them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import (
    Receipt,
    format_receipt,
    format_receipt_date,
    id_keys,
    normal_id,
    parse_receipt,
    parse_receipt_date,
    parse_receipt_text,
    state_of_word,
)

PLAIN = (
    "id:0123456789 sub:001 dlvrd:001 submit date:2601311200 done date:2601311201 "
    "stat:DELIVRD err:000 text:Hello stat:UNDELIV"
)


def deliver(text: bytes, *tlvs: tlv.Tlv, esm_class: int = 4, data_coding: int = 0) -> Pdu:
    fields = {"esm_class": esm_class, "data_coding": data_coding, "short_message": text}
    return Pdu(c.DELIVER_SM, 0, 1, dict(fields), tuple(tlvs))


def parsed(text: str, *tlvs: tlv.Tlv) -> Receipt:
    receipt = parse_receipt(deliver(text.encode("latin-1"), *tlvs))
    assert receipt is not None
    return receipt


def test_receipt_of_appendix_b() -> None:
    receipt = parsed(PLAIN)
    assert receipt == Receipt(
        id="0123456789",
        state=c.STATE_DELIVERED,
        stat="DELIVRD",
        err="000",
        sub=1,
        dlvrd=1,
        submit_date="2601311200",
        done_date="2601311201",
        text="Hello stat:UNDELIV",
    )
    assert receipt.final


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # sub and dlvrd missing
        (
            "id:7 submit date:2601311200 done date:2601311201 stat:EXPIRED err:254",
            Receipt("7", c.STATE_EXPIRED, "EXPIRED", "254", submit_date="2601311200", done_date="2601311201"),
        ),
        # err:null, four digits, none
        ("id:7 stat:DELIVRD err:null text:", Receipt("7", c.STATE_DELIVERED, "DELIVRD", None, text="")),
        ("id:7 stat:REJECTD err:1027", Receipt("7", c.STATE_REJECTED, "REJECTD", "1027")),
        # a word of the carrier's own, lower case, a word cut elsewhere
        ("id:7 stat:FAILED err:1", Receipt("7", c.STATE_UNDELIVERABLE, "FAILED", "1")),
        ("id:7 stat:delivrd", Receipt("7", c.STATE_DELIVERED, "delivrd")),
        ("id:7 stat:Delivered", Receipt("7", c.STATE_DELIVERED, "Delivered")),
        ("id:7 stat:UNDELIVERABLE", Receipt("7", c.STATE_UNDELIVERABLE, "UNDELIVERABLE")),
        ("id:7 stat:BLUE", Receipt("7", None, "BLUE")),
        ("id:7 stat:2", Receipt("7", c.STATE_DELIVERED, "2")),
        # other spacing, other order, unknown keys, capitals, a trailing NUL
        ("ID: 7, STAT: ACCEPTD, ERR: 0\0", Receipt("7", c.STATE_ACCEPTED, "ACCEPTD", "0")),
        ("stat:DELIVRD foo:bar id:7 dest:155", Receipt("7", c.STATE_DELIVERED, "DELIVRD")),
        (
            "id:7 submit_date:1 donedate:2 status=UNKNOWN error=5",
            Receipt("7", c.STATE_UNKNOWN, "UNKNOWN", "5", submit_date="1", done_date="2"),
        ),
        # not a number where one belongs
        ("id:7 sub:a dlvrd:-1 stat:ENROUTE", Receipt("7", c.STATE_ENROUTE, "ENROUTE")),
        # nothing
        ("", Receipt()),
        ("text:id:9 stat:DELIVRD", Receipt(text="id:9 stat:DELIVRD")),
        # the first of a repeated key counts
        ("id:7 id:8 stat:DELIVRD stat:UNDELIV", Receipt("7", c.STATE_DELIVERED, "DELIVRD")),
    ],
)
def test_tolerant_text(text: str, expected: Receipt) -> None:
    """Parts missing, `err:null`, four-digit err, `stat:FAILED`, lower case, no text."""
    assert parse_receipt_text(text) == expected


def test_tlvs_only() -> None:
    """A receipt in TLVs only."""
    receipt = parsed(
        "",
        tlv.make("receipted_message_id", "abc"),
        tlv.make("message_state", c.STATE_UNDELIVERABLE),
        tlv.make("network_error_code", b"\x03\x01\x02"),
    )
    assert (receipt.id, receipt.state, receipt.network_error) == ("abc", c.STATE_UNDELIVERABLE, (3, 0x102))
    assert not receipt.conflict


def test_text_and_tlvs_at_odds() -> None:
    """TLV and text at odds: the TLV is believed, the contradiction told, both ids offered."""
    receipt = parsed(PLAIN, tlv.make("receipted_message_id", "other"), tlv.make("message_state", 5))
    assert receipt.conflict
    assert (receipt.id, receipt.other_id, receipt.state) == ("other", "0123456789", c.STATE_UNDELIVERABLE)
    assert receipt.id_keys[0] == "other"
    assert "123456789" in receipt.id_keys


def test_text_that_tells_an_end_outweighs_a_tlv_that_tells_none() -> None:
    """message_state ENROUTE left in a receipt whose text says DELIVRD."""
    receipt = parsed(PLAIN, tlv.make("message_state", c.STATE_ENROUTE))
    assert (receipt.state, receipt.conflict) == (c.STATE_DELIVERED, True)


def test_same_id_in_another_base_is_no_contradiction() -> None:
    receipt = parsed("id:255 stat:DELIVRD", tlv.make("receipted_message_id", "FF"))
    assert (receipt.id, receipt.other_id, receipt.conflict) == ("FF", "255", False)


def test_accepted_and_enroute_are_no_end() -> None:
    """ACCEPTD is not final; nor are ENROUTE and UNKNOWN."""
    finals = {"DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "REJECTD"}
    for word in (*finals, "ACCEPTD", "ENROUTE", "UNKNOWN", "NONSENSE"):
        assert parsed(f"id:1 stat:{word}").final == (word in finals)


@pytest.mark.parametrize("esm_class", [0x04, 0x44, 0x20, 0x07])
def test_esm_class_marks_receipts(esm_class: int) -> None:
    assert parse_receipt(deliver(b"", esm_class=esm_class)) == Receipt()


def test_ordinary_messages_are_no_receipts() -> None:
    message = deliver(PLAIN.encode(), esm_class=0)
    assert parse_receipt(message) is None
    assert parse_receipt(message, loose=True) is not None
    assert parse_receipt(deliver(b"id:5 is my order", esm_class=0), loose=True) is None
    assert parse_receipt(deliver(b"", tlv.make("receipted_message_id", "5"), esm_class=0)) is not None


def test_ucs2_and_payload() -> None:
    in_ucs2 = parse_receipt(deliver("id:7 stat:DELIVRD".encode("utf-16-be"), data_coding=8))
    assert in_ucs2 is not None
    assert in_ucs2.state == c.STATE_DELIVERED
    mislabelled = parse_receipt(deliver(b"id:7 stat:DELIVRD", data_coding=8))
    assert mislabelled is not None
    assert mislabelled.id == "7"
    in_payload = parse_receipt(deliver(b"", tlv.make("message_payload", b"id:7 stat:DELIVRD")))
    assert in_payload is not None
    assert in_payload.id == "7"


@pytest.mark.parametrize(
    ("answered", "receipted"),
    [
        ("7b", "123"),
        ("7B", "123"),
        ("0000007B", "0000000123"),
        ("123", "7b"),
        ("123", "0x7B"),
        ("00123", "123"),
        ("123", "000123"),
        ("AbCdEf01-xyz", "abcdef01-XYZ"),
        ("1234567890ABCDEF", "1311768467294899695"),
        ("c449ab9744f47b6af1879e49e75e4f40", "260911205121351858987260133948822277952"),
        ("x" * 64, "X" * 64),
        ("0", "000"),
        (" 17 ", "17"),
    ],
)
def test_ids_that_differ_between_answer_and_receipt(answered: str, receipted: str) -> None:
    """Hex against decimal, zeros in front, case, length to 64."""
    assert normal_id(answered) in id_keys(receipted)


def test_the_id_as_written_comes_first() -> None:
    """`10` may be ten or sixteen; what is written counts before what it may mean."""
    assert id_keys("10") == ("10", "a", "16")
    assert id_keys("") == ()
    assert id_keys("9" * 64) == ("9" * 64,)


@given(st.text("0123456789", min_size=1, max_size=34))
def test_a_decimal_id_has_the_forms_of_any_id(digits: str) -> None:
    """The short way for ids of digits; a blank before the id takes the general way for those that are longer."""
    assert id_keys(digits) == id_keys(" " * 32 + digits)


def test_dates() -> None:
    moment = datetime(2026, 1, 31, 12, 5)
    assert parse_receipt_date("2601311205") == moment
    assert parse_receipt_date("260131120500") == moment
    assert parse_receipt_date("20260131120500") == moment
    assert parse_receipt_date(format_receipt_date(moment)) == moment
    for wrong in ("", "26013112", "2613311205", "26-01-31", "2602301205"):
        assert parse_receipt_date(wrong) is None


def test_written_receipts_are_read_back() -> None:
    receipt = Receipt("abc", c.STATE_EXPIRED, "EXPIRED", "011", 1, 0, "2601311200", "2601311201", "Hi")
    assert parse_receipt_text(format_receipt(receipt).decode()) == receipt
    assert format_receipt(Receipt(id="1", state=2, text="x" * 99)).endswith(b"text:" + b"x" * 20)
    for state in c.STATE_NAMES:
        word = parse_receipt_text(format_receipt(Receipt(id="1", state=state)).decode()).stat
        assert word is not None
        assert state_of_word(word) is not None


receipt_words = st.sampled_from(
    ["id:", "sub:", "dlvrd:", "submit date:", "done date:", "stat:", "err:", "text:", "DELIVRD", " ", "null"]
)


@given(st.one_of(st.text(max_size=200), st.lists(st.one_of(receipt_words, st.text(max_size=9))).map("".join)))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    receipt = parse_receipt_text(text)
    assert receipt.final in (True, False)
    assert all(receipt.id_keys)
    parse_receipt_date(text)
    state_of_word(text)


@given(
    st.binary(max_size=200),
    st.integers(0, 255),
    st.integers(0, 255),
    st.lists(
        st.tuples(
            st.sampled_from((tlv.RECEIPTED_MESSAGE_ID, tlv.MESSAGE_STATE, tlv.NETWORK_ERROR_CODE)),
            st.binary(max_size=70),
        )
    ),
    st.booleans(),
)
def test_no_octets_make_the_parser_raise(
    text: bytes, esm_class: int, coding: int, tlvs: list[tlv.Tlv], loose: bool
) -> None:
    receipt = parse_receipt(deliver(text, *tlvs, esm_class=esm_class, data_coding=coding), loose=loose)
    if receipt is not None:
        assert receipt.state is None or receipt.state in c.STATE_NAMES
        format_receipt(receipt)


def test_each_segments_receipt_stands_alone() -> None:
    """Each segment has its own id and receipt; nothing here folds them into one."""
    first = parsed("id:a1 sub:001 dlvrd:000 stat:UNDELIV err:027")
    second = parsed("id:a2 sub:002 dlvrd:002 stat:DELIVRD err:000")
    assert (first.id, first.state, first.err) == ("a1", c.STATE_UNDELIVERABLE, "027")
    assert (second.id, second.state) == ("a2", c.STATE_DELIVERED)
    assert not set(first.id_keys) & set(second.id_keys)
