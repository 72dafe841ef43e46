"""How likely it is that nobody types the codes of a place: a sequential test (Wald; as a CUSUM).

Rules kept here:
- each code adds the logarithm of the odds "attack" against "honest users" for what is known of it: typed, ended
  without, or not typed yet after so many seconds. The sum never falls below 0, so that a good past buys nothing;
- a code that was just sent says nothing yet, one that is out for minutes nearly as much as one that has ended: how
  many honest users have typed their code after some time is a log-normal distribution with the median MEDIAN;
- a sum of `h` is reached by honest users alone, between two times that it is 0, with odds of at most exp(-h).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import erf, log, sqrt
from typing import Final, NamedTuple

from onesixty.verify.guards.facts import MINUTE, SECOND, Bunch, Tally

#: Seconds after which half of those who type a code have done it, and how far they spread: 80 % after 60, 96 % after
#: 180.
MEDIAN: Final = 25.0
SPREAD: Final = 1.1

#: A share of codes that are typed is never assumed to be beyond these: a test would be sure of itself too soon.
LEAST_TYPED: Final = 0.3
MOST_TYPED: Final = 0.9

#: Verifications from which on an installation's own figures count.
ENOUGH: Final = 200


def typed_by(seconds: float) -> float:
    """The share of those who type their code that have done it after some seconds."""
    return 0.0 if seconds <= 0 else 0.5 * (1 + erf(log(seconds / MEDIAN) / (SPREAD * sqrt(2))))


def bounded(typed: float) -> float:
    """A share of codes that are typed, as tests assume it."""
    return min(MOST_TYPED, max(LEAST_TYPED, typed))


class Sequential:
    """The test of a place where usually the share `typed` of codes is typed, and `attack` in an attack."""

    __slots__ = ("_attack", "_typed", "approved", "failed")

    def __init__(self, typed: float, attack: float) -> None:
        self._typed = typed
        self._attack = attack
        #: What a typed code adds, and one that ended without.
        self.approved = log(attack / typed)
        self.failed = log((1 - attack) / (1 - typed))

    def out(self, seconds: float) -> float:
        """What a code adds that is out for so long."""
        typed = typed_by(seconds)
        return log((1 - self._attack * typed) / (1 - self._typed * typed))

    def of_bunches(self, bunches: Sequence[Bunch], now: int, needed: float, start: float = 0.0) -> Sum:
        """The sum over bunches, oldest first. Below `needed` it may be said to be more than it is."""
        most = self._most(start, ((bunch.approved, bunch.vain) for bunch in bunches))
        if start == 0 and most < needed:
            return Sum(most, settled=True)
        return _sum(start, (self._of_bunch(bunch, now) for bunch in bunches))

    def of_tallies(self, tallies: Sequence[Tally], now: int, needed: float, start: float = 0.0) -> Sum:
        """The same over minutes. A send counts as of the middle of its minute."""
        most = self._most(start, ((tally.approved, tally.sent - tally.approved) for tally in tallies))
        if start == 0 and most < needed:
            return Sum(most, settled=True)
        return _sum(start, (self._of_tally(tally, now) for tally in tallies))

    def _most(self, start: float, counts: Iterable[tuple[int, int]]) -> float:
        """What the sum is at most, over (approved, in vain): a code that is out never adds more than one that has
        ended. Where this is too little, as for nearly all honest users, ages need not be looked at."""
        total, approved_adds, failed_adds = start, self.approved, self.failed
        for approved, vain in counts:
            total += approved * approved_adds + vain * failed_adds if vain > 0 else approved * approved_adds
            if total < 0:
                total = 0.0
        return total

    def _of_bunch(self, bunch: Bunch, now: int) -> float:
        out = bunch.open * self.out((now - bunch.at) / SECOND) if bunch.open else 0.0
        return bunch.approved * self.approved + bunch.failed * self.failed + out

    def _of_tally(self, tally: Tally, now: int) -> float:
        missing = max(0, tally.sent - tally.approved)
        return tally.approved * self.approved + missing * self.out(_age(tally, now))


class Sum(NamedTuple):
    """The sum of a test, and whether it was 0 on its way: what was suspected before is settled then."""

    total: float
    settled: bool


def _sum(start: float, added: Iterable[float]) -> Sum:
    total, settled = start, start == 0
    for each in added:
        total = max(0.0, total + each)
        settled = settled or total == 0
    return Sum(total, settled)


def _age(tally: Tally, now: int) -> float:
    """How old the sends of a minute are in the mean, in seconds. Of the minute that it is, only a part is over."""
    begun = now - tally.minute
    return (begun - min(MINUTE, begun) / 2) / SECOND


@lru_cache(1024)
def sequential(typed: float, attack: float) -> Sequential:
    """The test for these shares."""
    return Sequential(bounded(typed), attack)


def expected(tallies: Iterable[Tally], typed: float, now: int) -> float:
    """How many codes honest users would have typed by now."""
    return sum(tally.sent * typed * typed_by(_age(tally, now)) for tally in tallies)
