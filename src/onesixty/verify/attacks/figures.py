"""What a run cost the attacker, the account, and honest users."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

from onesixty.core import money
from onesixty.verify.attacks.playing import Course
from onesixty.verify.guards.catalogue import GUARDS
from onesixty.verify.guards.facts import range_of

#: Seconds for which an honest user waits. Whoever is held for longer counts as stopped, whatever comes later.
PATIENCE: Final = 60.0


class OfGuard(msgspec.Struct):
    """What one guard did: to an attack, and to honest users. `messages` and `spent` are what the attack had sent when
    the guard first stopped a start of it, and `seconds` how long it had lasted."""

    guard: str
    stopped: int = 0
    messages: int | None = None
    spent: str | None = None
    seconds: float | None = None
    honest_stopped: int = 0
    honest_delayed: int = 0


class Figures(msgspec.Struct):
    """The figures of a run.

    An attack: its starts, its messages in all, those before the first start that was stopped and before the first
    block, the most on one range, and what it cost. Honest users: how many, how many were stopped (blocked, or held
    for longer than a minute) or delayed, and the median of the delays in seconds.
    """

    pattern: str
    country: str
    seed: int
    starts: int
    messages: int
    before_stop: int
    before_block: int
    of_range: int
    spent: str
    seconds: float | None
    honest: int
    honest_stopped: int
    honest_delayed: int
    delay: float
    guards: list[OfGuard]

    @property
    def stopped_share(self) -> float:
        """The share of honest users that were stopped."""
        return self.honest_stopped / self.honest if self.honest else 0.0


def figures(courses: Sequence[Course], pattern: str, country: str, seed: int) -> Figures:
    """Count what became of the visits of a run."""
    attack = [course for course in courses if course.visit.attack]
    honest = [course for course in courses if not course.visit.attack]
    stopped = [course for course in honest if _is_stopped(course)]
    delays = [course.delay for course in honest if 0 < course.delay <= PATIENCE]
    by_range = Counter[str]()
    for course in attack:
        by_range[range_of(course.visit.to)] += course.sends
    first = next((course.visit.at for course in attack if course.guard), None)
    block = min((course.blocked_at for course in attack if course.blocked_at is not None), default=None)
    return Figures(
        pattern=pattern,
        country=country,
        seed=seed,
        starts=len(attack),
        messages=_messages(attack),
        before_stop=_messages(_before(attack, first)),
        before_block=_messages(_before(attack, block)),
        of_range=max(by_range.values(), default=0),
        spent=money.to_text(_spent(attack)),
        seconds=None if first is None else round(first - attack[0].visit.at, 1),
        honest=len(honest),
        honest_stopped=len(stopped),
        honest_delayed=len(delays),
        delay=round(median(delays), 1) if delays else 0.0,
        guards=_of_guards(attack, honest),
    )


def _of_guards(attack: Sequence[Course], honest: Sequence[Course]) -> list[OfGuard]:
    found = {name: OfGuard(name) for name in GUARDS}
    for course in attack:
        if not course.guard:
            continue
        row = found[course.guard]
        row.stopped += 1
        if row.messages is None:
            before = _before(attack, course.visit.at)
            row.messages, row.spent = _messages(before), money.to_text(_spent(before))
            row.seconds = round(course.visit.at - attack[0].visit.at, 1)
    for course in honest:
        if course.guard:
            row = found[course.guard]
            row.honest_stopped += _is_stopped(course)
            row.honest_delayed += not _is_stopped(course)
    return [row for row in found.values() if row.stopped or row.honest_stopped or row.honest_delayed]


def _is_stopped(course: Course) -> bool:
    return course.status in ("blocked", "expired", "held") or course.delay > PATIENCE


def _before(attack: Sequence[Course], stop: float | None) -> list[Course]:
    """The courses whose first message had been sent at the time of a stop."""
    if stop is None:
        return list(attack)
    return [course for course in attack if course.sent_at is not None and course.sent_at <= stop]


def _messages(courses: Sequence[Course]) -> int:
    return sum(course.sends for course in courses)


def _spent(courses: Sequence[Course]) -> int:
    return sum(course.sends * course.visit.country.micros for course in courses)
