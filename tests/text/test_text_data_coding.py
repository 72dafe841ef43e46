"""What a data_coding means: text or octets, the alphabet, the message class."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text import FLASH, OCTETS, UCS2, data_coding_of, with_class


@pytest.mark.parametrize(
    ("data_coding", "expected"),
    [
        (0x00, ("text", "gsm7", None)),
        (0x01, ("text", "ascii", None)),
        (0x02, ("binary", "octets", None)),
        (0x03, ("text", "latin1", None)),
        (0x04, ("binary", "octets", None)),
        (0x05, ("text", "shift_jis", None)),
        (0x08, ("text", "ucs2", None)),
        (0x09, ("binary", "octets", None)),
        (0x0F, ("binary", "octets", None)),
        (0x10, ("text", "gsm7", 0)),
        (0x11, ("text", "gsm7", 1)),
        (0x15, ("binary", "octets", 1)),
        (0x18, ("text", "ucs2", 0)),
        (0x1C, ("binary", "octets", 0)),  # reserved alphabet
        (0x20, ("binary", "octets", None)),  # compressed
        (0x30, ("binary", "octets", 0)),
        (0x40, ("text", "gsm7", None)),
        (0x58, ("text", "ucs2", 0)),
        (0x80, ("binary", "octets", None)),
        (0xC0, ("text", "gsm7", None)),
        (0xDF, ("text", "gsm7", None)),
        (0xE8, ("text", "ucs2", None)),
        (0xF0, ("text", "gsm7", 0)),
        (0xF5, ("binary", "octets", 1)),
    ],
)
def test_meanings(data_coding, expected):
    assert data_coding_of(data_coding) == expected


def test_the_default_alphabet_is_the_links():
    """A link's own alphabet for 0 holds for flash and message waiting, too."""
    for data_coding in (0x00, 0x10, 0x50, 0xC0, 0xF1):
        assert data_coding_of(data_coding, "latin1").alphabet == "latin1"
        assert data_coding_of(data_coding, "gsm7_packed").alphabet == "gsm7_packed"
    assert data_coding_of(1, alphabet_for_one="gsm7").alphabet == "gsm7"


@pytest.mark.parametrize(
    ("form", "values"),
    [("general", (0x10, 0x18, 0x14)), ("class", (0xF0, 0x18, 0xF4)), ("subunit", (0x00, 0x08, 0x04))],
)
def test_flash(form, values):
    assert tuple(with_class(alphabet, FLASH, form) for alphabet in ("gsm7", UCS2, OCTETS)) == values


@given(st.sampled_from(["gsm7", UCS2, OCTETS]), st.integers(0, 3), st.sampled_from(["general", "class"]))
def test_what_is_said_is_read(alphabet, message_class, form):
    said = data_coding_of(with_class(alphabet, message_class, form))
    assert (said.alphabet, said.message_class) == (alphabet, message_class)


@given(st.integers(0, 255))
def test_every_value_means_something(data_coding):
    kind, alphabet, message_class = data_coding_of(data_coding)
    assert (kind == "binary") == (alphabet == OCTETS)
    assert message_class in (None, 0, 1, 2, 3)
