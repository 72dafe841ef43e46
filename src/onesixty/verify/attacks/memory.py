"""What the guards remember, in memory: the same as the tables of `verify.guards` hold, for the simulation.

Rule: it takes the same changes and answers the same as `guards.rows` (a test plays one attack through both).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from operator import add
from typing import Final

from onesixty.verify.guarding import Asked, Ended
from onesixty.verify.guards.case import IN_VAIN
from onesixty.verify.guards.facts import (
    DAY,
    HOUR,
    MINUTE,
    MOST_MARKS,
    NOTHING,
    Baseline,
    Block,
    Bunch,
    Keys,
    Mark,
    Recalled,
    Stop,
    Tally,
    Trace,
    bunch_of,
    keys_of,
    range_of,
    scope_of,
    subject_of,
    sum_of,
    tallied,
)
from onesixty.verify.guards.limits import GuardLimits
from onesixty.verify.guards.rows import (
    USUAL_MARGIN,
    USUAL_SPAN,
    neighbours,
    spending_keys,
    trusted_by,
    with_profiles,
)
from onesixty.verify.guards.verdict import FRESH, Changes, Count, NewMark, Spend, counted
from onesixty.verify.guards.writes import NEUTRAL, STATES

#: Minutes of tallies that are kept: the last hour, and some.
_MINUTES: Final = 90

#: As many marks of a kind as the tables are asked for.
_MOST: Final = {**MOST_MARKS, "range_held": MOST_MARKS["near"]}


class SimulatedMemory:
    """See `guards.memory.Memory`. `usual` are the baselines, by key of a country."""

    def __init__(self, usual: Mapping[str, Baseline] | None = None) -> None:
        #: Every stop, in the order in which they were put on record.
        self.stops: list[Stop] = []
        self.trusted: set[str] = set()
        self._usual = dict(usual or {})
        self._by_key: dict[str, list[Stop]] = defaultdict(list)
        self._marks: dict[str, Mark] = {}
        self._new: dict[str, NewMark] = {}
        #: Ids of marks by kind and what they are of, oldest first.
        self._places: dict[tuple[str, str], deque[str]] = defaultdict(deque)
        self._traces: dict[str, Trace] = {}
        self._tallies: dict[str, dict[int, tuple[int, ...]]] = defaultdict(dict)
        self._spent: dict[tuple[str, int], int] = {}
        #: What was sent and approved by country and hour, of what has ended.
        self._hours: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])

    async def baselines(self, now: int) -> Mapping[str, Baseline]:
        """See Memory. What the run has seen is added to what was usual before it."""
        found = dict(self._usual)
        for (key, hour), (sent, approved) in self._hours.items():
            if now - USUAL_SPAN <= hour < now - USUAL_MARGIN:
                before = found.get(key, Baseline())
                found[key] = Baseline(before.sent + sent, before.approved + approved, before.hours + 1)
        return with_profiles(found)

    async def recall(self, asked: Asked, limits: GuardLimits) -> Recalled:
        """See Memory."""
        keys, now = keys_of(asked), asked.at
        scope, profile = scope_of(asked.tenant), asked.profile_id
        address, device = subject_of(keys.address), subject_of(keys.device)
        range_ = f"{profile}/{range_of(asked.to)}" if keys.range else ""
        stops = [stop for key in set(keys) for stop in self._by_key.get(key, ()) if stop.ends_at > now - DAY]
        begins = (now // HOUR * HOUR, now // DAY * DAY)
        hour, day = (self._spent.get(place, 0) for place in zip(spending_keys(keys), begins, strict=True))
        return Recalled(
            trusted=not self.trusted.isdisjoint(trusted_by(asked.to)),
            number=self._of("number", f"{scope}/{asked.to}", now - DAY),
            address=self._of("address", address and f"{scope}/{address}", now - HOUR),
            device=self._of("device", device and f"{scope}/{device}", now - DAY),
            range=self._bunches(asked, range_, keys),
            near=self._near(asked, range_, limits) if range_ else (),
            traces={key: self._traces[key] for key in keys if key in self._traces},
            blocks={stop.key: _block(stop) for stop in stops if stop.lasting},
            on_record=frozenset(
                stop.key for stop in stops if stop.ends_at > now and stop.released_at is None
            ),
            tallies={key: found for key in tallied(keys) if (found := self._tallied(key, now))},
            spent=(hour, day),
        )

    async def commit(self, changes: Changes, at: int) -> bool:
        """Write what a verdict changes. False if somebody started at one of its keys in the meantime."""
        if any(self._traces.get(key, NOTHING).turn > turn for key, turn in changes.turns):
            return False
        if not all(map(self._affordable, changes.spends)):
            return False
        for spend in changes.spends:
            place = (spend.key, spend.begins)
            self._spent[place] = self._spent.get(place, 0) + spend.amount
        for key, _ in changes.turns:
            before = self._traces.get(key, NOTHING)
            self._traces[key] = before._replace(turn=before.turn + 1)
        if changes.mark is not None:
            self._insert(changes.mark)
        if changes.released is not None:
            self._release(*changes.released)
        if changes.resent is not None and changes.resent in self._marks:
            mark = self._marks[changes.resent]
            self._marks[mark.id] = mark._replace(sends=mark.sends + 1)
        if changes.count is not None:
            self._count(changes.count)
        if changes.stop is not None:
            self.stops.append(changes.stop)
            self._by_key[changes.stop.key].append(changes.stop)
        return True

    async def end(self, ended: Ended) -> None:
        """Write how a verification ended."""
        state, keys = STATES.get(ended.status), keys_of(ended)
        mark = self._marks.get(ended.verification_id)
        if state is None or mark is None:
            return
        if mark.state == "open" or state == "approved":
            self._marks[mark.id] = mark._replace(state=state)
        if state == "approved":
            for key in filter(None, (keys.number, keys.range, keys.country)):
                self.approved(key, ended.at)
        if keys.country and ended.sent_at is not None and state not in NEUTRAL:
            hour = self._hours[keys.country, ended.started_at // HOUR * HOUR]
            hour[0] += 1
            hour[1] += state == "approved"
        added = (0, 1) if state == "approved" else (-1, 0) if state in NEUTRAL else None
        if added is None or ended.sent_at is None:
            return
        minute = ended.sent_at // MINUTE * MINUTE
        flags = self._new[mark.id].flags
        self._count(Count(counted(keys, flags), minute, *added, bool(flags & FRESH)))

    def approved(self, key: str, at: int) -> None:
        """Remember an approval at a key."""
        self._traces[key] = self._traces.get(key, NOTHING)._replace(approved_at=at)

    # ------------------------------------------------------------ what is kept

    def _of(self, kind: str, what: str, since: int, own: Mark | None = None) -> tuple[Mark, ...]:
        ids = self._places.get((kind, what), ()) if what else ()
        marks = (mark for id_ in ids if (mark := self._marks[id_]) is not own)
        found = sorted(marks, key=lambda mark: -mark.at)[: _MOST[kind]]
        return tuple(mark for mark in found if mark.at >= since)

    def _bunches(self, asked: Asked, range_: str, keys: Keys) -> tuple[Bunch, ...]:
        blocks = [
            stop.created_at
            for stop in self._by_key.get(keys.range, ())
            if stop.lasting and stop.released_at is None and stop.ends_at > asked.at - DAY
        ]
        since = max(asked.at - DAY, self._traces.get(keys.range, NOTHING).released_at, *blocks, 0)
        own = self._marks.get(asked.verification_id)
        return bunched(self._of("range", range_, since, own), asked.at)

    def _near(self, asked: Asked, range_: str, limits: GuardLimits) -> tuple[Mark, ...]:
        low, high = neighbours(asked.to, limits)
        found = [
            mark
            for kind in ("range", "range_held")
            for mark in self._of(kind, range_, asked.at - HOUR)
            if low <= mark.to <= high and mark.state in IN_VAIN
        ]
        return tuple(sorted(found, key=lambda mark: -mark.at))

    def _tallied(self, key: str, now: int) -> tuple[Tally, ...]:
        minutes = self._tallies.get(key, {})
        sums: dict[int, Tally] = {}
        for minute in sorted(each for each in minutes if each >= now - HOUR):
            step = sum_of(minute, now)
            begins, *counts = sums.get(step, Tally(minute, 0, 0))
            sums[step] = Tally(begins, *map(add, counts, minutes[minute]))
        return tuple(sums.values())

    def _insert(self, new: NewMark) -> None:
        self._marks[new.id] = Mark(new.id, new.at, new.to, new.state, new.sends)
        self._new[new.id] = new
        self._place("number", f"{new.scope}/{new.to}", new.id)
        if new.address:
            self._place("address", f"{new.scope}/{new.address}", new.id)
        if new.device:
            self._place("device", f"{new.scope}/{new.device}", new.id)
        if new.range:
            kind = "range_held" if new.state == "held" else "range"
            self._place(kind, f"{new.profile_id}/{new.range}", new.id)

    def _place(self, kind: str, what: str, id_: str) -> None:
        ids = self._places[(kind, what)]
        ids.append(id_)
        if len(ids) > 2 * _MOST[kind]:
            ids.popleft()

    def _release(self, id_: str, at: int) -> None:
        mark, new = self._marks[id_], self._new[id_]
        self._marks[id_] = mark._replace(state="open", sends=1, at=at)
        if new.range:
            what = f"{new.profile_id}/{new.range}"
            held = self._places[("range_held", what)]
            if id_ in held:
                held.remove(id_)
            self._place("range", what, id_)

    def _count(self, count: Count) -> None:
        keys, minute, sent, approved, fresh = count
        for key in filter(None, keys):
            minutes = self._tallies[key]
            added = (sent, approved, sent * fresh, approved * fresh)
            minutes[minute] = tuple(map(add, minutes.get(minute, (0, 0, 0, 0)), added))
            if len(minutes) > _MINUTES:
                del minutes[min(minutes)]

    def _affordable(self, spend: Spend) -> bool:
        return self._spent.get((spend.key, spend.begins), 0) + spend.amount <= spend.most


def bunched(marks: Iterable[Mark], now: int) -> tuple[Bunch, ...]:
    """The marks of a range as they are recalled."""
    found: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        found[bunch_of(mark.at, now)].append(mark)
    return tuple(sorted(map(_bunch, found.values()), reverse=True))


def _bunch(marks: Sequence[Mark]) -> Bunch:
    states = Counter(mark.state for mark in marks)
    sends = sum(mark.sends for mark in marks if mark.state == "open")
    at = sum(mark.at for mark in marks) // len(marks)
    return Bunch(at, states["approved"], states["failed"], states["open"], sends)


def _block(stop: Stop) -> Block:
    return Block(stop.guard, stop.reason, stop.strikes, stop.created_at, stop.ends_at, stop.released_at or 0)
