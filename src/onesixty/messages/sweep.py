"""The sweep: one task that finds everything due, including what no other part of the node was woken for.

Rules kept here:
- its queries read only what is due (`due_at`), page by page, so that rows which must wait (in flight past their
  validity) never hide others;
- the status decides what happens to a due message: scheduled -> released, parked -> tried again, queued or held past
  its validity -> its end, sent without a receipt in time -> unconfirmed;
- what a held message waits for decides its end: after an unknown outcome it is unconfirmed, else expired;
- a message of which a carrier accepted everything does not expire: it is sent (messages/evidence.py);
- a scheduled or deferred message is judged again at release, and may be deferred again or held. A refusal, also one
  because no time is left to defer it, ends it as failed. Far schedules cost nothing until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Final

from onesixty.core import outcomes, statuses
from onesixty.core.errors import Problem
from onesixty.core.message import PARKED, UNCLAIMED, Change, Message, from_row
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.messages import changes
from onesixty.messages.clock_steps import ClockSteps
from onesixty.messages.contracts import Lanes, Withdrawn
from onesixty.messages.control import attempts_of
from onesixty.messages.drafts import RELEASE, Draft, Steps
from onesixty.messages.evidence import Evidence
from onesixty.messages.holds import Holds
from onesixty.messages.receipts import Receipts
from onesixty.messages.recorder import Recorder
from onesixty.messages.segments import whole as whole_of
from onesixty.store.rounds import Rounds
from onesixty.store.units import Unit

#: Seconds between two looks if nothing is due sooner.
INTERVAL: Final = 0.5
PAGE: Final = 500
#: Seconds between two rounds of cleaning up.
CLEANING: Final = 60.0


class Sweep:
    """Looks for due rows again and again, in `rounds`."""

    def __init__(
        self,
        node: Context,
        *,
        recorder: Recorder,
        steps: Steps,
        holds: Holds,
        lanes: Lanes,
        receipts: Receipts,
        evidence: Evidence,
        features: Sequence[Feature],
    ) -> None:
        """`features` name further sweep tasks, statements that clean up, and statements to
        run after a clock went back."""
        self._store, self._clock = node.store, node.clock
        self._fault, self._observer = node.fault, node.observer
        self._recorder = recorder
        self._steps = steps
        self._holds = holds
        self._lanes = lanes
        self._receipts = receipts
        self._evidence = evidence
        self._cleaners = [statement for feature in features for statement in feature.cleaners]
        self._tasks = {name: task for feature in features for name, task in feature.sweep_tasks().items()}
        bring_forward = [statement for feature in features for statement in feature.bring_forward]
        self._clock_steps = ClockSteps(node.store, node.clock, bring_forward)
        self._cleaned_at = node.clock.monotonic()
        #: Repeats `once` from the start of the node on.
        self.rounds = Rounds(node.store, "sweep", INTERVAL, self.once, at_once=True)

    async def once(self) -> None:
        """Handle everything that is due, once."""
        await self._clock_steps.look()
        now = self._clock.now_ms()
        after = (0, "")
        oldest: int | None = None
        while rows := await self._store.fetch(
            "messages_due", now=now, after_due=after[0], after_id=after[1], count=PAGE
        ):
            due = [from_row(row) for row in rows]
            oldest = due[0].due_at if oldest is None else oldest
            await self._page(due, now)
            after = (due[-1].due_at or 0, due[-1].id)
            if len(rows) < PAGE:
                break
        self._observer.lag(max(0, now - oldest) / 1000 if oldest is not None else 0.0)
        await self._due_receipts(now)
        for name, task in self._tasks.items():
            count = await task(now)
            if count:
                self._observer.swept(name, count)
        await self._clean(now)

    async def _due_receipts(self, now: int) -> None:
        first: object = None
        while rows := await self._store.fetch("receipts_due", now=now, count=PAGE):
            if rows[0][0] == first:
                break  # still due, so they cannot be written now: avoid an endless loop
            first = rows[0][0]
            await self._receipts.again(rows)
            self._observer.swept("receipts", len(rows))
            if len(rows) < PAGE:
                break

    async def _clean(self, now: int) -> None:
        if self._clock.monotonic() - self._cleaned_at < CLEANING:
            return
        self._cleaned_at = self._clock.monotonic()
        for statement in self._cleaners:
            await self._store.execute(statement, now=now)

    async def _page(self, due: list[Message], now: int) -> None:
        sent = [m.id for m in due if m.status == statuses.SENT]
        await self._receipts.evaluate(sent)  # receipts win over the time-out, by its version
        waiting = [m for m in due if m.status in (statuses.QUEUED, statuses.HELD)]
        attempts = await attempts_of(self._store, waiting)
        whole = {id_ for id_, known in attempts.items() if whole_of(known) is not None}
        taken = {id_ for id_, known in attempts.items() if any(a.outcome == outcomes.ACCEPTED for a in known)}
        for message in waiting:
            if message.id in whole and message.claim <= 0:
                await self._evidence.settle(message.id)
        due = [m for m in due if m.id not in whole or m.claim > 0]
        released = await self._released(due, now)
        withdrawn: dict[str, Withdrawn] = {}
        steps: list[tuple[Change, str]] = []
        for message in due:
            step = self._step(message, now, withdrawn, message.id in taken, released.get(message.id))
            if step is not None:
                steps.append(step)
        if not steps:
            return
        self._fault("sweep.before_release")
        results = await self._store.commit([self._unit(change) for change, _ in steps])
        self._fault("sweep.after_release")
        counts: dict[str, int] = {}
        for (change, task), result in zip(steps, results, strict=True):
            after = change.after
            if after.status in statuses.WAITING:
                self._holds.settle(after, result is True)
            elif result is not True and after.id in withdrawn:
                self._lanes.restore(withdrawn[after.id])
            counts[task] = counts.get(task, 0) + (result is True)
            if result is True and after.notices is not None and after.id in released:
                self._observer.noticed(after.notices, change.at)
        for task, count in counts.items():
            self._observer.swept(task, count)

    def _unit(self, change: Change) -> Unit:
        released = change.before is not None and change.before.status == statuses.SCHEDULED
        if released and change.after.status in statuses.WAITING:
            return self._recorder.edit(change)  # writes all that the steps may have changed
        return self._recorder.change(change)

    def _step(
        self,
        message: Message,
        now: int,
        withdrawn: dict[str, Withdrawn],
        taken: bool,
        released: Draft | None,
    ) -> tuple[Change, str] | None:
        """The change that is due for a message, and the name under which it is counted. `released` is set if
        its scheduled time has come."""
        status = message.status
        if status == statuses.SENT:
            return changes.end(message, statuses.UNCONFIRMED, now, "receipt_timeout"), "unconfirmed"
        if status == statuses.HELD:
            if message.held_by_rule:
                return changes.expire(message, now, partly_taken=taken), "expired"
            change = changes.end(message, statuses.UNCONFIRMED, now, message.error_code)
            if taken:
                change.after.sent_at = now  # segments that a carrier took are paid for
            return change, "held"
        if message.expires_at <= now:
            if message.claim > 0:
                in_lane = self._lanes.withdraw(message.id)
                if in_lane is None:
                    return None  # being handed over: its outcome decides
                withdrawn[message.id] = in_lane
                message, taken = in_lane.message, taken or in_lane.partly_taken
            return changes.expire(message, now, partly_taken=taken), "expired"
        if released is not None:
            release = self._release(message, released)
            if release is None:
                return None
            return release, "deferred" if release.after.status == statuses.SCHEDULED else "released"
        if message.claim == PARKED:
            change = changes.touch(message, now)
            change.after.due_at = message.expires_at
            change.after.claim = UNCLAIMED
            self._holds.take(change.after)
            return change, "retried"
        return None

    async def _released(self, due: list[Message], now: int) -> dict[str, Draft]:
        """The scheduled messages whose time has come, judged again, by id."""
        drafts = [
            Draft(RELEASE, _as_queued(message), now)
            for message in due
            if message.status == statuses.SCHEDULED and message.expires_at > now
        ]
        await self._steps.judge(drafts)
        await self._holds.filled(drafts)
        return {draft.message.id: draft for draft in drafts}

    def _release(self, message: Message, judged: Draft) -> Change | None:
        now = judged.now
        try:
            if judged.refusal is not None:
                raise judged.refusal
            change = changes.release(message, judged.message, now)
            self._holds.take(change.after, judged.hops, judged.held)
        except Problem as problem:
            if problem.kind.retryable:
                return None  # its carrier is being drained, or credit cannot be read: the message stays due
            return changes.end(message, statuses.FAILED, now, problem.code)
        return change


def _as_queued(message: Message) -> Message:
    """A scheduled message as it will be if the steps release it."""
    after = copy(message)
    after.status = statuses.QUEUED
    return after
