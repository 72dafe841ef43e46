"""What a verification shows: in answers, lists and events, always without its code.

Rules kept here:
- one object everywhere. An event tells it as it was after its change, without what would have to be redacted
  (`PERSONAL`): whoever may see that reads it;
- what each send became is folded from the steps; an answer adds what reports have said since;
- the caller sees guard and reason of a block. `public_reason` is all that an end user may be told;
- a redacted one shows no address, no binding and no address of the end user, in the reasons of guards either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from onesixty.core import events, times
from onesixty.verify import life
from onesixty.verify import verification as v
from onesixty.verify.guards.facts import network_of
from onesixty.verify.guards.reasons import made_of, named
from onesixty.verify.verification import Verification

#: What an end user may be told of a verification that a guard holds or blocks.
TRY_LATER: Final = "try_later"

#: What says who is verified, and for what.
PERSONAL: Final = ("to", "fallback_to", "bind_to", "user_ip", "device")

#: The statuses of sends, as steps tell them.
_OF_STEP: Final[Mapping[str, str]] = {v.SENT: "sent", v.DELIVERED: "delivered", v.NOT_SENT: "failed"}

_OF_STATUS: Final[Mapping[str, str]] = {
    v.APPROVED: events.VERIFICATION_APPROVED,
    v.EXPIRED: events.VERIFICATION_EXPIRED,
    v.FAILED: events.VERIFICATION_FAILED,
    v.EXHAUSTED: events.VERIFICATION_FAILED,
    v.CANCELED: events.VERIFICATION_CANCELED,
    v.BLOCKED: events.VERIFICATION_BLOCKED,
}


def event_of(before: Verification | None, after: Verification) -> Iterator[str]:
    """The events of a change, in order."""
    if before is None and after.status != v.BLOCKED:
        yield events.VERIFICATION_STARTED
    earlier = () if before is None else before.steps
    if any(step.what == v.SENT for step in after.steps[len(earlier) :]):
        yield events.VERIFICATION_SENT
    if not after.is_open and (before is None or before.is_open):
        yield _OF_STATUS[after.status]


def told(one: Verification) -> dict[str, Any]:
    """The verification as its owner sees it."""
    redacted = one.redacted_at is not None
    return {
        "id": one.id,
        "profile_id": one.profile_id,
        "status": one.status,
        "to": None if redacted else one.recipient,
        "fallback_to": None if redacted else one.other,
        "channel": one.channel,
        "country": one.country,
        "network": one.network,
        "language": one.language,
        "language_from": one.language_from,
        "template": one.template,
        "reference": one.reference,
        "bind_to": None if redacted else one.bound,
        "user_ip": None if redacted else one.user_ip,
        "device": None if redacted else one.device,
        "guard": one.guard,
        **_why(_named(one, one.reason)),
        "public_reason": TRY_LATER if one.status in (v.HELD, v.BLOCKED) else None,
        "own_code": one.sealed_code is not None and not one.fixed,
        "test_number": one.fixed,
        "test": one.test,
        "attempts_left": life.attempts_left(one),
        "sends_left": max(0, one.max_sends - one.sends) if one.is_open else 0,
        "next_send_at": _time(one.next_send_at)
        if one.status == v.PENDING and one.sends < one.max_sends
        else None,
        "sends": sends_of(one),
        "created_at": _time(one.created_at),
        "expires_at": _time(one.expires_at),
        "ended_at": times.text_or_none(one.ended_at),
    }


def told_in_event(one: Verification) -> dict[str, Any]:
    """The verification as its events tell it."""
    return {
        **{name: value for name, value in told(one).items() if name not in PERSONAL},
        **_why(one.reason),
    }


def _named(one: Verification, reason: str | None) -> str | None:
    """A reason with who is verified, as long as the verification says it. A guard that names a number or an
    address of e-mail blocks: so it is that of the last channel."""
    if reason is None or one.redacted_at is not None:
        return reason
    known = {
        "number": one.address(one.channel) or one.recipient,
        "address": None if one.user_ip is None else network_of(one.user_ip),
        "device": one.device,
    }
    return named(reason, known)


def _why(reason: str | None) -> dict[str, Any]:
    """A reason, and what it is made of if a guard says it."""
    made = made_of(reason)
    return {"reason": reason, "finding": None if made is None else made._asdict()}


def sends_of(one: Verification) -> list[dict[str, Any]]:
    """Its sends, in order, with what became of each as far as its steps say."""
    found: dict[int, dict[str, Any]] = {}
    for step in one.steps:
        if step.what == v.SEND:
            found[step.send] = {
                "number": step.send,
                "channel": step.channel,
                "reason": step.reason,
                "code_number": step.generation,
                "message_id": step.message_id,
                "status": "queued",
                "error": None,
                "created_at": _time(step.at),
            }
        elif step.what in _OF_STEP and step.send in found:
            found[step.send]["status"] = _OF_STEP[step.what]
            found[step.send]["error"] = step.code
    return list(found.values())


def history_of(one: Verification) -> list[dict[str, Any]]:
    """Its steps, in order."""
    return [
        {
            "at": _time(step.at),
            "what": step.what,
            "send": step.send or None,
            "channel": step.channel,
            "message_id": step.message_id,
            "code_number": step.generation or None,
            **_why(_named(one, step.reason)),
            "error": step.code,
        }
        for step in one.steps
    ]


def _time(ms: int) -> str:
    return times.to_text(ms)
