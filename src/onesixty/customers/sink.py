"""The sink of customers' binds: takes receipts and incoming messages from their rows, and sends them over a bind.

Rules kept here (docs/reference/smpp-for-customers.md):
- a delivery goes to any receiving bind of the credential, the one with most room first, as many at once as the
  windows allow. Deliveries are kept for 72 hours while there is no bind;
- only a node that has a bind takes them into memory; when its last bind ends, they go back to their rows;
- a lane keeps its order as far as possible: waiting rows go before new work, an item that was not sent goes first,
  and nothing goes before the rest of a long message;
- a temporary error is tried again with growing pauses, and so is a delivery without an answer. Any other error is
  kept with the row and the delivery is dropped. An acknowledged delivery is deleted;
- a PDU is made when it is sent, by the profile of the bind that takes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
import structlog

from onesixty.core.clock import Random
from onesixty.core.message import Message, from_row
from onesixty.customers.binds import UNKNOWN, UNSENT, Bind, Binds
from onesixty.customers.effect import INBOUND, SINK, Addresses, NewDelivery, ReceiptBody
from onesixty.customers.incoming import message_pdus
from onesixty.customers.lanes import Customers
from onesixty.customers.policy import POLICY
from onesixty.customers.receipts import receipt_pdu
from onesixty.customers.tables import SmppCredential
from onesixty.kit.observer import Observer
from onesixty.smpp import constants as c
from onesixty.smpp.errors import SmppError, WindowFullError
from onesixty.smpp.pdu import Pdu
from onesixty.store.contract import Row, Store, no_fault
from onesixty.work.item import Item
from onesixty.work.lane import Lane
from onesixty.work.lanes import Limits
from onesixty.work.sink import Done, Outcome, Sink, Verdict

LIMITS: Final = Limits(waiting=50_000, waiting_of_lane=5_000, in_flight=1 << 30, batch=500, forget=60.0)

#: Errors after which a delivery is tried again; all others are permanent.
TEMPORARY: Final = frozenset((c.ESME_RX_T_APPN, c.ESME_RTHROTTLED, c.ESME_RMSGQFUL, c.ESME_RSYSERR))
#: Seconds for which a lane pauses after such an error: a customer that cannot take one now
#: can hardly take a thousand.
REST: Final = 0.1

#: In place of a status: the item cannot be encoded as a PDU.
_NOT_ENCODABLE: Final = -3


class _Delivery:
    """An item in flight: the PDUs that are still to be sent, how many were sent and not answered, and the first
    status that was not ESME_ROK."""

    __slots__ = ("begun", "done", "item", "open", "pdus", "worst")

    def __init__(self, item: Item, pdus: list[Pdu], done: Done) -> None:
        self.item = item
        self.pdus = pdus
        self.done = done
        self.begun = False
        self.open = 0
        self.worst = c.ESME_ROK

    def spoil(self, status: int) -> None:
        """Send no more of it, because a part was refused, or no bind takes it."""
        if self.worst == c.ESME_ROK:
            self.worst = status
        self.pdus.clear()


class BindSink(Sink):
    """Sends deliveries over customers' binds. `book` has the SMPP credentials by id."""

    name = SINK
    insert = "bind_delivery_insert"
    policy = POLICY

    def __init__(
        self,
        store: Store,
        binds: Binds,
        book: Mapping[str, SmppCredential],
        *,
        random: Random,
        observer: Observer,
        hit: Callable[[str], None] = no_fault,
    ) -> None:
        self.customers = Customers(binds, book)
        self._store = store
        self._binds = binds
        self._random = random
        self._observer = observer
        self._hit = hit
        #: By lane: the delivery of which the windows took only some PDUs. It continues
        #: before anything else in its lane.
        self._unfinished: dict[str, _Delivery] = {}
        self._redactions = 0
        self._log = structlog.get_logger("onesixty.customers")

    async def start(self) -> None:
        self._store.subscribe("bind_delivery_redact", self._redacted)
        self._binds.on_room(self._room)

    async def refresh(self) -> None:
        """Give back deliveries of customers whose last bind has ended."""
        for delivery in list(self._unfinished.values()):
            self._go_on(delivery)
        for lane in self.queue.all_lanes():
            self.queue.pump(lane)

    async def close(self) -> None:
        """End deliveries of which the windows took only some PDUs. They are sent again later, whole."""
        for delivery in list(self._unfinished.values()):
            self._let_go(delivery)

    # ------------------------------------------------------------ lanes

    def open(self, lane: str) -> bool:
        return self.customers.bound(lane)

    def wanted(self, lane: str) -> None:
        self.customers.want(lane)

    def takes(self, lane: Lane) -> bool:
        if lane.name in self._unfinished:
            return False
        if self.customers.receiver(lane.name) is not None:
            return True
        if not self.customers.bound(lane.name):
            self.queue.empty(lane)  # another node may have a bind
            self.customers.want(lane.name)
        return False

    def _room(self, credential_id: str) -> None:
        """A receiving bind has connected, or a full one has room again."""
        queue = self.queue
        waiting = False
        for name in self.customers.lanes_of(credential_id):
            if name in self._unfinished:
                self._go_on(self._unfinished[name])
            lane = queue.lane(name)
            if lane is not None and lane.queue:
                waiting = True
                queue.pump(lane)
        if not waiting:
            queue.wake()  # rows may be waiting

    # ------------------------------------------------------------ items

    def new(self, row: Row) -> Item:
        return NewDelivery._make(row).item()

    def ready(self, item: Item) -> bool:
        return item.kind != INBOUND or item.content is not None

    async def prepare(self, items: Sequence[Item]) -> Sequence[tuple[Item, str]]:
        """Read the messages that these items deliver."""
        redactions, rows = -1, []
        while redactions != self._redactions:  # again if one of them may have been redacted meanwhile
            redactions = self._redactions
            rows = await self._store.fetch("messages_by_id", ids=[item.subject for item in items])
        messages = {made.id: made for made in map(from_row, rows)}
        ended = []
        for item in items:
            made = messages.get(item.subject)
            if made is None or made.redacted_at is not None:
                self._observer.bind_delivery(INBOUND, "dropped")
                ended.append((item, "redacted"))
            else:
                item.content = made
        return ended

    def _redacted(self, rows: list[Row]) -> None:
        """Drop redacted data from memory, so that it is not sent."""
        self._redactions += 1
        redacted = {row[0] for row in rows}
        for item in self.queue.items():
            if item.subject in redacted:
                item.addresses = item.content = None

    # ------------------------------------------------------------ attempts

    def send(self, item: Item, done: Done) -> None:
        bind = self.customers.receiver(item.lane)
        if bind is None:
            asyncio.get_running_loop().call_soon(done, Outcome(Verdict.UNSENT))
            return
        delivery = _Delivery(item, self._pdus(item, bind), done)
        if not self._push(delivery, bind):
            self._unfinished[item.lane] = delivery

    def _pdus(self, item: Item, bind: Bind) -> list[Pdu]:
        """The PDUs of an item, by the present profile of the bind's credential."""
        profile, version = bind.credential.profile, bind.interface_version
        if item.kind == INBOUND:
            made: Message = item.content
            return message_pdus(made, profile, version, self._random.getrandbits(8))
        addresses = None if item.addresses is None else _addresses(item.addresses)
        return [receipt_pdu(_body(item.body or ""), addresses, profile, version)]

    def _push(self, delivery: _Delivery, first: Bind | None = None) -> bool:
        """Send as many PDUs as the windows take, the next one over `first`. Returns whether all were sent."""
        lane = delivery.item.lane
        while delivery.pdus:
            bind, first = first or self.customers.receiver(lane), None
            if bind is None:
                return False
            self._hit("binds.before_send")
            try:
                bind.deliver(delivery.pdus[0], partial(self._answered, delivery))
            except WindowFullError:
                return False
            except SmppError as error:
                if not bind.receives:
                    return False
                self._log.warning("bind_delivery_not_encodable", delivery=delivery.item.id, reason=str(error))
                delivery.spoil(_NOT_ENCODABLE)
                if not delivery.open:
                    asyncio.get_running_loop().call_soon(self._end, delivery)
                return True
            delivery.pdus.pop(0)
            delivery.begun = True
            delivery.open += 1
        return True

    def _go_on(self, delivery: _Delivery) -> None:
        """Send the rest of a delivery if there is room now, or give it back if no bind can take it any more."""
        lane = delivery.item.lane
        if self._push(delivery):
            self._unfinished.pop(lane, None)
            waiting = self.queue.lane(lane)
            if waiting is not None:
                self.queue.pump(waiting)
        elif not self.customers.bound(lane):
            asyncio.get_running_loop().call_soon(self._let_go, delivery)

    def _let_go(self, delivery: _Delivery) -> None:
        """End a delivery whose rest no bind takes. The PDUs that were sent may have arrived."""
        if self._unfinished.get(delivery.item.lane) is delivery:
            del self._unfinished[delivery.item.lane]
            delivery.spoil(UNKNOWN if delivery.begun else UNSENT)
            if not delivery.open:
                self._end(delivery)

    def _answered(self, delivery: _Delivery, status: int) -> None:
        self._hit("binds.after_answer")
        delivery.open -= 1
        if status != c.ESME_ROK:
            delivery.spoil(status)
            if self._unfinished.get(delivery.item.lane) is delivery:
                del self._unfinished[delivery.item.lane]
        if delivery.pdus:
            self._go_on(delivery)
        elif not delivery.open:
            self._end(delivery)

    def _end(self, delivery: _Delivery) -> None:
        """Report the outcome of an item: all its PDUs were answered, or will not be sent."""
        status, kind = delivery.worst, delivery.item.kind or ""
        if status == c.ESME_ROK:
            result, outcome = "delivered", Outcome(Verdict.DONE)
        elif status == UNSENT:
            delivery.done(Outcome(Verdict.UNSENT))
            return
        elif status == UNKNOWN:
            result, outcome = "unanswered", Outcome(Verdict.AGAIN, error="no answer")
        elif status == _NOT_ENCODABLE:
            result, outcome = "dropped", Outcome(Verdict.FAILED, error="not encodable")
        elif status in TEMPORARY:
            result = "retried"
            outcome = Outcome(Verdict.AGAIN, status, c.status_name(status), rest=REST)
        else:
            result, outcome = "dropped", Outcome(Verdict.FAILED, status, c.status_name(status))
        self._observer.bind_delivery(kind, result)
        delivery.done(outcome)


_body = msgspec.json.Decoder(ReceiptBody).decode
_addresses = msgspec.json.Decoder(Addresses).decode
