"""What messages need of dispatch. Messages cannot import dispatch, because dispatch imports messages, so `app` passes
it in. The contract with routing is in `messages/steps.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from onesixty.core.hop import Hop
from onesixty.core.message import Message


class Withdrawn(Protocol):
    """A message that was taken out of its lane, with the state that the lane needs to put it back.

    Implemented by `dispatch.lane.Item`.
    """

    message: Message

    @property
    def partly_taken(self) -> bool:
        """Whether a carrier took some of the message's segments."""

    def renew(self, message: Message) -> None:
        """Replace the message, because it was changed while it was out of its lane."""


class Lanes(Protocol):
    """The lanes, as far as messages are taken out of them and put back. Messages enter lanes by `messages/holds.py`.

    Implemented by `dispatch.dispatcher.Dispatcher`.
    """

    def first_available(self, hops: Sequence[Hop]) -> Hop:
        """The hop of the next message: the first one whose carrier is available, or else the first one."""

    def withdraw(self, message_id: str) -> Withdrawn | None:
        """Take a waiting message out of its lane at once. None if it is in flight or not in memory."""

    def restore(self, withdrawn: Withdrawn) -> None:
        """Put a withdrawn message back at its place in its lane."""


class Carriers(Protocol):
    """What dispatch knows of carriers by their ids. Implemented by `dispatch.carrier_queue.CarrierQueues`."""

    def receipt_error(self, carrier_id: str, code: str) -> str | None:
        """The code of the error catalogue for a code in a carrier's receipt, by the carrier's own tables."""

    def receipt_timeout_ms(self, carrier_id: str) -> int:
        """How long after the validity a carrier's receipts may arrive; 0 if that is not known here."""


class Outcomes(Protocol):
    """The carriers' answers on their way to disk. Implemented by `dispatch.journal.Journal`."""

    def written(self) -> asyncio.Future[None] | None:
        """A future that is done when all answers given until now are on disk; None if they already are."""
