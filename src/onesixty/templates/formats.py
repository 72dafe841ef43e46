"""Numbers, money, dates, times and plural categories in a language, by ICU. The only file that knows icu4py.

Rules kept here:
- digits are 0 to 9 in every language, so that the reader of a phone finds them. A skeleton can ask for others
  (`::numbering-system/arab`);
- a day and a time are shown as given, in whatever time zone this process runs;
- icu4py is imported with the first text that needs it: it takes tens of milliseconds, and most nodes never do.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from icu4py.messageformat import MessageFormat

#: Formats kept ready: (pattern, language). Building one takes 150 µs, using it 5.
_KEPT: Final = 2048

#: A day without a change of clocks anywhere, on which a time of the day stands.
_ORDINARY_DAY: Final = datetime.date(2026, 1, 15)
_NOON: Final = datetime.time(12)

#: What a skeleton says about decimal places: `.00`, `@@`, `precision-integer`, `compact-short`, `K`, `E0`.
_PRECISION: Final = re.compile(r"(?:^|\s)(?:[.@KE]|precision|compact)")

_EVERY_CATEGORY: Final = "zero{zero}one{one}two{two}few{few}many{many}other{other}"
#: Numbers that between them have every category that a language uses.
_SAMPLES: Final = (*range(201), 1000, 10_000, 100_000, 1_000_000, 1_000_001)
_FRACTIONS: Final = tuple(Decimal(n) / 10 for n in range(1, 100))


def number(value: Decimal, language: str, style: str = "") -> str:
    """A number. `style` is that of `{n, number, style}`."""
    return _formatted("x, number" + (f", {style}" if style else ""), language, _plain(value))


def money(amount: Decimal, currency: str, language: str, skeleton: str = "") -> str:
    """An amount of money. `skeleton` is a number skeleton, without the currency. No amount is rounded, unless the
    skeleton says to how many places."""
    exact = _places(amount)
    if exact > _usual_places(currency) and not _PRECISION.search(skeleton):
        skeleton = f"{skeleton} .{'0' * exact}".lstrip()
    return _formatted(f"x, number, ::currency/{currency} {skeleton}".rstrip(), language, _plain(amount))


@lru_cache(maxsize=512)
def _usual_places(currency: str) -> int:
    """How many decimal places amounts of a currency are written with: EUR 2, JPY 0, KWD 3."""
    return len(_formatted(f"x, number, ::currency/{currency}", "en", 0).partition(".")[2])


def _places(amount: Decimal) -> int:
    """How many decimal places an amount has, without zeros at its end."""
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def date(day: datetime.date, language: str, style: str = "") -> str:
    """A day. `style` is that of `{d, date, style}`; default: medium."""
    return _moment(f"x, date, {style or 'medium'}", language, datetime.datetime.combine(day, _NOON))


def time(at: datetime.time, language: str, style: str) -> str:
    """A time of the day. `style` is that of `{t, time, style}`."""
    return _moment(f"x, time, {style or 'medium'}", language, datetime.datetime.combine(_ORDINARY_DAY, at))


def category(value: Decimal, language: str, ordinal: bool = False) -> str:
    """The plural category of a number: zero, one, two, few, many or other."""
    kind = "selectordinal" if ordinal else "plural"
    return _formatted(f"x, {kind}, {_EVERY_CATEGORY}", language, _plain(value))


@lru_cache(maxsize=512)
def categories(language: str, ordinal: bool = False) -> frozenset[str]:
    """The plural categories that a language uses for numbers that messages have."""
    samples = _SAMPLES if ordinal else (*_SAMPLES, *_FRACTIONS)
    return frozenset(category(Decimal(n), language, ordinal) for n in samples)


def usable(argument: str, language: str) -> bool:
    """Whether ICU knows the format of an argument: `x, number, ::percent`."""
    try:
        _format(argument, language)
    except ValueError:
        return False
    return True


def _formatted(argument: str, language: str, value: int | Decimal) -> str:
    return _format(argument, language).format({"x": value})


def _moment(argument: str, language: str, shown: datetime.datetime) -> str:
    """Format a moment so that ICU, which uses the time zone of the process, shows `shown`."""
    as_utc = shown.replace(tzinfo=datetime.UTC)
    offset = _format("x, date,xxx", "en").format({"x": as_utc})  # such as +05:30
    sign = -1 if offset[0] == "-" else 1
    east = sign * datetime.timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
    return _format(argument, language).format({"x": as_utc - east})


def _plain(value: Decimal) -> int | Decimal:
    """A whole number as an int: a Decimal may be written with an exponent."""
    whole = int(value)
    return whole if whole == value and -(2**63) <= whole < 2**63 else value


@lru_cache(maxsize=_KEPT)
def _format(argument: str, language: str) -> MessageFormat:
    from icu4py.messageformat import MessageFormat

    return MessageFormat(f"{{{argument}}}", f"{language}-u-nu-latn")
