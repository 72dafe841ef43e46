"""What the guards remember, in the tables of a node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from onesixty.store.contract import Store
from onesixty.verify.guarding import Asked
from onesixty.verify.guards.facts import (
    DAY,
    HOUR,
    RANGE_DIGITS,
    Baseline,
    Block,
    Bunch,
    Keys,
    Mark,
    Recalled,
    Tally,
    Trace,
    country_key,
    keys_of,
    profile_of,
    range_of,
    scope_of,
    subject_of,
)
from onesixty.verify.guards.limits import GuardLimits

#: How far back what is usual goes, and the time before now that does not count: an attack may be in it.
USUAL_SPAN: Final = 7 * DAY
USUAL_MARGIN: Final = HOUR

#: The fewest digits of a trusted beginning of numbers.
SHORTEST_PREFIX: Final = 4


class GuardRows:
    """Reads the tables. See `memory.Memory`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def recall(self, asked: Asked, limits: GuardLimits) -> Recalled:
        """See Memory."""
        keys = keys_of(asked)
        low, high = neighbours(asked.to, limits) if keys.range else ("", "")
        now = asked.at
        hour_budget, day_budget = spending_keys(keys) if limits.has_budget else ("", "")
        rows = await self._store.fetch(
            "verify_recall",
            scope=scope_of(asked.tenant),
            profile_id=asked.profile_id,
            id=asked.verification_id,
            recipient=asked.to,
            range_=range_of(asked.to) if keys.range else "",
            low=low,
            high=high,
            address=subject_of(keys.address),
            device=subject_of(keys.device),
            day=now - DAY,
            hour=now - HOUR,
            number_key=keys.number,
            address_key=keys.address,
            device_key=keys.device,
            range_key=keys.range,
            network_key=keys.network,
            country_key=keys.country,
            profile_key=keys.profile,
            novel_key=keys.novel,
            hour_budget=hour_budget,
            day_budget=day_budget,
            trusted=trusted_by(asked.to) if keys.range else [asked.to],
            now=now,
            **asked.tenant.params,
        )
        return _recalled(rows, keys, now)

    async def baselines(self, now: int) -> Mapping[str, Baseline]:
        """See Memory."""
        rows = await self._store.fetch("verify_baselines", since=now - USUAL_SPAN, until=now - USUAL_MARGIN)
        return with_profiles(
            {
                country_key(profile_id, country): Baseline(sent, approved, hours)
                for profile_id, country, sent, approved, hours in rows
            }
        )


def with_profiles(found: Mapping[str, Baseline]) -> dict[str, Baseline]:
    """The same, each with what all countries of its profile usually have, and that alone for each profile."""
    profiles: dict[str, float] = defaultdict(float)
    for key, usual in found.items():
        profiles[profile_of(key)] += usual.sent / usual.hours if usual.hours else 0.0
    of_profiles = {f"{profile}/p": Baseline(of_profile=sent) for profile, sent in profiles.items()}
    return of_profiles | {
        key: usual._replace(of_profile=profiles[profile_of(key)]) for key, usual in found.items()
    }


def trusted_by(number: str) -> list[str]:
    """The entries of a list of trusted numbers that a number is in."""
    return [number, *(f"{number[:end]}*" for end in range(SHORTEST_PREFIX + 1, len(number)))]


def neighbours(number: str, limits: GuardLimits) -> tuple[str, str]:
    """The first and the last number of its range that may be in a row with a number."""
    reach = int((limits.threshold("sequence.numbers") - 1) * limits.threshold("sequence.step"))
    head, last = number[:-RANGE_DIGITS], int(number[-RANGE_DIGITS:])
    most = 10**RANGE_DIGITS - 1
    low, high = max(0, last - reach), min(most, last + reach)
    return f"{head}{low:0{RANGE_DIGITS}d}", f"{head}{high:0{RANGE_DIGITS}d}"


def spending_keys(keys: Keys) -> tuple[str, str]:
    """The keys under which the budgets of a profile are spent."""
    return f"{keys.profile}/hour", f"{keys.profile}/day"


def _recalled(rows: list[tuple[Any, ...]], keys: Keys, now: int) -> Recalled:
    marks: dict[str, list[Mark]] = {"number": [], "address": [], "device": [], "near": []}
    bunches: list[Bunch] = []
    traces: dict[str, Trace] = {}
    tallies: dict[str, list[Tally]] = {}
    blocks: dict[str, Block] = {}
    on_record: set[str] = set()
    spent: dict[str, int] = {}
    trusted = False
    for kind, key, a, b, c, d, e, word, words in rows:
        if kind in marks:
            marks[kind].append(Mark(key, a, words, word, b))
        elif kind == "tally":
            tallies.setdefault(key, []).append(Tally(a, b, c, d, e))
        elif kind == "range":
            bunches.append(Bunch(a, b, c, d, e))
        elif kind == "trace":
            traces[key] = Trace(a, b, c)
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
        range=tuple(sorted(bunches, reverse=True)),
        traces=traces,
        blocks=blocks,
        on_record=frozenset(on_record),
        tallies={key: tuple(sorted(found)) for key, found in tallies.items()},
        spent=(spent.get(hour, 0), spent.get(day, 0)),
    )
