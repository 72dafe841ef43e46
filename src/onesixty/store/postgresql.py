"""The store on PostgreSQL: a batch is one statement of each kind, on a few connections that only write.

Rules kept here:
- a group runs its guards, then the writes of the units that won, each statement once with arrays (`unnest`);
- several groups are in flight, one on each connection, never two that share a key;
- if the answer of a COMMIT is lost, its outcome is found out before its callers are answered (`pg_marks`);
- the lease is renewed on a connection that does nothing else, whether or not the store is healthy, and the probe
  has its own connection: neither is held up by other writes;
- deadlocks and serialization failures are tried again: the data and the server are both fine;
- connections reconnect by themselves, with growing pauses; a read whose connection had ended is repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final

import asyncpg

from onesixty.core.clock import Clock
from onesixty.store import pg_changes, pg_marks
from onesixty.store.contract import FaultPoint, HealthListener, Observer, Row, Silent, Subscriber, no_fault
from onesixty.store.group import MOST_UNITS, Queue, Subscribers, Tried, settle
from onesixty.store.health import Health
from onesixty.store.pg_connections import Connection, open_readers
from onesixty.store.pg_errors import STATEMENT_ERRORS, classified, is_broken, is_refusal
from onesixty.store.pg_writer import Writer
from onesixty.store.statements import READ, WRITE, Statement, StatementError, Statements
from onesixty.store.turns import LONGEST, Turns, asker
from onesixty.store.unanswered import Unanswered
from onesixty.store.units import Result, StoreError, TooBroad, Unavailable, Unit

#: Groups in flight at the same time. Two keep the server busy while the loop prepares the next; more only made
#: the groups smaller, and nothing faster.
WRITERS: Final = 2

#: Connections for reads. Slow reads use at most `turns.PLACES` of them.
READERS: Final = 8

#: Forms of statements that a start lets PostgreSQL compile in one query. To ask for each alone takes four times as
#: long, and PostgreSQL keeps the text of the whole query with each of its statements.
_TOGETHER: Final = 20

#: Seconds for which `close` waits until everything handed in is committed.
CLOSE_TIMEOUT: Final = 10.0

#: The writes that a node makes to its own lease.
_OF_MY_LEASE: Final = frozenset({"lease_start", "lease_renew", "lease_end"})


class _Cold:
    """A connection for cold writes, which run one after the other."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._lock = asyncio.Lock()

    async def write(self, body: Callable[[Connection], Awaitable[list[Row]]]) -> list[Row]:
        """Run one write in its own transaction."""
        async with self._lock:
            return await self.writer.transact(body)


