"""What pauses keep out of the lanes: messages of a paused account, sender or route, set aside in the database.

Rules kept here:
- a message is set aside when it would enter a lane, or when it has its turn there; nobody else waits for it;
- what a carrier has a part of is finished first;
- a pause may end while a message is just being written as set aside: whoever lets messages in again is told.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from onesixty.core.clock import Clock
from onesixty.core.message import HALTED, Message
from onesixty.dispatch.halts import Halts
from onesixty.dispatch.journal import Journal, Record
from onesixty.dispatch.lane import Item
from onesixty.messages import changes
from onesixty.messages.recorder import Recorder


class HeldOut:
    """`halts` is what is paused now, None when nothing is: the one look that a plain message costs."""

    def __init__(self, journal: Journal, recorder: Recorder, clock: Clock) -> None:
        self.halts: Halts | None = None
        self._journal = journal
        self._recorder = recorder
        self._clock = clock
        self._on_free: Callable[[], None] | None = None

    def on_free(self, listener: Callable[[], None]) -> None:
        """Call `listener` when a message was set aside that nothing holds any more."""
        self._on_free = listener

    def takes(self, item: Item) -> bool:
        """Set the item aside that has its turn, if a pause holds it."""
        if item.partly_taken or self.halts is None or not self.halts.hold(item.message):
            return False
        change = changes.touch(item.message, self._clock.now_ms())
        change.after.claim = HALTED
        self._journal.add(
            Record(self._recorder.change(change), functools.partial(self.arrived, change.after))
        )
        return True

    def arrived(self, message: Message) -> None:
        """The message is on disk as HALTED."""
        if (self.halts is None or not self.halts.hold(message)) and self._on_free is not None:
            self._on_free()
