"""Every setting that says how a message is written to one carrier, as it stands in the submit_sm."""

import ssl
from pathlib import Path
from typing import Any

import msgspec
import pytest

from onesixty.carriers.registry import BUILT_IN
from onesixty.carriers.smpp import SmppSettings
from onesixty.carriers.smpp.plan import Plans
from onesixty.carriers.smpp.settings import tls_context
from onesixty.carriers.smpp.statuses import RECEIPT_CODES, ReceiptErrors
from onesixty.carriers.smpp.translate import inbound_of, receipt_of
from onesixty.channels.sms.content import Content, MadeFrom, Registered, to_text
from onesixty.core.contracts import Refusal, Submission
from onesixty.core.errors import CATALOGUE, Problem
from onesixty.smpp import codec, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import normal_id, parse_receipt
from tests.carriers.conformance import LONG, message

LINK = {"host": "smsc.example.net", "system_id": "me"}

#: A template with a registration in India, and another one for one carrier.
MADE_FROM = to_text(
    Content(
        made_from=MadeFrom(
            id="tpl_1",
            version=1,
            language="en",
            registered=(
                Registered(country="IN", ids={"template": "1108"}, carrier="car_b"),
                Registered(country="IN", ids={"entity": "1101", "template": "1107"}),
            ),
        )
    )
)


def frames(text: str = "hi", *, settings: dict[str, Any], concat: int = 0x1234, **of: Any) -> list[Pdu]:
    """The submit_sm of each segment, through the settings' own validation and over the wire and back."""
    made = msgspec.convert(BUILT_IN.validate("smpp", LINK | settings), SmppSettings)
    one = message(text)
    for name, value in of.items():
        setattr(one, name, value)
    plans = Plans(made)
    rendered = plans.of(one.recipient).render(one, one.sender, concat)
    assert not isinstance(rendered, Refusal), rendered
    count = rendered.units
    sent = Submission(one, rendered, list(range(count)), 1, concat, 90_000, 1_800_000_000_000)
    found = []
    for segment in range(count):
        plan = plans.only or plans.of(one.recipient)
        fields, tlvs = plan.submit(sent, segment)
        found.append(codec.decode(codec.encode(Pdu(c.SUBMIT_SM, 0, 1, fields, tlvs))))
    return found


@pytest.mark.parametrize(
    ("settings", "of", "field", "wanted"),
    [
        ({"service_type": "CMT"}, {}, "service_type", "CMT"),
        ({"service_type": "CMT", "service_types": {"otp": "OTP"}}, {"class_": "otp"}, "service_type", "OTP"),
        ({"service_types": {"otp": "OTP"}}, {"class_": "marketing"}, "service_type", ""),
        ({"source_kinds": {"short_code": {"ton": 6, "npi": 8}}}, {"sender": "40404"}, "source_addr_ton", 6),
        ({"source_kinds": {"numeric": {"ton": 2, "npi": 8}}}, {"sender": "+4915112345678"}, "source_addr_npi", 8),
        ({"source_kinds": {"numeric": {"ton": 2, "npi": 8}}}, {"sender": "Acme"}, "source_addr_ton", 5),
        ({"dest_ton": 0, "dest_npi": 0}, {}, "dest_addr_ton", 0),
        ({"recipient_form": "00"}, {}, "destination_addr", "0015550000001"),
        ({"recipient_form": "plus"}, {}, "destination_addr", "+15550000001"),
        ({}, {}, "validity_period", "000000000130000R"),
        ({"validity": "absolute"}, {}, "validity_period", "270115080130000+"),
        ({"validity_max_s": 60}, {}, "validity_period", "000000000100000R"),
        ({"validity": "absolute", "validity_max_s": 60}, {}, "validity_period", "270115080100000+"),
        ({"validity": "never"}, {}, "validity_period", ""),
        ({"message_mode": "store_and_forward", "reply_path": True}, {}, "esm_class", 0x83),
        ({"protocol_id": 0x41}, {}, "protocol_id", 0x41),
        ({"replace_if_present": "always"}, {}, "replace_if_present_flag", 1),
        ({"priorities": {"otp": 3, "transactional": 1}}, {"class_": "otp"}, "priority_flag", 3),
        ({"priorities": {"otp": 3, "transactional": 1}}, {"class_": "marketing"}, "priority_flag", 0),
        ({}, {}, "registered_delivery", 0x01),
        ({"intermediate_receipts": True}, {}, "registered_delivery", 0x11),
        ({"data_codings": {"gsm7": 0xF1}}, {}, "data_coding", 0xF1),
        ({"data_codings": {"gsm7": 0xF1}}, {"encoding": "ucs2"}, "data_coding", 8),
        ({"data_codings": {"ucs2": 0x18}}, {"encoding": "ucs2"}, "data_coding", 0x18),
    ],
)  # fmt: skip
def test_a_setting_stands_in_the_submit_sm(
    settings: dict[str, Any], of: dict[str, Any], field: str, wanted: object
) -> None:
    (pdu,) = frames(settings=settings, **of)
    assert pdu.fields[field] == wanted


