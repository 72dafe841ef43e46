"""What follows from a carrier's answers: a pure function from a submission and its outcomes to a verdict.

Rules kept here (docs/reference/statuses.md):
- all segments taken: sent;
- some taken and one refused: undelivered, since changing carrier would send all of them again;
- refused because of the sender or the carrier: the next carrier of the route, if there is one, even if the message
  has to wait for it; refused because of the message or the recipient: failed;
- throttled, or lost before any byte was written: back to the front of its lane, with nothing to write;
- unknown: resent (and counted in `duplicates`) or held, as the message says;
- segments that a carrier took or may have taken cost what their hop says. Refused ones and test traffic cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from onesixty.core import outcomes as o
from onesixty.core import statuses
from onesixty.core.carrier_ids import normal_id
from onesixty.core.clock import Random
from onesixty.core.contracts import Submission
from onesixty.core.errors import CATALOGUE
from onesixty.core.hop import Hop
from onesixty.core.message import PARKED, UNCLAIMED, Attempt, Change, Message
from onesixty.core.outcomes import Outcome
from onesixty.dispatch import backoff
from onesixty.messages import changes

FRONT: Final = "front"
OTHER: Final = "other"


class Alternative(NamedTuple):
    """Another carrier of the message's route that has not refused it, and whether that one is available now."""

    carrier_id: str
    available: bool


class Verdict(msgspec.Struct):
    """`change` is None if there is nothing to write. `then` says where the item goes: back to the FRONT of the lane
    with `pending`, to an OTHER carrier, or None if the lane is done with it."""

    change: Change | None
    attempts: list[Attempt]
    then: str | None = None
    pending: list[int] | None = None


def judge(
    submission: Submission,
    outcomes: Mapping[int, Outcome],
    *,
    hop: Hop,
    receipt_timeout_ms: int,
    alternative: Alternative | None,
    now: int,
    random: Random,
) -> Verdict:
    """The verdict on a submission over `hop` whose pending segments all have their outcome."""
    message, carrier_id = submission.message, hop.carrier_id
    kinds = {outcome.kind for outcome in outcomes.values()}
    if kinds == {o.ACCEPTED}:
        change = changes.advance(
            message, statuses.SENT, now, due_at=changes.receipts_until(message, receipt_timeout_ms)
        )
        _went(change, submission, carrier_id)
        return Verdict(change, _attempts(submission, outcomes, hop, now))

    left = [segment for segment in submission.pending if outcomes[segment].kind != o.ACCEPTED]
    # Counted in segments as rendered for this carrier, which may be more or fewer than were priced.
    some_taken = len(left) < submission.rendered.units
    if _nothing_happened(outcomes, left) and len(left) == len(submission.pending):
        return Verdict(None, [], FRONT, left)

    attempts = _attempts(submission, outcomes, hop, now)
    refused = next((outcomes[s] for s in left if outcomes[s].kind == o.PERMANENT), None)
    if refused is not None:
        unknown = o.UNKNOWN in kinds
        if some_taken:
            return _partly_refused(submission, refused, attempts, carrier_id, now)
        if unknown and message.on_unknown == "hold":
            return _unknown(submission, outcomes, attempts, left, carrier_id, now, random)
        passed_on = _passed_on(submission, refused, unknown, alternative, carrier_id, now, random)
        if passed_on is not None:
            return Verdict(passed_on, attempts, OTHER if passed_on.after.claim != PARKED else None)
        code = refused.code or "message_refused"
        change = changes.end(message, statuses.FAILED, now, code, refused.carrier_code)
        _went(change, submission, carrier_id)
        return Verdict(change, attempts)
    if o.UNKNOWN in kinds:
        return _unknown(submission, outcomes, attempts, left, carrier_id, now, random)

    change = changes.touch(message, now)
    _went(change, submission, carrier_id)
    if o.RETRYABLE in kinds and not _nothing_happened(outcomes, left):
        asked = max((outcomes[s].retry_after or 0.0 for s in left), default=0.0)
        _park(change.after, now, random, asked)
        return Verdict(change, attempts)
    return Verdict(change, attempts, FRONT, left)


def lost(message: Message, hop: Hop, now: int, *, hold: bool = False) -> Verdict:
    """The verdict on a message whose flight over `hop` outlived its node: its outcome is unknown. With `hold` it is
    never resent automatically, whatever its `on_unknown` says."""
    submission_attempt = message.attempts + 1
    attempts = [
        _attempt(
            message, submission_attempt, segment, message.segments, None, hop, hop.sender, hop.cost, now, now,
            Outcome(o.UNKNOWN, code="outcome_unknown"),
        )
        for segment in range(message.segments)
    ]  # fmt: skip
    if hold or message.on_unknown == "hold":
        change = _held(message, now)
    else:
        change = changes.touch(message, now)
        change.after.claim = UNCLAIMED
        change.after.duplicates += 1
    change.after.attempts = submission_attempt
    change.after.carrier_id = hop.carrier_id
    return Verdict(change, attempts)


