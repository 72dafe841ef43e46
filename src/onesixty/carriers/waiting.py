"""Segments that wait inside a connector for a slot of the window.

A host hands over at most `capacity` segments, but a message may be longer than that: its rest waits here. If a
segment is not taken (throttled, refused, unanswered), the waiting segments of the same message are not written
any more, because they would cost money and be useless alone. After ESME_RTHROTTLED, no waiting segment is
written, so that the whole link slows down and keeps its order. In both cases, each of these segments gets its
outcome.
"""

from __future__ import annotations

from collections import deque

from onesixty.core import outcomes
from onesixty.core.contracts import Submission
from onesixty.core.outcomes import Outcome

Entry = tuple[Submission, int]

#: The code of segments that were never written: they may be sent again at once, here or over another carrier.
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
        """Remove and return the first entry; call it only if there is one."""
        return self._entries.popleft()

    def take_all(self) -> list[Entry]:
        """Remove and return all entries, in order."""
        entries = list(self._entries)
        self._entries.clear()
        return entries

    def take_of(self, submission: Submission) -> list[Entry]:
        """Remove and return the waiting segments of one submission, in order."""
        if not self._entries:
            return []
        taken = [entry for entry in self._entries if entry[0] is submission]
        if taken:
            self._entries = deque(entry for entry in self._entries if entry[0] is not submission)
        return taken

    def fall_with(self, submission: Submission, outcome: Outcome) -> list[tuple[Submission, int, Outcome]]:
        """Remove the segments that must not be written after `outcome` of one segment, each with its own outcome."""
        if outcome.kind == outcomes.ACCEPTED or not self._entries:
            return []
        if outcome.kind == outcomes.THROTTLED:
            return [(entry[0], entry[1], outcome) for entry in self.take_all()]
        if outcome.kind == outcomes.UNKNOWN:
            outcome = Outcome(outcomes.RETRYABLE, code=NOT_WRITTEN, bind=outcome.bind)
        return [(entry[0], entry[1], outcome) for entry in self.take_of(submission)]