def test_what_the_sender_asked_for_himself_goes_before() -> None:
    asked = to_text(Content(protocol_id=0x42, replace_if_present=True))
    (pdu,) = frames(settings={"protocol_id": 0x41}, content=asked)
    assert (pdu.number("protocol_id"), pdu.number("replace_if_present_flag")) == (0x42, 1)
    (pdu,) = frames(settings={"replace_if_present": "never"}, content=asked)
    assert pdu.number("replace_if_present_flag") == 0


def test_parts_are_held_together_by_sar_tlvs() -> None:
    """One reference for all parts, of 16 bits."""
    parts = frames(LONG, settings={"concatenation": "sar"})
    assert len(parts) > 1
    assert {pdu.tlv_int(tlv.SAR_MSG_REF_NUM) for pdu in parts} == {0x1234}
    assert {pdu.tlv_int(tlv.SAR_TOTAL_SEGMENTS) for pdu in parts} == {len(parts)}
    assert [pdu.tlv_int(tlv.SAR_SEGMENT_SEQNUM) for pdu in parts] == list(range(1, len(parts) + 1))
    assert not any(pdu.number("esm_class") & c.ESM_UDHI for pdu in parts)
    (single,) = frames("short", settings={"concatenation": "sar"})
    assert single.tlvs == ()


def test_a_long_message_goes_as_message_payload() -> None:
    (pdu,) = frames(LONG, settings={"concatenation": "payload"})
    assert pdu.octets("short_message") == b""
    assert len(pdu.tlv(tlv.MESSAGE_PAYLOAD) or b"") > 254
    (short,) = frames("short", settings={"concatenation": "payload"})
    assert (short.octets("short_message"), short.tlvs) == (b"short", ())


def test_packed_septets_round_trip() -> None:
    (pdu,) = frames("hello", settings={"alphabet": "gsm7_packed"})
    assert pdu.octets("short_message").hex() == "e8329bfd06"


def test_flash_as_the_carrier_wants_it() -> None:
    flash = to_text(Content(flash=True))
    (pdu,) = frames(settings={"flash": "subunit"}, content=flash)
    assert (pdu.tlv_int(tlv.DEST_ADDR_SUBUNIT), pdu.number("data_coding")) == (1, 0)
    (pdu,) = frames(settings={"flash": "general"}, content=flash)
    assert (pdu.tlvs, pdu.number("data_coding")) == ((), 0x10)


def test_a_destination_has_its_own_settings_by_the_longest_prefix() -> None:
    settings = {
        "service_type": "A",
        "protocol_id": 1,
        "destinations": {"1": {"service_type": "B"}, "1555": {"service_type": "C", "dest_npi": 0}, "49": {}},
    }
    for recipient, wanted in (
        ("+15550000001", ("C", 0, 1)),
        ("+12025550123", ("B", 1, 1)),
        ("+491511234567", ("A", 1, 1)),
        ("+447700900000", ("A", 1, 1)),
    ):
        (pdu,) = frames(settings=settings, recipient=recipient)
        found = (pdu.text("service_type"), pdu.number("dest_addr_npi"), pdu.number("protocol_id"))
        assert found == wanted


