"""The national language shift tables: their shape, values read elsewhere, and text that goes through them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text import (
    LANGUAGE_CHOICES,
    LANGUAGES,
    NO_SHIFTS,
    InformationElement,
    MalformedUDH,
    NotInAlphabet,
    Shifts,
    compose_udh,
    gsm0338,
    national,
    shifts_of,
)
from onesixty.text.gsm0338 import DEFAULT_ALPHABET, EXTENSION_TABLE
from onesixty.text.national import locking_table, single_table
from onesixty.text.shifts import decode, elements_of, encode, writing

LOCKING = {language: locking_table(language) for language in sorted(national.LOCKING)}
SINGLE = {language: single_table(language) for language in sorted(national.SINGLE)}

# How many septets of each table have a character (0x1B has none).
LOCKING_SIZES = {0: 127, 1: 127, 3: 127, 4: 114, 5: 120, 6: 127, 7: 120, 8: 120, 9: 116}
LOCKING_SIZES |= {10: 110, 11: 102, 12: 120, 13: 127}
SINGLE_SIZES = {0: 10, 1: 17, 2: 19, 3: 37, 4: 82, 5: 70, 6: 88, 7: 73, 8: 82, 9: 75}
SINGLE_SIZES |= {10: 76, 11: 77, 12: 78, 13: 90}

BLOCKS = {
    4: 0x0980,
    5: 0x0A80,
    6: 0x0900,
    7: 0x0C80,
    8: 0x0D00,
    9: 0x0B00,
    10: 0x0A00,
    11: 0x0B80,
    12: 0x0C00,
}

PAIRS = [Shifts(single, locking) for single in SINGLE for locking in LOCKING]


def test_every_language_has_its_tables():
    assert {language: len(table) for language, table in LOCKING.items()} == LOCKING_SIZES
    assert {language: len(table) for language, table in SINGLE.items()} == SINGLE_SIZES
    assert set(LANGUAGES.values()) == set(range(1, 14)) == set(SINGLE) - {0}
    assert set(SINGLE) - set(LOCKING) == {LANGUAGES["es"]}  # A.3.2 is void
    assert set(LANGUAGE_CHOICES) == {"auto", *LANGUAGES}


def test_the_default_tables_are_those_of_the_plain_path():
    assert {**LOCKING[0], 0x1B: "\x1b"} == dict(enumerate(DEFAULT_ALPHABET))
    assert SINGLE[0] == EXTENSION_TABLE


@pytest.mark.parametrize("language", LOCKING)
def test_the_shape_of_a_locking_table(language):
    """Control characters keep their places, no character stands twice, digits and small letters are there."""
    table = LOCKING[language]
    assert 0x1B not in table
    assert set(table) <= set(range(0x80))
    assert (table[0x0A], table[0x0D], table[0x20]) == ("\n", "\r", " ")
    assert len(set(table.values())) == len(table)
    assert all(table[ord(character)] == character for character in "0123456789abcdefghijklmnopqrstuvwxyz.?")
    assert all(len(character) == 1 for character in table.values())


@pytest.mark.parametrize("language", SINGLE)
def test_the_shape_of_a_single_shift_table(language):
    """Each has the whole extension table; 0x1B and 0x0D carry nothing; twice stand only * and ¡."""
    table = SINGLE[language]
    assert table.items() >= EXTENSION_TABLE.items()
    assert not {0x0D, 0x1B} & set(table)
    assert set(table) <= set(range(0x80))
    twice = {character for character in table.values() if list(table.values()).count(character) > 1}
    assert twice == ({"¡", "*"} if language >= LANGUAGES["bn"] else set())
    if language >= 4:
        assert "".join(table[code] for code in range(0x41, 0x5B)) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(("language", "block"), BLOCKS.items())
def test_letters_are_of_their_script_and_in_its_order(language, block):
    letters = [c for _, c in sorted(LOCKING[language].items()) if ord(c) > 0x7F]
    assert all(block <= ord(c) < block + 0x80 for c in letters)
    ordered = [c for code, c in sorted(LOCKING[language].items()) if ord(c) > 0x7F and code < 0x60]
    assert ordered == sorted(ordered)
    assert all(unicodedata.name(c, "") for c in [*letters, *SINGLE[language].values()] if c.isprintable())
    own = [c for c in SINGLE[language].values() if ord(c) > 0xFF and c != "€"]
    assert all(block <= ord(c) < block + 0x80 or c in "\u0964\u0965" for c in own)
    zero = next(code for code, c in SINGLE[language].items() if c == chr(block + 0x66))
    places = [code for code in range(zero, zero + 11) if code != 0x1B][:10]
    assert [SINGLE[language][code] for code in places] == [chr(block + 0x66 + digit) for digit in range(10)]


@pytest.mark.parametrize(
    ("language", "cells"),
    [
        (
            1,
            {
                0x04: 0x20AC,
                0x07: 0x131,
                0x0B: 0x11E,
                0x0C: 0x11F,
                0x1C: 0x15E,
                0x1D: 0x15F,
                0x40: 0x130,
                0x60: 0xE7,
            },
        ),
        (1, {0x08: 0xF2, 0x5B: 0xC4, 0x7F: 0xE0, 0x24: 0xA4}),
        (
            3,
            {
                0x04: 0xEA,
                0x06: 0xFA,
                0x12: 0xAA,
                0x15: 0x221E,
                0x17: 0x5C,
                0x18: 0x20AC,
                0x1A: 0x7C,
                0x24: 0xBA,
            },
        ),
        (3, {0x10: 0x394, 0x40: 0xCD, 0x5B: 0xC3, 0x5E: 0xDC, 0x60: 0x7E, 0x7D: 0x60, 0x7F: 0xE0}),
        (
            4,
            {
                0x00: 0x981,
                0x0F: 0x98F,
                0x13: 0x993,
                0x2F: 0x9A8,
                0x3D: 0x9AA,
                0x4A: 0x9B6,
                0x60: 0x9CE,
                0x7F: 0x9F1,
            },
        ),
        (5, {0x0C: 0xA8D, 0x13: 0xA93, 0x49: 0xAB5, 0x57: 0xAC5, 0x60: 0xAD0, 0x7F: 0xAF1}),
        (
            6,
            {
                0x0E: 0x90E,
                0x12: 0x912,
                0x3C: 0x929,
                0x48: 0x934,
                0x5F: 0x94D,
                0x7B: 0x972,
                0x7D: 0x97C,
                0x7E: 0x97E,
            },
        ),
        (7, {0x01: 0xC82, 0x24: 0xCA1, 0x3D: 0xCAA, 0x45: 0xCB1, 0x60: 0xCD5, 0x7F: 0xCE3}),
        (8, {0x01: 0xD02, 0x2A: 0xD25, 0x48: 0xD34, 0x4F: 0xD3D, 0x60: 0xD57, 0x7F: 0xD79}),
        (9, {0x02: 0xB03, 0x47: 0xB33, 0x60: 0xB56, 0x7B: 0xB57, 0x7F: 0xB63}),
        (10, {0x08: 0xA0A, 0x47: 0xA33, 0x4C: 0xA38, 0x54: 0xA42, 0x59: 0xA47, 0x60: 0xA51, 0x7B: 0xA70}),
        (11, {0x08: 0xB8A, 0x12: 0xB92, 0x19: 0xB99, 0x1D: 0xB9C, 0x3C: 0xBA9, 0x48: 0xBB4, 0x7F: 0xBF9}),
        (12, {0x00: 0xC01, 0x24: 0xC21, 0x45: 0xC31, 0x4F: 0xC3D, 0x60: 0xC55, 0x7B: 0xC56}),
        (13, {0x00: 0x627, 0x05: 0x67E, 0x0F: 0x67C, 0x10: 0x62B, 0x1C: 0x68C, 0x22: 0x68F, 0x2F: 0x698}),
        (13, {0x3C: 0x69A, 0x40: 0x635, 0x4D: 0x644, 0x50: 0x6BA, 0x5C: 0x64D, 0x60: 0x654, 0x7F: 0x670}),
        (6, {0x28: 0x29, 0x29: 0x28, 0x2C: 0x2C, 0x2E: 0x2E, 0x3F: 0x3F}),
    ],
)
def test_cells_of_locking_tables(language, cells):
    assert {code: ord(LOCKING[language][code]) for code in cells} == cells


@pytest.mark.parametrize(
    ("language", "cells"),
    [
        (
            1,
            {
                0x47: 0x11E,
                0x49: 0x130,
                0x53: 0x15E,
                0x63: 0xE7,
                0x65: 0x20AC,
                0x67: 0x11F,
                0x69: 0x131,
                0x73: 0x15F,
            },
        ),
        (2, {0x09: 0xE7, 0x41: 0xC1, 0x49: 0xCD, 0x4F: 0xD3, 0x55: 0xDA, 0x61: 0xE1, 0x6F: 0xF3, 0x75: 0xFA}),
        (
            3,
            {
                0x05: 0xEA,
                0x0F: 0xE1,
                0x13: 0x393,
                0x19: 0x398,
                0x1F: 0xCA,
                0x5C: 0xD5,
                0x61: 0xC2,
                0x7F: 0xE2,
            },
        ),
        (
            4,
            {
                0x19: 0x9E6,
                0x1A: 0x9E7,
                0x1C: 0x9E8,
                0x24: 0x9DF,
                0x2A: 0x9E3,
                0x2B: 0x9F2,
                0x30: 0x9F6,
                0x34: 0x9FA,
            },
        ),
        (5, {0x19: 0x964, 0x1C: 0xAE6, 0x25: 0xAEF}),
        (
            6,
            {
                0x1A: 0x965,
                0x26: 0x951,
                0x2A: 0x953,
                0x2C: 0x958,
                0x30: 0x95B,
                0x35: 0x960,
                0x39: 0x970,
                0x3A: 0x971,
            },
        ),
        (7, {0x26: 0xCDE, 0x27: 0xCF1, 0x2A: 0xCF2}),
        (8, {0x26: 0xD70, 0x2D: 0xD75, 0x2E: 0xD7A, 0x30: 0xD7B, 0x34: 0xD7F}),
        (9, {0x20: 0xB6A, 0x26: 0xB5C, 0x2A: 0xB5F, 0x2C: 0xB71}),
        (10, {0x26: 0xA59, 0x2B: 0xA5C, 0x2C: 0xA5E, 0x2D: 0xA75}),
        (11, {0x24: 0xBEE, 0x25: 0xBEF, 0x26: 0xBF3, 0x2D: 0xBF8, 0x2E: 0xBFA}),
        (12, {0x1C: 0xC66, 0x26: 0xC58, 0x2A: 0xC78, 0x2E: 0xC7C, 0x30: 0xC7D, 0x32: 0xC7F, 0x65: 0x20AC}),
        (13, {0x19: 0x600, 0x26: 0x60C, 0x2A: 0x60E, 0x30: 0x613, 0x37: 0x66B, 0x3B: 0x6CD, 0x3F: 0x6D4}),
        (6, {0x00: 0x40, 0x04: 0xBF, 0x09: 0x27, 0x0B: 0x2A, 0x13: 0xA1, 0x15: 0xA1, 0x18: 0x2A, 0x2F: 0x5C}),
    ],
)
def test_cells_of_single_shift_tables(language, cells):
    assert {code: ord(SINGLE[language][code]) for code in cells} == cells


@pytest.mark.parametrize("language", ["te"])
def test_places_that_a_script_leaves_empty(language):
    assert not {0x19, 0x1A} & set(SINGLE[LANGUAGES[language]])


# ------------------------------------------------------------ text


@given(st.sampled_from(PAIRS), st.data())
def test_what_is_written_reads_back(shifts, data):
    """Every pair of tables, every character that it has."""
    text = data.draw(st.text(alphabet=sorted(writing(shifts)), max_size=40))
    assert decode(b"".join(encode(text, shifts)), shifts) == text


@pytest.mark.parametrize("shifts", PAIRS)
def test_each_character_costs_as_little_as_it_can(shifts):
    for character, septets in writing(shifts).items():
        in_main = character in LOCKING[shifts.locking].values()
        assert len(septets) == (1 if in_main else 2)
        assert decode(septets, shifts) == character


@given(st.binary(max_size=60))
def test_without_tables_it_reads_as_the_plain_path(septets):
    assert decode(septets, NO_SHIFTS) == gsm0338.decode(septets)


@given(st.sampled_from(PAIRS), st.binary(max_size=60))
def test_reading_never_raises(shifts, septets):
    assert len(decode(septets, shifts)) <= len(septets)


def test_an_escape_before_nothing_known_gives_the_main_table():
    turkish = Shifts(single=1, locking=1)
    assert decode(b"\x1b\x60", turkish) == "ç"  # not in the single shift table: the locking one
    assert decode(b"\x1b\x1ba\x1b", turkish) == " a "
    assert decode(b"\x00", Shifts(locking=7)) == "\ufffd"  # Kannada has nothing at 0


def test_what_the_tables_lack_is_named():
    with pytest.raises(NotInAlphabet) as refusal:
        encode("aşя", Shifts(single=1))
    assert refusal.value.offending == ((2, "я"),)


# ------------------------------------------------------------ headers


@given(st.sampled_from(PAIRS))
def test_the_header_names_the_tables(shifts):
    """The tables apply where the header says so, 0x24 single and 0x25 locking."""
    udh = compose_udh(elements_of(shifts))
    assert (shifts_of(udh) if udh else NO_SHIFTS) == shifts
    assert len(udh) == (0, 4, 7)[bool(shifts.single) + bool(shifts.locking)]


@pytest.mark.parametrize(
    ("udh", "shifts"),
    [
        (b"", (0, 0)),
        (b"\3\x24\1\1", (1, 0)),
        (b"\3\x25\1\3", (0, 3)),
        (b"\6\x24\1\1\x25\1\1", (1, 1)),
        (b"\x0b\0\3\1\2\1\x24\1\6\x25\1\6", (6, 6)),
        (b"\3\x24\1\x0e", (0, 0)),  # reserved: the default table
        (b"\3\x25\1\2", (0, 0)),  # Spanish has no locking table
        (b"\2\x24\0", (0, 0)),
        (b"\6\x24\1\1\x24\1\3", (3, 0)),  # the last one counts
    ],
)
def test_headers(udh, shifts):
    assert shifts_of(udh) == shifts


def test_a_header_that_cannot_be_read_is_an_error():
    with pytest.raises(MalformedUDH):
        shifts_of(b"\3\x24\5\1")
    assert compose_udh([InformationElement(0x24, b"\1")]) == b"\3\x24\1\1"
