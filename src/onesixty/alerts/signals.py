"""The numbers that rules evaluate, read from the parts of a node and, sparingly, from the database.

Rules kept here:
- a read is bounded: it samples a number of rows, never an hour of traffic;
- too few messages for a share give no reading, and so no alert;
- an unknown network or carrier is named by whatever part of its name is known.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from onesixty.alerts import success
from onesixty.alerts.rules import Reading
from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import CarrierState
from onesixty.store.contract import Store

MINUTE_MS: Final = 60_000
#: The most messages sampled for a share of receipts, and the fewest that make one.
SAMPLE: Final = 5000
ENOUGH_MESSAGES: Final = 50
#: The age of the messages sampled: their reports should have arrived.
RECEIPT_AGE_MS: Final = (70 * MINUTE_MS, 10 * MINUTE_MS)
#: The age from which an unmatched receipt counts, and the most that are counted.
UNMATCHED_AGE_MS: Final = 5 * MINUTE_MS
MOST_UNMATCHED: Final = 10_000
#: The time span of the share of refusals, and the fewest refusals that make one.
OUTCOME_SPAN_MS: Final = 5 * MINUTE_MS
ENOUGH_REFUSALS: Final = 20

PERMANENT: Final = "permanent"


class Parts(NamedTuple):
    """The parts of a node that signals are read from; each is called at every evaluation.

    `carriers` gives the states of running carriers by name; `outcomes` the segments since the start by (carrier's
    name, kind); `queued` reads, for each carrier id, since when its oldest message waits (None without one);
    `strays` the messages and flights recovered since the start, by kind; `paused_webhooks` the ids of paused
    webhooks; `limits` the part of its limits that each account has used, in percent; `name` a carrier's name by its
    id.
    """

    carriers: Callable[[], Mapping[str, CarrierState]]
    outcomes: Callable[[], Mapping[tuple[str, str], int]]
    queued: Callable[[], Awaitable[Mapping[str, int | None]]]
    strays: Callable[[], Mapping[str, int]]
    paused_webhooks: Callable[[], Iterable[str]]
    limits: Callable[[], Iterable[tuple[str, float]]]
    name: Callable[[str], str]


class Signals:
    """Reads all numbers: `await signals.read()`."""

    def __init__(self, store: Store, clock: Clock, parts: Parts) -> None:
        self._store = store
        self._clock = clock
        self._parts = parts
        #: Totals of outcomes at earlier evaluations, oldest first: (when, totals).
        self._history: list[tuple[int, Mapping[tuple[str, str], int]]] = []
        #: Totals of recovered strays, likewise.
        self._stray_history: list[tuple[int, Mapping[str, int]]] = [(clock.now_ms(), {})]

        #: The readings of the success of verifications, and when they are read again.
        self._of_success: Sequence[Reading] = ()
        self._success_due = 0

    async def read(self) -> list[Reading]:
        """The current readings. Raises StoreError."""
        now = self._clock.now_ms()
        queued = await self._parts.queued()
        return [
            *self._binds(),
            *self._refusals(now),
            *self._strays(now),
            *(Reading("webhook_paused", id_, 1) for id_ in self._parts.paused_webhooks()),
            *(Reading("limit_reached", id_, round(part)) for id_, part in self._parts.limits()),
            *await self._receipts(now),
            *await self._unmatched(queued, now),
            *self._oldest(queued, now),
            *await self._uncounted(now),
            *await self._guards(now),
            *await self._success(now),
        ]

    async def _success(self, now: int) -> Sequence[Reading]:
        if now >= self._success_due:
            rows = await self._store.fetch("alert_verify_success", since=now - success.SPAN_MS)
            self._of_success = list(success.falls(rows, now))
            self._success_due = now + success.EVERY_MS
        return self._of_success

    async def _guards(self, now: int) -> list[Reading]:
        rows = await self._store.fetch("alert_verify_stops", now=now)
        return [Reading("verify_stopped", guard, count) for guard, count in rows]

    def _binds(self) -> list[Reading]:
        found = []
        for name, state in self._parts.carriers().items():
            found.append(Reading("carrier_down", name, state.binds_bound if state.binds else 1))
            if state.binds_bound:
                found.append(Reading("bind_down", name, state.binds - state.binds_bound))
        return found

    def _refusals(self, now: int) -> list[Reading]:
        totals = dict(self._parts.outcomes())
        self._history.append((now, totals))
        while len(self._history) > 1 and self._history[1][0] <= now - OUTCOME_SPAN_MS:
            self._history.pop(0)
        before = self._history[0][1]
        recent = {key: count - before.get(key, 0) for key, count in totals.items()}
        found = []
        for name in {name for name, _ in recent}:
            refused = recent.get((name, PERMANENT), 0)
            if refused >= ENOUGH_REFUSALS:
                given = sum(count for (carrier, _), count in recent.items() if carrier == name)
                found.append(Reading("error_spike", name, refused / given))
        return found

    def _strays(self, now: int) -> list[Reading]:
        totals = dict(self._parts.strays())
        self._stray_history.append((now, totals))
        while len(self._stray_history) > 1 and self._stray_history[1][0] <= now - OUTCOME_SPAN_MS:
            self._stray_history.pop(0)
        before = self._stray_history[0][1]
        return [Reading("strays", kind, count - before.get(kind, 0)) for kind, count in totals.items()]

    async def _receipts(self, now: int) -> list[Reading]:
        oldest, youngest = RECEIPT_AGE_MS
        rows = await self._store.fetch(
            "alert_receipt_shares",
            after=ids.lowest_at(ids.MESSAGE, now - oldest),
            until=ids.lowest_at(ids.MESSAGE, now - youngest),
            sent_before=now - youngest,
            count=SAMPLE,
        )
        return [
            Reading(
                "receipts_fall", f"{self._parts.name(carrier_id)} to {network or 'unknown'}", final / count
            )
            for carrier_id, network, count, final in rows
            if count >= ENOUGH_MESSAGES
        ]

    async def _unmatched(self, carrier_ids: Iterable[str], now: int) -> list[Reading]:
        found = []
        for carrier_id in carrier_ids:
            rows = await self._store.fetch(
                "alert_unmatched_receipts", carrier_id=carrier_id, before=now - UNMATCHED_AGE_MS,
                count=MOST_UNMATCHED,
            )  # fmt: skip
            found.append(Reading("receipts_unmatched", self._parts.name(carrier_id), rows[0][0]))
        return found

    def _oldest(self, queued: Mapping[str, int | None], now: int) -> list[Reading]:
        return [
            Reading("oldest_queued", self._parts.name(carrier_id), 0.0 if at is None else (now - at) / 1000)
            for carrier_id, at in queued.items()
        ]

    async def _uncounted(self, now: int) -> list[Reading]:
        ((oldest,),) = await self._store.fetch("alert_uncounted")
        return [Reading("statistics_behind", "statistics", 0 if oldest is None else (now - oldest) / 1000)]
