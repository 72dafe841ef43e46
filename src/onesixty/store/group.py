"""Group commit for every engine: which units share a transaction, and which result each caller gets.

Rules kept here:
- the next batch is what arrived during the last commit: no timer, a bounded size;
- two units that share a key are never in flight together, and keep their order;
- if the data is bad, the group is halved until the bad unit is alone; only that unit ends as `Poisoned`;
- if the environment fails, every unit in the group and in the queue ends as `Unavailable`.

Nothing here does I/O. `settle` is a generator: it yields the units to try next and is sent the result, so that a
blocking engine and an awaiting engine share it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from onesixty.store.contract import Row, Subscriber
from onesixty.store.statements import NOTE_LISTS
from onesixty.store.units import Poisoned, Result, StoreError, Unavailable, Unit

#: How many units one transaction takes at most: large enough that fsync is a small part of the cost, small
#: enough that an event loop that commits in line stays responsive.
MOST_UNITS = 200

#: How far beyond a full batch the queue is searched for units whose keys are free.
_LOOK_AHEAD = 1000


class Promise(Protocol):
    """Receives the results: a future, or an object that is answered in the same step of the loop."""

    def done(self) -> bool: ...

    def set_result(self, result: list[Result], /) -> None: ...


class Call:
    """One call of `commit`: its future, and the results that have arrived so far."""

    __slots__ = ("future", "missing", "results")

    def __init__(self, future: Promise, size: int) -> None:
        self.future = future
        self.missing = size
        self.results: list[Result] = [False] * size

    def answer(self, index: int, result: Result) -> None:
        """Set one result. The last result resolves the future, unless the caller has cancelled it."""
        self.results[index] = result
        self.missing -= 1
        if not self.missing and not self.future.done():
            self.future.set_result(self.results)


#: A unit in the queue, the call that it belongs to, and its place in that call's results.
Entry = tuple[Unit, Call, int]


class Queue:
    """The units that wait for a transaction, and the keys of the units in flight."""

    def __init__(self, most: int = MOST_UNITS) -> None:
        self._waiting: deque[Entry] = deque()
        self._busy: set[str] = set()
        self._most = most

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, units: Sequence[Unit], future: Promise) -> None:
        """Add units; the future resolves when the last of them is answered."""
        if not units:
            future.set_result([])
            return
        call = Call(future, len(units))
        if len(units) == 1:
            self._waiting.append((units[0], call, 0))
        else:
            self._waiting.extend((unit, call, index) for index, unit in enumerate(units))

    def take(self) -> list[Entry]:
        """Return the next batch: units in order, without those whose key is in flight or belongs to an earlier
        waiting unit."""
        waiting = self._waiting
        batch: list[Entry] = []
        passed: list[Entry] = []
        held = set(self._busy)
        while waiting and len(batch) < self._most and len(passed) < _LOOK_AHEAD:
            entry = waiting.popleft()
            keys = entry[0].keys
            if held.isdisjoint(keys):
                batch.append(entry)
            else:
                passed.append(entry)
            held.update(keys)
        waiting.extendleft(reversed(passed))
        for unit, _, _ in batch:
            self._busy.update(unit.keys)
        return batch

    def finish(self, batch: Iterable[Entry], results: Iterable[Result]) -> None:
        """Free the keys of a batch and give its callers their results."""
        for (unit, call, index), result in zip(batch, results, strict=True):
            self._busy.difference_update(unit.keys)
            call.answer(index, result)

    def refuse(self, error: StoreError) -> int:
        """Answer every waiting unit with this error. Returns how many units that were."""
        refused = len(self._waiting)
        while self._waiting:
            _, call, index = self._waiting.popleft()
            call.answer(index, error)
        return refused


class BadData(msgspec.Struct):
    """A transaction was rolled back because of the data of at least one of its units."""

    reason: Poisoned


class Apart(msgspec.Struct):
    """A transaction was rolled back: these of its units (by place) must each run alone before their results are
    known."""

    places: frozenset[int]


#: The result of trying a transaction: a result for each unit, or why there are no results.
Tried = list[Result] | BadData | Apart | Unavailable


def settle(units: Sequence[Unit]) -> Generator[Sequence[Unit], Tried, list[Result]]:
    """Yields the units of a transaction, is sent the result of trying it, and returns a result for each unit."""
    tried = yield units
    if isinstance(tried, list):
        return tried
    if isinstance(tried, Unavailable):
        return [tried] * len(units)
    if isinstance(tried, Apart):
        rest = iter((yield from _settle_some(units, tried.places, apart=False)))
        alone = iter((yield from _settle_some(units, tried.places, apart=True)))
        return [next(alone if place in tried.places else rest) for place in range(len(units))]
    if len(units) == 1:
        return [tried.reason]
    middle = len(units) // 2
    first = yield from settle(units[:middle])
    second = yield from settle(units[middle:])
    return first + second


def _settle_some(
    units: Sequence[Unit], places: frozenset[int], *, apart: bool
) -> Generator[Sequence[Unit], Tried, list[Result]]:
    chosen = [unit for place, unit in enumerate(units) if (place in places) == apart]
    if not apart:
        return (yield from settle(chosen)) if chosen else []
    results: list[Result] = []
    for unit in chosen:
        results += yield from settle([unit])
    return results


class Subscribers:
    """The callbacks that get the committed rows of a statement."""

    def __init__(self) -> None:
        self._by_statement: dict[str, list[Subscriber]] = {}

    def add(self, statement: str, callback: Subscriber) -> None:
        """Call `callback` with the rows of this statement after each commit."""
        self._by_statement.setdefault(statement, []).append(callback)

    @property
    def wanted(self) -> Iterable[str]:
        """The statements that have a subscriber."""
        return self._by_statement.keys()

    def tell(self, rows: dict[str, list[Row]]) -> None:
        """Give the committed rows to the callbacks.

        The rows are on disk already, so a callback that fails changes nothing: its error is reported to the
        loop, and the other callbacks run.
        """
        for statement, callbacks in self._by_statement.items():
            committed = rows.get(statement)
            if committed:
                for callback in callbacks:
                    _call(callback, committed)


def committed_rows(
    units: Iterable[Unit], results: Iterable[Result], wanted: Iterable[str]
) -> dict[str, list[Row]]:
    """Collect the rows of the wanted statements from the units that were committed."""
    rows: dict[str, list[Row]] = {name: [] for name in wanted}
    if not rows:
        return rows
    for unit, result in zip(units, results, strict=True):
        if result is True:
            for name, row in unit.guards:
                if name in rows:
                    rows[name].append(row)
            for name, row in unit.writes:
                if name in rows:
                    rows[name].append(row)
    return rows


def note(
    writes: Mapping[str, Sequence[Row]], noted: Mapping[str, tuple[int, int]], now_ms: int
) -> Row | None:
    """The row of `change_note` for the writes of a transaction, by statement. None if there is nothing to note.

    `noted` are `Statements.noted`. One row for a whole group costs a message a fraction of a row of its own.
    """
    lists: tuple[set[str], ...] = tuple(set() for _ in NOTE_LISTS)
    for name, (at, place) in noted.items():
        if name in writes:
            lists[place].update([row[at] for row in writes[name] if row[at] is not None])
    if not any(lists):
        return None
    return (now_ms, *(_encode(list(ids)).decode() for ids in lists))


_encode = msgspec.json.Encoder().encode


def _call(callback: Callable[[list[Row]], None], rows: list[Row]) -> None:
    try:
        callback(rows)
    except Exception as error:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a subscriber of committed rows failed", "exception": error, "callback": callback}
        )
