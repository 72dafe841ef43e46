"""The rows of a table for a feature: add, change, remove, get, and page; and a copy of all rows in memory (`Book`).

Rules kept here:
- failures are problems of the catalogue: `not_found`, `conflict` (with the field of the unique index), `unavailable`;
- a row is written only if it is still as it was read; otherwise the write raises `Lost`. `amend` then reads the
  row again and repeats its change, so that of two concurrent changes both take effect;
- a row that is out of the caller's reach counts as missing;
- every write passes the `effects`: functions without I/O from a change to further writes of the same transaction
  (the audit log, events). Features never call them;
- what a table has sealed is plain in the structs, also in those that the effects get: they must not show it;
- a caller gets its answer after this process has taken in the write: the book and the listeners come first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from onesixty.core.actor import Actor
from onesixty.core.clock import Clock
from onesixty.core.contracts import Sealer, Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource, is_id
from onesixty.core.tenant import Reach
from onesixty.store.contract import Store
from onesixty.store.table import Audited, R, Table
from onesixty.store.unanswered import one_in_time
from onesixty.store.units import Poisoned, StoreError, Unit

T = TypeVar("T")

#: How often `again` tries a change while other changes come first.
CHANGES: Final = 5

MADE: Final = "made"
CHANGED: Final = "changed"
REMOVED: Final = "removed"


ANYBODY: Final = Reach()


class By(NamedTuple):
    """The author of a change: who, in which account, by which request, from which address.

    `home` is the account that the author belongs to if it acts in another one. `reason` is why, if it was said.
    """

    account_id: str
    actor: Actor
    request_id: str = ""
    address: str = ""
    home: str | None = None
    reason: str | None = None


class RowChange(NamedTuple):
    """A change of one row. `before` is None if the row was made, `after` is None if it was removed, and `by` is
    None if onesixty itself made the change, as a part of its work."""

    table: str
    kind: str
    key: str
    before: msgspec.Struct | None
    after: msgspec.Struct | None
    by: By | None
    at: int
    #: The word for one row, and how the audit log shows a row.
    one: str = ""
    audited: Audited = Audited()
    shows: Callable[[Any], Mapping[str, object]] | None = None


#: Turns a change into further writes of its transaction. It does no I/O, and may make ids.
RowEffect = Callable[[RowChange], Sequence[Write]]


class Lost(Problem):
    """Another caller changed the row, or made the row with this key, in the meantime. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("conflict", "Another request changed it at the same time. Read it again.")


async def write(store: Store, unit: Unit, tables: Sequence[Table[Any]] = ()) -> None:
    """Commit a unit. Raises Lost if a guard is lost, Problem `unavailable` if the caller may retry, or StoreError.

    If a row with the same key exists, it raises Problem `conflict` in the words of one of `tables`, or Lost.
    """
    result = await one_in_time(store.commit([unit]))
    if result is False:
        raise Lost
    if isinstance(result, Poisoned) and result.conflict:
        for table in tables:
            unique = table.broken(str(result))
            if unique is not None:
                raise Problem("conflict", unique.detail, param=unique.param)
        raise Lost
    if isinstance(result, StoreError):
        if result.retryable:
            raise Problem("unavailable", "The store is unavailable. Retry in a moment.", retry_after=1)
        raise result


async def again(change: Callable[[], Awaitable[T]]) -> T:
    """Read and change, again each time that another change came first. Raises Lost if that is so each time."""
    for _ in range(CHANGES - 1):
        with suppress(Lost):
            return await change()
    return await change()


