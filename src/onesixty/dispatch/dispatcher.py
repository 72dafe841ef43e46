"""The dispatcher: the queues of this node, what enters their lanes, and what leaves them without being sent.

departures.py sends messages, and arrivals.py takes carriers' answers. Both share the queues and the
journal with the dispatcher.

Rules kept here:
- a lane takes a message only once it is on disk, and reserves its place before that. Older messages that
  wait in the database go first;
- decisions about a message in a lane (cancel, another carrier) take one step without an await;
- what an operator paused is not sent: a paused carrier's queue stands still, and messages of a paused account, sender
  or route leave the lanes for the database (dispatch/halts.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from onesixty.core import statuses
from onesixty.core.contracts import Carrier, Submission
from onesixty.core.covered import Revealer
from onesixty.core.hop import Hop
from onesixty.core.message import HALTED, UNCLAIMED, Message
from onesixty.core.paid_above import Held
from onesixty.dispatch.arrivals import Arrivals
from onesixty.dispatch.carrier_queue import CarrierQueue, CarrierQueues
from onesixty.dispatch.departures import Departures
from onesixty.dispatch.failover import Failover
from onesixty.dispatch.halts import Halts
from onesixty.dispatch.held_out import HeldOut
from onesixty.dispatch.journal import Journal
from onesixty.dispatch.lane import Item
from onesixty.dispatch.oldest import OldestWaiting
from onesixty.dispatch.pacing import Bucket
from onesixty.dispatch.refill import Refill
from onesixty.kit.context import Context
from onesixty.messages.alternatives import Alternatives
from onesixty.messages.contracts import Withdrawn
from onesixty.messages.evidence import Evidence
from onesixty.messages.receipts import Receipts


class Dispatcher:
    """All queues of this node."""

    #: The name that `Hold` asks for (messages.holds). It never shows, because the lane refuses nothing.
    name = "lane"

    def __init__(
        self,
        node: Context,
        *,
        queues: CarrierQueues,
        journal: Journal,
        alternatives: Alternatives,
        receipts: Receipts,
        revealer: Revealer,
    ) -> None:
        """`revealer` gives covered messages their real characters on the way to a connector."""
        self._clock, self._lease = node.clock, node.lease
        #: The id under which this node claims messages.
        self._claim = node.lease.id
        self._lane_capacity = node.settings.lane_capacity
        self._paused: frozenset[str] = frozenset()
        self.queues = queues
        #: Since when messages wait for each carrier.
        self.oldest = OldestWaiting(node.store, queues)
        self._journal = journal
        #: Writes carriers' answers about messages that another writer has decided about.
        self.evidence = Evidence(node, recorder=journal.recorder, carriers=queues, receipts=receipts)
        #: Sets paused messages aside, and lets them in again.
        self.held_out = HeldOut(node, journal, queues)
        #: Brings waiting rows into the lanes.
        self.refill = Refill(node, self.evidence)
        failover = Failover(queues, alternatives, node.clock)
        #: Takes the outcomes of segments.
        self.arrivals = Arrivals(
            node,
            queues=queues,
            journal=journal,
            failover=failover,
            evidence=self.evidence,
            receipts=receipts,
            revealer=revealer,
        )
        self._departures = Departures(
            node,
            journal=journal,
            held_out=self.held_out,
            alternatives=alternatives,
            failover=failover,
            refill=self.refill,
            arrivals=self.arrivals,
            revealer=revealer,
        )
        node.store.on_health(self._store_changed)

    # ------------------------------------------------------------ queues

    def connect(self, carrier_id: str, carrier: Carrier | None) -> CarrierQueue:
        """Create the queue of a carrier, or give it another connector; messages in it stay."""
        now = self._clock.monotonic()
        queue = self.queues.get(carrier_id)
        if queue is None:
            queue = self.queues[carrier_id] = CarrierQueue(
                carrier_id, carrier, self._lane_capacity, now, self._departures.pump
            )
            queue.halted = carrier_id in self._paused
        else:
            queue.give(carrier)
            queue.bucket = Bucket(carrier.throughput if carrier else 0, now)
            queue.notice_state(now)
        queue.wake()
        return queue

    def first_available(self, hops: Sequence[Hop]) -> Hop:
        """The hop of the next message: the first one whose carrier is available, or else the first one. If the
        first choice is paused, it keeps its messages."""
        queue = self.queues.get(hops[0].carrier_id)
        if queue is not None and queue.is_well:
            return hops[0]
        now = self._clock.monotonic()
        for hop in hops:
            queue = self.queues.get(hop.carrier_id)
            if queue is not None and queue.available(now):
                return hop
            if hop.carrier_id in self._paused and hop is hops[0]:
                break
        return hops[0]

    def pause(self, carriers: frozenset[str], halts: Halts | None) -> None:
        """Pause these carriers and what `halts` names from now on, and nothing else."""
        self._paused = carriers
        self.held_out.halts = halts
        for queue in self.queues.values():
            queue.halted = queue.id in carriers
            queue.wake()

    def _store_changed(self, healthy: bool) -> None:
        if healthy:
            self.queues.wake_all()
        else:
            self._journal.doubt()

    # ------------------------------------------------------------ for intake

    def take(self, message: Message, hops: Sequence[Hop], held: Held | None = None) -> None:
        """Give the message its carrier. Claim it if it is queued and its lane has room (messages.holds, Hold). Never
        refuses: without room the message waits in the database."""
        if hops:
            message.carrier_id = self.first_available(hops).carrier_id
        if message.status == statuses.QUEUED:
            message.claim = self._reserve(message)

    def _reserve(self, message: Message) -> int:
        """The lease if the lane reserved a place for the message, else UNCLAIMED; HALTED if a pause keeps it out."""
        if self.held_out.holds(message):
            return HALTED
        queue = self.queues.of(message)
        if queue is None:
            return UNCLAIMED
        key = (message.class_, message.account_id)
        waiting = queue.waiting.get(key)
        # A message that a carrier may have taken in part enters by refill, which knows which segments are left.
        resumed = message.attempts > 0
        if (
            waiting is None
            and not resumed
            and not self._departures.stopping
            and self._lease.held()
            and queue.lane.reserve(*key)
        ):
            return self._claim
        # Older rows wait in the database, or there is no room: this one must not overtake them.
        queue.expect(key).outstanding += 1
        return UNCLAIMED

    def kept(self, message: Message) -> None:
        """The message is on disk: it enters its lane if it was claimed, else the queue notes that it waits."""
        if message.status != statuses.QUEUED:
            return
        if message.claim == HALTED:
            self.held_out.arrived(message)
            return
        queue = self.queues.of(message)
        if queue is None:
            return
        if message.claim == self._claim:
            queue.lane.enter(Item(message))
        else:
            self._no_longer_outstanding(queue, message)
        queue.wake()

    def dropped(self, message: Message) -> None:
        """The message did not reach the disk: free its place."""
        queue = self.queues.of(message)
        if queue is None or message.status != statuses.QUEUED or message.claim == HALTED:
            return
        if message.claim == self._claim:
            queue.lane.release(message.class_, message.account_id)
        else:
            self._no_longer_outstanding(queue, message)

    def _no_longer_outstanding(self, queue: CarrierQueue, message: Message) -> None:
        """A row that was being inserted now waits in the database, or never will."""
        waiting = queue.waiting.get((message.class_, message.account_id))
        if waiting is not None and waiting.outstanding:
            waiting.outstanding -= 1

    def withdraw(self, message_id: str) -> Item | None:
        """Take a waiting message out of its lane at once. None if it is in flight or not in memory."""
        for queue in self.queues.values():
            item = queue.lane.remove(message_id)
            if item is not None:
                return item
        return None

    def restore(self, withdrawn: Withdrawn) -> None:
        """Put a withdrawn message back at its place in its lane."""
        assert isinstance(withdrawn, Item)
        for queue in self.queues.values():
            if withdrawn.place is not None and withdrawn.place[0] is queue.lane:
                queue.lane.put(withdrawn, front=True)
                queue.wake()

    # ------------------------------------------------------------ what this node's memory holds

    def holds(self) -> set[str]:
        """The ids of all messages in a lane, in flight, or on their way to disk."""
        held = self._journal.about() | self.evidence.about
        for queue in self.queues.values():
            held.update(queue.lane.ids(), queue.open)
            held.update(item.message.id for flight in queue.departing for item in flight.items)
        return held

    def holds_flights(self) -> set[str]:
        """The ids of the flights that have a message in flight, or on its way to disk."""
        held = self._journal.about() | self.evidence.flights
        for queue in self.queues.values():
            held.update(flight.id for flight in queue.departing)
            held.update(open_.flight.id for open_ in queue.open.values())
        return held

    # ------------------------------------------------------------ stopping

    def begin_stop(self) -> None:
        """Open no more flights. Answers that still arrive are taken and written."""
        self._departures.stopping = True

    def may_write(self, submission: Submission) -> bool:
        """Whether a carrier may still send what it has held back (core.contracts.CarrierHost)."""
        return self._lease.held() and submission.message.expires_at > self._clock.now_ms()

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight, and nothing on its way to disk."""
        return (
            self._journal.idle
            and self.evidence.idle
            and not any(queue.open or queue.committing for queue in self.queues.values())
        )
