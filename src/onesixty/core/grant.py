"""What the key or SMPP credential of an order may send, where that is less than its account may.

It comes with the order and with an edit, because only the door knows the caller; the steps and holds of the message
path apply it. Most callers have none.
"""

from __future__ import annotations

import msgspec

from onesixty.core.errors import Problem
from onesixty.core.limits import NONE, Limits


class Grant(msgspec.Struct, kw_only=True, frozen=True):
    """`id` is that of the key or credential. An empty set allows all, and `limits` count for it alone."""

    id: str
    senders: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    limits: Limits = NONE

    @property
    def counts(self) -> str | None:
        """What `limited_by` of its messages is: its id, if it limits how many wait or are scheduled."""
        limits = self.limits
        return (
            self.id if limits.waiting_messages is not None or limits.scheduled_messages is not None else None
        )

    def check_sender(self, sender: str) -> None:
        """Raise Problem unless it may send from `sender`."""
        if self.senders and sender not in self.senders:
            raise Problem("sender_not_allowed", f"This key may not send from `{sender}`.", param="from")

    def check_class(self, class_: str) -> None:
        """Raise Problem unless it may send messages of this class."""
        if self.classes and class_ not in self.classes:
            raise Problem("class_not_allowed", f"This key may not send class {class_}.", param="class")
