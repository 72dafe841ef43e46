"""Delivery reports: stored raw before they are acknowledged, matched, normalised, applied.

Rules kept here (promise 4; docs/reference/statuses.md; docs/decisions/0051-early-receipts.md):
- a receipt is matched on (carrier, id) however the carrier writes the id. This happens when the receipt arrives, when
  its outcome is recorded, and in the sweep at growing intervals until its time to live ends;
- keeping an early receipt and recording its outcome never miss each other. On one node memory ensures it (early.py).
  Between nodes, each side reads after its own commit what the other wrote. The sweep is the safety net, and what it
  finds is counted separately;
- a receipt for a message that is still queued (some of its segments were taken) is applied only if no other writer
  changed the message meanwhile; its version stays the lane's;
- all receipts of one message in a batch are applied one after the other in one unit, under its version;
- ENROUTE and ACCEPTD change nothing; DELIVRD is never taken back; a late DELIVRD corrects;
- a message of several segments is delivered when all segments are. It is undelivered when all have ended and
  one of them is undelivered;
- a carrier that cuts messages itself (HTTP) gives all segments one id, and one receipt counts for all of them;
- repeated, early, late and unknown receipts are all kept.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Final

import msgspec
import structlog

from onesixty.core import ids, outcomes, statuses
from onesixty.core.carrier_ids import id_keys
from onesixty.core.contracts import Acknowledge, CarrierReceipt, Write
from onesixty.core.message import Attempt, Change, Message, attempt_from_row, from_row
from onesixty.kit.context import Context
from onesixty.messages import changes
from onesixty.messages.contracts import Carriers, Outcomes
from onesixty.messages.early import Early, Key, message_key
from onesixty.messages.matching import FRESH, Incoming, Matcher
from onesixty.messages.receipt_rules import (
    Kept,
    forms,
    is_news,
    next_step,
    same_id,
)
from onesixty.messages.recorder import Recorder
from onesixty.store.units import StoreError, Unavailable, Unit

#: How long an unmatched receipt is kept and retried.
TIME_TO_LIVE_MS: Final = 7 * 86_400_000
#: Seconds until an unmatched receipt is tried again; the last one repeats.
RETRIES: Final = (1, 5, 30, 120, 600, 3600)
#: Seconds until a look-up is tried again after the store was away.
AGAIN: Final = 1.0
#: Receipts handled at once: some milliseconds of the event loop.
BATCH: Final = 100
#: How often a batch is retried after another writer was faster.
ROUNDS: Final = 10


class Receipts:
    """Takes receipts from carriers and from the table, in batches, one batch at a time."""

    def __init__(self, node: Context, *, recorder: Recorder, carriers: Carriers, outcomes: Outcomes) -> None:
        self._store, self._clock, self._ids = node.store, node.clock, node.ids
        self._fault, self._observer = node.fault, node.observer
        self._recorder = recorder
        self._carriers = carriers
        self._outcomes = outcomes
        self._log = structlog.get_logger("onesixty.receipts")
        self._queue: list[Incoming] = []
        self._task: asyncio.Task[None] | None = None
        self._refusing = False
        self._finders: set[asyncio.Task[None]] = set()
        #: Whether other nodes keep receipts and record outcomes in the same database.
        self._shared = node.store.dialect == "postgresql"
        #: Receipts that wait for their message: a hint only, the table is the truth.
        self._early = Early(node.channels)
        #: Messages that had a receipt while they were queued: also only a hint.
        self._queued: set[str] = set()
        #: By carrier: the ids under which the next look-up asks the table for waiting receipts.
        self._wanted: dict[str, set[str]] = {}
        self._matcher = Matcher(node.store, node.channels)

    # ------------------------------------------------------------ in

    def receive(self, receipt: CarrierReceipt, acknowledge: Acknowledge) -> None:
        """Take a receipt. It is acknowledged once it is on disk, and refused (try again) if it cannot be written."""
        now = self._clock.now_ms()
        kept = Kept(
            id=self._ids.new(ids.RECEIPT),
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
        """Take note of outcomes on disk: earlier receipts may match them now, and others will arrive soon."""
        keys = [(a.carrier_id, a.match_id) for a in attempts if a.match_id is not None]
        if len(attempts) == 1 and keys and message.attempts == 1:
            self._matcher.fresh[keys[0]] = (attempts[0], message)
            if len(self._matcher.fresh) > FRESH:
                self._matcher.fresh.popitem(last=False)
        self._wake(message, attempts)
        if message.id in self._queued and message.status != statuses.QUEUED:
            self._queued.discard(message.id)
            self._evaluate_soon(message.id)

    def _wake(self, message: Message, attempts: Sequence[Attempt]) -> None:
        """Look at the receipts that wait for these outcomes, which are on disk now."""
        waiting = self._early.recorded(message, attempts)
        if self._shared:  # another node may have kept them
            waiting += [
                (a.carrier_id, form) for a in attempts for form in id_keys(a.carrier_message_id or "")
            ]
        if waiting:
            looks = not self._wanted
            for carrier_id, match_id in waiting:
                self._wanted.setdefault(carrier_id, set()).add(match_id)
            if looks:
                self._spawn(self._look())

    def found(self, message: Message, attempts: Sequence[Attempt]) -> None:
        """Take note of attempts that reached the disk late. Their receipts may already be there, matched
        or not, also from other nodes."""
        wanted: dict[str, set[str]] = {}
        for attempt in attempts:
            wanted.setdefault(attempt.carrier_id, set()).update(id_keys(attempt.carrier_message_id or ""))

        async def look() -> None:
            await self._find(wanted)
            await self.evaluate([message.id])

        self._spawn(self._patiently(look))

    async def again(self, rows: Sequence[tuple[object, ...]], result: str = "swept") -> None:
        """Match waiting rows of `receipts`, or set when to look again. `result` is the name under
        which matched ones are counted."""
        fields = Kept.__struct_fields__
        batch = [
            Incoming(kept, forms(kept), False, result=result)
            for kept in (Kept(**dict(zip(fields, row, strict=True))) for row in rows)  # type: ignore[arg-type]
        ]
        await self._work(batch)

    @property
    def idle(self) -> bool:
        """Whether there is no receipt left to handle."""
        return self._task is None and not self._queue and not self._finders

    def _put(self, incoming: Incoming) -> None:
        self._queue.append(incoming)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drain())

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._finders.add(task)
        task.add_done_callback(self._finders.discard)

    async def _look(self) -> None:
        """Ask the table for the receipts of recorded outcomes. Outcomes recorded meanwhile are asked for next."""
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            await self._patiently(functools.partial(self._find, wanted))

    async def _patiently(self, look: Callable[[], Awaitable[None]]) -> None:
        """Repeat a look-up until the store is back, because the sweep would come much later."""
        while True:
            try:
                return await look()
            except Unavailable:
                await asyncio.sleep(AGAIN)
            except Exception:
                self._log.exception("early_receipts_failed")
                return None

    def _evaluate_soon(self, message_id: str) -> None:
        self._spawn(self._patiently(lambda: self.evaluate([message_id])))

    async def _find(self, wanted: dict[str, set[str]]) -> None:
        for carrier_id, match_ids in wanted.items():
            rows = await self._store.fetch(
                "receipts_unmatched", carrier_id=carrier_id, match_ids=sorted(match_ids)
            )
            if rows:
                await self.again(rows, "early")

    # ------------------------------------------------------------ matching and applying

    async def _drain(self) -> None:
        try:
            while self._queue:
                # A receipt often arrives in one read with the answer that it belongs to, so that answer is
                # written first. Receipts that arrive while this waits go into the next batch, since their
                # answer may not be on its way yet.
                batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                written = self._outcomes.written()
                if written is not None:
                    await asyncio.shield(written)
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
        """The store is unavailable, so the carrier keeps its receipts and sends them again.
        Log one line for each outage."""
        if not self._refusing:
            self._refusing = True
            self._log.warning("receipts_refused", reason=str(error))

    async def _work(self, batch: list[Incoming]) -> None:
        """Match and apply receipts. Those are retried that lost their guard to another writer, or were kept
        while their outcome was recorded."""
        for _ in range(ROUNDS):
            with self._early.watch() as recorded:
                plans = await self._plans(batch)
                if not plans:
                    return
                self._fault("receipts.before_commit")
                results = await self._store.commit([unit for _, unit, _ in plans])
            # No await until the hints are set, so that outcomes recorded from here on find them.
            batch = []
            for (incomings, _, message), result in zip(plans, results, strict=True):
                if result is False:
                    batch += incomings
                elif result is True:
                    self._refusing = False
                    if message is None:
                        batch += self._kept(incomings, recorded)
                    else:
                        self._found(incomings, message, recorded)
                elif isinstance(result, StoreError) and result.retryable:
                    self._refused(result)
                else:
                    self._log.error("receipt_not_stored", reason=str(result), count=len(incomings))
            self._fault("receipts.after_commit")
            for (incomings, _, _), result in zip(plans, results, strict=True):
                if result is not False:
                    _answer(incomings, result is True)
            self._fault("receipts.after_ack")
            if not batch:
                return
        self._log.error("receipts_contended", count=len(batch))
        _answer(batch, False)

    async def _plans(self, batch: list[Incoming]) -> list[tuple[list[Incoming], Unit, Message | None]]:
        """Which unit to write for which receipts; the message is None if they match nothing yet."""
        messages = await self._matcher.match(batch)
        by_message: dict[str, list[Incoming]] = {}
        plans: list[tuple[list[Incoming], Unit, Message | None]] = []
        for incoming in batch:
            if incoming.attempt is None:
                unit = self._keep(incoming)
                if unit is not None:
                    plans.append(([incoming], unit, None))
            else:
                by_message.setdefault(incoming.attempt.message_id, []).append(incoming)
        others = await self._matcher.attempts_of(messages.values(), by_message)
        for message_id, incomings in by_message.items():
            message = messages[message_id]
            plans.append((incomings, self._apply(message, others[message_id], incomings), message))
        return plans

    def _kept(self, incomings: list[Incoming], recorded: set[Key]) -> list[Incoming]:
        """Note receipts that are on disk without their message. Returns those that may match one now."""
        again = []
        for incoming in incomings:
            first, incoming.fresh = incoming.fresh, False
            self._early.waits(incoming.kept)
            # Another node may have committed the outcome and looked for receipts before this receipt was on disk.
            if (first and self._shared) or not recorded.isdisjoint(self._early.keys_of(incoming.kept)):
                incoming.settled = True
                again.append(incoming)
        return again

    def _found(self, incomings: list[Incoming], message: Message, recorded: set[Key]) -> None:
        """Note receipts that are on disk with their message: there is nothing left to look for."""
        # A receipt that told the lost answer of a held message told its id too: others of that id may wait for it.
        told = [
            each.attempt
            for each in incomings
            if each.attempt is not None and each.attempt.found_at is not None
        ]
        if told:
            self._wake(message, told)
        for incoming in incomings:
            self._early.found(incoming.kept)
        if message.status == statuses.QUEUED:  # its next outcome may already be on disk too
            self._queued.add(message.id)
            if message_key(message) in recorded:
                self._evaluate_soon(message.id)

    def _apply(self, message: Message, attempts: list[Attempt], incomings: list[Incoming]) -> Unit:
        """The unit that applies receipts of one message, in the order in which they arrived."""
        now = self._clock.now_ms()
        writes: list[Write] = []
        steps: list[Change] = []
        for incoming in incomings:
            attempt, kept = incoming.attempt, incoming.kept
            assert attempt is not None
            writes.append(_row_of(incoming, message, attempt))
            if message.status == statuses.HELD and attempt.outcome == outcomes.UNKNOWN:
                until = changes.receipts_until(message, self._carriers.receipt_timeout_ms(kept.carrier_id))
                step = changes.advance(message, statuses.SENT, now, due_at=until)
                step.after.error_code = None
                steps.append(step)
                message = step.after
                attempt.outcome = outcomes.ACCEPTED
                attempt.carrier_message_id = kept.carrier_message_id or None
                attempt.match_id = kept.match_id or None
                attempt.found_at = now
                writes.append(
                    ("attempt_found", (message.id, attempt.attempt, attempt.segment, attempt.outcome,
                                       attempt.carrier_message_id, attempt.match_id, now))
                )  # fmt: skip
            meaning, attempt_code = statuses.MESSAGE_STATE.get(kept.state, (statuses.ENROUTE, None))
            if attempt_code is not None and kept.code is not None:
                attempt_code = self._carriers.receipt_error(kept.carrier_id, kept.code) or attempt_code
            repeated = attempt.state == meaning or not is_news(attempt.state, meaning)
            self._observer.receipt(kept.carrier_id, _result(incoming, repeated))
            if repeated:
                continue
            self._observer.receipt_time(kept.carrier_id, kept.received_at - attempt.answered_at)
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
            # Its next outcome is written under the version that its lane knows. If that outcome was faster, this unit
            # loses and is retried. Otherwise the outcome and the last segment's receipt could miss each other.
            stands: Write = ("message_stands", (message.id, message.version))
            return Unit(keys=(message.id,), guards=(stands,), writes=tuple(writes))
        if not steps and (len(attempts) > 1 or attempts[0].segments > 1):
            steps.append(changes.touch(message, now))  # else two nodes could each miss the other's
        if steps:
            return self._recorder.change(*steps, writes=writes)
        return Unit(keys=(message.id,), writes=tuple(writes))

    def _keep(self, incoming: Incoming) -> Unit | None:
        """The unit that keeps an unmatched receipt and sets when to look again. None if that is already written."""
        kept = incoming.kept
        now = self._clock.now_ms()
        if incoming.fresh:
            self._observer.receipt(kept.carrier_id, "unmatched")
            kept.due_at = now + RETRIES[0] * 1000
            return Unit(keys=(kept.id,), writes=(("receipt_insert", msgspec.structs.astuple(kept)),))
        if incoming.settled:
            return None
        tries = kept.tries + 1
        if now >= kept.expires_at:
            self._observer.receipt(kept.carrier_id, "expired")
            self._early.found(kept)
            return Unit(keys=(kept.id,), writes=(("receipt_expire", (kept.id,)),))
        due_at = min(now + RETRIES[min(tries, len(RETRIES) - 1)] * 1000, kept.expires_at)
        return Unit(keys=(kept.id,), writes=(("receipt_later", (kept.id, tries, due_at)),))

    async def evaluate(self, message_ids: Sequence[str]) -> None:
        """Apply receipts that arrived for some segments before the last segment had its outcome.

        Raises Unavailable. A change that cannot be stored does not stop the others: the message's time-out ends it.
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
    return "matched" if incoming.fresh else incoming.result


def _row_of(incoming: Incoming, message: Message, attempt: Attempt) -> Write:
    kept = incoming.kept
    if message.redacted_at is not None:  # a late receipt must not bring number and text back
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
