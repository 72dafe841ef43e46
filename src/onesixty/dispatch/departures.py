"""Departures: sends what a queue may send, in committed flights.

Rules kept here:
- nothing is handed to a carrier before a committed flight names it, and nothing after the lease ran out: the node may
  have stood still since, and recovery may have decided about the flight;
- while outcomes cannot be written (journal.py) nothing is sent, and nothing is resent. A flight follows the outcomes
  that made room for it: it is handed over once they are on disk, so that a crash leaves one window in doubt;
- throttling pauses the whole queue and keeps its order; the breaker stops a sick queue;
- a connector that raises, which its contract forbids, may have written what it did not
  report: the outcome is unknown;
- a message leaves its lane, expires or is set aside by a pause in one step without an await.
"""

from __future__ import annotations

import asyncio
import functools

import msgspec
import structlog

from onesixty.core import ids, outcomes, statuses
from onesixty.core.contracts import Carrier, Submission
from onesixty.core.covered import Revealer
from onesixty.core.outcomes import Outcome
from onesixty.dispatch import rendering
from onesixty.dispatch import verdict as verdicts
from onesixty.dispatch.arrivals import Arrivals
from onesixty.dispatch.breaker import CLOSED, OPEN
from onesixty.dispatch.carrier_queue import CarrierQueue, Flight, Open
from onesixty.dispatch.failover import FAIL_OVER_EVERY, Failover
from onesixty.dispatch.held_out import HeldOut
from onesixty.dispatch.journal import STORE_RETRY, Journal
from onesixty.dispatch.lane import Item
from onesixty.dispatch.references import References
from onesixty.dispatch.refill import Refill
from onesixty.kit.context import Context
from onesixty.messages import changes
from onesixty.messages.alternatives import Alternatives
from onesixty.store.units import Result, StoreError, Unit

#: The most messages that one flight names.
LARGEST_FLIGHT = 200


