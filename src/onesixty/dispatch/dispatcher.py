"""The dispatcher: from lanes to carriers in committed flights, and from answers to changes on disk.

Rules kept here:
- nothing is handed to a carrier before a committed flight names it (DESIGN, "Flight");
- while outcomes cannot be written (journal.py) nothing is sent, and nothing is resent;
- what is in a lane is decided about in one step without an await: cancel, expiry, another carrier;
- throttling pauses the whole line and keeps its order; the breaker stops a sick line;
- what an operator paused does not go: a carrier's line stands still, messages of a paused account, sender or route
  leave the lanes for the database (dispatch/pauses.py).
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterable, Sequence

import msgspec
import structlog

from onesixty.core import ids, outcomes, statuses
from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import Carrier, Submission, Write
from onesixty.core.message import HALTED, UNCLAIMED, Attempt, Change, Message
from onesixty.core.outcomes import Outcome
from onesixty.dispatch import rendering
from onesixty.dispatch import verdict as verdicts
from onesixty.dispatch.aside import Aside
from onesixty.dispatch.breaker import CLOSED, OPEN
from onesixty.dispatch.journal import STORE_RETRY, Journal, Record
from onesixty.dispatch.lane import Item
from onesixty.dispatch.line import Flight, Line, Open
from onesixty.dispatch.observer import Observer
from onesixty.dispatch.others import FAIL_OVER_EVERY, Others
from onesixty.dispatch.pacing import Bucket
from onesixty.dispatch.pauses import Halts
from onesixty.dispatch.references import References
from onesixty.messages import changes
from onesixty.messages.control import Withdrawn
from onesixty.messages.recorder import Recorder
from onesixty.store.contract import Store
from onesixty.store.units import Result, StoreError, Unit

#: Messages named by one flight at the most.
LARGEST_FLIGHT = 200
#: Seconds a throttled line rests, doubled up to the last while throttling goes on.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0


class Dispatcher:
    """All lines of this node."""

    def __init__(
        self,
        *,
        store: Store,
        recorder: Recorder,
        alternatives: Callable[[Message], Iterable[str]],
        clock: Clock,
        random: Random,
        new_id: Callable[[str], str],
        lease: int,
        lease_held: Callable[[], bool],
        fault: Callable[[str], None],
        observer: Observer,
        lane_capacity: int = 10_000,
        on_recorded: Callable[[Message, list[Attempt]], None] | None = None,
        on_waiting: Callable[[Line], None] | None = None,
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._clock = clock
        self._random = random
        self._new_id = new_id
        self._lease = lease
        self._lease_held = lease_held
        self._fault = fault
        self._observer = observer
        self._lane_capacity = lane_capacity
        self._on_recorded = on_recorded
        self._on_waiting = on_waiting
        self._paused: frozenset[str] = frozenset()
        self._references = References(random)
        self._log = structlog.get_logger("onesixty.dispatch")
        self._journal = Journal(store, fault, self.wake_all)
        #: What pauses keep out of the lanes.
        self.aside = Aside(self._journal, recorder, clock)
        self._stopping = False
        self.lines: dict[str, Line] = {}
        self._others = Others(self.lines, alternatives, clock, self.wake)
        store.on_health(lambda healthy: self.wake_all() if healthy else None)

    # ------------------------------------------------------------ lines

    def set_line(self, carrier_id: str, carrier: Carrier | None) -> Line:
        """Make the line of a carrier, or give it another connector; what waits in it stays."""
        now = self._clock.monotonic()
        line = self.lines.get(carrier_id)
        if line is None:
            line = self.lines[carrier_id] = Line(carrier_id, carrier, self._lane_capacity, now)
            line.halted = carrier_id in self._paused
        else:
            line.give(carrier)
            line.bucket = Bucket(carrier.throughput if carrier else 0, now)
            line.notice_state(now)
            for item in line.lane:
                if not item.partly_taken:  # what the connector before rendered is not for this one
                    item.rendered = item.pending = None
        self.wake(line)
        return line

    def first_available(self, carriers: Sequence[str]) -> str:
        """The carrier that takes the next message: the first that is available, else the first. A first choice
        that is paused keeps its messages."""
        now = self._clock.monotonic()
        for carrier_id in carriers:
            line = self.lines.get(carrier_id)
            if line is not None and line.available(now):
                return carrier_id
            if carrier_id in self._paused and carrier_id == carriers[0]:
                break
        return carriers[0]

    def pause(self, carriers: frozenset[str], halts: Halts | None) -> None:
        """From now on these carriers and what `halts` names are paused, and nothing else is."""
        self._paused = carriers
        self.aside.halts = halts
        for line in self.lines.values():
            line.halted = line.id in carriers
            self.wake(line)

    def wake(self, line: Line) -> None:
        """Look at the line in the next turn of the loop."""
        if not line.scheduled:
            line.scheduled = True
            asyncio.get_running_loop().call_soon(self._pump, line)

    def wake_all(self) -> None:
        """Look at every line: what kept all of them from sending may be over."""
        for line in self.lines.values():
            self.wake(line)

    # ------------------------------------------------------------ intake's side

    def reserve(self, message: Message) -> int:
        """The lease when the lane keeps a place for the message, else UNCLAIMED (core.contracts, Lanes); HALTED
        when a pause keeps it out."""
        halts = self.aside.halts
        if halts is not None and halts.hold(message):
            return HALTED
        line = self.lines.get(message.carrier_id or "")
        if line is None:
            return UNCLAIMED
        key = (message.class_, message.account_id)
        waiting = line.waiting.get(key)
        # A message of which a part may have been taken comes in by refill, which knows what is left of it.
        resumed = message.attempts > 0
        if (
            waiting is None
            and not resumed
            and not self._stopping
            and self._lease_held()
            and line.lane.reserve(*key)
        ):
            return self._lease
        # Older rows wait in the database, or there is no room: this one must not overtake them.
        line.expect(key).outstanding += 1
        return UNCLAIMED

    def enter(self, message: Message) -> None:
        """A reserved or unclaimed message is on disk."""
        if message.claim == HALTED:
            self.aside.arrived(message)
            return
        line = self.lines.get(message.carrier_id or "")
        if line is None:
            return
        if message.claim == self._lease:
            line.lane.release(message.class_, message.account_id)
            line.lane.put(Item(message))
        else:
            self._note_waiting(line, message)
        self.wake(line)

    def withdraw_reservation(self, message: Message) -> None:
        """A reserved message did not reach the disk."""
        line = self.lines.get(message.carrier_id or "")
        if line is None or message.claim == HALTED:
            return
        if message.claim == self._lease:
            line.lane.release(message.class_, message.account_id)
        else:
            self._note_waiting(line, message)

    def _note_waiting(self, line: Line, message: Message) -> None:
        waiting = line.waiting.get((message.class_, message.account_id))
        if waiting is not None and waiting.outstanding:
            waiting.outstanding -= 1

    def waits(self, message: Message) -> None:
        """A message was kept out of the lanes and waits in the database for its turn again."""
        line = self.lines.get(message.carrier_id or "")
        if line is not None:
            line.expect((message.class_, message.account_id))
            self.wake(line)

    def put_back(self, line: Line, item: Item, *, front: bool = False) -> None:
        """A claimed message enters the lane (refill, retry, another carrier)."""
        line.lane.put(item, front=front)
        self.wake(line)

    def withdraw(self, message_id: str) -> Item | None:
        """Take a waiting message out of its lane, at once. None when it is in flight or not in memory."""
        for line in self.lines.values():
            item = line.lane.remove(message_id)
            if item is not None:
                return item
        return None

    def restore(self, withdrawn: Withdrawn) -> None:
        """A withdrawn message stays after all: back to its place in its lane."""
        assert isinstance(withdrawn, Item)
        for line in self.lines.values():
            if withdrawn.place is not None and withdrawn.place[0] is line.lane:
                self.put_back(line, withdrawn, front=True)

    # ------------------------------------------------------------ the pump

    def _pump(self, line: Line) -> None:
        line.scheduled = False
        if self._stopping or self._journal.stuck or not self._store.healthy or not self._lease_held():
            return
        now = self._clock.monotonic()
        line.notice_state(now)
        if line.halted:
            return
        if not line.is_up(now) or not (line.breaker.state == CLOSED or line.breaker.due(now)):
            if line.lane:
                self._wake_in(line, FAIL_OVER_EVERY)  # an alternative may come
                self._others.take_over(line, now)
        elif line.down_since is not None:
            self._wake_in(line, FAIL_OVER_EVERY)  # it may stay down, and then its messages go elsewhere
        if line.carrier is not None and line.lane:
            self._send(line, line.carrier, now)
        # Also of a line that cannot send: its alternatives take over what waits in the database, too.
        if line.waiting and (line.lane.half_empty or line.lane.thirsty) and self._on_waiting is not None:
            self._on_waiting(line)

    def _send(self, line: Line, carrier: Carrier, now: float) -> None:
        """Take off what pause, breaker, window and bucket let go."""
        if line.paused_until > now:
            self._wake_in(line, line.paused_until - now)
            return
        breaker = line.breaker
        if breaker.state != CLOSED and not breaker.due(now):
            if breaker.state == OPEN:  # a trial under way wakes the line by its outcome
                self._wake_in(line, breaker.wait(now))
            return
        room = min(carrier.capacity() - line.committing, LARGEST_FLIGHT)
        if room <= 0:
            return  # the carrier says when it has room
        segments = min(room, line.bucket.available(now))
        if segments <= 0:
            self._wake_in(line, line.bucket.wait(now))
            return
        self._take_off(line, carrier, line.lane.take(min(segments, breaker.allowance(now))), now)

    def _wake_in(self, line: Line, seconds: float) -> None:
        """Look at the line then, or earlier if that was asked for before."""
        loop = asyncio.get_running_loop()
        at = loop.time() + max(seconds, 0.001)
        if line.timer is not None:
            if line.timer.when() <= at:
                return
            line.timer.cancel()
        line.timer = loop.call_at(at, self._timer_rang, line)

    def _timer_rang(self, line: Line) -> None:
        line.timer = None
        self.wake(line)

    def _take_off(self, line: Line, carrier: Carrier, items: list[Item], now: float) -> None:
        wall = self._clock.now_ms()
        ready: list[Item] = []
        for item in items:
            if item.message.expires_at <= wall:
                self._expire(item, wall)
            elif self.aside.halts is not None and self.aside.takes(item):
                continue
            elif item.rendered is not None or self._render(line, carrier, item):
                ready.append(item)
        if not ready:
            line.breaker.trial_lost(now)
            if items:
                self.wake(line)
            return
        flight = Flight(self._new_id(ids.FLIGHT), ready)
        line.bucket.take(flight.cost, now)
        line.committing += flight.cost
        line.departing.append(flight)
        named = msgspec.json.encode([[item.message.id, item.message.version] for item in ready]).decode()
        row = (flight.id, self._lease, line.id, named, wall)
        self._fault("dispatch.before_flight")
        unit = Unit(keys=(flight.id,), guards=(("flight_open", row),))
        commit = self._store.commit([unit])
        commit.add_done_callback(functools.partial(self._depart, line, flight))
        if line.lane:
            self.wake(line)

    def _render(self, line: Line, carrier: Carrier, item: Item) -> bool:
        """Render for this carrier; a carrier that cannot carry the message is skipped."""
        refusal = rendering.render(carrier, item, self._references)
        if refusal is None:
            return True
        message, now = item.message, self._clock.now_ms()
        if item.partly_taken:
            self._journal.add(Record(self._recorder.change(verdicts.cannot_go_on(message, now))))
            return False
        item.tried = (*item.tried, line.id)
        if not self._others.move(line, item, front=True):
            alternative = self._others.alternative(line, item)
            if alternative is not None:
                change = verdicts.wait_for(message, line.id, alternative, now, self._random)
            else:
                change = changes.end(message, statuses.FAILED, now, refusal.code)
            self._journal.add(Record(self._recorder.change(change)))
        return False

    def _depart(self, line: Line, flight: Flight, done: asyncio.Future[list[Result]]) -> None:
        """Hand over what is on disk, in order: a store may commit two flights at once, the later one first."""
        flight.answer = done.result()[0]
        while line.departing and line.departing[0].answer is not None:
            self._hand_over(line, line.departing.popleft())

    def _hand_over(self, line: Line, flight: Flight) -> None:
        line.committing -= flight.cost
        committed, items = flight.answer, flight.items
        carrier = line.carrier
        if committed is not True or carrier is None or self._stopping:
            if committed is False:
                self._log.error("lease_lost", lease=self._lease)
                self._stopping = True
            if committed is True:
                flight.left = 0
                self._journal.close(flight)
            for item in items:
                line.lane.put(item, front=True)
            line.breaker.trial_lost(self._clock.monotonic())
            if isinstance(committed, StoreError):
                self._wake_in(line, STORE_RETRY)
            return
        self._fault("dispatch.after_flight")
        wall = self._clock.now_ms()
        for item in items:
            assert item.rendered is not None
            assert item.pending is not None
            submission = Submission(
                message=item.message,
                rendered=item.rendered,
                pending=item.pending,
                attempt=item.message.attempts + 1,
                concat_reference=item.concat_reference,
                validity_ms=item.message.expires_at - wall,
                submitted_at=wall,
            )
            line.open[item.message.id] = Open(item, submission, flight)
            carrier.submit(submission)
        self._fault("dispatch.after_write")
        if line.lane:
            self.wake(line)

    # ------------------------------------------------------------ outcomes

    def outcome(self, carrier_id: str, submission: Submission, segment: int, outcome: Outcome) -> None:
        """What became of one segment (core.contracts.CarrierHost)."""
        line = self.lines[carrier_id]
        open_ = line.open.get(submission.message.id)
        if open_ is None or open_.submission is not submission or segment in open_.outcomes:
            self._log.error("stray_outcome", carrier=carrier_id, message_id=submission.message.id)
            return
        open_.outcomes[segment] = outcome
        self._observer.outcome(carrier_id, outcome.kind)
        self._judge_line(line, outcome)
        if len(open_.outcomes) == len(submission.pending):
            del line.open[submission.message.id]
            self._finish(line, open_)
        self.wake(line)

    def _judge_line(self, line: Line, outcome: Outcome) -> None:
        now = self._clock.monotonic()
        kind = outcome.kind
        if kind == outcomes.ACCEPTED:
            line.breaker.healthy()
            line.pause = 0.0
        elif kind == outcomes.THROTTLED:
            line.breaker.healthy()
            if line.paused_until <= now:
                line.pause = min(line.pause * 2, LONGEST_PAUSE) if line.pause else FIRST_PAUSE
                line.paused_until = now + (outcome.retry_after or line.pause)
                self._observer.throttled(line.id)
        elif kind == outcomes.UNKNOWN or outcome.code in ("carrier_busy", "carrier_refused"):
            line.breaker.sick(now)
        elif outcome.code == "carrier_unreachable":
            line.breaker.trial_lost(now)
        else:
            line.breaker.healthy()

    def _finish(self, line: Line, open_: Open) -> None:
        item = open_.item
        now = self._clock.now_ms()
        self._observer.answered(line.id, (now - open_.submission.submitted_at) / 1000)
        verdict = verdicts.judge(
            open_.submission,
            open_.outcomes,
            carrier_id=line.id,
            receipt_timeout_ms=line.receipt_timeout_ms,
            alternative=None if _all_taken(open_) else self._others.alternative(line, item),
            now=now,
            random=self._random,
        )
        if verdict.change is None:
            item.pending = verdict.pending
            line.lane.put(item, front=True)
            self._journal.landed(open_.flight)
            return
        change = verdict.change
        attempts: tuple[Write, ...] = tuple(
            ("attempt_insert", msgspec.structs.astuple(attempt)) for attempt in verdict.attempts
        )
        if change.after.duplicates > item.message.duplicates:
            self._observer.duplicate(line.id)
        done = functools.partial(self._recorded, line, item, verdict, change)
        unit = self._recorder.change(change, writes=attempts)
        evidence = functools.partial(_evidence, verdict.attempts)
        instead = functools.partial(self._instead, change)
        self._journal.add(Record(unit, done, open_.flight, evidence, instead))

    def _instead(self, change: Change) -> tuple[Unit, ...]:
        """What is written of an outcome that is poison: without what the carrier said, then as its end."""
        assert change.before is not None
        bad = changes.end(change.before, statuses.FAILED, change.at, "bad_message")
        return self._recorder.change(change), self._recorder.change(bad)

    def _recorded(self, line: Line, item: Item, verdict: verdicts.Verdict, change: Change) -> None:
        if self._on_recorded is not None:
            self._on_recorded(change.after, verdict.attempts)
        if verdict.then is not None:
            self._again(line, item, verdict, change)

    def _again(self, line: Line, item: Item, verdict: verdicts.Verdict, change: Change) -> None:
        item.message = change.after
        if verdict.then == verdicts.OTHER:
            item.tried = (*item.tried, line.id)
            item.rendered = item.pending = None
            if self._others.move(line, item, front=True):
                return
            line = self.lines.get(change.after.carrier_id or "", line)
        else:
            item.pending = verdict.pending
        line.lane.put(item, front=True)
        self.wake(line)

    def _expire(self, item: Item, wall: int) -> None:
        change = changes.expire(item.message, wall, partly_taken=item.partly_taken)
        self._journal.add(Record(self._recorder.change(change)))

    # ------------------------------------------------------------ the end

    def begin_stop(self) -> None:
        """No more flights; answers that are still to come are taken and written."""
        self._stopping = True

    def outcomes_written(self) -> asyncio.Future[None] | None:
        """Done when the answers that came until now are on disk; None when they are."""
        return self._journal.written()

    @property
    def idle(self) -> bool:
        """Nothing in flight, nothing on its way to disk."""
        return self._journal.idle and not any(line.open or line.committing for line in self.lines.values())


def _all_taken(open_: Open) -> bool:
    return all(outcome.kind == outcomes.ACCEPTED for outcome in open_.outcomes.values())


def _evidence(attempts: Iterable[Attempt]) -> tuple[Write, ...]:
    """What a fenced node saw, for the rows that recovery wrote in its place."""
    return tuple(
        ("attempt_found", (a.message_id, a.attempt, a.segment, a.outcome, a.carrier_message_id, a.match_id))
        for a in attempts
        if a.match_id is not None
    )
