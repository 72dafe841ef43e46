"""Intake: the only way in. A batch of orders goes through the steps; each order ends as a message or a refusal.

A plain order takes the express lane (`messages.express`) if the steps have answered for one like it before. From the
holds on, all messages go the same way.

Rules kept here:
- nothing is answered before it is committed (promise 1), and a refusal names its field (promise 8);
- scarce resources are reserved before the insert (`messages.holds`); a message without room in its lane is inserted
  unclaimed, and the lane finds it later;
- a message that a step defers or holds is accepted, and has its first event with its acceptance;
- a message enters its lane after the commit and before the answer, so messages are sent in the order of the answers;
- a caller who hangs up changes nothing: the commit is not tied to the caller's task;
- a caller is answered in bounded time. If the commit has no result by then, the answer says so. The commit goes on,
  and a message that reaches the disk is sent like any other (an Idempotency-Key finds it).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from onesixty.core import events, ids, message, statuses
from onesixty.core.contracts import Consequences, Write
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.orders import Order, PlainOrder, Replay
from onesixty.core.paid_above import NOTHING_HELD
from onesixty.kit.context import Context
from onesixty.messages.drafts import SEND, Draft, Steps
from onesixty.messages.express import Express
from onesixty.messages.holds import Holds
from onesixty.messages.recorder import Recorder
from onesixty.store.unanswered import in_time
from onesixty.store.units import Poisoned, Result, Unit

#: A message as the steps left it, its hops, and their refusal.
Judged = tuple[Message, Sequence[Hop], Problem | None]


class Intake:
    """Accepts orders: judges them, reserves for them and commits them."""

    def __init__(
        self, node: Context, *, recorder: Recorder, steps: Steps, holds: Holds, express: Express
    ) -> None:
        self._store, self._clock, self._ids = node.store, node.clock, node.ids
        self._fault, self._observer = node.fault, node.observer
        self._recorder = recorder
        self._steps = steps
        self._holds = holds
        self._express = express

    async def accept(self, orders: Sequence[Order | PlainOrder]) -> list[Message | Problem | Replay]:
        """Judge and commit. Returns one result for each order, in order; accepted messages are on disk."""
        plain = [order.plain() for order in orders]
        judged = self._judged_before(plain)
        if None in judged:
            judged = await self._judged(orders, plain, judged)
        results: list[Message | Problem | Replay] = []
        units: list[Unit] = []
        try:
            for order, found in zip(orders, judged, strict=True):
                assert found is not None
                accepted, hops, refusal = found
                try:
                    if refusal is not None:
                        raise refusal
                    self._holds.take(accepted, hops, NOTHING_HELD)
                except Problem as problem:
                    self._observer.refused(problem.code)
                    results.append(problem)
                    continue
                results.append(accepted)
                units.append(self._unit(accepted, order))
        except Exception:
            for taken in results:
                if isinstance(taken, Message):
                    self._holds.dropped(taken)
            raise
        if units:
            self._fault("intake.before_commit")
            commit = self._store.commit(units)
            if commit.done():  # refused at once: awaiting it would not let a callback go first
                self._settle(orders, results, commit.result())
            else:
                # As a callback, because a caller who hangs up, or whose time is up, must end only
                # its own task and not its units.
                commit.add_done_callback(lambda done: self._settle(orders, results, done.result()))
                if not await in_time(commit):
                    return [_nothing_known() if isinstance(one, Message) else one for one in results]
            self._fault("intake.before_answer")
        return results

    def may_wait(self, account_id: str, grant: Grant | None) -> bool:
        """Whether orders of a caller may have to wait for something of its own: for credit or for a limit to be read,
        from the database or from another node. Nobody else's orders should be in one call with them."""
        return self._holds.may_wait(account_id, grant)

    async def foresee(self, order: Order) -> Draft:
        """Judge an order as a send would, for a preview. Nothing is reserved or stored."""
        (draft,) = await self.judge((order,))
        if draft.refusal is None:
            await self._holds.check(draft)
        return draft

    def _judged_before(self, plain: Sequence[PlainOrder | None]) -> list[Judged | None]:
        """The messages of orders that take the express lane; None for the others."""
        self._express.look()
        if not self._express.is_open:
            return [None] * len(plain)
        now, take = self._clock.now_ms(), self._express.take
        return [None if order is None else take(order, now) for order in plain]

    async def _judged(
        self,
        orders: Sequence[Order | PlainOrder],
        plain: Sequence[PlainOrder | None],
        judged: Sequence[Judged | None],
    ) -> list[Judged | None]:
        """The same with the answers of the steps for the others, and the holds filled for them."""
        seen = self._express.look()
        others = [place for place, found in enumerate(judged) if found is None]
        drafts = await self.judge([orders[place].full() for place in others])
        await self._holds.filled(drafts)
        if self._express.look() != seen:  # a book has changed during the wait
            if len(others) < len(orders):
                return await self._judged(orders, plain, [None] * len(orders))
        elif self._express.is_open:
            for place, draft in zip(others, drafts, strict=True):
                order = plain[place]
                if order is not None:
                    self._express.learn(order, draft)
        rest = iter(drafts)
        return [found or _of_draft(next(rest)) for found in judged]

    async def judge(self, orders: Sequence[Order]) -> list[Draft]:
        """Judge the orders as of now. Nothing is reserved or stored."""
        now = self._clock.now_ms()
        drafts = [
            Draft(
                SEND,
                _message(order, order.message_id or self._ids.new(ids.MESSAGE), now),
                now,
                order=order,
                words=order,
            )
            for order in orders
        ]
        await self._steps.judge(drafts)
        return drafts

    def _unit(self, accepted: Message, order: Order | PlainOrder) -> Unit:
        guards: tuple[Write, ...] = ()
        beside: Consequences | None = None
        if order.guards is not None:
            found = order.guards(accepted)
            if isinstance(found, Consequences):
                beside = found
            else:
                guards = found
        event = None
        if accepted.held_for is not None or accepted.not_before is not None:
            event, accepted.sequence = events.of_status(accepted.status), 1
        if order.idempotency is None:
            return self._recorder.acceptance(accepted, guards, event=event, beside=beside)
        guards = (order.idempotency.guard(accepted), *guards)
        return self._recorder.acceptance(accepted, guards, order.idempotency.lock, event, beside)

    def _settle(
        self,
        orders: Sequence[Order | PlainOrder],
        results: list[Message | Problem | Replay],
        answers: Sequence[Result],
    ) -> None:
        self._fault("intake.after_commit")
        committed = iter(answers)
        for index, result in enumerate(results):
            if not isinstance(result, Message):
                continue
            answer = next(committed)
            if answer is True:
                self._observer.accepted(result.class_)
                if result.notices is not None:
                    self._observer.noticed(result.notices, result.created_at)
                self._holds.kept(result)
                continue
            self._holds.dropped(result)
            if (answer is False and orders[index].is_guarded) or _is_there(answer, result):
                results[index] = Replay()
            elif isinstance(answer, Poisoned):
                results[index] = Problem(
                    "invalid_field", "The message contains data that cannot be stored.", rule="store"
                )
            else:
                # Also False, without a guard of the door: another node has fenced the lease of this one.
                results[index] = Problem(
                    "unavailable", "The store is unavailable. Retry in a moment.", retry_after=1, rule="store"
                )


