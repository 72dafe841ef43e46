"""A node's time in office: its lease is renewed, dead nodes are fenced and what they left is taken over.

Rules kept here (DESIGN, "Lease"):
- renewed at a third of its time; between two renewals the node believes its own monotonic clock only;
- a lease that somebody fenced is not won back: the node stops sending at once and ends, its supervisor starts it
  anew. One that ran out because the database was away is renewed when it is back;
- whoever could not renew knows nothing about the others: they get time to renew theirs before they count as dead;
- what a fenced node left is settled until that has worked;
- on SQLite the one process that owns the file is the only node: every other lease is over at its start, and
  its own does not run out (a machine that slept wakes up as the owner it was).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from onesixty.core.clock import Clock
from onesixty.store.contract import Store
from onesixty.store.leases import TTL_MS, Lease, fence_expired, fence_others
from onesixty.store.units import StoreError

#: The lease of a SQLite file's owner: 100 years.
FOREVER_MS = 100 * 365 * 86_400_000


class Tenure:
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
        """`recover` settles what fenced nodes left, `refresh` takes over what other nodes changed (at every
        renewal), `lost` is called once if the lease is lost, `regained` whenever one that had run out holds again.
        """
        self._store = store
        self._clock = clock
        self._recover = recover
        self._refresh = refresh
        self._lost = lost
        self._regained = regained
        self._lease: Lease | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        #: Until when (monotonic) nobody is fenced, and whether somebody fenced has still left something.
        self._spared_until = 0.0
        self._left = False
        self._log = structlog.get_logger("onesixty.lease")

    @property
    def id(self) -> int:
        """The id of the lease, the claim of all that this node has in memory."""
        assert self._lease is not None
        return self._lease.id

    def held(self) -> bool:
        """Whether this node may send."""
        return self._lease is not None and self._lease.held()

    async def start(self, node: str) -> None:
        """Take office; end the leases of those who are gone."""
        if self._store.dialect == "sqlite":
            self._lease = await Lease.start(self._store, self._clock, node, ttl_ms=FOREVER_MS)
            await fence_others(self._store, self._clock, self._lease.id)
        else:
            self._lease = await Lease.start(self._store, self._clock, node)
            await fence_expired(self._store, self._clock, self._lease.id)

    def keep(self) -> None:
        """Begin to renew."""
        if self._store.dialect == "sqlite":
            return
        self._store.on_health(self._store_changed)
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def end(self) -> None:
        """Leave office: what is left is free for others at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._lease is not None:
            try:
                await self._lease.end()
            except StoreError as error:
                self._log.warning("lease_not_ended", reason=str(error))

    def _store_changed(self, healthy: bool) -> None:
        if healthy:
            self._wake.set()

    async def _run(self) -> None:
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
                if not held:
                    self._log.info("lease_regained", lease=self._lease.id)
                    self._regained()
                await self._take_over()
                await self._refresh()
            except StoreError as error:
                self._spared_until = self._clock.monotonic() + TTL_MS / 1000
                self._log.warning("lease_not_renewed", reason=str(error))
            except Exception:
                self._log.exception("takeover_failed")

    async def _take_over(self) -> None:
        """Fence the dead and settle what they left; what fails is tried again at the next renewal."""
        assert self._lease is not None
        spared = self._clock.monotonic() < self._spared_until
        if not spared and await fence_expired(self._store, self._clock, self._lease.id):
            self._left = True
        if self._left:
            await self._recover()
            self._left = False
