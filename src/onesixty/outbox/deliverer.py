"""The deliveries of this process: taken from commits and from rows, sent, and what became of each written.

Rules kept here (promises 7 and 10):
- a delivery is in memory only under this process's claim; a crash leaves the claim to a lease that ends, and
  whoever looks next finds the row again;
- each lane has its own queue and its own share of what may be in flight, so that none blocks another;
- results are written in batches, each guarded by the claim; while the store cannot write, nothing is sent.

No task for a delivery: one task looks for rows (refill), everything else runs in callbacks.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import structlog

from onesixty.core import event_body
from onesixty.core.clock import Clock, Random
from onesixty.core.message import UNCLAIMED
from onesixty.outbox import retry, secrets
from onesixty.outbox.effect import owner_of
from onesixty.outbox.endpoints import EndpointTable
from onesixty.outbox.lane import Item, Lane, Pace
from onesixty.outbox.receivers import Limits, Receivers
from onesixty.outbox.refill import Refill
from onesixty.outbox.results import Results
from onesixty.outbox.sink import Answer, Observer, Outgoing, Sink
from onesixty.store.contract import Row, Store, no_fault
from onesixty.store.units import StoreError, Unit

_GONE: Final = 410
_RESTING: Final = (429, 503)

#: See `retry.next_attempt`.
NextAttempt = Callable[[int, int, int, Random, float | None], int | None]


class Deliverer:
    """See the module. `lease` gives this node's claim, or 0 while it may not send; `entropy(n)` gives n bytes
    nobody can guess, for secrets."""

    def __init__(
        self,
        store: Store,
        sink: Sink,
        endpoints: EndpointTable,
        *,
        clock: Clock,
        random: Random,
        lease: Callable[[], int],
        entropy: Callable[[int], bytes],
        observer: Observer | None = None,
        pace: Pace | None = None,
        limits: Limits | None = None,
        next_attempt: NextAttempt = retry.next_attempt,
        hit: Callable[[str], None] = no_fault,
    ) -> None:
        self._store = store
        self._sink = sink
        self._endpoints = endpoints
        self._clock = clock
        self._random = random
        self._lease = lease
        self._observer = observer or Observer()
        self._limits = limits or Limits()
        self._next_attempt = next_attempt
        self._hit = hit
        self._log = structlog.get_logger("onesixty.outbox")
        self._results = Results(store, hit)
        self._wake = asyncio.Event()
        self.receivers = Receivers(
            endpoints,
            self._results,
            sink,
            clock=clock,
            random=random,
            pace=pace or Pace(),
            limits=self._limits,
            observer=self._observer,
            wake=self._wake.set,
        )
        self._refill = Refill(
            store,
            self.receivers,
            self._take_in,
            self._wake,
            clock=clock,
            lease=lease,
            entropy=entropy,
            limits=self._limits,
        )
        self._committed: dict[str, tuple[Any, ...]] = {}
        self._in_flight = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._starved: dict[str, Lane] = {}
        self._stopping = False
        self._idle = asyncio.Event()
        #: Deliveries offered while the start looks for those that were committed before it.
        self._offered: set[str] | None = set()

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Learn who listens, listen to commits, and begin to look for what waits in the rows."""
        await self._endpoints.refresh(self._store)
        self._store.subscribe("event_insert", self._remember)
        self._store.subscribe("delivery_insert", self._offer)
        self._store.subscribe("event_redact", self._redacted)
        self._store.on_health(self._health)
        await self._release_unheard()
        self._refill.start()

    async def _release_unheard(self) -> None:
        """Give back what was claimed for this process before it listened: recovery writes events early."""
        lease, last = self._lease(), ""
        while rows := await self._store.fetch(
            "deliveries_claimed", claim=lease, after=last, count=self._limits.batch
        ):
            last = str(rows[-1][0])
            heard = self._offered or ()
            units = [
                Unit(keys=(str(row[0]),), writes=(("delivery_release", (row[0], lease)),))
                for row in rows
                if row[0] not in heard
            ]
            for result in await self._store.commit(units):
                if isinstance(result, StoreError):
                    raise result  # nobody would look at it again before the next start
        self._offered = None

    async def stop(self, deadline: float) -> None:
        """Send nothing more, wait up to `deadline` seconds for answers and as long for the store, give back
        what was not sent."""
        self._stopping = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        await self._refill.stop()
        for lane in self.receivers.lanes.values():
            self.receivers.empty(lane)
        if self._in_flight:
            try:
                async with asyncio.timeout(deadline):
                    await self._idle.wait()
            except TimeoutError:
                self._log.warning("webhooks_unanswered", count=self._in_flight)
        await self._sink.close()
        await self._results.drain(deadline)

    def wake(self) -> None:
        """Look at the rows soon: another process has written some."""
        self._wake.set()

    def state(self) -> dict[str, int]:
        """Sums for metrics: deliveries in memory, requests under way, lanes."""
        return {
            "waiting": self.receivers.waiting,
            "in_flight": self._in_flight,
            "lanes": len(self.receivers.lanes),
        }

    # ------------------------------------------------------------ in

    def claim(self, lane: str) -> int:
        """The claim for a new delivery of this lane: this node's if there is room for it (for the effect)."""
        return UNCLAIMED if self._stopping else self.receivers.claim(lane, self._lease())

    def _remember(self, rows: list[Row]) -> None:
        """Events that were just committed: their deliveries come right after them."""
        self._committed = {str(row[0]): row for row in rows}

    def _offer(self, rows: list[Row]) -> None:
        """Deliveries that were just committed in this process."""
        mine = self._lease()
        events, self._committed = self._committed, {}
        bodies: dict[str, str] = {}
        items: list[Item] = []
        for row in rows:
            id_, event_id, account_id, lane, endpoint_id, url, claim, _, _, expires_at = row
            if claim > UNCLAIMED and mine in {claim, UNCLAIMED}:
                event = events.get(event_id)
                message_id = None if event is None else event[2]
                body = bodies.get(event_id)
                if event is not None and body is None:
                    _, _, _, type_, sequence, _, data, at = event
                    body = bodies[event_id] = event_body.told(event_id, type_, at, sequence, message_id, data)
                items.append(
                    Item(
                        id=id_, lane=lane, account_id=account_id, event_id=event_id, message_id=message_id,
                        endpoint_id=endpoint_id, url=url, tries=0, claim=claim, expires_at=expires_at,
                        body=body,
                    )
                )  # fmt: skip
                if self._offered is not None:
                    self._offered.add(id_)
            elif claim <= UNCLAIMED:
                known = self.receivers.lanes.get(lane)
                if known is None or known.healthy:
                    self._wake.set()
                if known is not None:
                    known.spilled = True
        if self._stopping or mine == UNCLAIMED:  # the lease may have run out between claim and commit
            self.receivers.give_up(items)
        elif items:
            room = self.receivers.free
            self.receivers.give_up(
                items[room:]
            )  # claimed by an effect in another process, which knows no bounds
            self._take_in(self.receivers.sort(items[:room]))

    def _take_in(self, items: list[Item]) -> None:
        """Items that this process has claimed, into their lanes."""
        if self._stopping:
            self.receivers.give_up(items)
            return
        touched: dict[str, Lane] = {}
        for item in items:
            lane = touched[item.lane] = self.receivers.lane_of(item.lane, item.endpoint_id)
            lane.queue.append(item)
        self.receivers.waiting += len(items)
        for lane in touched.values():
            self._pump(lane)

    def _redacted(self, rows: list[Row]) -> None:
        """What was redacted is not sent from memory: the body is read from its row again."""
        redacted = {row[0] for row in rows}
        for lane in self.receivers.lanes.values():
            for item in lane.queue:
                if item.message_id is None or item.message_id in redacted:
                    item.body = None

    # ------------------------------------------------------------ out

    def _pump(self, lane: Lane) -> None:
        """Send what the lane may send now; otherwise see to it that somebody comes back."""
        now = self._clock.monotonic()
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
            item = lane.take(now)
            self.receivers.waiting -= 1
            self._in_flight += 1
            self._send(lane, item)
        if lane.spilled and lane.healthy and len(lane.queue) < self._limits.waiting_of_lane // 2:
            self._wake.set()

    def _timer(self, lane: Lane) -> None:
        self._timers.pop(lane.name, None)
        self._pump(lane)

    def _send(self, lane: Lane, item: Item) -> None:
        """One attempt. What cannot be tried at all ends here, without a word about the receiver."""
        now = self._clock.now_ms()
        if now >= item.expires_at:
            self._end(lane, item, "expired")
            return
        if item.endpoint_id is None:
            url, keys = item.url or "", self._endpoints.callback_keys(owner_of(lane.name), now)
        else:
            endpoint = self._endpoints.get(item.endpoint_id)
            if endpoint is None:
                self._end(lane, item, "endpoint deleted")
                return
            url, keys = endpoint.url, secrets.keys_at(endpoint.secrets, now)
        if item.body is None or not keys:
            self._refill.prepare(item, partial(self._prepared, lane), partial(self._unprepared, lane))
            return
        outgoing = Outgoing(item.lane, url, item.event_id, item.body.encode(), keys)
        self._hit("outbox.before_post")
        self._sink.send(outgoing, partial(self._answered, lane, item, self._clock.monotonic()))

    def _prepared(self, lane: Lane, item: Item) -> None:
        if item.body is None:
            self._end(lane, item, "event deleted")
        else:
            self._send(lane, item)

    def _unprepared(self, lane: Lane, item: Item) -> None:
        """It could not be made ready to be sent, or a stop came before: back to its row."""
        self.receivers.give_up([item])
        lane.ended()
        self._freed(lane)

    def _answered(self, lane: Lane, item: Item, began: float, answer: Answer) -> None:
        self._hit("outbox.after_post")
        now, at = self._clock.monotonic(), self._clock.now_ms()
        item.tries += 1
        if answer.delivered:
            result = "delivered"
            self._done(item, result, at, answer.status, None)
            self.receivers.stepped(lane, lane.succeeded(now))
        elif answer.status == _GONE:
            result = "failed"
            self._done(item, result, at, answer.status, "gone")
            lane.ended()
            if item.endpoint_id is not None:
                self.receivers.gone(lane, item.endpoint_id)
        else:
            result = self._failed(item, at, answer)
            rest = answer.retry_after if answer.status in _RESTING else None
            self.receivers.stepped(lane, lane.failed(now, self._random, rest))
        kind = "callback" if item.endpoint_id is None else "endpoint"
        self._observer.attempt(kind, result, now - began)
        self._freed(lane)

    def _failed(self, item: Item, at: int, answer: Answer) -> str:
        """An attempt failed: again later, or that was the last one."""
        error = answer.error or f"status {answer.status}"
        due = self._next_attempt(item.tries, at, item.expires_at, self._random, answer.retry_after)
        if due is None:
            self._done(item, "failed", at, answer.status, error)
            return "failed"
        row = (item.id, item.claim, item.tries, due, answer.status, error)
        self._results.add(item.id, ("delivery_retry", row))
        return "refused" if answer.refused else "retried"

    def _end(self, lane: Lane, item: Item, error: str) -> None:
        self._done(item, "failed", self._clock.now_ms(), None, error)
        lane.ended()
        asyncio.get_running_loop().call_soon(self._freed, lane)

    def _done(self, item: Item, status: str, at: int, code: int | None, error: str | None) -> None:
        row = (item.id, item.claim, status, item.tries, at, code, error)
        self._results.add(item.id, ("delivery_done", row))

    def _freed(self, lane: Lane) -> None:
        """One request less is under way: the next of its lane, or of one that found no place."""
        self._in_flight -= 1
        if self._stopping:
            if self._in_flight == 0:
                self._idle.set()
            return
        self._pump(lane)
        while self._starved and self._in_flight < self._limits.in_flight:
            self._pump(self._starved.pop(next(iter(self._starved))))

    def _health(self, healthy: bool) -> None:
        if healthy:
            self._wake.set()
            for lane in list(self.receivers.lanes.values()):
                self._pump(lane)