@pytest.mark.parametrize(
    ("extra", "of", "wanted"),
    [
        ({"tag": 0x1400, "value": "1201159"}, {}, (0x1400, b"1201159\0")),
        ({"tag": "0x1401", "value": "{tag:dlt_te}"}, {"tags": '["x","dlt_te:99:1"]'}, (0x1401, b"99:1\0")),
        ({"tag": "0x1401", "value": "{tag:dlt_te}", "type": "string"}, {"tags": '["dlt_te=99"]'}, (0x1401, b"99")),
        ({"tag": "0x1401", "value": "{tag:dlt_te}", "type": "string"}, {"tags": '["other:1"]'}, None),
        ({"tag": "0x1401", "value": "{tag:dlt_te}", "type": "string"}, {}, None),
        ({"tag": 0x1401, "value": "{registration:template}", "type": "string"},
         {"country": "IN", "content": MADE_FROM}, (0x1401, b"1107")),
        ({"tag": 0x1401, "value": "{registration:template}", "type": "string"},
         {"country": "IN", "content": MADE_FROM, "carrier_id": "car_b"}, (0x1401, b"1108")),
        ({"tag": 0x1400, "value": "{registration:entity}", "type": "string"},
         {"country": "IN", "content": MADE_FROM, "carrier_id": "car_b"}, (0x1400, b"1101")),
        ({"tag": 0x1401, "value": "{registration:template}"}, {"country": "DE", "content": MADE_FROM}, None),
        ({"tag": 0x1401, "value": "{registration:other}"}, {"country": "IN", "content": MADE_FROM}, None),
        ({"tag": 0x1401, "value": "{registration:template}"}, {"country": "IN"}, None),
        ({"tag": "user_message_reference", "value": 7}, {}, (0x0204, b"\0\7")),
        ({"tag": "source_port", "value": "{reference}"}, {"reference": "5000"}, (0x020A, b"\x13\x88")),
        ({"tag": "source_port", "value": "{reference}"}, {"reference": "no number"}, None),
        ({"tag": 0x1402, "value": 300}, {}, (0x1402, b"\x01\x2c")),
        ({"tag": 0x1402, "value": 1, "length": 4}, {}, (0x1402, b"\0\0\0\1")),
        ({"tag": 0x1403, "value": "00ff", "type": "octets"}, {}, (0x1403, b"\x00\xff")),
        ({"tag": 0x1404, "value": "{account}/{class}"}, {"account_id": "acc_1", "class_": "otp"},
         (0x1404, b"acc_1/otp\0")),
    ],
)  # fmt: skip
def test_extra_tlvs(extra: dict[str, Any], of: dict[str, Any], wanted: tlv.Tlv | None) -> None:
    (pdu,) = frames(settings={"tlvs": [extra]}, **of)
    assert pdu.tlvs == (() if wanted is None else (wanted,))


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"tlvs": [{"tag": "no_such_tlv", "value": 1}]}, "settings.tlvs[0]"),
        ({"tlvs": [{"tag": 1}]}, "settings.tlvs[0].value"),
        ({"tlvs": [{"tag": 0x10000, "value": 1}]}, "settings.tlvs[0].tag"),
        ({"tlvs": [{"tag": "0x10000", "value": 1}]}, "settings.tlvs[0]"),
        ({"tlvs": [{"tag": 0x1400, "value": "{nobody}"}]}, "settings.tlvs[0]"),
        ({"tlvs": [{"tag": 0x1400, "value": "{registration}"}]}, "settings.tlvs[0]"),
        ({"tlvs": [{"tag": 0x1400, "value": "xyz", "type": "octets"}]}, "settings.tlvs[0]"),
        ({"tlvs": [{"tag": "source_port", "value": 70_000}]}, "settings.tlvs[0]"),
        ({"tlvs": [{"tag": "callback_num", "value": "01"}]}, "settings.tlvs[0]"),
        ({"tlvs": [{"tag": 0x1400, "value": 1}], "interface_version": "3.3"}, "settings.tlvs"),
        ({"concatenation": "sar", "interface_version": "3.3"}, "settings.concatenation"),
        ({"destinations": {"44x": {}}}, "settings.destinations.44x"),
        ({"destinations": {"44": {"window": 5}}}, "settings.destinations.44.window"),
        ({"destinations": {"44": {"dest_ton": 300}}}, "settings.destinations.44.dest_ton"),
        ({"destinations": {"44": {"eight_bit": True}}}, "settings.destinations.44.eight_bit"),
        ({"source_kinds": {"pigeon": {"ton": 1, "npi": 1}}}, "settings.source_kinds"),
        ({"service_types": {"vip": "X"}}, "settings.service_types"),
        ({"priorities": {"otp": 9}}, "settings.priorities"),
        ({"data_codings": {"gsm7": 256}}, "settings.data_codings"),
        ({"service_type": "ü"}, "settings.service_type"),
        ({"source_ip": "here"}, "settings.source_ip"),
        ({"interface_version": "4.0"}, "settings.interface_version"),
        ({"address_range": "x" * 41}, "settings.address_range"),
        ({"tls": True, "tls_cert_file": "/nowhere/me.pem"}, "settings.tls_cert_file"),
        ({"tls_key_file": "/nowhere/me.key"}, "settings.tls_key_file"),
        ({"receipt_errors": {"034": "carrier_busy"}}, "settings.receipt_errors.034"),
        ({"receipt_errors": {"": "undeliverable"}}, "settings.receipt_errors."),
        ({"network_errors": {"3:x": "undeliverable"}}, "settings.network_errors.3:x"),
    ],
)
def test_a_setting_that_cannot_be_is_named(changes: dict[str, Any], param: str) -> None:
    with pytest.raises(Problem) as caught:
        BUILT_IN.validate("smpp", LINK | changes)
    assert caught.value.param is not None
    assert caught.value.param.startswith(param)


