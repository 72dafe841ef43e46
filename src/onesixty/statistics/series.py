"""The series of statistics: a number for each thing that is counted, so that a box is a few small numbers.

A message counts in one series of each combination that is kept (`Place`). Most messages count as others did before
them, so these places are remembered by everything that a message counts by.

Rules kept here:
- a series is a combination that is kept, with a value for each of its dimensions. It keeps its number for ever;
- the boxes of a combination that belong to one account, or to none, stand together on disk, by time: a report reads
  them in one go, and what is counted in one moment is written to few pages. `owner` is their common number, that of
  the first series among them;
- senders, campaigns and tags are words of customers. An account has at most `MOST` series in such a combination;
  further words are counted together, under `OTHER`. A word that once has a series keeps it, and one that has none
  never gets one later, so a message leaves the series that it was counted in;
- the memory is emptied when it is full; the rows are the truth.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from onesixty.core.contracts import Write
from onesixty.statistics.counting import ON_THE_WAY, STATUS_AT, Key, combinations
from onesixty.statistics.dimensions import COLUMNS, KEPT, Kept
from onesixty.store.contract import Store

#: Series of an account in one combination whose values customers choose.
MOST: Final = 20_000
#: The value under which further ones are counted. It is no valid sender, campaign or tag.
OTHER: Final = "(other)"
#: Series and keys in memory.
REMEMBERED: Final = 30_000

_OPEN_ENDED: Final = {
    kept.name: list(COLUMNS).index(kept.open_ended) for kept in KEPT if kept.open_ended is not None
}
_ACCOUNT: Final = 0
_encode = msgspec.json.Encoder().encode

#: A combination and the key in it.
Name = tuple[str, Key]
#: The number of a series, and its owner.
Number = tuple[int, int]
_Owner = tuple[str, object, object]


class Place(NamedTuple):
    """Where a key counts in one combination. `waits`: its messages are on their way. `times`: with delivery times."""

    series: int
    owner: int
    waits: int
    times: bool


class Series:
    """The numbers of series. `take` gives those of a unit; `keep` remembers the new ones once it is committed."""

    def __init__(self, store: Store, *, most: int = MOST) -> None:
        self._store = store
        self._most = most
        self._known: dict[Name, Number] = {}
        self._owners: dict[_Owner, int] = {}
        self._places: dict[Key, tuple[Place, ...]] = {}

    async def take(self, keys: Iterable[Key], next_number: int) -> Numbers:
        """The places of these keys. New series begin at `next_number`. Raises StoreError."""
        numbers = Numbers(next_number)
        unknown: dict[Key, list[tuple[Kept, Name]]] = {}
        for key in keys:
            places = self._places.get(key)
            if places is None:
                unknown[key] = [(kept, (kept.name, left)) for kept, left in combinations(key)]
            else:
                numbers.places[key] = places
        missing: dict[str, Name] = {}
        for name in {name for names in unknown.values() for _, name in names}:
            known = self._known.get(name)
            if known is None:
                missing[_text(name)] = name
            else:
                numbers.by_name[name] = known
        if missing:
            await self._read(missing, numbers)
            room: dict[_Owner, int] = {}
            for text, name in sorted(missing.items()):
                if name not in numbers.by_name:
                    await self._number(text, name, numbers, room)
        for key, names in unknown.items():
            waits = int(key[STATUS_AT] in ON_THE_WAY)
            numbers.places[key] = numbers.learned[key] = tuple(
                Place(*numbers.by_name[name], waits, kept.times) for kept, name in names
            )
        return numbers

    def keep(self, numbers: Numbers) -> None:
        """Remember the numbers of a unit that was committed."""
        for name, number in numbers.by_name.items():
            self._known[name] = number
            self._owners[_owner_of(name)] = number[1]
        self._places.update(numbers.learned)
        if max(len(self._known), len(self._places)) > REMEMBERED:
            self._known.clear()
            self._places.clear()

    async def _read(self, missing: dict[str, Name], numbers: Numbers) -> None:
        for text, number, owner in await self._store.fetch("statistics_series_named", names=list(missing)):
            if text in missing:
                numbers.by_name[missing[text]] = (number, owner)

    async def _number(self, text: str, name: Name, numbers: Numbers, room: dict[_Owner, int]) -> None:
        """Give a series a number, or that of the further words of its account."""
        kept, key = name
        place = _OPEN_ENDED.get(kept)
        if place is None or key[place] in (None, OTHER):
            numbers.make(text, name, await self._owner(name, numbers))
            return
        owner = _owner_of(name)
        if owner not in room:
            ((count,),) = await self._store.fetch(
                "statistics_series_count", kept=kept, account_id=key[_ACCOUNT], test=key[-1]
            )
            room[owner] = self._most - count
        if room[owner] > 0:
            room[owner] -= 1
            numbers.make(text, name, await self._owner(name, numbers))
            return
        other = (kept, (*key[:place], OTHER, *key[place + 1 :]))
        if other not in numbers.by_name:
            await self._read({_text(other): other}, numbers)
        if other not in numbers.by_name:
            numbers.make(_text(other), other, await self._owner(other, numbers))
        numbers.by_name[name] = numbers.by_name[other]

    async def _owner(self, name: Name, numbers: Numbers) -> int | None:
        """The owner of a new series; None if it is the first."""
        owner = _owner_of(name)
        known = self._owners.get(owner, numbers.owners.get(owner))
        if known is None:
            kept, account_id, test = owner
            ((known,),) = await self._store.fetch(
                "statistics_series_owner", kept=kept, account_id=account_id or "", test=test
            )
            if known is not None:
                self._owners[owner] = known
        return known


class Numbers:
    """The numbers of the series of one unit, and the rows of the new ones."""

    def __init__(self, next_number: int) -> None:
        self.next = next_number
        self.by_name: dict[Name, Number] = {}
        self.places: dict[Key, tuple[Place, ...]] = {}
        #: Those of them that the memory does not have.
        self.learned: dict[Key, tuple[Place, ...]] = {}
        self.owners: dict[_Owner, int] = {}
        self.writes: list[Write] = []

    def make(self, text: str, name: Name, owner: int | None) -> None:
        """Number a new series. Without an owner it is the first of its own."""
        kept, key = name
        owner = self.next if owner is None else owner
        self.owners[_owner_of(name)] = owner
        self.by_name[name] = (self.next, owner)
        self.writes.append(("statistics_series_insert", (self.next, owner, text, kept, *key)))
        self.next += 1


def _owner_of(name: Name) -> _Owner:
    """What the series of one owner have in common: combination, account and mode."""
    kept, key = name
    return kept, key[_ACCOUNT], key[-1]


def _text(name: Name) -> str:
    return _encode(name).decode()