class PostgresqlStore:
    """A `Store` on PostgreSQL."""

    dialect = "postgresql"

    def __init__(
        self,
        url: str,
        pool: asyncpg.Pool[Any],
        statements: Statements,
        *,
        clock: Clock,
        observer: Observer | None = None,
        fault: FaultPoint = no_fault,
        most_units: int = MOST_UNITS,
    ) -> None:
        self._pool = pool
        self._statements = statements
        self._clock = clock
        self._observer = observer or Silent()
        self._queue = Queue(most_units)
        self._subscribers = Subscribers()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._work = asyncio.Event()
        self._turns = Turns()
        self._health = Health(self._loop, self._observer, self._probe)
        self._unanswered = Unanswered(self._loop, self._health.stalled)
        self._session_listeners: list[Callable[[], None]] = []

        def writer() -> Writer:
            return Writer(
                url, statements, self._health, self._subscribers, self._observer, clock, fault,
                self._new_session,
            )  # fmt: skip

        groups = [writer() for _ in range(WRITERS)]
        self._cold, self._lease = _Cold(writer()), _Cold(writer())
        self._prober = writer()
        self._writers = [*groups, self._cold.writer, self._lease.writer, self._prober]
        self._changes = pg_changes.Changes(url, self._is_mine)
        self._health.listen(self._health_changed)
        self._tasks = [self._loop.create_task(self._run(each), name="store-writer") for each in groups]

    @classmethod
    async def open(
        cls,
        url: str,
        statements: Statements,
        *,
        clock: Clock,
        before: Callable[[], Awaitable[None]] | None,
        check: Callable[[str | None], None],
        patience: float,
        observer: Observer | None = None,
        fault: FaultPoint = no_fault,
        most_units: int = MOST_UNITS,
    ) -> PostgresqlStore:
        """Connect, run `before` (migrations), let `check` test the revision, and compile every statement.

        If the server is away, tries again for `patience` seconds. Raises Unavailable or StatementError.
        """
        deadline = clock.monotonic() + patience
        pause = 0.1
        while True:
            try:
                if before is not None:
                    await before()
                pool = await open_readers(url, READERS)
                break
            except STATEMENT_ERRORS as error:
                failure = classified(error)
                if not failure.retryable or is_refusal(error) or clock.monotonic() + pause > deadline:
                    raise failure from error
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
        try:
            await _check(pool, check, statements)
            await pg_marks.forget_old(pool, clock)
        except BaseException:
            await pool.close()
            raise
        return cls(url, pool, statements, clock=clock, observer=observer, fault=fault, most_units=most_units)

    @property
    def healthy(self) -> bool:
        return self._health.healthy and not self._closed

    def commit(self, units: Sequence[Unit]) -> asyncio.Future[list[Result]]:
        future: asyncio.Future[list[Result]] = self._loop.create_future()
        if not self.healthy:
            self._observer.failed(len(units), "unavailable")
            future.set_result([self._unavailable()] * len(units))
            return future
        number = self._unanswered.add()
        future.add_done_callback(lambda _: self._unanswered.answered(number))
        self._queue.put(units, future)
        self._work.set()
        return future

    async def fetch(self, statement: str, **params: object) -> list[Row]:
        found = self._statements[statement]
        if found.kind != READ:
            raise TypeError(f"{statement} writes: use execute or commit")
        row = found.row(params)
        if not found.slow:
            return await self._read(found.postgresql, row)
        who = asker(params)
        await self._turns.take(who)
        try:
            async with asyncio.timeout(LONGEST):
                return await self._read(found.postgresql, row)
        except TimeoutError:
            raise TooBroad(f"broken off after {LONGEST:g} s") from None
        finally:
            self._turns.give(who)

    async def _read(self, sql: str, row: Row) -> list[Row]:
        for remaining in reversed(range(READERS + 1)):  # each connection of the pool may have ended
            try:
                return [tuple(record) for record in await self._pool.fetch(sql, *row)]
            except STATEMENT_ERRORS as error:
                if not remaining or not is_broken(error):
                    raise classified(error) from error
        raise AssertionError("the last try returns or raises")

    async def execute(self, statement: str, **params: object) -> list[Row]:
        found = self._statements[statement]
        if found.kind != WRITE:
            raise TypeError(f"{statement} reads: use fetch")
        row = found.row(params)
        of_lease = statement in _OF_MY_LEASE
        if not self.healthy and not of_lease:
            raise self._unavailable()
        started = self._clock.monotonic()

        async def write(connection: Connection) -> list[Row]:
            rows = [tuple(record) for record in await connection.fetch(found.postgresql, *row)]
            if found.tells:
                await pg_changes.tell(connection)
            return rows

        number = self._unanswered.add()
        try:
            rows = await (self._lease if of_lease else self._cold).write(write)
        finally:
            self._unanswered.answered(number)
        self._observer.committed(1, {statement: 1}, self._clock.monotonic() - started)
        self._subscribers.tell({statement: [row]})
        return rows

    def subscribe(self, statement: str, callback: Subscriber) -> None:
        if self._statements[statement].kind != WRITE:
            raise TypeError(f"{statement} is not a write")
        self._subscribers.add(statement, callback)

    def on_health(self, listener: HealthListener) -> None:
        self._health.listen(listener)

    def unanswered(self) -> float:
        return self._unanswered.age()

    def sessions(self) -> str:
        return json.dumps([each.session for each in self._writers if each.session is not None])

    def on_sessions(self, listener: Callable[[], None]) -> None:
        self._session_listeners.append(listener)

    def on_changes(self, listener: Callable[[], None]) -> None:
        self._changes.listen(listener)

    async def end_sessions(self, sessions: str) -> int:
        try:
            return await pg_marks.end_sessions(self._pool, sessions)
        except STATEMENT_ERRORS as error:
            raise classified(error) from error

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._work.set()
        await asyncio.wait(self._tasks, timeout=CLOSE_TIMEOUT)
        self._health.stop()
        self._unanswered.stop()
        await self._changes.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(writer.close() for writer in self._writers))
        self._pool.terminate()

    def _unavailable(self) -> Unavailable:
        return self._health.reason or Unavailable("the store is closed")

    async def _run(self, writer: Writer) -> None:
        """Run batches on one connection. What arrives while one batch is in flight becomes the next."""
        while True:
            batch = self._queue.take()
            if not batch:
                if self._closed and not self._queue:
                    return
                self._work.clear()
                await self._work.wait()
                continue
            trial = settle([unit for unit, _, _ in batch])
            try:
                units = next(trial)
                while True:
                    units = trial.send(await self._try(writer, units))
            except StopIteration as done:
                results: list[Result] = done.value
            self._queue.finish(batch, results)
            for result in results:
                if isinstance(result, StoreError):
                    self._observer.failed(1, "unavailable" if result.retryable else "poisoned")
            self._work.set()  # the keys of this batch are free again

    async def _try(self, writer: Writer, units: Sequence[Unit]) -> Tried:
        if not self._health.healthy:
            return self._unavailable()
        return await writer.run(units)

    async def _probe(self) -> Unavailable | None:
        """Try to write, for as long as that takes. Returns None if it worked. The mark of the transaction is the
        write."""

        async def nothing(_: Connection) -> list[Row]:
            return []

        try:
            await self._prober.transact(nothing)
        except StoreError as error:
            return Unavailable(str(error))
        return None

    def _health_changed(self, healthy: bool) -> None:
        if not healthy and self._queue:
            self._observer.failed(self._queue.refuse(self._unavailable()), "unavailable")

    def _is_mine(self, pid: int) -> bool:
        return any(each.session is not None and each.session.pid == pid for each in self._writers)

    def _new_session(self) -> None:
        for listener in self._session_listeners:
            listener()


