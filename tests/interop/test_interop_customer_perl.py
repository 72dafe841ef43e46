"""Perl's Net::SMPP (Debian's libnet-smpp-perl), unchanged, as a customer of a running product."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.esme_process import RECEIPT, EsmeProcess, bound
from tests.interop.shop import LONG, OFF, PATIENCE, SHORT, UNICODE, Customer, Shop
from tests.support.peers import require_program
from tests.support.waiting import wait_until

HERE = Path(__file__).parent / "perl"
SENDER = {"source_addr_ton": 5, "source_addr_npi": 0, "source_addr": "YourBrand"}
SENDER |= {"dest_addr_ton": 1, "dest_addr_npi": 1}


@pytest.fixture
def perl() -> str:
    found = require_program("perl", "perl-base")
    if subprocess.run([found, "-MNet::SMPP", "-e", "1"], capture_output=True, check=False).returncode:
        pytest.skip(
            "Net::SMPP is not installed (package libnet-smpp-perl; scripts/setup-interop installs it)"
        )
    return found


@pytest.fixture
def customer(shop: Shop) -> Customer:
    return shop.customer("perl", rate=0)


@pytest.fixture
def esme(perl: str, shop: Shop, customer: Customer) -> Iterator[EsmeProcess]:
    with bound([perl, str(HERE / "esme.pl")], shop, customer, cwd=HERE) as running:
        yield running


def test_messages_and_receipts(shop: Shop, customer: Customer, esme: EsmeProcess) -> None:
    """Short, long as message_payload, and Unicode as parts with sar_* TLVs; receipts for each submit_sm."""
    short, long, unicode = (next(customer.handsets) for _ in range(3))
    common = SENDER | {"registered_delivery": 1}
    gsm = {"short_message": {"hex": gsm_of(SHORT).hex()}}
    esme.tell("submit_sm", "short", **common, destination_addr=short[1:], **gsm)
    payload = {"message_payload": {"hex": gsm_of(LONG).hex()}}
    esme.tell("submit_sm", "long", **common, destination_addr=long[1:], **payload)
    octets = UNICODE.encode("utf-16-be")
    pieces = [octets[start : start + 134] for start in range(0, len(octets), 134)]
    for number, piece in reversed(list(enumerate(pieces, 1))):
        sar = {
            "sar_msg_ref_num": {"u16": 700}, "sar_total_segments": {"u8": len(pieces)},
            "sar_segment_seqnum": {"u8": number},
        }  # fmt: skip
        fields = common | {"destination_addr": unicode[1:], "data_coding": 8} | sar
        esme.tell("submit_sm", f"part {number}", **fields, short_message={"hex": piece.hex()})
    esme.tell("submit_sm", "off", **common, destination_addr=OFF[1:], short_message="never shown")
    count = len(pieces) + 3
    wait_until(lambda: len(esme.receipts()) == count, PATIENCE, f"{count} receipts")
    answers = {one["tag"]: one for one in esme.of("answer")}
    assert {one["status"] for one in answers.values()} == {0}
    # Net::SMPP hands TLVs over as they are: a C-Octet String with its NUL.
    receipts = {id_.rstrip("\0"): receipt for id_, receipt in esme.receipts().items()}
    assert {one["message_id"] for one in answers.values()} == set(receipts)
    for tag, answer in answers.items():
        receipt = receipts[answer["message_id"]]
        text = bytes.fromhex(receipt["short_message"]).decode()
        assert text.startswith(f"id:{answer['message_id']} ")
        assert (" stat:EXPIRED " if tag == "off" else " stat:DELIVRD ") in text
        assert receipt["message_state"] == (3 if tag == "off" else 2)
        assert receipt["esm_class"] == RECEIPT
    for handset, text in ((short, SHORT), (long, LONG), (unicode, UNICODE)):
        shop.wait_for_texts(handset, text)
    esme.unbind()
    shop.wait_unbound(customer)


def test_incoming_and_what_is_asked_for(shop: Shop, customer: Customer, esme: EsmeProcess) -> None:
    """Incoming in GSM-7 and UCS-2; query_sm, replace_sm and cancel_sm of a message that waits."""
    handset = next(customer.handsets)
    shop.answer(handset, customer.number, SHORT)
    wait_until(esme.incoming, PATIENCE, "the message")
    assert bytes.fromhex(esme.incoming()[0]["short_message"]) == gsm_of(SHORT)
    shop.answer(handset, customer.number, "漢字 🐢")
    wait_until(lambda: len(esme.incoming()) == 2, PATIENCE, "the next one")
    last = esme.incoming()[1]
    assert (last["data_coding"], last["source"]) == (8, [1, 1, handset[1:]])
    assert bytes.fromhex(last["short_message"]).decode("utf-16-be") == "漢字 🐢"

    number = next(customer.handsets)
    fields = SENDER | {"destination_addr": number[1:], "schedule_delivery_time": "000001000000000R"}
    sent = esme.ask("submit_sm", "later", **fields, short_message="first words")
    named = {"message_id": sent["message_id"]} | {name: SENDER[name] for name in list(SENDER)[:3]}
    assert esme.ask("replace_sm", "replace", **named, short_message="second words")["status"] == 0
    assert [one["text"] for one in shop.sent_to(number)] == ["second words"]
    assert esme.ask("query_sm", "query", **named)["message_state"] in {0, 1}
    cancel = named | {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": number[1:]}
    assert esme.ask("cancel_sm", "cancel", **cancel)["status"] == 0
    assert [one["status"] for one in shop.sent_to(number)] == ["canceled"]
    unknown = named | {"message_id": "0" * 32}
    assert esme.ask("query_sm", "unknown", **unknown)["status"] != 0
    esme.unbind()


def test_throttled(perl: str, shop: Shop) -> None:
    customer = shop.customer("perl", rate=1)
    with bound([perl, str(HERE / "esme.pl")], shop, customer, cwd=HERE) as esme:
        number = next(customer.handsets)
        for count in range(20):
            esme.tell("submit_sm", f"{count}", **SENDER, destination_addr=number[1:], short_message="hello")
        wait_until(lambda: len(esme.of("answer")) == 20, PATIENCE, "all answers")
        statuses = [one["status"] for one in esme.of("answer")]
        assert set(statuses) == {0, 0x58}
        assert len(shop.sent_to(number)) == statuses.count(0)
        esme.unbind()


def gsm_of(text: str) -> bytes:
    """A text in the GSM 7-bit alphabet, an octet a character, by what smpplib knows of it."""
    import smpplib.gsm

    encoded: bytes = smpplib.gsm.gsm_encode(text)
    return encoded
