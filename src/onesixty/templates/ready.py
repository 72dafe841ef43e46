"""Texts that need no template: one-time codes in many languages, from `ready.toml`.

Rules kept here:
- a text has a purpose, and the sentences that go with it, always in the same order: code, payment, validity, warning.
  `short` leaves out the warning, so that one segment of UCS-2 has room for a last line that phones read;
- the language found is told: nobody gets another one unnoticed.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from onesixty.templates.languages import chosen
from onesixty.templates.syntax import Pattern, parse
from onesixty.templates.variables import Variable

Purpose = Literal["verification", "short", "payment"]

_SENTENCES: Final[dict[Purpose, tuple[str, ...]]] = {
    "verification": ("code", "valid", "warning"),
    "short": ("code", "valid"),
    "payment": ("code", "payment", "valid", "warning"),
}

_CODE: Final = {
    "app": Variable(type="string", longest=20, example="Example"),
    "code": Variable(type="code", longest=10, example="482931"),
    "minutes": Variable(type="number", longest=4, example=10),
}
_PAYMENT: Final = {
    "amount": Variable(type="money", longest=9, example={"amount": "12.50", "currency": "EUR"}),
    "payee": Variable(type="string", longest=20, example="Example Shop"),
}
VARIABLES: Final[dict[Purpose, dict[str, Variable]]] = {
    "verification": _CODE,
    "short": _CODE,
    "payment": _CODE | _PAYMENT,
}


class _Sentences(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    valid: str
    warning: str
    payment: str
    gap: str = " "


class ReadyText(NamedTuple):
    """A text in the language that was found for the one asked for."""

    language: str
    pattern: Pattern
    variables: dict[str, Variable]


def languages() -> tuple[str, ...]:
    """The languages that have texts."""
    return tuple(_texts())


def speaks(language: str) -> bool:
    """Whether there is a text that the readers of a language read."""
    return chosen(language, _texts(), None) is not None


def text(language: str, purpose: Purpose = "verification") -> ReadyText:
    """Return the text for a language. Raises KeyError if there is none that its readers read."""
    found = chosen(language, _texts(), None)
    if found is None:
        raise KeyError(language)
    return _text(found, purpose)


@lru_cache(maxsize=512)
def _text(language: str, purpose: Purpose) -> ReadyText:
    said = _texts()[language]
    source = said.gap.join(getattr(said, name) for name in _SENTENCES[purpose])
    return ReadyText(language, parse(source), VARIABLES[purpose])


@cache
def _texts() -> dict[str, _Sentences]:
    said = Path(__file__).with_name("ready.toml").read_bytes()
    return msgspec.toml.decode(said, type=dict[str, _Sentences])
