"""The command_status of each refusal: a table from errors of the catalogue to SMPP 3.4, 5.1.3.

Rules kept here:
- an ESME may retry after ESME_RTHROTTLED, ESME_RMSGQFUL or ESME_RSYSERR, and after no other status. So retryable
  errors get one of these, and permanent errors never do;
- a request over the rate gets the status of the customer's profile.

docs/reference/smpp-for-customers.md shows this table (a test compares them).
"""

from __future__ import annotations

from typing import Final

from onesixty.core.errors import Problem
from onesixty.customers.profile import SmppProfile
from onesixty.smpp import constants as c

#: Statuses of the profile's `throttle_status`.
THROTTLES: Final = {
    "ESME_RTHROTTLED": c.ESME_RTHROTTLED,
    "ESME_RMSGQFUL": c.ESME_RMSGQFUL,
    "ESME_RSYSERR": c.ESME_RSYSERR,
}

#: Statuses by the code of the error.
STATUS_OF: Final[dict[str, int]] = {
    "invalid_recipient": c.ESME_RINVDSTADR,
    "invalid_sender": c.ESME_RINVSRCADR,
    "text_empty": c.ESME_RINVMSGLEN,
    "text_too_long": c.ESME_RINVMSGLEN,
    "not_encodable": c.ESME_RSUBMITFAIL,
    "not_decodable": c.ESME_RSUBMITFAIL,
    "scheduled_in_past": c.ESME_RINVSCHED,
    "scheduled_too_far": c.ESME_RINVSCHED,
    "deferred_too_long": c.ESME_RINVEXPIRY,
    "no_route": c.ESME_RSUBMITFAIL,
    "unknown_route": c.ESME_RSUBMITFAIL,
    "loop_detected": c.ESME_RSUBMITFAIL,
    "draining": c.ESME_RMSGQFUL,
    "invalid_field": c.ESME_RSUBMITFAIL,
    "forbidden": c.ESME_RSUBMITFAIL,
    "sender_not_allowed": c.ESME_RINVSRCADR,
    "class_not_allowed": c.ESME_RSUBMITFAIL,
    "account_suspended": c.ESME_RSUBMITFAIL,
    "account_closed": c.ESME_RSUBMITFAIL,
    "account_unverified": c.ESME_RSUBMITFAIL,
    "insufficient_credit": c.ESME_RSUBMITFAIL,
    "not_found": c.ESME_RINVMSGID,
    "day_limit_reached": c.ESME_RTHROTTLED,
    "month_limit_reached": c.ESME_RTHROTTLED,
    "too_many_waiting": c.ESME_RMSGQFUL,
    "too_many_scheduled": c.ESME_RMSGQFUL,
    "unavailable": c.ESME_RMSGQFUL,
    "internal_error": c.ESME_RSYSERR,
}

#: Statuses for pairs of code and field, if the field is more precise than the code.
STATUS_OF_FIELD: Final[dict[tuple[str, str], int]] = {
    ("invalid_field", "valid_for"): c.ESME_RINVEXPIRY,
    ("invalid_field", "udh"): c.ESME_RINVESMCLASS,
    ("invalid_field", "scheduled_at"): c.ESME_RINVSCHED,
}


class Refused(Exception):
    """A PDU is refused before its message is read: the command_status is the whole answer."""

    def __init__(self, command_status: int) -> None:
        self.command_status = command_status
        super().__init__(c.status_name(command_status))


def too_fast(rate: float) -> Problem:
    """The refusal of a submission beyond the rate of its credential, in segments a second."""
    return Problem("rate_limited", f"The limit is {rate:g} segments a second.", rule="rate")


def beyond_window(window: int) -> Problem:
    """The refusal of a request beyond the credential's window of unanswered requests."""
    return Problem("rate_limited", f"More than {window} requests are waiting for a response.", rule="window")


def status_of(problem: Problem, profile: SmppProfile) -> int:
    """The command_status for a problem."""
    if problem.code in ("rate_limited", "segments_limited"):
        return THROTTLES[profile.throttle_status]
    status = STATUS_OF_FIELD.get((problem.code, problem.param or ""))
    if status is None:
        status = STATUS_OF.get(problem.code)
    if status is None:
        return c.ESME_RSYSERR if problem.kind.retryable else c.ESME_RSUBMITFAIL
    return status