def test_a_certificate_of_our_own_is_used_and_a_broken_one_refused(tmp_path: Path) -> None:
    broken = tmp_path / "me.pem"
    broken.write_text("no certificate")
    with pytest.raises(Problem) as caught:
        BUILT_IN.validate("smpp", LINK | {"tls": True, "tls_cert_file": str(broken)})
    assert caught.value.param == "settings.tls_cert_file"
    context = tls_context(SmppSettings(**LINK, tls=True, tls_verify=False))  # type: ignore[arg-type]
    assert context is not None
    assert context.verify_mode == ssl.CERT_NONE


RECEIPT = "id:1 sub:001 dlvrd:000 submit date:2611220307 done date:2611220308 stat:UNDELIV err:034 text:"


@pytest.mark.parametrize(
    ("errs", "networks", "code", "meaning"),
    [
        ({}, {}, "034", None),
        ({"34": "recipient_opted_out"}, {}, "034", "recipient_opted_out"),
        ({}, {"3:17": "recipient_refused"}, "3:17", "recipient_refused"),
        ({}, {"17": "sender_refused"}, "3:17", "sender_refused"),
        ({"034": "message_refused"}, {"17": "sender_refused"}, "034", "message_refused"),
        ({"99": "message_refused"}, {"18": "sender_refused"}, "034", None),
    ],
)
def test_errors_of_receipts_mean_what_the_carrier_says(
    errs: dict[str, str], networks: dict[str, str], code: str, meaning: str | None
) -> None:
    """An overridable table for `err` and for network_error_code."""
    pdu = Pdu(
        c.DELIVER_SM,
        fields={"esm_class": 4, "source_addr": "1555", "short_message": RECEIPT.encode()},
        tlvs=(tlv.make("network_error_code", b"\x03\x00\x11"),),
    )
    parsed = parse_receipt(pdu)
    assert parsed is not None
    tables = ReceiptErrors(errs, networks)
    receipt = receipt_of("car_1", pdu, parsed, SmppSettings(**LINK), tables)  # type: ignore[arg-type]
    assert receipt.code == code
    assert tables.of(code) == meaning


def test_codes_of_receipts_are_of_the_catalogue() -> None:
    assert set(RECEIPT_CODES) <= set(CATALOGUE)


@pytest.mark.parametrize(
    ("answer", "reported", "answer_form", "form"),
    [
        ("1a2b", "6699", "hex", "decimal"),
        ("6699", "1A2B", "decimal", "hex"),
        ("0010", "10", "decimal", "decimal"),
        ("00AF", "af", "hex", "hex"),
        ("6699", "1a2b", "unsaid", "hex"),
    ],
)
def test_both_sides_of_an_id_can_be_said(answer: str, reported: str, answer_form: str, form: str) -> None:
    """Kannel's two bits; where both are said, no other form is tried."""
    settings = SmppSettings(**LINK, answer_id_form=answer_form, id_form=form)  # type: ignore[arg-type]
    pdu = Pdu(c.DELIVER_SM, fields={"esm_class": 4, "short_message": f"id:{reported} stat:DELIVRD".encode()})
    parsed = parse_receipt(pdu)
    assert parsed is not None
    candidates = receipt_of("car_1", pdu, parsed, settings, ReceiptErrors({}, {})).candidates
    assert normal_id(answer) in candidates
    if answer_form == form:
        assert candidates == (normal_id(reported),)


@pytest.mark.parametrize("command_id", [c.DELIVER_SM, c.DATA_SM])
def test_all_that_an_incoming_part_says_is_handed_over(command_id: int) -> None:
    """message_payload, UDH and sar TLVs, whichever they come in."""
    settings = SmppSettings(**LINK, alphabet="latin1")  # type: ignore[arg-type]
    header = bytes.fromhex("050003070201")
    pdu = Pdu(
        command_id,
        fields={"source_addr": "15550000001", "destination_addr": "40404", "esm_class": c.ESM_UDHI},
        tlvs=(
            tlv.make("message_payload", header + b"part"),
            tlv.make("sar_msg_ref_num", 7),
            tlv.make("sar_total_segments", 2),
            tlv.make("sar_segment_seqnum", 1),
        ),
    )
    inbound = inbound_of("car_1", pdu, 5, settings, "3")
    assert (inbound.udh, inbound.payload, inbound.sar) == (header, b"part", (7, 2, 1))
    assert (inbound.alphabet, inbound.session) == ("latin1", "3")
