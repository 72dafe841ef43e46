"""An SMPP customer for tests: binds to the product's door, submits, and remembers what it is given."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any, Self

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.client import Bind, BindConfig
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import Receipt, parse_receipt
from tests.support.waiting import wait_until_async


class Customer:
    """One bind. `answer` decides the command_status of each deliver_sm; None leaves it unanswered."""

    def __init__(
        self, port: int, system_id: str, password: str, *, bind: str = "transceiver", **settings: Any
    ) -> None:
        self.delivered: list[Pdu] = []
        self.answer: Callable[[Pdu], int | None] = lambda pdu: c.ESME_ROK
        config = BindConfig("127.0.0.1", port, system_id, password, bind=bind, **settings)
        self.bind = Bind(config, self, random=random.Random(7).random)

    async def __aenter__(self) -> Self:
        self.bind.start()
        await wait_until_async(lambda: self.bind.bound, 20, "the customer's bind")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.bind.stop(5)

    async def ask(self, command_id: int, *tlvs: tuple[int, bytes], **fields: Any) -> Pdu:
        """Send a request and wait for its answer."""
        answered: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self.bind.send(Pdu(command_id, fields=fields, tlvs=tlvs), answered)
        async with asyncio.timeout(20):
            return await answered

    async def submit(self, to: str, text: bytes, *tlvs: tuple[int, bytes], **fields: Any) -> str:
        """Submit a message, which has to be taken; its id."""
        pdu = await self.offer(to, text, *tlvs, **fields)
        assert pdu.command_status == c.ESME_ROK, pdu
        return pdu.text("message_id")

    async def offer(self, to: str, text: bytes, *tlvs: tuple[int, bytes], **fields: Any) -> Pdu:
        """Submit a message; the answer."""
        values = {
            "source_addr_ton": 5, "source_addr": "Acme", "dest_addr_ton": 1, "dest_addr_npi": 1,
            "destination_addr": to, "short_message": text, "registered_delivery": 1,
        }  # fmt: skip
        return await self.ask(c.SUBMIT_SM, *tlvs, **(values | fields))

    async def submit_parts(self, to: str, *payloads: bytes, reference: int = 7, **fields: Any) -> list[str]:
        """Submit a message in parts with a header; their ids."""
        total = len(payloads)
        return [
            await self.submit(
                to, bytes((5, 0, 3, reference, total, number)) + payload, esm_class=c.ESM_UDHI, **fields
            )
            for number, payload in enumerate(payloads, 1)
        ]

    @property
    def receipts(self) -> list[Receipt]:
        return [receipt for pdu in self.delivered if (receipt := parse_receipt(pdu)) is not None]

    @property
    def messages(self) -> list[Pdu]:
        return [pdu for pdu in self.delivered if parse_receipt(pdu) is None]

    async def until_receipts(self, count: int, timeout: float = 20) -> list[Receipt]:
        await wait_until_async(lambda: len(self.receipts) >= count, timeout, f"{count} receipts")
        return self.receipts

    async def until_messages(self, count: int, timeout: float = 20) -> list[Pdu]:
        await wait_until_async(lambda: len(self.messages) >= count, timeout, f"{count} messages")
        return self.messages

    # ------------------------------------------------------------ what the bind tells

    def on_bound(self, bind: Bind, pdu: Pdu) -> None: ...

    def on_bind_failed(
        self, bind: Bind, reason: str, command_status: int | None, retry_in: float
    ) -> None: ...

    def on_response(self, bind: Bind, context: Any, pdu: Pdu) -> None:
        if not context.done():
            context.set_result(pdu)

    def on_timeout(self, bind: Bind, context: object) -> None: ...

    def on_request(self, bind: Bind, pdu: Pdu) -> None:
        self.delivered.append(pdu)
        status = self.answer(pdu)
        if status is not None:
            bind.respond(pdu, status, {"message_id": ""})

    def on_protocol_error(self, bind: Bind, error: object) -> None: ...

    def on_closed(self, bind: Bind, reason: str, written: list[Any], unwritten: list[Any]) -> None:
        for answered in (*written, *unwritten):
            if not answered.done():
                answered.set_exception(ConnectionError(reason))


def payload_of(pdu: Pdu) -> bytes:
    """The octets of a message without its header."""
    octets = pdu.message()
    return octets[octets[0] + 1 :] if pdu.number("esm_class") & c.ESM_UDHI else octets


def tlv_id_of(pdu: Pdu) -> str | None:
    return pdu.tlv_text(tlv.RECEIPTED_MESSAGE_ID)
