"""Reports refusals of this door to the trace (`onesixty.refusals`).

Rules kept here:
- every refusal of a send, a reply or a batch is reported once. The front reports what it or the handler raises. The
  handler reports what it answers without an exception, and each refused message of a batch by its place;
- a stored answer that a repeated Idempotency-Key gets again is not a new refusal.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from onesixty.core.errors import Problem
from onesixty.doors.v1.door import NAME
from onesixty.http.call import Call
from onesixty.refusals import Trace

#: The step for a code, if the problem itself names none; for all other codes it is the request's own.
_RULES: Final = {
    "unauthorized": "key",
    "key_revoked": "key",
    "key_expired": "key",
    "address_not_allowed": "key",
    "forbidden": "scope",
    "wrong_mode": "scope",
    "rate_limited": "rate",
    "idempotency_mismatch": "idempotency",
    "too_late": "batch",
    "unavailable": "store",
    "internal_error": "internal",
}
_REQUEST: Final = "request"


class Addresses(NamedTuple):
    """Sender and recipient as the caller wrote them; None if they could not be read."""

    sender: str | None = None
    recipient: str | None = None


class _Written(msgspec.Struct):
    """The fields of a send by which refusals can be searched."""

    sender: Any = msgspec.field(name="from", default=None)
    to: Any = None


_WRITTEN: Final = msgspec.json.Decoder(_Written).decode
_NOTHING: Final = Addresses()


def written(body: bytes) -> Addresses:
    """The addresses in a refused body, as far as they can be read."""
    try:
        found = _WRITTEN(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOTHING
    return Addresses(
        found.sender if isinstance(found.sender, str) else None,
        found.to if isinstance(found.to, str) else None,
    )


class RefusedSends:
    """Reports refused sends to the trace."""

    def __init__(self, trace: Trace, send_path: str) -> None:
        """`send_path` is the path that sends one message; bodies of other paths have no
        single sender and recipient."""
        self._trace = trace
        self._send_path = send_path

    def request(self, call: Call, problem: Problem, addresses: Addresses | None = None) -> None:
        """Report that a whole request was refused."""
        if self._wants(call, problem):
            if problem.code == "not_found":
                addresses = _NOTHING  # the key's message was redacted, so its number must not reappear
            elif addresses is None:
                addresses = written(call.body) if call.path == self._send_path else _NOTHING
            self._keep(call, problem, addresses, problem.param)

    def message(self, call: Call, problem: Problem, addresses: Addresses, param: str | None) -> None:
        """Report a refused message of a batch; `param` names its place."""
        if self._wants(call, problem):
            self._keep(call, problem, addresses, param)

    def _wants(self, call: Call, problem: Problem) -> bool:
        caller = call.principal
        return self._trace.wants(None if caller is None else caller.tenant, NAME, problem.code)

    def _keep(self, call: Call, problem: Problem, addresses: Addresses, param: str | None) -> None:
        assert call.principal is not None
        self._trace.keep(
            problem,
            tenant=call.principal.tenant,
            door=NAME,
            operation=f"{call.method} {call.path}",
            request_id=call.request_id,
            caller=call.principal.actor.who,
            answer=str(problem.kind.status),
            rule=_RULES.get(problem.code, _REQUEST),
            sender=addresses.sender,
            recipient=addresses.recipient,
            param=param,
        )
