"""Deletes data past its retention time, in small pages, for each account by its own times.

Rules kept here:
- only finished data is deleted: an event after its message has ended and when no delivery of an event as old is
  pending; a message when its events are deleted, nothing waits for a bind, no money is held, and the credit that paid
  for it is accounted for;
- the cost of a deleted message stays in the ledger, added up by account, currency and day (`carried:EUR:2026-11-28`),
  in the transaction that deletes it; the audit includes these sums;
- before the first of them is deleted, it is recorded from when on events are complete (`meta.events_from`) and
  messages of each account (`retention_marks`);
- pages are small, with a pause after each, so the writer spends at most a fifth of its time here;
- on SQLite, deleted and redacted rows are also wiped from the unused parts of the file, once a day (see
  `store.wiping`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from onesixty.core import ids, times
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.kit.observer import Observer
from onesixty.ops.settings import Settings
from onesixty.retention.groups import Group, Groups
from onesixty.retention.kinds import AUDIT, BODIES, DELIVERIES, EVENTS, INBOUND, MESSAGES, RECEIPTS, REFUSALS
from onesixty.store.contract import Row, Store
from onesixty.store.rounds import Rounds
from onesixty.store.units import StoreError, Unit

#: Seconds between two rounds.
INTERVAL: Final = 60.0
#: Rows per page, and messages per page (their own rows are deleted with them).
PAGE: Final = 500
MESSAGES_PAGE: Final = 100
#: The ratio of pause to work.
REST: Final = 4
DAY_MS: Final = 86_400_000
#: A round begins so long before the end of the last one: most messages that had not ended then have now. The others
#: wait for the round of the day (`groups`).
LAG_MS: Final = 900_000
#: How long events are kept beyond their time. A replay takes no event past its time, so it never meets a deletion.
GRACE_MS: Final = 3_600_000
#: The most that the times in an event's id and in its message's id can differ.
SLACK_MS: Final = 60_000

#: Removes text and number of a message, as the API does; it need not be wiped from a file at once.
Redact = Callable[[Tenant, str], Awaitable[object]]
#: Removes old entries of the audit log (`audit_log.retention`): gets a function from an account to the time before
#: which its entries go (None: never), and what to await after each page with the number of its entries.
RemoveAudit = Callable[[Callable[[str], int | None], Callable[[int], Awaitable[None]]], Awaitable[int]]


class Keeper:
    """Deletes old data periodically, in `rounds`."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        clock: Clock,
        observer: Observer,
        redact: Redact,
        remove_audit: RemoveAudit | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._records_days = settings.retention_records_days
        self._groups = Groups(store, settings, clock)
        self._clock = clock
        self._observer = observer
        self._redact = redact
        self._remove_audit = remove_audit
        self._sleep = sleep
        self._wiped_at = -float("inf")
        self._removed = 0
        self.rounds = Rounds(store, "retention", INTERVAL, self.once)

    async def once(self) -> None:
        """Delete everything past its time."""
        now = self._clock.now_ms()
        self._removed = 0
        await self._groups.load()
        for group in self._groups.of(BODIES):
            await self._bodies(group, now)
        for group in self._groups.of(DELIVERIES):
            before = ids.lowest_at(ids.DELIVERY, now - group.days * DAY_MS)
            await self._pass(group, before, "retention_deliveries", "retention_left_deliveries")
        for group in self._groups.of(EVENTS):
            await self._events(group, now)
        for group in self._groups.of(RECEIPTS):
            ended_before = now - group.days * DAY_MS
            before = ids.lowest_at(ids.RECEIPT, ended_before)
            await self._pass(group, before, "retention_old_receipts", None, ended_before=ended_before)
        for kind in (MESSAGES, INBOUND):
            for group in self._groups.of(kind):
                await self._messages(group, now)
        for group in self._groups.of(REFUSALS):
            before = ids.lowest_at(ids.REFUSAL, now - group.days * DAY_MS)
            await self._pass(group, before, "retention_refusals", None)
        if self._remove_audit is not None:
            await self._audit(now, self._remove_audit)
        if self._records_days:
            await self._pages("retention_jobs", "", ended_before=now - self._records_days * DAY_MS)
        await self._wipe()

    # ------------------------------------------------------------ kinds

    async def _bodies(self, group: Group, now: int) -> None:
        """Redact messages that ended so long ago."""
        ended_before = now - group.days * DAY_MS
        start, before = self._groups.start_of(group), ids.lowest_at(ids.MESSAGE, ended_before)

        async def page(after: str) -> tuple[str, int]:
            rows = await self._store.fetch(
                "retention_bodies",
                after=after,
                before=before,
                ended_before=ended_before,
                count=MESSAGES_PAGE,
                **group.params,
            )
            redactions = (self._redact(Tenant(account_id, bool(test)), id_) for id_, account_id, test in rows)
            results = await asyncio.gather(*redactions, return_exceptions=True)
            for result in results:  # what changes meanwhile, or is gone, is for a later round
                if isinstance(result, BaseException) and not isinstance(result, Problem):
                    raise result
            self._count("bodies", sum(not isinstance(result, BaseException) for result in results))
            return (str(rows[-1][0]) if rows else "", len(rows))

        await self._paged(start, page, MESSAGES_PAGE)
        await self._came_to(group, start, before, "retention_left_bodies")

    async def _events(self, group: Group, now: int) -> None:
        """Delete the events that no pending delivery can need."""
        ended_before = now - group.days * DAY_MS
        before = ids.lowest_at(ids.EVENT, ended_before - GRACE_MS)
        ((needed,),) = await self._store.fetch("retention_needed")
        before = min(before, needed or before)
        complete_from = ids.lowest_at(ids.EVENT, ended_before - GRACE_MS + SLACK_MS).partition("_")[2]
        await self._store.execute("retention_note", key="events_from", value=complete_from)
        await self._pass(
            group, before, "retention_events", "retention_left_events", ended_before=ended_before
        )

    async def _messages(self, group: Group, now: int) -> None:
        ended_before = now - group.days * DAY_MS
        if not await self._mark(group, ended_before):
            return  # the rules changed: the next round begins anew
        start, before = self._groups.start_of(group), ids.lowest_at(ids.MESSAGE, ended_before)
        await self._store.execute("retention_note", key="messages_from", value=before.partition("_")[2])
        inbound = int(group.kind == INBOUND)

        async def page(after: str) -> tuple[str, int]:
            rows = await self._store.fetch(
                "retention_messages",
                after=after,
                before=before,
                ended_before=ended_before,
                inbound=inbound,
                count=MESSAGES_PAGE,
                **group.params,
            )
            if rows:
                above = await self._store.fetch("retention_above", ids=[str(row[0]) for row in rows])
                (removed,) = await self._store.commit([_removal(rows, above)])
                if removed is True:  # otherwise one of them changed, and a later round retries
                    self._count(group.kind, len(rows))
            return (str(rows[-1][0]) if rows else "", len(rows))

        await self._paged(start, page, MESSAGES_PAGE)
        await self._came_to(group, start, before, "retention_left_messages", inbound=inbound)
        if not inbound:
            batches = ids.lowest_at(ids.BATCH, ended_before)
            of_batches = group._replace(kind="batches")
            await self._pass(of_batches, batches, "retention_batches", "retention_left_batches")

    async def _audit(self, now: int, remove: RemoveAudit) -> None:
        """Remove old entries of the audit log, with a rest after each page."""
        began = self._clock.monotonic()

        def before(account_id: str) -> int | None:
            days = self._groups.days(account_id, AUDIT)
            return now - days * DAY_MS if days else None

        async def rest(entries: int) -> None:
            nonlocal began
            self._count("audit_entries", entries)
            await self._rest(began)
            began = self._clock.monotonic()

        await remove(before, rest)

    async def _mark(self, group: Group, gone: int) -> bool:
        """Record that messages accepted before `gone` may be gone. False if the rules changed meanwhile."""
        groups, kind = self._groups, group.kind
        marked = [account_id for account_id, days in groups.ruled.items() if days[kind] == group.days]
        of_all: Write = ("retention_mark_all", (kind, 0 if group.among else gone, groups.rules))
        writes: list[Write] = [("retention_mark", (account_id, kind, gone)) for account_id in marked]
        (result,) = await self._store.commit([Unit(("retention marks",), (of_all,), tuple(writes))])
        if isinstance(result, StoreError):
            raise result
        return result

    # ------------------------------------------------------------ pages

    async def _pass(self, group: Group, before: str, statement: str, left: str | None, **params: Any) -> None:
        """Delete a group's rows before an id."""
        start = self._groups.start_of(group)
        await self._pages(statement, start, before=before, **params, **group.params)
        await self._came_to(group, start, before, left)

    async def _came_to(self, group: Group, start: str, before: str, left: str | None, **params: Any) -> None:
        rows = []
        if left is not None and self._groups.at_floor(group, start):
            rows = await self._store.fetch(left, after=start, before=before, **params, **group.params)
        prefix = before.partition("_")[0]
        end = max(start, ids.lowest_at(prefix, max(0, ids.made_at(before) - LAG_MS)))
        await self._groups.came_to(group, start, end, str(rows[0][0]) if rows else None)

    async def _pages(self, statement: str, start: str, **params: Any) -> None:
        """Repeat a statement that deletes a page until it finds less than one."""
        table = statement.removeprefix("retention_").removeprefix("old_")

        async def page(after: str) -> tuple[str, int]:
            rows = await self._store.execute(statement, after=after, count=PAGE, **params)
            self._count(table, len(rows))
            return (max((str(row[0]) for row in rows), default=""), len(rows))

        await self._paged(start, page, PAGE)

    async def _paged(self, after: str, page: Callable[[str], Awaitable[tuple[str, int]]], full: int) -> None:
        """Do pages, each after the last id of the one before, and rest after each."""
        while True:
            began = self._clock.monotonic()
            last, rows = await page(after)
            if rows < full:
                return
            after = last
            await self._rest(began)

    async def _rest(self, began: float) -> None:
        await self._sleep(max(0.01, REST * (self._clock.monotonic() - began)))

    def _count(self, table: str, rows: int) -> None:
        if rows:
            self._removed += rows
            self._observer.removed(table, rows)

    async def _wipe(self) -> None:
        if self._removed and self._clock.monotonic() - self._wiped_at >= DAY_MS / 1000:
            self._wiped_at = self._clock.monotonic()
            await self._store.commit([Unit(("wipe",), writes=(("redaction_note", ("redactions",)),))])


