"""What messages need of dispatch. Dispatch imports messages, so it is handed in. The contract with routing is in
`messages/steps.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from onesixty.core.message import Message


class Withdrawn(Protocol):
    """What was taken out of a lane: a message, and what the lane wants to remember of it.

    Implemented by `dispatch.lane.Item`.
    """

    message: Message

    @property
    def partly_taken(self) -> bool:
        """Whether a carrier took some of its segments."""

    def renew(self, message: Message) -> None:
        """The message was changed while it was out of its lane."""


class Lanes(Protocol):
    """The lanes, for what is taken out of them and put back. What enters them: messages/holds.py.

    Implemented by `dispatch.dispatcher.Dispatcher`.
    """

    def first_available(self, carriers: Sequence[str]) -> str:
        """The carrier that takes the next message: the first that is available, else the first."""

    def withdraw(self, message_id: str) -> Withdrawn | None:
        """Take a waiting message out of its lane, at once. None when it is in flight or not in memory."""

    def restore(self, withdrawn: Withdrawn) -> None:
        """A withdrawn message stays after all: back to its place in its lane."""


class Carriers(Protocol):
    """What is known of carriers by their ids. Implemented by `dispatch.carrier_queue.CarrierQueues`."""

    def receipt_error(self, carrier_id: str, code: str) -> str | None:
        """What a carrier's own tables make of the code in its receipt, as a code of the catalogue."""

    def receipt_timeout_ms(self, carrier_id: str) -> int:
        """How long a carrier's receipts may take after the validity; 0 where it is not known here."""


class Outcomes(Protocol):
    """What carriers answered, on its way to disk. Implemented by `dispatch.journal.Journal`."""

    def written(self) -> asyncio.Future[None] | None:
        """Done when the answers that carriers gave until now are on disk; None when they are."""
