"""The receivers of this process: their lanes, their room, and what happens when one falls ill or is gone.

Rules kept here:
- memory is bounded, overall and for each lane; while a lane has rows waiting, its new deliveries go there
  too, or they would overtake;
- a lane that falls ill gives back what waits in memory, so that the sick never take the room of the well;
- what an endpoint's people should know (failing since, paused, gone) is written to its row;
- a lane with nothing left to do is forgotten, so that ever new callback hosts do not pile up.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import structlog

from onesixty.core.clock import Clock, Random
from onesixty.core.message import UNCLAIMED
from onesixty.outbox.endpoints import EndpointTable
from onesixty.outbox.lane import Item, Lane, Pace, Step
from onesixty.outbox.results import Results
from onesixty.outbox.sink import Observer, Sink
from onesixty.store.units import Write


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept in memory and in flight at once; seconds between looks at the rows, between looks at the
    endpoints, and until an idle lane is forgotten."""

    waiting: int = 20_000
    waiting_of_lane: int = 5_000
    in_flight: int = 1_000
    batch: int = 200
    look: float = 1.0
    refresh: float = 5.0
    forget: float = 300.0


def release(item: Item) -> Write:
    """The write that gives a claimed delivery back to its row."""
    return "delivery_release", (item.id, item.claim)


