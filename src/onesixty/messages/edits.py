"""Changes waiting messages: their content, schedule or urgency (`PATCH`, replace_sm).

Rules kept here (docs/how-to/change-or-cancel.md):
- a message in memory is taken out of its lane first, in one step, and put back changed. A message that is in flight,
  or of which a carrier may have any part, answers `too_late`: no handset gets half of one text and half of another;
- a message that is only in the database is changed under its version;
- who has read a version may ask for a change of that version alone;
- the change passes the steps of a send, so that whatever a send would refuse is refused here;
- its new price is held in the same transaction;
- the edit of a deferred or held message is judged like any other: the steps defer or hold it anew, or they free it. A
  message that is freed is scheduled for now, and the sweep releases it.
"""

from __future__ import annotations

import asyncio
from copy import copy
from typing import Any, Final, TypeVar

import msgspec
from msgspec import UnsetType
from msgspec.structs import replace

from onesixty.core import events, outcomes, statuses
from onesixty.core.errors import Problem
from onesixty.core.message import PARKED, Change, Message, attempt_from_row, from_row
from onesixty.core.orders import NEUTRAL, Edit
from onesixty.core.paid_above import Held
from onesixty.core.tenant import Tenant
from onesixty.http import etags
from onesixty.kit.context import Context
from onesixty.messages import changes
from onesixty.messages.contracts import Lanes, Withdrawn
from onesixty.messages.drafts import EDIT, Draft, Steps
from onesixty.messages.holds import Holds
from onesixty.messages.recorder import Recorder
from onesixty.messages.steps import ON_UNKNOWN
from onesixty.store.units import StoreError

ROUNDS: Final = 5

_MAYBE_TAKEN: Final = frozenset({outcomes.ACCEPTED, outcomes.UNKNOWN})


