"""What the reason of a guard is made of: a code and its values, read back from the sentence.

Rules kept here:
- a sentence is all that is stored. So reasons of before have values as well, and what takes a sentence away takes the
  values with it;
- a sentence that is in no template (of another version) has no values: it stays a sentence;
- a verification keeps the reason without who is verified (`covered`), because a redaction empties the columns that
  say it. Whoever may read these columns gets the sentence with them (`named`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Final, NamedTuple

from onesixty.verify.guards.catalogue import GUARDS

#: Values that say who is verified.
PERSONAL: Final = frozenset({"number", "address", "device"})
#: Stands in a sentence for what is not told.
_UNTOLD: Final = "…"

#: What a value looks like in a sentence, where it is not any text.
_FORMS: Final = {"count": r"\d+", "type": "[a-z ]+", "country": "[A-Z]{2}"}

#: The templates of all guards by their codes.
REASONS: Final[Mapping[str, str]] = {
    code: template for guard in GUARDS.values() for code, template in guard.reasons.items()
}


class Made(NamedTuple):
    """A reason for programs. A value that is not told is None."""

    code: str
    values: dict[str, str | int | None]


def made_of(reason: str | None) -> Made | None:
    """The code and the values of a reason; None if no guard says this."""
    if reason is None or not reason.endswith("."):
        return None
    for code, pattern in _patterns():
        found = pattern.fullmatch(reason)
        if found is not None:
            return Made(code, {name: _value(name, said) for name, said in found.groupdict().items()})
    return None


def covered(reason: str) -> str:
    """The reason without who is verified."""
    return _with(reason, dict.fromkeys(PERSONAL))


def named(reason: str, known: Mapping[str, str | None]) -> str:
    """The reason with who is verified, by the names of `PERSONAL`; None is not known."""
    return _with(reason, {name: value for name, value in known.items() if value is not None})


def _with(reason: str, known: Mapping[str, str | None]) -> str:
    made = made_of(reason)
    if made is None or not PERSONAL & made.values.keys():
        return reason
    return REASONS[made.code].format(
        **{name: _said(name, known.get(name, value)) for name, value in made.values.items()}
    )


def said_of_type(kind: str) -> str:
    """A type of numbers (`premium_rate`) as sentences say it."""
    return kind.replace("_", " ")


def _value(name: str, said: str) -> str | int | None:
    if name == "count":
        return int(said)
    return None if said == _UNTOLD else said.replace(" ", "_") if name == "type" else said


def _said(name: str, value: str | int | None) -> str:
    return _UNTOLD if value is None else said_of_type(str(value)) if name == "type" else str(value)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The templates as patterns, made at the first reason."""
    return tuple((code, re.compile(_pattern(template), re.DOTALL)) for code, template in REASONS.items())


def _pattern(template: str) -> str:
    parts = []
    for text, name, _, _ in Formatter().parse(template):
        parts.append(re.escape(text))
        if name is not None:
            parts.append(f"(?P<{name}>{_FORMS.get(name, '.+')})")
    return "".join(parts)
