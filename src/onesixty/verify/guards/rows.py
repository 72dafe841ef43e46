"""What the guards remember, in the tables of a node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from onesixty.store.contract import Store
from onesixty.verify.guarding import Asked
from onesixty.verify.guards.facts import (
    DAY,
    HOUR,
    Baseline,
    Block,
    Keys,
    Mark,
    Recalled,
    Tally,
    Trace,
    keys_of,
    range_of,
    scope_of,
    subject_of,
)

#: How far back what is usual goes, and the time before now that does not count: an attack may be in it.
USUAL_SPAN: Final = 7 * DAY
USUAL_MARGIN: Final = HOUR

#: How far back ranges are looked at: no threshold goes beyond.
RANGE_SPAN: Final = DAY

#: The fewest digits of a trusted beginning of numbers.
SHORTEST_PREFIX: Final = 4


class GuardRows:
    """Reads the tables. See `memory.Memory`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def recall(self, asked: Asked) -> Recalled:
        """See Memory."""
        keys = keys_of(asked)
        rows = await self._store.fetch(
            "verify_recall",
            scope=scope_of(asked.tenant),
            profile_id=asked.profile_id,
            recipient=asked.to,
            range_=range_of(asked.to) if keys.range else "",
            address=subject_of(keys.address),
            device=subject_of(keys.device),
            day=asked.at - DAY,
            hour=asked.at - HOUR,
            range_since=asked.at - RANGE_SPAN,
            keys=[key for key in keys if key],
            tallied=[
                key for key in (keys.profile, keys.country, keys.fresh, keys.network, keys.novel) if key
            ],
            spent=spending_keys(keys),
            trusted=trusted_by(asked.to) if keys.range else [asked.to],
            now=asked.at,
            **asked.tenant.params,
        )
        return _recalled(rows, keys, asked.at)

    async def baselines(self, now: int) -> Mapping[str, Baseline]:
        """See Memory."""
        rows = await self._store.fetch("verify_baselines", since=now - USUAL_SPAN, until=now - USUAL_MARGIN)
        return {key: Baseline(sent, approved, hours) for key, sent, approved, hours in rows}


def trusted_by(number: str) -> list[str]:
    """The entries of a list of trusted numbers that a number is in."""
    return [number, *(f"{number[:end]}*" for end in range(SHORTEST_PREFIX + 1, len(number)))]


def spending_keys(keys: Keys) -> list[str]:
    """The keys under which the budgets of a profile are spent."""
    return [f"{keys.profile}/hour", f"{keys.profile}/day"]


def _recalled(rows: list[tuple[Any, ...]], keys: Keys, now: int) -> Recalled:
    marks: dict[str, list[Mark]] = {
        kind: [] for kind in ("number", "address", "device", "range", "range_held")
    }
    traces: dict[str, Trace] = {}
    tallies: dict[str, list[Tally]] = {}
    blocks: dict[str, Block] = {}
    on_record: set[str] = set()
    spent: dict[str, int] = {}
    trusted = False
    for kind, key, a, b, c, d, e, word, words in rows:
        if kind in marks:
            marks[kind].append(Mark(key, a, words, word, b))
        elif kind == "trace":
            traces[key] = Trace(a, b, c)
        elif kind == "tally":
            tallies.setdefault(key, []).append(Tally(a, b, c))
        elif kind == "spent":
            spent[key] = b
        elif kind == "trusted":
            trusted = True
        else:
            if b > now and not c:
                on_record.add(key)
            if e and (key not in blocks or blocks[key].created_at < a):
                blocks[key] = Block(word, words, d, a, b, c)
    hour, day = spending_keys(keys)
    return Recalled(
        trusted=trusted,
        **{kind: tuple(found) for kind, found in marks.items()},
        traces=traces,
        blocks=blocks,
        on_record=frozenset(on_record),
        tallies={key: tuple(sorted(found)) for key, found in tallies.items()},
        spent=(spent.get(hour, 0), spent.get(day, 0)),
    )
