"""What waits for customers' binds: receipts and incoming messages, from their rows to a bind and its answer.

Rules kept here (SEMANTICS, "SMPP for customers"; field notes 10 and 15):
- they go to any bind of the credential that can receive, the one with most room first, as many at once as the windows
  take; they are kept for 72 hours while there is none;
- a delivery is in memory only under this node's claim; the node that has the bind takes it, and a crash leaves the
  claim to a lease that ends;
- order is kept in a lane as far as it goes: what waits in rows goes before what is new, what never left us first;
- a temporary error is tried again with growing pauses, and so is what was not answered; any other error is kept with
  the row and the delivery is dropped; an acknowledged one is gone.

No task for a delivery: one task looks for rows, everything else runs in callbacks; results are written together.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol

import msgspec
import structlog

from onesixty.core.clock import Clock, Random
from onesixty.core.message import UNCLAIMED, from_row
from onesixty.customers.binds import UNKNOWN, UNSENT, Bind, Binds
from onesixty.customers.delivery_lanes import Customers, Lane, older
from onesixty.customers.delivery_rows import BATCH, DeliveryRows, Item
from onesixty.customers.effect import INBOUND, Addresses, ReceiptBody
from onesixty.customers.incoming import message_pdus
from onesixty.customers.receipts import receipt_pdu
from onesixty.customers.tables import SmppCredential
from onesixty.smpp import constants as c
from onesixty.smpp.errors import SmppError, WindowFullError
from onesixty.smpp.pdu import Pdu
from onesixty.store.contract import Row, Store, no_fault
from onesixty.store.units import StoreError

#: Seconds until a delivery is tried again, by its tries; the last one repeats.
PAUSES: Final = (1, 2, 5, 15, 60, 300, 900, 1800)
#: Answers after which it is tried again; all other errors are for good.
TEMPORARY: Final = frozenset((c.ESME_RX_T_APPN, c.ESME_RTHROTTLED, c.ESME_RMSGQFUL, c.ESME_RSYSERR))
#: Seconds for which a lane rests after such an answer: who cannot take one now can hardly take a thousand.
REST: Final = 0.1

#: Deliveries of a lane, and of all lanes, that are kept in memory.
LANE_MOST: Final = 5_000
MOST: Final = 50_000
#: Seconds between looks at the rows, at what ended nodes left, and at what has run out of time.
LOOK: Final = 1.0
RECOVER: Final = 5.0
EXPIRE: Final = 60.0


class Observer(Protocol):
    """Where deliveries to binds are counted."""

    def bind_delivery(self, kind: str, result: str) -> None:
        """`kind`: receipt or inbound; `result`: delivered, retried, unanswered, dropped."""


class BindDeliveries:
    """See the module. `book` are the SMPP credentials by id, `lease` gives this node's claim, or 0 while it may not
    send."""

    def __init__(
        self,
        store: Store,
        binds: Binds,
        book: Mapping[str, SmppCredential],
        *,
        clock: Clock,
        random: Random,
        lease: Callable[[], int],
        observer: Observer,
        hit: Callable[[str], None] = no_fault,
    ) -> None:
        self._store = store
        self._customers = Customers(binds, book)
        self._clock = clock
        self._random = random
        self._lease = lease
        self._hit = hit
        self._observer = observer
        self._rows = DeliveryRows(store, clock, lease, hit)
        self._lanes: dict[str, Lane] = {}
        self._waiting = 0
        self._in_flight = 0
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._recovered = self._expired = float("-inf")
        self._idle = asyncio.Event()
        self._log = structlog.get_logger("onesixty.smpp.deliveries")
        binds.on_room(self._room)

    # ------------------------------------------------------------ life

    def start(self) -> None:
        """Listen to commits, and begin to look for what waits in the rows."""
        self._store.subscribe("bind_delivery_insert", self._offered)
        self._store.subscribe("bind_delivery_redact", self._redacted)
        self._store.on_health(self._health)
        self._spawn(asyncio.get_running_loop().create_task(self._run(), name="bind deliveries"))

    async def stop(self, deadline: float) -> None:
        """Send nothing more, wait up to `deadline` seconds for answers and as long for the store; give back the
        rest."""
        self._stopping = True
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for lane in list(self._lanes.values()):
            self._give_back(lane)
        if self._in_flight:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(deadline):
                    await self._idle.wait()
        await self._rows.drain(deadline)

    def wake(self) -> None:
        """Look at the rows soon."""
        self._wake.set()

    def state(self) -> dict[str, int]:
        """Sums for metrics: deliveries in memory, under way, lanes."""
        return {"waiting": self._waiting, "in_flight": self._in_flight, "lanes": len(self._lanes)}

    def _spawn(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _health(self, healthy: bool) -> None:
        if healthy:
            self._wake.set()
            for lane in list(self._lanes.values()):
                self._pump(lane)

    # ------------------------------------------------------------ in

    def claim(self, name: str) -> int:
        """The claim for a new delivery of this lane: this node's if it has a bind and room (for the effect)."""
        if self._stopping or self._waiting >= MOST:
            return UNCLAIMED
        lane = self._lanes.get(name)
        if lane is not None and (lane.spilled or len(lane.queue) >= LANE_MOST):
            return UNCLAIMED
        return self._lease() if self._customers.bound(name) else UNCLAIMED

    def wants_inbound(self, account_id: str, test: bool) -> bool:
        """Whether the account has a credential of this mode whose binds get incoming messages (for the effect)."""
        return bool(self._customers.of_account(account_id, test))

    def _offered(self, rows: list[Row]) -> None:
        """Deliveries that were just committed in this process."""
        mine = self._lease()
        touched: dict[str, Lane] = {}
        for id_, name, _, message_id, kind, body, addresses, claim, _, _ in rows:
            if claim > UNCLAIMED and claim == mine:
                lane = touched[name] = self._lane(name)
                lane.queue.append(Item(id_, name, message_id, kind, body, addresses, 0, claim))
                self._waiting += 1
            elif claim <= UNCLAIMED and self._customers.bound(name):
                self._lane(name).spilled = True
                self._wake.set()
        for lane in touched.values():
            self._pump(lane)

    def _redacted(self, rows: list[Row]) -> None:
        """What was redacted is not sent from memory."""
        redacted = {row[0] for row in rows}
        for lane in self._lanes.values():
            for item in lane.queue:
                if item.message_id in redacted and not item.open:
                    item.addresses, item.pdus = None, None

    def _lane(self, name: str) -> Lane:
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(name)
        return lane

    # ------------------------------------------------------------ out

    def _room(self, credential_id: str) -> None:
        """A bind that receives came, or a full one has room again."""
        names = self._customers.lanes_of(credential_id)
        lanes = [lane for name in names if (lane := self._lanes.get(name)) is not None and lane.queue]
        for lane in lanes:
            self._pump(lane)
        if not lanes:
            self._wake.set()  # something may wait in the rows

    def _pump(self, lane: Lane) -> None:
        """Send what the windows take."""
        if lane.loading or lane.rest_until > self._clock.monotonic():
            return
        while lane.queue and not self._stopping and self._store.healthy:
            bind = self._customers.receiver(lane.name)
            if bind is None:
                if not self._customers.bound(lane.name):
                    self._give_back(lane)
                    self._customers.want(lane.name)
                return
            item = lane.queue[0]
            if item.pdus is None:
                if item.kind == INBOUND:
                    lane.loading = True
                    self._spawn(asyncio.get_running_loop().create_task(self._load(lane)))
                    return
                item.pdus = [_receipt(item, bind)]
            if item.pdus and not self._send(lane, item, bind):
                return
            if not item.pdus:
                lane.queue.popleft()
                self._waiting -= 1
        if lane.spilled and len(lane.queue) < LANE_MOST // 2:
            self._wake.set()

    def _send(self, lane: Lane, item: Item, bind: Bind) -> bool:
        """Send the next PDU of an item; False when this bind takes no more."""
        assert item.pdus
        self._hit("binds.before_send")
        try:
            bind.deliver(item.pdus[0], partial(self._answered, lane, item))
        except WindowFullError:
            return False
        except SmppError as error:
            if not bind.receives:
                return False
            self._log.warning("bind_delivery_not_encodable", delivery=item.id, reason=str(error))
            item.pdus.clear()
            self._drop(item, "not encodable")
            return True
        item.pdus.pop(0)
        item.open += 1
        lane.in_flight += 1
        self._in_flight += 1
        return True

    def _answered(self, lane: Lane, item: Item, status: int) -> None:
        self._hit("binds.after_answer")
        lane.in_flight -= 1
        self._in_flight -= 1
        item.open -= 1
        if status != c.ESME_ROK and item.worst == c.ESME_ROK:
            item.worst = status
            if item.pdus:  # of a long message a part was refused: the rest has no use
                item.pdus.clear()
                if lane.queue and lane.queue[0] is item:
                    lane.queue.popleft()
                    self._waiting -= 1
        if not item.open and not item.pdus:
            self._ended(lane, item)
        if self._stopping:
            if not self._in_flight:
                self._idle.set()
        elif lane.queue or lane.spilled:
            self._pump(lane)

    def _ended(self, lane: Lane, item: Item) -> None:
        """All PDUs of an item were answered: what became of it."""
        status, item.worst = item.worst, c.ESME_ROK
        if status == c.ESME_ROK:
            self._observer.bind_delivery(item.kind, "delivered")
            self._rows.done(item)
        elif status == UNSENT:
            item.pdus = None
            if self._stopping:
                self._rows.release([item])
            else:  # in its old place: all that goes before it is older
                lane.queue.insert(older(lane.queue, item.id), item)
                self._waiting += 1
                self._lanes.setdefault(lane.name, lane)
        elif status == UNKNOWN:
            self._observer.bind_delivery(item.kind, "unanswered")
            self._again(item, "no answer")
        elif status in TEMPORARY:
            self._observer.bind_delivery(item.kind, "retried")
            self._again(item, c.status_name(status))
            self._rest(lane)
        else:
            self._drop(item, c.status_name(status))

    def _again(self, item: Item, error: str) -> None:
        pause = PAUSES[min(item.tries, len(PAUSES) - 1)] * self._random.uniform(0.75, 1.25)
        self._rows.again(item, self._clock.now_ms() + int(pause * 1000), error)

    def _rest(self, lane: Lane) -> None:
        now = self._clock.monotonic()
        if lane.rest_until <= now and not self._stopping:
            lane.rest_until = now + REST
            asyncio.get_running_loop().call_later(1.1 * REST, self._pump, lane)

    def _drop(self, item: Item, error: str) -> None:
        self._observer.bind_delivery(item.kind, "dropped")
        self._rows.drop(item, error)

    def _give_back(self, lane: Lane) -> None:
        """Leave what waits in memory to its rows: another node may have a bind."""
        self._waiting -= len(lane.queue)
        whole = []
        for item in lane.queue:
            if item.open:  # some of its parts are under way: all of them go again
                item.pdus, item.worst = [], UNKNOWN
            else:
                whole.append(item)
        lane.queue.clear()
        self._rows.release(whole)

    async def _load(self, lane: Lane) -> None:
        """Read the messages that the next items of a lane tell of, and make their PDUs."""
        try:
            wanted = [item for item in list(lane.queue)[:BATCH] if item.kind == INBOUND and item.pdus is None]
            rows = await self._store.fetch("messages_by_id", ids=[item.message_id for item in wanted])
            bind = self._customers.receiver(lane.name)
            messages = {made.id: made for made in map(from_row, rows)}
            for item in wanted:
                if bind is None:
                    break  # they are looked at again when there is room
                made = messages.get(item.message_id)
                if made is None or made.redacted_at is not None:
                    item.pdus = []
                    self._drop(item, "redacted")
                else:
                    reference = self._random.randrange(0, 256)
                    item.pdus = message_pdus(made, bind.credential.profile, bind.interface_version, reference)
        except StoreError as error:
            self._log.warning("bind_deliveries_wait_for_store", reason=str(error))
            await asyncio.sleep(LOOK)
        finally:
            lane.loading = False
        if not self._stopping:
            self._pump(lane)

    # ------------------------------------------------------------ rows

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                if self._lease() and self._store.healthy:
                    await self._look()
            except StoreError as error:
                self._log.warning("bind_deliveries_unreadable", reason=str(error))
            except Exception:
                self._log.exception("bind_deliveries_failed")
                await asyncio.sleep(LOOK)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._wake.wait()

    async def _look(self) -> None:
        """Take in what is due for those who are bound here; end what has run out of time."""
        now = self._clock.monotonic()
        if now - self._recovered >= RECOVER:
            self._recovered = now
            await self._rows.recover()
        if now - self._expired >= EXPIRE:
            self._expired = now
            await self._rows.expire()
        due: set[str] = set()
        for name, due_at in await self._rows.lanes():
            if not self._customers.bound(name):
                self._customers.want(name)
            elif due_at <= self._clock.now_ms():
                due.add(name)
                await self._take(self._lane(name))
        for lane in list(self._lanes.values()):
            if lane.name not in due:
                lane.spilled = False
                if not lane.queue and not lane.in_flight:
                    del self._lanes[lane.name]

    async def _take(self, lane: Lane) -> None:
        room = min(LANE_MOST - len(lane.queue), MOST - self._waiting)
        if room <= 0:
            lane.spilled = True
            return
        items, lane.spilled = await self._rows.take(lane.name, room)
        lane.queue.extend(items)
        self._waiting += len(items)
        self._lanes.setdefault(lane.name, lane)
        self._pump(lane)


_body = msgspec.json.Decoder(ReceiptBody).decode
_addresses = msgspec.json.Decoder(Addresses).decode


def _receipt(item: Item, bind: Bind) -> Pdu:
    """The PDU of a receipt, as the bind's credential has it now."""
    addresses = None if item.addresses is None else _addresses(item.addresses)
    return receipt_pdu(_body(item.body), addresses, bind.credential.profile, bind.interface_version)
