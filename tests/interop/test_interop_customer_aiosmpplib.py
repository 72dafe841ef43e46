"""aiosmpplib, unchanged, as a customer of a running product."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator

import pytest
from aiosmpplib import ESME, TON, AbstractHook, DeliverSm, PhoneNumber, SmppMessage, SubmitSm, SubmitSmResp

from tests.interop.shop import LONG, OFF, PATIENCE, SHORT, UNICODE, Customer, Shop
from tests.support.waiting import wait_until_async

# aiosmpplib forgets to close its stream writer, which Python tells when it is collected.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)


class Recorder(AbstractHook):
    """The library's hook, writing down what came."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, str]] = {}
        self.receipts: dict[str, DeliverSm] = {}
        self.incoming: list[DeliverSm] = []
        self.errors: list[Exception] = []

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        pass

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        if isinstance(smpp_message, SubmitSmResp):
            self.answers[smpp_message.log_id] = (int(smpp_message.command_status), smpp_message.message_id)
        elif isinstance(smpp_message, DeliverSm) and smpp_message.is_receipt():
            self.receipts[str(smpp_message.parse_receipt()["id"])] = smpp_message
        elif isinstance(smpp_message, DeliverSm):
            self.incoming.append(smpp_message)

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        self.errors.append(error)


@contextlib.asynccontextmanager
async def bound(shop: Shop, customer: Customer) -> AsyncIterator[tuple[ESME, Recorder]]:
    """A bound transceiver; it unbinds at the end."""
    hook = Recorder()
    login = (customer.system_id, customer.password)
    esme = ESME("127.0.0.1", shop.port, *login, hook=hook, log_level="CRITICAL")
    running = asyncio.ensure_future(esme.start())
    try:
        await wait_until_async(
            lambda: asyncio.to_thread(shop.binds, customer), PATIENCE, f"the bind of {customer.system_id}"
        )
        yield esme, hook
    finally:
        await esme.stop()
        await asyncio.to_thread(shop.wait_unbound, customer)
        running.cancel()
        await asyncio.wait((running,), timeout=5)
        del esme, running
        gc.collect()


async def send(esme: ESME, tag: str, to: str, text: str) -> None:
    await esme.broker.enqueue(
        SubmitSm(
            short_message=text,
            source=PhoneNumber("YourBrand", ton=TON.ALPHANUMERIC),
            destination=PhoneNumber(to[1:], ton=TON.INTERNATIONAL),
            log_id=tag,
            registered_delivery=1,
        )
    )


async def test_messages_and_receipts(shop: Shop) -> None:
    """Short ones in both alphabets, long ones as message_payload, which the library turns to by itself."""
    customer = await asyncio.to_thread(shop.customer, "aiosmpplib")
    texts = {next(customer.handsets): text for text in (SHORT, "Ünïcode Ω Ж", LONG, UNICODE)}
    async with bound(shop, customer) as (esme, hook):
        for number, text in [*texts.items(), (OFF, "never shown")]:
            await send(esme, number, number, text)
        await wait_until_async(lambda: len(hook.receipts) == 5, PATIENCE, "all receipts")
    assert {status for status, _ in hook.answers.values()} == {0}
    for number, (_, message_id) in hook.answers.items():
        receipt = hook.receipts[message_id].parse_receipt()
        assert receipt["stat"] == ("EXPIRED" if number == OFF else "DELIVRD")
        assert str(hook.receipts[message_id].source.number) == number[1:]
    assert hook.errors == []
    for number, text in texts.items():
        await asyncio.to_thread(shop.wait_for_texts, number, text)


async def test_incoming_messages(shop: Shop) -> None:
    customer = await asyncio.to_thread(shop.customer, "aiosmpplib", inbound_long="payload")
    handset = next(customer.handsets)
    async with bound(shop, customer) as (_, hook):
        for count, text in enumerate((SHORT, LONG, UNICODE), 1):
            await asyncio.to_thread(shop.answer, handset, customer.number, text)
            # One after another: otherwise their order is not promised.
            await wait_until_async(lambda count=count: len(hook.incoming) == count, PATIENCE, "the message")
    assert [one.short_message or one.message_payload for one in hook.incoming] == [SHORT, LONG, UNICODE]
    assert {str(one.source.number) for one in hook.incoming} == {handset[1:]}
    assert {str(one.destination.number) for one in hook.incoming} == {customer.number[1:]}


async def test_throttled(shop: Shop) -> None:
    customer = await asyncio.to_thread(shop.customer, "aiosmpplib", rate=1)
    number = next(customer.handsets)
    async with bound(shop, customer) as (esme, hook):
        for count in range(12):
            await send(esme, f"{count}", number, f"text {count}")
        await wait_until_async(lambda: len(hook.answers) == 12, PATIENCE, "an answer to each")
        statuses = [status for status, _ in hook.answers.values()]
        assert set(statuses) == {0, 0x58}
        taken = [message_id for status, message_id in hook.answers.values() if status == 0]
        await wait_until_async(lambda: set(hook.receipts) >= set(taken), PATIENCE, "their receipts")
