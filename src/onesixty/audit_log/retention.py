"""Removes old entries of the audit log, behind a checkpoint.

Rules kept here:
- only the beginning of a chain goes, and only up to an entry that is chained. What remains has no gaps;
- the number and the hash of the last removed entry, signed, are written in the unit that removes it. So a beginning
  that retention removed can be told from one that somebody cut off;
- personal values go with their entries;
- a page is small, so that the database is free for others between two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from onesixty.audit_log.signatures import Checkpoint, Signer, signed_checkpoint
from onesixty.audit_log.verification import checkpoint_of
from onesixty.core.clock import Clock
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unit

#: Entries that are removed at once.
PAGE: Final = 200
#: Accounts that are looked at with one query: mostly, no entry of any is past its time.
ACCOUNTS: Final = 1000


class _Old(NamedTuple):
    """An entry past its time."""

    id: str
    sequence: int
    hash: str
    at: int


class Cleaner:
    """Removes entries past their time."""

    def __init__(self, store: Store, clock: Clock, signer: Signer) -> None:
        self._store = store
        self._clock = clock
        self._signer = signer

    async def remove_all(
        self, before: Callable[[str], int | None], rest: Callable[[int], Awaitable[None]]
    ) -> int:
        """Remove each account's entries from before its time (epoch ms; None: all stay). See `remove`."""
        removed, after = 0, ""
        while True:
            rows = await self._store.fetch("audit_begins", after=after, most=ACCOUNTS)
            for account_id, at in rows:
                until = before(account_id)
                if until is not None and at < until:
                    removed += await self.remove(account_id, until, rest)
            if len(rows) < ACCOUNTS:
                return removed
            after = str(rows[-1][0])

    async def remove(self, account_id: str, before: int, rest: Callable[[int], Awaitable[None]]) -> int:
        """Remove an account's entries from before a time (epoch ms). Returns how many; `rest` is awaited after each
        page with the number of its entries. Raises StoreError."""
        removed = 0
        while True:
            checkpoint = await checkpoint_of(self._store, account_id)
            above = 0 if checkpoint is None else checkpoint.count
            rows = await self._store.fetch("audit_oldest", account_id=account_id, above=above, most=PAGE)
            old: list[_Old] = []
            for id_, sequence, hash_, at in rows:
                if at >= before or sequence != above + len(old) + 1:
                    break
                old.append(_Old(id_, sequence, hash_, at))
            if not old:
                return removed
            (result,) = await self._store.commit([self._unit(account_id, old)])
            if isinstance(result, StoreError):
                raise result
            if result:
                removed += len(old)
                await rest(len(old))
            if len(old) < PAGE:
                return removed

    def _unit(self, account_id: str, old: Sequence[_Old]) -> Unit:
        last = old[-1]
        made = signed_checkpoint(
            Checkpoint(
                account_id=account_id,
                count=last.sequence,
                hash=last.hash,
                until=last.at,
                made_at=self._clock.now_ms(),
            ),
            self._signer,
        )
        forgets = ("audit_values_forget", "audit_entry_forget")
        return Unit(
            keys=(f"audit {account_id}",),
            guards=(("audit_checkpoint_put", msgspec.structs.astuple(made)),),
            writes=tuple((name, (each.id,)) for name in forgets for each in old),
        )
