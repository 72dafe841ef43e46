"""smpplib, unchanged, as a customer of a running product."""

import logging
from collections.abc import Callable, Iterator

import pytest
import smpplib.client
import smpplib.command
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

from tests.interop.shop import LONG, OFF, PATIENCE, SHORT, UNICODE, Customer, Shop
from tests.support.waiting import wait_until

UDHI = 0x40
RECEIPT = 0x04


class Client:
    """The library's client, and everything it was told."""

    def __init__(self, shop: Shop) -> None:
        self.answers: dict[int, tuple[int, str]] = {}
        self.receipts: dict[str, str] = {}
        self.incoming: list[smpplib.command.Command] = []
        self.smpp = smpplib.client.Client(
            "127.0.0.1", shop.port, timeout=PATIENCE, allow_unknown_opt_params=True, logger_name="interop"
        )
        self.smpp.logger.setLevel(logging.CRITICAL)
        self.smpp.set_message_sent_handler(self._answered)
        self.smpp.set_message_received_handler(self._received)
        self.smpp.connect()

    def bind(self, customer: Customer) -> None:
        """As a transceiver. Raises smpplib's PDUError when refused; a refusal later is told as an answer."""
        self.smpp.bind_transceiver(system_id=customer.system_id, password=customer.password)
        self.smpp.set_error_pdu_handler(lambda _pdu: None)

    def send(self, to: str, text: str) -> list[int]:
        """Submit a text in as many parts as it takes; their sequence numbers."""
        parts, coding, esm_class = smpplib.gsm.make_parts(text)
        return [
            self.smpp.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
                source_addr="YourBrand",
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
                destination_addr=to.lstrip("+"),
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                registered_delivery=True,
            ).sequence
            for part in parts
        ]

    def read_until(self, condition: Callable[[], object], what: str) -> None:
        """Read what comes until the condition holds."""

        def look() -> object:
            if not condition():
                self.smpp.poll()
            return condition()

        wait_until(look, PATIENCE, what)

    def _answered(self, pdu: smpplib.command.Command) -> None:
        self.answers[pdu.sequence] = (pdu.status, (pdu.message_id or b"").decode())

    def _received(self, pdu: smpplib.command.Command) -> int:
        if pdu.esm_class & RECEIPT:
            text = pdu.short_message.decode("ascii")
            assert text.startswith(f"id:{pdu.receipted_message_id.decode()} "), text
            self.receipts[pdu.receipted_message_id.decode()] = text
        else:
            self.incoming.append(pdu)
        return int(smpplib.consts.SMPP_ESME_ROK)


@pytest.fixture
def clients(shop: Shop) -> Iterator[Callable[[Customer], Client]]:
    """A function that binds a client; what is still connected at the end is hung up on."""
    made: list[Client] = []

    def bind(customer: Customer) -> Client:
        client = Client(shop)
        made.append(client)
        client.bind(customer)
        return client

    yield bind
    for client in made:
        client.smpp.disconnect()


def text_of(parts: list[smpplib.command.Command]) -> str:
    """What a phone would show of parts with an 8-bit header each."""
    assert all(pdu.esm_class & UDHI for pdu in parts)
    in_order = sorted(parts, key=lambda pdu: pdu.short_message[5])
    return b"".join(pdu.short_message[6:] for pdu in in_order).decode("utf-16-be")


def test_messages_and_receipts(shop: Shop, clients: Callable[[Customer], Client]) -> None:
    """Short, long and Unicode texts in parts that the client cut; a receipt for each part."""
    customer = shop.customer("smpplib")
    client = clients(customer)
    texts = {next(customer.handsets): text for text in (SHORT, LONG, UNICODE)}
    sent = [sequence for number, text in texts.items() for sequence in client.send(number, text)]
    sent += client.send(OFF, "never shown")
    client.read_until(lambda: len(client.receipts) == len(sent), f"{len(sent)} receipts")
    assert {status for status, _ in client.answers.values()} == {0}
    assert {message_id for _, message_id in client.answers.values()} == set(client.receipts)
    *good, off = (client.receipts[client.answers[sequence][1]] for sequence in sent)
    assert all(" stat:DELIVRD err:000 " in text for text in good), good
    assert " stat:EXPIRED " in off
    for number, text in texts.items():
        shop.wait_for_texts(number, text)
        assert [(one["text"], one["from"]) for one in shop.sent_to(number)] == [(text, "YourBrand")]


def test_incoming_messages(shop: Shop, clients: Callable[[Customer], Client]) -> None:
    """What handsets send comes in, long Unicode in parts; also what waited while no bind was there."""
    customer = shop.customer("smpplib")
    first, second = next(customer.handsets), next(customer.handsets)
    shop.answer(first, customer.number, "Is anybody there?")
    client = clients(customer)
    client.read_until(lambda: client.incoming, "what waited")
    waited = client.incoming.pop()
    assert waited.short_message == b"Is anybody there?"
    assert (waited.source_addr.decode(), waited.destination_addr.decode()) == (first[1:], customer.number[1:])
    assert waited.source_addr_ton == smpplib.consts.SMPP_TON_INTL
    shop.answer(second, customer.number, UNICODE)
    client.read_until(lambda: len(client.incoming) * 67 >= len(UNICODE), "all parts")
    assert {pdu.data_coding for pdu in client.incoming} == {8}
    assert text_of(client.incoming) == UNICODE


def test_throttled_queried_and_unbound(shop: Shop, clients: Callable[[Customer], Client]) -> None:
    customer = shop.customer("smpplib", rate=1)
    client = clients(customer)
    number = next(customer.handsets)
    for _ in range(20):
        client.send(number, "hello")
    client.read_until(lambda: len(client.answers) == 20, "all answers")
    assert {status for status, _ in client.answers.values()} == {0, smpplib.consts.SMPP_ESME_RTHROTTLED}
    taken = [message_id for status, message_id in client.answers.values() if status == 0]
    client.read_until(lambda: set(client.receipts) == set(taken), "the receipts of what was taken")
    assert len(shop.sent_to(number)) == len(taken)

    queried: list[smpplib.command.Command] = []
    client.smpp.set_query_resp_handler(queried.append)
    client.smpp.query_message(message_id=taken[0], source_addr="YourBrand")
    client.read_until(lambda: queried, "the answer to query_sm")
    assert queried[0].message_state == smpplib.consts.SMPP_MESSAGE_STATE_DELIVERED
    client.smpp.unbind()
    shop.wait_unbound(customer)


def test_a_wrong_password(shop: Shop, clients: Callable[[Customer], Client]) -> None:
    customer = shop.customer("smpplib")
    wrong = Customer(customer.id, customer.system_id, "wrong", customer.number, customer.handsets)
    with pytest.raises(smpplib.exceptions.PDUError) as refused:
        clients(wrong)
    assert refused.value.args[1] == smpplib.consts.SMPP_ESME_RINVPASWD
