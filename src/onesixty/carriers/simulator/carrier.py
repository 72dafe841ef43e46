"""A carrier in this process: takes segments, answers, and reports delivery as its settings say.

Rules kept here:
- test traffic ends here: nothing leaves the process, and `simulated` is True;
- an outcome is never reported from within `submit`, and exactly once for each segment;
- no task and no timer for a segment: answers and receipts wait in two agendas and go out in batches;
- a lost answer is unknown after `response_timeout_s` and frees its slot then, as it would on a socket;
- a receipt that the host does not acknowledge comes again;
- stopping hands over the receipts still to come at once, because nobody could do it later.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final, NamedTuple

from onesixty.carriers.rendering import render_message
from onesixty.carriers.simulator.settings import SimulatorSettings
from onesixty.carriers.waiting import NOT_WRITTEN, Waiting
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
from onesixty.simulator.behaviour import RECEIPT_ERROR, Fate, Network

BIND: Final = "simulator"

_WORD: Final = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 5: "UNDELIV"}


class _Answer(NamedTuple):
    """A segment whose answer is due."""

    submission: Submission
    segment: int
    fate: Fate
    carrier_message_id: str


class _Receipt(NamedTuple):
    """A receipt that is due."""

    carrier_message_id: str
    state: int
    sender: str
    recipient: str


class SimulatorCarrier:
    """The connector of type "simulator"; see `core.contracts.Carrier` for what each method promises."""

    simulated = True

    def __init__(self, carrier_id: str, settings: SimulatorSettings, *, clock: Clock, random: Random) -> None:
        self.id = carrier_id
        self.throughput = float(settings.throughput)
        self.receipt_timeout_ms = int(settings.receipt_timeout_s * 1000)
        self._settings = settings
        self._clock = clock
        self._random = random
        self._waiting = Waiting()
        self._in_flight = 0
        self._started = False
        self._up = False
        self._last_error: str | None = None
        self._refused: list[tuple[Submission, int]] = []
        self._kept: list[_Receipt] = []
        self._host: CarrierHost
        self._loop: asyncio.AbstractEventLoop
        self._network: Network
        self._answers: Agenda[_Answer]
        self._receipts: Agenda[_Receipt]

    async def start(self, host: CarrierHost) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._network = Network(self._settings, self._random, self._loop.time)
        self._answers = Agenda(self._loop, self._answer)
        self._receipts = Agenda(self._loop, self._report)
        self._started = True
        self._loop.call_soon(self.come_up)

    async def stop(self, deadline: float) -> None:
        """Nothing that is open could still be answered by anyone, so there is nothing to wait for."""
        if not self._started:
            return
        self._started = False
        self.go_down("stopped")
        self._refuse()
        self._report([*self._kept, *self._receipts.clear()], stopping=True)
        self._kept.clear()

    def come_up(self) -> None:
        """Be reachable; receipts that were kept meanwhile are handed over. Nothing once it was stopped."""
        if not self._started:
            return
        self._up = True
        self._last_error = None
        kept, self._kept = self._kept, []
        if kept:
            self._report(kept)
        self._host.ready(self.id)

    def go_down(self, reason: str = "the simulated link is down") -> None:
        """Be unreachable: what was not answered is unknown, what waited was never written."""
        self._up = False
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

    def render(self, message: Message, concat_reference: int) -> Rendered | Refusal:
        return render_message(message, concat_reference)

    def capacity(self) -> int:
        if not self._up:
            return 0
        return max(0, self._settings.window - self._in_flight - len(self._waiting))

    def submit(self, submission: Submission) -> None:
        if not self._up:
            if not self._refused:
                self._loop.call_soon(self._refuse)
            self._refused.extend((submission, segment) for segment in submission.pending)
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

    def _send(self, submission: Submission, segment: int) -> None:
        self._in_flight += 1
        fate = self._network.draw()
        # The top bit is set, so that the id has no zero in front that a matching rule could take away.
        carrier_message_id = f"{self._random.getrandbits(63) | 1 << 63:x}"
        unanswered = fate.kind == outcomes.UNKNOWN
        self._answers.add(
            self._settings.response_timeout_s if unanswered else fate.latency,
            _Answer(submission, segment, fate, carrier_message_id),
        )
        for plan in fate.receipts:
            self._receipts.add(
                plan.delay,
                _Receipt(
                    carrier_message_id, plan.state, submission.rendered.sender, submission.message.recipient
                ),
            )

    def _answer(self, answers: list[_Answer]) -> None:
        """Answers are due: report them, then fill the window again."""
        host = self._host
        self._in_flight -= len(answers)
        for submission, segment, fate, carrier_message_id in answers:
            if fate.kind == outcomes.ACCEPTED:
                outcome = Outcome(outcomes.ACCEPTED, carrier_message_id=carrier_message_id, bind=BIND)
            else:
                outcome = Outcome(fate.kind, code=fate.code, carrier_code="simulated", bind=BIND)
            host.outcome(submission, segment, outcome)
            for fallen in self._waiting.fall_with(submission, outcome):
                host.outcome(*fallen)
        while self._waiting and self._in_flight < self._settings.window:
            self._send(*self._waiting.take())
        host.ready(self.id)

    def _refuse(self) -> None:
        """Segments handed over while the link was down: none was written."""
        refused, self._refused = self._refused, []
        for submission, segment in refused:
            self._host.outcome(submission, segment, Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=BIND))

    def _report(self, receipts: list[_Receipt], stopping: bool = False) -> None:
        if not self._up and not stopping:
            self._kept.extend(receipts)
            return
        now = self._clock.now_ms()
        for receipt in receipts:
            error = RECEIPT_ERROR[receipt.state]
            self._host.receipt(
                CarrierReceipt(
                    carrier_id=self.id,
                    carrier_message_id=receipt.carrier_message_id,
                    candidates=(receipt.carrier_message_id,),
                    state=receipt.state,
                    code=error,
                    sender=receipt.sender,
                    recipient=receipt.recipient,
                    done_at=now,
                    raw=f"id:{receipt.carrier_message_id} stat:{_WORD[receipt.state]} err:{error}",
                ),
                partial(self._acknowledged, receipt),
            )

    def _acknowledged(self, receipt: _Receipt, stored: bool) -> None:
        if not stored:
            self._receipts.add(self._settings.receipt_repeat_s, receipt)
