"""Leases: which nodes live, and what is theirs. A row for each start of a node; claims carry its id.

Rules kept here:
- an id is larger than all before it and never comes back, so it serves as the epoch of its claims;
- a node believes in its lease until a margin before its end, by its own monotonic clock, counted from before the
  renewal was sent; others take over only a slack after that end, by the server's clock. No node's wall clock decides:
  one that jumps ahead would take over from all others;
- who takes over fences first, ends the sessions of whoever was fenced (they may stand still with locks that all
  others wait for), and a fenced lease is never renewed: its node has to start again with another. One
  that only ran out, while the database was away, is renewed: whatever it claimed is still its own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from onesixty.core.clock import Clock
from onesixty.store.contract import Store
from onesixty.store.units import Poisoned

#: How long a lease lasts unless renewed, in ms; renew it at a third of that.
TTL_MS: Final = 15_000

#: How long before the end its holder stops to believe in it, in ms.
MARGIN_MS: Final = 3_000

#: How long after the end others take over, in ms: by how much the clock of a node may run slower than the server's.
SLACK_MS: Final = 2_000

#: How often a start that meets another one is tried again.
_TRIES: Final = 20


class Fenced(NamedTuple):
    """A lease that was ended by somebody else."""

    id: int
    node: str
    #: The node's writing sessions, as `Store.sessions` said it at its last renewal.
    sessions: str


class Lease:
    """The lease of this node."""

    def __init__(self, store: Store, clock: Clock, lease_id: int, sure_until: float, ttl_ms: int) -> None:
        self.id = lease_id
        self._store = store
        self._clock = clock
        self._sure_until = sure_until
        self._ttl_ms = ttl_ms

    @classmethod
    async def start(cls, store: Store, clock: Clock, node: str, ttl_ms: int = TTL_MS) -> Lease:
        """Take a new lease. Raises StoreError."""
        for remaining in reversed(range(_TRIES)):
            sure_until = _sure_until(clock, ttl_ms)
            try:
                rows = await store.execute(
                    "lease_start", node=node, now=clock.now_ms(), ttl=ttl_ms, sessions=store.sessions()
                )
            except Poisoned as error:
                if not error.conflict or not remaining:
                    raise
            else:
                return cls(store, clock, _whole(rows[0][0]), sure_until, ttl_ms)
        raise AssertionError("the last try returns or raises")

    def held(self) -> bool:
        """Whether this node still holds its lease, so that no other node has taken over its work."""
        return self._clock.monotonic() < self._sure_until

    def claim(self) -> int:
        """The id for new claims, or 0 while the lease is not held."""
        return self.id if self.held() else 0

    async def renew(self) -> bool:
        """Go on. False: it was fenced, stop acting and start again. Raises StoreError."""
        sure_until = _sure_until(self._clock, self._ttl_ms)
        rows = await self._store.execute(
            "lease_renew",
            id=self.id,
            now=self._clock.now_ms(),
            ttl=self._ttl_ms,
            sessions=self._store.sessions(),
        )
        self._sure_until = sure_until if rows else 0.0
        return bool(rows)

    async def end(self) -> None:
        """End the lease: other nodes may take over its work at once. Raises StoreError."""
        self._sure_until = 0.0
        await self._store.execute("lease_end", id=self.id, now=self._clock.now_ms())


async def fence_expired(store: Store, clock: Clock, mine: int) -> list[Fenced]:
    """End the leases of other nodes that ran out; returns them. Raises StoreError."""
    rows = await store.execute("leases_fence", mine=mine, slack=SLACK_MS, now=clock.now_ms())
    return [Fenced(_whole(row[0]), str(row[1]), str(row[2])) for row in rows]


async def fence_others(store: Store, clock: Clock, mine: int) -> list[Fenced]:
    """End the leases of all others, for a process that owns the database alone. Raises StoreError."""
    rows = await store.execute("leases_fence_all", mine=mine, now=clock.now_ms())
    return [Fenced(_whole(row[0]), str(row[1]), str(row[2])) for row in rows]


def _sure_until(clock: Clock, ttl_ms: int) -> float:
    return clock.monotonic() + (ttl_ms - MARGIN_MS) / 1000


def _whole(value: object) -> int:
    assert isinstance(value, int), "ids of leases are whole numbers"
    return value
