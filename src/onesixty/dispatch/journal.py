"""The journal: what dispatch learned, on its way to disk, and what happens once it is there.

Rules kept here (docs/explanation/storage.md, "When it fails"; promise 3):
- every outcome is written; while the store cannot be written they wait here, and nobody sends meanwhile;
- a flight is closed only after the outcome of each of its messages is on disk;
- what cannot be applied, because somebody else decided about the message, is evidence (messages/evidence.py), and
  its flight is closed after that is on disk;
- an outcome that cannot be stored is written without what the carrier said, and if that is not possible either
  the message ends as `bad_message`: it is never left in nobody's hands.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable

import msgspec
import structlog

from onesixty.core.message import Change
from onesixty.dispatch.carrier_queue import CarrierQueues, Flight
from onesixty.kit.context import Context
from onesixty.messages.recorder import Recorder
from onesixty.store.units import Result, StoreError, Unit

#: Seconds before outcomes that the store refused are offered again.
STORE_RETRY = 0.5


class Record(msgspec.Struct):
    """A unit on its way to disk, and what to do once it is there."""

    unit: Unit
    done: Callable[[], None] | None = None
    flight: Flight | None = None
    #: Takes what was learned when the guard lost, and the flight; calls what it is given once that is on disk.
    lost: Callable[[Flight | None, Callable[[], None]], None] | None = None
    #: Makes what is written, one after the other, when the data of the one before cannot be.
    instead: Callable[[], tuple[Unit, ...]] | None = None


class Journal:
    """Collects records and commits them together."""

    def __init__(self, node: Context, recorder: Recorder, queues: CarrierQueues) -> None:
        """`queues` go on when it can write again."""
        self._store, self._fault = node.store, node.fault
        self.recorder = recorder
        self._queues = queues
        self._log = structlog.get_logger("onesixty.dispatch")
        self._records: list[Record] = []
        self._flushing = False
        #: What was handed to the store and is not answered yet.
        self._writing: dict[int, list[Record]] = {}
        self._refused = 0
        self._next: asyncio.Future[None] | None = None
        self._last: asyncio.Future[None] | None = None

    @property
    def stuck(self) -> bool:
        """The store refused outcomes: nothing may be sent until they are written."""
        return self._refused > 0

    @property
    def idle(self) -> bool:
        """Nothing is on its way to disk."""
        return not self._records and not self._writing

    def about(self) -> set[str]:
        """The ids of messages and flights that something here is about."""
        found: set[str] = set()
        for records in (self._records, *self._writing.values()):
            for record in records:
                found.update(record.unit.keys)
                if record.flight is not None:
                    found.add(record.flight.id)
        return found

    def change(self, change: Change, flight: Flight | None = None) -> None:
        """Write a change after which nothing is left to do."""
        self.add(Record(self.recorder.change(change), flight=flight))

    def add(self, record: Record) -> None:
        """Write a unit in the next turn of the loop, together with what else there is."""
        self._records.append(record)
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        if not self._flushing and not self._refused:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def written(self) -> asyncio.Future[None] | None:
        """Done when all that is here now was offered to the disk; None when there is nothing."""
        waiting = self._next or self._last
        return None if waiting is None or waiting.done() else waiting

    def landed(self, flight: Flight) -> None:
        """A message of the flight needs it no more."""
        flight.left -= 1
        if flight.left == 0:
            self.close(flight)

    def close(self, flight: Flight) -> None:
        """Take the flight off the disk."""
        self.add(Record(Unit(keys=(flight.id,), writes=(("flight_close", (flight.id,)),))))

    def _flush(self) -> None:
        self._flushing = False
        records, self._records = self._records, []
        if not records:
            return
        self._writing[id(records)] = records
        written, self._next = self._next, None
        self._last = written
        self._fault("dispatch.before_outcome_commit")
        commit = self._store.commit([record.unit for record in records])
        commit.add_done_callback(functools.partial(self._flushed, records, written))

    def _flushed(
        self,
        records: list[Record],
        written: asyncio.Future[None] | None,
        done: asyncio.Future[list[Result]],
    ) -> None:
        del self._writing[id(records)]
        if written is not None:
            written.set_result(None)
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
            self._queues.wake_all()
