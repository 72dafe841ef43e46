"""A fast carrier for measuring: an SMSC that takes everything at once and reports it delivered.

It misbehaves in nothing and keeps no message; for a carrier with faults there is `onesixty simulate smsc`.

Rules kept here:
- submit_sm is answered in the read that brought it, one write for all of a read's answers;
- a receipt goes over the bind that took the message, `receipt_delay` seconds later, with at most
  `receipt_window` deliver_sm unanswered on a bind;
- it counts messages by recipient, so that a repeated one is not taken for a new one.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, cast

from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.errors import PduError
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import Receipt, format_receipt

_BINDS: Final = frozenset({c.BIND_TRANSMITTER, c.BIND_RECEIVER, c.BIND_TRANSCEIVER})
_RESPONSE: Final = 0x8000_0000


class CarrierCounts:
    """What the carrier saw. Times are on the monotonic clock, 0 before the first."""

    def __init__(self) -> None:
        self.binds = 0
        self.submitted = 0
        self.recipients: set[str] = set()
        self.receipts_sent = 0
        self.receipts_taken = 0
        self.first_at = 0.0
        self.last_at = 0.0

    def as_json(self) -> dict[str, float]:
        """The counts, `binds` being those that stand now and `distinct` the number of recipients."""
        return {
            "binds": self.binds,
            "submitted": self.submitted,
            "distinct": len(self.recipients),
            "receipts_sent": self.receipts_sent,
            "receipts_taken": self.receipts_taken,
            "first_at": self.first_at,
            "last_at": self.last_at,
        }


class FastCarrier:
    """Serves on `host:port` until closed. Passwords are not checked."""

    def __init__(self, *, receipt_delay: float = 0.01, receipt_window: int = 100) -> None:
        self.counts = CarrierCounts()
        self.receipt_delay = receipt_delay
        self.receipt_window = receipt_window
        self._next_id = 0
        self._links: set[_Link] = set()
        self._server: asyncio.AbstractServer | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (of the system's choice for 0)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Link(self, self._links), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and drop every link."""
        if self._server is not None:
            self._server.close()
        for link in tuple(self._links):
            link.drop()
        # Each is told of its end in the loop's next turn.
        while self._links:  # noqa: ASYNC110
            await asyncio.sleep(0)

    def take(self, recipient: str) -> str:
        """Count a message and give it its id."""
        counts = self.counts
        counts.submitted += 1
        counts.recipients.add(recipient)
        self._next_id += 1
        return f"{self._next_id:010d}"


class _Link(asyncio.Protocol):
    """One bind of a customer."""

    def __init__(self, carrier: FastCarrier, links: set[_Link]) -> None:
        self._carrier = carrier
        self._links = links
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._due: deque[tuple[float, Pdu, str]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._unanswered = 0
        self._sequence = 0
        self._bound = False
        self._out: list[bytes] = []
        self._answers: dict[int, Callable[[Pdu], None]] = {
            c.SUBMIT_SM: self._submit_sm,
            c.DELIVER_SM_RESP: self._deliver_sm_resp,
            c.ENQUIRE_LINK: self._plain,
            c.UNBIND: self._plain,
            **dict.fromkeys(_BINDS, self._bind),
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not an isinstance: uvloop's transports do not derive from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._links.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._links.discard(self)
        self._carrier.counts.binds -= self._bound
        if self._timer is not None:
            self._timer.cancel()

    def drop(self) -> None:
        """End this link without an unbind."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        answers = self._answers
        for frame in self._framer.feed(data):
            try:
                pdu = codec.decode(frame)
            except PduError as error:
                self._out.append(codec.encode(Pdu(c.GENERIC_NACK, error.command_status, error.sequence or 0)))
                continue
            handle = answers.get(pdu.command_id)
            if handle is not None:
                handle(pdu)
            elif not pdu.is_response:
                self._out.append(codec.encode(Pdu(c.GENERIC_NACK, c.ESME_RINVCMDID, pdu.sequence)))
        self._flush()
        if self._framer.error is not None:
            self.drop()

    def _flush(self) -> None:
        if self._out and self._transport is not None:
            self._transport.write(b"".join(self._out))
            self._out.clear()

    def _bind(self, pdu: Pdu) -> None:
        self._carrier.counts.binds += not self._bound
        self._bound = True
        answer = Pdu(pdu.command_id | _RESPONSE, c.ESME_ROK, pdu.sequence, {"system_id": "carrier"})
        self._out.append(codec.encode(answer))

    def _plain(self, pdu: Pdu) -> None:
        self._out.append(codec.encode(Pdu(pdu.command_id | _RESPONSE, c.ESME_ROK, pdu.sequence)))

    def _submit_sm(self, pdu: Pdu) -> None:
        carrier = self._carrier
        now = carrier.counts.last_at = time.monotonic()
        if not carrier.counts.first_at:
            carrier.counts.first_at = now
        message_id = carrier.take(pdu.text("destination_addr"))
        answer = Pdu(c.SUBMIT_SM_RESP, c.ESME_ROK, pdu.sequence, {"message_id": message_id})
        self._out.append(codec.encode(answer))
        if pdu.number("registered_delivery") & 1:
            self._due.append((now + carrier.receipt_delay, pdu, message_id))
            if self._timer is None:
                self._arm(carrier.receipt_delay)

    def _arm(self, delay: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay, self._send_receipts)

    def _send_receipts(self) -> None:
        """Every receipt that is due and fits in the window; called again by the timer or by an answer."""
        self._timer = None
        carrier = self._carrier
        now = time.monotonic()
        date = time.strftime("%y%m%d%H%M", time.gmtime())
        while self._due and self._unanswered < carrier.receipt_window:
            at, submit, message_id = self._due[0]
            if at > now:
                self._arm(at - now)
                break
            self._due.popleft()
            self._sequence = self._sequence % 0x7FFF_FFFF + 1
            self._unanswered += 1
            carrier.counts.receipts_sent += 1
            self._out.append(codec.encode(_receipt(submit, message_id, self._sequence, date)))
        self._flush()

    def _deliver_sm_resp(self, pdu: Pdu) -> None:
        counts = self._carrier.counts
        counts.receipts_taken += 1
        counts.last_at = time.monotonic()
        self._unanswered -= 1
        if self._due and self._timer is None:
            self._arm(0)


def _receipt(submit: Pdu, message_id: str, sequence: int, date: str) -> Pdu:
    receipt = Receipt(
        id=message_id,
        state=c.STATE_DELIVERED,
        stat="DELIVRD",
        err="000",
        sub=1,
        dlvrd=1,
        submit_date=date,
        done_date=date,
    )
    fields: dict[str, FieldValue] = {
        "source_addr_ton": submit.number("dest_addr_ton"),
        "source_addr_npi": submit.number("dest_addr_npi"),
        "source_addr": submit.text("destination_addr"),
        "dest_addr_ton": submit.number("source_addr_ton"),
        "dest_addr_npi": submit.number("source_addr_npi"),
        "destination_addr": submit.text("source_addr"),
        "esm_class": c.ESM_TYPE_DELIVERY_RECEIPT,
        "short_message": format_receipt(receipt),
    }
    return Pdu(c.DELIVER_SM, c.ESME_ROK, sequence, fields)
