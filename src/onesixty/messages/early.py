"""What memory knows of receipts that arrived before the outcome they belong to.

Rules kept here (promise 4). Keeping a receipt and recording an outcome are two transactions that know nothing of each
other. The one that reaches the disk second has to find the first:
- the code that keeps a receipt opens a watch before it looks for the attempt. The watch collects the keys of outcomes
  recorded until the receipt is on disk. If the receipt's message is among them, the receipt is looked at again at
  once. From that turn of the event loop on, a hint says that the receipt waits;
- the code that records an outcome adds its keys to the open watches, and takes the hints;
- hints and watches are of this node. What another node keeps or records is found by reading after one's own commit
  (receipts.py). The sweep finds what all of them miss.
No I/O, no clock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Final

from onesixty.core.channel import Channels
from onesixty.core.message import Attempt, Message
from onesixty.core.statuses import HELD
from onesixty.messages.receipt_rules import Kept, forms

#: Hints that are kept in memory.
HINTS: Final = 100_000

#: What links a receipt to an outcome: the carrier and a form of its id, or the carrier and the key of the address.
Key = tuple[str, str, str]
_ID: Final = "id"
_ADDRESS: Final = "address"
_MESSAGE: Final = "message"


class Early:
    """Hints for receipts that wait for their message, and watches for receipts that are being kept."""

    def __init__(self, channels: Channels) -> None:
        self._address_key = channels.each(lambda channel: channel.address_key)
        #: The key of a waiting receipt -> the `match_id` of its row.
        self._waiting: dict[Key, str] = {}
        self._watches: list[set[Key]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def clear(self) -> None:
        """Forget the hints, as a restart does."""
        self._waiting.clear()

    @contextlib.contextmanager
    def watch(self) -> Iterator[set[Key]]:
        """Collect the keys of outcomes that are recorded while the context is open."""
        recorded: set[Key] = set()
        self._watches.append(recorded)
        try:
            yield recorded
        finally:
            # By identity, because two watches with the same keys are equal.
            self._watches = [each for each in self._watches if each is not recorded]

    def waits(self, kept: Kept) -> None:
        """Note that a receipt is on disk without its message."""
        for key in self.keys_of(kept):
            self._waiting[key] = kept.match_id
        while len(self._waiting) > HINTS:
            del self._waiting[next(iter(self._waiting))]

    def found(self, kept: Kept) -> None:
        """Forget a receipt that has its message, or that is given up."""
        if self._waiting:
            for key in self.keys_of(kept):
                self._waiting.pop(key, None)

    def recorded(self, message: Message, attempts: Iterable[Attempt]) -> list[tuple[str, str]]:
        """Take note of outcomes that reached the disk. Returns carrier and `match_id` of the
        receipts that wait for them."""
        if not self._watches and not self._waiting:
            return []  # no receipt waits: as always where carriers send none
        keys = [(a.carrier_id, _ID, a.match_id) for a in attempts if a.match_id is not None]
        if message.status == HELD:  # its answer is lost: a receipt can only match its address
            key = self._address_key[message.channel](message.recipient)
            keys += [(a.carrier_id, _ADDRESS, key) for a in attempts]
        for watch in self._watches:
            watch.update(keys)
            watch.add(message_key(message))
        return [(key[0], self._waiting.pop(key)) for key in keys if key in self._waiting]

    def keys_of(self, kept: Kept) -> list[Key]:
        """All keys that may link the receipt to an outcome. The channel of its message is not known yet."""
        keys = [(kept.carrier_id, _ID, form) for form in forms(kept)]
        if kept.recipient:
            found = {key_of(kept.recipient) for key_of in self._address_key.values()} - {""}
            keys += [(kept.carrier_id, _ADDRESS, key) for key in found]
        return keys


def message_key(message: Message) -> Key:
    """The key that tells a watch that something of this message was recorded."""
    return ("", _MESSAGE, message.id)
