"""What the numbering plans say about a number: whether it is possible, where it belongs, how it is written.

Informative only (see `parsing`): it does not say whether the number is in service.
"""

from __future__ import annotations

import msgspec
import phonenumbers
from phonenumbers import PhoneNumberFormat

from .errors import InvalidNumber
from .parsing import parse


class Lookup(msgspec.Struct, kw_only=True, frozen=True):
    """The result of a lookup. An impossible number has only `possible` (false) and the `reason`.

    `reason` is a code of `errors.NUMBER_CODES`. `country` is ISO 3166, "001" for codes of no country; `type` a
    value of `parsing.TYPES`; `valid` says whether a numbering plan has such a number.
    """

    number: str | None = None
    possible: bool
    valid: bool = False
    reason: str | None = None
    country: str | None = None
    calling_code: str | None = None
    type: str | None = None
    national_format: str | None = None
    international_format: str | None = None


def look_up(raw: str, default_region: str | None = None) -> Lookup:
    """Look up a number as `parse` reads it. Never raises: an impossible number is a result, too."""
    try:
        number = parse(raw, default_region)
    except InvalidNumber as error:
        return Lookup(possible=False, reason=error.code)
    phone = phonenumbers.parse(number.e164)
    return Lookup(
        number=number.e164,
        possible=True,
        valid=number.valid,
        country=number.country,
        calling_code=f"+{phone.country_code}",
        type=number.type,
        national_format=phonenumbers.format_number(phone, PhoneNumberFormat.NATIONAL),
        international_format=phonenumbers.format_number(phone, PhoneNumberFormat.INTERNATIONAL),
    )
