"""Which boxes a report reads: the widest that fit into its periods, and narrower ones at their edges.

Rules kept here:
- every minute of a period is read once, from boxes of a day, an hour or a quarter of an hour. What is not folded into
  a span yet is read from the next narrower one (`folds`), and minutes that no quarter has yet from boxes of a minute,
  which the statement adds by itself;
- days in a time zone are not days of UTC, by which boxes begin. Such a day is the nearest day of UTC, with the hours
  before it, and without those at its end: a part can count against what the others counted (`sign`);
- periods of one length that begin with boxes are read together; a period that does not is read by itself, so only the
  first `MOST` are. Beyond that, hours serve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from onesixty.statistics.counting import DAY, HOUR, MINUTE, QUARTER
from onesixty.statistics.periods import Stretch

#: Periods that are read one by one: the days of a year.
MOST: Final = 400


class Part(NamedTuple):
    """Boxes of one span from `since` to before `until`, all in minutes since 1970. Their period is
    `first + (minute - begins) / length`, and `sign` is -1 if they are taken away."""

    span: int
    since: int
    until: int
    begins: int
    length: int
    first: int
    sign: int = 1

    @property
    def boxes(self) -> tuple[int, ...]:
        """What is read. It is the same for two days in a time zone that share an edge: one has it, the other not."""
        return self[:5]


#: The spans of boxes that are folded, widest first, each with the minute up to which it is.
Folds = Sequence[tuple[int, int]]


def parts(stretches: Sequence[Stretch], *, hours_folded: int, days_folded: int) -> list[Part]:
    """What to read for the periods of a report over boxes of a quarter of an hour and longer."""
    folds = ((DAY, days_folded), (HOUR, hours_folded))
    found: list[Part] = []
    alone = 0
    for stretch in stretches:
        count = -(-(stretch.end - stretch.begin) // stretch.length)
        whole = [fold for fold in folds if _in_boxes(stretch, fold[0])]
        long = stretch.length >= DAY or count == 1
        if long and len(whole) < len(folds) and alone + count <= MOST:
            alone += count
            found += _alone(stretch, folds)
            continue
        for span, begin, end, _ in _pieces(stretch.begin, stretch.end, whole, 1):
            found.append(Part(span, begin, end, stretch.begin, stretch.length, stretch.first))
    return found


def minutes(stretches: Sequence[Stretch]) -> list[Part]:
    """What to read for the periods of a report over boxes of a minute."""
    return [Part(MINUTE, one.begin, one.end, one.begin, one.length, one.first) for one in stretches]


def _in_boxes(stretch: Stretch, span: int) -> bool:
    """Whether all periods of a stretch begin with a box."""
    return stretch.begin % span == 0 and stretch.length % span == 0


def _alone(stretch: Stretch, folds: Folds) -> Iterator[Part]:
    """Each period of a stretch by itself."""
    for place, begin in enumerate(range(stretch.begin, stretch.end, stretch.length)):
        end = min(begin + stretch.length, stretch.end)
        for span, since, until, sign in _pieces(begin, end, folds, 1):
            # all of it is one period, also what lies before or after it
            yield Part(span, since, until, since, until - since, stretch.first + place, sign)


def _pieces(begin: int, end: int, folds: Folds, sign: int) -> Iterator[tuple[int, int, int, int]]:
    """A time as boxes: span, beginning, end and sign. The nearest boxes of the widest span are read, and what they
    lack or have too much at both ends from narrower ones."""
    if begin >= end:
        return
    if not folds:
        yield QUARTER, begin, end, sign
        return
    (span, folded), *rest = folds
    low = (begin + span // 2) // span * span
    high = min((end + span // 2) // span, folded // span) * span
    if low >= high:
        yield from _pieces(begin, end, rest, sign)
        return
    yield span, low, high, sign
    yield from _pieces(begin, low, rest, sign)
    yield from _pieces(low, begin, rest, -sign)
    yield from _pieces(high, end, rest, sign)
    yield from _pieces(end, high, rest, -sign)