class Departures:
    """Sends for all queues of this node, until `stopping`."""

    def __init__(
        self,
        node: Context,
        *,
        journal: Journal,
        held_out: HeldOut,
        alternatives: Alternatives,
        failover: Failover,
        refill: Refill,
        arrivals: Arrivals,
        revealer: Revealer,
    ) -> None:
        """`refill` gets the queues that have room while rows wait in the database. `arrivals` gets the outcomes that
        a connector did not report because it raised. `revealer` gives covered messages their real characters."""
        self._store, self._clock, self._random = node.store, node.clock, node.random
        self._ids, self._fault, self._lease = node.ids, node.fault, node.lease
        self._journal = journal
        self._held_out = held_out
        self._alternatives = alternatives
        self._failover = failover
        self._refill = refill
        self._arrivals = arrivals
        self._revealer = revealer
        self._references = References(node.random)
        self._log = structlog.get_logger("onesixty.dispatch")
        self.stopping = False

    # ------------------------------------------------------------ the pump

    def pump(self, queue: CarrierQueue) -> None:
        """Send what the queue may send now, and plan the next call for when it may send more."""
        queue.scheduled = False
        if self.stopping or self._journal.stuck or not self._store.healthy or not self._lease.held():
            return
        now = self._clock.monotonic()
        queue.notice_state(now)
        if queue.halted:
            return
        if not queue.is_up(now) or not (queue.breaker.state == CLOSED or queue.breaker.due(now)):
            if queue.lane:
                queue.wake_in(FAIL_OVER_EVERY)  # an alternative may become available
                self._failover.take_over(queue, now)
        elif queue.down_since is not None:
            queue.wake_in(FAIL_OVER_EVERY)  # if it stays down, its messages must move
        if queue.carrier is not None and queue.lane:
            self._send(queue, queue.carrier, now)
        # Also if the queue cannot send, because its alternatives take over rows that wait in the database, too.
        if queue.waiting and (queue.lane.half_empty or queue.lane.thirsty):
            self._refill.want(queue)

    def _send(self, queue: CarrierQueue, carrier: Carrier, now: float) -> None:
        """Send as much as pause, breaker, window and bucket allow."""
        if queue.paused_until > now:
            queue.wake_in(queue.paused_until - now)
            return
        breaker = queue.breaker
        if breaker.state != CLOSED and not breaker.due(now):
            if breaker.state == OPEN:  # the outcome of a trial in flight wakes the queue
                queue.wake_in(breaker.wait(now))
            return
        room = min(carrier.capacity() - queue.committing, LARGEST_FLIGHT)
        if room <= 0:
            return  # the carrier wakes the queue when it has room
        segments = min(room, queue.bucket.available(now))
        if segments <= 0:
            queue.wake_in(queue.bucket.wait(now))
            return
        self._take_off(queue, carrier, queue.lane.take(min(segments, breaker.allowance(now))), now)

    # ------------------------------------------------------------ flights

    def _take_off(self, queue: CarrierQueue, carrier: Carrier, items: list[Item], now: float) -> None:
        wall = self._clock.now_ms()
        ready: list[Item] = []
        for item in items:
            if item.message.expires_at <= wall:
                change = changes.expire(item.message, wall, partly_taken=item.partly_taken)
                self._journal.change(change)
            elif self._held_out.halts is not None and self._held_out.takes(item):
                continue
            elif self._render(queue, carrier, item):
                ready.append(item)
        if not ready:
            queue.breaker.trial_lost(now)
            if items:
                queue.wake()
            return
        flight = Flight(self._ids.new(ids.FLIGHT), carrier, ready, self._journal.written())
        queue.bucket.take(flight.cost, now)
        queue.committing += flight.cost
        queue.departing.append(flight)
        named = msgspec.json.encode(list(map(_named, ready))).decode()
        row = (flight.id, self._lease.id, queue.id, named, wall)
        self._fault("dispatch.before_flight")
        unit = Unit(keys=(flight.id,), guards=(("flight_open", row),))
        commit = self._store.commit([unit])
        commit.add_done_callback(functools.partial(self._depart, queue, flight))
        if queue.lane:
            queue.wake()

    def _render(self, queue: CarrierQueue, carrier: Carrier, item: Item) -> bool:
        """Render for this carrier, unless that was done. False if the carrier cannot carry the message; then the
        message moves or ends."""
        hop = self._alternatives.hop(item.message, queue.id)
        if item.is_rendered_for(carrier, hop):
            return True
        refusal = rendering.render(carrier, hop, item, self._references, self._revealer)
        if refusal is None:
            return True
        message, now = item.message, self._clock.now_ms()
        if item.partly_taken:
            self._journal.change(verdicts.cannot_go_on(message, now))
            return False
        item.tried = (*item.tried, queue.id)
        if not self._failover.move(queue, item, front=True):
            alternative = self._failover.alternative(queue, item)
            if alternative is not None:
                change = verdicts.wait_for(message, queue.id, alternative, now, self._random)
            else:
                change = changes.end(message, statuses.FAILED, now, refusal.code)
            self._journal.change(change)
        return False

    def _depart(self, queue: CarrierQueue, flight: Flight, done: asyncio.Future[list[Result]]) -> None:
        flight.answer = done.result()[0]
        self._hand_over_all(queue)

    def _hand_over_all(self, queue: CarrierQueue, _: object = None) -> None:
        """Hand over flights on disk in their order, because a store may finish two commits
        at once, the later one first."""
        while queue.departing and queue.departing[0].answer is not None:
            after = queue.departing[0].after
            if after is not None and not after.done():
                after.add_done_callback(functools.partial(self._hand_over_all, queue))
                return
            self._hand_over(queue, queue.departing.popleft())

    def _hand_over(self, queue: CarrierQueue, flight: Flight) -> None:
        queue.committing -= flight.cost
        committed, items = flight.answer, flight.items
        carrier = flight.carrier
        replaced = queue.carrier is not carrier  # by a connector that renders for itself, or by none
        stuck = self._journal.stuck  # it wakes all queues once it is not
        if committed is not True or replaced or stuck or self.stopping or not self._lease.held():
            if committed is False:
                self._log.error("lease_lost", lease=self._lease.id)
                self.stopping = True
            if committed is True:
                flight.left = 0
                self._journal.close(flight)
            for item in items:
                queue.lane.put(item, front=True)
            queue.breaker.trial_lost(self._clock.monotonic())
            if isinstance(committed, StoreError):
                queue.wake_in(STORE_RETRY)
            elif replaced:
                queue.wake()
            return
        self._fault("dispatch.after_flight")
        wall = self._clock.now_ms()
        for item in items:
            if item.message.expires_at <= wall:  # the commit took long, or this node stood still
                change = changes.expire(item.message, wall, partly_taken=item.partly_taken)
                self._journal.change(change, flight)
                continue
            assert item.rendered is not None
            assert item.pending is not None
            submission = Submission(
                message=item.message if item.revealed is None else item.revealed,
                rendered=item.rendered,
                pending=item.pending,
                attempt=item.message.attempts + 1,
                concat_reference=item.concat_reference,
                validity_ms=item.message.expires_at - wall,
                submitted_at=wall,
            )
            open_ = queue.open[item.message.id] = Open(item, submission, flight)
            try:
                carrier.submit(submission)
            except Exception:
                self._not_taken(queue, open_)
        self._fault("dispatch.after_write")
        if not queue.open:
            queue.breaker.trial_lost(self._clock.monotonic())
        if queue.lane:
            queue.wake()

    def _not_taken(self, queue: CarrierQueue, open_: Open) -> None:
        """The connector raised, so it will not report the remaining segments. Their outcome is unknown."""
        submission = open_.submission
        self._log.exception("submit_failed", carrier=queue.id, message_id=submission.message.id)
        for segment in set(submission.pending).difference(open_.outcomes):
            self._arrivals.outcome(queue.id, submission, segment, Outcome(outcomes.UNKNOWN))


def _named(item: Item) -> list[object]:
    """What a flight says of a message: id, version, and the sender if it is not the message's own."""
    message, rendered = item.message, item.rendered
    assert rendered is not None
    if rendered.sender == message.sender:
        return [message.id, message.version]
    return [message.id, message.version, rendered.sender]
