"""A carrier inside this process: it takes segments, answers them, and reports delivery as its settings say.

Rules kept here:
- test traffic ends here: nothing leaves the process, and `simulated` is True;
- an outcome is never reported from within `submit`, and exactly once for each segment;
- segments have no tasks or timers of their own: answers and receipts wait in two agendas and go out in batches;
- a lost answer becomes unknown after `response_timeout_s` and then frees its slot, as on a real connection;
- a receipt or an inbound message that the host does not acknowledge is repeated;
- a stop hands over all pending receipts at once, since they could not come later;
- what is delivered is on its handset (`simulator.handsets`); numbers with a fixed fate (`simulator.fixed`) have
  it regardless of the settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final, NamedTuple

import msgspec

from onesixty.carriers.host_turn import HostTurn
from onesixty.carriers.simulator.phones import Phones
from onesixty.carriers.simulator.settings import SimulatorSettings
from onesixty.carriers.waiting import NOT_WRITTEN, Waiting
from onesixty.channels.sms.rendering import render_message
from onesixty.core import outcomes
from onesixty.core.clock import Clock, Random
from onesixty.core.contracts import (
    CarrierHost,
    CarrierReceipt,
    CarrierState,
    Refusal,
    Rendered,
    Submission,
)
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.simulator.agenda import Agenda
from onesixty.simulator.behaviour import DELIVERED, RECEIPT_ERROR, Behaviour, Fate, Network
from onesixty.simulator.fixed import UNSUBSCRIBE, FixedNumber, fixed_number
from onesixty.simulator.handsets import Handset
from onesixty.simulator.networks import operator_of
from onesixty.simulator.sandbox import Sandbox

BIND: Final = "simulator"

_WORD: Final = {
    1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 8: "REJECTD", 9: "SKIPPED",
}  # fmt: skip

_BEHAVIOUR: Final = frozenset(Behaviour.__struct_fields__)
_NO_COVERAGE: Final = Fate(outcomes.PERMANENT, "carrier_refused", 0.0, (), None, "no_coverage")
_UNSUBSCRIBED: Final = Fate(outcomes.PERMANENT, "recipient_opted_out", 0.0, (), None, "0x412")


class _Answer(NamedTuple):
    """A segment whose answer is scheduled."""

    submission: Submission
    segment: int
    fate: Fate
    carrier_message_id: str


class _Receipt(NamedTuple):
    """A scheduled receipt. `arrives` is the segment that reaches its handset at that time. `state` 0 means no
    receipt: the segment arrives without a report."""

    carrier_message_id: str
    state: int
    sender: str
    message: Message
    arrives: tuple[Submission, int] | None


class SimulatorCarrier:
    """The connector of type "simulator"; see `core.contracts.Carrier` for what each method promises."""

    simulated = True

    def __init__(
        self,
        carrier_id: str,
        settings: SimulatorSettings,
        *,
        clock: Clock,
        random: Random,
        sandbox: Sandbox | None = None,
    ) -> None:
        """`sandbox` is shared by all simulated carriers of a node."""
        self.id = carrier_id
        self.throughput = float(settings.throughput)
        self.receipt_timeout_ms = int(settings.receipt_timeout_s * 1000)
        self._configured = self._settings = settings
        self._countries = frozenset(settings.countries)
        self._clock = clock
        self._random = random
        self._sandbox = sandbox or Sandbox()
        self._waiting = Waiting()
        self._in_flight = 0
        self._started = False
        self._up = False
        self._last_error: str | None = None
        self._kept: list[_Receipt] = []
        self._host: CarrierHost
        self._loop: asyncio.AbstractEventLoop
        self._turn = HostTurn(carrier_id)
        self._network: Network
        self._answers: Agenda[_Answer]
        self._receipts: Agenda[_Receipt]
        self._phones: Phones

    async def start(self, host: CarrierHost) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._turn.begin(host)
        self._network = Network(self._settings, self._random, self._loop.time)
        self._answers = Agenda(self._loop, self._answer)
        self._receipts = Agenda(self._loop, self._due)
        self._phones = Phones(
            self.id,
            host,
            self._sandbox,
            self._loop,
            self._clock,
            self._random,
            self._settings.receipt_repeat_s,
        )
        self._started = True
        self._sandbox.join(self)
        self._loop.call_soon(self.come_up)

    async def stop(self, deadline: float) -> None:
        """Return at once: nothing can still answer the open segments."""
        if not self._started:
            return
        self._started = False
        self._sandbox.leave(self)
        self.go_down("stopped")
        self._turn.report()
        due = self._receipts.clear()
        self._arrive(due)
        self._report([*self._kept, *due], stopping=True)
        self._kept.clear()
        self._phones.stop()

    def come_up(self) -> None:
        """Bring the link up and hand over the receipts that waited for it. Does nothing after a stop."""
        if not self._started:
            return
        self._up = True
        self._last_error = None
        kept, self._kept = self._kept, []
        if kept:
            self._report(kept)
        self._phones.link_up()
        self._host.ready(self.id)

    @property
    def up(self) -> bool:
        """Whether its link is up."""
        return self._up

    @property
    def behaviour(self) -> Behaviour:
        """The behaviour at present."""
        return self._settings

    def behave(self, changes: Mapping[str, object]) -> None:
        """Behave as configured, with these `changes` (fields of `Behaviour`). Raises ValueError naming the field."""
        for name in changes:
            if name not in _BEHAVIOUR:
                raise ValueError(f"unknown behaviour `{name}` of a simulated carrier")
        settings = msgspec.to_builtins(self._configured) | dict(changes)
        self._settings = msgspec.convert(settings, SimulatorSettings)
        self._network = Network(self._settings, self._random, self._loop.time)

    def go_down(self, reason: str = "the simulated link is down") -> None:
        """Take the link down: segments in flight become unknown, and waiting segments count as never written."""
        self._up = False
        self._phones.link_down()
        self._last_error = reason
        for answer in self._answers.clear():
            self._in_flight -= 1
            self._host.outcome(
                answer.submission,
                answer.segment,
                Outcome(outcomes.UNKNOWN, code="outcome_unknown", bind=BIND),
            )
        for submission, segment in self._waiting.take_all():
            self._host.outcome(submission, segment, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=BIND))
        self._host.ready(self.id)

    def render(self, message: Message, sender: str, concat_reference: int) -> Rendered | Refusal:
        fixed = fixed_number(message.recipient)
        if fixed is not None and fixed.cannot_carry:
            return Refusal(
                "carrier_cannot_carry", "The fixed outcome of this number: no carrier supports its texts."
            )
        return render_message(message, sender, concat_reference)

    def capacity(self) -> int:
        if not self._up:
            return 0
        return max(0, self._settings.window - self._in_flight - len(self._waiting))

    def submit(self, submission: Submission) -> None:
        if not self._up:
            for segment in submission.pending:
                self._turn.outcome(
                    submission, segment, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=BIND)
                )
            return
        for segment in submission.pending:
            if self._waiting or self._in_flight >= self._settings.window:
                self._waiting.add(submission, segment)
            else:
                self._send(submission, segment)

    def state(self) -> CarrierState:
        return CarrierState(
            connected=self._up,
            binds=1,
            binds_bound=int(self._up),
            in_flight=self._in_flight,
            window=self._settings.window,
            last_error=self._last_error,
        )

    def send(self, handset: Handset, recipient: str, text: str) -> int:
        """Send a text from a handset (`Phones.send`)."""
        return self._phones.send(handset, recipient, text)

    def _send(self, submission: Submission, segment: int) -> None:
        self._in_flight += 1
        message = submission.message
        fixed = fixed_number(message.recipient)
        if fixed is not None:
            fate = self._fixed(fixed, message, segment)
        elif self._countries and message.country not in self._countries:
            fate = _NO_COVERAGE
        else:
            fate = self._network.draw()
        # The top bit is set, so that the id has no leading zero, which a matching rule could remove.
        carrier_message_id = f"{self._random.getrandbits(63) | 1 << 63:x}"
        unanswered = fate.kind == outcomes.UNKNOWN
        self._answers.add(
            self._settings.response_timeout_s if unanswered else fate.latency,
            _Answer(submission, segment, fate, carrier_message_id),
        )
        arrives = None if fate.arrives is None else (submission, segment)
        sender = submission.rendered.sender
        for plan in fate.receipts:
            if plan.state == DELIVERED:
                self._receipts.add(
                    plan.delay, _Receipt(carrier_message_id, plan.state, sender, message, arrives)
                )
                arrives = None
            else:
                self._receipts.add(
                    plan.delay, _Receipt(carrier_message_id, plan.state, sender, message, None)
                )
        if arrives is not None and fate.arrives is not None:
            self._receipts.add(fate.arrives, _Receipt(carrier_message_id, 0, sender, message, arrives))

    def _fixed(self, fixed: FixedNumber, message: Message, segment: int) -> Fate:
        """Return the fate of a number with a fixed fate."""
        latency = self._network.latency()
        if fixed.reply == UNSUBSCRIBE:
            handset = self._sandbox.handsets.find(message.tenant, fixed.number)
            if handset is not None and handset.unsubscribed:
                return _UNSUBSCRIBED
        tries = self._sandbox.tries(message.id, segment) if fixed.counts_tries else 1
        return fixed.fate(segment, tries, latency)

    def _answer(self, answers: list[_Answer]) -> None:
        """Report the answers that are due, then fill the window again."""
        host = self._host
        self._in_flight -= len(answers)
        for submission, segment, fate, carrier_message_id in answers:
            if fate.kind == outcomes.ACCEPTED:
                outcome = Outcome(outcomes.ACCEPTED, carrier_message_id=carrier_message_id, bind=BIND)
            else:
                outcome = Outcome(fate.kind, code=fate.code, carrier_code=fate.carrier_code, bind=BIND)
            host.outcome(submission, segment, outcome)
            for fallen in self._waiting.fall_with(submission, outcome):
                host.outcome(*fallen)
        while self._waiting and self._in_flight < self._settings.window:
            submission, segment = self._waiting.take()
            if host.may_write(submission):
                self._send(submission, segment)
                continue
            never = Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=BIND)
            for entry in ((submission, segment), *self._waiting.take_of(submission)):
                host.outcome(*entry, never)
        host.ready(self.id)

    # ------------------------------------------------------------ receipts

    def _due(self, receipts: list[_Receipt]) -> None:
        self._arrive(receipts)
        self._report(receipts)

    def _arrive(self, receipts: list[_Receipt]) -> None:
        arrive = self._phones.arrive
        now = self._clock.now_ms()
        for receipt in receipts:
            if receipt.arrives is not None:
                arrive(*receipt.arrives, now)

    def _report(self, receipts: list[_Receipt], stopping: bool = False) -> None:
        if not self._up and not stopping:
            self._kept.extend(receipts)
            return
        now = self._clock.now_ms()
        for receipt in receipts:
            if not receipt.state:
                continue
            error = RECEIPT_ERROR[receipt.state]
            message = receipt.message
            self._host.receipt(
                CarrierReceipt(
                    carrier_id=self.id,
                    carrier_message_id=receipt.carrier_message_id,
                    candidates=(receipt.carrier_message_id,),
                    state=receipt.state,
                    code=error,
                    sender=receipt.sender,
                    recipient=message.recipient,
                    done_at=now,
                    raw=f"id:{receipt.carrier_message_id} stat:{_WORD[receipt.state]} err:{error}",
                    network=operator_of(message.country, message.recipient).code,
                ),
                partial(self._acknowledged, receipt),
            )

    def _acknowledged(self, receipt: _Receipt, stored: bool) -> None:
        if not stored:
            self._receipts.add(self._settings.receipt_repeat_s, receipt._replace(arrives=None))
