"""The networks behind simulated carriers: invented operators by country, and the carriers of a first start.

Rules kept here:
- the country part of a network's code (MCC, ITU-T E.212) is the country's own, its operators and their MNC (991
  and up) are invented, so that nothing here can be mistaken for a network that exists;
- which operator a number belongs to follows from its last digit, so that it is the same at every look;
- the carriers of a first start differ in character, and the one that takes everything is well-behaved.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from onesixty.core.clock import Random


class Operator(NamedTuple):
    """A network. `code` is MCC and MNC in digits."""

    code: str
    name: str
    country: str


class Country(NamedTuple):
    """A row of the table: ISO 3166, mobile country code, the form of a mobile number (# is any digit), and the
    names of the invented operators."""

    code: str
    mcc: str
    form: str
    operators: tuple[str, ...]


COUNTRIES: Final = (
    Country("US", "310", "+1555#######", ("Sim Liberty", "Sim Prairie", "Sim Pacific")),
    Country("CA", "302", "+1416555####", ("Sim Maple", "Sim Laurent")),
    Country("MX", "334", "+5255########", ("Sim Agave", "Sim Azteca")),
    Country("BR", "724", "+55119########", ("Sim Ipê", "Sim Tucano", "Sim Pampa")),
    Country("GB", "234", "+447700######", ("Sim Albion", "Sim Thames", "Sim Mersey")),
    Country("IE", "272", "+35385#######", ("Sim Shannon", "Sim Liffey")),
    Country("DE", "262", "+49151########", ("Sim Rhein", "Sim Elbe", "Sim Isar")),
    Country("FR", "208", "+336########", ("Sim Loire", "Sim Rhône")),
    Country("ES", "214", "+346########", ("Sim Ebro", "Sim Duero")),
    Country("IT", "222", "+39320#######", ("Sim Tevere", "Sim Adige")),
    Country("PL", "260", "+4850#######", ("Sim Wisła", "Sim Odra")),
    Country("TR", "286", "+90530#######", ("Sim Anadolu", "Sim Boğaz")),
    Country("GR", "202", "+3069########", ("Sim Aegean", "Sim Pindos")),
    Country("UA", "255", "+38050#######", ("Sim Dnipro", "Sim Karpaty")),
    Country("IN", "404", "+9198########", ("Sim Ganga", "Sim Deccan", "Sim Malabar")),
    Country("ID", "510", "+62811#######", ("Sim Jawa", "Sim Borneo")),
    Country("PH", "515", "+63917#######", ("Sim Luzon", "Sim Visayas")),
    Country("JP", "440", "+8190########", ("Sim Fuji", "Sim Biwa")),
    Country("AU", "505", "+614########", ("Sim Coral", "Sim Outback")),
    Country("ZA", "655", "+2782#######", ("Sim Karoo", "Sim Kaap")),
    Country("NG", "621", "+234803#######", ("Sim Niger", "Sim Benue")),
    Country("KE", "639", "+254712######", ("Sim Mara", "Sim Turkana")),
    Country("EG", "602", "+2010########", ("Sim Nile", "Sim Delta")),
    Country("AE", "424", "+97150#######", ("Sim Falcon", "Sim Dhow")),
)

#: MCC 999 is for private networks (E.212): where every country without a row is.
ELSEWHERE: Final = Operator("99999", "Sim Elsewhere", "001")

_FIRST_MNC: Final = 991

OPERATORS: Final[dict[str, tuple[Operator, ...]]] = {
    country.code: tuple(
        Operator(f"{country.mcc}{_FIRST_MNC + place}", name, country.code)
        for place, name in enumerate(country.operators)
    )
    for country in COUNTRIES
}


def operator_of(country: str | None, number: str) -> Operator:
    """The operator of a number (E.164) in a country (ISO 3166)."""
    operators = OPERATORS.get(country or "")
    return ELSEWHERE if operators is None else operators[ord(number[-1]) % len(operators)]


FORMS: Final[dict[str, str]] = {country.code: country.form for country in COUNTRIES}


def number_in(country: str, random: Random) -> str:
    """Some mobile number of a country of the table (ISO 3166)."""
    return "".join(str(random.randrange(0, 10)) if c == "#" else c for c in FORMS[country])


class FirstCarrier(NamedTuple):
    """A carrier that a platform without any gets at its first start."""

    name: str
    about: str
    settings: dict[str, Any]


#: The first of them takes every country and never fails by itself: a new user's message arrives. The others
#: are what the network desk, fail-over and scenarios are tried on: each takes its own country and has its ways.
FIRST_CARRIERS: Final = (
    FirstCarrier("simulator", "every country; quick and without a fault", {}),
    FirstCarrier(
        "sim-us",
        "a good one",
        {"countries": ["US", "CA"], "latency_ms": 60.0, "latency_jitter_ms": 30.0, "receipt_delay_ms": 900.0},
    ),
    FirstCarrier(
        "sim-gb",
        "receipts now and then twice or overtaken by an ENROUTE",
        {
            "countries": ["GB", "IE"],
            "latency_ms": 40.0,
            "receipts_doubled": 0.1,
            "receipts_overtaken": 0.1,
        },
    ),
    FirstCarrier(
        "sim-de",
        "quick, with a rate that it insists on",
        {
            "countries": ["DE"],
            "latency_ms": 25.0,
            "latency_jitter_ms": 5.0,
            "receipt_delay_ms": 300.0,
            "throttle_above": 50.0,
        },
    ),
    FirstCarrier(
        "sim-in",
        "slow, receipts late, some handsets off",
        {
            "countries": ["IN"],
            "latency_ms": 180.0,
            "latency_jitter_ms": 90.0,
            "receipt_delay_ms": 4_000.0,
            "receipt_jitter_ms": 2_500.0,
            "undelivered": 0.04,
            "expired": 0.02,
            "receipts_late": 0.05,
            "throughput": 100.0,
        },
    ),
    FirstCarrier(
        "sim-br",
        "loses an answer now and then, some receipts never come",
        {
            "countries": ["BR"],
            "latency_ms": 140.0,
            "latency_jitter_ms": 60.0,
            "receipt_delay_ms": 2_000.0,
            "loss": 0.01,
            "loss_taken": 0.5,
            "undelivered": 0.03,
            "receipts_missing": 0.02,
        },
    ),
)
