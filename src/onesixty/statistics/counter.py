"""The task that counts messages: it follows what transactions changed, and keeps the boxes.

Each transaction that inserts a message, or an event of one, notes the message in a row of `changed_messages`
(`store/group.py`). The task reads the notes and the messages as they are, moves each message from the box in which
it was counted to the one where it belongs, and removes the notes.

Rules kept here:
- boxes, series, notes and how far they reach are written in one transaction, guarded by the version that was read:
  after any crash, and with two nodes that both believe it is their turn, a change is counted once;
- notes, messages and what these counted as are read in one statement, so they are of one moment. A late commit is a
  note that is seen later, so the order of commits does not matter;
- a message that may change again has a row with what it counts as (`statistics_open`). One that cannot has none: a
  note of a message without a row is a message that was not counted yet. The row of an ended message stays as long as
  older notes of it can be left. A carrier's late answer is noted apart. It only matters to messages with a row, or to
  those that it gives a cost: they have a row from then on;
- a message is counted in a box of its minute. Some minutes later, one statement adds the boxes of that minute to
  those of its quarter of an hour: most messages have ended until then. In the same way, boxes of quarters are added
  to those of their hour, and these to those of their day, once it is over. What changes after that goes to all;
- one node counts: the one whose lease stands in the state, until that lease ends;
- a rebuild is the same work over all messages, in pages, beside what is new (`rebuild.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec
import structlog

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.statistics import counting
from onesixty.statistics.counting import BUCKETS, DAY, HOUR, MINUTE, MINUTE_MS, QUARTER, Found, Tally
from onesixty.statistics.series import Place, Series
from onesixty.store.contract import Row, Store
from onesixty.store.units import StoreError, Unit

#: Seconds between two rounds: a change is in the figures within five seconds.
INTERVAL: Final = 3.0
#: Notes of one unit: at first, and at most. A note is a transaction, with up to some hundred messages. Fifty notes of
#: mixed traffic are thousands of rows, for which the messages that come meanwhile wait. Notes of traffic that counts
#: alike are a few rows, and the more of them are in one unit, the fewer messages have notes that are left.
NOTES: Final = 50
MOST_NOTES: Final = 800
#: Sums in one unit below which the next one has twice as many notes, and those from which it has as many as at first.
FEW_SUMS: Final = 50
MANY_SUMS: Final = 200
#: Messages that are counted without giving the event loop a turn.
STRETCH: Final = 100
#: Minutes after which boxes of a minute are added to those of a quarter.
FOLD: Final = 3
#: Minutes after which boxes of a quarter are added to those of an hour, and these to those of a day; and how many
#: minutes one transaction adds: after an upgrade, there are years.
FOLD_HOURS: Final = 60
FOLD_DAYS: Final = 180
FOLD_AT_ONCE: Final = 6 * HOUR
#: How long boxes of a minute are kept, and how often old ones are removed, in minutes.
MINUTES_KEPT: Final = 2 * 24 * 60
PRUNE: Final = 15

COUNTING: Final = "counting"
#: An upgrade asks for a rebuild: it counts something that was not counted before.
ASKED: Final = "asked"
CLEARING: Final = "clearing"
FORGETTING: Final = "forgetting"
BUILDING: Final = "building"

#: The key of all units of statistics: they run one after the other.
KEY: Final = "statistics"


class Claims(Protocol):
    """The lease of this node (`store.lease_keeper.LeaseKeeper`)."""

    def claim(self) -> int:
        """Its id, or 0 while it is not held."""


class State(NamedTuple):
    """How far the counting is. `reached` is the place of a rebuild, `minutes_from` the first minute of boxes of a
    minute, `closed` the first minute of the boxes that the last rebuild filled. Boxes of a quarter hold what was
    counted before the minute `folded`, those of an hour what was counted before `hours_folded`, and those of a day
    what was counted before `days_folded`."""

    version: int
    phase: str
    reached: str
    next_series: int
    minutes_from: int
    closed: int
    folded: int
    hours_folded: int
    days_folded: int

    @classmethod
    def of(cls, row: Row) -> State:
        """The state in the first columns of a row."""
        return cls._make(row[: len(cls._fields)])

    def builds_later(self, message: Found) -> bool:
        """Whether a rebuild has yet to reach the message: then its changes are not counted before."""
        if self.phase == COUNTING or message.created_at // MINUTE_MS < self.closed:
            return False
        return self.phase != BUILDING or message.id > self.reached


_notes_of = msgspec.json.Decoder(list[tuple[int, int]]).decode
_messages_of = msgspec.json.Decoder(list[Found]).decode


class Counter:
    """Counts messages, in rounds."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        lease: Claims,
        charge_on_sent: bool,
        notes: int = NOTES,
        most_notes: int = MOST_NOTES,
    ) -> None:
        self._store = store
        self._clock = clock
        self._lease = lease
        self._charge_on_sent = charge_on_sent
        self._first_notes = self._notes = notes
        self._most_notes = most_notes
        self._series = Series(store)
        #: Seconds by which the figures are behind, as of the last look.
        self.lag = 0.0
        self._log = structlog.get_logger("onesixty.statistics")

    async def once(self) -> bool:
        """Count what changed. Returns whether this node counts. Raises StoreError."""
        ((holder, alive, phase, minutes_from, hours, days, oldest),) = await self._store.fetch(
            "statistics_look"
        )
        now = self._clock.now_ms()
        self.lag = 0.0 if oldest is None else max(0, now - oldest) / 1000
        lease = self._lease.claim()
        if not lease or (holder != lease and alive):
            return False
        minute = now // MINUTE_MS
        due = phase == COUNTING and _due(hours, days, minute)
        rests = not due and minute - minutes_from < MINUTES_KEPT + PRUNE
        if oldest is None and holder == lease and rests:
            return True
        while await self._take(lease):
            pass
        if phase == COUNTING:
            self.lag = 0.0
        return True

    async def _take(self, lease: int) -> bool:
        """Count a page of notes. Returns whether there are more."""
        ((*front, left, notes, messages),) = await self._store.fetch("statistics_take", count=self._notes)
        state = State.of(tuple(front))
        tally, writes = Tally(), list[Write]()
        if not left:
            # all that was committed before this read is counted with it
            writes.append(("statistics_open_purge", (1,)))
        lines = messages.split("\n") if messages else []
        for first in range(0, len(lines), STRETCH):
            await asyncio.sleep(0)
            for message in _messages_of(f"[{','.join(lines[first : first + STRETCH])}]"):
                if not state.builds_later(message):
                    self._move(tally, message, writes, keep_ended=left > 0)
        self._suit(tally)
        writes += [("statistics_taken", note) for note in _notes_of(notes)]
        state = self._folded(await self._folded_wide(state, writes), writes)
        before = state.minutes_from
        state = self._pruned(state)
        if state.minutes_from != before:
            old = (state.minutes_from,)
            writes += [("statistics_boxes_old", old), ("statistics_times_old", old)]
        return await self.write(state, lease, tally, writes) and left > 0

    def _suit(self, tally: Tally) -> None:
        """Choose how many notes the next unit has, by how much alike the messages of this one count."""
        sums = sum(len(cells) for cells in tally.boxes.values())
        if sums >= MANY_SUMS:
            self._notes = self._first_notes
        elif sums < FEW_SUMS:
            self._notes = min(2 * self._notes, self._most_notes)

    def _move(self, tally: Tally, message: Found, writes: list[Write], *, keep_ended: bool) -> None:
        before = counting.until_now(message, charge_on_sent=self._charge_on_sent)
        now = counting.counted(message, charge_on_sent=self._charge_on_sent)
        tally.move(message, before, now)
        ended = message.for_good
        if not ended or keep_ended:
            if before != now or ended:
                text = counting.as_text(now)
                writes.append(("statistics_open_put", (message.id, text, int(ended))))
        elif before is not None:
            writes.append(("statistics_open_drop", (message.id,)))

    def build(self, tally: Tally, message: Found, writes: list[Write]) -> None:
        """Count a message in a rebuild, as if it were new."""
        now = counting.counted(message, charge_on_sent=self._charge_on_sent)
        tally.move(message, None, now)
        if message.noted or not message.for_good:
            text = counting.as_text(now)
            writes.append(("statistics_open_put", (message.id, text, int(message.for_good))))

    def _folded(self, state: State, writes: list[Write]) -> State:
        """Add boxes of minutes that are over to those of quarters. The write comes before those of a tally."""
        until = self._clock.now_ms() // MINUTE_MS - FOLD
        if until <= state.folded:
            return state
        fold = (MINUTE, QUARTER, state.folded, until)
        writes += [("statistics_boxes_fold", fold), ("statistics_times_fold", fold)]
        return state._replace(folded=until)

    async def _folded_wide(self, state: State, writes: list[Write]) -> State:
        """Add boxes of quarters to those of hours, and these to those of days, but for those that this unit folds. A
        rebuild comes first."""
        if state.phase != COUNTING:
            return state
        hours, days = state.hours_folded, state.days_folded
        until = _end(min(state.folded, self._clock.now_ms() // MINUTE_MS - FOLD), HOUR, FOLD_HOURS)
        if hours < until:
            hours = await self._fold(QUARTER, HOUR, hours, until, writes)
        until = _end(state.hours_folded, DAY, FOLD_DAYS)
        if days < until:
            days = await self._fold(HOUR, DAY, days, until, writes)
        return state._replace(hours_folded=hours, days_folded=days)

    async def _fold(self, span: int, into: int, first: int, until: int, writes: list[Write]) -> int:
        """Add some boxes of a span to longer ones. Returns up to which minute that is done."""
        most = max(into, FOLD_AT_ONCE)
        if until - first > most:  # pass over a time without messages
            ((begin,),) = await self._store.fetch("statistics_boxes_first", span=span, first=first)
            first = until if begin is None else max(first, min(until, begin // into * into))
            until = min(until, first + most)
        if first < until:
            fold = (span, into, first, until)
            writes += [("statistics_boxes_fold", fold), ("statistics_times_fold", fold)]
        return until

    def _pruned(self, state: State) -> State:
        first = self._clock.now_ms() // MINUTE_MS - MINUTES_KEPT
        first -= first % QUARTER
        return state._replace(minutes_from=max(state.minutes_from, first))

    async def write(self, state: State, lease: int, tally: Tally, writes: Sequence[Write]) -> bool:
        """Write sums and what belongs to them under the guard of the state. Returns False if another writer was
        faster: then nothing was written. Raises StoreError."""
        keys = tally.used()
        numbers = await self._series.take(keys.values(), state.next_series)
        boxes, times = _spread(tally, {at: numbers.places[key] for at, key in keys.items()}, state)
        guard: Write = (
            "statistics_advance",
            (
                state.version,
                lease,
                state.phase,
                state.reached,
                numbers.next,
                state.minutes_from,
                state.closed,
                state.folded,
                state.hours_folded,
                state.days_folded,
            ),
        )
        unit = Unit(
            keys=(KEY,),
            guards=(guard,),
            writes=(
                *writes,
                *numbers.writes,
                *(("statistics_boxes_add", tuple(box)) for box in boxes if any(box[5:])),
                *(("statistics_times_add", tuple(row)) for row in times if row[5]),
                *(("statistics_boxes_empty", tuple(box[:4])) for box in boxes if min(box[5:]) < 0),
            ),
        )
        (result,) = await self._store.commit([unit])
        if isinstance(result, StoreError):
            raise result
        if result:
            self._series.keep(numbers)
        else:
            self._log.info("statistics_overtaken")
        return result


def _spans(minute: int, state: State) -> Sequence[tuple[int, int]]:
    """The boxes of a minute, as pairs of span and beginning."""
    if minute >= state.folded:
        return ((MINUTE, minute),)
    spans = [(QUARTER, minute - minute % QUARTER)]
    if minute >= state.minutes_from:
        spans.append((MINUTE, minute))
    if minute < state.hours_folded:
        spans.append((HOUR, minute - minute % HOUR))
    if minute < state.days_folded:
        spans.append((DAY, minute - minute % DAY))
    return spans


def _end(folded: int, into: int, after: int) -> int:
    """Up to which minute boxes can be added to longer ones, if the shorter ones are whole until `folded`."""
    return (folded - after) // into * into


def _due(hours_folded: int, days_folded: int, minute: int) -> bool:
    """Whether boxes are to be added to longer ones, though nothing is to be counted."""
    hours = _end(minute - FOLD, HOUR, FOLD_HOURS)
    return hours_folded < hours or days_folded < _end(hours_folded, DAY, FOLD_DAYS)


def _spread(
    tally: Tally, places: Mapping[int, Sequence[Place]], state: State
) -> tuple[list[list[int]], list[list[int]]]:
    """The rows that sums are added to, boxes and delivery times, in the order of their tables."""
    boxes: dict[tuple[int, int], dict[int, list[int]]] = {}
    times: dict[tuple[int, int], dict[int, list[int]]] = {}
    for minute, cells in tally.boxes.items():
        for span in _spans(minute, state):
            found = boxes.setdefault(span, {})
            for at, (messages, segments, price, cost) in cells.items():
                for series, owner, waits, _ in places.get(at, ()):
                    box = found.get(series)
                    if box is None:
                        found[series] = [
                            span[0],
                            owner,
                            span[1],
                            series,
                            waits,
                            messages,
                            segments,
                            price,
                            cost,
                        ]
                    else:
                        box[5] += messages
                        box[6] += segments
                        box[7] += price
                        box[8] += cost
    for minute, counts in tally.times.items():
        for span in _spans(minute, state):
            found = times.setdefault(span, {})
            for code, messages in counts.items():
                bucket = code % BUCKETS
                for series, owner, _, timed in places.get(code // BUCKETS, ()):
                    if timed:
                        row = found.get(series * BUCKETS + bucket)
                        if row is None:
                            found[series * BUCKETS + bucket] = [
                                span[0],
                                owner,
                                span[1],
                                series,
                                bucket,
                                messages,
                            ]
                        else:
                            row[5] += messages
    return (
        sorted(row for rows in boxes.values() for row in rows.values()),
        sorted(row for rows in times.values() for row in rows.values()),
    )
