"""Turns verifications into answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from onesixty.core import statuses
from onesixty.verify import life, told
from onesixty.verify import verification as v
from onesixty.verify.bodies import (
    CanceledVerification,
    CheckedVerification,
    GuardReport,
    StartedVerification,
    VerificationDetail,
    VerificationSend,
    VerificationStep,
    VerificationView,
)
from onesixty.verify.checking import Result
from onesixty.verify.control import Canceled
from onesixty.verify.guards.bodies import finding_of
from onesixty.verify.records import SentMessage
from onesixty.verify.starting import Started
from onesixty.verify.verification import Verification

#: How the statuses of messages are told of sends, where that is another word.
_OF_MESSAGE: Final[Mapping[str, str]] = {statuses.UNDELIVERED: "failed", statuses.EXPIRED: "failed"}


def shown(one: Verification, messages: Mapping[str, SentMessage] | None = None) -> VerificationView:
    """A verification. `messages` say what has become of its messages since."""
    return VerificationView(**_fields(one, messages or {}))


def detail(one: Verification, messages: Mapping[str, SentMessage]) -> VerificationDetail:
    """A verification with its history."""
    history = [VerificationStep(**step) for step in told.history_of(one)]
    return VerificationDetail(**_fields(one, messages), history=history)


def started(found: Started) -> StartedVerification:
    """A verification as a start or a resend found or made it."""
    verdict = found.verdict
    return StartedVerification(
        **_fields(found.one, {}),
        reused=found.reused,
        sent=found.sent,
        warnings=list(verdict.warnings),
        reports=[
            GuardReport(**msgspec.structs.asdict(report), finding=finding_of(report.reason))
            for report in verdict.reported
        ],
    )


def canceled(found: Canceled) -> CanceledVerification:
    """A canceled verification."""
    return CanceledVerification(**_fields(found.one, {}), stopped=list(found.stopped), gone=list(found.gone))


def checked(result: Result) -> CheckedVerification:
    """What a check says."""
    one = result.one
    fields: dict[str, Any] = {
        "id": None, "status": None, "attempts_left": 0, "next_send_at": None, "reference": None,
    }  # fmt: skip
    if one is not None:
        fields = {
            "id": one.id,
            "status": one.status,
            "attempts_left": life.attempts_left(one),
            "next_send_at": told.told(one)["next_send_at"],
            "reference": one.reference,
        }
    return CheckedVerification(outcome=result.outcome, approved=result.outcome == v.APPROVED, **fields)


def _fields(one: Verification, messages: Mapping[str, SentMessage]) -> dict[str, Any]:
    fields = told.told(one)
    fields["sends"] = _sends(fields["sends"], messages)
    return fields


def _sends(sends: Sequence[dict[str, Any]], messages: Mapping[str, SentMessage]) -> list[VerificationSend]:
    found = []
    for send in sends:
        message = messages.get(send["message_id"] or "")
        if message is not None:
            send["status"] = _OF_MESSAGE.get(message.status, message.status)
            send["error"] = message.error_code
        found.append(VerificationSend(**send))
    return found
