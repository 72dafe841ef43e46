"""Between onesixty and SMPP: addresses, statuses, receipts, messages from handsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.carriers.smpp import SmppSettings
from onesixty.carriers.smpp.plan import Plans
from onesixty.carriers.smpp.statuses import (
    CODES,
    TABLE,
    ReceiptErrors,
    outcome_kind,
    parse_key,
    table_with,
)
from onesixty.carriers.smpp.translate import address_of, inbound_of, receipt_of
from onesixty.channels.sms.rendering import render_message
from onesixty.core.contracts import Refusal, Submission
from onesixty.core.errors import CATALOGUE
from onesixty.smpp import codec, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import normal_id, parse_receipt
from onesixty.text import Concat, concat_of, decode
from tests.carriers.conformance import LONG, message

SETTINGS = SmppSettings(host="h", system_id="s")
NONE = ReceiptErrors({}, {})


def submit_fields(sent: Submission, segment: int, settings: SmppSettings) -> dict[str, FieldValue]:
    return Plans(settings).of(sent.message.recipient).submit(sent, segment)[0]


def submission(text: str, validity_ms: int = 86_400_000, sender: str = "Acme") -> Submission:
    one = message(text, sender=sender)
    rendered = render_message(one, one.sender, 0x1234)
    assert not isinstance(rendered, Refusal)
    return Submission(one, rendered, list(range(rendered.units)), 1, 0x1234, validity_ms, 0)


@pytest.mark.parametrize(
    ("sender", "ton", "npi", "wanted"),
    [
        ("Acme", None, None, (5, 0, "Acme")),
        ("+4915112345678", None, None, (1, 1, "4915112345678")),
        ("40404", None, None, (3, 0, "40404")),
        ("40404", 0, 1, (0, 1, "40404")),
        ("bad/sender", None, None, (0, 0, "bad/sender")),
    ],
)
def test_ton_and_npi_follow_the_sender_or_the_settings(
    sender: str, ton: int | None, npi: int | None, wanted: tuple[int, int, str]
) -> None:
    settings = SmppSettings(host="h", system_id="s", source_ton=ton, source_npi=npi)
    fields = submit_fields(submission("x", sender=sender), 0, settings)
    assert (fields["source_addr_ton"], fields["source_addr_npi"], fields["source_addr"]) == wanted


@pytest.mark.parametrize(
    ("digits", "ton", "wanted"),
    [
        ("15550001111", 1, "+15550001111"),
        ("0015550001111", 0, "+15550001111"),
        ("15550001111", 0, "+15550001111"),
        ("40404", 3, "40404"),
        ("40404", 0, "40404"),
        ("40404", 1, "40404"),
        ("07700900123", 0, "07700900123"),
        ("07700900123", 2, "07700900123"),
        ("Acme", 5, "Acme"),
        ("", 0, ""),
    ],
)
def test_an_address_of_the_wire_becomes_ours(digits: str, ton: int, wanted: str) -> None:
    assert address_of(digits, ton) == wanted


def test_a_segment_as_submit_sm() -> None:
    """A receipt is always asked for, by every segment."""
    sent = submission(LONG)
    for segment in sent.pending:
        fields = submit_fields(sent, segment, SETTINGS)
        frame = codec.encode(Pdu(c.SUBMIT_SM, 0, 1, fields))
        pdu = codec.decode(frame)
        assert pdu.number("registered_delivery") == 1
        assert pdu.number("esm_class") == c.ESM_UDHI
        assert pdu.text("destination_addr") == "15550000001"
        assert (pdu.number("dest_addr_ton"), pdu.number("dest_addr_npi")) == (1, 1)
        assert pdu.text("validity_period") == "000001000000000R"
        assert concat_of(pdu.octets("short_message")[:6]) == Concat(0x34, 7, segment + 1, 8)


@pytest.mark.parametrize(
    ("validity_ms", "wanted"),
    [(0, ""), (-5, ""), (1, "000000000001000R"), (90_000, "000000000130000R"), (10**12, "000031000000000R")],
)
def test_the_carrier_gets_what_remains_of_the_validity(validity_ms: int, wanted: str) -> None:
    assert submit_fields(submission("x", validity_ms), 0, SETTINGS).get("validity_period", "") == wanted
    without = SmppSettings(host="h", system_id="s", validity="never")
    assert "validity_period" not in submit_fields(submission("x", validity_ms), 0, without)


@pytest.mark.parametrize("alphabet", ["gsm7", "latin1", "ascii"])
def test_data_coding_0_is_what_the_link_says(alphabet: str) -> None:
    """GSM 03.38, Latin-1 or ASCII; @ and pound must round-trip, or be refused."""
    text = "a@b" if alphabet == "ascii" else "a@b £"
    rendered = render_message(message(text), "Acme", 0, alphabet=alphabet)  # type: ignore[arg-type]
    assert not isinstance(rendered, Refusal)
    assert rendered.data_coding == 0
    assert decode(rendered.payloads[0], 0, alphabet) == text  # type: ignore[arg-type]
    if alphabet == "ascii":
        refused = render_message(message("£"), "Acme", 0, alphabet="ascii")
        assert isinstance(refused, Refusal)
        assert refused.code == "carrier_cannot_carry"


def test_a_reference_of_16_bits() -> None:
    rendered = render_message(message(LONG), "Acme", 0x1234, concatenation="udh16")
    assert not isinstance(rendered, Refusal)
    assert concat_of(rendered.udhs[0]) == Concat(0x1234, len(rendered.udhs), 1, 16)


def test_statuses_of_the_table_are_of_the_catalogue() -> None:
    assert set(TABLE.values()) <= set(CODES) <= set(CATALOGUE)
    assert outcome_kind(TABLE[c.ESME_RTHROTTLED]) == outcome_kind(TABLE[c.ESME_RMSGQFUL]) == "throttled"
    assert outcome_kind(TABLE[c.ESME_RSYSERR]) == "retryable"
    assert outcome_kind(TABLE[c.ESME_RINVDSTADR]) == "permanent"
    assert CATALOGUE[TABLE[c.ESME_RINVSRCADR]].scope == "sender"


def test_a_carrier_overrides_statuses_single_ones_before_ranges() -> None:
    table = table_with(
        {
            "0x0402": "recipient_opted_out",
            "0x400-0x4FF": "message_refused",
            "ESME_RSUBMITFAIL": "carrier_busy",
            "1026": "recipient_opted_out",
        }
    )
    assert table[0x401] == "message_refused"
    assert table[0x402] == "recipient_opted_out"
    assert table[c.ESME_RSUBMITFAIL] == "carrier_busy"
    assert parse_key("esme_rthrottled") == range(0x58, 0x59)


def receipt_pdu(text: str, *tlvs: tuple[int, bytes]) -> Pdu:
    return Pdu(
        c.DELIVER_SM,
        0,
        1,
        {
            "source_addr_ton": 1,
            "source_addr": "15550000001",
            "dest_addr_ton": 5,
            "destination_addr": "Acme",
            "esm_class": 4,
            "short_message": text.encode("latin-1"),
        },
        tlvs,
    )


@pytest.mark.parametrize(
    ("answered", "reported", "id_form"),
    [
        ("0123456789", "123456789", "auto"),
        ("1a2b3c4d5e", "112394521950", "auto"),
        ("112394521950", "1a2b3c4d5e", "auto"),
        ("112394521950", "1A2B3C4D5E", "hex"),
        ("1a2b3c4d5e", "112394521950", "decimal"),
        ("ABCdef", "abcDEF", "same"),
        ("f" * 64, "F" * 64, "same"),
    ],
)
def test_ids_match_however_they_are_written(answered: str, reported: str, id_form: str) -> None:
    """Hex against decimal, zeros in front, case, length to 64."""
    settings = SmppSettings(host="h", system_id="s", id_form=id_form)  # type: ignore[arg-type]
    pdu = receipt_pdu(f"id:{reported} stat:DELIVRD err:000")
    parsed = parse_receipt(pdu)
    assert parsed is not None
    receipt = receipt_of("car_1", pdu, parsed, settings, NONE)
    assert normal_id(answered) in receipt.candidates
    assert (receipt.recipient, receipt.sender) == ("+15550000001", "Acme")


def test_the_same_form_tries_no_other() -> None:
    settings = SmppSettings(host="h", system_id="s", id_form="same")
    pdu = receipt_pdu("id:100 stat:DELIVRD")
    parsed = parse_receipt(pdu)
    assert parsed is not None
    assert receipt_of("car_1", pdu, parsed, settings, NONE).candidates == ("100",)


def test_the_record_of_a_receipt_has_no_text_and_no_control_characters() -> None:
    pdu = receipt_pdu(
        "id:7\0 sub:001 dlvrd:001 done date:2611222307 stat:DELIVRD err:000 text:my secret",
        (tlv.NETWORK_ERROR_CODE, b"\x03\0\x1b"),
    )
    parsed = parse_receipt(pdu)
    assert parsed is not None
    receipt = receipt_of("car_1", pdu, parsed, SETTINGS, NONE)
    assert "secret" not in receipt.raw
    assert receipt.raw.isprintable()
    assert "stat:DELIVRD" in receipt.raw
    assert receipt.done_at is None, "a date without a zone says no moment"
    in_berlin = SmppSettings(host="h", system_id="s", receipt_timezone="Europe/Berlin")
    assert receipt_of("car_1", pdu, parsed, in_berlin, NONE).done_at == 1_795_385_220_000


def test_a_receipt_that_says_nothing_is_a_receipt_all_the_same() -> None:
    """No text, no TLV: nothing to match by, and not lost."""
    pdu = receipt_pdu("")
    parsed = parse_receipt(pdu)
    assert parsed is not None
    receipt = receipt_of("car_1", pdu, parsed, SETTINGS, NONE)
    assert (receipt.candidates, receipt.state, receipt.code) == ((), 7, None)


@given(st.binary(max_size=254), st.integers(0, 255), st.text(max_size=20))
def test_whatever_a_carrier_delivers_is_read(payload: bytes, esm_class: int, source: str) -> None:
    pdu = Pdu(
        c.DELIVER_SM,
        0,
        1,
        {"esm_class": esm_class, "short_message": payload, "source_addr": source, "data_coding": esm_class},
        (
            (tlv.SAR_MSG_REF_NUM, payload[:2]),
            (tlv.SAR_TOTAL_SEGMENTS, b"\2"),
            (tlv.SAR_SEGMENT_SEQNUM, b"\3"),
        ),
    )
    parsed = parse_receipt(pdu, loose=True)
    if parsed is None:
        inbound = inbound_of("car_1", pdu, 5, SETTINGS)
        assert inbound.udh + inbound.payload == payload
    else:
        assert receipt_of("car_1", pdu, parsed, SETTINGS, NONE).raw.isprintable()


def test_a_part_told_by_tlvs_says_its_place() -> None:
    pdu = Pdu(
        c.DELIVER_SM,
        0,
        1,
        {"source_addr": "15550000001", "destination_addr": "40404", "short_message": b"part"},
        (
            (tlv.SAR_MSG_REF_NUM, b"\x01\x02"),
            (tlv.SAR_TOTAL_SEGMENTS, b"\x03"),
            (tlv.SAR_SEGMENT_SEQNUM, b"\x02"),
        ),
    )
    inbound = inbound_of("car_1", pdu, 5, SETTINGS)
    assert (inbound.sar, inbound.udh) == ((0x0102, 3, 2), b"")
    assert (inbound.payload, inbound.sender, inbound.recipient) == (b"part", "+15550000001", "40404")
