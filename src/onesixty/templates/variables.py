"""The variables of a template, and the values that a caller gives for them.

Rules kept here:
- a variable is required unless it has a default;
- every value is checked against the type of its variable, and refused by its name (`variables.amount`);
- a value never changes the meaning of a template: what each type may hold is here, and in `strings` for words;
- a link is HTTPS, to a host that the template allows, written as browsers write it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from onesixty.core.errors import Problem
from onesixty.templates.strings import objection
from onesixty.templates.syntax import Pattern, Use
from onesixty.templates.values import Code, Date, Money, Number, Phone, Text, Time, Type, Url, Value

#: The most variables of a template.
MOST: Final = 20
#: The longest a value may be, in characters, and what it is if a variable does not say. Of numbers and amounts, it
#: is the number of digits.
LONGEST: Final[dict[Type, tuple[int, int]]] = {
    "string": (500, 40),
    "number": (15, 9),
    "money": (15, 9),
    "code": (16, 10),
    "url": (500, 100),
    "phone": (16, 16),
}  # fmt: skip

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CODE: Final = re.compile(r"[0-9A-Za-z]+")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
#: The first whole year of the calendar that dates are written in.
_FIRST_YEAR: Final = 1583
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}")
_LINK: Final = re.compile(r"https://[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%-]+")
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")

#: How a value of each type may be used in a pattern.
USES: Final[dict[Type, frozenset[Use]]] = {
    "string": frozenset({"text", "select"}),
    "number": frozenset({"text", "number", "plural"}),
    "money": frozenset({"text", "number"}),
    "date": frozenset({"text", "date"}),
    "time": frozenset({"text", "time"}),
    "code": frozenset({"text"}),
    "url": frozenset({"text"}),
    "phone": frozenset({"text"}),
}  # fmt: skip


class Variable(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A variable of a template. Values are written as in `variables` of a send."""

    type: Annotated[
        Type,
        Meta(
            description="`string`: words. `number`: a number, also for plurals. `money`: an amount with a currency. "
            "`date`: YYYY-MM-DD. `time`: HH:MM. `code`: a one-time code. `url`: a link to one of `hosts`. `phone`: a "
            "number in E.164."
        ),
    ]
    default: Annotated[
        Any, Meta(description="The value if a caller gives none. Without it, one is required.")
    ] = None
    longest: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=500,
                description="The most characters of a value; of numbers and amounts, the most digits. Default: 40 of "
                "a string, 9 of a number, 10 of a code, 100 of a link.",
            ),
        ]
        | None
    ) = None
    example: Annotated[Any, Meta(description="The usual value, for previews.")] = None
    multiline: Annotated[bool, Meta(description="Strings: whether they may have line breaks.")] = False
    numbers: Annotated[
        bool, Meta(description="Strings: whether they may have seven digits or more, as order numbers do.")
    ] = False
    hosts: Annotated[
        tuple[str, ...],
        Meta(
            max_length=20,
            description="Links: the hosts that they may lead to, each with all names below it.",
            examples=[["shop.example.com"]],
        ),
    ] = ()

    @property
    def required(self) -> bool:
        """Whether a caller must give a value."""
        return self.default is None

    @property
    def most(self) -> int:
        """The most characters or digits of a value; 0 for days and times."""
        return self.longest or LONGEST.get(self.type, (0, 0))[1]


def taken(
    variables: Mapping[str, Variable], given: Mapping[str, Any], param: str = "variables"
) -> dict[str, Value]:
    """Return the value of each variable. Raises Problem, which names the variable."""
    for name in given:
        if name not in variables:
            known = ", ".join(f"`{one}`" for one in variables) or "none"
            raise Problem(
                "unknown_field",
                f"The template has no variable `{name[:40]}`. Its variables are: {known}.",
                param=f"{param}.{name[:40]}",
            )
    values = {}
    for name, variable in variables.items():
        said = given.get(name)
        if said is None:
            said = variable.default
        if said is None:
            raise Problem(
                "missing_field",
                f"The template needs a value for the variable `{name}` ({variable.type}).",
                param=f"{param}.{name}",
            )
        values[name] = value_of(variable, said, f"{param}.{name}")
    return values


def value_of(variable: Variable, said: Any, param: str) -> Value:
    """Return the value that a caller wrote. Raises Problem `invalid_field`."""
    value = _READERS[variable.type](variable, said)
    if isinstance(value, str):
        raise Problem("invalid_field", f"`{param}` {value}.", param=param)
    return value


def check_variables(variables: Mapping[str, Variable], param: str = "variables") -> None:
    """Check the definitions of variables. Raises Problem."""
    if len(variables) > MOST:
        raise Problem("invalid_field", f"A template has at most {MOST} variables.", param=param)
    for name, variable in variables.items():
        at = f"{param}.{name[:40]}"
        if not _NAME.fullmatch(name):
            raise Problem(
                "invalid_field",
                "The name of a variable has 1 to 32 of a to z, 0 to 9 and _, and begins with a letter.",
                param=at,
            )
        _check_variable(variable, at)


