"""Octets to text: by data_coding, and whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text import decode, segment


@pytest.mark.parametrize(
    ("payload", "data_coding", "text"),
    [
        (b"\x00\x01\x1be", 0, "@£€"),
        (b"a@\xe9", 1, "a@\ufffd"),
        (b"a@\xe9", 3, "a@é"),
        (b"\x00\xff", 2, "\x00\xff"),
        (b"\x00\xff", 4, "\x00\xff"),
        ("привет".encode("utf-16-be"), 8, "привет"),
        ("🙂".encode("utf-16-be"), 8, "🙂"),
        (b"\xd8\x3d\x00a", 8, "\ufffda"),  # half a pair
        (b"\x00a\x00", 8, "a\ufffd"),  # half a unit
        ("привет".encode("iso8859_5"), 6, "привет"),
        ("שלום".encode("iso8859_8"), 7, "שלום"),
        ("日本".encode("shift_jis"), 5, "日本"),
        ("안녕".encode("euc_kr"), 14, "안녕"),
        (b"\x00", 0x10, "@"),  # flash, as TS 23.038 writes it
        (b"\x04\x3f", 0x18, "п"),
        (b"\xff", 0x14, "\xff"),
        (b"\x00", 0xF0, "@"),
        (b"\x00", 0xF5, "\x00"),
        (b"\x00", 0xC8, "@"),
        (b"\x00", 0xD0, "@"),
        (b"\x04\x3f", 0xE0, "п"),
        (b"\x00", 0x80, "\x00"),
        (b"a", 15, "a"),
    ],
)
def test_by_data_coding(payload, data_coding, text):
    assert decode(payload, data_coding) == text


def test_data_coding_0_and_1_by_link():
    """Field note 20: the same octets mean other characters on another link."""
    assert decode(b"\x00@\x01", 0, "gsm7") == "@¡£"
    assert decode(b"@\xa3", 0, "latin1") == "@£"
    assert decode(b"@\xa3", 0, "ascii") == "@\ufffd"
    assert decode(b"\x00", 1, "latin1", "gsm7") == "@"
    assert decode(b"\xa3", 1, alphabet_for_one="latin1") == "£"


@given(st.binary(max_size=300), st.integers(0, 255), st.sampled_from(["gsm7", "latin1", "ascii"]))
def test_it_never_raises(payload, data_coding, alphabet):
    assert isinstance(decode(payload, data_coding, alphabet, alphabet), str)


@given(st.text(max_size=60))
def test_what_was_encoded_decodes(text):
    parts = segment(text, "ucs2")
    assert "".join(decode(part.payload, 8) for part in parts) == text
