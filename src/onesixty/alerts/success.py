"""How far the success of a verify profile has fallen below what is usual for it.

Rules kept here:
- the latest hours that hold enough verifications are compared with the seven days before them, of the same profile:
  what is usual for one application says nothing about another;
- own codes that nobody reported, and what was blocked or canceled, say nothing;
- codes that are typed are counted before those that expire, so the latest hour looks too well. A fall is told later
  for that, and never without one;
- without enough verifications on both sides there is no reading, and so no alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from onesixty.alerts.rules import Reading

RULE: Final = "verify_success_falls"
HOUR_MS: Final = 3_600_000
#: How many verifications make a share, on either side.
ENOUGH: Final = 200
#: The latest hours begin at most so long ago; what is usual, so long before them.
RECENT_MS: Final = 24 * HOUR_MS
USUAL_MS: Final = 7 * 24 * HOUR_MS
#: How far back rows are read, and how often: they are many, and hours are slow.
SPAN_MS: Final = RECENT_MS + USUAL_MS
EVERY_MS: Final = 5 * 60_000


class Hour(NamedTuple):
    """An hour of a profile: the verifications that began in it and could be approved, and those that were."""

    profile_id: str
    hour: int
    judged: int
    approved: int


def falls(hours: Iterable[Sequence[int | str]], now: int) -> Iterator[Reading]:
    """The share of the usual success that each profile has. `hours` are rows of `Hour`, the newest first within a
    profile."""
    for profile_id, rows in groupby(map(Hour._make, hours), key=lambda row: row.profile_id):
        recent, usual = _split(list(rows), now)
        if recent.judged >= ENOUGH and usual.judged >= ENOUGH and usual.approved:
            share, before = recent.approved / recent.judged, usual.approved / usual.judged
            yield Reading(RULE, profile_id, share / before)


def _split(rows: Sequence[Hour], now: int) -> tuple[Hour, Hour]:
    """The sums of the latest hours and of those before."""
    place = judged = 0
    while place < len(rows) and judged < ENOUGH and rows[place].hour >= now - RECENT_MS:
        judged += rows[place].judged
        place += 1
    begins = rows[place - 1].hour if place else now
    before = [row for row in rows[place:] if row.hour >= begins - USUAL_MS]
    return _sum(rows[:place]), _sum(before)


def _sum(rows: Sequence[Hour]) -> Hour:
    return Hour("", 0, sum(row.judged for row in rows), sum(row.approved for row in rows))
