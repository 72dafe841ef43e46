"""One PostgreSQL connection that writes: transactions, groups, and the recovery when the connection breaks.

Rules kept here:
- a connection that breaks before COMMIT was sent has written nothing: the transaction runs again on a new
  connection before any caller gets an answer. A group does not if another one was refused meanwhile, which may
  have come before it;
- onesixty never ends or cancels a COMMIT that was sent. It waits for as long as it takes. If the answer is lost,
  or says that a wait for a standby was cancelled, it asks the server until the outcome is proven (`pg_marks`);
- if a caller is cancelled in the middle of a transaction, its connection is closed, so that no later caller
  finds a transaction half done;
- in a group, all guards run first. A unit that won some of its guards and lost others runs alone, since what it
  won has to be undone.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from asyncpg import PostgresLogMessage

from onesixty.core.clock import Clock
from onesixty.store import pg_changes, pg_marks
from onesixty.store.contract import FaultPoint, Observer, Row
from onesixty.store.dialects import Batch
from onesixty.store.group import Apart, BadData, Subscribers, Tried, committed_rows, note
from onesixty.store.health import Health
from onesixty.store.pg_connections import NEVER, Connection, Session, connect_writer
from onesixty.store.pg_errors import (
    STATEMENT_ERRORS,
    classified,
    happens_again,
    is_certain,
    is_of_a_lock,
)
from onesixty.store.pg_marks import Mark
from onesixty.store.statements import NOTE, Statement, StatementError, Statements
from onesixty.store.units import Poisoned, Result, Unavailable, Unit

T = TypeVar("T")

#: How often a transaction runs again after a deadlock.
_TRIES: Final = 5

#: Pauses between two questions about a lost COMMIT: they grow. And how long a transaction may stay in progress
#: before its old session is ended.
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 2.0
_PATIENCE: Final = 1.0

#: Seconds for closing a connection.
_FAREWELL: Final = 5.0


class _NoCommit(Exception):
    """Nothing is left to commit: the transaction is rolled back, and `tried` is its result."""

    def __init__(self, tried: Tried) -> None:
        super().__init__("nothing to commit")
        self.tried = tried


class Writer:
    """Runs transactions one after the other on its own connection."""

    def __init__(
        self,
        url: str,
        statements: Statements,
        health: Health,
        subscribers: Subscribers,
        observer: Observer,
        clock: Clock,
        fault: FaultPoint,
        connected: Callable[[], None],
    ) -> None:
        """`connected` is called whenever `session` changes to a new session."""
        self._url = url
        self._statements = statements
        self._notes = statements.noted
        self._health = health
        self._subscribers = subscribers
        self._observer = observer
        self._clock = clock
        self._fault = fault
        self._on_connected = connected
        self._connection: Connection | None = None
        #: How the server identifies the connection; None while there is none.
        self.session: Session | None = None
        #: The connection's row of marks, and the last mark in it.
        self._name = ""
        self._number = 0
        #: Whether the server warned since the last COMMIT was sent.
        self._warned = False

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            connection = self._connection
            with contextlib.suppress(*STATEMENT_ERRORS):
                async with asyncio.timeout(_FAREWELL):
                    await pg_marks.forget(connection, self._name)
                    await connection.close()
            self._drop()

    async def run(self, units: Sequence[Unit]) -> Tried:
        """Try one group of units in a transaction."""
        started = self._clock.monotonic()
        counts: dict[str, int] = {}
        try:
            results = await self.transact(
                lambda connection: self._group(connection, units, counts), only_healthy=True
            )
        except _NoCommit as nothing:
            return nothing.tried
        except Poisoned as reason:
            return BadData(reason)
        except Unavailable as reason:
            return reason
        self._fault("store.after_commit")
        self._observer.committed(len(units), counts, self._clock.monotonic() - started)
        self._subscribers.tell(committed_rows(units, results, self._subscribers.wanted))
        return results

    async def transact(self, body: Callable[[Connection], Awaitable[T]], *, only_healthy: bool = False) -> T:
        """Run `body` in a transaction. Raises Poisoned or Unavailable; then nothing was written.

        `only_healthy`: not on a new connection if the store has failed meanwhile on another one.
        """
        reconnected = False
        for remaining in reversed(range(_TRIES)):
            connection = await self._connected()
            if reconnected and only_healthy and not self._health.healthy:
                raise self._health.reason or Unavailable("the store failed")
            try:
                mark = await self._begin(connection)
                result = await body(connection)
            except asyncio.CancelledError:
                # the caller was cancelled in the middle: closing the connection makes the server roll back
                self._drop()
                raise
            except (_NoCommit, Poisoned):
                await self._roll_back()
                raise
            except STATEMENT_ERRORS as error:
                if isinstance(error, TimeoutError):
                    self._drop()  # the server hangs, and may be slow to cancel the statement
                await self._roll_back()
                if happens_again(error) and remaining:
                    continue
                failure = classified(error)
                if isinstance(failure, Unavailable) and not is_of_a_lock(error):
                    silent = isinstance(error, TimeoutError)
                    if self._connection is None and not reconnected and not silent and remaining:
                        reconnected = True
                        continue
                    self._health.lost(failure)
                raise failure from error
            except Exception as error:
                await self._roll_back()
                failure = Unavailable(f"{type(error).__name__} before COMMIT")
                self._health.lost(failure)
                raise failure from error
            if await self._commit(connection, mark):
                return result
            if not remaining:
                raise Unavailable("the transaction could not be committed")
        raise AssertionError("the last try returns or raises")

    async def _begin(self, connection: Connection) -> Mark:
        await connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        return await self._leave_mark(connection)

    async def _leave_mark(self, connection: Connection) -> Mark:
        assert self.session is not None
        self._number += 1
        transaction = await pg_marks.leave(connection, self._name, self._number, self._clock.now_ms())
        return Mark(self._name, self._number, transaction, self.session)

    async def _commit(self, connection: Connection, mark: Mark) -> bool:
        """Send COMMIT. Returns False if the transaction has to run again. Raises Unavailable if it is lost."""
        try:
            if await self._send_commit(connection):
                return True
        except STATEMENT_ERRORS as error:
            if is_certain(error):
                if happens_again(error):
                    return False
                raise classified(error) from error
        self._drop()
        self._health.lost(Unavailable("a COMMIT was not acknowledged"))
        if await self._was_committed(mark):
            return True
        raise Unavailable("the transaction was not committed")

    async def _send_commit(self, connection: Connection) -> bool:
        """Send COMMIT and wait for as long as it takes. Returns whether it was acknowledged without a warning.

        If the wait is given up, the connection is dropped: cancelling the statement would cancel its wait for a
        standby.
        """
        self._warned = False
        answer = asyncio.ensure_future(connection.execute("COMMIT", timeout=NEVER))
        try:
            return await asyncio.shield(answer) == "COMMIT" and not self._warned
        except asyncio.CancelledError:
            self._drop()
            await asyncio.gather(answer, return_exceptions=True)
            raise

    async def _was_committed(self, mark: Mark) -> bool:
        """Whether a transaction was committed. Asks the database until the answer is known; callers wait as long."""
        pause = _FIRST_PAUSE
        asked_since = self._clock.monotonic()
        while True:
            try:
                connection = await self._connected()
                if not await pg_marks.in_progress(connection, mark):
                    seen = await self._proven(connection, mark)
                    if seen is not None:
                        return seen
                    self._drop()
                elif self._clock.monotonic() - asked_since > _PATIENCE:
                    await pg_marks.end_idle(connection, mark)
            except (Unavailable, *STATEMENT_ERRORS):
                self._drop()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _proven(self, connection: Connection, mark: Mark) -> bool | None:
        """Whether the mark is visible, according to a transaction whose COMMIT is acknowledged. None: it was not
        acknowledged."""
        await connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        seen = await pg_marks.is_seen(connection, mark)
        await self._leave_mark(connection)
        return seen if await self._send_commit(connection) else None

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            try:
                self._connection, self.session = await connect_writer(self._url)
            except STATEMENT_ERRORS as error:
                failure = Unavailable(str(classified(error)))
                self._health.lost(failure)
                raise failure from error
            self._name, self._number = uuid.uuid4().hex, 0
            self._connection.add_log_listener(self._noted)
            self._on_connected()
        return self._connection

    def _noted(self, _connection: object, message: PostgresLogMessage) -> None:
        """Note a message that the server sends beside its answers. COMMIT warns if its wait for a standby was
        cancelled."""
        self._warned |= message.severity_en == "WARNING"

    async def _roll_back(self) -> None:
        """Roll the transaction back. If even that fails, drop the connection, which also ends the transaction."""
        if self._connection is not None:
            try:
                await self._connection.execute("ROLLBACK")
            except STATEMENT_ERRORS:
                self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = self.session = None

    async def _group(
        self, connection: Connection, units: Sequence[Unit], counts: dict[str, int]
    ) -> list[Result]:
        counts.clear()
        lost = await self._run_guards(connection, units, counts)
        results: list[Result] = [place not in lost for place in range(len(units))]
        if len(lost) == len(units):
            raise _NoCommit(results)
        self._fault("store.after_guards")
        writes: dict[str, list[Row]] = {}
        for unit, won in zip(units, results, strict=True):
            if won:
                for name, row in unit.writes:
                    writes.setdefault(name, []).append(row)
        for statement, batch in self._in_order(writes):
            rows = writes[statement.name]
            for places in rounds(rows, batch.identity):
                await connection.execute(batch.sql, *columns(rows, places))
            counts[statement.name] = counts.get(statement.name, 0) + len(rows)
        noted = note(writes, self._notes, self._clock.now_ms())
        if noted is not None:
            await connection.execute(self._statements[NOTE].postgresql, *noted)
        if any(self._statements[name].tells for name in counts):
            await pg_changes.tell(connection)
        self._fault("store.before_commit")
        return results

    async def _run_guards(
        self, connection: Connection, units: Sequence[Unit], counts: dict[str, int]
    ) -> set[int]:
        """Run all guards. Returns the places of the units that lost."""
        rows: dict[str, list[Row]] = {}
        owners: dict[str, list[int]] = {}
        for place, unit in enumerate(units):
            for name, row in unit.guards:
                rows.setdefault(name, []).append(row)
                owners.setdefault(name, []).append(place)
        lost: set[int] = set()
        won: set[int] = set()
        for statement, batch in self._in_order(rows):
            winners = await run_guard(connection, batch, rows[statement.name])
            if winners:
                counts[statement.name] = len(winners)
            for index, place in enumerate(owners[statement.name]):
                (won if index in winners else lost).add(place)
        torn = won & lost
        if torn and len(units) > 1:
            raise _NoCommit(Apart(frozenset(torn)))
        return lost

    def _in_order(self, writes: dict[str, list[Row]]) -> list[tuple[Statement, Batch]]:
        """Sort the statements in the order in which they were loaded: the same order in all transactions."""
        found = []
        for name, rows in writes.items():
            try:
                statement = self._statements[name]
            except StatementError as error:
                raise Poisoned(str(error)) from None
            if statement.batch is None:
                raise Poisoned(f"{name} cannot be written by a unit")
            width = len(statement.params)
            if any(len(row) != width for row in rows):
                raise Poisoned(f"a row of {name} has {width} values")
            found.append((statement, statement.batch))
        found.sort(key=lambda pair: pair[0].order)
        return found


async def run_guard(connection: Connection, batch: Batch, rows: Sequence[Row]) -> set[int]:
    """Run one guard for all rows. Returns the places of the rows that won."""
    winners: set[int] = set()
    for places in rounds(rows, batch.identity):
        if batch.returned is not None:
            key = batch.returned
            # in the order of their keys: two transactions that want the same rows then wait instead of deadlocking
            places.sort(key=lambda place: [str(rows[place][at]) for at in key])
        found = await connection.fetch(batch.guard, *columns(rows, places))
        if batch.identity is None:
            winners.update(places if found else ())
        elif batch.returned is None:
            winners.update(places[record[0] - 1] for record in found)
        else:
            inserted = Counter(tuple(record) for record in found)
            for place in places:  # of rows with equal keys, the first was inserted
                values = tuple(rows[place][at] for at in batch.returned)
                if inserted[values]:
                    inserted[values] -= 1
                    winners.add(place)
    return winners


def rounds(rows: Sequence[Row], identity: tuple[int, ...] | None) -> list[list[int]]:
    """Split the places of the rows into rounds, so that no two rows of one round name the same row of the table."""
    if identity is None:
        return [[place] for place in range(len(rows))]
    if not identity or len(rows) == 1:
        return [list(range(len(rows)))]
    parts: list[list[int]] = []
    seen: Counter[Row] = Counter()
    for place, row in enumerate(rows):
        key = tuple(row[at] for at in identity)
        if seen[key] == len(parts):
            parts.append([])
        parts[seen[key]].append(place)
        seen[key] += 1
    return parts


def columns(rows: Sequence[Row], places: Sequence[int]) -> list[Row]:
    """Return the chosen rows as one array for each param."""
    return list(zip(*(rows[place] for place in places), strict=True))
