"""The dispatcher: the lines of this node, what enters their lanes and what leaves them untouched.

What is sent leaves by departures.py, what carriers answer comes in by arrivals.py; both share the lines and the
journal with it.

Rules kept here:
- a lane takes a message only once it is on disk, and keeps its place from before that; what is older and waits in
  the database goes first;
- what is in a lane is decided about in one step without an await: cancel, another carrier;
- what an operator paused does not go: a carrier's line stands still, messages of a paused account, sender or route
  leave the lanes for the database (dispatch/halts.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from onesixty.core import statuses
from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import Carrier, ReadsErrors, Submission
from onesixty.core.message import HALTED, UNCLAIMED, Attempt, Message
from onesixty.dispatch.arrivals import Arrivals
from onesixty.dispatch.departures import Departures
from onesixty.dispatch.failover import Failover
from onesixty.dispatch.halts import Halts
from onesixty.dispatch.held_out import HeldOut
from onesixty.dispatch.journal import Journal
from onesixty.dispatch.lane import Item
from onesixty.dispatch.line import Line
from onesixty.dispatch.pacing import Bucket
from onesixty.kit.observer import Observer
from onesixty.messages.control import Withdrawn
from onesixty.messages.evidence import Evidence
from onesixty.messages.receipts import OutcomeListener
from onesixty.messages.recorder import Recorder
from onesixty.store.contract import Store


class Dispatcher:
    """All lines of this node."""

    #: The rule of what a lane refuses (messages.holds, Keeper). It never does.
    name = "lane"

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
    ) -> None:
        self._clock = clock
        self._lease = lease
        self._lease_held = lease_held
        self._lane_capacity = lane_capacity
        self._paused: frozenset[str] = frozenset()
        self.lines: dict[str, Line] = {}
        self._journal = Journal(store, fault, self.wake_all)
        self._outcome_listeners: list[OutcomeListener] = []
        self._waiting_listeners: list[Callable[[Line], None]] = []
        #: What carriers answered about messages that somebody else has decided about.
        self.evidence = Evidence(
            store=store,
            recorder=recorder,
            clock=clock,
            receipt_timeout_ms=self.receipt_timeout_ms,
            on_found=self._found,
        )
        #: What pauses keep out of the lanes.
        self.held_out = HeldOut(self._journal, recorder, clock)
        failover = Failover(self.lines, alternatives, clock, self.wake)
        self._departures = Departures(
            store=store,
            journal=self._journal,
            recorder=recorder,
            held_out=self.held_out,
            failover=failover,
            clock=clock,
            random=random,
            new_id=new_id,
            lease=lease,
            lease_held=lease_held,
            fault=fault,
            wake=self.wake,
            on_waiting=self._rows_wait,
        )
        arrivals = Arrivals(
            lines=self.lines,
            journal=self._journal,
            recorder=recorder,
            failover=failover,
            evidence=self.evidence,
            clock=clock,
            random=random,
            observer=observer,
            wake=self.wake,
            on_recorded=self._recorded,
        )
        #: What became of one segment: `outcome(carrier_id, submission, segment, outcome)`.
        self.outcome = arrivals.outcome
        store.on_health(self._store_changed)

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
        self.held_out.halts = halts
        for line in self.lines.values():
            line.halted = line.id in carriers
            self.wake(line)

    def wake(self, line: Line) -> None:
        """Look at the line in the next turn of the loop."""
        if not line.scheduled:
            line.scheduled = True
            asyncio.get_running_loop().call_soon(self._departures.pump, line)

    def _store_changed(self, healthy: bool) -> None:
        if healthy:
            self.wake_all()

    def wake_all(self) -> None:
        """Look at every line: what kept all of them from sending may be over."""
        for line in self.lines.values():
            self.wake(line)

    def receipt_timeout_ms(self, carrier_id: str) -> int:
        """How long receipts of this carrier may take after the validity; 0 where it is not known here."""
        line = self.lines.get(carrier_id)
        return 0 if line is None else line.receipt_timeout_ms

    def receipt_error(self, carrier_id: str, code: str) -> str | None:
        """What a carrier's own tables make of the code in a receipt: a code of the catalogue, or None."""
        line = self.lines.get(carrier_id)
        carrier = None if line is None else line.carrier
        return carrier.receipt_error(code) if isinstance(carrier, ReadsErrors) else None

    # ------------------------------------------------------------ who is told

    def on_outcomes(self, listener: OutcomeListener) -> None:
        """Tell `listener` of each outcome that is on disk."""
        self._outcome_listeners.append(listener)

    def on_waiting(self, listener: Callable[[Line], None]) -> None:
        """Tell `listener` of lines that have room while rows wait for them."""
        self._waiting_listeners.append(listener)

    def _recorded(self, message: Message, attempts: list[Attempt]) -> None:
        for listener in self._outcome_listeners:
            listener.recorded(message, attempts)

    def _found(self, message: Message, attempts: Sequence[Attempt]) -> None:
        for listener in self._outcome_listeners:
            listener.found(message, attempts)

    def _rows_wait(self, line: Line) -> None:
        for listener in self._waiting_listeners:
            listener(line)

    # ------------------------------------------------------------ intake's side

    def take(self, message: Message, hops: Sequence[str]) -> None:
        """Give the message its carrier, and claim one that goes into the queue where its lane has room
        (messages.holds, Keeper). Never refuses: without room the message waits in the database."""
        if hops:
            message.carrier_id = self.first_available(hops)
        if message.status == statuses.QUEUED:
            message.claim = self._reserve(message)

    def _reserve(self, message: Message) -> int:
        """The lease when the lane keeps a place for the message, else UNCLAIMED; HALTED when a pause keeps it out."""
        halts = self.held_out.halts
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
            and not self._departures.stopping
            and self._lease_held()
            and line.lane.reserve(*key)
        ):
            return self._lease
        # Older rows wait in the database, or there is no room: this one must not overtake them.
        line.expect(key).outstanding += 1
        return UNCLAIMED

    def kept(self, message: Message) -> None:
        """A claimed or unclaimed message is on disk: it enters its lane, or the lane takes note of it."""
        if message.status != statuses.QUEUED:
            return
        if message.claim == HALTED:
            self.held_out.arrived(message)
            return
        line = self.lines.get(message.carrier_id or "")
        if line is None:
            return
        if message.claim == self._lease:
            line.lane.release(message.class_, message.account_id)
            line.lane.put(Item(message))
        else:
            self._no_longer_outstanding(line, message)
        self.wake(line)

    def dropped(self, message: Message) -> None:
        """A message that was taken did not reach the disk."""
        line = self.lines.get(message.carrier_id or "")
        if line is None or message.status != statuses.QUEUED or message.claim == HALTED:
            return
        if message.claim == self._lease:
            line.lane.release(message.class_, message.account_id)
        else:
            self._no_longer_outstanding(line, message)

    def _no_longer_outstanding(self, line: Line, message: Message) -> None:
        """A message that was to wait in the database is there, or will never be."""
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

    # ------------------------------------------------------------ what is in this node's hands

    def holds(self) -> set[str]:
        """The ids of all that is in a lane, in flight, or on its way to disk."""
        held = self._journal.about() | self.evidence.about
        for line in self.lines.values():
            held.update(line.lane.ids(), line.open)
            held.update(item.message.id for flight in line.departing for item in flight.items)
        return held

    def holds_flights(self) -> set[str]:
        """The ids of the flights of which something is out, or on its way to disk."""
        held = self._journal.about() | self.evidence.flights
        for line in self.lines.values():
            held.update(flight.id for flight in line.departing)
            held.update(open_.flight.id for open_ in line.open.values())
        return held

    # ------------------------------------------------------------ the end

    def begin_stop(self) -> None:
        """No more flights; answers that are still to come are taken and written."""
        self._departures.stopping = True

    def may_write(self, submission: Submission) -> bool:
        """Whether what a carrier has held back may still go out (core.contracts.CarrierHost)."""
        return self._lease_held() and submission.message.expires_at > self._clock.now_ms()

    def outcomes_written(self) -> asyncio.Future[None] | None:
        """Done when the answers that came until now are on disk; None when they are."""
        return self._journal.written()

    @property
    def idle(self) -> bool:
        """Nothing in flight, nothing on its way to disk."""
        return (
            self._journal.idle
            and self.evidence.idle
            and not any(line.open or line.committing for line in self.lines.values())
        )
