"""Numbers to E.164: tolerant of how they are written, strict about what cannot be."""

import contextlib
import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.numbers import NUMBER_CODES, TYPES, InvalidNumber, parse
from onesixty.numbers.parsing import NORTH_AMERICA, TELLING_DIGITS, TOLD_BY_BEGINNING


@pytest.mark.parametrize(
    ("raw", "e164", "country", "kind"),
    [
        ("+15551234567", "+15551234567", "US", "unknown"),  # the documentation's own example
        ("+12025550143", "+12025550143", "US", "fixed_line_or_mobile"),
        ("+14165550143", "+14165550143", "CA", "fixed_line_or_mobile"),
        ("+18005550199", "+18005550199", "US", "toll_free"),
        ("+447400123456", "+447400123456", "GB", "mobile"),
        ("+4915112345678", "+4915112345678", "DE", "mobile"),
        ("+77011234567", "+77011234567", "KZ", "mobile"),
        ("+79161234567", "+79161234567", "RU", "mobile"),
        ("+390669812345", "+390669812345", "VA", "fixed_line"),
        ("+80012345678", "+80012345678", "001", "toll_free"),
    ],
)
def test_country_and_type(raw, e164, country, kind):
    number = parse(raw)
    assert (number.e164, number.country, number.type) == (e164, country, kind)
    assert number.valid == (kind != "unknown")
    assert number.possible
    assert kind in TYPES.values()


@pytest.mark.parametrize(
    "raw",
    [
        "+447400123456",
        "00447400123456",
        " +44 7400 123456 ",
        "+44 (0)7400-123.456",
        "(+44) 7400/123456",
        "\u202a+44\u00a07400\u2011123456\u202c",
        "＋４４７４００１２３４５６",
        "+٤٤٧٤٠٠١٢٣٤٥٦",
    ],
)
def test_ways_of_writing_one_number(raw):
    assert parse(raw).e164 == "+447400123456"


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        ("+1 1 202 555 0143", "+12025550143"),
        ("+7 8 916 123-45-67", "+79161234567"),
        ("+55 0 21 11 96123-4567", "+5511961234567"),  # with a carrier's code
        ("+39 06 6981 2345", "+390669812345"),  # a zero that belongs to the number
    ],
)
def test_national_prefixes_after_the_country_code(raw, e164):
    assert parse(raw).e164 == e164


def test_national_numbers_need_a_region():
    assert parse("07400 123456", "GB") == parse("07400123456", "gb") == parse("+447400123456")
    assert parse("(202) 555-0143", "US").e164 == "+12025550143"
    assert parse("+447400123456", "US").country == "GB"
    assert parse("00447400123456", "US").country == "GB"


@pytest.mark.parametrize(
    ("raw", "region", "code"),
    [
        ("", None, "empty"),
        (" \t", None, "empty"),
        ("---", None, "not_a_number"),
        ("+", None, "not_a_number"),
        ("abc", None, "not_a_number"),
        ("+1555CALLNOW", None, "not_a_number"),
        ("+1555123+4567", None, "not_a_number"),
        ("++15551234567", None, "not_a_number"),
        ("+1 555 123 4567 ext. 5", None, "not_a_number"),
        ("+1²55123456", None, "not_a_number"),
        ("15551234567", None, "missing_country_code"),
        ("07400123456", None, "missing_country_code"),
        ("+0447400123456", None, "invalid_country_code"),
        ("+999123456789", None, "invalid_country_code"),
        ("+2101234567", None, "invalid_country_code"),
        ("+1", None, "too_short"),
        ("+44", None, "too_short"),
        ("+15551", None, "too_short"),
        ("+1234567", None, "too_short"),  # reachable within its area only
        ("+155512345678", None, "too_long"),
        ("+49" + "1" * 16, None, "too_long"),
        ("+4912345678901234", None, "too_long"),  # its plan allows 15 digits and the country code, E.164 not
        ("1" * 65, None, "too_long"),
        ("+" + "1" * 65, None, "too_long"),
        ("12345", "US", "too_short"),
        ("5551234", "XX", "unknown_region"),
    ],
)
def test_refusals(raw, region, code):
    with pytest.raises(InvalidNumber) as refusal:
        parse(raw, region)
    assert refusal.value.code == code
    assert str(refusal.value) == NUMBER_CODES[code]


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+345906566798696", "ES"),
        ("+33700007222315", "FR"),
        ("+47580000474825", "NO"),
        ("+327700010023652", "BE"),
        ("+467190001234567", "SE"),
    ],
)
def test_numbers_of_machines_are_numbers(number, country):
    """Ranges for machines have more digits than those of people; E.164's fifteen are the limit."""
    parsed = parse(number)
    assert (parsed.e164, parsed.country, parsed.valid, parsed.type) == (number, country, False, "unknown")


