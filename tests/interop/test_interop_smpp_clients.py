"""Foreign SMPP clients against our server: smpplib (in a thread) and aiosmpplib (on our loop)."""

import asyncio
import gc
import logging
from datetime import datetime

import pytest
import smpplib.client
import smpplib.consts
import smpplib.gsm
from aiosmpplib import ESME, AbstractHook, DeliverSm, PhoneNumber, SmppMessage, SubmitSm, SubmitSmResp

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import Receipt, format_receipt, format_receipt_date
from onesixty.smpp.server import Connection, ServerConfig, SmppServer
from tests.smpp.recorders import Smsc, listening
from tests.support.waiting import wait_until_async


class ReceiptingSmsc(Smsc):
    """Answers with an id and sends the receipt straight after."""

    def on_request(self, connection: Connection, pdu: Pdu) -> None:
        super().on_request(connection, pdu)
        message_id = str(len(self.requests))
        if pdu.command_id != c.SUBMIT_SM or not pdu.number("registered_delivery"):
            return
        date = format_receipt_date(datetime(2026, 1, 31, 12, 0))
        text = format_receipt(
            Receipt(message_id, c.STATE_DELIVERED, submit_date=date, done_date=date, text="Hello")
        )
        fields = {
            "source_addr": pdu.text("destination_addr"),
            "destination_addr": pdu.text("source_addr"),
            "esm_class": c.ESM_TYPE_DELIVERY_RECEIPT,
            "short_message": text,
        }
        tlvs = (tlv.make("receipted_message_id", message_id), tlv.make("message_state", c.STATE_DELIVERED))
        connection.send(Pdu(c.DELIVER_SM, 0, 0, dict(fields), tlvs), message_id)


def drive_smpplib(port: int, found: dict[str, list[object]]) -> None:
    """Bind, send a long text in parts, read answers and receipts, query, unbind."""
    client = smpplib.client.Client("127.0.0.1", port, timeout=5, allow_unknown_opt_params=True)
    client.logger.setLevel(logging.ERROR)
    client.set_message_sent_handler(lambda pdu: found["answers"].append(pdu.message_id))

    def received(pdu: smpplib.command.Command) -> int:
        found["receipts"].append(pdu.receipted_message_id)
        return 0

    client.set_message_received_handler(received)
    client.set_query_resp_handler(lambda pdu: found["queries"].append(pdu.command))
    client.connect()
    client.bind_transceiver(system_id="me", password="pw")
    parts, coding, esm_class = smpplib.gsm.make_parts("Hello, long text. " * 20)
    for part in parts:
        client.send_message(
            source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
            source_addr="YourBrand",
            dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
            dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
            destination_addr="15551234567",
            short_message=part,
            data_coding=coding,
            esm_class=esm_class,
            registered_delivery=True,
        )
    while len(found["receipts"]) < len(parts) or len(found["answers"]) < len(parts):
        client.read_once()
    client.query_message(message_id="1", source_addr="YourBrand")
    while not found["queries"]:
        client.read_once()
    client.unbind()
    client.disconnect()


async def test_smpplib_as_client() -> None:
    smsc = ReceiptingSmsc()
    server = await listening(smsc)
    found: dict[str, list[object]] = {"answers": [], "receipts": [], "queries": []}
    await asyncio.wait_for(asyncio.to_thread(drive_smpplib, server.port, found), 20)
    assert found["answers"] == [b"1", b"2", b"3"]
    assert sorted(map(str, found["receipts"])) == ["b'1'", "b'2'", "b'3'"]
    submitted = [pdu for pdu in smsc.requests if pdu.command_id == c.SUBMIT_SM]
    assert all(pdu.number("esm_class") & c.ESM_UDHI for pdu in submitted)
    assert (
        b"".join(pdu.octets("short_message")[6:] for pdu in submitted).decode() == "Hello, long text. " * 20
    )
    assert submitted[0].text("source_addr") == "YourBrand"
    await wait_until_async(lambda: smsc.closed)
    assert smsc.closed[0][0] == "unbound by the peer"
    assert [context for context, _ in smsc.responses] == ["1", "2", "3"]
    assert smsc.errors == []
    await server.stop(5)


class Recorder(AbstractHook):
    """aiosmpplib's hook, writing down what came."""

    def __init__(self) -> None:
        self.received_messages: list[SmppMessage] = []
        self.errors: list[Exception] = []

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        pass

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        if smpp_message is not None:
            self.received_messages.append(smpp_message)

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        self.errors.append(error)


# aiosmpplib forgets to close its stream writer, which Python tells when it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
async def test_aiosmpplib_as_client() -> None:
    smsc = ReceiptingSmsc()
    server = SmppServer(ServerConfig(), smsc)
    await server.start("127.0.0.1", 0)
    hook = Recorder()
    esme = ESME("127.0.0.1", server.port, "me", "pw", hook=hook, log_level="CRITICAL")
    for number in range(5):
        await esme.broker.enqueue(
            SubmitSm(
                short_message=f"Ünïcode message {number} Ω Ж",
                source=PhoneNumber("254722111111"),
                destination=PhoneNumber("254722999999"),
                log_id=f"id-{number}",
                registered_delivery=1,
            )
        )
    running = asyncio.ensure_future(esme.start())
    await wait_until_async(lambda: len(smsc.responses) == 5, what="all receipts acknowledged")
    answers = [message for message in hook.received_messages if isinstance(message, SubmitSmResp)]
    receipts = [message for message in hook.received_messages if isinstance(message, DeliverSm)]
    assert [answer.message_id for answer in answers] == ["1", "2", "3", "4", "5"]
    assert all(receipt.is_receipt() for receipt in receipts)
    texts = [pdu.octets("short_message").decode("utf-16-be") for pdu in smsc.requests]
    assert texts == [f"Ünïcode message {number} Ω Ж" for number in range(5)]
    await esme.stop()
    await wait_until_async(lambda: smsc.closed)
    running.cancel()
    await asyncio.wait((running,), timeout=5)
    assert smsc.errors == []
    assert hook.errors == []
    await server.stop(5)
    del esme, running
    gc.collect()
