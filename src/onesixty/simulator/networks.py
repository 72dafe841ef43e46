"""The networks behind simulated carriers: invented operators for each country, and the carriers of a first start.

The data is in `networks.toml`.

Rules kept here:
- the country part of a network's code (MCC, ITU-T E.212) is the real one of the country; its operators and their
  MNC (991 and up) are invented, so that no entry can be mistaken for an existing network;
- a number's operator follows from its last digit, so that it is always the same;
- the carriers of a first start behave differently, and the one that takes every message is well-behaved.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from onesixty.core.clock import Random


class Operator(NamedTuple):
    """A network. `code` is MCC and MNC in digits."""

    code: str
    name: str
    country: str


class Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the table: ISO 3166 code, mobile country code, the form of a mobile number (# is any digit), and
    the names of the invented operators."""

    code: str
    mcc: str
    form: str
    operators: tuple[str, ...]


#: MCC 999 is for private networks (E.212): used for every country without a row.
ELSEWHERE: Final = Operator("99999", "Sim Elsewhere", "001")

_FIRST_MNC: Final = 991


class FirstCarrier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A carrier that a platform without carriers gets at its first start."""

    name: str
    about: str
    settings: dict[str, Any] = {}


class _Tables(msgspec.Struct, forbid_unknown_fields=True):
    countries: list[Country]
    first_carriers: list[FirstCarrier]


@cache
def _tables() -> _Tables:
    said = Path(__file__).with_name("networks.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(said, type=_Tables)


@cache
def countries() -> dict[str, Country]:
    """Return the countries that have networks, by their codes (ISO 3166)."""
    return {country.code: country for country in _tables().countries}


def first_carriers() -> list[FirstCarrier]:
    """Return the carriers that a platform without carriers gets at its first start."""
    return _tables().first_carriers


@cache
def operators_of(code: str) -> tuple[Operator, ...]:
    """Return the operators of a country in the table."""
    country = countries()[code]
    return tuple(
        Operator(f"{country.mcc}{_FIRST_MNC + place}", name, code)
        for place, name in enumerate(country.operators)
    )


def operator_of(country: str | None, number: str) -> Operator:
    """Return the operator of a number (E.164) in a country (ISO 3166)."""
    if country not in countries():
        return ELSEWHERE
    operators = operators_of(country)
    return operators[ord(number[-1]) % len(operators)]


def number_in(country: str, random: Random) -> str:
    """Return a random mobile number of a country in the table (ISO 3166)."""
    form = countries()[country].form
    return "".join(str(random.randrange(0, 10)) if c == "#" else c for c in form)
