"""Finds deliveries in their rows: what did not fit in memory, what is due again, what a crash left.

Rules kept here:
- one look asks which lanes have something waiting (a step of an index for each lane), then reads each lane
  that has room, so that a receiver with a million waiting hides nobody else's; a lane that must not send is
  only asked, now and then, for what has expired;
- a row is claimed by a guarded write before it is taken into memory, so that two processes never both do;
- what lapsed leases held is given back to the rows first.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Final, cast

import structlog

from onesixty.core import event_body
from onesixty.core.clock import Clock
from onesixty.core.message import UNCLAIMED
from onesixty.outbox import secrets
from onesixty.outbox.effect import owner_of
from onesixty.outbox.endpoints import make_callback_secret
from onesixty.outbox.lane import Item
from onesixty.outbox.receivers import Limits, Receivers
from onesixty.store.contract import Row, Store
from onesixty.store.units import StoreError, Unit

#: Seconds between two looks at a lane that must not send, for what has expired in it.
_EXPIRY_LOOK: Final = 60.0


class Refill:
    """See the module. Its one task lives from `start` to `stop`; `wake` makes it look at once."""

    def __init__(
        self,
        store: Store,
        receivers: Receivers,
        take_in: Callable[[list[Item]], None],
        wake: asyncio.Event,
        *,
        clock: Clock,
        lease: Callable[[], int],
        entropy: Callable[[int], bytes],
        limits: Limits,
    ) -> None:
        self._store = store
        self._receivers = receivers
        self._take_in = take_in
        self._wake = wake
        self._clock = clock
        self._lease = lease
        self._entropy = entropy
        self._limits = limits
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._refreshed = float("-inf")
        self._expiry_looks: dict[str, float] = {}
        self._log = structlog.get_logger("onesixty.outbox")

    def start(self) -> None:
        self._spawn(asyncio.create_task(self._run(), name="outbox refill"))

    async def stop(self) -> None:
        self._stopping = True
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def prepare(self, item: Item, done: Callable[[Item], None], stopped: Callable[[Item], None]) -> None:
        """Get what the item lacks to be sent: its body from its row (which stays None when there is no such
        row), or a secret for its account's callbacks. Ends in `done`, or in `stopped` when it came to nothing."""
        task = asyncio.create_task(self._prepare(item, done))
        task.add_done_callback(partial(self._prepare_ended, item, stopped))
        self._spawn(task)

    def _prepare_ended(self, item: Item, stopped: Callable[[Item], None], task: asyncio.Task[None]) -> None:
        if task.cancelled():
            stopped(item)
        elif (error := task.exception()) is not None:
            self._log.error("delivery_not_prepared", delivery=item.id, error=repr(error))
            stopped(item)

    def _spawn(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepare(self, item: Item, done: Callable[[Item], None]) -> None:
        while True:
            try:
                if item.body is None:
                    rows = await self._store.fetch("events_bodies", ids=[item.event_id])
                    item.body = event_body.told(*rows[0]) if rows else None
                if item.endpoint_id is None:
                    table, at = self._receivers.endpoints, self._clock.now_ms()
                    owner = owner_of(item.lane)
                    if not table.callback_keys(owner, at):
                        key = self._entropy(secrets.KEY_BYTES)
                        await make_callback_secret(self._store, table, owner, key, at)
            except StoreError:
                await asyncio.sleep(self._limits.look)
            else:
                done(item)
                return

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                await self._look()
            except StoreError as error:
                self._log.warning("outbox_rows_unreadable", error=str(error))
                await asyncio.sleep(self._limits.look)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._limits.look):
                    await self._wake.wait()

    async def _look(self) -> None:
        if not self._lease() or not self._store.healthy:
            return
        now = self._clock.monotonic()
        refresh = now - self._refreshed >= self._limits.refresh
        if refresh:
            self._refreshed = now
            await self._receivers.endpoints.refresh(self._store)
            await self._recover()
        lanes = cast("list[tuple[str, int]]", await self._store.fetch("deliveries_lanes"))
        names = {row[0] for row in lanes}
        self._receivers.caught_up(names)
        if refresh:
            self._receivers.forget_idle(names, now)
            for name in self._expiry_looks.keys() - names:
                del self._expiry_looks[name]
        for name, due in lanes:
            await self._look_at(name, due)

    async def _recover(self) -> None:
        """Give back what processes that ended had claimed."""
        count = self._limits.batch
        while True:
            rows = await self._store.fetch("deliveries_orphaned", mine=self._lease(), count=count)
            units = [
                Unit(keys=(str(row[0]),), writes=(("delivery_release", (row[0], row[1])),)) for row in rows
            ]
            results = await self._store.commit(units)
            if len(rows) < count or any(isinstance(result, StoreError) for result in results):
                return

    async def _look_at(self, name: str, due: int) -> None:
        """Take in what is due in one lane, as far as there is room."""
        now = self._clock.now_ms()
        endpoint_id = None if " " in name else name
        if endpoint_id is not None and self._receivers.endpoints.get(endpoint_id) is None:
            await self._end(name, "endpoint deleted", everything=True)
            return
        lane = self._receivers.lane_of(name, endpoint_id)
        if due > now:
            lane.spilled = False
            return
        room = self._receivers.room(lane)
        if room <= 0:
            if not lane.healthy:
                await self._expire(name)
            return
        rows = await self._store.fetch("deliveries_waiting", lane=name, now=now, count=room)
        lane.spilled = len(rows) == room
        self._take_in(await self._claim(rows))

    async def _claim(self, rows: list[Row]) -> list[Item]:
        """Claim waiting rows for this process: those that nobody else took meanwhile."""
        lease = self._lease()
        if lease == UNCLAIMED:
            return []
        items = [_item(row, lease) for row in rows]
        units = [Unit(keys=(item.id,), guards=(("delivery_claim", (item.id, lease)),)) for item in items]
        results = await self._store.commit(units)
        return [item for item, won in zip(items, results, strict=True) if won is True]

    async def _expire(self, name: str) -> None:
        """End what has expired in a lane that must not send."""
        now = self._clock.monotonic()
        if now - self._expiry_looks.get(name, float("-inf")) >= _EXPIRY_LOOK:
            self._expiry_looks[name] = now
            await self._end(name, "expired", everything=False)

    async def _end(self, name: str, error: str, *, everything: bool) -> None:
        """End rows of a lane that does not send, oldest first: those past their time, or all that are due."""
        while True:
            now = self._clock.now_ms()
            rows = await self._store.fetch("deliveries_waiting", lane=name, now=now, count=self._limits.batch)
            items = [_item(row, UNCLAIMED) for row in rows]
            units = [
                Unit(
                    keys=(item.id,),
                    writes=(("delivery_done", (item.id, UNCLAIMED, "failed", item.tries, now, None, error)),),
                )
                for item in items
                if everything or item.expires_at <= now
            ]
            results = await self._store.commit(units)
            stuck = any(isinstance(result, StoreError) for result in results)
            if stuck or not units or len(units) < self._limits.batch:
                return


def _item(row: Row, claim: int) -> Item:
    *delivery, type_, created_at, sequence, data = row
    item = Item(*(*delivery, None))
    item.claim = claim
    item.body = event_body.told(item.event_id, type_, created_at, sequence, item.message_id, data)
    return item
