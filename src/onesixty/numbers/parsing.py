"""Phone numbers to E.164 with their country and type, by libphonenumber's metadata.

Rule: only what cannot be a number is refused (it is too short for its country, or longer than E.164 allows); whether
a number is assigned, and its type, is advice. SIMs of machines have numbers longer than those of people in many
countries, and libphonenumber's metadata does not know them, so its longest is no limit. The North American plan is
closed: there ten digits are all. The country falls back to the main country of the calling code.

Most numbers of a busy gateway are new to it and written in full, so that way is kept short: the numbering plan of the
calling code (`_Plan`) has in memory what libphonenumber says of it, the first digits of a mobile number tell its
country, and libphonenumber reads a number only if a national prefix could stand in it, or if it is not written in
full. Type and validity cost more than all of that, so they are found when asked for.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberType, ValidationResult

from .errors import InvalidNumber

MAX_INPUT: Final = 64  # the most characters of the input, checked first
MAX_DIGITS: Final = 15  # of an E.164 number, ITU-T E.164 section 6.1
NORTH_AMERICA: Final = 1  # the calling code of 25 countries and territories
#: Numbers whose country follows from their first `TELLING_DIGITS` national digits: by calling code, how they begin
#: and how many digits they have. A test compares this with libphonenumber.
TOLD_BY_BEGINNING: Final = {NORTH_AMERICA: ("", 10), 39: ("3", 10), 44: ("7", 10), 61: ("4", 9)}
TELLING_DIGITS: Final = 6
CACHED_NUMBERS: Final = 32_768

_IN_FULL = re.compile(r"\+[1-9][0-9]{6,14}")

# Characters that people write between digits, and marks that phones add to copied numbers.
_SEPARATORS: Final = (
    " \t\n\r.-/()[]~"
    "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u2060\u3000"
    "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d\uff0e\uff08\uff09\uff0f"
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_NORMALISE: Final = dict.fromkeys(map(ord, _SEPARATORS), "") | {ord("＋"): "+"}

TYPES: Final[dict[int, str]] = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.VOICEMAIL: "voicemail",
    PhoneNumberType.UNKNOWN: "unknown",
}

_PARSE_CODES: Final[dict[int, str]] = {
    NumberParseException.INVALID_COUNTRY_CODE: "invalid_country_code",
    NumberParseException.NOT_A_NUMBER: "not_a_number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "too_short",
    NumberParseException.TOO_SHORT_NSN: "too_short",
    NumberParseException.TOO_LONG: "too_long",
}

_LENGTH_CODES: Final[dict[int, str]] = {
    ValidationResult.INVALID_COUNTRY_CODE: "invalid_country_code",
    ValidationResult.TOO_SHORT: "too_short",
    # These are long enough only within one area; the area code is missing.
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "too_short",
    ValidationResult.TOO_LONG: "too_long",
    ValidationResult.INVALID_LENGTH: "invalid_length",
}


class Number:
    """A possible phone number. Equal to every `Number` with the same `e164`.

    `e164` is "+" and up to 15 digits; `country` is its ISO 3166 code, the main country of the calling code
    when the number itself does not tell, or "001" for codes of no country (+800, +882, ...).
    """

    __slots__ = ("_plan", "_type", "country", "e164")

    e164: str
    country: str

    def __init__(self, plan: _Plan, e164: str, country: str) -> None:
        self._plan = plan
        self._type: str | None = None
        self.e164 = e164
        self.country = country

    @property
    def type(self) -> str:
        """A value of `TYPES`, "unknown" for a number in no numbering plan. Found at first use, 5 to 20 us."""
        if self._type is None:
            self._type = TYPES[phonenumbers.number_type(self._plan.phone(self.e164[self._plan.begins :]))]
        return self._type

    @property
    def valid(self) -> bool:
        """Whether the numbering plan has such a number; informative only. True if the number has a type."""
        return self.type != "unknown"

    @property
    def possible(self) -> bool:
        """Always true: `parse` refuses impossible numbers."""
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and other.e164 == self.e164

    def __hash__(self) -> int:
        return hash(self.e164)

    def __repr__(self) -> str:
        return f"Number({self.e164}, {self.country})"


@lru_cache(maxsize=CACHED_NUMBERS)
def parse(raw: str, default_region: str | None = None) -> Number:
    """Parse a number. Spaces, dashes, dots, slashes and brackets are ignored; 00 is read as +.

    Without + or 00, the number is read as a national one of `default_region` (ISO 3166), and refused without one.
    Raises `InvalidNumber`. Results are cached for the most recent numbers, refusals are not.
    """
    if _IN_FULL.fullmatch(raw):
        return _in_full(raw)
    digits = _normalise(raw)
    if digits[0] == "+":
        return _in_full(digits)
    if default_region is None:
        raise InvalidNumber("missing_country_code")
    region = default_region.upper()
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise InvalidNumber("unknown_region")
    return _number(_read(digits, region))


def _normalise(raw: str) -> str:
    """The digits in ASCII, with a leading + if the number is international. Raises `InvalidNumber`."""
    if len(raw) > MAX_INPUT:
        raise InvalidNumber("too_long")
    text = raw.translate(_NORMALISE)
    if not text:
        raise InvalidNumber("not_a_number" if raw.strip() else "empty")
    if not text.isascii():
        text = "".join(_ascii_digit(character) for character in text)
    if text.startswith("00"):
        text = "+" + text[2:]
    if not text.removeprefix("+").isdecimal():
        raise InvalidNumber("not_a_number")
    return text


def _ascii_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _in_full(digits: str) -> Number:
    """The number of "+" and digits."""
    plan = _plan_of(digits[:4])
    national = digits[plan.begins :]
    if len(national) < 2:
        raise InvalidNumber("too_short")
    if national[0] == "0" or (plan.prefix is not None and plan.prefix.match(national)):
        # A leading 0 is a national prefix to drop in most countries, and a digit to keep in some.
        return _number(_read(digits, None))
    plan.check(national)
    return Number(plan, digits, plan.country(national))


def _read(digits: str, region: str | None) -> PhoneNumber:
    try:
        return phonenumbers.parse(digits, region)
    except NumberParseException as refusal:
        raise InvalidNumber(_PARSE_CODES[refusal.error_type]) from None


def _number(phone: PhoneNumber) -> Number:
    """The number that libphonenumber read."""
    plan = _plan(phone.country_code or 0)
    national = phonenumbers.national_significant_number(phone)
    plan.check(national)
    return Number(plan, f"+{plan.code}{national}", plan.country(national))


class _Plan:
    """What libphonenumber says of the numbers of a calling code.

    `begins` is the place of the first national digit in an E.164 number, `prefix` what a national number may have
    before its own digits, None if nothing.
    """

    __slots__ = ("_begins", "_countries", "_faults", "_length", "_regions", "begins", "code", "prefix")

    def __init__(self, code: int) -> None:
        self.code = code
        self.begins = 1 + len(str(code))
        main = phonenumbers.region_code_for_country_code(code)
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, main)
        prefix = None if metadata is None else metadata.national_prefix_for_parsing
        self.prefix = re.compile(prefix) if prefix else None
        #: Why a national number of so many digits is none; None if it is one.
        self._faults = [self._fault(digits) for digits in range(MAX_DIGITS + 2)]
        self._regions = _regions(code)
        self._begins, self._length = TOLD_BY_BEGINNING.get(code, ("", 0))
        #: Countries by the beginning of numbers.
        self._countries: dict[str, str] = {}

    def check(self, national: str) -> None:
        """Raise `InvalidNumber` if no national number has as many digits."""
        fault = self._faults[min(len(national), MAX_DIGITS + 1)]
        if fault is not None:
            raise InvalidNumber(fault)

    def country(self, national: str) -> str:
        """The result of libphonenumber's region_code_for_number, or else the main country of the calling code."""
        if len(self._regions) == 1:
            return self._regions[0][0]
        if len(national) != self._length or not national.startswith(self._begins):
            return self._find_country(national)
        beginning = national[:TELLING_DIGITS]
        country = self._countries.get(beginning)
        if country is None:
            if len(self._countries) >= CACHED_NUMBERS:
                self._countries.clear()
            country = self._countries[beginning] = self._find_country(national)
        return country

    def phone(self, national: str) -> PhoneNumber:
        """The number in libphonenumber's form, which has leading zeros apart."""
        number = int(national)
        zeros = len(national) - len(str(number))
        return PhoneNumber(
            country_code=self.code,
            national_number=number,
            italian_leading_zero=bool(zeros) or None,
            number_of_leading_zeros=zeros if zeros > 1 else None,
        )

    def _find_country(self, national: str) -> str:
        phone = self.phone(national)
        for region, leading_digits in self._regions:
            if leading_digits is None:
                if phonenumbers.is_valid_number_for_region(phone, region):
                    return region
            elif leading_digits.match(national):
                return region
        return self._regions[0][0]

    def _fault(self, digits: int) -> str | None:
        if digits == 0:
            return "too_short"
        # libphonenumber looks at nothing but the number of digits
        phone = PhoneNumber(country_code=self.code, national_number=int("1" * digits))
        length = phonenumbers.is_possible_number_with_reason(phone)
        longer = length == ValidationResult.TOO_LONG and self.code != NORTH_AMERICA
        if length != ValidationResult.IS_POSSIBLE and not longer:
            return _LENGTH_CODES[length]
        return "too_long" if self.begins - 1 + digits > MAX_DIGITS else None


_plan = cache(_Plan)


@cache
def _plan_of(beginning: str) -> _Plan:
    """The plan of the calling code in "+" and up to three digits. Raises `InvalidNumber`."""
    for end in (2, 3, 4):  # calling codes have one to three digits, and none is the beginning of another
        if beginning[1] != "0" and int(beginning[1:end]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return _plan(int(beginning[1:end]))
    raise InvalidNumber("invalid_country_code")


def _regions(code: int) -> list[tuple[str, re.Pattern[str] | None]]:
    """The regions that share a calling code, the main one first, with their leading digits if those identify them."""
    regions: list[tuple[str, re.Pattern[str] | None]] = []
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        leading_digits = None if metadata is None else metadata.leading_digits
        regions.append((region, re.compile(leading_digits) if leading_digits else None))
    return regions
