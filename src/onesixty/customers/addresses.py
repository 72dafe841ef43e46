"""Addresses of SMPP customers, in and out: TON and NPI, `00`, national numbers, names.

In (SMPP 3.4, 5.2.5 to 5.2.9): a customer's address becomes E.164, a short code or a name, by its TON:
- TON 5 is a name, even if it looks like a number;
- TON 1 is an international number, with or without `+` or `00`. A source with the digits of a short code that is not
  such a number is a short code;
- TON 2 is a national number of the profile's country;
- TON 3 and 6 are short codes;
- TON 0 is open: `+` and `00` begin an international number. If the profile has a country, digits that begin like its
  national numbers are national, and others are international if possible. Without a country, all are international.

Out: an international number has TON 1 NPI 1, a short code TON 3, a number that is not
international TON 0, a name TON 5.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import phonenumbers

from onesixty import numbers
from onesixty.core.errors import Problem
from onesixty.smpp import constants as c

#: Marks used by people and the telephone network that have no meaning in an address.
_MARKS: Final = str.maketrans("", "", " -.()/")
_SHORT: Final = (c.TON_NETWORK_SPECIFIC, c.TON_ABBREVIATED)
SHORT_CODE_DIGITS: Final = (3, 8)


@lru_cache(maxsize=32_768)
def recipient(ton: int, address: str, country: str | None) -> str:
    """The recipient's number in E.164. Raises Problem `invalid_recipient`."""
    if ton == c.TON_ALPHANUMERIC:
        raise Problem(
            "invalid_recipient", "A name cannot receive messages; use a number or a short code.", param="to"
        )
    try:
        return _number(ton, address, country)
    except numbers.InvalidNumber as error:
        raise Problem("invalid_recipient", f"{error}.", param="to") from None


@lru_cache(maxsize=8192)
def sender(ton: int, address: str, country: str | None) -> str:
    """The sender: E.164, a short code or a name. Raises Problem `invalid_sender`."""
    try:
        if ton == c.TON_ALPHANUMERIC or any(map(str.isalpha, address)):
            return numbers.parse_sender(address).display
        digits = address.translate(_MARKS)
        low, high = SHORT_CODE_DIGITS
        if ton in _SHORT or (
            ton != c.TON_INTERNATIONAL and low <= len(digits) <= high and digits.isdecimal()
        ):
            return numbers.parse_sender(digits).display
        try:
            number = _number(ton, address, country)
        except numbers.InvalidNumber:
            if ton == c.TON_INTERNATIONAL and low <= len(digits) <= high and digits.isdecimal():
                return numbers.parse_sender(digits).display
            raise
        return numbers.parse_sender(number).display
    except (numbers.InvalidSender, numbers.InvalidNumber) as error:
        raise Problem("invalid_sender", f"{error}.", param="from") from None


def outward(address: str, number_format: str = "digits") -> tuple[int, int, str]:
    """(TON, NPI, address) of a number, short code or name in a PDU for a customer."""
    if address.startswith("+") and address[1:].isdecimal():  # a name may begin with a plus, too
        return c.TON_INTERNATIONAL, c.NPI_ISDN, address if number_format == "plus" else address[1:]
    if address.isdecimal() and len(address) > SHORT_CODE_DIGITS[1]:
        return c.TON_UNKNOWN, c.NPI_UNKNOWN, address  # a number that is not in international format
    if address.isdecimal():
        return c.TON_NETWORK_SPECIFIC, c.NPI_UNKNOWN, address
    return c.TON_ALPHANUMERIC, c.NPI_UNKNOWN, address


def _number(ton: int, address: str, country: str | None) -> str:
    digits = address.translate(_MARKS)
    if digits.startswith("+"):
        return numbers.parse(digits).e164
    if digits.startswith("00"):
        return numbers.parse(f"+{digits[2:]}").e164
    if ton == c.TON_INTERNATIONAL or country is None:
        return numbers.parse(f"+{digits}").e164
    if ton == c.TON_NATIONAL:
        return numbers.parse(digits, country).e164
    return _unknown(digits, country)


def _unknown(digits: str, country: str) -> str:
    """TON 0: a national or an international number, whichever is valid and more likely; otherwise whichever is
    possible.
    """
    code, prefix = _plan(country)
    ways: list[tuple[str, str | None]] = [(f"+{digits}", None), (digits, country)]
    if digits.startswith(prefix) if prefix else not digits.startswith(code):
        ways.reverse()
    found: list[numbers.Number] = []
    for written, region in ways:
        try:
            found.append(numbers.parse(written, region))
        except numbers.InvalidNumber as error:
            refusal = error
    if not found:
        raise refusal
    return next((number for number in found if number.valid), found[0]).e164


@lru_cache(maxsize=512)
def _plan(country: str) -> tuple[str, str]:
    """A country's calling code, and the prefix for dialling national numbers; "" if there is none, or if it equals
    the calling code (North America).
    """
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    code = str(phonenumbers.country_code_for_region(country))
    prefix = "" if metadata is None else metadata.national_prefix or ""
    return code, "" if prefix == code else prefix
