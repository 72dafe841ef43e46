"""Changing a message that waits: what it says, when it goes, how urgent it is (`PATCH`, replace_sm).

Rules kept here (DESIGN, "Cancel, replace, expiry"):
- a message in memory is taken out of its lane first, in one step, and put back changed; what is in flight, or of
  which a carrier may have any part, answers `too_late`: nobody gets half of one text and half of another;
- a message only in the database is changed under its version;
- the change passes the steps of intake, so that what a send would refuse is refused here;
- what it costs now is held in the same transaction;
- times count from where they did: the validity from acceptance or from `scheduled_at`.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable
from copy import copy
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from onesixty.core import events, outcomes, statuses
from onesixty.core.clock import Clock
from onesixty.core.content import BINARY, Content, content_of
from onesixty.core.errors import Problem
from onesixty.core.message import PARKED, Change, Message, attempt_from_row, from_row
from onesixty.core.tenant import Tenant
from onesixty.messages.control import Owner, Withdrawn
from onesixty.messages.intake import LONGEST_VALIDITY, ON_UNKNOWN, VALIDITY, Lanes, check_schedule
from onesixty.messages.orders import SendOrder
from onesixty.messages.recorder import Recorder
from onesixty.messages.wording import Wording
from onesixty.store.contract import Store
from onesixty.store.units import StoreError
from onesixty.text import Replacement

ROUNDS: Final = 5

#: Judges an order as intake does; the wording is given where it stays.
Judge = Callable[[SendOrder, int, Wording | None], Message]

_MAYBE_TAKEN: Final = frozenset({outcomes.ACCEPTED, outcomes.UNKNOWN})


class Edit(msgspec.Struct, kw_only=True):
    """What is to change; UNSET stays as it is. `binary` are octets, `scheduled_at` and `expires_at` epoch ms.

    `valid_for` is in seconds from `scheduled_at`, or from acceptance, None for that of the class; `expires_at` stands
    in its place. `scheduled_at` None means as soon as possible, `on_unknown` None as its class has it. `content` is
    that of the new text or octets, as a whole; `flash` and `udh` (hex, with its length octet) are single fields of
    it. `changes` is written here: what transliteration replaced.
    """

    sender: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    binary: bytes | UnsetType = UNSET
    content: Content | UnsetType | None = UNSET
    flash: bool | UnsetType = UNSET
    udh: str | UnsetType | None = UNSET
    encoding: str | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    transliterate: bool | UnsetType = UNSET
    max_segments: int | UnsetType | None = UNSET
    scheduled_at: int | UnsetType | None = UNSET
    valid_for: int | UnsetType | None = UNSET
    expires_at: int | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    class_: str | UnsetType = UNSET
    reference: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType = UNSET
    status_callback: str | UnsetType | None = UNSET
    on_unknown: str | UnsetType | None = UNSET
    route: str | UnsetType | None = UNSET
    origin: str | UnsetType | None = UNSET
    changes: tuple[Replacement, ...] = ()


_WORDING: Final = frozenset(
    {
        *("text", "binary", "content", "flash", "udh", "encoding", "language", "transliterate"),
        "max_segments",
    }
)
#: What the choice of a route may depend on.
_ROUTING: Final = frozenset({"sender", "class_", "tags", "route"})


class Edits:
    """Changes messages that wait."""

    def __init__(
        self,
        *,
        store: Store,
        recorder: Recorder,
        owner: Owner,
        lanes: Lanes,
        judge: Judge,
        clock: Clock,
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._owner = owner
        self._lanes = lanes
        self._judge = judge
        self._clock = clock
        self._tasks: set[asyncio.Task[Message]] = set()

    async def change(self, tenant: Tenant, message_id: str, edit: Edit) -> Message:
        """The changed message; it is on disk. Raises Problem: `not_found`, `too_late`, `unavailable`, and what
        intake refuses. A caller who goes away leaves nothing half done."""
        task = asyncio.get_running_loop().create_task(self._change(tenant, message_id, edit))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _change(self, tenant: Tenant, message_id: str, edit: Edit) -> Message:
        for _ in range(ROUNDS):
            message = await self._find(tenant, message_id)
            if message.status not in (statuses.SCHEDULED, statuses.QUEUED):
                raise Problem("too_late", f"The message is {message.status}.")
            withdrawn = None
            if message.claim > 0:
                withdrawn = self._owner.withdraw(message_id)
                if withdrawn is None:
                    if (await self._find(tenant, message_id)).version != message.version:
                        continue
                    raise Problem("too_late", "The message is being handed to a carrier.")
                message = withdrawn.message
            try:
                await self._check_untaken(message, withdrawn)
                change = self._changed(message, edit)
            except BaseException:
                if withdrawn is not None:
                    self._owner.restore(withdrawn)
                raise
            if await self._commit(change, withdrawn):
                return change.after
        raise Problem("too_late", "The message changed while it was being changed.")

    async def _commit(self, change: Change, withdrawn: Withdrawn | None) -> bool:
        """Write it, and put it where it belongs. False when it was changed by somebody else before."""
        before, after = change.before, change.after
        assert before is not None
        moved = (before.carrier_id, before.class_) != (after.carrier_id, after.class_)
        entering = after.status == statuses.QUEUED and after.claim != PARKED and moved
        if entering:
            after.claim = 0
            after.claim = self._lanes.reserve(after)
        result = (await self._store.commit([self._recorder.edit(change)]))[0]
        if result is True:
            if entering:
                self._lanes.enter(after)
            elif withdrawn is not None:
                withdrawn.renew(after)
                self._owner.restore(withdrawn)
            return True
        if entering:
            self._lanes.withdraw_reservation(after)
        if withdrawn is not None:  # it stays, whoever was faster
            self._owner.restore(withdrawn)
        if isinstance(result, StoreError):
            raise Problem("unavailable", retry_after=1)
        return False

    async def _check_untaken(self, message: Message, withdrawn: Withdrawn | None) -> None:
        """Raise `too_late` where a carrier has some of it, or may have it all."""
        taken = message.duplicates > 0
        if withdrawn is not None:
            taken = taken or withdrawn.partly_taken
        elif message.attempts:
            rows = await self._store.fetch("attempts_of_messages", ids=[message.id])
            taken = taken or any(attempt_from_row(row).outcome in _MAYBE_TAKEN for row in rows)
        if taken:
            raise Problem("too_late", "A carrier may have the message, or a part of it.")

    def _changed(self, message: Message, edit: Edit) -> Change:
        now = self._clock.now_ms()
        scheduled_at, expires_at = _times(message, edit, now)
        asked = {name for name in Edit.__struct_fields__ if getattr(edit, name) is not UNSET}
        kept = None
        if asked.isdisjoint(_WORDING):
            kept = Wording(message.text, message.encoding, message.segments, message.content)
        order = _order(message, edit)
        judged = self._judge(order, now, kept)
        edit.changes = order.changes
        after = copy(message)
        after.sender, after.class_, after.priority = judged.sender, judged.class_, judged.priority
        after.reference, after.tags = judged.reference, judged.tags
        after.status_callback, after.on_unknown = judged.status_callback, judged.on_unknown
        after.pinned_route, after.origin = judged.pinned_route, judged.origin
        if kept is None:
            after.text, after.encoding, after.content = judged.text, judged.encoding, judged.content
            after.segments = judged.segments
            after.price = judged.price if message.price else 0  # what was free stays free
        if not asked.isdisjoint(_ROUTING):
            after.route_id, after.carrier_id = judged.route_id, judged.carrier_id
        after.scheduled_at, after.expires_at = scheduled_at, expires_at
        if after.status == statuses.SCHEDULED:
            after.due_at = scheduled_at
        elif after.claim == PARKED:
            after.due_at = min(message.due_at or expires_at, expires_at)
        else:
            after.due_at = expires_at
        after.version = message.version + 1
        after.sequence = message.sequence + 1
        return Change(before=message, after=after, event=events.CHANGED, at=now)

    async def _find(self, tenant: Tenant, message_id: str) -> Message:
        rows = await self._store.fetch("message_of_account", id=message_id, **tenant.params)
        if not rows:
            raise Problem("not_found", "Message not found.")
        return from_row(rows[0])


def _order(message: Message, edit: Edit) -> SendOrder:
    """The order that the changed message would have come from, but for its times."""
    of = _or_else
    class_ = of(edit.class_, message.class_)
    on_unknown = message.on_unknown
    if on_unknown == ON_UNKNOWN[message.class_]:
        on_unknown = ON_UNKNOWN[class_]  # it was the default of its class, or as good as that
    new_words = edit.text is not UNSET or edit.binary is not UNSET
    asked = (
        of(edit.content, replace(content_of(message.content), single_shift=0, locking_shift=0)) or Content()
    )
    asked = replace(asked, flash=of(edit.flash, asked.flash), udh=of(edit.udh, asked.udh))
    if asked.cuts and (new_words or edit.udh is not UNSET or edit.transliterate is not UNSET):
        if edit.udh is UNSET:
            raise Problem(
                "invalid_field",
                "Its parts have headers of their own, which other words do not: say `udh` with them.",
                param="text",
            )
        asked = replace(asked, headers=(), cuts=())
    return SendOrder(
        tenant=message.tenant,
        sender=of(edit.sender, message.sender),
        recipient=message.recipient,
        text=of(edit.text, "" if message.encoding == BINARY else message.text),
        binary=_octets(message, edit),
        content=None if asked == Content() else asked,
        encoding=of(edit.encoding, "auto" if new_words or message.encoding == BINARY else message.encoding),
        language=of(edit.language, None),
        transliterate=of(edit.transliterate, False),
        max_segments=of(edit.max_segments, None),
        had_segments=0 if new_words or edit.max_segments is not UNSET else message.segments,
        scheduled_at=None,
        priority=of(edit.priority, message.priority),
        class_=class_,
        reference=of(edit.reference, message.reference),
        tags=of(edit.tags, msgspec.json.decode(message.tags) if message.tags else []),
        status_callback=of(edit.status_callback, message.status_callback),
        on_unknown=of(edit.on_unknown, on_unknown),
        route=of(edit.route, message.pinned_route),
        origin=of(edit.origin, message.origin),
        message_id=message.id,
        batch_id=message.batch_id,
    )


_T = TypeVar("_T")


def _or_else(new: _T | UnsetType, old: _T) -> _T:
    return old if isinstance(new, UnsetType) else new


def _octets(message: Message, edit: Edit) -> bytes | None:
    if not isinstance(edit.binary, UnsetType):
        return edit.binary
    if message.encoding == BINARY and edit.text is UNSET:
        return b64decode(message.text)
    return None


def _times(message: Message, edit: Edit, now: int) -> tuple[int | None, int]:
    """`scheduled_at` and `expires_at` of the changed message, in epoch ms. Raises Problem."""
    scheduled_at, asked = message.scheduled_at, edit.scheduled_at
    if not isinstance(asked, UnsetType):
        if message.status == statuses.SCHEDULED:
            check_schedule(asked, now)
            scheduled_at = now if asked is None else asked
        elif asked is not None:
            raise Problem("too_late", "The message is queued: its time has come.", param="scheduled_at")
    began = message.created_at if message.scheduled_at is None else message.scheduled_at
    begins = message.created_at if scheduled_at is None else scheduled_at
    if not isinstance(edit.expires_at, UnsetType):
        expires_at = edit.expires_at
    elif not isinstance(edit.valid_for, UnsetType):
        class_ = _or_else(edit.class_, message.class_)
        seconds = VALIDITY[class_] if edit.valid_for is None else edit.valid_for
        expires_at = begins + seconds * 1000
    else:
        return scheduled_at, begins + message.expires_at - began
    if not max(begins, now) < expires_at <= begins + LONGEST_VALIDITY * 1000:
        raise Problem(
            "invalid_field",
            f"The validity is over by now, or longer than {LONGEST_VALIDITY} seconds.",
            param="valid_for",
        )
    return scheduled_at, expires_at
