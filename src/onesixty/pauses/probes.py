"""Probes: one real message over exactly one carrier, without a route, and its outcome.

Rules kept here:
- a probe is an ordinary message of the operator's account with the tag `probe`: it has a history, events, receipts;
- it costs nothing, uses no other carrier, and is not resent when its outcome is unknown;
- durations are in milliseconds: from submit to answer, and from answer to the first final receipt.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from onesixty.channels.sms.orders import SendOrder
from onesixty.core import statuses
from onesixty.core.errors import Problem
from onesixty.core.message import Message, attempt_from_row, from_row, is_final
from onesixty.core.tenant import Tenant
from onesixty.http.structs import named, one_of
from onesixty.messages.intake import Intake
from onesixty.store.contract import Store

TAG: Final = "probe"
#: Seconds within which a probe must reach the carrier.
VALID_FOR: Final = 300

_STATE, _CODE, _RECEIVED_AT, _SEGMENT = 4, 5, 9, 13


class ProbeSegment(msgspec.Struct, kw_only=True):
    """One segment. Durations in ms; None while unknown."""

    segment: int
    outcome: str
    bind: str | None
    carrier_message_id: str | None
    carrier_code: str | None
    answer_ms: int
    receipt: str | None = None
    receipt_code: str | None = None
    receipt_ms: int | None = None


class ProbeResult(msgspec.Struct, kw_only=True):
    """The state of a probe. `ended` says that only a correction can still follow."""

    message_id: str
    carrier_id: str | None
    status: Annotated[str, one_of(statuses.ALL)]
    error: Annotated[str, named("ErrorCode")] | None
    sender_used: str | None
    ended: bool
    segments: list[ProbeSegment]


class Probes:
    """Sends probes and reports their results."""

    def __init__(self, intake: Intake, store: Store) -> None:
        self._intake = intake
        self._store = store

    async def send(self, tenant: Tenant, carrier_id: str, sender: str, to: str, text: str) -> ProbeResult:
        """Send a probe. Raises Problem, like any send."""
        order = SendOrder(
            tenant=tenant, sender=sender, recipient=to, text=text, carrier=carrier_id,
            tags=[TAG], valid_for=VALID_FOR, on_unknown="hold",
        )  # fmt: skip
        (result,) = await self._intake.accept([order])
        if isinstance(result, Problem):
            raise result
        assert isinstance(result, Message)
        return await self._result(result)

    async def result(self, tenant: Tenant, carrier_id: str, message_id: str) -> ProbeResult:
        """The result of a probe. Raises Problem `not_found`."""
        rows = await self._store.fetch("message_of_account", id=message_id, **tenant.params)
        message = from_row(rows[0]) if rows else None
        if message is None or message.route_id != carrier_id:
            raise Problem("not_found", "Probe not found on this carrier.")
        return await self._result(message)

    async def _result(self, message: Message) -> ProbeResult:
        rows = await self._store.fetch("attempts_of_messages", ids=[message.id])
        attempts = [attempt_from_row(row) for row in rows]
        last = max((attempt.attempt for attempt in attempts), default=0)
        receipts = await self._store.fetch("receipts_of_message", message_id=message.id)
        segments = []
        for attempt in attempts:
            if attempt.attempt != last:
                continue
            told = ProbeSegment(
                segment=attempt.segment + 1,
                outcome=attempt.outcome,
                bind=attempt.bind,
                carrier_message_id=attempt.carrier_message_id,
                carrier_code=attempt.carrier_code,
                answer_ms=attempt.answered_at - attempt.submitted_at,
            )
            for row in receipts:
                if row[_SEGMENT] not in (None, attempt.segment) or told.receipt_ms is not None:
                    continue
                state, _ = statuses.MESSAGE_STATE.get(row[_STATE], (statuses.ENROUTE, None))
                told.receipt, told.receipt_code = state, row[_CODE]
                if state != statuses.ENROUTE:
                    told.receipt_ms = row[_RECEIVED_AT] - attempt.answered_at
            segments.append(told)
        return ProbeResult(
            message_id=message.id,
            carrier_id=message.carrier_id,
            status=message.status,
            error=message.error_code,
            sender_used=message.sender_used,
            ended=is_final(message) or message.status == statuses.HELD,
            segments=segments,
        )
