"""Senders: names, numbers, short codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.numbers import SENDER_CODES, InvalidSender, Sender, displayed, parse_sender
from onesixty.text import count


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("YourBrand", ("alphanumeric", "YourBrand", 5, 0)),
        ("  My Brand ", ("alphanumeric", "My Brand", 5, 0)),
        ("A&B+C-D_E.F'", None),
        ("A&B-C_D.E'f", ("alphanumeric", "A&B-C_D.E'f", 5, 0)),
        ("4You", ("alphanumeric", "4You", 5, 0)),
        ("+1x", ("alphanumeric", "+1x", 5, 0)),
        ("+15551234567", ("numeric", "15551234567", 1, 1)),
        ("15551234567", ("numeric", "15551234567", 1, 1)),
        ("0015551234567", ("numeric", "15551234567", 1, 1)),
        ("+44 (7400) 123-456", ("numeric", "447400123456", 1, 1)),
        ("123", ("short_code", "123", 3, 0)),
        ("12345678", ("short_code", "12345678", 3, 0)),
        ("247-365", ("short_code", "247365", 3, 0)),
    ],
)
def test_kinds(raw, expected):
    if expected is None:
        with pytest.raises(InvalidSender) as refusal:
            parse_sender(raw)
        assert refusal.value.code == "too_long"
        return
    assert parse_sender(raw) == Sender(*expected)


def test_how_people_write_it():
    assert parse_sender("15551234567").display == "+15551234567"
    assert parse_sender("YourBrand").display == "YourBrand"
    assert parse_sender("12345").display == "12345"


@pytest.mark.parametrize(
    ("raw", "code", "character"),
    [
        ("", "empty", None),
        ("   ", "empty", None),
        ("TwelveLetter", "too_long", None),
        ("x" * 65, "too_long", None),
        ("Café", "forbidden_character", "é"),
        ("Бренд", "forbidden_character", "Б"),
        ("Brand\x00", "forbidden_character", "\x00"),
        ("a#b", "forbidden_character", "#"),
        ("12#45", "forbidden_character", "#"),
        ("12+45", "forbidden_character", "+"),
        ("&&&", "forbidden_character", "&"),
        ("٣٣٣٣", "forbidden_character", "٣"),
        ("²²²", "forbidden_character", "²"),
        ("12", "too_short", None),
        ("+12345", "too_short", None),
        ("1555123456789012", "too_long", None),
        ("999123456789", "invalid_country_code", None),
        ("0123456789", "invalid_country_code", None),
        ("---", "not_a_number", None),
        ("+", "not_a_number", None),
    ],
)
def test_refusals(raw, code, character):
    with pytest.raises(InvalidSender) as refusal:
        parse_sender(raw)
    assert (refusal.value.code, refusal.value.character) == (code, character)
    assert code in SENDER_CODES
    if character:
        assert repr(character) in str(refusal.value)


@given(st.text(max_size=70) | st.text("+0123456789 aB-.", max_size=16))
def test_nothing_but_its_own_error_and_nothing_too_long(raw):
    try:
        sender = parse_sender(raw)
    except InvalidSender:
        return
    if sender.kind == "alphanumeric":
        assert count(sender.address).encoding == "gsm7"
        assert count(sender.address).units <= 11
    elif sender.kind == "numeric":
        assert sender.address.isdecimal()
        assert len(sender.address) <= 15
    else:
        assert sender.address.isdecimal()
        assert 3 <= len(sender.address) <= 8


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("+15551234567", "+15551234567"),
        (" 15551234567", "+15551234567"),  # a plus that was not escaped in a URL
        ("001 (555) 123-4567", "+15551234567"),
        ("15551234567", "+15551234567"),
        ("40404", "40404"),
        (" 40404", "40404"),
        ("Acme Shop", "Acme Shop"),
        ("", ""),
        ("07700 900123", "07700 900123"),
        ("a name of a network", "a name of a network"),
    ],
)
def test_an_address_is_found_however_it_is_written(raw, shown):
    assert displayed(raw) == shown