class Rows(Generic[R]):
    """The rows of one table. `one` is the word for one of them in texts for people."""

    def __init__(
        self,
        table: Table[R],
        store: Store,
        clock: Clock,
        id_source: IdSource,
        *,
        one: str,
        effects: Sequence[RowEffect] = (),
        sealer: Sealer | None = None,
        shows: Callable[[R], Mapping[str, object]] | None = None,
    ) -> None:
        """`sealer` seals and opens the columns that the table has sealed. `shows` returns fields as the audit log
        shows them, where that is not how the row holds them."""
        if table.sealed and sealer is None:
            raise TypeError(
                f"the table {table.name} has sealed columns, and there is nothing to seal them with"
            )
        self.table = table
        self._sealer = sealer
        self._shows = shows
        self.one = one
        self._store = store
        self._clock = clock
        self._ids = id_source
        self._effects = effects
        self._listeners: list[Callable[[R | None, R | None], Awaitable[None]]] = []

    def on_written(self, listener: Callable[[R | None, R | None], Awaitable[None]]) -> None:
        """Await `listener` with the row before and after each write of this process, before the caller is
        answered."""
        self._listeners.append(listener)

    def new_id(self) -> str:
        """Return an id for a new row."""
        return self._ids.new(self.table.prefix)

    def now(self) -> int:
        """The time in epoch milliseconds."""
        return self._clock.now_ms()

    # ------------------------------------------------------------ reads

    async def find(self, key: str, reach: Reach = ANYBODY) -> R | None:
        """Return one row within reach, or None."""
        if self.table.prefix and not is_id(self.table.prefix, key):
            return None
        found = await self._store.fetch(f"{self.table.statements}_get", **{self.table.key: key})
        row = self.opened(found[0]) if found else None
        return row if row is not None and self.belongs(row, reach) else None

    def opened(self, values: Sequence[object]) -> R:
        """Return the row that a statement of the table read, with its sealed columns opened. Raises an error if
        one was changed, or sealed with a secret that this node does not have."""
        row = self.table.read(values)
        return self._with_sealed(row, self._open) if self.table.sealed else row

    def _closed(self, row: R) -> R:
        """Return a row as it is stored, with its sealed columns sealed."""
        return self._with_sealed(row, self._seal) if self.table.sealed else row

    def _with_sealed(self, row: R, how: Callable[[str, str, str], str]) -> R:
        table = self.table
        key = table.key_of(row)
        values = {
            field: how(value, table.purpose(field), key)
            for field in table.sealed
            if (value := getattr(row, field))
        }
        return msgspec.structs.replace(row, **values)

    def _open(self, value: str, purpose: str, key: str) -> str:
        assert self._sealer is not None
        return self._sealer.open(value, purpose, key).decode()

    def _seal(self, value: str, purpose: str, key: str) -> str:
        assert self._sealer is not None
        return self._sealer.seal(value.encode(), purpose, key)

    async def get(self, key: str, reach: Reach = ANYBODY) -> R:
        """Return one row within reach. Raises Problem `not_found`."""
        row = await self.find(key, reach)
        if row is None:
            raise self.missing()
        return row

    async def named(self, key: str, reach: Reach = ANYBODY) -> R:
        """Return the row within reach that somebody names by its key or by its name. Raises Problem `not_found`."""
        table = self.table
        params = table.name_params(key, reach) if table.named and not is_id(table.prefix, key) else None
        if params is None:
            return await self.get(key, reach)
        found = await self._store.fetch(f"{table.statements}_named", **params)
        row = self.opened(found[0]) if found else None
        if row is None or not self.belongs(row, reach):
            raise self.missing()
        return row

    def missing(self) -> Problem:
        """Make the refusal for a row that does not exist."""
        return Problem("not_found", f"{self.one[:1].upper()}{self.one[1:]} not found.")

    def belongs(self, row: R, reach: Reach) -> bool:
        """Whether a row is within reach."""
        wanted = zip(self.table.owner, reach, strict=False)
        return all(value is None or getattr(row, field) == value for field, value in wanted)

    async def all(self) -> list[R]:
        """Return every row, oldest first."""
        return [self.opened(row) for row in await self._store.fetch(f"{self.table.statements}_all")]

    async def page(
        self, limit: int, after: str | None, reach: Reach = ANYBODY, **filters: object
    ) -> tuple[list[R], str | None]:
        """Return a page of the rows within reach that pass the filters, and the cursor of the next page."""
        table = self.table
        params = {field: table.filter(field, filters.get(field)) for field in table.filters}
        for name, condition in table.conditions.items():
            params |= {field: filters.get(field) for field in (name, *condition.also)}
        owned = dict(zip(table.owner, reach, strict=False))
        params |= {field: table.filter(field, value) for field, value in list(owned.items())[1:]}
        statement = f"{table.statements}_page"
        if owned and reach.account_id is not None:
            statement = f"{table.statements}_page_of"
            params[table.owner[0]] = reach.account_id
        found = await self._store.fetch(statement, after=table.cursor(after), most=limit + 1, **params)
        rows = [self.opened(row) for row in found]
        return rows[:limit], table.key_of(rows[limit - 1]) if len(rows) > limit else None

    # ------------------------------------------------------------ writes

    async def add(
        self,
        row: R,
        *,
        by: By | None = None,
        keys: Sequence[str] = (),
        guards: Sequence[Write] = (),
        writes: Sequence[Write] = (),
    ) -> R:
        """Insert a new row, with further writes in its transaction. Raises Problem, or Lost if one of `guards`
        lost."""
        insert: Write = (f"{self.table.statements}_insert", self.table.values(self._closed(row)))
        change = self._of(MADE, None, row, by)
        await self._commit(change, keys, guards, (insert, *writes))
        await self._tell(None, row)
        return row

    def inserting(self, row: R, *, by: By | None = None) -> list[Write]:
        """Return the writes that insert a row, and those of its effects, for another transaction. No listener is
        called."""
        change = self._of(MADE, None, row, by)
        insert: Write = (f"{self.table.statements}_insert", self.table.values(self._closed(row)))
        return [insert, *(write for effect in self._effects for write in effect(change))]

    def updating(self, before: R, after: R, *, by: By | None = None) -> tuple[Write, list[Write]]:
        """Return the guard that changes a row, and the writes of its effects, for another transaction. No listener
        is called."""
        change = self._of(CHANGED, before, after, by)
        guard: Write = (f"{self.table.statements}_update", self.table.change(before, self._closed(after)))
        return guard, [write for effect in self._effects for write in effect(change)]

    def removing(self, row: R, *, by: By | None = None) -> tuple[Write, list[Write]]:
        """Return the guard that deletes a row, and the writes of its effects, for another transaction. No listener is
        called."""
        change = self._of(REMOVED, row, None, by)
        guard: Write = (f"{self.table.statements}_delete", self.table.guard(row))
        return guard, [write for effect in self._effects for write in effect(change)]

    async def change(self, before: R, after: R, *, by: By | None = None, writes: Sequence[Write] = ()) -> R:
        """Write the row's new values with the next version. Raises Problem, or Lost if the row is not as it was
        read."""
        if self.table.versioned:
            after = msgspec.structs.replace(after, version=self.table.version_of(before) + 1)
        guard: Write = (f"{self.table.statements}_update", self.table.change(before, self._closed(after)))
        await self._commit(self._of(CHANGED, before, after, by), (), (guard,), writes)
        await self._tell(before, after)
        return after

    async def amend(self, key: str, how: Callable[[R], R], *, by: By | None = None) -> R:
        """Read the row and write what `how` makes of it. Of two concurrent changes, both take effect. Raises
        Problem."""

        async def change() -> R:
            before = await self.get(key)
            return await self.change(before, how(before), by=by)

        return await again(change)

    async def remove(self, row: R, *, by: By | None = None, writes: Sequence[Write] = ()) -> None:
        """Delete the row. Raises Problem, or Lost if the row is not as it was read."""
        guard: Write = (f"{self.table.statements}_delete", self.table.guard(row))
        await self._commit(self._of(REMOVED, row, None, by), (), (guard,), writes)
        await self._tell(row, None)

    def _of(self, kind: str, before: R | None, after: R | None, by: By | None) -> RowChange:
        row = after if after is not None else before
        assert row is not None
        return RowChange(
            self.table.name, kind, self.table.key_of(row), before, after, by, self.now(),
            self.one, self.table.audited, self._shows,
        )  # fmt: skip

    async def _commit(
        self, change: RowChange, keys: Sequence[str], guards: Sequence[Write], writes: Sequence[Write]
    ) -> None:
        further = [write for effect in self._effects for write in effect(change)]
        unit = Unit(keys=(change.key, *keys), guards=tuple(guards), writes=(*writes, *further))
        await write(self._store, unit, (self.table,))

    async def _tell(self, before: R | None, after: R | None) -> None:
        for listener in self._listeners:
            await listener(before, after)


