"""The limits in the database: what nodes have taken of days and months, rows that wait, and shares of rates.

Rules kept here (docs/decisions/0127):
- a slice is taken under a guard, so nodes together never pass the limit of a period;
- the shares of a rate add up to the limit at most. A node first shrinks its own, and grows under a guard.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.limits.periods import Period
from onesixty.store.contract import Store
from onesixty.store.lease_keeper import LeaseKeeper
from onesixty.store.units import StoreError, Unit

#: How long a count is kept after its period.
KEPT_MS: Final = 7 * 86_400_000

#: The row by which nodes change the shares of a rate one after the other.
_LOCK: Final = "rate"


class Share(NamedTuple):
    """A node's share of a rate, and what it used, a second, in thousandths."""

    lease: int
    share: int
    used: int


class LimitRows:
    """The rows, for the node that holds `lease`. All methods raise StoreError."""

    def __init__(self, store: Store, clock: Clock, lease: LeaseKeeper) -> None:
        self._store = store
        self._clock = clock
        self._lease = lease

    @property
    def lease_id(self) -> int:
        """The lease of this node."""
        return self._lease.id

    async def used(self, subject: str, period: Period) -> int:
        """What nodes have taken of a period."""
        rows = await self._store.fetch("limit_used", subject=subject, period=period.name)
        return int(rows[0][0]) if rows else 0

    async def take(self, subject: str, period: Period, amount: int, most: int) -> bool:
        """Take a slice. False if another node was faster."""
        guard: Write = ("limit_take", (subject, period.name, amount, most, period.ends + KEPT_MS))
        return await self._commit(subject, (guard,))

    async def give_back(self, subject: str, period: Period, amount: int) -> None:
        """Give back what was not used of a slice."""
        await self._commit(subject, (), (("limit_give_back", (subject, period.name, amount)),))

    async def count(self, statement: str, accounts: Sequence[str]) -> int:
        """Count rows of accounts."""
        rows = await self._store.fetch(statement, accounts=list(accounts))
        return int(rows[0][0])

    async def count_of(self, subject: str, status: str) -> int:
        """Count the rows of a key or credential that have a status."""
        rows = await self._store.fetch("limit_stock", subject=subject, status=status)
        return int(rows[0][0])

    async def nodes(self) -> int:
        """How many nodes there are, at least one."""
        rows = await self._store.fetch("limit_nodes")
        return max(1, int(rows[0][0]))

    async def shares(self) -> dict[str, list[Share]]:
        """The shares of all rates by subject."""
        found: dict[str, list[Share]] = {}
        for subject, *share in await self._store.fetch("limit_shares"):
            found.setdefault(subject, []).append(Share(*share))
        return found

    async def set_share(self, subject: str, share: int, used: int, most: int) -> bool:
        """Set this node's share, in thousandths a second. False if the others leave less."""
        guards: tuple[Write, ...] = (
            ("limit_share_lock", (subject, _LOCK, self._clock.now_ms() + KEPT_MS)),
            ("limit_share_set", (subject, self._lease.id, share, used, most)),
        )
        return await self._commit(subject, guards)

    async def free_share(self, subject: str) -> None:
        """Give back this node's share of a rate."""
        await self._store.execute("limit_share_free", subject=subject, lease=self._lease.id)

    async def drop_shares(self) -> None:
        """Free the shares of nodes that are gone. Writes only if there are any: this is asked with every renewal."""
        if await self._store.fetch("limit_shares_left"):
            await self._store.execute("limit_shares_drop")

    async def _commit(self, subject: str, guards: tuple[Write, ...], writes: tuple[Write, ...] = ()) -> bool:
        (result,) = await self._store.commit([Unit(keys=(f"limit {subject}",), guards=guards, writes=writes)])
        if isinstance(result, StoreError):
            raise result
        return result