def test_equal_numbers_are_one():
    assert len({parse("+447400123456"), parse("0044 7400 123456")}) == 1
    assert parse("+447400123456") != parse("+447400123457")
    assert parse("+447400123456") != "+447400123456"
    assert parse("+447400123456") is parse("+447400123456")
    assert repr(parse("+447400123456")) == "Number(+447400123456, GB)"


CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@given(st.sampled_from(CODES), st.text("0123456789", max_size=16))
def test_the_short_way_reads_as_libphonenumber_does(code, national):
    raw = f"+{code}{national}"
    try:
        number = parse(raw)
    except InvalidNumber:
        number = None
    try:
        theirs = phonenumbers.parse(raw)
        expected = phonenumbers.format_number(theirs, phonenumbers.PhoneNumberFormat.E164)
        length = phonenumbers.is_possible_number_with_reason(theirs)
        longer = length == phonenumbers.ValidationResult.TOO_LONG and code != 1
        possible = (length == phonenumbers.ValidationResult.IS_POSSIBLE or longer) and len(expected) <= 16
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        assert number is None
        return
    assert number is not None
    assert number.e164 == expected
    assert number.valid == phonenumbers.is_valid_number(theirs)
    main = phonenumbers.region_code_for_country_code(theirs.country_code)
    assert number.country == (phonenumbers.region_code_for_number(theirs) or main)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_an_example_of_every_region(region):
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        example = phonenumbers.example_number(region)
    number = parse(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    assert number.e164 == phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert number.valid
    assert number.country == phonenumbers.region_code_for_number(example)
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    assert parse(national, region) == number


@given(st.text(max_size=80), st.sampled_from([None, "US", "DE"]))
def test_nothing_but_its_own_error(raw, region):
    with contextlib.suppress(InvalidNumber):
        assert parse(raw, region).e164.startswith("+")


@given(st.sampled_from(sorted(TOLD_BY_BEGINNING)), st.data())
def test_the_beginning_of_a_number_tells_its_country(code: int, data: st.DataObject) -> None:
    begins, length = TOLD_BY_BEGINNING[code]
    rest = st.text("0123456789", min_size=TELLING_DIGITS - len(begins), max_size=TELLING_DIGITS - len(begins))
    if code == NORTH_AMERICA:
        rest = st.from_regex(r"[2-9][0-9]{5}", fullmatch=True)
    beginning = begins + data.draw(rest)
    end = st.text("0123456789", min_size=length - TELLING_DIGITS, max_size=length - TELLING_DIGITS)
    for last in data.draw(st.lists(end, min_size=2, max_size=4)):
        _compare_country(code, beginning + last)


@pytest.mark.parametrize("code", sorted(set(TOLD_BY_BEGINNING) - {NORTH_AMERICA}))
def test_every_beginning_that_a_numbering_plan_can_tell_apart(code: int) -> None:
    """Plans tell mobile numbers apart by five digits; each of these beginnings, with several ends."""
    begins, length = TOLD_BY_BEGINNING[code]
    chance = random.Random(code)
    for number in chance.sample(range(10 ** (5 - len(begins))), 400):
        beginning = f"{begins}{number:0{5 - len(begins)}d}"
        for _ in range(3):
            _compare_country(code, f"{beginning}{chance.randrange(10 ** (length - 5)):0{length - 5}d}")


def _compare_country(code: int, national: str) -> None:
    raw = f"+{code}{national}"
    told = phonenumbers.region_code_for_number(phonenumbers.parse(raw))
    assert parse(raw).country == (told or phonenumbers.region_code_for_country_code(code)), raw