class Book(Generic[R]):
    """Every row of a table in memory: filled at the start, read again at each renewal of the lease, and changed by
    each write of this process before the caller is answered. `by_id` is for readers only."""

    def __init__(self, rows: Rows[R]) -> None:
        self.by_id: dict[str, R] = {}
        self._rows = rows
        self._listeners: list[Callable[[], None]] = []
        self._writes = 0
        #: Counts the changes of `by_id`.
        self.version = 0
        rows.on_written(self._written)

    def on_filled(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever rows changed, so that it can rebuild what it derives from them."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Read the table. If this process writes a row during the read, the table is read again, so no write is
        lost."""
        while True:
            writes = self._writes
            rows = await self._rows.all()
            if writes == self._writes:
                break
        fresh = {self._rows.table.key_of(row): row for row in rows}
        if fresh != self.by_id:
            self.version += 1
        self.by_id.clear()
        self.by_id.update(fresh)
        self._tell()

    def note(self, row: R) -> None:
        """Take in a row that was read elsewhere, unless this version of it, or a later one, is known."""
        table = self._rows.table
        known = self.by_id.get(table.key_of(row))
        if known is None or table.version_of(known) < table.version_of(row):
            self.version += 1
            self.by_id[table.key_of(row)] = row
            self._tell()

    async def _written(self, before: R | None, after: R | None) -> None:
        self._writes += 1
        self.version += 1
        table = self._rows.table
        if after is not None:
            known = self.by_id.get(table.key_of(after))
            if known is None or table.version_of(known) <= table.version_of(after):
                self.by_id[table.key_of(after)] = after
        elif before is not None:
            self.by_id.pop(table.key_of(before), None)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
