"""The connector to a carrier of the world: a `core.contracts.Carrier` whose other end outlives crashes.

It keeps the contract of the conformance suite: an outcome exactly once for each segment and never from within
`submit`, whatever waits falls with what was refused and is written only while the host lets it, a receipt is offered
until it is acknowledged.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Protocol

import msgspec
import pytest

from onesixty.carriers import registry
from onesixty.carriers.registry import Connector, Seams
from onesixty.carriers.waiting import NOT_WRITTEN, Waiting
from onesixty.channels.sms.rendering import render_message
from onesixty.core import outcomes
from onesixty.core.contracts import CarrierHost, CarrierReceipt, CarrierState, Refusal, Rendered, Submission
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.smpp.receipt import id_keys
from tests.simulation.world import CarrierWorld, Due, Fate, World

ANSWER_TIMEOUT = 8.0
RECEIPT_TIMEOUT_MS = 150_000


class Owner(Protocol):
    """The life of a node, as its carriers see it."""

    alive: bool

    def asleep(self) -> bool:
        """Whether it stands still."""


class WorldSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a row of `carriers` of type `world` sets; another `revision` makes it a changed carrier."""

    peer: str
    window: Annotated[int, msgspec.Meta(ge=1)] = 10
    throughput: float = 0.0
    revision: int = 0


