"""The visits of honest users: steady traffic over a day, a launch, offices, and an outage of a carrier."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from math import cos, log, pi
from random import Random
from typing import Final

from onesixty.verify.attacks.world import Country, Visit, World

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR

#: The largest rate of the day against the mean, and when it is (seconds from the beginning of a run).
_PEAK: Final = 1.6
_PEAK_AT: Final = 12 * HOUR


class Crowd:
    """The honest users of one run."""

    def __init__(self, world: World, random: Random, rate: float = 1.0) -> None:
        """`rate` multiplies the traffic of the world."""
        self._world = world
        self._random = random
        self._per_second = world.per_hour * rate / HOUR
        addresses = world.per_hour * rate * 24 * (1 - world.on_shared) / (1 - world.shared_addresses)
        shared = addresses * world.shared_addresses
        self._shared = {
            country.code: [self._fresh_address() for _ in range(max(1, round(shared * country.share)))]
            for country in world.countries
        }
        self._weights = [country.share for country in world.countries]

    def steady(self, begin: float, end: float, times: float = 1.0) -> Iterator[Visit]:
        """Traffic that follows the hours of the day. `times` multiplies it."""
        most = self._per_second * times * _PEAK
        at = begin
        while True:
            at += self._random.expovariate(most)
            if at >= end:
                return
            level = 1 + (_PEAK - 1) * cos(2 * pi * (at - _PEAK_AT) / DAY)
            if self._random.random() < level / _PEAK:
                yield self.visit(at)

    def launch(self, begin: float) -> Iterator[Visit]:
        """A launch: many times the traffic for some minutes."""
        return self.steady(begin, begin + self._world.spike_minutes * 60, self._world.spike_times)

    def office(self, begin: float, minutes: float = 10.0) -> Iterator[Visit]:
        """An office whose people all set up their accounts, behind one address, in one country."""
        address = self._fresh_address()
        country = self._random.choices(self._world.countries, self._weights)[0]
        for _ in range(self._world.office):
            yield self.visit(begin + self._random.random() * minutes * 60, country, address)

    def outage(self, visits: Iterator[Visit], begin: float, end: float, code: str) -> Iterator[Visit]:
        """The same visits, but no code that is sent to a country in this time arrives."""
        for visit in visits:
            lost = begin <= visit.at < end and visit.country.code == code
            yield visit._replace(types_after=None, again_after=None) if lost else visit

    def visit(self, at: float, country: Country | None = None, address: str | None = None) -> Visit:
        """One visit."""
        world, random = self._world, self._random
        home = country or random.choices(world.countries, self._weights)[0]
        country = random.choice(world.countries) if random.random() < world.travellers else home
        typed = random.random() < country.typed and random.random() >= world.mistyped
        asks_again = random.random() < world.resend
        return Visit(
            at=at,
            to=country.number(random),
            country=country,
            address=address or self._address(home),
            network=f"{country.code}{random.randrange(3)}",
            types_after=random.lognormvariate(log(world.median_s), world.spread) if typed else None,
            resends=(world.resend_after_s * (0.7 + random.random()),) if asks_again else (),
            again_after=None if typed or random.random() >= world.again else 120 + 240 * random.random(),
        )

    def _address(self, home: Country) -> str:
        """An address of its own, or one that a mobile network or a house shares."""
        shared = self._random.random() < self._world.on_shared
        return self._random.choice(self._shared[home.code]) if shared else self._fresh_address()

    def _fresh_address(self) -> str:
        return str(ipaddress.IPv4Address(self._random.randrange(0x0B000000, 0xDF000000)))