def _removal(rows: Sequence[Row], above: Sequence[Row]) -> Unit:
    """The unit that deletes messages with all their rows. It does nothing if one of the messages has changed. `above`
    is what accounts above the messages' own were charged for them."""
    guards: list[Write] = []
    writes: list[Write] = []
    carried: Counter[tuple[str, str, int]] = Counter()
    for id_, version, account_id, currency, charged, created_at in rows:
        guards.append(("retention_message", (id_, version)))
        writes += [(name, (id_,)) for name in _HANGING]
        carried[account_id, currency, created_at // DAY_MS] += charged
    for account_id, currency, charged, created_at in above:
        carried[account_id, currency, created_at // DAY_MS] += charged
    for (account_id, currency, day), charged in sorted(carried.items()):
        if not charged:
            continue
        kind = f"carried:{currency}:{times.to_text(day * DAY_MS)[:10]}"
        writes.append(("retention_carry", (account_id, kind, account_id, charged, currency, day * DAY_MS)))
    keys = tuple(str(row[0]) for row in rows) + tuple(
        {f"carried {account_id}" for account_id, _, _ in carried}
    )
    return Unit(keys=keys, guards=tuple(guards), writes=tuple(writes))


#: The statements that delete the rows of a message.
_HANGING: Final = (
    "retention_attempts",
    "retention_receipts",
    "retention_ledger",
    "retention_work_of",
    "retention_idempotency",
    "retention_statistics",
)