async def _check(
    pool: asyncpg.Pool[Any], check: Callable[[str | None], None], statements: Statements
) -> None:
    """Check the revision, and let PostgreSQL compile every form of every statement."""
    async with pool.acquire() as connection:
        known = await connection.fetchval("SELECT to_regclass('alembic_version')")
        check(await connection.fetchval("SELECT version_num FROM alembic_version") if known else None)
        forms = [(statement, form) for statement in statements for form in _forms(statement)]
        for first in range(0, len(forms), _TOGETHER):
            some = forms[first : first + _TOGETHER]
            if await _compile_together(connection, [form for _, form in some]):
                continue
            for statement, form in some:
                try:
                    await connection.prepare(form)
                except asyncpg.PostgresError as error:
                    raise StatementError(f"{statement.origin}: {statement.name}: {error}") from error


def _forms(statement: Statement) -> Iterator[str]:
    yield statement.postgresql
    if statement.batch is not None:
        yield statement.batch.sql
        yield statement.batch.guard


async def _compile_together(connection: asyncpg.pool.PoolConnectionProxy[Any], texts: Sequence[str]) -> bool:
    """Whether PostgreSQL compiles all of these, in one query. It runs none of them, since a text with more than one
    statement is not loaded. Raises Unavailable if the connection ends."""
    prepared = "".join(f"PREPARE _check_{number} AS {text}\n;" for number, text in enumerate(texts))
    # A text that swallows the next one, by a quote that does not end, leaves nothing of that name.
    freed = "".join(f"DEALLOCATE _check_{number};" for number in range(len(texts)))
    try:
        await connection.execute(prepared + freed)
    except asyncpg.PostgresError as error:
        if is_broken(error):
            raise classified(error) from error
        # What was prepared by then stays, whether or not the query fails.
        for number in range(len(texts)):
            with contextlib.suppress(asyncpg.InvalidSQLStatementNameError):
                await connection.execute(f"DEALLOCATE _check_{number}")
        return False
    return True
