"""What carriers did within the last hour on this node: counts by ten seconds, times, errors.

Rules kept here:
- the path of a message has no code for it: once a second, the watch reads the observer's totals and counts the
  differences;
- memory is bounded: `SLOTS` numbers of each kind for a carrier, `MOST_ERRORS` codes a minute, `MOST_TIMES` times;
- a carrier that did nothing for an hour is forgotten.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from onesixty.core import outcomes
from onesixty.core.clock import Clock
from onesixty.kit.observer import Observer

#: Seconds of a slot, and the slots of an hour.
STEP: Final = 10
SLOTS: Final = 360
#: Minutes for which errors are kept, and the most codes of one minute; further ones count together.
MINUTES: Final = 60
MOST_ERRORS: Final = 50
#: The most times of receipts of a carrier.
MOST_TIMES: Final = 500
#: Seconds for which the times of answers are read.
ANSWERS_OF: Final = 300

ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
THROTTLED: Final = "throttled"
FAILED: Final = "failed"
RECEIPTS: Final = "receipts"
#: The kinds of counts: segments by their outcome, and receipts that were matched.
KINDS: Final = (ACCEPTED, REFUSED, THROTTLED, FAILED, RECEIPTS)

_KIND_OF: Final = {
    outcomes.ACCEPTED: ACCEPTED,
    outcomes.PERMANENT: REFUSED,
    outcomes.THROTTLED: THROTTLED,
    outcomes.RETRYABLE: FAILED,
    outcomes.UNKNOWN: FAILED,
}
#: The results of receipts that were matched to a message.
_MATCHED: Final = frozenset({"matched", "early", "swept"})


class Failure(NamedTuple):
    """How often a carrier did not take a segment for this reason, within the last hour."""

    code: str
    carrier_code: str
    times: int


class Spread(NamedTuple):
    """The median and the 95th percentile of some times, in seconds."""

    p50: float
    p95: float


class Slots:
    """Counts of the last hour in a ring. A slot is named by its number: seconds since the epoch by `STEP`."""

    __slots__ = ("_numbers", "_slot")

    def __init__(self, slot: int) -> None:
        self._numbers = {kind: array("I", [0] * SLOTS) for kind in KINDS}
        self._slot = slot

    def move(self, slot: int) -> None:
        """Go on to a slot, and empty those that are passed."""
        for passed in range(max(self._slot + 1, slot - SLOTS + 1), slot + 1):
            for numbers in self._numbers.values():
                numbers[passed % SLOTS] = 0
        self._slot = max(self._slot, slot)

    def add(self, kind: str, count: int) -> None:
        """Count in the present slot."""
        self._numbers[kind][self._slot % SLOTS] += count

    def of(self, kind: str, first: int, last: int) -> list[int]:
        """The counts of the slots from `first` to before `last`; 0 for those that are not kept."""
        numbers = self._numbers[kind]
        kept = range(self._slot - SLOTS + 1, self._slot + 1)
        return [numbers[slot % SLOTS] if slot in kept else 0 for slot in range(first, last)]

    @property
    def empty(self) -> bool:
        """Whether nothing was counted within the hour."""
        return not any(any(numbers) for numbers in self._numbers.values())


class _Carrier:
    """The figures of one carrier."""

    def __init__(self, slot: int) -> None:
        self.slots = Slots(slot)
        #: (minute, what was not taken in it), oldest first.
        self.errors: deque[tuple[int, Counter[tuple[str, str]]]] = deque(maxlen=MINUTES)
        #: (slot, ms) of receipts, oldest first.
        self.receipt_times: deque[tuple[int, int]] = deque(maxlen=MOST_TIMES)
        #: (slot, the buckets of answers since the start), oldest first.
        self.answers: deque[tuple[int, tuple[int, ...]]] = deque(maxlen=ANSWERS_OF // STEP + 1)


class CarrierFigures:
    """The figures of the carriers of one node, by id. `look` is called once a second."""

    def __init__(self, observer: Observer, clock: Clock) -> None:
        self._observer = observer
        self._clock = clock
        self._carriers: dict[str, _Carrier] = {}
        self._totals: dict[tuple[str, str], int] = {}

    @property
    def slot(self) -> int:
        """The number of the present slot."""
        return self._clock.now_ms() // 1000 // STEP

    def look(self) -> None:
        """Count what happened since the last look."""
        slot = self.slot
        buckets = self._observer.answer_times().buckets()
        for carrier_id, carrier in list(self._carriers.items()):
            carrier.slots.move(slot)
            self._note_answers(carrier_id, carrier, buckets)
            if carrier.slots.empty:
                del self._carriers[carrier_id]
        self._count()
        self._errors(slot)
        for carrier_id, times in self._observer.take_receipt_times().items():
            self._of(carrier_id).receipt_times.extend((slot, one) for one in times)

    def _of(self, carrier_id: str) -> _Carrier:
        """The figures of a carrier, which begin now if there are none."""
        carrier = self._carriers.get(carrier_id)
        if carrier is None:
            carrier = self._carriers[carrier_id] = _Carrier(self.slot)
            self._note_answers(carrier_id, carrier, self._observer.answer_times().buckets())
        return carrier

    def _note_answers(
        self, carrier_id: str, carrier: _Carrier, buckets: Mapping[str, tuple[int, ...]]
    ) -> None:
        found = buckets.get(self._observer.carrier_name(carrier_id))
        if found is not None and (not carrier.answers or carrier.answers[-1][0] < self.slot):
            carrier.answers.append((self.slot, found))

    def _count(self) -> None:
        """Add what the totals rose by. A carrier that was renamed begins with what its new name counted."""
        totals = {
            **{(name, _KIND_OF.get(kind, FAILED) + kind): (name, _KIND_OF.get(kind, FAILED), total)
               for (name, kind), total in self._observer.outcome_totals().items()},
            **{(name, RECEIPTS + result): (name, RECEIPTS, total)
               for (name, result), total in self._observer.receipt_totals().items() if result in _MATCHED},
        }  # fmt: skip
        ids = {name: id_ for id_, name in self._observer.carrier_names.items()}
        for key, (name, kind, total) in totals.items():
            risen = total - self._totals.get(key, 0)
            if risen > 0:
                self._of(ids.get(name, name)).slots.add(kind, risen)
        self._totals = {key: total for key, (_, _, total) in totals.items()}

    def _errors(self, slot: int) -> None:
        minute = slot * STEP // 60
        for (carrier_id, code, own), count in self._observer.take_failures().items():
            carrier = self._of(carrier_id)
            if not carrier.errors or carrier.errors[-1][0] != minute:
                carrier.errors.append((minute, Counter()))
            counted = carrier.errors[-1][1]
            key = (code, own)
            counted[key if key in counted or len(counted) < MOST_ERRORS else ("", "")] += count

    # ------------------------------------------------------------ what is read

    def per_second(self, carrier_id: str) -> dict[str, float]:
        """How many of each kind there were in a second, in the last slot that is complete."""
        last = self.slot
        return {kind: counts[0] / STEP for kind, counts in self.series(carrier_id, last - 1, last).items()}

    def series(self, carrier_id: str, first: int, last: int) -> dict[str, list[int]]:
        """The counts of each kind in the slots from `first` to before `last`."""
        carrier = self._carriers.get(carrier_id)
        if carrier is None:
            return {kind: [0] * (last - first) for kind in KINDS}
        return {kind: carrier.slots.of(kind, first, last) for kind in KINDS}

    def errors(self, carrier_id: str) -> list[Failure]:
        """What was not taken within the last hour, most frequent first."""
        carrier = self._carriers.get(carrier_id)
        oldest = self.slot * STEP // 60 - MINUTES
        total: Counter[tuple[str, str]] = Counter()
        for minute, counted in () if carrier is None else carrier.errors:
            if minute > oldest:
                total.update(counted)
        return [Failure(code, own, count) for (code, own), count in total.most_common(MOST_ERRORS)]

    def receipt_times(self, carrier_id: str) -> Spread | None:
        """How long receipts took after the answer: the last times within the hour."""
        carrier = self._carriers.get(carrier_id)
        oldest = self.slot - SLOTS
        times = sorted(ms / 1000 for slot, ms in (carrier.receipt_times if carrier else ()) if slot > oldest)
        if not times:
            return None
        return Spread(times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))])

    def answer_times(self, carrier_id: str) -> Spread | None:
        """How long answers took within the last five minutes, as exact as the buckets of the metric are."""
        carrier = self._carriers.get(carrier_id)
        name = self._observer.carrier_name(carrier_id)
        times = self._observer.answer_times()
        now = times.buckets().get(name)
        if carrier is None or now is None:
            return None
        oldest = self.slot - ANSWERS_OF // STEP
        before = next((buckets for slot, buckets in carrier.answers if slot >= oldest), None)
        risen = [a - b for a, b in zip(now, before or [0] * len(now), strict=True)]
        if sum(risen) <= 0:
            return None
        return Spread(_quantile(risen, times.bounds, 0.5), _quantile(risen, times.bounds, 0.95))


def _quantile(counts: Sequence[int], bounds: Sequence[float], share: float) -> float:
    """A quantile out of the counts of buckets, linear within a bucket; the last bound stands for what is above it."""
    wanted, below = share * sum(counts), 0
    for place, count in enumerate(counts):
        if below + count >= wanted and count:
            if place == len(bounds):
                return bounds[-1]
            low = bounds[place - 1] if place else 0.0
            return low + (bounds[place] - low) * (wanted - below) / count
        below += count
    return bounds[-1]
