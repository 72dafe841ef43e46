"""What this door tells the trace of refusals (`onesixty.refusals`).

Rules kept here:
- every refusal of a send, a reply or a batch is told once: what the front or the handler raises by the front, what is
  answered without an exception by the handler, and each refused message of a batch by its place;
- an answer that a repeated Idempotency-Key gets again is no new refusal.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from onesixty.core.errors import Problem
from onesixty.doors.v1.door import NAME
from onesixty.http.call import Call
from onesixty.refusals import Trace

#: The step that refuses with this code where the problem itself names none; all others are the request's own.
_RULES: Final = {
    "unauthorized": "key",
    "key_revoked": "key",
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
    """Sender and recipient as the caller wrote them; None where they could not be read."""

    sender: str | None = None
    recipient: str | None = None


class _Written(msgspec.Struct):
    """The fields of a send by which refusals can be searched."""

    sender: Any = msgspec.field(name="from", default=None)
    to: Any = None


_WRITTEN: Final = msgspec.json.Decoder(_Written).decode
_NOTHING: Final = Addresses()


def written(body: bytes) -> Addresses:
    """The addresses of a body that was refused, as far as they can be read."""
    try:
        found = _WRITTEN(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOTHING
    return Addresses(
        found.sender if isinstance(found.sender, str) else None,
        found.to if isinstance(found.to, str) else None,
    )


class RefusedSends:
    """Tells the trace."""

    def __init__(self, trace: Trace, send_path: str) -> None:
        """`send_path`: where one message is sent; bodies of other paths have no one sender and recipient."""
        self._trace = trace
        self._send_path = send_path

    def request(self, call: Call, problem: Problem, addresses: Addresses | None = None) -> None:
        """A whole request was refused."""
        if self._wants(call, problem):
            if problem.code == "not_found":
                addresses = _NOTHING  # the message that a key stands for was redacted: its number stays away
            elif addresses is None:
                addresses = written(call.body) if call.path == self._send_path else _NOTHING
            self._keep(call, problem, addresses, problem.param)

    def message(self, call: Call, problem: Problem, addresses: Addresses, param: str | None) -> None:
        """One message of a batch was refused; `param` names its place."""
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
            caller=call.principal.key_id,
            answer=str(problem.kind.status),
            rule=_RULES.get(problem.code, _REQUEST),
            sender=addresses.sender,
            recipient=addresses.recipient,
            param=param,
        )
