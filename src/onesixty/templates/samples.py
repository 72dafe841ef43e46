"""The shortest, the usual and the longest text of a template: what it costs before anybody sends it.

For each variable there are candidates: its extremes, the branches of selects, the categories of plurals. A text is
made shorter or longer by taking the best candidate of one variable after the other.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from onesixty.templates import formats
from onesixty.templates.rendering import render
from onesixty.templates.syntax import Pattern, Plural, Select, walk
from onesixty.templates.values import Code, Date, Money, Number, Phone, Text, Time, Url, Value
from onesixty.templates.variables import Variable, value_of
from onesixty.text import Count, TextError, count

#: Characters that strings are filled with: one of GSM-7, and one that forces UCS-2.
GSM: Final = "W"
OTHER: Final = "Ж"

_USUAL: Final[dict[str, Value]] = {
    "string": Text("Example"),
    "number": Number(Decimal(10)),
    "money": Money(Decimal("12.50"), "EUR"),
    "date": Date(datetime.date(2026, 11, 30)),
    "time": Time(datetime.time(15, 30)),
    "code": Code("482931"),
    "phone": Phone("+15551234567"),
}
_DAYS: Final = tuple(datetime.date(2026, month, 28) for month in range(1, 13))


class Sample(NamedTuple):
    """A text and its cost, which is None if it has more segments than a message can have."""

    text: str
    cost: Count | None


def usual(variables: Mapping[str, Variable]) -> dict[str, Value]:
    """The usual value of each variable: its example, its default, or one for its type."""
    return {name: _usual(name, variable) for name, variable in variables.items()}


def shortest(pattern: Pattern, language: str, variables: Mapping[str, Variable]) -> Sample:
    """The shortest text."""
    return _extreme(pattern, language, variables, GSM, longest=False)


def longest(pattern: Pattern, language: str, variables: Mapping[str, Variable], fill: str = GSM) -> Sample:
    """The longest text, if strings are made of `fill`."""
    return _extreme(pattern, language, variables, fill, longest=True)


def sample(pattern: Pattern, language: str, values: Mapping[str, Value]) -> Sample:
    """The text for these values."""
    text = render(pattern, language, values).text
    try:
        return Sample(text, count(text))
    except TextError:
        return Sample(text, None)


def _extreme(
    pattern: Pattern, language: str, variables: Mapping[str, Variable], fill: str, *, longest: bool
) -> Sample:
    values = usual(variables)
    pick = max if longest else min
    for name in pattern.arguments:
        tried = (values | {name: one} for one in _candidates(pattern, name, variables[name], language, fill))
        values = pick(tried, key=lambda some: _cost(sample(pattern, language, some)))
    return sample(pattern, language, values)


def _cost(one: Sample) -> tuple[int, int]:
    return (256, len(one.text)) if one.cost is None else (one.cost.segments, one.cost.units)


def _candidates(pattern: Pattern, name: str, variable: Variable, language: str, fill: str) -> Iterator[Value]:
    most = variable.most
    match variable.type:
        case "string":
            yield from (Text(fill), Text(fill * most), *_branches(pattern, name))
        case "number":
            yield from (Number(Decimal(1)), Number(Decimal("9" * most)), *_numbers(pattern, name, language))
        case "money":
            example = _usual(name, variable)
            currency = example.currency if isinstance(example, Money) else "EUR"
            digits = "9" * most
            whole = digits[:-2] or "0"
            yield from (Money(Decimal(1), currency), Money(Decimal(f"{whole}.{digits[-2:]}"), currency))
        case "date":
            yield from (Date(day) for day in _DAYS)
        case "time":
            yield from (Time(datetime.time(hour, 55)) for hour in (1, 11, 22))
        case "code":
            yield from (Code("8" * min(4, most)), Code("8" * most))
        case "url":
            start = f"https://{variable.hosts[0]}/"
            yield from (Url(start), Url(start + "x" * max(0, most - len(start))))
        case "phone":
            yield from (Phone("+1555123"), Phone("+" + "9" * (min(most, 16) - 1)))


def _branches(pattern: Pattern, name: str) -> Iterator[Value]:
    for node in walk(pattern.nodes):
        if isinstance(node, Select) and node.name == name:
            yield from (Text(key) for key in node.branches)


def _numbers(pattern: Pattern, name: str, language: str) -> Iterator[Value]:
    """Numbers that between them take every branch of the plurals of a variable."""
    for node in walk(pattern.nodes):
        if isinstance(node, Plural) and node.name == name:
            yield from (Number(Decimal(exact)) for exact in node.exact)
            yield from (Number(Decimal(one + node.offset)) for one in _by_category(language, node.ordinal))


@lru_cache(maxsize=512)
def _by_category(language: str, ordinal: bool) -> tuple[int, ...]:
    """The first number of each category of a language."""
    found: dict[str, int] = {}
    for number in range(200):
        found.setdefault(formats.category(Decimal(number), language, ordinal), number)
    return tuple(found.values())


def _usual(name: str, variable: Variable) -> Value:
    for said in (variable.example, variable.default):
        if said is not None:
            return value_of(variable, said, name)
    if variable.type == "url":
        return Url(f"https://{variable.hosts[0]}/x7k2")
    value = _USUAL[variable.type]
    if isinstance(value, Text | Code):
        return (
            Text(value.text[: variable.most])
            if isinstance(value, Text)
            else Code(value.code[: variable.most])
        )
    return value
