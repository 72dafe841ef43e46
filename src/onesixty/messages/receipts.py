"""Delivery reports: stored raw before they are acknowledged, matched, normalised, applied.

Rules kept here (promise 4; SEMANTICS, "Statuses"; DESIGN, "Receipts"):
- a receipt is matched on (carrier, id) however the carrier writes the id, when it comes, when the outcome that
  it belongs to is recorded, and in the sweep at growing intervals until its time to live;
- all receipts of one message in a batch are applied one after the other in one unit, under its version;
- ENROUTE and ACCEPTD change nothing; DELIVRD is never taken back; a late DELIVRD corrects;
- a message of several segments is delivered when all are, and undelivered when all ended and one is not;
- a carrier that cuts messages itself (HTTP) gives all segments one id, and one receipt counts for all of them;
- repeated, early, late and unknown receipts are all kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Final, Protocol

import msgspec
import structlog

from onesixty.core import ids, outcomes, statuses
from onesixty.core.clock import Clock
from onesixty.core.contracts import Acknowledge, CarrierReceipt, Write
from onesixty.core.message import Attempt, Change, Message, attempt_from_row, from_row
from onesixty.messages import changes
from onesixty.messages.matching import FRESH, Incoming, Matcher
from onesixty.messages.receipt_rules import (
    Kept,
    forms,
    is_news,
    next_step,
    same_id,
    segments_of,
)
from onesixty.messages.recorder import Recorder
from onesixty.store.contract import Store
from onesixty.store.units import StoreError, Unavailable, Unit

#: How long a receipt that matches nothing is kept and tried again.
TIME_TO_LIVE_MS: Final = 7 * 86_400_000
#: Seconds until a receipt that matched nothing is tried again; the last one repeats.
RETRIES: Final = (1, 5, 30, 120, 600, 3600)
#: Seconds until a look that the store could not answer is tried again.
AGAIN: Final = 1.0
#: Receipts handled in one go.
BATCH: Final = 500
#: How often a batch is looked at again after another writer was faster.
ROUNDS: Final = 10
#: Hints at early receipts that are kept in memory.
HINTS: Final = 100_000


class Observer(Protocol):
    """Where the desk counts."""

    def receipt(self, carrier_id: str, result: str) -> None:
        """`result`: matched, early, repeated, unmatched, expired."""


class Desk:
    """Takes receipts from carriers and from the table, in batches, one batch at a time."""

    def __init__(
        self,
        *,
        store: Store,
        recorder: Recorder,
        clock: Clock,
        new_id: Callable[[str], str],
        fault: Callable[[str], None],
        observer: Observer,
        outcomes_written: Callable[[], asyncio.Future[None] | None],
        meaning: Callable[[str, str], str | None] = lambda carrier_id, code: None,
    ) -> None:
        """`outcomes_written` tells when the answers that carriers gave until now are on disk; `meaning` what a
        carrier's own tables make of the code in its receipt, as a code of the catalogue."""
        self._store = store
        self._recorder = recorder
        self._clock = clock
        self._new_id = new_id
        self._fault = fault
        self._observer = observer
        self._outcomes_written = outcomes_written
        self._meaning = meaning
        self._log = structlog.get_logger("onesixty.receipts")
        self._queue: list[Incoming] = []
        self._task: asyncio.Task[None] | None = None
        self._refusing = False
        self._finders: set[asyncio.Task[None]] = set()
        #: Ids under which receipts wait for their message: a hint only, the table is the truth.
        #: (carrier, any form of the id) -> the form that the row is found by.
        self._early: dict[tuple[str, str], str] = {}
        #: Messages of which a segment has its receipt while others have no outcome yet: a hint as well.
        self._early_parts: set[str] = set()
        self._matcher = Matcher(store)

    # ------------------------------------------------------------ in

    def receive(self, receipt: CarrierReceipt, acknowledge: Acknowledge) -> None:
        """A receipt came; acknowledged once it is on disk, refused (try again) when it cannot be."""
        now = self._clock.now_ms()
        kept = Kept(
            id=self._new_id(ids.RECEIPT),
            carrier_id=receipt.carrier_id,
            carrier_message_id=receipt.carrier_message_id,
            match_id=receipt.candidates[0] if receipt.candidates else "",
            state=receipt.state,
            code=receipt.code,
            sender=receipt.sender,
            recipient=receipt.recipient,
            raw=receipt.raw,
            received_at=now,
            done_at=receipt.done_at,
            expires_at=now + TIME_TO_LIVE_MS,
        )
        self._put(Incoming(kept, receipt.candidates, True, acknowledge))

    def recorded(self, message: Message, attempts: Sequence[Attempt]) -> None:
        """Outcomes are on disk: receipts that came before them may match now, others will come soon."""
        keys = [(a.carrier_id, a.match_id) for a in attempts if a.match_id is not None]
        if len(attempts) == 1 and keys and message.attempts == 1:
            self._matcher.fresh[keys[0]] = (attempts[0], message)
            if len(self._matcher.fresh) > FRESH:
                self._matcher.fresh.popitem(last=False)
        found = [(key[0], self._early.pop(key)) for key in keys if key in self._early]
        parts = {a.message_id for a in attempts if a.message_id in self._early_parts}
        self._early_parts -= parts
        if found or parts:
            self._spawn(self._find_early(found, sorted(parts)))

    async def again(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Rows of `receipts` that are due: match them, or say when to look again."""
        fields = Kept.__struct_fields__
        batch = [
            Incoming(kept, forms(kept), False)
            for kept in (Kept(**dict(zip(fields, row, strict=True))) for row in rows)  # type: ignore[arg-type]
        ]
        await self._work(batch)

    @property
    def idle(self) -> bool:
        """Whether nothing is being worked on."""
        return self._task is None and not self._queue and not self._finders

    def _put(self, incoming: Incoming) -> None:
        self._queue.append(incoming)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drain())

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._finders.add(task)
        task.add_done_callback(self._finders.discard)

    async def _find_early(self, keys: list[tuple[str, str]], parts: list[str]) -> None:
        """Match receipts that came before their messages, and look at messages whose parts had theirs early. While
        the store is away the hints wait for it: the sweep would come much later."""
        while True:
            try:
                await self._find(keys)
                return await self.evaluate(parts)
            except Unavailable:
                await asyncio.sleep(AGAIN)
            except Exception:
                self._log.exception("early_receipts_failed")
                return None

    async def _find(self, keys: list[tuple[str, str]]) -> None:
        by_carrier: dict[str, list[str]] = {}
        for carrier_id, match_id in keys:
            by_carrier.setdefault(carrier_id, []).append(match_id)
        for carrier_id, match_ids in by_carrier.items():
            rows = await self._store.fetch("receipts_unmatched", carrier_id=carrier_id, match_ids=match_ids)
            await self.again(rows)

    # ------------------------------------------------------------ the work

    async def _drain(self) -> None:
        try:
            while self._queue:
                # A receipt often comes in one read with the answer that it belongs to: let that one land first.
                written = self._outcomes_written()
                if written is not None:
                    await asyncio.shield(written)
                batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                try:
                    await self._work(batch)
                except StoreError as error:
                    self._refused(error)
                    _answer(batch, False)
                except Exception:
                    self._log.exception("receipts_failed", count=len(batch))
                    _answer(batch, False)
        finally:
            self._task = None

    def _refused(self, error: StoreError) -> None:
        """The environment: the carrier keeps its receipts and comes again. One line for an outage."""
        if not self._refusing:
            self._refusing = True
            self._log.warning("receipts_refused", reason=str(error))

    async def _work(self, batch: list[Incoming]) -> None:
        """Match and apply; what lost its guard to another writer is looked at again."""
        for _ in range(ROUNDS):
            messages = await self._matcher.match(batch)
            by_message: dict[str, list[Incoming]] = {}
            plans: list[tuple[list[Incoming], Unit]] = []
            for incoming in batch:
                if incoming.attempt is None:
                    unit = self._keep(incoming)
                    if unit is not None:
                        plans.append(([incoming], unit))
                else:
                    by_message.setdefault(incoming.attempt.message_id, []).append(incoming)
            others = await self._matcher.attempts_of(messages.values(), by_message)
            for message_id, incomings in by_message.items():
                plans.append((incomings, self._apply(messages[message_id], others[message_id], incomings)))
            self._fault("receipts.before_commit")
            queued = [id_ for id_ in by_message if messages[id_].status == statuses.QUEUED]
            results = await self._store.commit([unit for _, unit in plans])
            self._fault("receipts.after_commit")
            batch = []
            for (incomings, _), result in zip(plans, results, strict=True):
                if result is False:
                    batch += incomings
                    continue
                if not isinstance(result, StoreError):
                    self._refusing = False
                elif result.retryable:
                    self._refused(result)
                else:
                    self._log.error("receipt_not_stored", reason=str(result), count=len(incomings))
                _answer(incomings, result is True)
            self._fault("receipts.after_ack")
            if queued:  # the last part's outcome may have come to disk meanwhile
                self._spawn(self._find_early([], queued))
            if not batch:
                return
        self._log.error("receipts_contended", count=len(batch))
        _answer(batch, False)

    def _apply(self, message: Message, attempts: list[Attempt], incomings: list[Incoming]) -> Unit:
        """The unit that applies receipts of one message, in the order in which they came."""
        now = self._clock.now_ms()
        writes: list[Write] = []
        steps: list[Change] = []
        for incoming in incomings:
            attempt, kept = incoming.attempt, incoming.kept
            assert attempt is not None
            writes.append(_row_of(incoming, message, attempt))
            if message.status == statuses.HELD and attempt.outcome == outcomes.UNKNOWN:
                until = changes.receipts_until(message)
                step = changes.advance(message, statuses.SENT, now, due_at=until)
                step.after.error_code = None
                steps.append(step)
                message = step.after
                attempt.outcome = outcomes.ACCEPTED
                attempt.carrier_message_id, attempt.match_id = kept.carrier_message_id, kept.match_id
                writes.append(
                    ("attempt_found", (message.id, attempt.attempt, attempt.segment, attempt.outcome,
                                       attempt.carrier_message_id, attempt.match_id))
                )  # fmt: skip
            meaning, attempt_code = statuses.MESSAGE_STATE.get(kept.state, (statuses.ENROUTE, None))
            if attempt_code is not None and kept.code is not None:
                attempt_code = self._meaning(kept.carrier_id, kept.code) or attempt_code
            repeated = attempt.state == meaning or not is_news(attempt.state, meaning)
            self._observer.receipt(kept.carrier_id, _result(incoming, repeated))
            if repeated:
                continue
            for one in same_id(attempt, attempts) if len(attempts) > 1 else (attempt,):
                one.state, one.state_at = meaning, kept.done_at or kept.received_at
                one.state_code, one.error_code = kept.code, attempt_code
                writes.append(
                    ("attempt_state", (message.id, one.attempt, one.segment, one.state,
                                       one.state_code, one.state_at, one.error_code))
                )  # fmt: skip
            step_or_none = next_step(message, attempts, now)
            if step_or_none is not None:
                steps.append(step_or_none)
                message = step_or_none.after
        if message.status == statuses.QUEUED:
            self._early_parts.add(message.id)
        elif not steps and segments_of(attempts) > 1:
            # Two nodes must not each see the other part missing. A queued message is its lane's, and is left
            # alone: its next outcome is written under the version that the lane knows.
            steps.append(changes.touch(message, now))
        if steps:
            return self._recorder.change(*steps, writes=writes)
        return Unit(keys=(message.id,), writes=tuple(writes))

    def _keep(self, incoming: Incoming) -> Unit | None:
        """The unit of a receipt that matches nothing yet: kept, and looked at again later."""
        kept = incoming.kept
        now = self._clock.now_ms()
        if incoming.fresh:
            self._observer.receipt(kept.carrier_id, "unmatched")
            for candidate in incoming.candidates:
                self._early[kept.carrier_id, candidate] = kept.match_id
            while len(self._early) > HINTS:
                del self._early[next(iter(self._early))]
            kept.due_at = now + RETRIES[0] * 1000
            return Unit(keys=(kept.id,), writes=(("receipt_insert", msgspec.structs.astuple(kept)),))
        tries = kept.tries + 1
        if now >= kept.expires_at:
            self._observer.receipt(kept.carrier_id, "expired")
            return Unit(keys=(kept.id,), writes=(("receipt_expire", (kept.id,)),))
        due_at = min(now + RETRIES[min(tries, len(RETRIES) - 1)] * 1000, kept.expires_at)
        return Unit(keys=(kept.id,), writes=(("receipt_later", (kept.id, tries, due_at)),))

    async def evaluate(self, message_ids: Sequence[str]) -> None:
        """Look at messages whose parts had receipts before the last part had its outcome.

        Raises Unavailable. What cannot be stored holds nobody else up: its time-out ends it.
        """
        if not message_ids:
            return
        rows = await self._store.fetch("messages_by_id", ids=list(message_ids))
        attempts: dict[str, list[Attempt]] = {}
        for row in await self._store.fetch("attempts_of_messages", ids=list(message_ids)):
            attempt = attempt_from_row(row)
            attempts.setdefault(attempt.message_id, []).append(attempt)
        now = self._clock.now_ms()
        units = []
        for message in map(from_row, rows):
            step = next_step(message, attempts.get(message.id, []), now)
            if step is not None:
                units.append(self._recorder.change(step))
        for result in await self._store.commit(units):
            if isinstance(result, Unavailable):
                raise result
            if isinstance(result, StoreError):
                self._log.error("receipts_not_applied", reason=str(result))


def _result(incoming: Incoming, repeated: bool) -> str:
    if repeated:
        return "repeated"
    return "matched" if incoming.fresh else "early"


def _row_of(incoming: Incoming, message: Message, attempt: Attempt) -> Write:
    kept = incoming.kept
    if message.redacted_at is not None:  # what comes late must not bring the number and the text back
        kept = msgspec.structs.replace(kept, recipient=None, raw="")
    if not incoming.fresh:
        return (
            "receipt_match",
            (
                kept.id,
                message.id,
                attempt.attempt,
                attempt.segment,
                message.account_id,
                kept.recipient,
                kept.raw,
            ),
        )
    row = msgspec.structs.replace(
        kept,
        message_id=message.id,
        attempt=attempt.attempt,
        segment=attempt.segment,
        account_id=message.account_id,
    )
    return ("receipt_insert", msgspec.structs.astuple(row))


def _answer(incomings: Iterable[Incoming], stored: bool) -> None:
    for incoming in incomings:
        if incoming.acknowledge is not None:
            incoming.acknowledge(stored)
            incoming.acknowledge = None
