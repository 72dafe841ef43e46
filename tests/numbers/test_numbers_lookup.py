"""What the numbering plans say of a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.numbers import NUMBER_CODES, TYPES, Lookup, look_up


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        (
            "+49 151 12345678",
            None,
            Lookup(
                number="+4915112345678", possible=True, valid=True, country="DE", calling_code="+49",
                type="mobile", national_format="01511 2345678", international_format="+49 1511 2345678",
            ),
        ),
        (
            "020 7946 0000",
            "gb",
            Lookup(
                number="+442079460000", possible=True, valid=True, country="GB", calling_code="+44",
                type="fixed_line", national_format="020 7946 0000", international_format="+44 20 7946 0000",
            ),
        ),
        (
            "+15551234567",
            None,
            Lookup(
                number="+15551234567", possible=True, valid=False, country="US", calling_code="+1",
                type="unknown", national_format="(555) 123-4567", international_format="+1 555-123-4567",
            ),
        ),
        ("12", None, Lookup(possible=False, reason="missing_country_code")),
        ("+491", None, Lookup(possible=False, reason="too_short")),
        ("call me", None, Lookup(possible=False, reason="not_a_number")),
    ],
)  # fmt: skip
def test_what_is_known(raw: str, region: str | None, expected: Lookup) -> None:
    assert look_up(raw, region) == expected


@given(st.text(max_size=30) | st.from_regex(r"\+?[0-9 ]{1,18}", fullmatch=True))
def test_whatever_is_asked_there_is_an_answer(raw: str) -> None:
    found = look_up(raw)
    if found.possible:
        assert found.number is not None
        assert found.number.startswith(found.calling_code or "?")
        assert found.type in TYPES.values()
        assert look_up(found.number) == found
    else:
        assert found.reason in NUMBER_CODES
