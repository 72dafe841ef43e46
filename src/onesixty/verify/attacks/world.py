"""The world of the simulation, read from `world.toml`: countries, numbers, and the habits of honest users."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec


class Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A country. `world.toml` says what each field is."""

    code: str
    form: str
    ranges: int
    share: float
    typed: float
    price: float

    @property
    def micros(self) -> int:
        """The price of a send in micro-units."""
        return round(self.price * 1_000_000)

    def number(self, random: Random, range_: int | None = None) -> str:
        """A number of one of the ranges in use."""
        return self.number_at(
            random.randrange(self.ranges) if range_ is None else range_, random.randrange(10_000)
        )

    def number_at(self, range_: int, last: int) -> str:
        """A number by its range and its last four digits. Ranges are spread over the plan, as real ones are."""
        free = self.form.count("#") - 4
        spread = range_ * 7919 % 10**free
        digits = f"{spread:0{free}d}{last:04d}"
        return self.form.rstrip("#") + digits


class World(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in `world.toml`."""

    per_hour: float
    median_s: float
    spread: float
    resend: float
    resend_after_s: float
    mistyped: float
    again: float
    travellers: float
    shared_addresses: float
    on_shared: float
    spike_times: float
    spike_minutes: float
    office: int
    countries: tuple[Country, ...]

    def country(self, code: str) -> Country:
        """A country by its code. Raises KeyError."""
        return {each.code: each for each in self.countries}[code]


@cache
def world() -> World:
    """The world."""
    said = Path(__file__).with_name("world.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(said, type=World)


class Visit(NamedTuple):
    """Somebody asks for a code. Times are seconds.

    `types_after` is when the code is typed after it was sent, None if it never is. `wrong_after` is when all attempts
    were used up with wrong codes. `resends` are when another send is asked for, after the first, as long as the code
    is not typed. `again_after` is when the visitor starts over after a code that did not work.
    """

    at: float
    to: str
    country: Country
    address: str
    device: str = ""
    network: str = ""
    attack: bool = False
    types_after: float | None = None
    wrong_after: float | None = None
    resends: tuple[float, ...] = ()
    again_after: float | None = None