def wait_for(message: Message, refused_by: str, alternative: Alternative, now: int, random: Random) -> Change:
    """Park the message for a carrier that is away. It will not go back to the carrier that refused it."""
    change = changes.touch(message, now)
    _hand_to(change, refused_by, alternative, now, random)
    return change


def _hand_to(change: Change, refused_by: str, alternative: Alternative, now: int, random: Random) -> None:
    after = change.after
    after.carriers_tried = " ".join([*(after.carriers_tried or "").split(), refused_by])
    after.carrier_id = alternative.carrier_id
    if not alternative.available:
        _park(after, now, random, 0.0)


def cannot_go_on(message: Message, now: int) -> Change:
    """End a message of which a carrier took some segments, and cannot carry the rest any more."""
    change = changes.end(message, statuses.UNDELIVERED, now, "partially_refused")
    change.after.sent_at = now
    return change


def _partly_refused(
    submission: Submission, refused: Outcome, attempts: list[Attempt], carrier_id: str, now: int
) -> Verdict:
    change = changes.end(
        submission.message, statuses.UNDELIVERED, now, "partially_refused", refused.carrier_code
    )
    change.after.sent_at = now  # segments that were taken are paid for
    _went(change, submission, carrier_id)
    return Verdict(change, attempts)


def _passed_on(
    submission: Submission,
    refused: Outcome,
    unknown: bool,
    alternative: Alternative | None,
    carrier_id: str,
    now: int,
    random: Random,
) -> Change | None:
    """The change that gives the message to another carrier, or None if the refusal does not allow that."""
    code = refused.code or "message_refused"
    if alternative is None or CATALOGUE[code].scope not in ("sender", "carrier"):
        return None
    change = changes.touch(submission.message, now)
    _went(change, submission, carrier_id)
    if unknown:
        change.after.duplicates += 1  # a segment may have been taken here, and is sent again there
    _hand_to(change, carrier_id, alternative, now, random)
    return change


def _unknown(
    submission: Submission,
    outcomes: Mapping[int, Outcome],
    attempts: list[Attempt],
    left: list[int],
    carrier_id: str,
    now: int,
    random: Random,
) -> Verdict:
    message = submission.message
    if message.on_unknown == "hold":
        change = _held(message, now)
        _went(change, submission, carrier_id)
        return Verdict(change, attempts)
    change = changes.touch(message, now)
    _went(change, submission, carrier_id)
    change.after.duplicates += 1
    if submission.attempt == 1:
        return Verdict(change, attempts, FRONT, left)
    _park(change.after, now, random, 0.0)
    return Verdict(change, attempts)


def _held(message: Message, now: int) -> Change:
    change = changes.advance(message, statuses.HELD, now, due_at=message.expires_at)
    change.after.error_code = "outcome_unknown"
    change.after.held_for = statuses.OUTCOME_UNKNOWN
    return change


def _park(after: Message, now: int, random: Random, asked: float) -> None:
    after.claim = PARKED
    after.due_at = min(now + backoff.delay_ms(after.attempts, random, asked), after.expires_at)


def _nothing_happened(outcomes: Mapping[int, Outcome], left: list[int]) -> bool:
    """Whether all outcomes are throttled or never written. Then there is no attempt to record."""
    return all(
        outcomes[s].kind == o.THROTTLED
        or (outcomes[s].kind == o.RETRYABLE and outcomes[s].code == "carrier_unreachable")
        for s in left
    )


def _went(change: Change, submission: Submission, carrier_id: str) -> None:
    after = change.after
    after.attempts = submission.attempt
    after.carrier_id = carrier_id
    after.sender_used = submission.rendered.sender


def _attempts(submission: Submission, outcomes: Mapping[int, Outcome], hop: Hop, now: int) -> list[Attempt]:
    message, rendered = submission.message, submission.rendered
    segments = rendered.units
    reference = submission.concat_reference if segments > 1 else None
    sender = None if rendered.sender == message.sender else rendered.sender
    cost = hop.cost * rendered.charged
    return [
        _attempt(
            message, submission.attempt, segment, segments, reference, hop, sender, cost,
            submission.submitted_at, now, outcomes[segment],
        )
        for segment in submission.pending
    ]  # fmt: skip


def _attempt(
    message: Message,
    attempt: int,
    segment: int,
    segments: int,
    reference: int | None,
    hop: Hop,
    sender: str | None,
    cost: int,
    submitted_at: int,
    now: int,
    outcome: Outcome,
) -> Attempt:
    carrier_message_id = outcome.carrier_message_id
    costs = cost and outcome.kind in (o.ACCEPTED, o.UNKNOWN) and not message.test
    return Attempt(
        message_id=message.id,
        attempt=attempt,
        segment=segment,
        segments=segments,
        account_id=message.account_id,
        carrier_id=hop.carrier_id,
        bind=outcome.bind,
        concat_reference=reference,
        outcome=outcome.kind,
        carrier_message_id=carrier_message_id,
        match_id=normal_id(carrier_message_id) if carrier_message_id else None,
        carrier_code=outcome.carrier_code,
        error_code=outcome.code,
        submitted_at=submitted_at,
        answered_at=now,
        sender=sender,
        cost=cost if costs else None,
        currency=hop.currency if costs else None,
    )