class WorldCarrier:
    """See the module."""

    receipt_timeout_ms = RECEIPT_TIMEOUT_MS

    def __init__(
        self, carrier_id: str, settings: WorldSettings, peer: CarrierWorld, owner: Owner | None = None
    ) -> None:
        self.id = carrier_id
        self.simulated = peer.simulated
        self.throughput = settings.throughput
        self._window = settings.window
        self._peer = peer
        self._life = peer.world.life
        #: The node that it is of, where there are several.
        self.owner = owner
        self._connected = False
        self._stopping = False
        self._waiting = Waiting()
        self._open: dict[int, tuple[Submission, int, asyncio.TimerHandle]] = {}
        self._number = 0
        self._refused: list[tuple[Submission, int]] = []
        self._idle = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._host: CarrierHost
        self._loop: asyncio.AbstractEventLoop

    # ------------------------------------------------------------ life

    async def start(self, host: CarrierHost) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._loop.call_later(self._peer.world.random.uniform(0.01, 0.3), self._look_at_link)

    async def stop(self, deadline: float) -> None:
        self._stopping = True
        for submission, segment in self._waiting.take_all():
            self._tell(submission, segment, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN))
        if self._open:
            try:
                async with asyncio.timeout(deadline):
                    await self._idle.wait()
            except TimeoutError:
                pass
        self._disconnect()
        if self._timer is not None:
            self._timer.cancel()

    def _look_at_link(self) -> None:
        """Follow the link up and down."""
        if self._stopping or not self._alive:
            return
        now = self._peer.world.time.now
        up = self._peer.up(now)
        if up and not self._connected:
            self._connected = True
            self._offer_receipts()
            self._host.ready(self.id)
        elif not up and self._connected:
            self._disconnect()
        elif self._connected:
            self._look_for_receipts()  # a connector before this one may have left some
        change = self._peer.next_change(now)
        self._loop.call_later(1.0 if change is None else min(1.0, change - now), self._look_at_link)

    def _disconnect(self) -> None:
        self._connected = False
        for submission, segment, handle in self._open.values():
            handle.cancel()
            self._tell(submission, segment, Outcome(outcomes.UNKNOWN, code="outcome_unknown"))
        self._open.clear()
        for submission, segment in self._waiting.take_all():
            self._tell(submission, segment, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN))
        for due in self._peer.due:
            if due.offered is self:
                due.offered = None  # whoever connects next is offered them again
        self._host.ready(self.id)

    @property
    def _alive(self) -> bool:
        if self.owner is not None:
            return self.owner.alive
        return self._peer.world.life == self._life

    # ------------------------------------------------------------ submits

    def render(self, message: Message, sender: str, concat_reference: int) -> Rendered | Refusal:
        return render_message(message, sender, concat_reference)

    def capacity(self) -> int:
        if not self._connected or self._stopping:
            return 0
        return max(0, self._window - len(self._open) - len(self._waiting))

    def submit(self, submission: Submission) -> None:
        if not self._connected or self._stopping:
            if not self._refused:
                self._loop.call_soon(self._refuse)
            self._refused += [(submission, segment) for segment in submission.pending]
            return
        for segment in submission.pending:
            if self._waiting or len(self._open) >= self._window:
                self._waiting.add(submission, segment)
            else:
                self._write(submission, segment)

    def state(self) -> CarrierState:
        return CarrierState(
            connected=self._connected,
            binds=1,
            binds_bound=int(self._connected),
            in_flight=len(self._open),
            window=self._window,
        )

    def _refuse(self) -> None:
        refused, self._refused = self._refused, []
        for submission, segment in refused:
            self._tell(submission, segment, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN))

    def _write(self, submission: Submission, segment: int) -> None:
        message = submission.message
        fate = self._peer.judge(
            message.id,
            submission.attempt,
            segment,
            submission.rendered.sender,
            message.recipient,
            message.text,
        )
        self._number += 1
        delay = ANSWER_TIMEOUT if fate.outcome is None else fate.latency
        handle = self._loop.call_later(delay, self._answer, self._number, fate)
        self._open[self._number] = (submission, segment, handle)
        if fate.taken is not None:
            self._look_for_receipts()

    def _answer(self, number: int, fate: Fate) -> None:
        submission, segment, _ = self._open.pop(number)
        outcome = fate.outcome or Outcome(outcomes.UNKNOWN, code="outcome_unknown")
        if fate.outcome is not None and fate.taken is not None:
            fate.taken.answered = True
        self._tell(submission, segment, outcome)
        for fallen in self._waiting.fall_with(submission, outcome):
            self._tell(*fallen)
        while self._waiting and len(self._open) < self._window:
            waiting, index = self._waiting.take()
            if self._host.may_write(waiting):
                self._write(waiting, index)
                continue
            for entry in ((waiting, index), *self._waiting.take_of(waiting)):
                self._tell(*entry, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN))
        if not self._open:
            self._idle.set()
        self._host.ready(self.id)

    def _tell(self, submission: Submission, segment: int, outcome: Outcome) -> None:
        self._host.outcome(submission, segment, outcome)

    # ------------------------------------------------------------ receipts

    def _look_for_receipts(self) -> None:
        self._take_from_the_silent()
        waiting = [due.at for due in self._peer.due if due.offered is None]
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if waiting:
            delay = max(0.0, min(waiting) - self._peer.world.time.now)
            self._timer = self._loop.call_later(delay, self._offer_receipts)

    def _take_from_the_silent(self) -> None:
        """What a connector was offered that answers no more, because its node stands still, comes to this one."""
        for due in self._peer.due:
            holder = due.offered
            if isinstance(holder, WorldCarrier) and holder.owner is not None and holder.owner.asleep():
                due.offered = None

    def _offer_receipts(self) -> None:
        if not self._connected or not self._alive:
            return
        now = self._peer.world.time.now + 1e-9
        ready = [due for due in self._peer.due if due.at <= now and due.offered is None]
        for due in sorted(ready, key=lambda due: (due.at, due.number)):
            due.offered = self
            due.offers += 1
            self._host.receipt(
                CarrierReceipt(
                    carrier_id=self.id,
                    carrier_message_id=due.written,
                    candidates=id_keys(due.written),
                    state=due.state,
                    code="000",
                    sender=due.sender,
                    recipient=due.recipient.removeprefix("+"),
                    done_at=None,
                    raw=f"id:{due.written} stat:{due.state}",
                ),
                partial(self._acknowledged, due, due.offers),
            )
        self._look_for_receipts()

    def _acknowledged(self, due: Due, offer: int, stored: bool) -> None:
        if not self._alive or due.offered is not self or due.offers != offer:
            return
        if stored and self._connected:
            self._peer.acknowledged_by_host(due)
            return
        due.offered = None
        due.at = self._peer.world.time.now + 2.0
        self._look_for_receipts()


def register(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Make the types `world` and `world_simulated` lead to the carriers of `world`."""

    def build(carrier_id: str, settings: WorldSettings, seams: Seams) -> WorldCarrier:
        owner = getattr(seams.net, "owner", None)
        return WorldCarrier(carrier_id, settings, world.carriers[settings.peer], owner)

    for name, simulated in (("world", False), ("world_simulated", True)):
        monkeypatch.setitem(
            registry.CONNECTORS,
            name,
            Connector(WorldSettings, (), simulated, lambda _s, _p: None, build, lambda _s: None),
        )