class Edits:
    """Changes waiting messages."""

    def __init__(
        self, node: Context, *, recorder: Recorder, lanes: Lanes, holds: Holds, funds: Holds, steps: Steps
    ) -> None:
        """`holds` are the holds of messages that were accepted before, `funds` those that a new price concerns."""
        self._store, self._clock, self._observer = node.store, node.clock, node.observer
        self._recorder = recorder
        self._lanes = lanes
        self._holds = holds
        self._funds = funds
        self._steps = steps
        self._reworded = node.channels.each(lambda channel: channel.reworded)
        self._tasks: set[asyncio.Task[Message]] = set()

    async def change(
        self, tenant: Tenant, message_id: str, edit: Edit, versions: frozenset[int] | None = None
    ) -> Message:
        """Change a message and return it once it is stored durably. A change that has begun
        continues if its caller is canceled. With `versions`, it is changed at one of these alone.

        Raises Problem: `not_found`, `too_late`, `precondition_failed`, `conflict`, `unavailable`, and the refusals of
        intake.
        """
        task = asyncio.get_running_loop().create_task(self._change(tenant, message_id, edit, versions))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _change(
        self, tenant: Tenant, message_id: str, edit: Edit, versions: frozenset[int] | None
    ) -> Message:
        for _ in range(ROUNDS):
            message = await self._find(tenant, message_id)
            if not _may_change(message):
                raise Problem("too_late", f"The message is {message.status}.")
            withdrawn = None
            if message.claim > 0:
                withdrawn = self._lanes.withdraw(message_id)
                if withdrawn is None:
                    if (await self._find(tenant, message_id)).version != message.version:
                        continue
                    raise Problem("too_late", "The message is being handed to a carrier.")
                message = withdrawn.message
            try:
                etags.check(versions, message.version, "message")
                await self._check_untaken(message, withdrawn)
                changed = await self._changed(message, edit)
            except BaseException:
                if withdrawn is not None:
                    self._lanes.restore(withdrawn)
                raise
            if await self._commit(changed, withdrawn):
                return changed[-1].after
        raise Problem("conflict", "Another request changed the message at the same time. Read it again.")

    async def _commit(self, changed: list[Change], withdrawn: Withdrawn | None) -> bool:
        """Commit the changes of the edit, and put the message into the right lane. False if another writer changed
        the message first."""
        before, after = changed[0].before, changed[-1].after
        assert before is not None
        moved = (before.carrier_id, before.class_) != (after.carrier_id, after.class_)
        entering = after.status == statuses.QUEUED and after.claim != PARKED and moved
        holds, priced = self._holds if entering else self._funds, changed[0].after
        try:
            holds.take(priced, held=Held(before.price, before.paid_above))
        except Problem:
            if withdrawn is not None:
                self._lanes.restore(withdrawn)
            raise
        result = (await self._store.commit([self._recorder.edit(*changed)]))[0]
        holds.settle(priced, result is True)
        if result is True:
            if after.notices is not None:
                self._observer.noticed(after.notices, changed[0].at)
            if not entering and withdrawn is not None and after.status == statuses.QUEUED:
                withdrawn.renew(after)
                self._lanes.restore(withdrawn)
            return True
        if withdrawn is not None:  # it stays in its lane, whichever writer won
            self._lanes.restore(withdrawn)
        if isinstance(result, StoreError):
            raise Problem("unavailable", retry_after=1)
        return False

    async def _check_untaken(self, message: Message, withdrawn: Withdrawn | None) -> None:
        """Raise `too_late` if a carrier has some of the message, or may have all of it."""
        taken = message.duplicates > 0
        if withdrawn is not None:
            taken = taken or withdrawn.partly_taken
        elif message.attempts:
            rows = await self._store.fetch("attempts_of_messages", ids=[message.id])
            taken = taken or any(attempt_from_row(row).outcome in _MAYBE_TAKEN for row in rows)
        if taken:
            raise Problem("too_late", "A carrier may already have the message or a part of it.")

    async def _changed(self, message: Message, edit: Edit) -> list[Change]:
        """The change by the edit, and the change of the status that follows from it, if any. Raises Problem."""
        now = self._clock.now_ms()
        after = _edited(message, edit)
        draft = Draft(EDIT, after, now, edit=edit, words=self._words(message, edit))
        await self._steps.judge([draft])
        if draft.refusal is not None:
            raise draft.refusal
        await self._funds.filled([draft])
        if draft.hops:
            after.carrier_id = self._lanes.first_available(draft.hops).carrier_id
        if after.status == statuses.SCHEDULED:
            after.due_at = changes.starts_at(after, now)
        elif after.claim == PARKED:
            after.due_at = min(message.due_at or after.expires_at, after.expires_at)
        else:
            after.due_at = after.expires_at
        edited = after
        if after.status != message.status:
            edited = replace(
                after, status=message.status, held_for=message.held_for, queued_at=message.queued_at
            )
        edited.version, edited.sequence = message.version + 1, message.sequence + 1
        found = [Change(before=message, after=edited, event=events.CHANGED, at=now)]
        if edited is not after:
            after.version, after.sequence = edited.version + 1, edited.sequence + 1
            found.append(Change(before=edited, after=after, event=events.of_status(after.status), at=now))
        return found

    def _words(self, message: Message, edit: Edit) -> Any:
        """What the edit asks of the content; None if the content stays. Raises Problem."""
        own = edit.fields - NEUTRAL
        if not own:
            return None
        if edit.channel != message.channel:
            raise Problem(
                "invalid_field",
                f"The channel of the message, `{message.channel}`, does not have this field.",
                param=min(own),
            )
        return self._reworded[message.channel](message, edit)

    async def _find(self, tenant: Tenant, message_id: str) -> Message:
        rows = await self._store.fetch("message_of_account", id=message_id, **tenant.params)
        if not rows:
            raise Problem("not_found", "Message not found.")
        return from_row(rows[0])


def _may_change(message: Message) -> bool:
    """Whether no carrier has the message, as far as its status tells."""
    return message.held_by_rule or message.status in (statuses.SCHEDULED, statuses.QUEUED)


def _edited(message: Message, edit: Edit) -> Message:
    """The message with the new values of the edit. The steps judge and correct them afterwards."""
    after = copy(message)
    if after.status == statuses.HELD:
        after.status = statuses.SCHEDULED  # unless a step holds it
    after.sender = _or_else(edit.sender, message.sender)
    after.class_ = _or_else(edit.class_, message.class_)
    after.priority = _or_else(edit.priority, message.priority)
    after.reference = _or_else(edit.reference, message.reference)
    if not isinstance(edit.tags, UnsetType):
        after.tags = msgspec.json.encode(edit.tags).decode() if edit.tags else None
    after.status_callback = _or_else(edit.status_callback, message.status_callback)
    after.pinned_route = _or_else(edit.route, message.pinned_route)
    after.origin = _or_else(edit.origin, message.origin)
    if not isinstance(edit.on_unknown, UnsetType):
        after.on_unknown = edit.on_unknown or ON_UNKNOWN[after.class_]
    elif message.on_unknown == ON_UNKNOWN[message.class_]:
        after.on_unknown = ON_UNKNOWN[after.class_]  # it was the default of its class, or equal to it
    return after


_T = TypeVar("_T")


def _or_else(new: _T | UnsetType, old: _T) -> _T:
    return old if isinstance(new, UnsetType) else new