class Receivers:
    """See the module. `wake` asks for a look at the rows."""

    def __init__(
        self,
        endpoints: EndpointTable,
        results: Results,
        sink: Sink,
        *,
        clock: Clock,
        random: Random,
        pace: Pace,
        limits: Limits,
        observer: Observer,
        wake: Callable[[], None],
    ) -> None:
        self.lanes: dict[str, Lane] = {}
        self.waiting = 0
        self.endpoints = endpoints
        self._results = results
        self._sink = sink
        self._clock = clock
        self._random = random
        self._pace = pace
        self._limits = limits
        self._observer = observer
        self._wake = wake
        self._log = structlog.get_logger("onesixty.outbox")
        endpoints.on_change(self._changed)

    def lane_of(self, name: str, endpoint_id: str | None) -> Lane:
        """The lane with this name, made on first use: an endpoint known to be failing begins with a trial."""
        lane = self.lanes.get(name)
        if lane is not None:
            return lane
        endpoint = self.endpoints.get(endpoint_id) if endpoint_id else None
        if endpoint is None or endpoint.failing_since is None:
            lane = Lane(name, self._pace)
        else:
            now = self._clock.monotonic()
            failing = max(0, self._clock.now_ms() - endpoint.failing_since) / 1000
            lane = Lane(name, self._pace, now - failing)
            lane.paused = endpoint.paused_at is not None
        lane.blocked = endpoint is not None and not endpoint.enabled
        self.lanes[name] = lane
        return lane

    def claim(self, name: str, lease: int) -> int:
        """`lease` if a new delivery of this lane has room in memory, UNCLAIMED if it has to wait."""
        if self.waiting >= self._limits.waiting:
            return UNCLAIMED
        lane = self.lanes.get(name)
        if lane is not None and (
            lane.spilled or not lane.healthy or len(lane.queue) >= self._limits.waiting_of_lane
        ):
            return UNCLAIMED
        return lease

    @property
    def free(self) -> int:
        """How many more deliveries may wait in memory."""
        return max(0, self._limits.waiting - self.waiting)

    def room(self, lane: Lane) -> int:
        """How many of the lane's rows are wanted in memory: one for a trial, a batch for a healthy lane."""
        free = self._limits.waiting - self.waiting
        if not lane.healthy:
            return min(free, 1) if lane.held == 0 and lane.wait(self._clock.monotonic()) == 0 else 0
        return max(0, min(free, self._limits.waiting_of_lane - len(lane.queue), self._limits.batch))

    def sort(self, items: list[Item]) -> list[Item]:
        """Those of the items that fit in memory. A lane that fell ill or filled up since they were claimed
        gives its own back; twice the bounds are allowed here, for what was under way to the disk."""
        fitting: list[Item] = []
        over: list[Item] = []
        counts: dict[str, int] = {}
        for item in items:
            lane = self.lane_of(item.lane, item.endpoint_id)
            count = counts.get(item.lane, 0)
            full = (
                len(lane.queue) + count >= 2 * self._limits.waiting_of_lane
                or self.waiting + len(fitting) >= 2 * self._limits.waiting
            )
            if full or not lane.healthy:
                lane.spilled = True
                over.append(item)
            else:
                counts[item.lane] = count + 1
                fitting.append(item)
        self.give_up(over)
        return fitting

    def give_up(self, items: list[Item]) -> None:
        """Leave these to their rows."""
        if items:
            self._observer.spilled(len(items))
            self._results.add_all((item.id, release(item)) for item in items)

    def empty(self, lane: Lane) -> None:
        """Leave all that waits in a lane to its rows."""
        items = lane.drain()
        self.waiting -= len(items)
        if items:
            lane.spilled = True
            self.give_up(items)

    def stepped(self, lane: Lane, step: Step) -> None:
        """An outcome has changed how a receiver is."""
        if step is Step.NONE:
            return
        endpoint = self.endpoints.get(lane.name)
        if step is Step.CLOSED:
            self._observer.lane("closed")
            self._log.info("webhook_well", lane=lane.name)
            lane.spilled = True
            if endpoint is not None:
                self._results.add(lane.name, ("webhook_well", (lane.name,)))
            self._wake()
            return
        now = self._clock.monotonic()
        if step is Step.OPENED:
            self._observer.lane("opened")
            self._log.info("webhook_failing", lane=lane.name)
            self.empty(lane)
            lane.spilled = True
            if endpoint is not None:
                since = self._clock.now_ms() - int((now - (lane.failing_since or now)) * 1000)
                self._results.add(lane.name, ("webhook_failing", (lane.name, since)))
        if lane.pause_due(now):
            lane.pause(now, self._random)
            self._observer.lane("paused")
            self._log.warning("webhook_paused", lane=lane.name)
            if endpoint is not None:
                reason = f"The receiver has taken nothing for {self._pace.pause_after / 3600:g} hours."
                row = (lane.name, self._clock.now_ms(), reason)
                self._results.add(lane.name, ("webhook_pause", row))

    def gone(self, lane: Lane, endpoint_id: str) -> None:
        """An endpoint wants no more: disable it."""
        lane.blocked = True
        self.empty(lane)
        self._observer.lane("disabled")
        self._log.warning("webhook_gone", lane=lane.name)
        self._results.add(endpoint_id, ("webhook_gone", (endpoint_id, "The receiver answered 410 Gone.")))

    def caught_up(self, waiting: set[str]) -> None:
        """A look at the rows is over; `waiting` names the lanes with rows. The new ones of others may stay in
        memory again."""
        for name, lane in self.lanes.items():
            if lane.spilled and name not in waiting:
                lane.spilled = False

    def forget_idle(self, waiting: set[str], now: float) -> None:
        """Forget lanes that have been idle and of which no row waits; `waiting` names those with rows."""
        for name, lane in list(self.lanes.items()):
            if lane.held == 0 and name not in waiting and now - lane.last_used >= self._limits.forget:
                del self.lanes[name]

    def _changed(self, changed: set[str]) -> None:
        for name in changed & self.lanes.keys():
            lane, endpoint = self.lanes[name], self.endpoints.get(name)
            self._sink.forget(name)
            if endpoint is None or not endpoint.enabled:
                lane.blocked = True
                self.empty(lane)
            elif lane.blocked or (not lane.healthy and endpoint.failing_since is None):
                lane.resume(self._clock.monotonic())
                lane.spilled = True
        if changed:
            self._wake()
