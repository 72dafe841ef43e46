"""Evidence: a carrier's answer that arrives after another node has decided about the message.

A node that was frozen past its lease is fenced, and recovery counts the messages it had in flight as unknown. When
the node wakes, it still learns what the carrier answered. That answer is evidence, and it moves the message.

Rules kept here (docs/explanation/hands.md):
- an answer is always written to its attempt, with the time at which it was found, so that receipts match it;
- a message becomes sent if one carrier accepted every segment and no node has the message in memory. Its event, its
  ledger row and the receipts that arrived before follow;
- a message in the memory of a node is left to that node. The node may be handing the message over right now, and
  recovery knows a flight by the versions that it names;
- if nothing is left to send, refill and sweep end the message the same way (`settle`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
import structlog

from onesixty.core import outcomes, statuses
from onesixty.core.contracts import Write
from onesixty.core.message import UNCLAIMED, Attempt, Change, Message, attempt_from_row, from_row
from onesixty.kit.context import Context
from onesixty.messages import changes
from onesixty.messages.contracts import Carriers
from onesixty.messages.receipts import Receipts
from onesixty.messages.recorder import Recorder
from onesixty.messages.segments import whole
from onesixty.store.units import StoreError, Unit

#: Seconds until evidence that the store could not take is written again.
AGAIN: Final = 1.0
#: How often a message is read and judged again after another writer was faster.
ROUNDS: Final = 10


class Evidence:
    """Writes evidence, and ends messages that have nothing left to send."""

    def __init__(self, node: Context, *, recorder: Recorder, carriers: Carriers, receipts: Receipts) -> None:
        """`receipts` hears of attempts that reached the disk late, because their receipts may be there already."""
        self._store, self._clock = node.store, node.clock
        self._recorder = recorder
        self._carriers = carriers
        self._receipts = receipts
        #: The ids of the messages, and of their flights, whose evidence is on its way to disk.
        self.about: set[str] = set()
        self.flights: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("onesixty.evidence")

    @property
    def idle(self) -> bool:
        """Whether no evidence is on its way to disk."""
        return not self._tasks

    def take(
        self,
        attempts: Sequence[Attempt],
        flight_id: str | None,
        done: Callable[[], None],
    ) -> None:
        """Write the outcomes of these attempts of one message, and then call `done`. The attempts'
        flight stays open until then."""
        about = {attempts[0].message_id}
        flights = set() if flight_id is None else {flight_id}
        self.about |= about
        self.flights |= flights

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            self.about -= about
            self.flights -= flights
            if not task.cancelled():
                done()

        task = asyncio.get_running_loop().create_task(self._keep(attempts))
        self._tasks.add(task)
        task.add_done_callback(ended)

    async def settle(self, message_id: str) -> None:
        """End a message that still waits although a carrier accepted all of it. Raises StoreError."""
        await self._write(message_id, ())

    async def _keep(self, attempts: Sequence[Attempt]) -> None:
        now = self._clock.now_ms()
        for attempt in attempts:
            if attempt.outcome != outcomes.UNKNOWN:
                attempt.found_at = now
        while True:
            try:
                await self._write(attempts[0].message_id, attempts)
                break
            except StoreError as error:
                if not error.retryable:
                    self._log.error("evidence_not_stored", about=attempts[0].message_id, reason=str(error))
                    break
                await asyncio.sleep(AGAIN)
            except Exception:
                self._log.exception("evidence_failed", about=attempts[0].message_id)
                break

    async def _write(self, message_id: str, new: Sequence[Attempt]) -> None:
        writes: list[Write] = [("attempt_evidence", msgspec.structs.astuple(attempt)) for attempt in new]
        for _ in range(ROUNDS):
            rows = await self._store.fetch("messages_by_id", ids=[message_id])
            if not rows:
                return
            message = from_row(rows[0])
            attempts = merged(
                map(attempt_from_row, await self._store.fetch("attempts_of_messages", ids=[message_id])), new
            )
            change = self._judge(message, attempts)
            if change is None and not new:
                return
            if change is None:
                unit = Unit(keys=(message_id,), writes=tuple(writes))
            else:
                unit = self._recorder.change(change, writes=writes)
            result = (await self._store.commit([unit]))[0]
            if isinstance(result, StoreError):
                raise result
            if result:
                self._log.info("outcome_found", message=message_id, moved=change is not None)
                self._receipts.found(message if change is None else change.after, attempts)
                return
        self._log.error("evidence_contended", about=message_id)

    def _judge(self, message: Message, attempts: Sequence[Attempt]) -> Change | None:
        last = whole(attempts)
        if last is None or message.claim > UNCLAIMED:
            return None
        if message.status not in (statuses.QUEUED, statuses.HELD):
            return None
        return found(
            message,
            attempts,
            last,
            self._clock.now_ms(),
            self._carriers.receipt_timeout_ms(last.carrier_id),
        )


def found(
    message: Message,
    attempts: Sequence[Attempt],
    last: Attempt,
    now: int,
    receipt_timeout_ms: int,
) -> Change:
    """The change of a waiting message to sent. `last` is the attempt that shows that it was."""
    until = changes.receipts_until(message, receipt_timeout_ms)
    change = changes.advance(message, statuses.SENT, now, due_at=until)
    after = change.after
    after.error_code = after.carrier_code = None
    after.carrier_id = last.carrier_id
    after.sender_used = last.sender or message.sender
    newest = max(attempt.attempt for attempt in attempts)
    after.attempts = max(message.attempts, newest)
    if message.status == statuses.QUEUED and message.duplicates:
        # The last attempt was counted as a duplicate while it was unknown. It is not
        # repeated now, so it does not count.
        spared = any(
            a.attempt == newest and (a.outcome == outcomes.UNKNOWN or a.found_at is not None)
            for a in attempts
        )
        after.duplicates -= spared
    return change


def merged(known: Iterable[Attempt], new: Iterable[Attempt]) -> list[Attempt]:
    """The attempts as they will be on disk: an unknown outcome is replaced, a known one stays."""
    by_key = {(a.attempt, a.segment): a for a in known}
    for attempt in new:
        key = (attempt.attempt, attempt.segment)
        before = by_key.get(key)
        if before is None or before.outcome == outcomes.UNKNOWN:
            by_key[key] = attempt
    return [by_key[key] for key in sorted(by_key)]
