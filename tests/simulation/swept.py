"""Receipts that only the sweep found. Where nothing crashed, memory has to find each of them earlier.

Rules kept here:
- a receipt that the sweep looks at in the very moment in which its outcome reaches the disk is no complaint: either
  of them may come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from onesixty.core.message import Attempt, Message
from onesixty.messages.receipts import Receipts
from tests.simulation.virtual import Time


class Swept:
    """Watches the sweep of a run."""

    def __init__(self, time: Time) -> None:
        self._time = time
        #: (message, moment) of outcomes that reached the disk, and of receipts that the sweep found.
        self._recorded: set[tuple[str, float]] = set()
        self._found: list[tuple[str, float]] = []

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Look at all receipts from now on."""
        recorded, apply = Receipts.recorded, Receipts._apply

        def note_outcome(receipts: Receipts, message: Message, attempts: Sequence[Attempt]) -> None:
            self._recorded.add((message.id, self._time.now))
            recorded(receipts, message, attempts)

        def note_swept(receipts: Receipts, message: Message, attempts: Any, incomings: Any) -> Any:
            if any(incoming.result == "swept" for incoming in incomings):
                self._found.append((message.id, self._time.now))
            return apply(receipts, message, attempts, incomings)

        monkeypatch.setattr(Receipts, "recorded", note_outcome)
        monkeypatch.setattr(Receipts, "_apply", note_swept)

    def complaints(self) -> list[str]:
        """The receipts that were found too late."""
        late = [found for found in self._found if found not in self._recorded]
        return [f"the sweep found a receipt of {message_id} at {at:.6f}" for message_id, at in late]
