"""Renews the lease of a node, fences dead nodes, and takes over the work that they left.

Rules kept here (docs/explanation/storage.md, "Leases"):
- a lease is renewed at a third of its time, and whenever the node's sessions changed, in a task that does
  nothing else. Between two renewals the node trusts only its own monotonic clock;
- a lease that another node fenced cannot be regained: the node stops sending at once and ends, and its
  supervisor starts it again. A lease that ran out because the database was away is renewed when the database is back;
- a node that could not renew, or renewed too late, knows nothing about the others: they get time to renew their
  leases before they count as dead;
- the sessions of a fenced node are ended before its work is settled;
- at every renewal, the node looks for work under ended leases, no matter which node ended them. A node that stopped
  normally leaves a full lane, and a node that resumes after it was fenced may still commit what it had prepared;
- on SQLite, the process that owns the file is the only node: every other lease ends when it starts, and its own
  never runs out (after a machine slept, the process is still the owner).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from onesixty.core.clock import Clock
from onesixty.store.contract import Store
from onesixty.store.leases import TTL_MS, About, Lease, fence_expired, fence_others
from onesixty.store.units import StoreError

#: The lease of a SQLite file's owner: 100 years.
FOREVER_MS = 100 * 365 * 86_400_000

#: Seconds that ending the lease may take. If it takes longer, other nodes wait until the lease runs out.
FAREWELL = 5.0


class LeaseKeeper:
    """Keeps the lease of this node, from `start` to `end`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        recover: Callable[[], Awaitable[object]],
        refresh: Callable[[], Awaitable[object]],
        lost: Callable[[], None],
        regained: Callable[[], None],
    ) -> None:
        """`recover` settles the work of fenced nodes. `refresh` loads what other nodes changed (at once after a
        change, and at every renewal). `lost` is called once if the lease is lost. `regained` is called whenever a
        lease that had run out holds again."""
        self._store = store
        self._clock = clock
        self._recover = recover
        self._refresh = refresh
        self._lost = lost
        self._regained = regained
        self._lease: Lease | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()
        #: Set by each renewal: the lease is held, so other nodes can be checked.
        self._renewed = asyncio.Event()
        #: Set when another node has changed something.
        self._changed = asyncio.Event()
        #: Until this time (monotonic) this node fences no other node.
        self._spared_until = 0.0
        self._log = structlog.get_logger("onesixty.lease")

    @property
    def id(self) -> int:
        """The id of the lease: the claim on everything that this node has in memory."""
        assert self._lease is not None
        return self._lease.id

    def held(self) -> bool:
        """Whether this node may send."""
        return self._lease is not None and self._lease.held()

    def claim(self) -> int:
        """The id of the lease while the node may send, else 0. Rows that are written now get it as their claim."""
        return self.id if self.held() else 0

    async def start(self, node: str) -> None:
        """Take a lease, and end the leases of nodes that are gone: on SQLite all others, on PostgreSQL those that ran
        out."""
        if self._store.dialect == "sqlite":
            self._lease = await Lease.start(self._store, self._clock, node, ttl_ms=FOREVER_MS)
            await fence_others(self._store, self._clock, self._lease.id)
        else:
            self._lease = await Lease.start(self._store, self._clock, node)
            await self._fence(self._lease)

    async def describe(self, about: About) -> None:
        """Note beside the lease what this node says of itself. A node serves without it."""
        assert self._lease is not None
        try:
            await self._lease.describe(about)
        except StoreError as error:
            self._log.warning("node_not_described", reason=str(error))

    def keep(self) -> None:
        """Start the task that renews the lease."""
        if self._store.dialect == "sqlite":
            return
        self._store.on_health(self._store_changed)
        self._store.on_sessions(self._wake.set)
        self._store.on_changes(self._changed.set)
        self._wake.set()  # renew at once, since the sessions are new
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(each()) for each in (self._renew, self._look_at_others, self._follow)]

    async def end(self) -> None:
        """End the lease: other nodes may take over its work at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._lease is not None:
            try:
                async with asyncio.timeout(FAREWELL):
                    await self._lease.end()
            except (StoreError, TimeoutError) as error:
                self._log.warning("lease_not_ended", reason=str(error) or "the store does not answer")

    def _store_changed(self, healthy: bool) -> None:
        if healthy:
            self._wake.set()

    async def _renew(self) -> None:
        assert self._lease is not None
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TTL_MS / 3000):
                    await self._wake.wait()
            self._wake.clear()
            held = self._lease.held()
            try:
                if not await self._lease.renew():
                    self._log.error("lease_lost", lease=self._lease.id)
                    self._lost()
                    return
            except StoreError as error:
                self._spare_others()
                self._log.warning("lease_not_renewed", reason=str(error))
                continue
            if not held or not self._lease.held():
                self._spare_others()  # what delayed this node's renewal may have delayed the others' too
            if not self._lease.held():  # the answer took so long that the lease has run out meanwhile
                self._wake.set()
                continue
            if not held:
                self._log.info("lease_regained", lease=self._lease.id)
                self._regained()
            self._renewed.set()

    def _spare_others(self) -> None:
        self._spared_until = self._clock.monotonic() + TTL_MS / 1000

    async def _look_at_others(self) -> None:
        """After each renewal: fence dead nodes and take over their work, and load what the living ones changed."""
        while True:
            await self._renewed.wait()
            self._renewed.clear()
            try:
                await self._take_over()
                await self._refresh()
            except StoreError as error:
                self._log.warning("takeover_waits_for_store", reason=str(error))
            except Exception:
                self._log.exception("takeover_failed")

    async def _follow(self) -> None:
        """Load what other nodes changed, as soon as they report it."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._refresh()
            except StoreError as error:
                self._log.warning("refresh_waits_for_renewal", reason=str(error))
            except Exception:
                self._log.exception("refresh_failed")

    async def _take_over(self) -> None:
        """Fence dead nodes and settle the work of all nodes that are gone. After a failure, the next renewal tries
        again."""
        assert self._lease is not None
        if self._clock.monotonic() >= self._spared_until:
            await self._fence(self._lease)
        await self._recover()

    async def _fence(self, mine: Lease) -> None:
        """End the leases that ran out, and the sessions of their nodes: an unfinished transaction of such a
        session holds locks on the rows to take over."""
        for fenced in await fence_expired(self._store, self._clock, mine.id):
            try:
                ended = await self._store.end_sessions(fenced.sessions)
            except StoreError as error:  # the server ends these sessions itself a little later
                self._log.warning("sessions_not_ended", lease=fenced.id, reason=str(error))
            else:
                self._log.info("lease_fenced", lease=fenced.id, node=fenced.node, sessions_ended=ended)
