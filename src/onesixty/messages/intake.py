"""Intake: the one way in. A batch of orders goes through named steps; each ends as a message or a refusal.

Rules kept here:
- nothing is answered before it is committed (promise 1), and a refusal names its field (promise 8);
- lane space is reserved before the insert; without it the row goes in unclaimed, and the lane finds it later;
- a message enters its lane after the commit and before the answer, so order is that of the answers;
- the caller's hanging up changes nothing: the commit is not tied to the caller's task;
- a caller is answered in bounded time. Where nothing is known by then, that is the answer; the commit goes on, and a
  message that it brings to disk goes its way as any other (an Idempotency-Key finds it).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from onesixty import numbers
from onesixty.core import ids, message, statuses
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.kit.observer import Observer
from onesixty.messages.orders import Replay, SendOrder
from onesixty.messages.recorder import Recorder
from onesixty.messages.wording import Wording, word
from onesixty.store.contract import Store
from onesixty.store.unanswered import in_time
from onesixty.store.units import Poisoned, Result, Unit

#: How long a message of a class may be on its way when the order says nothing, in seconds.
VALIDITY: Final = {message.OTP: 300, message.TRANSACTIONAL: 86_400, message.MARKETING: 172_800}
LONGEST_VALIDITY: Final = 7 * 86_400
FARTHEST_SCHEDULE_MS: Final = 366 * 86_400_000
#: What becomes of a message whose outcome nobody saw, by class.
ON_UNKNOWN: Final = {message.OTP: "resend", message.TRANSACTIONAL: "resend", message.MARKETING: "hold"}


class Terms(NamedTuple):
    """What an account pays and may: price of a segment in micro-units, its currency, whether it may use class otp,
    and whether it is suspended: then nothing new is accepted of it."""

    price_per_segment: int
    currency: str
    may_use_otp: bool = True
    suspended: bool = False


class Routes(Protocol):
    """The part of routing that intake needs. Both raise Problem."""

    def choose(self, message: Message) -> RouteChoice:
        """The route and carriers for a message, whose own route and carrier are not looked at."""

    def over(self, carrier_id: str, message: Message) -> RouteChoice:
        """One carrier, past all routes."""

    def admit(self, message: Message) -> None:
        """Raises Problem for a message that comes round and round."""

    def accepted(self, message: Message) -> None:
        """Take note of a message that is on disk."""


class RouteChoice(Protocol):
    route_id: str
    carriers: tuple[str, ...]


class Lanes(Protocol):
    """The part of dispatch that intake needs."""

    def first_available(self, carriers: Sequence[str]) -> str:
        """The carrier that takes the next message: the first that is available, else the first."""

    def reserve(self, message: Message) -> int:
        """The lease to claim the message with when its lane has room for it, else UNCLAIMED."""

    def enter(self, message: Message) -> None:
        """A committed message: claimed ones into the lane, of others the lane takes note."""

    def withdraw_reservation(self, message: Message) -> None:
        """A reserved message was not committed after all."""


class Intake:
    """Accepts orders."""

    def __init__(
        self,
        *,
        store: Store,
        recorder: Recorder,
        routes: Routes,
        lanes: Lanes,
        terms: Callable[[str], Terms],
        clock: Clock,
        new_id: Callable[[str], str],
        check_callback: Callable[[str], None],
        fault: Callable[[str], None],
        observer: Observer,
        max_segments: int = 10,
        max_segments_limit: int = 255,
        network_of: Callable[[str], str | None] = lambda number: None,
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._routes = routes
        self._lanes = lanes
        self._terms = terms
        self._clock = clock
        self._new_id = new_id
        self._check_callback = check_callback
        self._fault = fault
        self._observer = observer
        self._max_segments = min(max_segments, max_segments_limit)
        self._max_segments_limit = max_segments_limit
        self._network_of = network_of

    async def accept(self, orders: Sequence[SendOrder]) -> list[Message | Problem | Replay]:
        """Judge and commit. One result an order, in order; accepted messages are on disk."""
        now = self._clock.now_ms()
        results: list[Message | Problem | Replay] = []
        units: list[Unit] = []
        for order in orders:
            try:
                accepted = self.prepare(order, now)
            except Problem as problem:
                self._observer.refused(problem.code)
                results.append(problem)
                continue
            results.append(accepted)
            units.append(self._unit(accepted, order))
        if units:
            self._fault("intake.before_commit")
            commit = self._store.commit(units)
            if commit.done():  # refused at once: awaiting it would not let a callback go first
                self._settle(results, commit.result())
            else:
                # As a callback: a caller who hangs up, or is told to come again, ends its own task, never its units.
                commit.add_done_callback(lambda done: self._settle(results, done.result()))
                if not await in_time(commit):
                    return [_nothing_known() if isinstance(one, Message) else one for one in results]
            self._fault("intake.before_answer")
        return results

    def prepare(self, order: SendOrder, now: int) -> Message:
        """All steps before the commit: the message to accept, with its place in a lane. Raises Problem."""
        accepted = self.judge(order, now)
        try:
            self._routes.admit(accepted)
        except Problem as problem:
            raise _refused_by("loop", problem) from None
        if accepted.status == statuses.QUEUED:
            accepted.claim = self._lanes.reserve(accepted)
        return accepted

    def judge(self, order: SendOrder, now: int, wording: Wording | None = None) -> Message:
        """The message that the order would become, and nothing kept of it. Raises Problem, whose `rule` names the
        step that refused.

        `wording` is given where it is settled already.
        """
        number = _recipient(order.recipient)
        sender = _sender(order.sender)
        account_id, test = order.tenant
        terms = self._terms(account_id)
        if terms.suspended:
            raise Problem("account_suspended", rule="account")
        class_ = _class(order, terms)
        starts_at, expires_at = _time(order, class_, now)
        if wording is None:
            try:
                wording = word(order, self._max_segments, self._max_segments_limit)
            except Problem as problem:
                raise _refused_by("text", problem) from None
        if order.status_callback is not None:
            try:
                self._check_callback(order.status_callback)
            except Problem as problem:
                raise _refused_by("callback", problem) from None
        scheduled = starts_at > now
        judged = Message(
            id=order.message_id or self._new_id(ids.MESSAGE),
            account_id=account_id,
            test=test,
            sender=sender,
            recipient=number.e164,
            text=wording.text,
            encoding=wording.encoding,
            segments=wording.segments,
            class_=class_,
            priority=order.priority,
            country=number.country,
            network=self._network_of(number.e164),
            reference=order.reference,
            tags=msgspec.json.encode(order.tags).decode() if order.tags else None,
            batch_id=order.batch_id,
            status_callback=order.status_callback,
            on_unknown=order.on_unknown or ON_UNKNOWN[class_],
            pinned_route=order.route,
            content=wording.content,
            origin=order.origin,
            price=0 if test or order.carrier else terms.price_per_segment * wording.segments,
            currency=terms.currency,
            created_at=now,
            scheduled_at=order.scheduled_at,
            expires_at=expires_at,
            status=statuses.SCHEDULED if scheduled else statuses.QUEUED,
            due_at=starts_at if scheduled else expires_at,
            queued_at=None if scheduled else now,
        )
        routes = self._routes
        try:
            choice = routes.choose(judged) if order.carrier is None else routes.over(order.carrier, judged)
        except Problem as problem:
            raise _refused_by("route", problem) from None
        judged.route_id = choice.route_id or None
        judged.carrier_id = self._lanes.first_available(choice.carriers)
        return judged

    def _unit(self, accepted: Message, order: SendOrder) -> Unit:
        guards = () if order.guards is None else order.guards(accepted)
        if order.idempotency is None:
            return self._recorder.acceptance(accepted, guards)
        guards = (order.idempotency.guard(accepted), *guards)
        return self._recorder.acceptance(accepted, guards, order.idempotency.lock)

    def _settle(self, results: list[Message | Problem | Replay], answers: Sequence[Result]) -> None:
        self._fault("intake.after_commit")
        committed = iter(answers)
        for index, result in enumerate(results):
            if not isinstance(result, Message):
                continue
            answer = next(committed)
            if answer is True:
                self._observer.accepted(result.class_)
                self._routes.accepted(result)
                if result.status == statuses.QUEUED:
                    self._lanes.enter(result)
                continue
            if result.status == statuses.QUEUED:
                self._lanes.withdraw_reservation(result)
            if answer is False or _is_there(answer, result):
                results[index] = Replay()
            elif isinstance(answer, Poisoned):
                results[index] = Problem(
                    "invalid_field", "The message holds data that cannot be stored.", rule="store"
                )
            else:
                results[index] = Problem(
                    "unavailable", "The store cannot be written now.", retry_after=1, rule="store"
                )


def _nothing_known() -> Problem:
    """The answer to who waited for as long as anybody has to."""
    return Problem("unavailable", "The store does not answer now.", retry_after=1, rule="store")


def _refused_by(step: str, problem: Problem) -> Problem:
    problem.rule = step
    return problem


def _is_there(answer: Result, message: Message) -> bool:
    """Whether a message of a batch, whose id follows from its place, was accepted before."""
    return isinstance(answer, Poisoned) and answer.conflict and message.batch_id is not None


def _recipient(raw: str) -> numbers.Number:
    try:
        return numbers.parse(raw)
    except numbers.InvalidNumber as error:
        raise Problem(
            "invalid_recipient", f"{error}.", param="to", extra={"reason": error.code}, rule="recipient"
        ) from None


def _sender(raw: str) -> str:
    try:
        return numbers.parse_sender(raw).display
    except numbers.InvalidSender as error:
        raise Problem(
            "invalid_sender", f"{error}.", param="from", extra={"reason": error.code}, rule="sender"
        ) from None


def _class(order: SendOrder, terms: Terms) -> str:
    class_ = order.class_ or message.TRANSACTIONAL
    if class_ == message.OTP and not terms.may_use_otp:
        raise Problem("forbidden", "This account may not use class otp.", param="class", rule="class")
    return class_


def check_schedule(scheduled_at: int | None, now: int) -> None:
    """Raise Problem unless something may be scheduled for then; both in epoch ms."""
    if scheduled_at is not None:
        if scheduled_at < now:
            raise Problem("scheduled_in_past", param="scheduled_at", rule="time")
        if scheduled_at > now + FARTHEST_SCHEDULE_MS:
            raise Problem("scheduled_too_far", param="scheduled_at", rule="time")


def _time(order: SendOrder, class_: str, now: int) -> tuple[int, int]:
    """When sending starts and when it is too late, in epoch ms."""
    check_schedule(order.scheduled_at, now)
    starts_at = now if order.scheduled_at is None else order.scheduled_at
    seconds = order.valid_for if order.valid_for is not None else VALIDITY[class_]
    if not 1 <= seconds <= LONGEST_VALIDITY:
        raise Problem(
            "invalid_field",
            f"`valid_for` is between 1 and {LONGEST_VALIDITY} seconds.",
            param="valid_for",
            rule="time",
        )
    return starts_at, starts_at + seconds * 1000
