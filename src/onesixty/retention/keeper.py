"""Deletes data past its retention time, in small pages.

Rules kept here:
- only finished data is deleted: an event after its message has ended and when no delivery of an event as old is
  pending; a message when its events are deleted, nothing waits for a bind and no money is held;
- the cost of a deleted message stays in the ledger, added up by account and currency (`carried:EUR`), in the
  transaction that deletes it; the audit includes these sums;
- `meta` records from when on events are complete (`events_from`), before the first of them is deleted;
- pages are small, with a pause after each, so the writer spends at most a fifth of its time here;
- on SQLite, deleted rows are also wiped from the unused parts of the file, once a day (see `store.wiping`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.kit.observer import Observer
from onesixty.store.contract import Row, Store
from onesixty.store.rounds import Rounds
from onesixty.store.units import Unit

#: Seconds between two rounds.
INTERVAL: Final = 60.0
#: Rows per page, and messages per page (their own rows are deleted with them).
PAGE: Final = 500
MESSAGES: Final = 100
#: The ratio of pause to work.
REST: Final = 4
DAY_MS: Final = 86_400_000
#: How long events are kept beyond their time. A replay takes no event past its time, so it never meets a deletion.
GRACE_MS: Final = 3_600_000
#: The most that the times in an event's id and in its message's id can differ.
SLACK_MS: Final = 60_000


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """Days for which each kind of data is kept; 0 is forever."""

    events: int
    messages: int
    records: int
    refusals: int


class Keeper:
    """Deletes old data periodically, in `rounds`."""

    def __init__(
        self,
        store: Store,
        keep: Keep,
        *,
        clock: Clock,
        observer: Observer,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._keep = keep
        self._clock = clock
        self._observer = observer
        self._sleep = sleep
        self._wiped_at = -float("inf")
        self._removed = 0
        self.rounds = Rounds(store, "retention", INTERVAL, self.once)

    async def once(self) -> None:
        """Delete everything past its time."""
        now = self._clock.now_ms()
        self._removed = 0
        if self._keep.events:
            await self._events(now - self._keep.events * DAY_MS)
            if self._keep.messages:
                await self._messages(now - self._keep.messages * DAY_MS)
        if self._keep.records:
            await self._pages("jobs", ended_before=now - self._keep.records * DAY_MS)
        if self._keep.refusals:
            await self._pages(
                "refusals", before=ids.lowest_at(ids.REFUSAL, now - self._keep.refusals * DAY_MS)
            )
        await self._wipe()

    async def _events(self, ended_before: int) -> None:
        """Delete deliveries that ended, then the events that no pending delivery can need."""
        await self._pages("deliveries", before=ids.lowest_at(ids.DELIVERY, ended_before))
        before = ids.lowest_at(ids.EVENT, ended_before - GRACE_MS)
        ((needed,),) = await self._store.fetch("retention_needed")
        before = min(before, needed or before)
        complete_from = ids.lowest_at(ids.EVENT, ended_before - GRACE_MS + SLACK_MS).partition("_")[2]
        await self._store.execute("retention_note", key="events_from", value=complete_from)
        await self._pages("events", before=before, ended_before=ended_before)

    async def _messages(self, ended_before: int) -> None:
        after, before = "", ids.lowest_at(ids.MESSAGE, ended_before)
        while True:
            began = self._clock.monotonic()
            rows = await self._store.fetch(
                "retention_messages", after=after, before=before, ended_before=ended_before, count=MESSAGES
            )
            if rows:
                (removed,) = await self._store.commit([_removal(rows, self._clock.now_ms())])
                if removed is True:  # otherwise one of them changed, and the next round retries
                    self._count("messages", len(rows))
                after = str(rows[-1][0])
            if len(rows) < MESSAGES:
                break
            await self._rest(began)
        await self._pages("batches", before=ids.lowest_at(ids.BATCH, ended_before))

    async def _pages(self, table: str, **params: Any) -> None:
        """Repeat the statement of a table until it finds less than a page."""
        after = ""
        while True:
            began = self._clock.monotonic()
            rows = await self._store.execute(f"retention_{table}", after=after, count=PAGE, **params)
            if rows:
                self._count(table, len(rows))
                after = max(str(row[0]) for row in rows)
            if len(rows) < PAGE:
                return
            await self._rest(began)

    def _count(self, table: str, rows: int) -> None:
        self._removed += rows
        self._observer.removed(table, rows)

    async def _rest(self, began: float) -> None:
        await self._sleep(max(0.01, REST * (self._clock.monotonic() - began)))

    async def _wipe(self) -> None:
        if self._removed and self._clock.monotonic() - self._wiped_at >= DAY_MS / 1000:
            self._wiped_at = self._clock.monotonic()
            await self._store.commit([Unit(("wipe",), writes=(("redaction_note", ("redactions",)),))])


def _removal(rows: Sequence[Row], now: int) -> Unit:
    """The unit that deletes messages with all their rows. It does nothing if one of the messages has changed."""
    guards: list[Write] = []
    writes: list[Write] = []
    carried: dict[tuple[str, str], int] = {}
    for id_, version, account_id, currency, charged in rows:
        guards.append(("retention_message", (id_, version)))
        writes += [(name, (id_,)) for name in _HANGING]
        if charged:
            carried[account_id, currency] = carried.get((account_id, currency), 0) + charged
    writes += [
        ("retention_carry", (account_id, f"carried:{currency}", account_id, charged, currency, now))
        for (account_id, currency), charged in carried.items()
    ]
    keys = tuple(str(row[0]) for row in rows) + tuple({f"carried {account_id}" for account_id, _ in carried})
    return Unit(keys=keys, guards=tuple(guards), writes=tuple(writes))


#: The statements that delete the rows of a message.
_HANGING: Final = (
    "retention_attempts",
    "retention_receipts",
    "retention_ledger",
    "retention_work_of",
    "retention_idempotency",
)
