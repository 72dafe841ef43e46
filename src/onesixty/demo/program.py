"""A program of a customer that binds over SMPP and sends.

Rules kept here:
- a program that is refused does not try again; one whose connection is lost does;
- a text goes in as many segments as it needs, in the alphabet that it needs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from onesixty import text as texts
from onesixty.numbers import parse_sender
from onesixty.smpp import constants as c
from onesixty.smpp.client import Bind, BindConfig
from onesixty.smpp.errors import SessionError
from onesixty.smpp.events import ProtocolError
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.pdu import Pdu

_STOP_S: Final = 2.0


class Program:
    """One program with one bind. It is the handler of its bind, and acknowledges what it gets."""

    def __init__(
        self, host: str, port: int, system_id: str, password: str, random: Callable[[], float]
    ) -> None:
        self._bind = Bind(BindConfig(host, port, system_id, password), self, random=random)
        self._answered = asyncio.Event()

    async def start(self) -> None:
        """Bind, and return once there is an answer."""
        self._bind.start()
        await self._answered.wait()
        if not self._bind.bound:
            await self.stop()

    async def stop(self) -> None:
        """Unbind."""
        await self._bind.stop(_STOP_S)

    def send(self, sender: str, to: str, text: str) -> None:
        """Send a text, unless the bind is down at the moment."""
        source = parse_sender(sender)
        rendering = texts.render(text, "auto")
        for segment in rendering.segments:
            fields: dict[str, FieldValue] = {
                "source_addr_ton": source.ton,
                "source_addr_npi": source.npi,
                "source_addr": source.address,
                "dest_addr_ton": 1,
                "dest_addr_npi": 1,
                "destination_addr": to.removeprefix("+"),
                "esm_class": c.ESM_UDHI if segment.udh else 0,
                "registered_delivery": c.RECEIPT_FINAL,
                "data_coding": rendering.data_coding,
                "short_message": segment.udh + segment.payload,
            }
            try:
                self._bind.submit(fields)
            except SessionError:
                return

    # ------------------------------------------------------------ BindHandler

    def on_bound(self, bind: Bind, pdu: Pdu) -> None:
        self._answered.set()

    def on_bind_failed(self, bind: Bind, reason: str, command_status: int | None, retry_in: float) -> None:
        self._answered.set()

    def on_response(self, bind: Bind, context: object, pdu: Pdu) -> None:
        """What became of a message is told by its receipt."""

    def on_timeout(self, bind: Bind, context: object) -> None:
        """A message without an answer is not sent again."""

    def on_request(self, bind: Bind, pdu: Pdu) -> None:
        bind.respond(pdu, c.ESME_ROK if pdu.command_id == c.DELIVER_SM else c.ESME_RINVCMDID)

    def on_protocol_error(self, bind: Bind, error: ProtocolError) -> None:
        """The server's own tests are about that."""

    def on_closed(self, bind: Bind, reason: str, written: list[object], unwritten: list[object]) -> None:
        """The bind comes back by itself."""
