"""The language of a verification: which one is used, and why.

Rules kept here:
- what is asked for is used, and nothing else is looked at;
- else the language of the last verification that this number or address approved, then that of its country as the
  profile says, then that of the profile, then that of its country as `languages.toml` says;
- a language that was not asked for is used only if there are words in it. If none is left, the words say their own:
  the default language of a template, or English;
- the answer tells the language and where it is from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from onesixty.core.errors import Problem
from onesixty.templates.languages import canonical

Source = Literal["asked", "last_approved", "country", "profile", "default"]
ASKED: Final = "asked"
LAST_APPROVED: Final = "last_approved"
COUNTRY: Final = "country"
PROFILE: Final = "profile"
DEFAULT: Final = "default"
SOURCES: Final = (ASKED, LAST_APPROVED, COUNTRY, PROFILE, DEFAULT)


class Choice(NamedTuple):
    """A language, and where it is from."""

    language: str
    source: Source


def _of_countries() -> dict[str, str]:
    said = Path(__file__).with_name("languages.toml").read_text(encoding="utf-8")
    rows = msgspec.toml.decode(said, type=dict[str, dict[str, list[str]]])["languages"]
    return {country: language for language, countries in rows.items() for country in countries}


#: The language of a country in which nearly everybody reads it.
OF_COUNTRIES: Final[Mapping[str, str]] = _of_countries()


def choices(
    *, last: str | None, country: str | None, of_profile: str | None, of_countries: Mapping[str, str]
) -> Iterator[Choice]:
    """What may be used if nothing is asked for, the best first. `last` is the language of the last approval,
    `of_countries` what the profile says of countries."""
    said = country or ""
    found: tuple[tuple[str | None, Source], ...] = (
        (last, LAST_APPROVED),
        (of_countries.get(said), COUNTRY),
        (of_profile, PROFILE),
        (OF_COUNTRIES.get(said), COUNTRY),
    )
    for language, source in found:
        if language is not None:
            yield Choice(language, source)


def checked(of_countries: Mapping[str, str], countries: frozenset[str]) -> dict[str, str]:
    """The languages of countries as a profile keeps them. Raises Problem for what is no country or no language."""
    found = {}
    for country, language in of_countries.items():
        param = f"languages.{country[:10]}"
        if country not in countries:
            raise Problem(
                "invalid_field", f"`{country[:10]}` is no country with telephone numbers.", param=param
            )
        try:
            found[country] = canonical(language)
        except ValueError as error:
            raise Problem("invalid_field", str(error), param=param) from None
    return found
