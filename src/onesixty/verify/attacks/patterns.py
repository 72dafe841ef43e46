"""Known patterns of attack, each a stream of visits. `PATTERNS` lists them with their letters.

Every attacker here sends valid requests: the right form, plausible headers, a fresh address where it says so. Nobody
types a code unless the pattern says it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from random import Random
from typing import Final, NamedTuple

from onesixty.verify.attacks.world import Country, Visit, World


class Stage(NamedTuple):
    """Where an attack plays: from `begin` (seconds), against one country of the world."""

    world: World
    country: Country
    random: Random
    begin: float

    def fresh(self) -> str:
        """An address that nobody used: a residential proxy."""
        return str(ipaddress.IPv4Address(self.random.randrange(0x0B000000, 0xDF000000)))

    def visit(self, at: float, to: str, address: str | None = None, country: Country | None = None) -> Visit:
        """A start of an attacker."""
        return Visit(
            at=self.begin + at,
            to=to,
            country=country or self.country,
            address=address or self.fresh(),
            network=f"{(country or self.country).code}0",
            attack=True,
        )


Play = Callable[[Stage], Iterator[Visit]]


def burst(stage: Stage) -> Iterator[Visit]:
    range_ = stage.random.randrange(stage.country.ranges)
    for place in range(3000):
        yield stage.visit(place * 0.2, stage.country.number(stage.random, range_))


def consecutive(stage: Stage) -> Iterator[Visit]:
    range_ = stage.random.randrange(stage.country.ranges)
    first = stage.random.randrange(8000)
    for place in range(1200):
        yield stage.visit(place * 3.0, stage.country.number_at(range_, first + place))


def rotating(stage: Stage) -> Iterator[Visit]:
    at = 0.0
    for place in range(400):
        country = stage.random.choice(stage.world.countries)
        if place % 5 == 0:
            address = stage.fresh()
        at += stage.random.uniform(60, 120)
        yield stage.visit(at, country.number(stage.random), address, country)


def spread(stage: Stage) -> Iterator[Visit]:
    at = 0.0
    for range_ in range(stage.country.ranges, stage.country.ranges + 500):
        for _ in range(stage.random.randint(1, 3)):
            at += stage.random.expovariate(1 / 2.0)
            yield stage.visit(at, stage.country.number(stage.random, range_))


def residential(stage: Stage) -> Iterator[Visit]:
    ranges = [stage.random.randrange(stage.country.ranges) for _ in range(3)]
    at = 0.0
    for _ in range(600):
        at += stage.random.expovariate(1 / 6.0)
        yield stage.visit(at, stage.country.number(stage.random, stage.random.choice(ranges)))


def answering(stage: Stage) -> Iterator[Visit]:
    range_ = stage.random.randrange(stage.country.ranges)
    at = 0.0
    for _ in range(600):
        at += stage.random.expovariate(1 / 6.0)
        types = stage.random.uniform(8, 40) if stage.random.random() < 0.2 else None
        yield stage.visit(at, stage.country.number(stage.random, range_))._replace(types_after=types)


def resending(stage: Stage) -> Iterator[Visit]:
    range_ = stage.random.randrange(stage.country.ranges)
    for place in range(600):
        visit = stage.visit(place * 6.0, stage.country.number(stage.random, range_))
        yield visit._replace(resends=(30.0, 90.0, 210.0, 450.0))


def fallback(stage: Stage) -> Iterator[Visit]:
    range_ = stage.random.randrange(stage.country.ranges)
    for place in range(600):
        visit = stage.visit(place * 6.0, stage.country.number(stage.random, range_))
        yield visit._replace(resends=(90.0,))


def bombing(stage: Stage) -> Iterator[Visit]:
    victim = stage.country.number(stage.random)
    for place in range(240):
        yield stage.visit(place * 60.0, victim)._replace(resends=(30.0, 90.0))


def guessing(stage: Stage) -> Iterator[Visit]:
    for place in range(10_000):
        yield stage.visit(place * 0.5, stage.country.number(stage.random))._replace(wrong_after=5.0)


def fabricated(stage: Stage) -> Iterator[Visit]:
    at = 0.0
    for _ in range(3600):
        at += stage.random.expovariate(1.0)
        range_ = stage.country.ranges + stage.random.randrange(200)
        yield stage.visit(at, stage.country.number(stage.random, range_))


def slow(stage: Stage) -> Iterator[Visit]:
    range_ = stage.random.randrange(stage.country.ranges)
    for place in range(24 * 60):
        at = place * 60.0 + stage.random.random() * 60.0
        yield stage.visit(at, stage.country.number(stage.random, range_))


def hidden(stage: Stage) -> Iterator[Visit]:
    ranges = [stage.random.randrange(stage.country.ranges) for _ in range(20)]
    at = 0.0
    for _ in range(600):
        at += stage.random.expovariate(1.0)
        yield stage.visit(at, stage.country.number(stage.random, stage.random.choice(ranges)))


class Pattern(NamedTuple):
    """A pattern: what it does, how long it lasts, in seconds, and how many ranges it uses (0: very many).

    `launch`: it comes with a launch of honest users.
    """

    letter: str
    name: str
    about: str
    play: Play
    lasts: float
    ranges: int
    launch: bool = False


_ROWS: Final = (
    Pattern("A", "burst", "five starts a second on one range, a new address each", burst, 600, 1),
    Pattern("B", "consecutive", "numbers that follow each other, a new address each", consecutive, 3600, 1),
    Pattern(
        "C", "rotating", "five starts from each address, slowly, in changing countries", rotating, 36_000, 0
    ),
    Pattern("D", "spread", "one to three starts on each of 500 ranges without other users", spread, 2000, 0),
    Pattern(
        "E", "residential", "hundreds of home addresses at human pace, on three ranges", residential, 3600, 3
    ),
    Pattern("F", "answering", "one range; every fifth code is typed, to look honest", answering, 3600, 1),
    Pattern("G", "resending", "one range; each start is followed by four resends", resending, 3600, 1),
    Pattern(
        "H",
        "fallback",
        "one range; each start waits for the next channel, which costs again",
        fallback,
        3600,
        1,
    ),
    Pattern("I", "bombing", "one victim, asked for every minute, with resends", bombing, 14_400, 1),
    Pattern(
        "J",
        "guessing",
        "10,000 numbers of one country; guesses use up the attempts of each",
        guessing,
        5000,
        0,
    ),
    Pattern(
        "K", "fabricated", "one network, 200 ranges without other users: never typed", fabricated, 3600, 0
    ),
    Pattern("L", "slow", "one start a minute on one range, for a day", slow, 86_400, 1),
    Pattern(
        "M", "hidden", "one start a second on twenty ranges, beneath a launch", hidden, 600, 20, launch=True
    ),
)

#: By letter.
PATTERNS: Final = {row.letter: row for row in _ROWS}
