"""Logs the state of carriers at level info: failover, breaker and throttling, begun and ended.

Rules kept here:
- each is logged once when it begins and once when it ends; it also ends when the carrier is disabled or deleted;
- the watch reads dispatch's state once a second, so that it costs nothing on the path of a message;
- throttling is normal; it is logged only if it lasts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from onesixty.core.clock import Clock
from onesixty.dispatch.breaker import CLOSED
from onesixty.dispatch.carrier_queue import CarrierQueue

#: Seconds between two checks.
INTERVAL: Final = 1.0
#: Seconds of throttling before it is logged, and without throttling before it has ended.
LONG: Final = 10.0


class _Known:
    """What was logged of a carrier, with the time when it began."""

    __slots__ = ("breaker", "down", "throttled", "throttled_first", "throttled_last")

    def __init__(self) -> None:
        self.down: float | None = None
        self.breaker: float | None = None
        self.throttled: float | None = None
        self.throttled_first: float | None = None
        self.throttled_last = 0.0


class CarrierWatch:
    """Watches the queues of one node. `queues` belongs to dispatch; `name` gives a carrier's name by its id."""

    def __init__(
        self,
        queues: Mapping[str, CarrierQueue],
        name: Callable[[str], str],
        clock: Clock,
        also: Callable[[], None] | None = None,
    ) -> None:
        """`also` looks at something else each time."""
        self._queues = queues
        self._also = also
        self._name = name
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("onesixty.carriers")

    def start(self) -> None:
        """Start the watch."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop the watch."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception:
                self._log.exception("line_watch_failed")
            await asyncio.sleep(INTERVAL)

    def look(self) -> None:
        """Log what began or ended since the last check."""
        if self._also is not None:
            self._also()
        now = self._clock.monotonic()
        for carrier_id in list(self._known):
            queue = self._queues.get(carrier_id)
            if queue is None or queue.carrier is None:  # deleted or disabled
                self._end(carrier_id, self._known.pop(carrier_id), now)
        for carrier_id, queue in self._queues.items():
            if queue.carrier is None:
                continue
            known = self._known.setdefault(carrier_id, _Known())
            self._failover(queue, known, now)
            self._breaker(queue, known, now)
            self._throttling(queue, known, now)

    def _failover(self, queue: CarrierQueue, known: _Known, now: float) -> None:
        queue.notice_state(now)
        if known.down is None and not queue.is_up(now):
            known.down = now if queue.down_since is None else queue.down_since
            self._say("failover_begun", queue.id, waiting=len(queue.lane))
        elif queue.is_up(now):
            self._failover_ended(queue.id, known, now)

    def _breaker(self, queue: CarrierQueue, known: _Known, now: float) -> None:
        closed = queue.breaker.state == CLOSED
        if known.breaker is None and not closed:
            known.breaker = now
            assert queue.carrier is not None
            self._say(
                "breaker_opened",
                queue.id,
                waiting=len(queue.lane),
                last_error=queue.carrier.state().last_error,
            )
        elif closed:
            self._breaker_closed(queue.id, known, now)

    def _throttling(self, queue: CarrierQueue, known: _Known, now: float) -> None:
        if queue.pause > 0 or queue.paused_until > now:
            known.throttled_last = now
            if known.throttled_first is None:
                known.throttled_first = now
            if known.throttled is None and now - known.throttled_first >= LONG:
                known.throttled = known.throttled_first
                self._say("throttled_long", queue.id, seconds=round(now - known.throttled_first, 1))
        elif known.throttled_first is not None and now - known.throttled_last >= LONG:
            self._throttled_ended(queue.id, known)
            known.throttled_first = None

    def _end(self, carrier_id: str, known: _Known, now: float) -> None:
        """Log the end of everything that had begun for a carrier."""
        self._failover_ended(carrier_id, known, now)
        self._breaker_closed(carrier_id, known, now)
        self._throttled_ended(carrier_id, known)

    def _failover_ended(self, carrier_id: str, known: _Known, now: float) -> None:
        if known.down is not None:
            self._say("failover_ended", carrier_id, seconds=round(now - known.down, 1))
            known.down = None

    def _breaker_closed(self, carrier_id: str, known: _Known, now: float) -> None:
        if known.breaker is not None:
            self._say("breaker_closed", carrier_id, seconds=round(now - known.breaker, 1))
            known.breaker = None

    def _throttled_ended(self, carrier_id: str, known: _Known) -> None:
        if known.throttled is not None:
            seconds = round(known.throttled_last - known.throttled, 1)
            self._say("throttled_ended", carrier_id, seconds=seconds)
            known.throttled = None

    def _say(self, event: str, carrier_id: str, **details: object) -> None:
        self._log.info(event, carrier=self._name(carrier_id), **details)
