"""Which segments of a message carriers took.

A message that was sent again (after an unknown outcome, or by a second node) has several references. A handset joins
only segments that one carrier took under one reference and sender, so attempts are grouped by these everywhere: for
the question whether a message was taken whole, for what is left to send of it, and for its state by receipts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from onesixty.core import outcomes
from onesixty.core.message import Attempt


class Reference(NamedTuple):
    """One carrier, how many segments it got the message in, the number that joins them (None for one), and the sender
    (None for the message's own)."""

    carrier_id: str
    segments: int
    number: int | None
    sender: str | None = None


def taken(attempts: Iterable[Attempt]) -> dict[Reference, dict[int, list[Attempt]]]:
    """The attempts that carriers accepted, by reference and segment."""
    found: dict[Reference, dict[int, list[Attempt]]] = {}
    for attempt in attempts:
        if attempt.outcome == outcomes.ACCEPTED:
            reference = Reference(
                attempt.carrier_id, attempt.segments, attempt.concat_reference, attempt.sender
            )
            found.setdefault(reference, {}).setdefault(attempt.segment, []).append(attempt)
    return found


def whole(attempts: Iterable[Attempt]) -> Attempt | None:
    """The latest attempt under a reference that has every segment; None if each lacks one."""
    for reference, by_segment in taken(attempts).items():
        if len(by_segment) == reference.segments:
            return max((a for tries in by_segment.values() for a in tries), key=lambda a: a.attempt)
    return None


def latest(attempts: Sequence[Attempt], carrier_id: str) -> tuple[Reference, tuple[int, ...]] | None:
    """The reference of the carrier's latest accepted attempt, and the segments that it lacks; None without one."""
    by_reference = taken(a for a in sorted(attempts, key=lambda a: -a.attempt) if a.carrier_id == carrier_id)
    for reference, by_segment in by_reference.items():
        return reference, tuple(n for n in range(reference.segments) if n not in by_segment)
    return None
