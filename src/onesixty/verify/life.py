"""The life of a verification as pure functions: each takes it and the time, and returns it as it is afterwards.

Rules kept here:
- an end is an end: nothing changes a verification that has ended, but a redaction;
- a check is counted whatever it says, and the last one that is wrong exhausts the verification. A resend never gives
  checks back;
- a resend sends the same code while that is in the first half of its life and has `YOUNG_MS` left; else the next
  generation, and the code before is good for `GRACE_MS` more. A caller's own code has one generation unless the
  caller gives another;
- life counts from the first send of a generation, and no generation lives longer than `ends_at`;
- between two sends that somebody asks for there are growing pauses (`PAUSES_S`);
- a reason of a guard is kept without who is verified: the columns of that are emptied by a redaction (`told`);
- the timer of a fallback starts when a carrier or a mail server took the send, and ends with the verification.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from msgspec.structs import replace

from onesixty.verify import verification as v
from onesixty.verify.guarding import Verdict
from onesixty.verify.guards.reasons import covered
from onesixty.verify.verification import Step, Verification

#: Seconds between one send and the next that somebody may ask for; the last one repeats.
PAUSES_S: Final = (30, 60, 120, 240)
#: How long the code before counts after a new one.
GRACE_MS: Final = 60_000
#: A code with less time left is not sent again.
YOUNG_MS: Final = 120_000
#: After how long guards are asked again about a held verification.
HELD_MS: Final = 2_000
#: No verification is open for longer than so many lives.
LIVES: Final = 3

Outcome = Literal["approved", "wrong", "expired", "exhausted", "canceled", "superseded", "unknown"]


class Checked(NamedTuple):
    """A verification after a check, and what the check says."""

    after: Verification
    outcome: Outcome


def is_over(one: Verification, now: int) -> bool:
    """Whether an open verification has come to the end of its life."""
    return one.is_open and now >= one.expires_at


# ---------------------------------------------------------------- checks


def checked(one: Verification, fits: bool, fitted_before: bool, now: int) -> Checked:
    """A check of an open verification. `fits` says whether the code is that of this generation, `fitted_before`
    whether it is that of the one before."""
    if is_over(one, now):
        return Checked(_ended(one, v.EXPIRED, now), "expired")
    if one.status == v.HELD:  # no code was sent, so none can be right
        fits = fitted_before = False
    checks = one.checks + 1
    if fits or (fitted_before and now < one.before_until):
        generation = one.generation if fits else one.generation - 1
        counted = replace(one, checks=checks, approved_by=generation)
        return Checked(_ended(counted, v.APPROVED, now), "approved")
    step = Step(at=now, what=v.WRONG, reason="superseded" if fitted_before else None)
    counted = replace(_noted(one, step), checks=checks)
    if checks >= one.max_checks:
        return Checked(_ended(counted, v.EXHAUSTED, now), "exhausted")
    return Checked(counted, "superseded" if fitted_before else "wrong")


def reported(one: Verification, *, approved: bool, now: int) -> Verification:
    """An open verification of a caller's own code, once the caller has said whether it was typed. No check is
    counted: the caller made it."""
    if not approved:
        return _ended(one, v.EXPIRED, now, v.REPORTED)
    return _ended(replace(one, approved_by=one.generation), v.APPROVED, now, v.REPORTED)


def attempts_left(one: Verification) -> int:
    """How many checks are left."""
    return max(0, one.max_checks - one.checks) if one.is_open else 0


# ---------------------------------------------------------------- sends


def may_send(one: Verification, now: int) -> bool:
    """Whether somebody may ask for a send now."""
    return one.sends < one.max_sends and now >= one.next_send_at


def keeps_code(one: Verification, now: int) -> bool:
    """Whether a send now has the code that was sent before."""
    if one.sealed_code is not None:
        return True
    return now - one.began_at < one.life_ms / 2 and one.expires_at - now >= YOUNG_MS


def with_code(one: Verification, now: int, sealed_code: str | None = None) -> Verification:
    """The verification with the code for a send now: the one before, or the next generation. `sealed_code` is another
    code that the caller gave."""
    if one.sends == 0:
        lasts = min(now + one.life_ms, one.ends_at)
        return replace(one, began_at=now, expires_at=lasts)
    if sealed_code is None and keeps_code(one, now):
        return one
    return replace(
        one,
        generation=one.generation + 1,
        before_until=min(now + GRACE_MS, one.expires_at),
        sealed_before=one.sealed_code,
        sealed_code=sealed_code,
        began_at=now,
        expires_at=max(one.expires_at, min(now + one.life_ms, one.ends_at)),
    )


def sending(
    one: Verification, now: int, *, reason: str, place: int | None = None, message_id: str | None = None
) -> Verification:
    """The verification with one more send, over the channel at `place` of its plan."""
    place = one.place if place is None else place
    channel = one.plan[place].channel
    sends = one.sends + 1
    step = Step(
        at=now,
        what=v.SEND,
        send=sends,
        channel=channel,
        message_id=message_id,
        generation=one.generation,
        reason=reason,
    )
    pause = PAUSES_S[min(sends, len(PAUSES_S)) - 1]
    after = replace(
        _noted(one, step),
        sends=sends,
        place=place,
        channel=channel,
        status=v.PENDING,
        next_send_at=now + pause * 1000,
        fallback_at=None,
    )
    return replace(after, due_at=after.expires_at)


# ---------------------------------------------------------------- what became of sends


def taken(one: Verification, send: int, at: int) -> Verification:
    """A carrier or a mail server took a send at `at`."""
    return _noted_once(one, Step(at=at, what=v.SENT, send=send))


def delivered(one: Verification, send: int, at: int) -> Verification:
    """A report says that a send reached the handset."""
    return _noted_once(one, Step(at=at, what=v.DELIVERED, send=send))


def not_sent(one: Verification, send: int, code: str, at: int) -> Verification:
    """A send ended without reaching anybody."""
    return _noted_once(one, Step(at=at, what=v.NOT_SENT, send=send, code=code))


def skipped(one: Verification, channel: str, reason: str, now: int) -> Verification:
    """A fallback could not be made: over the same channel for want of another carrier, or over the next one."""
    return _noted(one, Step(at=now, what=v.SKIPPED, channel=channel, reason=reason))


def failed(one: Verification, send: int) -> bool:
    """Whether a send ended without reaching anybody."""
    return _has(one, v.NOT_SENT, send)


def all_failed(one: Verification) -> bool:
    """Whether every send ended without reaching anybody."""
    return one.sends > 0 and all(failed(one, send) for send in range(1, one.sends + 1))


# ---------------------------------------------------------------- fallbacks


def next_place(one: Verification) -> int | None:
    """The place of the next channel of the plan for which there is an address and that was not skipped since the last
    send. None if there is none, or if no send is left."""
    if one.sends >= one.max_sends:
        return None
    passed = _skipped_since(one)
    for place in range(one.place + 1, len(one.plan)):
        channel = one.plan[place].channel
        if channel not in passed and one.address(channel) is not None:
            return place
    return None


def report_at(one: Verification) -> int | None:
    """When a missing report is a reason to send over another carrier; None for never."""
    way, sent_at = one.plan[one.place], _taken_at(one)
    if sent_at is None or way.channel != v.SMS or not one.no_report_s or one.sends >= one.max_sends:
        return None
    if _has(one, v.DELIVERED, one.sends) or way.channel in _skipped_since(one):
        return None
    return sent_at + one.no_report_s * 1000


def next_channel_at(one: Verification) -> int | None:
    """When the next channel follows; None for never."""
    way, sent_at = one.plan[one.place], _taken_at(one)
    if sent_at is None or not way.after or next_place(one) is None:
        return None
    return sent_at + way.after * 1000


def timed(one: Verification) -> Verification:
    """The verification with the time of its next fallback, and when it is due."""
    if not one.is_open:
        return one
    if failed(one, one.sends):
        return postponed(one, None)
    times = [at for at in (report_at(one), next_channel_at(one)) if at is not None]
    return postponed(one, min(times, default=None))


def postponed(one: Verification, at: int | None) -> Verification:
    """The verification with another time for its fallback; None for none."""
    due = one.expires_at if at is None else min(at, one.expires_at)
    return replace(one, fallback_at=at, due_at=due)


def falls_back(one: Verification, now: int) -> bool:
    """Whether a fallback is due: the last send reached nobody, or its time is over."""
    if one.status != v.PENDING or one.sends == 0:
        return False
    return failed(one, one.sends) or (one.fallback_at is not None and one.fallback_at <= now)


def _taken_at(one: Verification) -> int | None:
    """When the last send was taken."""
    return next((step.at for step in one.steps if step.what == v.SENT and step.send == one.sends), None)


def _skipped_since(one: Verification) -> frozenset[str | None]:
    """The channels of fallbacks that could not be made since the last send."""
    found: set[str | None] = set()
    for step in one.steps:
        if step.what == v.SEND:
            found.clear()
        elif step.what == v.SKIPPED:
            found.add(step.channel)
    return frozenset(found)


def _has(one: Verification, what: str, send: int) -> bool:
    return any(step.what == what and step.send == send for step in one.steps)


def _noted_once(one: Verification, step: Step) -> Verification:
    if not one.is_open or _has(one, step.what, step.send):
        return one
    channel = next(
        (sent.channel for sent in one.steps if sent.what == v.SEND and sent.send == step.send), None
    )
    return _noted(one, replace(step, channel=channel))


# ---------------------------------------------------------------- holds and ends


def held(one: Verification, verdict: Verdict, now: int) -> Verification:
    """A guard holds it: nothing is sent until somebody releases it."""
    ends = min(verdict.until or one.expires_at, one.expires_at)
    after = replace(_noted(one, Step(at=now, what=v.HELD, reason=covered(verdict.reason))), status=v.HELD)
    return held_by(replace(after, expires_at=ends), verdict, now)


def held_by(one: Verification, verdict: Verdict, now: int) -> Verification:
    """A held verification that this verdict holds from now on."""
    return still_held(
        replace(one, guard=verdict.guard, guard_key=verdict.key, reason=covered(verdict.reason)), now
    )


def blocked(one: Verification, verdict: Verdict, now: int) -> Verification:
    """A guard blocks it."""
    return replace(_ended(one, v.BLOCKED, now, covered(verdict.reason)), guard=verdict.guard)


def still_held(one: Verification, now: int) -> Verification:
    """A held verification that stays held: guards are asked again after `HELD_MS`."""
    return replace(one, due_at=min(now + HELD_MS, one.expires_at))


def released(one: Verification, now: int) -> Verification:
    """The hold is lifted; a send follows."""
    return replace(
        _noted(one, Step(at=now, what=v.RELEASED)), status=v.PENDING, ends_at=now + one.life_ms * LIVES
    )


def ended(one: Verification, status: str, now: int, reason: str | None = None) -> Verification:
    """The verification at its end; as it is if it had ended before."""
    return _ended(one, status, now, reason) if one.is_open else one


def _ended(one: Verification, status: str, now: int, reason: str | None = None) -> Verification:
    return replace(
        _noted(one, Step(at=now, what=status, reason=reason)),
        status=status,
        reason=reason or one.reason,
        fallback_at=None,
        due_at=None,
        ended_at=now,
    )


def _noted(one: Verification, step: Step) -> Verification:
    if len(one.steps) >= v.MOST_STEPS and step.what not in v.STATUSES:
        return one
    return replace(one, steps=(*one.steps, step))
