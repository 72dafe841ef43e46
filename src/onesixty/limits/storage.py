"""What accounts store: the octets of the documents of an account and of all accounts below it.

Rules kept here:
- the documents are the truth: they are added up for each upload, so nothing can leak;
- no two uploads pass a limit together, on whichever nodes: an upload takes the next turn of each limit that it read,
  in its own transaction. If another one was faster, it loses, and reads again;
- the message path has no part in it: an account with this limit alone stays in the express lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from onesixty.accounts import Accounts
from onesixty.core.clock import Clock
from onesixty.core.contracts import Consequences, Write
from onesixty.core.errors import Problem
from onesixty.limits.rows import KEPT_MS
from onesixty.store.contract import Store

#: The row of `limit_counts` that counts the turns.
TURN: Final = "storage"


class StorageLimits:
    """The limits of storage of all accounts."""

    def __init__(self, accounts: Accounts, store: Store, clock: Clock) -> None:
        self._accounts = accounts
        self._store = store
        self._clock = clock

    def limit_of(self, account_id: str) -> int | None:
        """The limit of an account itself."""
        account = self._accounts.book.get(account_id)
        return None if account is None else account.settings.limits.storage_bytes

    async def used(self, account_id: str) -> int:
        """What an account stores, with all below it. Raises StoreError."""
        operator = self._accounts.book[account_id].operator
        below: Sequence[str] = () if operator else self._accounts.tree.below(account_id)
        rows = await self._store.fetch("limit_stored", accounts=[account_id, *below])
        return int(rows[0][0])

    async def room(self, account_id: str, octets: int) -> Consequences:
        """The guards and keys of a unit that stores so many octets for an account. Raises Problem `documents_full`,
        and StoreError."""
        keys: list[str] = []
        guards: list[Write] = []
        ends_at = self._clock.now_ms() + KEPT_MS
        for subject in (account_id, *self._accounts.tree.above.get(account_id, ())):
            limit = self.limit_of(subject)
            if limit is None:
                continue
            turns = await self._store.fetch("limit_used", subject=subject, period=TURN)
            if await self.used(subject) + octets > limit:
                own = f"The limit of the account is {limit} bytes of documents."
                above = "A limit of an account above yours is reached."
                raise Problem("documents_full", own if subject == account_id else above)
            turn = int(turns[0][0]) if turns else 0
            keys.append(f"limit {subject}")
            guards.append(("limit_turn", (subject, TURN, turn, ends_at)))
        return Consequences(guards=tuple(guards), keys=tuple(keys))
