"""A database with a message in every state, written by the product's own rules, for tests of what reads it."""

from __future__ import annotations

from typing import Any

import msgspec

from onesixty.billing.flat import ChargeOn, LedgerEffect
from onesixty.channels.registry import standard
from onesixty.core import events, ids, statuses
from onesixty.core.contracts import Write
from onesixty.core.ids import IdSource
from onesixty.core.message import PARKED, Attempt, Change, Message
from onesixty.customers.effect import NewDelivery
from onesixty.messages import changes
from onesixty.messages.receipts import Kept
from onesixty.messages.recorder import Recorder
from onesixty.store.contract import Store
from onesixty.store.units import Unit
from onesixty.webhooks.effect import EventEffect
from onesixty.webhooks.listeners import EndpointTable
from tests.support.sealing import KEYRING

FEATURES = (
    "onesixty.store",
    "onesixty.messages",
    "onesixty.customers",
    "onesixty.dispatch",
    "onesixty.billing",
    "onesixty.work",
    "onesixty.webhooks",
)
ACCOUNT = "acc_1"
CARRIER = "car_1"
LEASE = 1
DAY = 86_400_000
START = 1_790_000_000_000


class Clock:
    """Stands still."""

    def now_ms(self) -> int:
        return START

    def monotonic(self) -> float:
        return 0.0


class Zero:
    """Chance without any; ids differ by their counter."""

    def random(self) -> float:
        return 0.0

    def getrandbits(self, _k: int, /) -> int:
        return 0

    def uniform(self, a: float, _b: float) -> float:
        return a

    def randrange(self, start: int, _stop: int) -> int:
        return start


