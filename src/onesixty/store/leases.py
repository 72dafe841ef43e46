"""Leases: which nodes are alive, and which work belongs to whom. Each start of a node is a row; claims carry its id.

Rules kept here:
- an id is larger than all ids before it and is never given again, so it serves as the epoch of its claims;
- a node trusts its lease until a margin before its end, by its own monotonic clock, counted from before the
  renewal was sent. Other nodes take over only some time (the slack) after that end, by the server's clock. No
  node's wall clock decides: a node whose clock jumps ahead would take over from all others;
- a node that takes over first fences the lease, then ends the sessions of the fenced node (they may hang, with
  locks that all others wait for). A fenced lease is never renewed: its node must start again with a new one. A
  lease that only ran out, while the database was away, is renewed, and its claims stay valid.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from onesixty.core.clock import Clock
from onesixty.store.contract import Store
from onesixty.store.units import Poisoned

#: How long a lease lasts unless renewed, in ms; renew it at a third of that.
TTL_MS: Final = 15_000

#: How long before the end its holder stops trusting it, in ms.
MARGIN_MS: Final = 3_000

#: How long after the end other nodes take over, in ms: allows for a node's clock that is slower than the server's.
SLACK_MS: Final = 2_000

#: How often a start retries if it meets another node's start.
_TRIES: Final = 20


class Fenced(NamedTuple):
    """A lease that another node ended."""

    id: int
    node: str
    #: The node's writing sessions, as `Store.sessions` gave them at its last renewal.
    sessions: str


class About(msgspec.Struct, kw_only=True):
    """What a node says of itself beside its lease, for operators. `addresses` are those that it listens on, by what
    is served there; `processes` is how many processes it has."""

    version: str = ""
    addresses: dict[str, str] = {}
    roles: list[str] = []
    processes: int = 1


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
        """The id for new claims, or 0 if the lease is not held."""
        return self.id if self.held() else 0

    async def renew(self) -> bool:
        """Renew the lease. Returns False if it was fenced: the node must stop and start again. Raises StoreError."""
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

    async def describe(self, about: About) -> None:
        """Note beside the lease what the node says of itself. Raises StoreError."""
        text = msgspec.json.encode(about).decode()
        await self._store.execute("lease_about", id=self.id, about=text)

    async def end(self) -> None:
        """End the lease: other nodes may take over its work at once. Raises StoreError."""
        self._sure_until = 0.0
        await self._store.execute("lease_end", id=self.id, now=self._clock.now_ms())


async def fence_expired(store: Store, clock: Clock, mine: int) -> list[Fenced]:
    """End the leases of other nodes that ran out. Returns them. Raises StoreError."""
    rows = await store.execute("leases_fence", mine=mine, slack=SLACK_MS, now=clock.now_ms())
    return [Fenced(_whole(row[0]), str(row[1]), str(row[2])) for row in rows]


async def fence_others(store: Store, clock: Clock, mine: int) -> list[Fenced]:
    """End the leases of all other nodes, for a process that owns the database alone. Raises StoreError."""
    rows = await store.execute("leases_fence_all", mine=mine, now=clock.now_ms())
    return [Fenced(_whole(row[0]), str(row[1]), str(row[2])) for row in rows]


def _sure_until(clock: Clock, ttl_ms: int) -> float:
    return clock.monotonic() + (ttl_ms - MARGIN_MS) / 1000


def _whole(value: object) -> int:
    assert isinstance(value, int), "ids of leases are whole numbers"
    return value
