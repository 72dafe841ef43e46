"""Measures the store alone with what one delivered message writes: accepted, sent, delivered, two webhooks.

Rules kept here:
- units are made by the code that makes them in a node, so that a change of rows is measured without a change here.
  Only the rows of flights are left out: many messages share them;
- CPU counts, not time: it is that of the process while it commits. Making the units is not counted.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from benchmarks.disk import kept_bytes
from onesixty.app.features import STATEMENTS
from onesixty.billing.flat import LedgerEffect
from onesixty.channels.registry import standard
from onesixty.core import ids, statuses
from onesixty.core.clock import SystemClock, system_random
from onesixty.core.ids import IdSource
from onesixty.core.message import Attempt, Message
from onesixty.limits.arrivals import Arrivals
from onesixty.messages.changes import advance
from onesixty.messages.receipt_rules import Kept
from onesixty.messages.recorder import Recorder
from onesixty.store.contract import Store
from onesixty.store.opening import open_store
from onesixty.store.statements import load
from onesixty.store.units import Unit
from onesixty.webhooks import secrets
from onesixty.webhooks.effect import EventEffect
from onesixty.webhooks.listeners import EndpointTable
from onesixty.webhooks.rows import item_of
from onesixty.work import item as items
from onesixty.work.results import units_of
from tests.support.sealing import KEYRING

_LEASE: Final = 1
_GROUPS: Final = (1, 10, 50, 200)  # messages in a transaction
_MESSAGES: Final = 1000  # for each size
_ROUNDS: Final = 3


def lines(directory: Path, messages: int = _MESSAGES, rounds: int = _ROUNDS) -> list[str]:
    """Return the CPU of a message for groups of several sizes (the least of several rounds), and the octets that it
    keeps, on SQLite in `directory`."""
    found = []
    kept = 0.0
    for group in _GROUPS:
        costs = []
        for _ in range(rounds):
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(parents=True)
            costs.append(asyncio.run(cost(directory.resolve() / "life.db", group, messages)))
        name = f"store, a message's life, {group} at a time"
        found.append(f"{name:44}{min(one.cpu_us for one in costs):8.2f} us")
        kept = costs[-1].kept
    shutil.rmtree(directory, ignore_errors=True)
    name = "store, a message's life, kept"
    return [*found, f"{name:44}{kept:8.0f} octets"]


class Life(NamedTuple):
    """The units of one message, in the order in which they are committed, and the results of its webhooks."""

    accepted: Unit
    sent: Unit
    delivered: Unit
    results: list[tuple[str, tuple[str, tuple[object, ...]]]]


class Lives:
    """Makes lives of messages that differ in what differs in a node: ids, times, numbers."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        new = self._new = IdSource(self._clock, system_random()).new
        self._account, self._carrier, self._route = new(ids.ACCOUNT), new(ids.CARRIER), new(ids.ROUTE)
        hook_id = new(ids.WEBHOOK)
        hook = (
            hook_id, self._account, "https://receiver.example/hook", '["*"]',
            secrets.sealed(KEYRING, hook_id, secrets.from_key(bytes(secrets.KEY_BYTES))), 1, 0, None, None,
        )  # fmt: skip
        table = EndpointTable(KEYRING)
        table.load([hook])
        new_ids = IdSource(self._clock, system_random())
        events = EventEffect(table, new_ids, lambda _lane: _LEASE, channels=standard())
        self._recorder = Recorder([Arrivals(), LedgerEffect(), events])
        self._number = 0

    def new(self) -> Life:
        """The life of one more message."""
        self._number += 1
        now, reference = self._clock.now_ms(), f"e925ecf7{self._number:07x}"
        message = Message(
            id=self._new(ids.MESSAGE), account_id=self._account, test=False, sender="YourBrand",
            recipient=f"+1555{self._number:07}", text="Your verification code is 482931", encoding="gsm7",
            segments=1, class_="transactional", country="US", price=7500, created_at=now,
            expires_at=now + 86_400_000, status=statuses.QUEUED, claim=_LEASE, due_at=now + 86_400_000,
            route_id=self._route, carrier_id=self._carrier, queued_at=now,
        )  # fmt: skip
        sent = advance(message, statuses.SENT, now + 30, due_at=now + 345_600_000)
        sent.after.sender_used, sent.after.attempts = message.sender, 1
        attempt = Attempt(
            message_id=message.id, attempt=1, segment=0, segments=1, account_id=self._account,
            carrier_id=self._carrier, bind="1", concat_reference=None, outcome="accepted",
            carrier_message_id=reference, match_id=reference, carrier_code=None, error_code=None,
            submitted_at=now + 20, answered_at=now + 30,
        )  # fmt: skip
        receipt = Kept(
            id=self._new(ids.RECEIPT), carrier_id=self._carrier, carrier_message_id=reference,
            match_id=reference, state=2, code="000", sender=message.sender, recipient=message.recipient,
            raw=f"id:{reference} sub:1 dlvrd:1 submit date:2611290153 done date:2611290153 stat:DELIVRD err:000",
            received_at=now + 50, done_at=None, message_id=message.id, attempt=1, segment=0,
            account_id=self._account, expires_at=now + 604_800_000,
        )  # fmt: skip
        state = ("attempt_state", (message.id, 1, 0, "delivered", "000", now + 50, None))
        units = (
            self._recorder.acceptance(message),
            self._recorder.change(sent, writes=[("attempt_insert", msgspec.structs.astuple(attempt))]),
            self._recorder.change(
                advance(sent.after, statuses.DELIVERED, now + 60),
                writes=[("receipt_insert", msgspec.structs.astuple(receipt)), state],
            ),
        )
        results = []
        for unit in units:
            for name, row in unit.writes:
                if name == "delivery_insert":
                    item = item_of(row)
                    item.tries = 1
                    results.append((item.id, items.done(item, "delivered", now + 90, 200, None)))
        return Life(*units, results)


class Cost(NamedTuple):
    """CPU microseconds and kept octets of a message."""

    cpu_us: float
    kept: float


async def cost(file: Path, group: int, messages: int) -> Cost:
    """Commit the lives of so many messages on a new SQLite database, `group` of them at a time."""
    url = f"sqlite:///{file}"
    store = await open_store(url, load(STATEMENTS), clock=SystemClock(), migrate=True)
    lives = Lives()
    await _cpu(store, [lives.new() for _ in range(group)])  # every page and statement was used once
    before = kept_bytes(file)
    rounds = max(messages // group, 1)
    used = sum([await _cpu(store, [lives.new() for _ in range(group)]) for _ in range(rounds)])
    kept = kept_bytes(file) - before
    await store.close()
    return Cost(used / rounds / group * 1e6, kept / rounds / group)


async def _cpu(store: Store, lives: Sequence[Life]) -> float:
    """Seconds of CPU for a group of lives, in four transactions."""
    steps = [
        [life.accepted for life in lives],
        [life.sent for life in lives],
        [life.delivered for life in lives],
        units_of(result for life in lives for result in life.results),
    ]
    used = 0.0
    for units in steps:
        began = time.process_time()
        results = await store.commit(units)
        used += time.process_time() - began
        if not all(result is True for result in results):
            raise RuntimeError(f"not committed: {results[0]!r}")
    return used
