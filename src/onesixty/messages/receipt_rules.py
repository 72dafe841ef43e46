"""What delivery reports mean, as pure functions: which attempt one fits, whether it is news, and what follows.

Rules kept here (docs/reference/statuses.md):
- DELIVRD is never taken back; ENROUTE and ACCEPTD change nothing;
- a message of several segments is delivered when all segments are. It is undelivered when all have ended and
  one of them is undelivered;
- a segment that was sent more than once under one reference is delivered if one of its attempts is. If all of a
  message was sent again, it is delivered if all segments of one of its references are (messages/segments.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from onesixty.core import outcomes, statuses
from onesixty.core.carrier_ids import id_keys
from onesixty.core.channel import AnyChannel
from onesixty.core.message import Attempt, Change, Message
from onesixty.messages import changes
from onesixty.messages.segments import taken


class Kept(msgspec.Struct, kw_only=True):
    """A row of `receipts`."""

    id: str
    carrier_id: str
    carrier_message_id: str
    match_id: str
    state: int
    code: str | None
    sender: str | None
    recipient: str | None
    raw: str
    received_at: int
    done_at: int | None
    message_id: str | None = None
    attempt: int | None = None
    segment: int | None = None
    account_id: str | None = None
    tries: int = 0
    due_at: int | None = None
    expires_at: int


def next_step(message: Message, attempts: Sequence[Attempt], now: int) -> Change | None:
    """The change of the message that follows from the states of its segments, or None."""
    if message.status not in (statuses.SENT, statuses.UNDELIVERED, statuses.UNCONFIRMED):
        return None
    result = state_of(attempts)
    if result is None or not statuses.may_follow(message.status, result):
        return None
    if result == statuses.DELIVERED:
        return changes.end(message, result, now)
    # The first bad segment gives the reason, whichever receipt arrived last.
    bad = min((a for a in attempts if a.state == statuses.UNDELIVERED), key=lambda a: (a.segment, a.attempt))
    return changes.end(message, result, now, bad.error_code or "undeliverable", bad.state_code)


def state_of(attempts: Sequence[Attempt]) -> str | None:
    """The state of the whole message by its receipts: delivered, undelivered, or None while a receipt is missing."""
    if len(attempts) == 1 and attempts[0].segments == 1:
        (only,) = attempts
        ended = only.outcome == outcomes.ACCEPTED and only.state in (statuses.DELIVERED, statuses.UNDELIVERED)
        return only.state if ended else None
    states = {
        _state_of(by_segment.values())
        for reference, by_segment in taken(attempts).items()
        if len(by_segment) == reference.segments
    }
    if statuses.DELIVERED in states:
        return statuses.DELIVERED
    return statuses.UNDELIVERED if states == {statuses.UNDELIVERED} else None


def _state_of(segments: Iterable[list[Attempt]]) -> str | None:
    """The state of the segments of one reference; each is given with all of its attempts."""
    result = statuses.DELIVERED
    for attempts in segments:
        states = {attempt.state for attempt in attempts}
        if statuses.DELIVERED in states:
            continue
        if states != {statuses.UNDELIVERED}:
            return None
        result = statuses.UNDELIVERED
    return result


def same_id(attempt: Attempt, attempts: Sequence[Attempt]) -> list[Attempt]:
    """The segments that the carrier took under one id with this one, including this one."""
    return [
        one
        for one in attempts
        if one is attempt
        or (one.match_id is not None and (one.attempt, one.match_id) == (attempt.attempt, attempt.match_id))
    ]


def fits(channel: AnyChannel, message: Message, attempt: Attempt, kept: Kept) -> bool:
    """Whether a receipt without a known id can belong to this attempt, by sender, recipient and time. `channel` is
    the message's."""
    if kept.received_at < attempt.submitted_at:
        return False
    if channel.same_address(message.recipient, kept.recipient) is not True:
        return False
    return not kept.sender or channel.same_sender(attempt.sender or message.sender, kept.sender)


def is_news(known: str | None, said: str) -> bool:
    """Whether `said` changes the known state. DELIVRD is never taken back, and an intermediate state
    after a final one says nothing."""
    if known == statuses.DELIVERED:
        return False
    return not (known == statuses.UNDELIVERED and said == statuses.ENROUTE)


def forms(kept: Kept) -> tuple[str, ...]:
    """The ids under which the receipt's attempt may be known, likeliest first; none for a receipt without an id."""
    ids = (kept.match_id, *id_keys(kept.carrier_message_id))
    return tuple(dict.fromkeys(id_ for id_ in ids if id_))
