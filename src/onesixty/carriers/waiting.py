"""Segments that wait inside a connector for a slot of the window.

A host hands over at most `capacity` segments, but a message may be longer than that: its rest waits here.
The rule when a segment is not taken (throttled, refused, unanswered): what is still waiting of the same
message is not written any more, because it would cost money and reach nobody on its own; and after
ESME_RTHROTTLED nothing that waits is written, so that the whole link slows down and keeps its order.
Either way each of them gets its outcome.
"""

from __future__ import annotations

from collections import deque

from onesixty.core import outcomes
from onesixty.core.contracts import Submission
from onesixty.core.outcomes import Outcome

Entry = tuple[Submission, int]

#: What was never written may be sent again at once, here or elsewhere.
NOT_WRITTEN = "carrier_unreachable"


class Waiting:
    """A queue of (submission, segment index), first in, first out."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, submission: Submission, segment: int) -> None:
        self._entries.append((submission, segment))

    def take(self) -> Entry:
        """The next one; only call it while there is one."""
        return self._entries.popleft()

    def take_all(self) -> list[Entry]:
        """Everything, in order."""
        entries = list(self._entries)
        self._entries.clear()
        return entries

    def take_of(self, submission: Submission) -> list[Entry]:
        """What waits of one submission, in order."""
        if not self._entries:
            return []
        taken = [entry for entry in self._entries if entry[0] is submission]
        if taken:
            self._entries = deque(entry for entry in self._entries if entry[0] is not submission)
        return taken

    def fall_with(self, submission: Submission, outcome: Outcome) -> list[tuple[Submission, int, Outcome]]:
        """Take out what must not be written after `outcome` of one segment, each with its own outcome."""
        if outcome.kind == outcomes.ACCEPTED or not self._entries:
            return []
        if outcome.kind == outcomes.THROTTLED:
            return [(entry[0], entry[1], outcome) for entry in self.take_all()]
        if outcome.kind == outcomes.UNKNOWN:
            outcome = Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=outcome.bind)
        return [(entry[0], entry[1], outcome) for entry in self.take_of(submission)]
