"""The steps of a message's life as pure functions: a message and what happened in, a `Change` out.

Rules kept here:
- only transitions of the table in `core.statuses` happen, anything else raises `IllegalChange`;
- each status has its event and its time; `version` rises with every write, `sequence` with every event;
- `due_at` always says when the sweep has to look at the message next. It is None if nothing is due any more.
"""

from __future__ import annotations

from copy import copy
from typing import Final

from onesixty.core import events, statuses
from onesixty.core.message import UNCLAIMED, Change, Message

#: How long after the validity receipts may arrive, unless the carrier's settings say otherwise.
RECEIPT_GRACE_MS: Final = 86_400_000


class IllegalChange(Exception):
    """A transition that the table does not allow: a fault in the caller, never in the data of a user."""


def advance(message: Message, status: str, at: int, *, due_at: int | None = None) -> Change:
    """Move the message to `status` at `at`. The caller may still set other fields of `change.after`."""
    if not statuses.may_follow(message.status, status):
        raise IllegalChange(f"{message.id}: {message.status} cannot become {status}")
    after = copy(message)
    after.status = status
    after.version = message.version + 1
    after.sequence = message.sequence + 1
    after.due_at = due_at
    after.held_for = None
    event = events.of_status(status)
    if status in statuses.TERMINAL:
        if message.status in statuses.TERMINAL:
            event = events.CORRECTED
        after.done_at = at
        after.claim = UNCLAIMED
    elif status == statuses.SENT:
        after.sent_at = at
        after.claim = UNCLAIMED
    elif status == statuses.QUEUED:
        after.queued_at = at
    elif status in (statuses.SCHEDULED, statuses.HELD):
        after.claim = UNCLAIMED
    return Change(before=message, after=after, event=event, at=at)


def release(message: Message, judged: Message, at: int) -> Change:
    """Move a scheduled message, whose time has come, to what the steps made of it: queued, deferred again or held."""
    if judged.status != message.status and not statuses.may_follow(message.status, judged.status):
        raise IllegalChange(f"{message.id}: {message.status} cannot become {judged.status}")
    judged.version = message.version + 1
    judged.sequence = message.sequence + 1
    if judged.status == statuses.QUEUED:
        judged.queued_at, judged.due_at = at, judged.expires_at
    return Change(before=message, after=judged, event=events.of_status(judged.status), at=at)


def starts_at(message: Message, now: int) -> int:
    """When a waiting message may be sent: at its schedule, after what defers it, and not before now."""
    return max(now, message.scheduled_at or 0, message.not_before or 0)


def touch(message: Message, at: int) -> Change:
    """A change that keeps the status: a claim, a retry, some of the segments taken, a redaction."""
    after = copy(message)
    after.version = message.version + 1
    return Change(before=message, after=after, event=None, at=at)


def expire(message: Message, at: int, *, partly_taken: bool) -> Change:
    """End a message whose validity has passed. If a carrier took some segments, the message is undelivered instead of
    expired, because those segments are paid for."""
    if not partly_taken:
        return end(message, statuses.EXPIRED, at, "validity_passed")
    change = end(message, statuses.UNDELIVERED, at, "validity_passed")
    change.after.sent_at = at
    return change


def receipts_until(message: Message, receipt_timeout_ms: int = 0) -> int:
    """Until when a final receipt may arrive, in epoch ms. A `receipt_timeout_ms` of 0 means the default."""
    return message.expires_at + (receipt_timeout_ms or RECEIPT_GRACE_MS)


def end(
    message: Message, status: str, at: int, code: str | None = None, carrier_code: str | None = None
) -> Change:
    """Move the message to a terminal status. `code` is a code of the error catalogue."""
    change = advance(message, status, at)
    change.after.error_code = code
    change.after.carrier_code = carrier_code
    return change
