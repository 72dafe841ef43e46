"""What a carrier reports to: outcomes go to dispatch, receipts to their desk, each with the carrier's name."""

from __future__ import annotations

import structlog

from onesixty.core.contracts import Acknowledge, CarrierReceipt, InboundMessage, Submission
from onesixty.core.outcomes import Outcome
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.messages.receipts import Desk


class Host:
    """The host of one carrier (core.contracts.CarrierHost)."""

    def __init__(self, carrier_id: str, dispatcher: Dispatcher, desk: Desk) -> None:
        self._carrier_id = carrier_id
        self._dispatcher = dispatcher
        self._desk = desk
        self._refused_inbound = False
        self._log = structlog.get_logger("onesixty.carriers")

    def outcome(self, submission: Submission, segment: int, outcome: Outcome) -> None:
        """See the contract."""
        self._dispatcher.outcome(self._carrier_id, submission, segment, outcome)

    def receipt(self, receipt: CarrierReceipt, acknowledge: Acknowledge) -> None:
        """See the contract."""
        self._desk.receive(receipt, acknowledge)

    def inbound(self, message: InboundMessage, acknowledge: Acknowledge) -> None:
        """Messages from handsets are not taken: the carrier is told so and keeps them, nothing is dropped."""
        if not self._refused_inbound:
            self._refused_inbound = True
            self._log.warning("inbound_not_taken", carrier=message.carrier_id)
        acknowledge(False)

    def ready(self, carrier_id: str) -> None:
        """See the contract."""
        line = self._dispatcher.lines.get(carrier_id)
        if line is not None:
            self._dispatcher.wake(line)
