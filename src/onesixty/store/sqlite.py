"""The store on SQLite: one writer inside the event loop, WAL with `synchronous=FULL`.

Rules kept here:
- `commit` only queues. One callback of the loop runs everything in the queue as one transaction, so a
  transaction is never open across two steps of the loop;
- rows are bound one by one (docs/decisions/0010): guards one at a time, since the row count of each decides, and
  writes by `executemany`, one call for each statement;
- a COMMIT that fails with an I/O error ends the process: after a failed fsync, it is unknown what is on disk;
- reads have their own connection and see everything committed; a database in memory has only one connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from onesixty.core.clock import Clock
from onesixty.store.contract import (
    Fatal,
    FaultPoint,
    HealthListener,
    Observer,
    Row,
    Silent,
    no_fault,
)
from onesixty.store.errors import exit_process
from onesixty.store.group import (
    MOST_UNITS,
    BadData,
    Promise,
    Queue,
    Tried,
    committed_rows,
    note,
    settle,
)
from onesixty.store.health import Health
from onesixty.store.keeper import Keeper
from onesixty.store.one_owner import OneOwner
from onesixty.store.sqlite_connections import MemoryDatabase, SqliteReader, bound, classified
from onesixty.store.statements import NOTE, WRITE, StatementError, Statements
from onesixty.store.units import Poisoned, Result, StoreError, Unavailable, Unit
from onesixty.store.wiping import Wiper, Wiping

__all__ = ["MemoryDatabase", "SqliteStore"]

_Failure = TypeVar("_Failure", bound=StoreError)

#: What binding or running a statement raises if its data is bad.
_DATA: Final = (sqlite3.Error, StatementError, OverflowError, UnicodeError, ValueError, TypeError)


class SqliteStore(OneOwner):
    """A `Store` on SQLite whose writer is this process."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        reader: SqliteReader,
        statements: Statements,
        *,
        clock: Clock,
        release: Callable[[], None],
        keeper: Keeper | None = None,
        observer: Observer | None = None,
        fault: FaultPoint = no_fault,
        fatal: Fatal = exit_process,
        most_units: int = MOST_UNITS,
        wiper: Wiper | None = None,
    ) -> None:
        """`release` closes the connections at the end. All calls must come from the running loop. `wiper` and
        `keeper` (which keeps the record beside the file) are for the owner of a file."""
        super().__init__(statements, reader)
        self._connection = connection
        self._cursor = connection.cursor()
        self._sql = {statement.name: statement.sqlite for statement in statements if statement.kind == WRITE}
        self._order = {statement.name: statement.order for statement in statements}
        self._notes = statements.noted
        self._clock = clock
        self._release = release
        self._keeper = keeper
        self._observer = observer or Silent()
        self._fault = fault
        self._fatal = fatal
        self._queue = Queue(most_units)
        self._loop = asyncio.get_running_loop()
        self._scheduled = False
        self._closed = False
        self._dead = False
        self._health = Health(self._loop, self._observer, self._probe)
        self._wiping: Wiping | None = None
        if wiper is not None:
            self._wiping = Wiping(wiper, self, self._commit, self._loop)
            self._subscribers.add("redaction_note", self._wiping.redacted)
        if keeper is not None:
            keeper.watch(self._damaged)

    @property
    def healthy(self) -> bool:
        return self._health.healthy and not self._closed

    def commit(self, units: Sequence[Unit]) -> asyncio.Future[list[Result]]:
        future: asyncio.Future[list[Result]] = self._loop.create_future()
        self.commit_for(units, future)
        return future

    def commit_for(self, units: Sequence[Unit], promise: Promise) -> None:
        """Like `commit`, but `promise` is answered in the step that commits, without another turn of the loop."""
        if self._closed or not self._health.healthy:
            self._observer.failed(len(units), "unavailable")
            promise.set_result([self._unavailable()] * len(units))
            return
        self._queue.put(units, promise)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    async def execute(self, statement: str, **params: object) -> list[Row]:
        found = self._statements[statement]
        if found.kind != WRITE:
            raise TypeError(f"{statement} reads: use fetch")
        row = bound(found, params)
        if not self.healthy:
            raise self._unavailable()
        started = self._clock.monotonic()
        try:
            self._begin()
            rows = self._cursor.execute(found.sqlite, row).fetchall()
            self._commit()
        except _DATA as error:
            raise self._failed(error) from error
        self._observer.committed(1, {statement: 1}, self._clock.monotonic() - started)
        self._subscribers.tell({statement: [row]})
        return rows

    def on_health(self, listener: HealthListener) -> None:
        self._health.listen(listener)

    def unanswered(self) -> float:
        return 0.0  # every unit is written in the next step of the loop

    async def close(self) -> None:
        if self._closed:
            return
        while self._queue and not self._dead:
            self._flush()
        self._closed = True
        self._health.stop()
        if self._wiping is not None and not self._dead:
            self._wiping.stop()
        self._release()
        if self._wiping is not None:
            self._wiping.close()

    def _unavailable(self) -> Unavailable:
        return self._health.reason or Unavailable("the store is closed")

    def _flush(self) -> None:
        """Run one batch. What arrives in the meantime is the next batch."""
        self._scheduled = False
        if self._dead or self._closed:
            return
        batch = self._queue.take()
        trial = settle([unit for unit, _, _ in batch])
        try:
            units = next(trial)
            while True:
                tried = self._try(units)
                if self._dead:
                    # the process is ending, and it is unknown what was committed: no caller is answered
                    return
                units = trial.send(tried)
        except StopIteration as done:
            self._queue.finish(batch, done.value)
            self._count_failures(done.value)
        if not self._health.healthy:
            refused = self._queue.refuse(self._unavailable())
            self._observer.failed(refused, "unavailable")
        elif self._queue and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def _try(self, units: Sequence[Unit]) -> Tried:
        """Run one transaction."""
        if not self._health.healthy:
            return self._unavailable()
        started = self._clock.monotonic()
        try:
            self._begin()
            results, writes, counts = self._run_guards(units)
            self._fault("store.after_guards")
            for name in sorted(writes, key=self._order.__getitem__):
                rows = writes[name]
                self._cursor.executemany(self._sql[name], rows)
                counts[name] = counts.get(name, 0) + len(rows)
            noted = note(writes, self._notes, self._clock.now_ms())
            if noted is not None:
                self._cursor.execute(self._sql[NOTE], noted)
            self._fault("store.before_commit")
            if True in results:
                if self._keeper is not None and self._keeper.due(started):
                    self._keeper.mark(self._cursor)
                self._commit()
            else:
                self._connection.rollback()
        except _DATA as error:
            failure = self._failed(error)
            return failure if isinstance(failure, Unavailable) else BadData(failure)
        except KeyError as error:
            return BadData(self._rolled_back(Poisoned(f"unknown write {error}")))
        except Exception as error:
            failure = self._rolled_back(Unavailable(f"{type(error).__name__} before COMMIT"))
            self._health.lost(failure)
            return failure
        self._fault("store.after_commit")
        if True in results:
            self._observer.committed(len(units), counts, self._clock.monotonic() - started)
            self._subscribers.tell(committed_rows(units, results, self._subscribers.wanted))
        return results

    def _run_guards(self, units: Sequence[Unit]) -> tuple[list[Result], dict[str, list[Row]], dict[str, int]]:
        """Run every guard. Returns which units won, the writes of the winners by statement, and the number of rows
        of each."""
        execute = self._cursor.execute
        cursor = self._cursor
        sql = self._sql
        results: list[Result] = []
        writes: dict[str, list[Row]] = {}
        counts: dict[str, int] = {}
        for unit in units:
            guards = unit.guards
            if guards:
                several = len(guards) > 1
                if several:
                    execute("SAVEPOINT unit")
                won = True
                for name, row in guards:
                    execute(sql[name], row)
                    if cursor.rowcount < 1:
                        won = False
                        break
                if several:
                    if not won:
                        execute("ROLLBACK TO unit")
                    execute("RELEASE unit")
                results.append(won)
                if not won:
                    continue
                for name, _ in guards:
                    counts[name] = counts.get(name, 0) + 1
            else:
                results.append(True)
            for name, row in unit.writes:
                rows = writes.get(name)
                if rows is None:
                    writes[name] = [row]
                else:
                    rows.append(row)
        return results, writes, counts

    def _begin(self) -> None:
        self._cursor.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        """Run COMMIT; end the process if it fails with an I/O error."""
        try:
            self._cursor.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
                self._dead = True
                self._fatal(f"the database could not be written to disk: {error.sqlite_errorname}")
            raise
        if self._keeper is not None:
            self._keeper.after_commit(self._mark)

    def _mark(self) -> None:
        """Write a mark in its own transaction, since no group came that could have carried it."""
        if self._keeper is None or self._closed or self._dead or not self._health.healthy:
            return
        try:
            self._begin()
            self._keeper.mark(self._cursor)
            self._commit()
        except sqlite3.Error as error:
            self._failed(error)

    def _damaged(self, reason: str) -> None:
        """The check that runs beside the node found the file broken: write nothing more into it."""
        self._dead = True
        self._fatal(reason)

    def _failed(self, error: BaseException) -> Poisoned | Unavailable:
        """Roll back, and classify the error. A failure of the environment makes the store unhealthy."""
        failure = self._rolled_back(classified(error))
        if isinstance(failure, Unavailable):
            self._health.lost(failure)
        return failure

    def _rolled_back(self, failure: _Failure) -> _Failure:
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.rollback()
        if self._keeper is not None:
            self._keeper.rolled_back()
        return failure

    def _count_failures(self, results: Iterable[Result]) -> None:
        for result in results:
            if isinstance(result, StoreError):
                self._observer.failed(1, "unavailable" if result.retryable else "poisoned")

    async def _probe(self) -> Unavailable | None:
        """Try to write. Returns None if it worked."""
        if self._closed or self._dead:
            return self._unavailable()
        try:
            self._begin()
            self._cursor.execute(
                "INSERT INTO meta (key, value) VALUES ('probe', ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (str(self._clock.now_ms()),),
            )
            self._commit()
        except sqlite3.Error as error:
            failure = self._rolled_back(classified(error))
            return failure if isinstance(failure, Unavailable) else Unavailable(str(failure))
        return None