class Filler:
    """Writes messages step by step. `named` are their ids by what they are examples of."""

    def __init__(self, store: Store, charge_on: ChargeOn) -> None:
        self.named: dict[str, str] = {}
        self._store = store
        self._ids = IdSource(Clock(), Zero())
        self._recorder = Recorder(
            [LedgerEffect(charge_on), EventEffect(EndpointTable(KEYRING), self._ids, channels=standard())]
        )

    async def fill(self) -> None:
        """Every state that a message can be in."""
        await self._store.execute("lease_start", node="here", now=START, ttl=10 * DAY, sessions="[]")
        await self._delivered("delivered", status_callback="https://example.com/hook")
        await self._delivered("two_segments", segments=2)
        await self._delivered("test", test=True, price=0)
        await self._end("undelivered", statuses.UNDELIVERED)
        await self._end("unconfirmed", statuses.UNCONFIRMED)
        await self._corrected()
        await self._scheduled()
        await self._in_flight()
        await self._parked()
        await self._resent()
        await self._held()
        await self._partially_refused()
        for status, code in (
            (statuses.FAILED, "message_refused"),
            (statuses.EXPIRED, "validity_passed"),
            (statuses.CANCELED, "canceled"),
        ):
            message = await self._accept(status)
            await self._step(changes.end(message, status, START + 5, code))
        await self._receipts()
        await self._inbound()
        await self._for_customers()

    async def _accept(self, name: str, **fields: Any) -> Message:
        message = Message(
            **{
                "id": self._ids.new(ids.MESSAGE), "account_id": ACCOUNT, "test": False, "sender": "YourBrand",
                "recipient": "+15551234567", "text": "Hello", "encoding": "gsm7", "segments": 1,
                "class_": "transactional", "price": 7500, "created_at": START, "expires_at": START + DAY,
                "status": "queued", "claim": LEASE, "due_at": START + DAY, "queued_at": START,
                "carrier_id": CARRIER,
            } | fields
        )  # fmt: skip
        self.named[name] = message.id
        await self._write(self._recorder.acceptance(message))
        return message

    async def _step(self, change: Change, *writes: Write) -> Message:
        await self._write(self._recorder.change(change, writes=writes))
        return change.after

    async def _sent(self, name: str, **fields: Any) -> Message:
        message = await self._accept(name, **fields)
        return await self._take(message)

    async def _take(self, message: Message, outcomes: str = "accepted") -> Message:
        change = changes.advance(message, statuses.SENT, START + 1, due_at=START + 2 * DAY)
        change.after.attempts += 1
        return await self._step(change, *_attempts(change.after, outcomes))

    async def _delivered(self, name: str, **fields: Any) -> None:
        message = await self._sent(name, **fields)
        await self._step(changes.end(message, statuses.DELIVERED, START + 2), *_states(message, "delivered"))

    async def _end(self, name: str, status: str) -> None:
        message = await self._sent(name)
        await self._step(changes.end(message, status, START + 2, "undeliverable"))

    async def _corrected(self) -> None:
        message = await self._sent("corrected")
        message = await self._step(changes.end(message, statuses.UNDELIVERED, START + 2, "carrier_expired"))
        await self._step(changes.end(message, statuses.DELIVERED, START + 3), *_states(message, "delivered"))

    async def _scheduled(self) -> None:
        at = START + DAY
        await self._accept(
            "scheduled", status="scheduled", claim=0, due_at=at, scheduled_at=at, queued_at=None
        )

    async def _in_flight(self) -> None:
        message = await self._accept("in_flight")
        named = msgspec.json.encode([[message.id, message.version]]).decode()
        row = (self._ids.new(ids.FLIGHT), LEASE, CARRIER, named, START)
        await self._write(Unit(keys=(row[0],), writes=(("flight_open", row),)))

    async def _parked(self) -> None:
        message = await self._accept("parked")
        change = changes.touch(message, START + 1)
        change.after.claim, change.after.attempts = PARKED, 1
        await self._step(change, *_attempts(change.after, "retryable"))

    async def _resent(self) -> None:
        message = await self._accept("resent")
        change = changes.touch(message, START + 1)
        change.after.duplicates, change.after.attempts = 1, 1
        await self._take(await self._step(change, *_attempts(change.after, "unknown")))

    async def _held(self) -> None:
        message = await self._accept("held", on_unknown="hold")
        change = changes.advance(message, statuses.HELD, START + 1, due_at=message.expires_at)
        change.after.attempts = 1
        change.after.error_code = change.after.held_for = statuses.OUTCOME_UNKNOWN
        await self._step(change, *_attempts(change.after, "unknown"))

    async def _partially_refused(self) -> None:
        message = await self._accept("partial", segments=2)
        change = changes.end(message, statuses.UNDELIVERED, START + 1, "partially_refused")
        change.after.sent_at, change.after.attempts = START + 1, 1
        await self._step(change, *_attempts(change.after, "accepted", "permanent"))

    async def _receipts(self) -> None:
        matched = Kept(
            id="rcp_matched", carrier_id=CARRIER, carrier_message_id="1", match_id="1", state=2, code=None,
            sender=None, recipient=None, raw="", received_at=START, done_at=None,
            message_id=self.named["delivered"], attempt=1, segment=0, account_id=ACCOUNT,
            expires_at=START + 7 * DAY,
        )  # fmt: skip
        waiting = msgspec.structs.replace(
            matched, id="rcp_waiting", message_id=None, attempt=None, segment=None, account_id=None,
            due_at=START + 1000,
        )  # fmt: skip
        for kept in (matched, waiting):
            row = msgspec.structs.astuple(kept)
            await self._write(Unit(keys=(kept.id,), writes=(("receipt_insert", row),)))

    async def _inbound(self) -> None:
        """A message that came in, and a part that waits for the others."""
        received = Message(
            id=self._ids.new(ids.MESSAGE), account_id=ACCOUNT, test=False, direction="inbound",
            sender="+15551234567", recipient="+15550001111", text="Hi", encoding="gsm7", segments=1,
            class_="transactional", created_at=START, expires_at=START, status="received", sequence=1,
            done_at=START,
        )  # fmt: skip
        self.named["received"] = received.id
        await self._write(self._recorder.acceptance(received, event=events.RECEIVED))
        row = ("prt_in", "place", 2, 1, "digest", "{}", START, START + 10 * DAY)
        await self._write(Unit(keys=("prt_in",), writes=(("inbound_parts_insert", row),)))

    async def _for_customers(self) -> None:
        """A part of a customer that waits, one in its message, and receipts that wait for his bind."""
        for id_, message_id in (("prt_waits", None), ("prt_joined", self.named["delivered"])):
            row = (
                id_, ACCOUNT, "smpp_1", "place", 2, 1, "digest", "{}", START, START + 10 * DAY, START + 20 * DAY,
            )  # fmt: skip
            await self._write(Unit(keys=(id_,), writes=(("smpp_part_insert", row),)))
            if message_id is not None:
                join: Write = ("smpp_part_join", (id_, message_id))
                await self._write(Unit(keys=(id_,), guards=(join,)))
        for id_ in ("dlv_waits", "dlv_dropped"):
            row = NewDelivery(
                id_,
                self.named["delivered"],
                ACCOUNT,
                "smpp_1",
                "receipt",
                "[]",
                None,
                LEASE,
                START,
                START + 3 * DAY,
            )
            await self._write(Unit(keys=(id_,), writes=(("bind_delivery_insert", row),)))
        drop: Write = ("work_done", ("dlv_dropped", LEASE, "failed", 1, START, 101, "ESME_RX_P_APPN"))
        await self._write(Unit(keys=("dlv_dropped",), writes=(drop,)))

    async def _write(self, unit: Unit) -> None:
        result = await self._store.commit([unit])
        assert result == [True], result


def _attempts(message: Message, *outcomes: str) -> list[Write]:
    """An attempt for each segment; the last outcome counts for all that follow."""
    return [
        (
            "attempt_insert",
            msgspec.structs.astuple(
                Attempt(
                    message_id=message.id, attempt=message.attempts, segment=segment,
                    segments=message.segments, account_id=message.account_id, carrier_id=CARRIER, bind="1",
                    concat_reference=None, outcome=outcomes[min(segment, len(outcomes) - 1)],
                    carrier_message_id=None, match_id=None, carrier_code=None, error_code=None,
                    submitted_at=START, answered_at=START + 1,
                )
            ),
        )
        for segment in range(message.segments)
    ]  # fmt: skip


def _states(message: Message, state: str) -> list[Write]:
    return [
        ("attempt_state", (message.id, message.attempts, segment, state, "000", START + 2, None))
        for segment in range(message.segments)
    ]
