"""Phone numbers to E.164 with their country and type, by libphonenumber's metadata.

Rule: only what cannot be a number is refused (it is too short for its country, or longer than E.164 allows); whether
a number is assigned, and its type, is advice. SIMs of machines have numbers longer than those of people in many
countries, and libphonenumber's metadata does not know them, so its longest is no limit. The North American plan is
closed: there ten digits are all. The country falls back to the main country of the calling code.

Most numbers of a busy gateway are new to it and written in full, so that way is kept short: the country
code is looked up, the country's own metadata says whether a national prefix could stand in the number, and
only if so, or if the number is not written in full, libphonenumber reads it. Type and validity cost as much
as the rest together, so they are found when asked for.
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
NORTH_AMERICAN_DIGITS: Final = 10
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

    __slots__ = ("_phone", "_type", "country", "e164")

    e164: str
    country: str

    def __init__(self, phone: PhoneNumber, e164: str, country: str) -> None:
        self._phone = phone
        self._type: str | None = None
        self.e164 = e164
        self.country = country

    @property
    def type(self) -> str:
        """A value of `TYPES`, "unknown" for a number in no numbering plan. Found at first use, 5 to 20 us."""
        if self._type is None:
            self._type = TYPES[phonenumbers.number_type(self._phone)]
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
    if digits[1] == "0":
        raise InvalidNumber("invalid_country_code")
    for end in (2, 3, 4):  # country codes have one to three digits, and none is the beginning of another
        code = int(digits[1:end])
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            break
    else:
        raise InvalidNumber("invalid_country_code")
    national = digits[end:]
    if len(national) < 2:
        raise InvalidNumber("too_short")
    prefix = _national_prefix(code)
    if national[0] == "0" or (prefix is not None and prefix.match(national)):
        # A leading 0 is a national prefix to drop in most countries, and a digit to keep in some.
        return _number(_read(digits, None))
    return _number(PhoneNumber(country_code=code, national_number=int(national)))


@cache
def _national_prefix(code: int) -> re.Pattern[str] | None:
    """The possible prefixes of a national number of this country code; None if there are none."""
    main = phonenumbers.region_code_for_country_code(code)
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, main)
    prefix = None if metadata is None else metadata.national_prefix_for_parsing
    return re.compile(prefix) if prefix else None


def _read(digits: str, region: str | None) -> PhoneNumber:
    try:
        return phonenumbers.parse(digits, region)
    except NumberParseException as refusal:
        raise InvalidNumber(_PARSE_CODES[refusal.error_type]) from None


def _number(phone: PhoneNumber) -> Number:
    code = phone.country_code or 0
    national = phonenumbers.national_significant_number(phone)
    length = _length(code, len(national))
    longer = length == ValidationResult.TOO_LONG and code != NORTH_AMERICA
    if length != ValidationResult.IS_POSSIBLE and not longer:
        raise InvalidNumber(_LENGTH_CODES[length])
    e164 = f"+{code}{national}"
    if len(e164) > MAX_DIGITS + 1:
        raise InvalidNumber("too_long")
    return Number(phone, e164, _country(phone, code, national))


@lru_cache(maxsize=4096)
def _length(code: int, digits: int) -> int:
    """libphonenumber's answer for a national number with this many digits, which is all it looks at."""
    phone = PhoneNumber(country_code=code, national_number=int("1" * digits))
    return phonenumbers.is_possible_number_with_reason(phone)


def _country(phone: PhoneNumber, code: int, national: str) -> str:
    """The result of libphonenumber's region_code_for_number, or else the main country of the calling code."""
    regions = _regions(code)
    if len(regions) == 1:
        return regions[0][0]
    if code == NORTH_AMERICA and len(national) == NORTH_AMERICAN_DIGITS:
        return _north_american(national[:6])
    return _of_regions(phone, national, regions)


@lru_cache(maxsize=CACHED_NUMBERS)
def _north_american(exchange: str) -> str:
    """In North America, area code and exchange determine the country (compared with libphonenumber by a test)."""
    national = f"{exchange}0000"
    phone = PhoneNumber(country_code=NORTH_AMERICA, national_number=int(national))
    return _of_regions(phone, national, _regions(NORTH_AMERICA))


def _of_regions(phone: PhoneNumber, national: str, regions: list[tuple[str, re.Pattern[str] | None]]) -> str:
    for region, leading_digits in regions:
        if leading_digits is None:
            if phonenumbers.is_valid_number_for_region(phone, region):
                return region
        elif leading_digits.match(national):
            return region
    return regions[0][0]


@cache
def _regions(code: int) -> list[tuple[str, re.Pattern[str] | None]]:
    """The regions that share a calling code, the main one first, with their leading digits if those identify them."""
    regions: list[tuple[str, re.Pattern[str] | None]] = []
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        leading_digits = None if metadata is None else metadata.leading_digits
        regions.append((region, re.compile(leading_digits) if leading_digits else None))
    return regions
