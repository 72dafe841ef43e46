"""Arrivals: turns carriers' answers into changes on disk, and sends the rest of a message on its way.

Rules kept here:
- an answer says something about the message and something about the queue: throttling pauses the queue,
  sickness opens its breaker;
- of a covered message only the connector saw the real characters: what comes back is covered, and what follows is
  decided about the message as it is kept;
- a message is judged once all of its segments in flight have their outcome (verdict.py), and goes on
  only after that is on disk.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import msgspec
import structlog

from onesixty.core import outcomes, statuses
from onesixty.core.contracts import Submission, Write
from onesixty.core.covered import Revealer
from onesixty.core.message import Attempt, Change
from onesixty.core.outcomes import Outcome
from onesixty.dispatch import verdict as verdicts
from onesixty.dispatch.carrier_queue import CarrierQueue, CarrierQueues, Flight, Open
from onesixty.dispatch.failover import Failover
from onesixty.dispatch.journal import Journal, Record
from onesixty.dispatch.lane import Item
from onesixty.kit.context import Context
from onesixty.messages import changes
from onesixty.messages.evidence import Evidence
from onesixty.messages.receipts import Receipts
from onesixty.store.units import Unit

#: The first and the longest pause of a throttled queue, in seconds. The pause doubles while throttling goes on.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0


class Arrivals:
    """Takes the outcomes of all queues of this node."""

    def __init__(
        self,
        node: Context,
        *,
        queues: CarrierQueues,
        journal: Journal,
        failover: Failover,
        evidence: Evidence,
        receipts: Receipts,
        revealer: Revealer,
    ) -> None:
        """`receipts` hears of outcomes on disk, because their receipts may have arrived before. `revealer` covers
        what carriers say about covered messages."""
        self._clock, self._random, self._observer = node.clock, node.random, node.observer
        self._queues = queues
        self._journal = journal
        self._failover = failover
        self._evidence = evidence
        self._receipts = receipts
        self._revealer = revealer
        self._log = structlog.get_logger("onesixty.dispatch")

    def outcome(self, carrier_id: str, submission: Submission, segment: int, outcome: Outcome) -> None:
        """Take the outcome of one segment (core.contracts.CarrierHost)."""
        queue = self._queues[carrier_id]
        open_ = queue.open.get(submission.message.id)
        if open_ is None or open_.submission is not submission or segment in open_.outcomes:
            self._log.error("stray_outcome", carrier=carrier_id, message_id=submission.message.id)
            return
        if open_.item.revealed is not None and outcome.carrier_code is not None:
            outcome.carrier_code = self._revealer.cover(open_.item.message, outcome.carrier_code)
        open_.outcomes[segment] = outcome
        self._observer.outcome(carrier_id, outcome.kind)
        if outcome.kind != outcomes.ACCEPTED:
            self._observer.failure(carrier_id, outcome.code, outcome.carrier_code)
        self._judge_carrier(queue, outcome)
        if len(open_.outcomes) == len(submission.pending):
            del queue.open[submission.message.id]
            self._finish(queue, open_)
        queue.wake()

    def _judge_carrier(self, queue: CarrierQueue, outcome: Outcome) -> None:
        now = self._clock.monotonic()
        kind = outcome.kind
        if kind == outcomes.ACCEPTED:
            queue.breaker.healthy()
            queue.pause = 0.0
        elif kind == outcomes.THROTTLED:
            queue.breaker.healthy()
            if queue.paused_until <= now:
                queue.pause = min(queue.pause * 2, LONGEST_PAUSE) if queue.pause else FIRST_PAUSE
                queue.paused_until = now + (outcome.retry_after or queue.pause)
                self._observer.throttled(queue.id)
        elif kind == outcomes.UNKNOWN or outcome.code in ("carrier_busy", "carrier_refused"):
            queue.breaker.sick(now)
        elif outcome.code == "carrier_unreachable":
            queue.breaker.trial_lost(now)
        else:
            queue.breaker.healthy()

    def _finish(self, queue: CarrierQueue, open_: Open) -> None:
        item = open_.item
        now = self._clock.now_ms()
        self._observer.answered(queue.id, (now - open_.submission.submitted_at) / 1000)
        assert item.hop is not None, "rendered"
        submission = open_.submission
        if item.revealed is not None:
            submission = msgspec.structs.replace(submission, message=item.message)
        verdict = verdicts.judge(
            submission,
            open_.outcomes,
            hop=item.hop,
            receipt_timeout_ms=queue.receipt_timeout_ms,
            alternative=None if _all_taken(open_) else self._failover.alternative(queue, item),
            now=now,
            random=self._random,
        )
        if verdict.change is None:
            item.pending = verdict.pending
            queue.lane.put(item, front=True)
            self._journal.landed(open_.flight)
            return
        if item.hop.cost:
            self._observer.costs(verdict.attempts)
        change = verdict.change
        attempts: list[Write] = [
            ("attempt_insert", msgspec.structs.astuple(attempt)) for attempt in verdict.attempts
        ]
        if change.after.duplicates > item.message.duplicates:
            self._observer.duplicate(queue.id)
        done = functools.partial(self._recorded, queue, item, verdict, change)
        unit = self._journal.recorder.change(change, writes=attempts)
        lost = functools.partial(self._lost, verdict.attempts)
        instead = functools.partial(self._instead, change)
        self._journal.add(Record(unit, done, open_.flight, lost, instead))

    def _lost(self, attempts: list[Attempt], flight: Flight | None, done: Callable[[], None]) -> None:
        """The guard lost, because another writer decided about the message. The outcome becomes evidence."""
        self._evidence.take(attempts, None if flight is None else flight.id, done)

    def _instead(self, change: Change) -> tuple[Unit, ...]:
        """The units to write if the outcome is poison: first without the carrier's words,
        then as the end of the message."""
        assert change.before is not None
        bad = changes.end(change.before, statuses.FAILED, change.at, "bad_message")
        return self._journal.recorder.change(change), self._journal.recorder.change(bad)

    def _recorded(self, queue: CarrierQueue, item: Item, verdict: verdicts.Verdict, change: Change) -> None:
        self._receipts.recorded(change.after, verdict.attempts)
        if verdict.then is not None:
            self._again(queue, item, verdict, change)

    def _again(self, queue: CarrierQueue, item: Item, verdict: verdicts.Verdict, change: Change) -> None:
        item.message = change.after
        if verdict.then == verdicts.OTHER:
            item.tried = (*item.tried, queue.id)
            item.rendered = item.pending = None
            if self._failover.move(queue, item, front=True):
                return
            queue = self._queues.get(change.after.carrier_id or "", queue)
        else:
            item.pending = verdict.pending
        queue.lane.put(item, front=True)
        queue.wake()


def _all_taken(open_: Open) -> bool:
    for outcome in open_.outcomes.values():  # noqa: SIM110  (a generator for each message costs more)
        if outcome.kind != outcomes.ACCEPTED:
            return False
    return True
