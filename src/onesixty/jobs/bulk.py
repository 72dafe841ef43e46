"""Bulk changes that an operator makes to waiting messages: cancel, requeue, reroute; one page of messages at a time.

    cancel    messages that no carrier has taken yet: scheduled, queued, held
    requeue   messages held for an unknown outcome, or parked after a failure: sent now. What a rule holds only if the
              filter's `held_for` names it: it becomes scheduled, and the sweep has it judged again
    reroute   queued messages, to another route or one carrier; what is held after an unknown outcome uses it after
              it is requeued. What a rule holds has no carrier yet

Rules kept here (docs/decisions/0044-pauses-and-bulk-work.md):
- for a message in memory, its lane decides in one step. A message is skipped and counted if it is in flight, in
  another node's memory, or partly taken by a carrier;
- terminal statuses are final: a failed message can only be sent again as a new message, by its sender;
- each message is a unit of its own, guarded by its version, so processing a page twice changes nothing the
  second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import msgspec

from onesixty.core import statuses, times
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import PARKED, UNCLAIMED, Change, Message, from_row
from onesixty.messages import changes
from onesixty.messages.alternatives import Alternatives
from onesixty.messages.contracts import Lanes, Withdrawn
from onesixty.messages.control import partly_taken
from onesixty.messages.holds import Holds
from onesixty.messages.recorder import Recorder
from onesixty.messages.steps import RouteChoice
from onesixty.store.contract import Store
from onesixty.store.units import Result, StoreError

CANCEL: Final = "cancel"
REQUEUE: Final = "requeue"
REROUTE: Final = "reroute"

#: The statuses that each kind of job may change.
STATUSES: Final = {
    CANCEL: (statuses.SCHEDULED, statuses.QUEUED, statuses.HELD),
    REQUEUE: (statuses.QUEUED, statuses.HELD),
    REROUTE: (statuses.QUEUED, statuses.HELD),
}
#: How many ids a dry run returns.
SAMPLES: Final = 10

#: Why a message was skipped. A refusal is named by its error code.
EXPIRED: Final = "expired"
BEING_SENT: Final = "being_sent"
PARTLY_TAKEN: Final = "partly_taken"
HELD_BY_RULE: Final = "held_by_rule"
NOTHING_TO_DO: Final = "nothing_to_do"
CHANGED: Final = "changed"
REASONS: Final = {
    EXPIRED: "its validity has ended",
    BEING_SENT: "it is in flight, or in the memory of another node",
    PARTLY_TAKEN: "a carrier took a part of it",
    HELD_BY_RULE: "a rule holds it; its route is chosen when it is released",
    NOTHING_TO_DO: "it is not held, and waits for no later attempt",
    CHANGED: "something else changed it at the same time",
}


class Filter(
    msgspec.Struct,
    kw_only=True,
    omit_defaults=True,
    rename={"sender": "from", "sender_not": "from_not", "class_": "class"},
):
    """Selects messages: all conditions that are not None must hold. Carrier and route are ids, times are epoch ms.

    Those that end in `_not` are values that are left out; a message without a value passes.
    """

    account: str | None = None
    test: bool | None = None
    status: str | None = None
    held_for: str | None = None
    to: str | None = None
    sender: str | None = None
    created_after: int | None = None
    created_before: int | None = None
    tag: str | None = None
    reference: str | None = None
    batch_id: str | None = None
    carrier: str | None = None
    route: str | None = None
    country: str | None = None
    network: str | None = None
    error: str | None = None
    class_: str | None = None
    duplicates: bool | None = None
    status_not: tuple[str, ...] = ()
    held_for_not: tuple[str, ...] = ()
    to_not: tuple[str, ...] = ()
    sender_not: tuple[str, ...] = ()
    tag_not: tuple[str, ...] = ()
    batch_id_not: tuple[str, ...] = ()
    carrier_not: tuple[str, ...] = ()
    route_not: tuple[str, ...] = ()
    country_not: tuple[str, ...] = ()
    network_not: tuple[str, ...] = ()
    error_not: tuple[str, ...] = ()
    class_not: tuple[str, ...] = ()


class Target(msgspec.Struct, omit_defaults=True):
    """The target of `reroute`, by id: a route or one carrier."""

    route: str | None = None
    carrier: str | None = None


class Found(NamedTuple):
    """The result of a dry run: messages by status, and some of their ids."""

    counts: dict[str, int]
    sample: list[str]


class Skipped(NamedTuple):
    """A message that a job did not change, and why: one of `REASONS`, or the error code of a refusal."""

    message_id: str
    reason: str


class Worked(NamedTuple):
    """The result of a page: counts (`done`, `skipped`, error codes), and the messages that were not changed."""

    counts: Counter[str]
    skipped: list[Skipped]


class Routes(Protocol):
    """The part of routing that bulk jobs need. All methods raise Problem."""

    def again(self, message: Message) -> RouteChoice: ...

    def along(self, route_id: str, message: Message) -> RouteChoice: ...

    def over(self, carrier_id: str, message: Message) -> RouteChoice: ...


class _Step(NamedTuple):
    change: Change
    withdrawn: Withdrawn | None


class Bulk:
    """Finds messages, and changes them page by page."""

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        routes: Routes,
        alternatives: Alternatives,
        lanes: Lanes,
        holds: Holds,
        clock: Clock,
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._routes = routes
        self._alternatives = alternatives
        self._lanes = lanes
        self._holds = holds
        self._clock = clock

    async def count(self, kind: str, wanted: Filter, below: str) -> Found:
        """The messages that match now, with ids below `below`."""
        rows = await self._store.fetch("bulk_counts", **_params(kind, wanted, below))
        page = await self._store.fetch(
            "bulk_page", **_params(kind, wanted, below), after_due=0, after_id="", count=SAMPLES
        )
        return Found({str(status): int(count) for status, count in rows}, [str(row[0]) for row in page])

    async def page(
        self, kind: str, wanted: Filter, below: str, after: tuple[int, str], count: int
    ) -> list[Message]:
        """The next page of messages, in the order of (due_at, id)."""
        rows = await self._store.fetch(
            "bulk_page", **_params(kind, wanted, below), after_due=after[0], after_id=after[1], count=count
        )
        return [from_row(row) for row in rows]

    async def work(self, kind: str, messages: Sequence[Message], target: Target) -> Worked:
        """Apply the action to these messages.

        Raises StoreError if the store cannot be written; unchanged messages wait as before.
        """
        now = self._clock.now_ms()
        tally: Counter[str] = Counter()
        skipped: list[Skipped] = []
        taken = await partly_taken(self._store, [m for m in messages if m.claim <= 0])
        steps: list[_Step] = []
        for (
            message
        ) in messages:  # no await in between: a message taken from a lane is put back in the same turn
            try:
                step = self._step(kind, message, target, now, message.id in taken)
            except Problem as problem:
                tally[problem.code] += 1
                skipped.append(Skipped(message.id, problem.code))
                continue
            if isinstance(step, str):
                tally["skipped"] += 1
                skipped.append(Skipped(message.id, step))
            else:
                steps.append(step)
        if steps:
            results = await self._store.commit([self._recorder.change(step.change) for step in steps])
            for step, result in zip(steps, results, strict=True):
                self._settle(step, result)
                tally["done" if result is True else "skipped"] += 1
                if result is not True:
                    skipped.append(Skipped(step.change.after.id, CHANGED))
            failed = next((r for r in results if isinstance(r, StoreError) and r.retryable), None)
            if failed is not None:
                raise failed
        return Worked(tally, skipped)

    def _step(self, kind: str, message: Message, target: Target, now: int, taken: bool) -> _Step | str:
        """The change of a message, or why it is skipped. Raises Problem."""
        if message.expires_at <= now:
            return EXPIRED  # the sweep ends the message
        if kind == REQUEUE:
            change = self._requeued(message, now, taken)
            return NOTHING_TO_DO if change is None else _Step(change, None)
        withdrawn = None
        if message.claim > UNCLAIMED:
            withdrawn = self._lanes.withdraw(message.id)
            if withdrawn is None:
                return BEING_SENT
            message, taken = withdrawn.message, withdrawn.partly_taken
        try:
            if taken:
                change = None
            elif kind == CANCEL:
                change = changes.end(message, statuses.CANCELED, now, "canceled")
            else:
                change = self._rerouted(message, target, now)
        except Problem:
            self._restore(withdrawn)
            raise
        if change is None:
            self._restore(withdrawn)
            return PARTLY_TAKEN if taken else HELD_BY_RULE
        return _Step(change, withdrawn)

    def _requeued(self, message: Message, now: int, taken: bool) -> Change | None:
        hops: tuple[Hop, ...] = ()
        if message.held_by_rule:
            return changes.advance(message, statuses.SCHEDULED, now, due_at=changes.starts_at(message, now))
        if message.status == statuses.HELD:
            change = changes.advance(message, statuses.QUEUED, now, due_at=message.expires_at)
            after = change.after
            if not taken:  # otherwise the carrier that has one part gets the rest
                choice = self._routes.again(message)
                after.route_id = choice.route_id or None
                hops = self._alternatives.judged(message, choice)
                after.carriers_tried = None
            after.duplicates += 1  # an earlier attempt may have arrived
            after.error_code = after.carrier_code = None
        elif message.claim == PARKED:
            change = changes.touch(message, now)
            after = change.after
            after.due_at = message.expires_at
        else:
            return None
        after.claim = UNCLAIMED
        self._holds.take(after, hops)
        return change

    def _rerouted(self, message: Message, target: Target, now: int) -> Change | None:
        if message.held_by_rule:
            return None  # its route is chosen when it is released
        choice = (
            self._routes.over(target.carrier, message)
            if target.carrier is not None
            else self._routes.along(target.route or "", message)
        )
        hops = self._alternatives.judged(message, choice)
        change = changes.touch(message, now)
        after = change.after
        after.route_id = choice.route_id
        after.carriers_tried = None
        if (
            message.status == statuses.QUEUED
        ):  # receipts find a held message by the carrier that it was handed to
            after.due_at = message.expires_at
            after.claim = UNCLAIMED
            self._holds.take(after, hops)
        return change

    def _settle(self, step: _Step, result: Result) -> None:
        after = step.change.after
        if after.status == statuses.QUEUED:
            self._holds.settle(after, result is True)
        if result is not True:
            self._restore(step.withdrawn)  # another change was committed first; the message keeps its place

    def _restore(self, withdrawn: Withdrawn | None) -> None:
        if withdrawn is not None:
            self._lanes.restore(withdrawn)


_PARAMS: Final = {
    "to_not": "recipient_not",
    "carrier_not": "carrier_id_not",
    "route_not": "route_id_not",
    "error_not": "error_code_not",
}
#: The negated conditions, each with its param. Statuses are taken out of those that a job may change.
_NEGATED: Final = {
    name: _PARAMS.get(name, name)
    for name in Filter.__struct_fields__
    if name.endswith("_not") and name != "status_not"
}


def _params(kind: str, wanted: Filter, below: str) -> dict[str, object]:
    allowed = STATUSES[kind]
    return {
        "statuses": [s for s in allowed if wanted.status in (None, s) and s not in wanted.status_not],
        "held_for": wanted.held_for,
        "waiting_only": int(kind == REQUEUE),
        "below": below,
        "account_id": wanted.account,
        "test": None if wanted.test is None else int(wanted.test),
        "recipient": wanted.to,
        "sender": wanted.sender,
        "created_after": 0 if wanted.created_after is None else wanted.created_after,
        "created_before": times.NEVER if wanted.created_before is None else wanted.created_before,
        "tag": wanted.tag,
        "reference": wanted.reference,
        "batch_id": wanted.batch_id,
        "carrier_id": wanted.carrier,
        "route_id": wanted.route,
        "country": wanted.country,
        "network": wanted.network,
        "error_code": wanted.error,
        "class_": wanted.class_,
        "duplicates": None if wanted.duplicates is None else int(wanted.duplicates),
        **{param: list(getattr(wanted, name)) for name, param in _NEGATED.items()},
    }
