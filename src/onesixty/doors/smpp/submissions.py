"""submit_sm and data_sm on their way into intake: the hot path of this door.

Rules kept here:
- ESME_ROK is answered only for what is on disk (promise 1);
- everything that came in one turn of the loop, over all binds, goes to intake as one batch in one task, and its
  answers are written together;
- a 5.0 bind hears how busy we are (congestion_state): the share of what may be outstanding here;
- the window and the rate of a bind are kept before anything is read; a rate counts segments: one
  token is asked for at the door, what a message took beyond that is owed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Final

import structlog

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.message import Message
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
from onesixty.messages.orders import Replay
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu

#: Submissions outstanding over all binds at which we call ourselves full.
FULL: Final = 10_000

Taken = tuple[Bind, Pdu, Submission]


class Submissions:
    """Takes requests that submit one message each. `add` is called for each, in the order of the wire."""

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
        """Whether nothing waits for its answer."""
        return not self._waiting and not self._tasks

    def add(self, bind: Bind, pdu: Pdu) -> None:
        """A submit_sm or data_sm came."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._take)
        self._waiting.append((bind, pdu))

    def _take(self) -> None:
        waiting, self._waiting = self._waiting, []
        now_ms = self._clock.now_ms()
        now = self._clock.monotonic()
        taken: list[Taken] = []
        parts: list[Taken] = []
        for bind, pdu in waiting:
            if bind.bucket.wait(now) > 0:
                self._refuse(bind, pdu, too_fast(bind.bucket.rate))
                continue
            bind.bucket.take(now)
            try:
                made = submission(pdu, bind.credential, now_ms, short_id=bind.id_form == SHORT)
            except (Refused, Problem) as why:
                self._refuse(bind, pdu, why)
                continue
            except Exception:
                # One PDU that nobody thought of must not take the others of its read with it.
                self._log.exception("submission_not_understood", bind=bind.id)
                self._refuse(bind, pdu, Problem("internal_error", rule="internal"))
                continue
            if made.place is not None:
                parts.append((bind, pdu, made))
                continue
            if bind.credential.profile.deduplicate != "off":
                made.order.idempotency = self._deduplication.guard(bind.credential, pdu, now_ms)
            taken.append((bind, pdu, made))
            if bind.interface_version >= c.INTERFACE_VERSION_50:
                bind.connection.congestion_state = self._congestion()
        if taken:
            self._spawn(self._submit(taken), taken)
        if parts:
            self._spawn(self._keep(parts), parts)

    def _refuse(self, bind: Bind, pdu: Pdu, why: Problem | Refused) -> None:
        self._answers.answer(bind, pdu, self._refusals.submission(bind, pdu, why))

    def _congestion(self) -> int:
        """congestion_state (5.0, 4.8.4.18): 0 idle, 99 full; 100 would be congested, which ESME_RTHROTTLED says."""
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
            for bind, pdu, _ in taken:  # what has its answer keeps it
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
        """Parts of messages that customers cut themselves: each has its own id."""
        results = await self._parts.take([_part(bind, made) for bind, _, made in parts])
        for (bind, pdu, _), result in zip(parts, results, strict=True):
            if isinstance(result, str):
                bind.submissions += 1
                form = bind.id_form
                self._answers.answer(bind, pdu, c.ESME_ROK, smpp_id(result, form))
            else:
                self._refuse(bind, pdu, result)

    async def _repeat(self, bind: Bind, pdu: Pdu, made: Submission) -> None:
        """It was sent before: its first answer again."""
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
