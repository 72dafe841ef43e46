"""The journal: what dispatch learned, on its way to disk, and what happens once it is there.

Rules kept here (docs/explanation/storage.md, "When it fails"; promise 3):
- every outcome is written; while the store cannot be written outcomes wait here, and no queue sends;
- a store that is well again may still not know whether it wrote a batch before: until it does, no queue sends;
- a flight is closed only after the outcome of each of its messages is on disk;
- an outcome that cannot be applied, because another writer decided about the message, is evidence
  (messages/evidence.py). Its flight is closed after the evidence is on disk;
- an outcome that cannot be stored is written without the carrier's words. If that is not possible either, the message
  ends as `bad_message`, so that some part of the node is always responsible for it.
"""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Callable

import msgspec
import structlog

from onesixty.core.message import Change
from onesixty.dispatch.carrier_queue import CarrierQueues, Flight
from onesixty.kit.context import Context
from onesixty.messages.recorder import Recorder
from onesixty.store.units import Result, StoreError, Unit

#: Seconds until outcomes that the store refused are written again.
STORE_RETRY = 0.5


class Record(msgspec.Struct):
    """A unit on its way to disk, and what to do once it is there."""

    unit: Unit
    done: Callable[[], None] | None = None
    flight: Flight | None = None
    #: Called if the guard lost, with the flight and a callback. It writes the outcome elsewhere and then calls back.
    lost: Callable[[Flight | None, Callable[[], None]], None] | None = None
    #: Makes the units to write, each if the data of the one before cannot be stored.
    instead: Callable[[], tuple[Unit, ...]] | None = None


class Journal:
    """Collects records and commits them together."""

    def __init__(self, node: Context, recorder: Recorder, queues: CarrierQueues) -> None:
        """`queues` are woken when the journal can write again."""
        self._store, self._fault = node.store, node.fault
        self.recorder = recorder
        self._queues = queues
        self._log = structlog.get_logger("onesixty.dispatch")
        self._records: list[Record] = []
        self._flushing = False
        #: Batches that were passed to the store and have no result yet, by their number. The oldest comes first.
        self._writing: dict[int, list[Record]] = {}
        self._passed = 0
        self._refused = 0
        #: The numbers of the batches that were with the store when it failed.
        self._doubtful: set[int] = set()
        #: Done when the store has answered the batch that is collected now, and all before it.
        self._next: asyncio.Future[None] | None = None
        #: The same of the batches that were passed to the store, with their numbers.
        self._unanswered: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def stuck(self) -> bool:
        """Whether the store refused outcomes, or may not have written them. Then nothing may be sent until they are
        written: their messages count as unknown after a crash, beside all that is sent."""
        return self._refused > 0 or bool(self._doubtful)

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way to disk."""
        return not self._records and not self._writing

    def about(self) -> set[str]:
        """The ids of the messages and flights of all records that are not on disk."""
        found: set[str] = set()
        for records in (self._records, *self._writing.values()):
            for record in records:
                found.update(record.unit.keys)
                if record.flight is not None:
                    found.add(record.flight.id)
        return found

    def change(self, change: Change, flight: Flight | None = None) -> None:
        """Write a change that needs no further step."""
        self.add(Record(self.recorder.change(change), flight=flight))

    def add(self, record: Record) -> None:
        """Write a record in the next turn of the event loop, together with all others."""
        self._records.append(record)
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        if not self._flushing and not self._refused:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def written(self) -> asyncio.Future[None] | None:
        """A future that is done when the store has answered all records that are here now; None if there are none."""
        if self._next is None and self._unanswered:
            return self._unanswered[-1][1]
        return self._next

    def doubt(self) -> None:
        """The store failed: what it has not answered now may be written or not."""
        self._doubtful.update(self._writing)

    def landed(self, flight: Flight) -> None:
        """A message of the flight has its outcome on disk. The last one closes the flight."""
        flight.left -= 1
        if flight.left == 0:
            self.close(flight)

    def close(self, flight: Flight) -> None:
        """Delete the row of the flight."""
        self.add(Record(Unit(keys=(flight.id,), writes=(("flight_close", (flight.id,)),))))

    def _flush(self) -> None:
        self._flushing = False
        records, self._records = self._records, []
        if not records:
            return
        self._passed += 1
        number = self._passed
        self._writing[number] = records
        if self._next is not None:
            self._unanswered.append((number, self._next))
            self._next = None
        self._fault("dispatch.before_outcome_commit")
        commit = self._store.commit([record.unit for record in records])
        commit.add_done_callback(functools.partial(self._flushed, number))

    def _flushed(self, number: int, done: asyncio.Future[list[Result]]) -> None:
        records = self._writing.pop(number)
        self._fault("dispatch.after_outcome_commit")
        refused: list[Record] = []
        for record, result in zip(records, done.result(), strict=True):
            if isinstance(result, StoreError) and result.retryable:
                refused.append(record)
                continue
            if result is True:
                if record.done is not None:
                    record.done()
            elif result is False and record.lost is not None:
                self._log.warning("outcome_is_evidence", about=record.unit.keys)
                record.lost(record.flight, functools.partial(self._landed_if_any, record.flight))
                continue
            elif result is not False:
                self._not_applied(record, result)
            self._landed_if_any(record.flight)
        if refused:
            self._keep(refused)
        self._answered(number)

    def _answered(self, number: int) -> None:
        """The store has answered a batch. It may answer a later one first."""
        oldest = next(iter(self._writing), self._passed + 1)
        while self._unanswered and self._unanswered[0][0] < oldest:
            self._unanswered.popleft()[1].set_result(None)
        if number in self._doubtful:
            self._doubtful.remove(number)
            self._wake_unless_stuck()

    def _wake_unless_stuck(self) -> None:
        if not self.stuck:
            self._queues.wake_all()

    def _landed_if_any(self, flight: Flight | None) -> None:
        if flight is not None:
            self.landed(flight)

    def _not_applied(self, record: Record, result: Result) -> None:
        self._log.error("outcome_not_applied", about=record.unit.keys, reason=str(result))
        if record.instead is not None:
            first, *rest = record.instead()
            done, instead = (record.done, lambda: tuple(rest)) if rest else (None, None)
            self.add(Record(first, done, lost=record.lost, instead=instead))

    def _keep(self, refused: list[Record]) -> None:
        self._refused += 1
        self._records[:0] = refused
        asyncio.get_running_loop().call_later(STORE_RETRY, self._again)

    def _again(self) -> None:
        self._refused -= 1
        if not self._refused:
            self._flush()
            self._wake_unless_stuck()
