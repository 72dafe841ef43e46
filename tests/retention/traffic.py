"""Days of traffic, written by the product's own rules: each message is delivered, reported and told by webhook."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import msgspec

from onesixty.billing.flat import LedgerEffect
from onesixty.channels.registry import standard
from onesixty.core import ids, statuses
from onesixty.core.ids import IdSource
from onesixty.core.message import Attempt, Message
from onesixty.core.tenant import Tenant
from onesixty.messages import changes
from onesixty.messages.control import Control
from onesixty.messages.receipts import Kept
from onesixty.messages.recorder import Recorder
from onesixty.ops.settings import Settings
from onesixty.retention.keeper import Keeper
from onesixty.store.contract import Store
from onesixty.store.units import Unit
from onesixty.webhooks.effect import EventEffect, redact
from onesixty.webhooks.listeners import EndpointTable
from tests.support.clock import ManualClock
from tests.support.sealing import KEYRING

DAY = 86_400_000
START = 1_790_000_000_000
LEASE = 1


class Scrubs:
    """The part of a node that redacts events."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def scrub(self, message: Message) -> Any:
        return redact(message.id, self._clock.now_ms())

    async def forget(self, message: Message) -> None: ...


class Node:
    """What `Control` needs of a context."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store, self.clock = store, clock
        self.fault = lambda _name: None


class Traffic:
    """A database with accounts that send the same each day, and its retention."""

    def __init__(self, store: Store, **settings: Any) -> None:
        self.store = store
        self.clock = ManualClock(START)
        self.counts: Counter[str] = Counter()
        self.ids = IdSource(self.clock, random.Random(1))
        effects = [LedgerEffect("sent"), EventEffect(EndpointTable(KEYRING), self.ids, channels=standard())]
        self._recorder = Recorder(effects)
        scrubs: Any = Scrubs(self.clock)
        node: Any = Node(store, self.clock)
        self._control = Control(node, recorder=self._recorder, lanes=None, features=[scrubs])  # type: ignore[arg-type]
        self.keeper = self.new_keeper(**settings)

    def new_keeper(self, **settings: Any) -> Keeper:
        """Retention as after a start with these settings."""

        async def rested(_seconds: float) -> None: ...

        async def redacted(tenant: Tenant, id_: str) -> object:
            return await self._control.redact(tenant, id_, wipe=False)

        return Keeper(
            self.store,
            Settings(**settings),
            clock=self.clock,
            observer=self,
            redact=redacted,
            sleep=rested,  # type: ignore[arg-type]
        )

    def removed(self, table: str, rows: int) -> None:
        """The observer's method."""
        self.counts[table] += rows

    async def day(self, account_id: str, messages: int) -> list[str]:
        """What an account sends now, to its end."""
        accepted = [self._accept(account_id) for _ in range(messages)]
        sent = [
            changes.advance(one, statuses.SENT, self.clock.ms + 1, due_at=self.clock.ms + DAY)
            for one in accepted
        ]
        for change in sent:
            change.after.attempts = 1
        ended = [changes.end(change.after, statuses.DELIVERED, self.clock.ms + 2) for change in sent]
        await self._write([self._recorder.acceptance(one) for one in accepted])
        attempts = [(("attempt_insert", _attempt(change.after)),) for change in sent]
        await self._write(
            [self._recorder.change(change, writes=rows) for change, rows in zip(sent, attempts, strict=True)]
        )
        reports = [
            (
                ("receipt_insert", self._report(change.after)),
                ("attempt_state", (change.after.id, 1, 0, "delivered", "000", self.clock.ms + 2, None)),
            )
            for change in ended
        ]
        await self._write(
            [self._recorder.change(change, writes=rows) for change, rows in zip(ended, reports, strict=True)]
        )
        await self.store.execute("end_deliveries", at=self.clock.ms + 3)
        return [one.id for one in accepted]

    def _accept(self, account_id: str) -> Message:
        now = self.clock.ms
        return Message(
            id=self.ids.new(ids.MESSAGE), account_id=account_id, test=False, sender="Acme", recipient="+15551234567",
            text="a text that is personal", encoding="gsm7", segments=1, class_="transactional", price=7500,
            created_at=now, expires_at=now + DAY, status="queued", claim=LEASE, due_at=now + DAY, queued_at=now,
            carrier_id="car_1", status_callback="https://example.com/hook",
        )  # fmt: skip

    def _report(self, message: Message) -> tuple[Any, ...]:
        return msgspec.structs.astuple(
            Kept(
                id=self.ids.new(ids.RECEIPT), carrier_id="car_1", carrier_message_id=message.id, match_id=message.id,
                state=2, code="000", sender="Acme", recipient="+15551234567", raw="id:1 stat:DELIVRD",
                received_at=self.clock.ms, done_at=None, message_id=message.id, attempt=1, segment=0,
                account_id=message.account_id, expires_at=self.clock.ms + 7 * DAY,
            )
        )  # fmt: skip

    async def _write(self, units: list[Unit]) -> None:
        results = await self.store.commit(units)
        assert all(result is True for result in results), results


def _attempt(message: Message) -> tuple[Any, ...]:
    return msgspec.structs.astuple(
        Attempt(
            message_id=message.id, attempt=1, segment=0, segments=1, account_id=message.account_id,
            carrier_id="car_1", bind="1", concat_reference=None, outcome="accepted", carrier_message_id=message.id,
            match_id=message.id, carrier_code=None, error_code=None, submitted_at=message.created_at,
            answered_at=message.created_at + 1,
        )
    )  # fmt: skip
