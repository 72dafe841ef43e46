"""Takes submit_sm and data_sm to intake: the hot path of this door.

Rules kept here:
- ESME_ROK is answered only for a message that is on disk (promise 1);
- all submissions of one turn of the event loop, over all binds, go to intake as one batch in one task, and their
  answers are written together. Those of a bind that may have to wait (`Intake.may_wait`) are a batch of their
  account, so that other accounts do not wait with it;
- a 5.0 bind learns how busy the door is (congestion_state): the share of the submissions that may be outstanding;
- the window and the rate of a bind are enforced before anything is read. A rate counts segments: one token is taken
  at the door, and the further segments of a message are taken later, as a debt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Final

import structlog

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.orders import Replay
from onesixty.customers.binds import Bind
from onesixty.customers.dedup import Deduplication
from onesixty.customers.message_ids import SHORT, smpp_id
from onesixty.customers.parts import CustomerPart, Parts
from onesixty.doors.smpp.answers import Answers
from onesixty.doors.smpp.operations import Operations
from onesixty.doors.smpp.refusals import Refused, too_fast
from onesixty.doors.smpp.trace import SmppRefusals
from onesixty.doors.smpp.translate import Submission, submission
from onesixty.messages.intake import Intake
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu

#: The number of outstanding submissions, over all binds, at which congestion_state reports full.
FULL: Final = 10_000

Taken = tuple[Bind, Pdu, Submission]


class Submissions:
    """Takes requests that submit one message each. `add` is called for each, in the order of arrival."""

    def __init__(
        self,
        intake: Intake,
        parts: Parts,
        answers: Answers,
        clock: Clock,
        deduplication: Deduplication,
        operations: Operations,
        refusals: SmppRefusals,
    ) -> None:
        self._intake = intake
        self._parts = parts
        self._answers = answers
        self._clock = clock
        self._deduplication = deduplication
        self._operations = operations
        self._refusals = refusals
        self._outstanding = 0
        self._log = structlog.get_logger("onesixty.smpp")
        self._waiting: list[tuple[Bind, Pdu]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> bool:
        """Whether no request waits for its answer."""
        return not self._waiting and not self._tasks

    def add(self, bind: Bind, pdu: Pdu) -> None:
        """Take a submit_sm or data_sm."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._take)
        self._waiting.append((bind, pdu))

    def _take(self) -> None:
        waiting, self._waiting = self._waiting, []
        now_ms = self._clock.now_ms()
        now = self._clock.monotonic()
        taken: list[Taken] = []
        apart: dict[str, list[Taken]] = {}
        parts: list[Taken] = []
        for bind, pdu in waiting:
            if bind.bucket.wait(now) > 0:
                self._refuse(bind, pdu, too_fast(bind.credential.profile.rate))
                continue
            bind.bucket.take(now)
            try:
                made = submission(pdu, bind.credential, now_ms, short_id=bind.id_form == SHORT)
                if bind.grant is not None and made.place is not None:
                    bind.grant.check_sender(made.order.sender or "")
            except (Refused, Problem) as why:
                self._refuse(bind, pdu, why)
                continue
            except Exception:
                # One unforeseen PDU must not fail the others of the same read.
                self._log.exception("submission_not_understood", bind=bind.id)
                self._refuse(bind, pdu, Problem("internal_error", rule="internal"))
                continue
            if made.place is not None:
                parts.append((bind, pdu, made))
                continue
            made.order.grant = bind.grant  # parts get it when they are joined
            if bind.credential.profile.deduplicate != "off":
                made.order.idempotency = self._deduplication.guard(bind.credential, pdu, now_ms)
            account_id = bind.credential.account_id
            waits = self._intake.may_wait(account_id, bind.grant)
            batch = apart.setdefault(account_id, []) if waits else taken
            batch.append((bind, pdu, made))
            if bind.interface_version >= c.INTERFACE_VERSION_50:
                bind.connection.congestion_state = self._congestion()
        for batch in (taken, *apart.values()):
            if batch:
                self._spawn(self._submit(batch), batch)
        if parts:
            self._spawn(self._keep(parts), parts)

    def _refuse(self, bind: Bind, pdu: Pdu, why: Problem | Refused) -> None:
        self._answers.answer(bind, pdu, self._refusals.submission(bind, pdu, why))

    def _congestion(self) -> int:
        """congestion_state (5.0, 4.8.4.18): 0 idle, 99 full. 100 would be congested,
        which ESME_RTHROTTLED reports."""
        return min(99, 100 * self._outstanding // FULL)

    def _spawn(self, work: Coroutine[None, None, None], taken: list[Taken]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work, taken))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[None, None, None], taken: list[Taken]) -> None:
        self._outstanding += len(taken)
        try:
            await work
        except Exception:
            self._log.exception("submissions_failed", count=len(taken))
            for bind, pdu, _ in taken:  # those already answered keep their answer
                self._answers.answer(bind, pdu, c.ESME_RSYSERR)
        finally:
            self._outstanding -= len(taken)

    async def _submit(self, taken: list[Taken]) -> None:
        results = await self._intake.accept([made.order for _, _, made in taken])
        now = self._clock.monotonic()
        answer = self._answers.answer
        for (bind, pdu, made), result in zip(taken, results, strict=True):
            if isinstance(result, Message):
                if made.order.content is not None and made.order.content.replace_if_present:
                    await self._operations.replace_older(bind, result, made.origin.service_type)
                if result.segments > 1:
                    bind.bucket.take(now, result.segments - 1)
                bind.submissions += 1
                answer(bind, pdu, c.ESME_ROK, smpp_id(result.id, bind.id_form))
            elif isinstance(result, Replay):
                await self._repeat(bind, pdu, made)
            else:
                self._refuse(bind, pdu, result)

    async def _keep(self, parts: list[Taken]) -> None:
        """Store parts of messages that customers cut themselves. Each part has its own id."""
        results = await self._parts.take([_part(bind, made) for bind, _, made in parts])
        for (bind, pdu, _), result in zip(parts, results, strict=True):
            if isinstance(result, str):
                bind.submissions += 1
                form = bind.id_form
                self._answers.answer(bind, pdu, c.ESME_ROK, smpp_id(result, form))
            else:
                self._refuse(bind, pdu, result)

    async def _repeat(self, bind: Bind, pdu: Pdu, made: Submission) -> None:
        """Repeat the first answer for a submission that was sent before."""
        first = await self._deduplication.first(made.order)
        if first is None:
            self._refuse(bind, pdu, Refused(c.ESME_RMSGQFUL))
            return
        self._answers.answer(bind, pdu, c.ESME_ROK, smpp_id(first, bind.id_form))


def _part(bind: Bind, made: Submission) -> CustomerPart:
    assert made.place is not None
    profile = bind.credential.profile
    return CustomerPart(
        order=made.order,
        origin=made.origin,
        reference=made.place.reference,
        total=made.place.total,
        number=made.place.number,
        bits=made.place.bits,
        payload=made.payload,
        udh=made.udh,
        data_coding=made.data_coding,
        alphabet_0=profile.alphabet_0,
        alphabet_1=profile.alphabet_1,
    )