def _of_draft(draft: Draft) -> Judged:
    return draft.message, draft.hops, draft.refusal


def _message(order: Order, message_id: str, now: int) -> Message:
    """The message that an order asks for, before any step has judged it. The step `text` adds the content."""
    return Message(
        id=message_id,
        account_id=order.tenant.account_id,
        test=order.tenant.test,
        channel=order.channel,
        sender=order.sender or "",
        recipient=order.recipient,
        text="",
        encoding="",
        segments=0,
        class_=order.class_ or message.TRANSACTIONAL,
        priority=order.priority,
        reference=order.reference,
        tags=msgspec.json.encode(order.tags).decode() if order.tags else None,
        batch_id=order.batch_id,
        status_callback=order.status_callback,
        on_unknown=order.on_unknown or "",
        pinned_route=order.route,
        origin=order.origin,
        created_at=now,
        scheduled_at=order.scheduled_at,
        expires_at=now,
        status=statuses.QUEUED,
        queued_at=now,
        limited_by=None if order.grant is None else order.grant.counts,
    )


def _nothing_known() -> Problem:
    """The answer to a caller whose time is up before the commit has a result."""
    return Problem(
        "unavailable", "The store does not answer. Retry in a moment.", retry_after=1, rule="store"
    )


def _is_there(answer: Result, message: Message) -> bool:
    """Whether a message of a batch was accepted before. Its id follows from its place, so it conflicts."""
    return isinstance(answer, Poisoned) and answer.conflict and message.batch_id is not None
