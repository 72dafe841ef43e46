"""Where a judged message stands: what the steps told decides whether it is held, deferred or neither.

Rules kept here:
- a step that judges again speaks anew: what it told before no longer counts. What the other steps told stays;
- a hold beats a deferral. Of several deferrals the latest counts; one that leaves no time to send is a refusal;
- deferrals whose time has come stay as a record. So do holds that a person has lifted: their steps do not hold the
  message again, unless it is edited;
- a held message has no carrier. It gets one when it is released.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from onesixty.core import notices as n
from onesixty.core import statuses
from onesixty.core.errors import Problem
from onesixty.core.message import UNCLAIMED, Message
from onesixty.core.notices import Notice

TOO_LONG: Final = "deferred_too_long"


def stand(
    message: Message,
    told: Sequence[Notice],
    held_for: str | None,
    asked: Collection[str],
    now: int,
    *,
    edited: bool,
) -> None:
    """Write into `message` where it stands. `told` are the new notices, `held_for` what a step holds it for now,
    `asked` the names of the steps that judged. `message` still has the notices and the hold from before.

    Raises Problem `deferred_too_long`.
    """
    anew = {(notice.rule, notice.kind) for notice in told}
    kept = []
    for notice in n.of_column(message.notices):
        lifted = notice.kind == n.HELD and message.held_for is None and not edited
        record = lifted or (notice.until is not None and notice.until <= now)
        if notice.rule not in asked or (record and (notice.rule, notice.kind) not in anew):
            kept.append(notice)
    if held_for is None and message.held_for is not None:
        held_for = next((notice.code for notice in kept if notice.kind == n.HELD), None)
    known = (*kept, *told)
    message.notices, message.held_for = n.to_column(known), held_for
    message.not_before = n.deferred_until(known)
    if held_for is not None:
        _wait(message, statuses.HELD, message.expires_at)
        message.carrier_id = None
    elif message.not_before is not None and message.not_before > now:
        if message.not_before >= message.expires_at:
            rule = next(notice.rule for notice in known if notice.until == message.not_before)
            raise Problem(TOO_LONG, param="valid_for", rule=rule)
        _wait(message, statuses.SCHEDULED, max(message.not_before, message.scheduled_at or 0))


def lifted(message: Message, rule: str) -> bool:
    """Whether a person has released the message from a hold of this rule."""
    return not message.held_by_rule and any(
        notice.kind == n.HELD and notice.rule == rule for notice in n.of_column(message.notices)
    )


def _wait(message: Message, status: str, due_at: int) -> None:
    message.status, message.due_at = status, due_at
    message.claim, message.queued_at = UNCLAIMED, None
