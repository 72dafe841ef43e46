"""The work of one sink in this process: takes it from commits and from rows, sends it, and writes the results.

Rules kept here (promises 7 and 10):
- work is in memory only under this process's claim. After a crash the claim ends with its lease, and the process that
  looks next finds the row again;
- each lane has its own queue and its own share of concurrent attempts, so that none blocks another. Each sink has its
  own work queue, so that no use blocks another;
- results are written in batches, each guarded by the claim; while the store cannot write, nothing is sent;
- committed rows are taken up after all subscribers heard of the commit, so that their order does not matter.

There is no task for each item: one task looks for rows (refill), a lane has a task while its next items' data is
read, and everything else runs in callbacks.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import structlog

from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import Write
from onesixty.core.message import UNCLAIMED
from onesixty.store.contract import Row, Store, no_fault
from onesixty.store.units import StoreError
from onesixty.work import item as items_
from onesixty.work.item import Item
from onesixty.work.lane import Lane, Step
from onesixty.work.lanes import Lanes, Limits
from onesixty.work.refill import Refill
from onesixty.work.results import Results
from onesixty.work.sink import Outcome, Result, Sink, Verdict


class WorkQueue:
    """The work queue of one sink. `lease` returns this node's claim, or 0 while the node may not send."""

    def __init__(
        self,
        store: Store,
        sink: Sink,
        *,
        clock: Clock,
        random: Random,
        lease: Callable[[], int],
        limits: Limits | None = None,
        hit: Callable[[str], None] = no_fault,
    ) -> None:
        self._store = store
        self._sink = sink
        sink.queue = self
        self._policy = sink.policy
        self._clock = clock
        self._random = random
        self._lease = lease
        self._limits = limits or Limits()
        self._log = structlog.get_logger("onesixty.work")
        self._results = Results(store, hit)
        self._wake = asyncio.Event()
        self.lanes = Lanes(
            sink, self._results, clock=clock, random=random, limits=self._limits, wake=self._wake.set
        )
        self._refill = Refill(
            store, sink, self.lanes, self._take_in, self._wake, clock=clock, lease=lease, limits=self._limits
        )
        self._in_flight = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._starved: dict[str, Lane] = {}
        self._loading: set[asyncio.Task[None]] = set()
        self._committed: list[Row] = []
        self._stopping = False
        self._idle = asyncio.Event()
        #: Ids of rows committed while `start` looks for rows committed before it.
        self._offered: set[str] | None = set()

    # ------------------------------------------------------------ start and stop

    async def start(self) -> None:
        """Subscribe to commits, and begin to look for waiting rows. Raises StoreError."""
        await self._sink.start()
        self._store.subscribe(self._sink.insert, self._inserted)
        self._store.on_health(self._health)
        await self._refill.release_claimed(self._offered or set())
        self._offered = None
        self._refill.start()

    async def stop(self, deadline: float) -> None:
        """Send nothing more, and give back what was not sent. Waits up to `deadline` seconds for
        answers, and as long for the store."""
        self._stopping = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        await self._refill.stop()
        for task in list(self._loading):
            task.cancel()
        for lane in self.lanes.by_name.values():
            self.lanes.empty(lane)
        if self._in_flight:
            try:
                async with asyncio.timeout(deadline):
                    await self._idle.wait()
            except TimeoutError:
                self._log.warning("work_unanswered", sink=self._sink.name, count=self._in_flight)
        await self._sink.close()
        await self._results.drain(deadline)

    def state(self) -> dict[str, int]:
        """Sums for metrics: items in memory, attempts in flight, lanes."""
        return {
            "waiting": self.lanes.waiting,
            "in_flight": self._in_flight,
            "lanes": len(self.lanes.by_name),
        }

    # ------------------------------------------------------------ for effects

    def claim(self, lane: str) -> int:
        """The claim for new work of this lane: this node's if there is room for it, or UNCLAIMED."""
        return UNCLAIMED if self._stopping else self.lanes.claim(lane, self._lease())

    # ------------------------------------------------------------ for the sink (see `sink.Queue`)

    def items(self) -> Iterable[Item]:
        return (item for lane in self.lanes.by_name.values() for item in lane.queue)

    def lane(self, name: str) -> Lane | None:
        return self.lanes.by_name.get(name)

    def all_lanes(self) -> Sequence[Lane]:
        return list(self.lanes.by_name.values())

    def empty(self, lane: Lane) -> None:
        self.lanes.empty(lane)

    def shut(self, lane: Lane) -> None:
        lane.blocked = True
        self.lanes.empty(lane)

    def resume(self, lane: Lane) -> None:
        lane.resume(self._clock.monotonic())
        lane.spilled = True

    def wake(self) -> None:
        self._wake.set()

    def write(self, key: str, write: Write) -> None:
        self._results.add(key, write)

    # ------------------------------------------------------------ taking work in

    def _inserted(self, rows: list[Row]) -> None:
        """Take note of work that was just committed in this process. It is sent after all
        subscribers heard of the commit."""
        if self._offered is not None:
            self._offered.update(str(row[0]) for row in rows)
        if not self._committed:
            asyncio.get_running_loop().call_soon(self._take_up)
        self._committed += rows

    def _take_up(self) -> None:
        """Take committed work into memory if this process claimed it. Other rows are found by refill."""
        rows, self._committed = self._committed, []
        mine, new = self._lease(), self._sink.new
        items: list[Item] = []
        for row in rows:
            item = new(row)
            if item.claim > UNCLAIMED:
                if mine in {item.claim, UNCLAIMED}:
                    items.append(item)
            else:
                lane = self.lanes.by_name.get(item.lane)
                if lane is not None:
                    lane.spilled = True
                if lane is None or lane.healthy:
                    self._wake.set()
        if self._stopping or mine == UNCLAIMED:  # the lease may have run out between claim and commit
            self.lanes.give_up(items)
        elif items:
            self._sink.admit(items)
            room = self.lanes.free
            # An effect in another process may have claimed these, and it does not know the limits.
            self.lanes.give_up(items[room:])
            self._take_in(self.lanes.sort(items[:room]))

    def _take_in(self, items: list[Item]) -> None:
        """Put items that this process has claimed into their lanes."""
        if self._stopping:
            self.lanes.give_up(items)
            return
        touched: dict[str, Lane] = {}
        for item in items:
            lane = touched[item.lane] = self.lanes.of(item.lane)
            lane.queue.append(item)
        self.lanes.waiting += len(items)
        for lane in touched.values():
            self.pump(lane)

    # ------------------------------------------------------------ sending

    def pump(self, lane: Lane) -> None:
        """Send what the lane may send now, or plan the next call."""
        if lane.loading:
            return
        now, sink = self._clock.monotonic(), self._sink
        while lane.queue and not self._stopping and self._store.healthy:
            if self._in_flight >= self._limits.in_flight:
                self._starved[lane.name] = lane
                return
            wait = lane.wait(now)
            if wait > 0:
                if wait != math.inf and lane.name not in self._timers:
                    loop = asyncio.get_running_loop()
                    self._timers[lane.name] = loop.call_later(wait, self._timer, lane)
                return
            if not sink.takes(lane):
                return
            item = lane.queue[0]
            if not sink.ready(item):
                self._load(lane)
                return
            self._take(lane, now)
            if self._clock.now_ms() >= item.expires_at:
                asyncio.get_running_loop().call_soon(
                    self._came, lane, item, Outcome(Verdict.ENDED, error="expired")
                )
            else:
                sink.send(item, partial(self._came, lane, item))
        if lane.spilled and lane.healthy and len(lane.queue) < self._limits.waiting_of_lane // 2:
            self._wake.set()

    def _take(self, lane: Lane, now: float) -> None:
        lane.take(now)
        self.lanes.waiting -= 1
        self._in_flight += 1

    def _timer(self, lane: Lane) -> None:
        self._timers.pop(lane.name, None)
        self.pump(lane)

    def _came(self, lane: Lane, item: Item, outcome: Outcome) -> Result:
        """Write the result of an attempt to its row, and apply what it says of the receiver to the lane."""
        verdict = outcome.verdict
        now, at = self._clock.monotonic(), self._clock.now_ms()
        if verdict is Verdict.DONE:
            item.tries += 1
            if self._policy.keep:
                self._results.add(item.id, items_.done(item, "delivered", at, outcome.code, None))
            else:
                self._results.add(item.id, items_.forget(item))
            result, step = Result.DELIVERED, lane.succeeded(now)
        elif verdict is Verdict.AGAIN:
            item.tries += 1
            result = self._again(item, at, outcome)
            step = lane.failed(now, self._random, outcome.rest)
        else:
            lane.ended()
            step = Step.NONE
            if verdict is Verdict.UNSENT or verdict is Verdict.MORE:
                result = Result.KEPT
                self._keep(lane, item)
            else:
                item.tries += verdict is Verdict.FAILED
                result = Result.FAILED
                self._results.add(item.id, items_.done(item, "failed", at, outcome.code, outcome.error))
        self.lanes.stepped(lane, step)
        self._freed(lane)
        return result

    def _again(self, item: Item, at: int, outcome: Outcome) -> Result:
        """Plan the next attempt after a failed one, or end the work if it was the last."""
        due = self._policy.next_attempt(item.tries, at, item.expires_at, self._random, outcome.after)
        if due is None:
            self._results.add(item.id, items_.done(item, "failed", at, outcome.code, outcome.error))
            return Result.FAILED
        self._results.add(item.id, items_.retry(item, due, outcome.code, outcome.error))
        return Result.RETRIED

    def _keep(self, lane: Lane, item: Item) -> None:
        """Put the item back at its old place in memory."""
        if self._stopping:
            self.lanes.give_up([item])
            return
        lane.put_back(item)
        self.lanes.waiting += 1
        self.lanes.by_name.setdefault(lane.name, lane)

    def _freed(self, lane: Lane) -> None:
        """An attempt has ended: send the next of its lane, or of a lane that waits for a free attempt."""
        self._in_flight -= 1
        if self._stopping:
            if self._in_flight == 0:
                self._idle.set()
            return
        if not self._starved:
            self.pump(lane)
            return
        self._starved.pop(lane.name, None)
        self._starved[lane.name] = lane  # behind those that already wait
        while self._starved and self._in_flight < self._limits.in_flight:
            self.pump(self._starved.pop(next(iter(self._starved))))

    # ------------------------------------------------------------ data that items need

    def _load(self, lane: Lane) -> None:
        """Let the sink read the data that the next items of a lane need."""
        lane.loading = True
        task = asyncio.get_running_loop().create_task(self._loaded(lane))
        self._loading.add(task)
        task.add_done_callback(self._loading.discard)

    async def _loaded(self, lane: Lane) -> None:
        wanted = [item for item in list(lane.queue)[: self._limits.batch] if not self._sink.ready(item)]
        try:
            for item, reason in await self._sink.prepare(wanted):
                if item in lane.queue:
                    lane.queue.remove(item)
                    self.lanes.waiting -= 1
                    at = self._clock.now_ms()
                    self._results.add(item.id, items_.done(item, "failed", at, None, reason))
            first = lane.queue[0] if lane.queue else None
            if first is not None and first in wanted and not self._sink.ready(first):
                await asyncio.sleep(self._limits.look)  # its data is not there yet
        except StoreError as error:
            self._log.warning("work_waits_for_store", sink=self._sink.name, reason=str(error))
            await asyncio.sleep(self._limits.look)
        except Exception:
            self._log.exception("work_not_prepared", sink=self._sink.name)
            await asyncio.sleep(self._limits.look)
        finally:
            lane.loading = False
        self.pump(lane)

    def _health(self, healthy: bool) -> None:
        if healthy:
            self._wake.set()
            for lane in list(self.lanes.by_name.values()):
                self.pump(lane)
