"""The credit of accounts in the database: takes and gives back slices, folds loose rows, counts the history.

Rules kept here (docs/decisions/0113):
- `credit.rest` changes only together with a slice, with loose rows that are counted, or with an adjustment: in one
  unit, with guards, so that each amount is counted once whichever nodes try;
- units that touch the row of an account share the account's id as a key;
- the sum of a dead node's slice is read after its lease was fenced, when no more rows can name the slice. What the
  slice took may still change, because the fenced node may not know yet: so the guard compares it.
"""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.kit.observer import Observer
from onesixty.store.contract import Store
from onesixty.store.lease_keeper import LeaseKeeper
from onesixty.store.units import StoreError, Unit

#: Loose rows folded in one unit.
PAGE: Final = 500

#: Seconds for which a caller waits until older transactions are over, and between two looks at them.
COUNTING: Final = 1.0
LOOK: Final = 0.02


class State(NamedTuple):
    """What is left of an account's credit, what other nodes hold of it, and whether loose rows change it."""

    room: int
    counted: bool
    elsewhere: int
    loose: bool


class CreditRows:
    """The rows of credit, for the node that holds `lease`."""

    def __init__(self, store: Store, clock: Clock, lease: LeaseKeeper, observer: Observer) -> None:
        self._store = store
        self._observer = observer
        self._clock = clock
        self._lease = lease
        self._slices = 0

    @property
    def lease_id(self) -> int:
        """The lease of this node, which its slices carry."""
        return self._lease.id

    async def state(self, account_id: str) -> State | None:
        """The state of an account; None if it has no limit. Raises StoreError."""
        rows = await self._store.fetch("credit_state", account_id=account_id, lease=self._lease.id)
        room, counted, elsewhere, loose = rows[0] if rows else (0, 0, 0, 0)
        return State(room, bool(counted), elsewhere, bool(loose)) if rows else None

    async def available(self, account_id: str) -> int | None:
        """What an account may still spend, wherever it is held; None if it has no limit, or its history is not
        counted. Raises StoreError."""
        rows = await self._store.fetch("credit_available", account_id=account_id)
        return int(rows[0][0]) if rows else None

    def new_slice(self) -> int:
        """An id that no slice ever had: a lease's id is given once."""
        self._slices += 1
        return self._lease.id << 32 | self._slices

    # ------------------------------------------------------------ slices

    async def take(self, account_id: str, amount: int, *changes: Write) -> bool:
        """Move an amount from the account into slices: `changes` are their guards. False if it is not there, or
        this node was fenced. Raises StoreError."""
        done = await self._commit(account_id, (("credit_take", (account_id, amount)), *changes))
        if done:
            self._observer.credit_written("taken")
        return done

    async def give_back(self, account_id: str, amount: int, *changes: Write) -> bool:
        """Move an amount back. False if this node was fenced. Raises StoreError."""
        writes: tuple[Write, ...] = (("credit_add", (account_id, amount)),) if amount else ()
        done = await self._commit(account_id, changes, writes)
        if done:
            self._observer.credit_written("returned")
        return done

    def opening(self, slice_id: int, account_id: str, taken: int) -> Write:
        """The guard that opens a slice."""
        return (
            "credit_slice_open",
            (slice_id, account_id, self._lease.id, taken, self._clock.now_ms()),
        )

    async def want(self, account_id: str) -> None:
        """Ask the other nodes to give back what they do not use. Raises StoreError."""
        await self._store.execute("credit_want", account_id=account_id)

    async def wanted(self) -> dict[str, int]:
        """How often credit was asked for, by account. Raises StoreError."""
        return {str(account_id): int(count) for account_id, count in await self._store.fetch("credit_wanted")}

    async def take_over(self) -> int:
        """Give back what the slices of ended leases did not spend. Returns how many there were. Raises StoreError."""
        count = 0
        while rows := await self._store.fetch("credit_orphans"):  # again, if a guard was lost
            units = [
                Unit(
                    keys=(account_id,),
                    guards=(("credit_slice_take_over", (slice_id, taken)),),
                    writes=(("credit_add", (account_id, taken - spent)),),
                )
                for slice_id, account_id, taken, spent in rows
            ]
            for result in await self._store.commit(units):
                if isinstance(result, StoreError):
                    raise result
                count += result
        if count:
            self._observer.credit_written("recovered", count)
        return count

    # ------------------------------------------------------------ loose rows, and the history

    async def fold(self) -> int:
        """Count loose rows. Returns how many. Raises StoreError."""
        folded = 0
        while True:
            rows = await self._store.fetch("credit_loose", count=PAGE)
            by_account: dict[str, list[tuple[int, int, str, str, int]]] = {}
            for account_id, *row in rows:
                by_account.setdefault(account_id, []).append(tuple(row))
            counted = 0
            for account_id, loose in by_account.items():
                since, folds = loose[0][:2]
                amount = sum(row[4] for row in loose)
                guard: Write = ("credit_fold", (account_id, since, folds, amount))
                writes = tuple(("ledger_folded", (message_id, kind)) for _, _, message_id, kind, _ in loose)
                if await self._commit(account_id, (guard,), writes):
                    counted += len(loose)
            folded += counted
            if counted:
                self._observer.credit_written("folded", counted)
            if len(rows) < PAGE or not counted:
                return folded

    async def uncounted(self) -> list[str]:
        """The accounts whose history is not counted yet. Raises StoreError."""
        return [str(row[0]) for row in await self._store.fetch("credit_uncounted")]

    async def count(self, account_id: str) -> None:
        """Count the history of an account, once all transactions are over that may not have known its limit. If that
        takes long, a later call counts. Raises StoreError."""
        until = self._clock.monotonic() + COUNTING
        barrier = await self._transaction("credit_barrier")
        while await self._transaction("credit_oldest") < barrier:
            if self._clock.monotonic() > until:
                return
            await asyncio.sleep(LOOK)
        rows = await self._store.fetch("credit_difference", account_id=account_id)
        if rows:
            since, amount = rows[0]
            await self._commit(account_id, (("credit_count", (account_id, since, amount)),))

    async def _transaction(self, statement: str) -> int:
        return int((await self._store.fetch(statement))[0][0])

    async def _commit(
        self, account_id: str, guards: tuple[Write, ...], writes: tuple[Write, ...] = ()
    ) -> bool:
        (result,) = await self._store.commit([Unit(keys=(account_id,), guards=guards, writes=writes)])
        if isinstance(result, StoreError):
            raise result
        return result