def _check_variable(variable: Variable, at: str) -> None:
    kind = variable.type
    most = LONGEST.get(kind, (0, 0))[0]
    if variable.longest is not None and not 1 <= variable.longest <= most:
        fits = f"is 1 to {most} for the type `{kind}`" if most else f"does not go with the type `{kind}`"
        raise Problem("invalid_field", f"`longest` {fits}.", param=f"{at}.longest")
    for field, only in (("multiline", "string"), ("numbers", "string"), ("hosts", "url")):
        if getattr(variable, field) and kind != only:
            raise Problem(
                "invalid_field", f"`{field}` goes with the type `{only}` only.", param=f"{at}.{field}"
            )
    if kind == "url" and not variable.hosts:
        raise Problem("missing_field", "A variable of type `url` needs its `hosts`.", param=f"{at}.hosts")
    for place, host in enumerate(variable.hosts):
        if not _HOST.fullmatch(host):
            raise Problem(
                "invalid_field",
                "A host is written in small letters, without a port, such as `shop.example.com`; other scripts as "
                "`xn--...`.",
                param=f"{at}.hosts[{place}]",
            )
    for field in ("default", "example"):
        said = getattr(variable, field)
        if said is not None:
            value_of(variable, said, f"{at}.{field}")


def check_uses(pattern: Pattern, variables: Mapping[str, Variable], param: str) -> None:
    """Check that a pattern uses variables that exist, each as its type allows. Raises Problem."""
    for name, uses in pattern.arguments.items():
        variable = variables.get(name)
        if variable is None:
            raise Problem(
                "invalid_field", f"The text uses `{{{name}}}`, and no variable has this name.", param=param
            )
        wrong = sorted(uses - USES[variable.type])
        if wrong:
            raise Problem(
                "invalid_field",
                f"The text uses `{name}` as {wrong[0]}, which does not go with its type `{variable.type}`.",
                param=param,
            )


# Each reader returns a value, or why it is refused: the end of a sentence that begins with the name of the field.


def _text(variable: Variable, said: Any) -> Value | str:
    if not isinstance(said, str):
        return "must be a string"
    if not said.strip():
        return "must not be empty"
    if len(said) > variable.most:
        return f"must have at most {variable.most} characters"
    return objection(said, multiline=variable.multiline, numbers=variable.numbers) or Text(said)


def _number(variable: Variable, said: Any) -> Value | str:
    number = _decimal(said)
    if number is None:
        return "must be a number"
    return _too_long(variable, number) or Number(number)


def _money(variable: Variable, said: Any) -> Value | str:
    if not isinstance(said, dict) or said.keys() != {"amount", "currency"}:
        return 'must be written as {"amount": "12.50", "currency": "EUR"}'
    amount, currency = said["amount"], said["currency"]
    number = _decimal(amount) if isinstance(amount, str) else None
    if number is None:
        return 'must have an `amount` written as a decimal string, such as "12.50"'
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        return "must have a `currency` of ISO 4217, such as EUR"
    return _too_long(variable, number) or Money(number, currency)


def _date(variable: Variable, said: Any) -> Value | str:
    try:
        if isinstance(said, str) and _DAY.fullmatch(said):
            day = datetime.date.fromisoformat(said)
            return (
                Date(day) if day.year >= _FIRST_YEAR else f"must be a day of the year {_FIRST_YEAR} or later"
            )
    except ValueError:
        pass
    return "must be a day written as YYYY-MM-DD"


def _time(variable: Variable, said: Any) -> Value | str:
    try:
        if isinstance(said, str) and _TIME.fullmatch(said):
            return Time(datetime.time.fromisoformat(said))
    except ValueError:
        pass
    return "must be a time written as HH:MM"


def _code(variable: Variable, said: Any) -> Value | str:
    if not isinstance(said, str) or not _CODE.fullmatch(said):
        return "must be a string of the digits 0 to 9 and the letters A to Z"
    if len(said) > variable.most:
        return f"must have at most {variable.most} characters"
    return Code(said)


def _url(variable: Variable, said: Any) -> Value | str:
    if not isinstance(said, str) or not _LINK.fullmatch(said):
        return "must be a link that begins with `https://`, in ASCII and without spaces"
    if len(said) > variable.most:
        return f"must have at most {variable.most} characters"
    authority = re.split(r"[/?#]", said.removeprefix("https://"), maxsplit=1)[0]
    try:
        host = urlsplit(said).hostname or ""
    except ValueError:
        host = ""
    if authority != host or not _HOST.fullmatch(host):
        return "must lead to a host written in small letters, without user, password and port"
    if not any(host == allowed or host.endswith(f".{allowed}") for allowed in variable.hosts):
        return "must lead to a host that the template allows: " + ", ".join(variable.hosts)
    return Url(said)


def _phone(variable: Variable, said: Any) -> Value | str:
    if not isinstance(said, str) or not _PHONE.fullmatch(said):
        return "must be a phone number in E.164, such as +4930123456"
    return Phone(said)


def _decimal(said: Any) -> Decimal | None:
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    written = said if isinstance(said, str) else format(Decimal(repr(said)), "f")
    try:
        return Decimal(written) if _DECIMAL.fullmatch(written) else None
    except InvalidOperation:
        return None


def _too_long(variable: Variable, number: Decimal) -> str | None:
    if sum(mark.isdigit() for mark in str(number)) > variable.most:
        return f"must have at most {variable.most} digits"
    return None


_READERS: Final[dict[Type, Callable[[Variable, Any], Value | str]]] = {
    "string": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "time": _time,
    "code": _code,
    "url": _url,
    "phone": _phone,
}
