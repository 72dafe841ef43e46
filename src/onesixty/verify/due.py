"""What time does to verifications: they expire, fall back to another carrier or channel, and fail.

Rules kept here:
- rows are read by their due time, a page at a time, and those that expire are written together. So a thousand that
  expire in one second are a few transactions;
- every row that was looked at gets a later due time or an end, so no page comes again;
- whether a fallback is due follows from the row and from what became of its messages, never from memory. A node that
  looks at the same row at the same time loses against its version;
- a report that does not come is a reason for the next carrier, and no approval in time for the next channel. A send
  that nobody took is a reason at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from onesixty.core import statuses
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.store.rows import Lost
from onesixty.verify import guarding, life
from onesixty.verify import verification as v
from onesixty.verify.profiles import VerifyProfile
from onesixty.verify.records import Records, SentMessage
from onesixty.verify.sends import Sends, Wanted
from onesixty.verify.starting import Starting
from onesixty.verify.verification import Verification

#: Larger pages are no faster, and other writes wait for them longer.
PAGE: Final = 100
#: How many fallbacks are made at once.
AT_ONCE: Final = 20
#: How long after the time of a fallback that could not be made for now it is tried again.
AGAIN_MS: Final = 5_000

_REACHED: Final = frozenset({statuses.SENT, statuses.DELIVERED, statuses.UNCONFIRMED})
_LOST: Final = frozenset({statuses.UNDELIVERED, statuses.FAILED, statuses.EXPIRED, statuses.CANCELED})


class Due:
    """Looks at the verifications that are due."""

    def __init__(
        self,
        *,
        clock: Clock,
        records: Records,
        sends: Sends,
        starting: Starting,
        profile_of: Callable[[str], VerifyProfile | None],
    ) -> None:
        self._clock = clock
        self._records = records
        self._sends = sends
        self._starting = starting
        self._profile_of = profile_of
        self._log = structlog.get_logger("onesixty.verify")

    async def sweep(self, now: int) -> int:
        """Handle what is due. Returns how many rows that were. Raises StoreError."""
        handled = 0
        while True:
            rows = await self._records.due(now, PAGE)
            over = [(one, life.ended(one, v.EXPIRED, now)) for one in rows if life.is_over(one, now)]
            await self._records.change_all(over)
            rest = [one for one in rows if not life.is_over(one, now)]
            await self._look_at(rest, now)
            handled += len(rows)
            if len(rows) < PAGE:
                return handled

    async def _look_at(self, rows: Sequence[Verification], now: int) -> None:
        if not rows:
            return
        ids = [message_id for one in rows for message_id in one.sent_messages]
        messages = await self._records.messages(ids)
        changes: list[tuple[Verification, Verification]] = []
        falling: list[tuple[Verification, Verification]] = []
        await self._look_at_held([one for one in rows if one.status == v.HELD], now)
        for one in rows:
            if one.status == v.HELD:
                continue
            seen = noticed(one, messages, now)
            if life.falls_back(seen, now):
                falling.append((one, seen))
            else:
                changes.append((one, seen))
        await self._records.change_all(changes)
        for start in range(0, len(falling), AT_ONCE):
            await asyncio.gather(
                *(self._fall_back(*pair, messages, now) for pair in falling[start : start + AT_ONCE])
            )

    async def _fall_back(
        self, one: Verification, seen: Verification, messages: Mapping[str, SentMessage], now: int
    ) -> None:
        """Make the fallback of one verification, or note why it cannot be made."""
        try:
            await self._next_send(one, seen, messages, now)
        except Lost:
            pass  # another writer was first: the row is due again if anything is left to do
        except Problem as problem:
            self._log.info("verify_fallback_waits", verification=one.id, code=problem.code)
            await self._records.change_all([(one, life.postponed(seen, now + AGAIN_MS))])

    async def _look_at_held(self, rows: Sequence[Verification], now: int) -> None:
        """Ask the guards again, for the first of those that the same key holds: the others wait with it. So a round
        is short, however many an attack has held."""
        by_key: dict[str | None, list[Verification]] = {}
        for one in sorted(rows, key=lambda one: one.id):
            by_key.setdefault(one.guard_key, []).append(one)
        for waiting in by_key.values():
            for place, one in enumerate(waiting):
                if await self._is_held_again(one, now):
                    rest = waiting[place + 1 :]
                    await self._records.change_all([(other, life.still_held(other, now)) for other in rest])
                    break

    async def _is_held_again(self, one: Verification, now: int) -> bool:
        """Ask the guards about one held verification. Returns whether the same key holds it."""
        try:
            after = await self._starting.release(one, held=True)
        except Lost:
            return False
        except Problem as problem:
            self._log.info("verify_release_waits", verification=one.id, code=problem.code)
            await self._records.change_all([(one, life.postponed(one, now + AGAIN_MS))])
            return False
        if after is None:
            await self._records.change_all([(one, life.still_held(one, now))])
            return False
        return after.status == v.HELD and after.guard_key == one.guard_key

    async def _next_send(
        self, one: Verification, seen: Verification, messages: Mapping[str, SentMessage], now: int
    ) -> None:
        reason, place, avoid = _next(seen, messages, now)
        profile = self._profile_of(one.profile_id)
        if place is None or profile is None:
            over = life.all_failed(seen)
            after = life.ended(seen, v.FAILED, now, reason) if over else life.postponed(seen, None)
            await self._records.change_all([(one, after)])
            return
        wanted = Wanted(one, life.with_code(seen, now), profile, reason, place, avoid=avoid)
        asked, verdict = await self._sends.judge(wanted)
        if verdict.action != guarding.PASS:
            await self._records.change_all([(one, _passed_over(seen, place, verdict.guard, now))])
            return
        try:
            await self._sends.send(wanted, asked, verdict)
        except Problem as problem:
            if problem.kind.retryable:
                raise
            self._log.info("verify_fallback_refused", verification=one.id, code=problem.code)
            await self._records.change_all([(one, _passed_over(seen, place, problem.code, now))])


def noticed(one: Verification, messages: Mapping[str, SentMessage], now: int) -> Verification:
    """The verification with what became of its messages, and with its next due time."""
    after = one
    for step in one.steps:
        found = None if step.what != v.SEND or step.message_id is None else messages.get(step.message_id)
        if found is None:
            continue
        if found.status in _REACHED:
            after = life.taken(after, step.send, found.sent_at or now)
        if found.status == statuses.DELIVERED:
            after = life.delivered(after, step.send, found.done_at or now)
        elif found.status in _LOST:
            after = life.not_sent(after, step.send, found.error_code or found.status, now)
    return life.timed(after)


def _next(
    one: Verification, messages: Mapping[str, SentMessage], now: int
) -> tuple[str, int | None, tuple[str, ...]]:
    """The reason of the next send, the place of its channel (None for none), and the carriers to avoid."""
    if life.failed(one, one.sends):
        return v.SEND_FAILED, life.next_place(one), ()
    report_at = life.report_at(one)
    if report_at is not None and report_at <= now:
        own = (messages[id_].carrier_id for id_ in one.sent_messages if id_ in messages)
        return v.NO_REPORT, one.place, tuple(dict.fromkeys(carrier for carrier in own if carrier is not None))
    return v.NOT_APPROVED, life.next_place(one), ()


def _passed_over(one: Verification, place: int | None, reason: str, now: int) -> Verification:
    """The verification without the fallback over the channel at `place`, which cannot be made."""
    channel = one.plan[one.place if place is None else place].channel
    after = life.skipped(one, channel, reason, now)
    if life.failed(after, after.sends):  # the one after it is due at once
        return life.postponed(after, now)
    return life.timed(after)
