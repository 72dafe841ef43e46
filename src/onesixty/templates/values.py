"""The values that stand in for variables, one frozen type for each type of a variable.

They hold what was checked (`variables.taken`). `rendering` formats them, and inserts the rest as it is.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

Type = Literal["string", "number", "money", "date", "time", "code", "url", "phone"]


class Text(NamedTuple):
    """Any text: a name, an order."""

    text: str


class Number(NamedTuple):
    """A number, which formats and plurals take."""

    number: Decimal


class Money(NamedTuple):
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str


class Date(NamedTuple):
    """A day."""

    day: datetime.date


class Time(NamedTuple):
    """A time of the day, as the recipient's clock shows it."""

    time: datetime.time


class Code(NamedTuple):
    """A one-time code, or the mask that is stored in its place."""

    code: str


class Url(NamedTuple):
    """A link."""

    url: str


class Phone(NamedTuple):
    """A phone number in E.164."""

    number: str


Value = Text | Number | Money | Date | Time | Code | Url | Phone
