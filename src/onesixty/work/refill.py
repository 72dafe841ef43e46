"""Finds work in its rows: what did not fit in memory, what is due again, what ended processes left.

Rules kept here:
- one look asks which lanes have waiting rows (a step of an index for each lane), then reads each lane that has room,
  so that a lane with a million rows does not hide other lanes;
- a row is claimed by a guarded write before it is taken into memory, so that two processes never both do it;
- claims of ended leases are released first, and expired work is ended;
- a row gives only its columns: the sink itself reads what else it needs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final, cast

import structlog

from onesixty.core.clock import Clock
from onesixty.core.message import UNCLAIMED
from onesixty.store.contract import Row, Store
from onesixty.store.units import StoreError, Unit
from onesixty.work import item as items_
from onesixty.work.item import Item
from onesixty.work.lanes import Lanes, Limits
from onesixty.work.sink import Sink

_LONG_AGO: Final = float("-inf")


class Refill:
    """The refill of one sink. Its one task lives from `start` to `stop`; setting `wake` makes it look at once."""

    def __init__(
        self,
        store: Store,
        sink: Sink,
        lanes: Lanes,
        take_in: Callable[[list[Item]], None],
        wake: asyncio.Event,
        *,
        clock: Clock,
        lease: Callable[[], int],
        limits: Limits,
    ) -> None:
        self._store = store
        self._sink = sink
        self._lanes = lanes
        self._take_in = take_in
        self._wake = wake
        self._clock = clock
        self._lease = lease
        self._limits = limits
        self._task: asyncio.Task[None] | None = None
        self._recovered = self._expired = _LONG_AGO
        self._log = structlog.get_logger("onesixty.work")

    def start(self) -> None:
        """Begin to look at the rows."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"{self._sink.name} refill")

    async def stop(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def release_claimed(self, but: set[str]) -> None:
        """Release the rows that were claimed for this process before it subscribed,
        except `but`. Raises StoreError."""
        lease, last = self._lease(), ""
        while rows := await self._store.fetch(
            "work_claimed", sink=self._sink.name, claim=lease, after=last, count=self._limits.batch
        ):
            last = str(rows[-1][0])
            units = [_release(id_, lease) for (id_,) in rows if id_ not in but]
            for result in await self._store.commit(units):
                if isinstance(result, StoreError):
                    raise result  # no later look before the next start would find it

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                if self._lease() and self._store.healthy:
                    await self._look()
            except StoreError as error:
                self._log.warning("work_rows_unreadable", sink=self._sink.name, error=str(error))
                await asyncio.sleep(self._limits.look)
            except Exception:
                self._log.exception("work_refill_failed", sink=self._sink.name)
                await asyncio.sleep(self._limits.look)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._limits.look):
                    await self._wake.wait()

    async def _look(self) -> None:
        now = self._clock.monotonic()
        recover = now - self._recovered >= self._limits.recover
        if recover:
            self._recovered = now
            await self._sink.refresh()
            await self._recover()
        if now - self._expired >= self._limits.expire:
            self._expired = now
            await self._expire()
        lanes = cast("list[tuple[str, int]]", await self._store.fetch("work_lanes", sink=self._sink.name))
        names = {name for name, _ in lanes}
        self._lanes.caught_up(names)
        if recover:
            self._lanes.forget_idle(names, now)
        for name, due in lanes:
            await self._look_at(name, due)

    async def _recover(self) -> None:
        """Release what processes that ended had claimed."""
        count = self._limits.batch
        while True:
            rows = await self._store.fetch(
                "work_orphaned", sink=self._sink.name, mine=self._lease(), count=count
            )
            results = await self._store.commit([_release(id_, claim) for id_, claim in rows])
            if len(rows) < count or any(isinstance(result, StoreError) for result in results):
                return

    async def _expire(self) -> None:
        """End work that was not done within its life."""
        now, count = self._clock.now_ms(), self._limits.batch
        ended = count
        while ended == count:
            ended = len(await self._store.execute("work_expire", sink=self._sink.name, now=now, count=count))

    async def _look_at(self, name: str, due: int) -> None:
        """Take due rows of one lane into memory, as far as there is room."""
        reason = self._sink.ended(name)
        if reason is not None:
            await self._end(name, reason)
            return
        if not self._sink.open(name):
            self._sink.wanted(name)
            return
        lane = self._lanes.of(name)
        if due > self._clock.now_ms():
            lane.spilled = False
            return
        room = self._lanes.room(lane)
        if room > 0:
            rows = await self._waiting(name, room)
            lane.spilled = len(rows) == room
            self._take_in(await self._claim(rows))

    async def _waiting(self, name: str, count: int) -> list[Row]:
        now = self._clock.now_ms()
        return await self._store.fetch("work_waiting", sink=self._sink.name, lane=name, now=now, count=count)

    async def _claim(self, rows: list[Row]) -> list[Item]:
        """Claim waiting rows for this process. Returns those that no other process took meanwhile."""
        lease = self._lease()
        if lease == UNCLAIMED:
            return []
        items = [Item(*row) for row in rows]
        for item in items:
            item.claim = lease
        units = [Unit(keys=(item.id,), guards=(items_.claim(item),)) for item in items]
        results = await self._store.commit(units)
        return [item for item, won in zip(items, results, strict=True) if won is True]

    async def _end(self, name: str, reason: str) -> None:
        """End all due work of a lane whose receiver no longer exists."""
        while rows := await self._waiting(name, self._limits.batch):
            at = self._clock.now_ms()
            items = [Item(*row) for row in rows]
            units = [
                Unit(keys=(item.id,), writes=(items_.done(item, "failed", at, None, reason),))
                for item in items
            ]
            results = await self._store.commit(units)
            if any(isinstance(result, StoreError) for result in results):
                return


def _release(id_: str, claim: int) -> Unit:
    return Unit(keys=(id_,), writes=(("work_release", (id_, claim)),))
