"""The guards and their thresholds, and what is assumed of countries, read from `guards.toml` and `countries.toml`.

Rules kept here:
- a number that a guard compares with is a threshold of the table; code holds none;
- a profile changes a threshold within its bounds, so that no guard can be set to stop everybody by a slip;
- a reason is a sentence of the table with values in it. Its code and the names of its values stay as they are: others
  make their own words of them (`reasons.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number of a guard: its value unless a profile has another one, and its bounds."""

    value: float
    least: float
    most: float
    about: str


class Guard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A guard. `action` is the strongest thing that it does, `subject` the name of what it looks at. `reasons` are
    templates by their code: that of most guards is their name."""

    name: str
    subject: str
    action: Literal["hold", "block"]
    about: str
    reasons: dict[str, str]
    thresholds: dict[str, Threshold] = {}

    def says(self, subject: str = "", code: str = "", **values: str | int) -> str:
        """The reason for one case."""
        return self.reasons[code or self.name].format(**{self.subject: subject}, **values)


class _Typed(msgspec.Struct, forbid_unknown_fields=True):
    share: float
    countries: list[str]


class _Countries(msgspec.Struct, forbid_unknown_fields=True):
    elsewhere: float
    caution: float
    abused: frozenset[str]
    typed: list[_Typed]


def _guards() -> dict[str, Guard]:
    said = Path(__file__).with_name("guards.toml").read_text(encoding="utf-8")
    return {row.name: row for row in msgspec.toml.decode(said, type=dict[str, list[Guard]])["guards"]}


def _countries() -> _Countries:
    said = Path(__file__).with_name("countries.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(said, type=_Countries)


_COUNTRIES: Final = _countries()

#: By name, in the order in which they are asked.
GUARDS: Final = _guards()

#: `address.hold_above` and the like, with their bounds.
THRESHOLDS: Final = {
    f"{guard.name}.{name}": threshold
    for guard in GUARDS.values()
    for name, threshold in guard.thresholds.items()
}

#: Countries about which an answer warns if a profile allows them.
ABUSED: Final = _COUNTRIES.abused

_TYPED: Final = {code: row.share for row in _COUNTRIES.typed for code in row.countries}


def usually_typed(country: str | None) -> float:
    """The share of codes that are usually typed in a country, before an installation knows better. It is assumed with
    a `caution`, because a test that assumes too much stops honest users."""
    return round(_TYPED.get(country or "", _COUNTRIES.elsewhere) * _COUNTRIES.caution, 2)
