"""Reports refusals to the trace (`onesixty.refusals`), because SMPP customers see only a command_status.

Rules kept here:
- reported are submit_sm, data_sm, submit_multi (each of its recipients) and binds with a known credential. Other
  requests are about a message that exists, which has its own history;
- a PDU refused for one of its fields has no error of the catalogue: the table here maps the status to the field;
- a request is named by the id of the bind and the sequence_number; the recipient is shown as a message shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from onesixty.core.errors import Problem
from onesixty.customers import addresses
from onesixty.customers.binds import Bind
from onesixty.customers.tables import SmppCredential
from onesixty.doors.smpp.refusals import THROTTLES, Refused, status_of
from onesixty.refusals import Trace
from onesixty.smpp import constants as c
from onesixty.smpp.events import ProtocolError
from onesixty.smpp.layouts import command_name
from onesixty.smpp.pdu import Pdu

DOOR: Final = "smpp"

#: Commands whose refusals are reported.
_SUBMISSIONS: Final = (c.SUBMIT_SM, c.DATA_SM, c.SUBMIT_MULTI)

#: The field that caused a status.
_FIELD_OF: Final = {
    c.ESME_RINVESMCLASS: "esm_class",
    c.ESME_RINVSRCTON: "source_addr_ton",
    c.ESME_RINVDSTTON: "dest_addr_ton",
    c.ESME_RINVPRTFLG: "priority_flag",
    c.ESME_RINVREGDLVFLG: "registered_delivery",
    c.ESME_RINVREPFLAG: "replace_if_present_flag",
    c.ESME_RINVDFTMSGID: "sm_default_msg_id",
    c.ESME_RINVSCHED: "schedule_delivery_time",
    c.ESME_RINVEXPIRY: "validity_period",
    c.ESME_ROPTPARNOTALLWD: "message_payload",
    c.ESME_RINVNUMDESTS: "number_of_dests",
    c.ESME_RINVDLNAME: "dl_name",
}
#: Statuses after which an ESME may retry.
_PASSING: Final = frozenset(THROTTLES.values())
#: The error code and the sentence for each reason why a bind is refused.
_BIND_RULES: Final = {
    "password": ("unauthorized", "The password is wrong."),
    "address": ("unauthorized", "The credential may not be used from this address."),
    "expired": ("unauthorized", "The credential has expired."),
    "closed": ("account_closed", "The account is closed."),
    "max_binds": ("rate_limited", "The credential already has its maximum number of binds."),
}


class SmppRefusals:
    """Reports to the trace. The customer's answer does not depend on it."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def submission(self, bind: Bind, pdu: Pdu, why: Problem | Refused) -> int:
        """Report a refused request. Returns the status to answer."""
        status = why.command_status if isinstance(why, Refused) else status_of(why, bind.credential.profile)
        code = code_of(status) if isinstance(why, Refused) else why.code
        if pdu.command_id in _SUBMISSIONS and self._wants(bind.credential, code):
            problem = problem_of(status) if isinstance(why, Refused) else why
            to = None
            if pdu.command_id != c.SUBMIT_MULTI:
                to = (pdu.number("dest_addr_ton"), pdu.text("destination_addr"))
            self._keep(bind, pdu, problem, status, to)
        return status

    def recipient(self, bind: Bind, pdu: Pdu, why: Problem, ton: int, address: str) -> int:
        """Report a refused recipient of a submit_multi. Returns the status to answer."""
        status = status_of(why, bind.credential.profile)
        if self._wants(bind.credential, why.code):
            self._keep(bind, pdu, why, status, (ton, address))
        return status

    def malformed(self, bind: Bind, error: ProtocolError) -> None:
        """Report a PDU that the session refused because it could not read it."""
        credential = bind.credential
        if error.command_id not in _SUBMISSIONS or not self._wants(credential, "bad_request"):
            return
        self._trace.keep(
            Problem("bad_request", f"{error.reason}."),
            tenant=credential.tenant,
            door=DOOR,
            operation=command_name(error.command_id),
            request_id=f"{bind.id}:{error.sequence}",
            caller=credential.id,
            answer=c.status_name(error.command_status),
            rule="pdu",
        )

    def bind(self, credential: SmppCredential, pdu: Pdu, status: int, reason: str, address: str) -> None:
        """Report a refused bind with a known system_id. `reason` is the same as in the log."""
        code, detail = _BIND_RULES.get(
            reason, ("unavailable", "The password could not be checked right now.")
        )
        if not self._wants(credential, code):
            return
        self._trace.keep(
            Problem(code, f"{detail} It came from {address}."),
            tenant=credential.tenant,
            door=DOOR,
            operation=pdu.name,
            request_id=f"{address}:{pdu.sequence}",
            caller=credential.id,
            answer=c.status_name(status),
            rule=reason,
        )

    def _wants(self, credential: SmppCredential, code: str) -> bool:
        return self._trace.wants(credential.tenant, DOOR, code)

    def _keep(self, bind: Bind, pdu: Pdu, problem: Problem, status: int, to: tuple[int, str] | None) -> None:
        """`to` is the TON and the address of the only recipient."""
        credential = bind.credential
        country = credential.profile.default_country
        ton, source = (
            pdu.number("source_addr_ton"),
            pdu.text("source_addr") or credential.profile.default_sender,
        )
        self._trace.keep(
            problem,
            tenant=credential.tenant,
            door=DOOR,
            operation=pdu.name,
            request_id=f"{bind.id}:{pdu.sequence}",
            caller=credential.id,
            answer=c.status_name(status),
            rule=_rule_of(problem),
            sender=_shown(addresses.sender, ton, source, country),
            recipient=None if to is None else _shown(addresses.recipient, *to, country),
        )


def code_of(status: int) -> str:
    """The error code for a status without a problem."""
    return "unavailable" if status in _PASSING else "invalid_field"


def problem_of(status: int) -> Problem:
    """The problem for a status without one, in the words of the catalogue."""
    known = c.STATUSES.get(status)
    meaning = "no further details" if known is None else known.meaning
    detail = f"{c.status_name(status)}: {meaning}."
    rule = "store" if status in _PASSING else "pdu"
    return Problem(code_of(status), detail, param=_FIELD_OF.get(status), rule=rule)


def _rule_of(problem: Problem) -> str:
    """The rule of a problem without one. Problems of addresses and of the coding are found before intake."""
    return {"to": "recipient", "from": "sender", "text": "text"}.get(problem.param or "", "pdu")


def _shown(
    read: Callable[[int, str, str | None], str], ton: int, address: str, country: str | None
) -> str | None:
    """An address as a message shows it; an invalid one as the customer wrote it."""
    try:
        return read(ton, address, country)
    except Problem:
        return address or None
