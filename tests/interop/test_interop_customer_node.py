"""node's `smpp` package, unchanged, as a customer of a running product."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from tests.interop.esme_process import UDHI, EsmeProcess, bound
from tests.interop.shop import LONG, OFF, PATIENCE, SHORT, UNICODE, Customer, Shop
from tests.support.peers import require_node_smpp
from tests.support.waiting import wait_until

#: The package writes texts in the GSM alphabet with data_coding 1, which says ASCII.
PROFILE = {"alphabet_1": "gsm7"}
SENDER = {"source_addr_ton": 5, "source_addr": "YourBrand", "dest_addr_ton": 1, "dest_addr_npi": 1}


def start(shop: Shop, customer: Customer, *more: str) -> AbstractContextManager[EsmeProcess]:
    """A bound node; skips the test where there is none."""
    node, directory = require_node_smpp()
    return bound([node, "esme.js"], shop, customer, *more, cwd=directory)


@pytest.fixture
def customer(shop: Shop) -> Customer:
    return shop.customer("node", **PROFILE)


@pytest.fixture
def esme(shop: Shop, customer: Customer) -> Iterator[EsmeProcess]:
    with start(shop, customer) as running:
        yield running


def parts_of(text: str) -> list[dict[str, str]]:
    """A text in UCS-2 as parts with a 16-bit reference, in the form of esme.js."""
    octets = text.encode("utf-16-be")
    pieces = [octets[start : start + 132] for start in range(0, len(octets), 132)]
    header = f"06080412ab{len(pieces):02x}"
    return [
        {"udh": {"hex": f"{header}{number:02x}"}, "message": {"hex": piece.hex()}}
        for number, piece in enumerate(pieces, 1)
    ]


def test_messages_and_receipts(shop: Shop, customer: Customer, esme: EsmeProcess) -> None:
    """Short, as message_payload, and in parts with a 16-bit reference; receipts for each submit_sm."""
    short, long, unicode = (next(customer.handsets) for _ in range(3))
    common = SENDER | {"registered_delivery": 1}
    esme.tell("submit_sm", "short", **common, destination_addr=short[1:], short_message=SHORT)
    esme.tell("submit_sm", "long", **common, destination_addr=long[1:], message_payload=LONG)
    parts = parts_of(UNICODE)
    for number, part in enumerate(parts):
        fields = common | {"destination_addr": unicode[1:], "esm_class": UDHI, "data_coding": 8}
        esme.tell("submit_sm", f"part {number}", **fields, short_message=part)
    esme.tell("submit_sm", "off", **common, destination_addr=OFF[1:], short_message="never shown")
    count = len(parts) + 3
    wait_until(lambda: len(esme.receipts()) == count, PATIENCE, f"{count} receipts")
    answers = {one["tag"]: one for one in esme.of("answer")}
    assert {one["status"] for one in answers.values()} == {0}
    assert {one["message_id"] for one in answers.values()} == set(esme.receipts())
    for tag, answer in answers.items():
        receipt = esme.receipts()[answer["message_id"]]
        state, word = (3, "EXPIRED") if tag == "off" else (2, "DELIVRD")
        assert receipt["message_state"] == state
        assert receipt["text"].startswith(f"id:{answer['message_id']} sub:001 ")
        assert f" stat:{word} " in receipt["text"]
    for number, text in ((short, SHORT), (long, LONG), (unicode, UNICODE)):
        shop.wait_for_texts(number, text)
    esme.unbind()
    shop.wait_unbound(customer)


def test_incoming_messages(shop: Shop, customer: Customer, esme: EsmeProcess) -> None:
    """Long ones in parts with a header; whole as message_payload where the profile asks for it."""
    handset = next(customer.handsets)
    shop.answer(handset, customer.number, LONG)
    wait_until(lambda: sum(len(one["text"]) for one in esme.incoming()) >= len(LONG), PATIENCE, "all parts")
    parts = sorted(esme.incoming(), key=lambda one: one["udh"][0])
    assert "".join(one["text"] for one in parts) == LONG
    assert {one["data_coding"] for one in parts} == {0}
    assert {tuple(one["source"]) for one in parts} == {(1, 1, handset[1:])}
    assert {tuple(one["destination"]) for one in parts} == {(1, 1, customer.number[1:])}

    whole = {"profile": {"inbound_long": "payload"}}
    shop.ask("PATCH", f"/v1/smpp-credentials/{customer.id}", whole)
    shop.answer(handset, customer.number, UNICODE)
    wait_until(lambda: len(esme.incoming()) == len(parts) + 1, PATIENCE, "the whole message")
    assert esme.incoming()[-1]["text"] == UNICODE
    assert not esme.of("error")


def test_throttled_and_asked_for(shop: Shop) -> None:
    """What goes beyond the rate is told so; submit_multi, query_sm and cancel_sm; a receiver of one's own."""
    customer = shop.customer("node", rate=1)
    with (
        start(shop, customer, "bind_transmitter") as esme,
        start(shop, customer, "bind_receiver") as receiver,
    ):
        number = next(customer.handsets)
        for count in range(20):
            esme.tell("submit_sm", f"{count}", **SENDER, destination_addr=number[1:], short_message="hello")
        wait_until(lambda: len(esme.of("answer")) == 20, PATIENCE, "all answers")
        statuses = [one["status"] for one in esme.of("answer")]
        assert set(statuses) == {0, 0x58}
        assert len(shop.sent_to(number)) == statuses.count(0)

        shop.ask("PATCH", f"/v1/smpp-credentials/{customer.id}", {"profile": {"rate": 0}})
        later = "000001000000000R"  # in a day (SMPP 3.4, 7.1.1.2)
        fields = SENDER | {"destination_addr": number[1:], "registered_delivery": 1}
        submitted = esme.ask(
            "submit_sm", "later", **fields, short_message="later", schedule_delivery_time=later
        )
        named = {"message_id": submitted["message_id"], "source_addr_ton": 5, "source_addr": "YourBrand"}
        assert esme.ask("query_sm", "query", **named)["message_state"] in {0, 1}  # scheduled or enroute
        assert esme.ask("cancel_sm", "cancel", **named)["status"] == 0
        wait_until(lambda: submitted["message_id"] in receiver.receipts(), PATIENCE, "the receipt of its end")
        assert receiver.receipts()[submitted["message_id"]]["message_state"] == 4  # deleted

        many = [next(customer.handsets) for _ in range(3)]
        addresses = [
            {"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": one[1:]}
            for one in many
        ] + [{"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "12"}]
        fields = {"source_addr_ton": 5, "source_addr": "YourBrand", "dest_address": addresses}
        answer = esme.ask("submit_multi", "multi", **fields, short_message="to all")
        assert answer["status"] == 0
        assert [one["destination_addr"] for one in answer["unsuccess_sme"]] == ["12"]
        for one in many:
            shop.wait_for_texts(one, "to all")
        esme.unbind()
        receiver.unbind()
    shop.wait_unbound(customer)
