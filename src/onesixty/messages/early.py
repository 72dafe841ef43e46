"""What memory knows of receipts that came before the outcome they belong to.

Rules kept here (promise 4). A receipt is kept and an outcome is recorded by two transactions that know nothing of
each other. Whichever comes to disk second has to find the first:
- whoever keeps a receipt opens a watch before it looks for the attempt. The watch collects what is recorded until the
  receipt is on disk; if the receipt's message is among it, the receipt is looked at again at once. From that step of
  the loop on, a hint says that the receipt waits;
- whoever records an outcome tells the open watches, and takes the hints;
- hints and watches are of this node. What another node keeps or records is found by reading after one's own commit
  (receipts.py), and what all of them miss by the sweep.
No I/O, no clock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Final

from onesixty.core.message import Attempt, Message
from onesixty.core.statuses import HELD
from onesixty.messages.receipt_rules import SAME_DIGITS, Kept, digits, forms

#: Hints that are kept in memory.
HINTS: Final = 100_000

#: What ties a receipt to an outcome: the carrier and a form of its id, or the carrier and the end of the number.
Key = tuple[str, str, str]
_ID: Final = "id"
_NUMBER: Final = "number"
_MESSAGE: Final = "message"


class Early:
    """Hints at receipts that wait for their message, and watches over those that are being kept."""

    def __init__(self) -> None:
        #: What a waiting receipt is found by -> the `match_id` of its row.
        self._waiting: dict[Key, str] = {}
        self._watches: list[set[Key]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def clear(self) -> None:
        """Forget the hints, as a restart does."""
        self._waiting.clear()

    @contextlib.contextmanager
    def watch(self) -> Iterator[set[Key]]:
        """Collects the keys of what is recorded meanwhile."""
        recorded: set[Key] = set()
        self._watches.append(recorded)
        try:
            yield recorded
        finally:
            # by identity: two watches that saw the same are equal
            self._watches = [each for each in self._watches if each is not recorded]

    def waits(self, kept: Kept) -> None:
        """The receipt is on disk without its message."""
        for key in keys_of(kept):
            self._waiting[key] = kept.match_id
        while len(self._waiting) > HINTS:
            del self._waiting[next(iter(self._waiting))]

    def found(self, kept: Kept) -> None:
        """The receipt has its message, or is given up."""
        if self._waiting:
            for key in keys_of(kept):
                self._waiting.pop(key, None)

    def recorded(self, message: Message, attempts: Iterable[Attempt]) -> list[tuple[str, str]]:
        """Outcomes came to disk. Returns carrier and `match_id` of the receipts that wait for them."""
        keys = [(a.carrier_id, _ID, a.match_id) for a in attempts if a.match_id is not None]
        if (
            message.status == HELD
        ):  # its answer is lost; the one receipt that fits its number says what became of it
            keys += [(a.carrier_id, _NUMBER, digits(message.recipient)[-SAME_DIGITS:]) for a in attempts]
        for watch in self._watches:
            watch.update(keys)
            watch.add(message_key(message))
        return [(key[0], self._waiting.pop(key)) for key in keys if key in self._waiting]


def message_key(message: Message) -> Key:
    """Tells a watch that something of this message was recorded."""
    return ("", _MESSAGE, message.id)


def keys_of(kept: Kept) -> list[Key]:
    """All that may tie the receipt to an outcome."""
    keys = [(kept.carrier_id, _ID, form) for form in forms(kept)]
    number = digits(kept.recipient or "")
    if number:
        keys.append((kept.carrier_id, _NUMBER, number[-SAME_DIGITS:]))
    return keys
