"""Whole runs: one pattern against honest traffic, or a day of honest traffic alone."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator, Mapping
from random import Random
from typing import Final, NamedTuple

from onesixty.verify.attacks.figures import Figures, figures
from onesixty.verify.attacks.honest import HOUR, Crowd
from onesixty.verify.attacks.memory import SimulatedMemory
from onesixty.verify.attacks.patterns import PATTERNS, Stage
from onesixty.verify.attacks.playing import PROFILE, START, Course, Player
from onesixty.verify.attacks.world import Visit, World, world
from onesixty.verify.guards.facts import HOUR as HOUR_MS
from onesixty.verify.guards.facts import Baseline, range_of
from onesixty.verify.guards.limits import GuardLimits, Mode

#: Honest traffic before an attack begins and after it ends, in seconds.
BEFORE: Final = 1 * HOUR
AFTER: Final = 0.5 * HOUR

#: The country that is attacked unless another one is named: there, two in three codes are typed.
ATTACKED: Final = "TR"

#: Hours of a baseline.
_USUAL_HOURS: Final = 168


class Terms(NamedTuple):
    """The terms of a run: modes of guards, how much honest traffic there is against that of the world, and whether
    the installation is `new`: nothing is known of what is usual, and nobody has approved anywhere yet."""

    modes: Mapping[str, Mode] = {}
    rate: float = 1.0
    new: bool = False


PLAIN: Final = Terms()


def against(letter: str, seed: int, country: str = ATTACKED, terms: Terms = PLAIN) -> Figures:
    """Play a pattern against honest traffic. Raises KeyError for an unknown pattern or country."""
    pattern, here = PATTERNS[letter], world()
    crowd = Crowd(here, Random(f"honest {seed}"), terms.rate)
    stage = Stage(here, here.country(country), Random(f"attack {letter} {seed}"), BEFORE)
    streams = [crowd.steady(0.0, BEFORE + pattern.lasts + AFTER), pattern.play(stage)]
    if pattern.launch:
        streams.append(crowd.launch(BEFORE - 60))
    return figures(_played(streams, terms), letter, country, seed)


def honest_day(seed: int, outage: str | None = None, terms: Terms = PLAIN) -> Figures:
    """Play a day of honest traffic with a launch and three offices. `outage` is a country to which no code arrives
    for twenty minutes."""
    crowd = Crowd(world(), Random(f"honest {seed}"), terms.rate)
    steady = crowd.steady(0.0, 24 * HOUR)
    if outage is not None:
        steady = crowd.outage(steady, 10 * HOUR, 10 * HOUR + 1200, outage)
    offices = [visit for hour in (8, 9, 11) for visit in crowd.office(hour * HOUR)]
    streams = [steady, crowd.launch(15 * HOUR), iter(sorted(offices, key=_at))]
    return figures(_played(streams, terms), "-", outage or "-", seed)


def _played(streams: list[Iterator[Visit]], terms: Terms) -> list[Course]:
    here = world()
    limits = GuardLimits(countries=tuple(each.code for each in here.countries), modes=dict(terms.modes))
    player = Player(SimulatedMemory() if terms.new else _experienced(here, terms.rate), limits)
    asyncio.run(player.play(heapq.merge(*streams, key=_at)))
    return player.courses


def _at(visit: Visit) -> float:
    return visit.at


def _experienced(here: World, rate: float) -> SimulatedMemory:
    """What the guards have seen of honest users before: what is usual, and an approval in each range in use."""
    memory = SimulatedMemory(usual(here, rate))
    for country in here.countries:
        memory.approved(f"{PROFILE}/c/{country.code}", START - HOUR_MS)
        for range_ in range(country.ranges):
            memory.approved(f"{PROFILE}/r/{range_of(country.number_at(range_, 0))}", START - HOUR_MS)
    return memory


def usual(here: World, rate: float = 1.0) -> dict[str, Baseline]:
    """What was sent and approved in the week before."""
    found = {}
    for country in here.countries:
        sent = round(here.per_hour * rate * country.share * _USUAL_HOURS)
        typed = round(sent * country.typed * (1 - here.mistyped))
        found[f"{PROFILE}/c/{country.code}"] = Baseline(sent, typed, _USUAL_HOURS)
    return found
