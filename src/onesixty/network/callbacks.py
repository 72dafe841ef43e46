"""Receives a carrier's reports: outcomes go to dispatch, receipts and incoming messages to their services."""

from __future__ import annotations

from onesixty.core.contracts import Acknowledge, CarrierReceipt, IncomingMessage, Submission
from onesixty.core.outcomes import Outcome
from onesixty.dispatch.dispatcher import Dispatcher
from onesixty.messages.inbound import Inbound
from onesixty.messages.receipts import Receipts


class CarrierCallbacks:
    """The host of one carrier (core.contracts.CarrierHost)."""

    def __init__(self, carrier_id: str, dispatcher: Dispatcher, receipts: Receipts, inbound: Inbound) -> None:
        self._carrier_id = carrier_id
        self._dispatcher = dispatcher
        self._receipts = receipts
        self._inbound = inbound

    def outcome(self, submission: Submission, segment: int, outcome: Outcome) -> None:
        """See the contract."""
        self._dispatcher.arrivals.outcome(self._carrier_id, submission, segment, outcome)

    def may_write(self, submission: Submission) -> bool:
        """See the contract."""
        return self._dispatcher.may_write(submission)

    def receipt(self, receipt: CarrierReceipt, acknowledge: Acknowledge) -> None:
        """See the contract."""
        self._receipts.receive(receipt, acknowledge)

    def inbound(self, message: IncomingMessage, acknowledge: Acknowledge) -> None:
        """See the contract."""
        self._inbound.receive(message, acknowledge)

    def ready(self, carrier_id: str) -> None:
        """See the contract."""
        queue = self._dispatcher.queues.get(carrier_id)
        if queue is not None:
            queue.wake()
