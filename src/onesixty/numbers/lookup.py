"""What the numbering plans say of a number: whether it can be one, where it belongs, how it is written.

Advice only (see `parsing`): nobody is asked whether the number is assigned or reachable.
"""

from __future__ import annotations

import msgspec
import phonenumbers
from phonenumbers import PhoneNumberFormat

from .errors import InvalidNumber
from .parsing import parse


class Lookup(msgspec.Struct, kw_only=True, frozen=True):
    """What is known of a number. What cannot be a number has only `possible` (false) and the `reason`.

    `reason` is a code of `errors.NUMBER_CODES`. `country` is ISO 3166, "001" for codes of no country; `type` a
    value of `parsing.TYPES`; `valid` says whether a plan has such a number.
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
    """Look at a number as `parse` reads it. Never raises: what is no number is an answer, too."""
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
