"""The GSM alphabet as a table, against another implementation, and its codec."""

import pytest
from aiosmpplib.codec import GSM_BASIC_DECODE_MAP, GSM_EXTENDED_DECODE_MAP
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text.gsm0338 import (
    DEFAULT_ALPHABET,
    EXTENSION_TABLE,
    decode,
    extended,
    fold,
    offending,
    unfold,
)

CHARACTERS = DEFAULT_ALPHABET.replace("\x1b", "") + "".join(EXTENSION_TABLE.values())


def test_default_alphabet_agrees_with_a_foreign_table():
    ours = {code: character for code, character in enumerate(DEFAULT_ALPHABET) if code != 0x1B}
    theirs = {code: character for code, character in GSM_BASIC_DECODE_MAP.items() if code != 0x1B}
    assert ours == theirs
    assert len(DEFAULT_ALPHABET) == len(set(DEFAULT_ALPHABET)) == 128


def test_extension_table_agrees_with_a_foreign_table():
    theirs = {
        code: character
        for code, character in GSM_EXTENDED_DECODE_MAP.items()
        if character not in "\x1b\r"  # reserved places, which carry no character
    }
    assert theirs == EXTENSION_TABLE


@pytest.mark.parametrize(
    ("text", "septets"),
    [
        ("", b""),
        ("hello", b"hello"),
        ("@", b"\x00"),
        ("£$", b"\x01\x02"),
        ("a_b", b"a\x11b"),
        ("€", b"\x1b\x65"),
        ("[@]", b"\x1b\x3c\x00\x1b\x3e"),
        ("{}\\~|^\f", b"\x1b(\x1b)\x1b/\x1b=\x1b@\x1b\x14\x1b\n"),
        ("ÄÖÑÜ§à", b"[\\]^_\x7f"),
        ("ΔΞ", b"\x10\x1a"),
    ],
)
def test_unpacked_septets(text, septets):
    folded = fold(text)
    assert folded is not None
    assert len(folded) == len(text)
    assert unfold(folded) == septets
    assert len(text) + extended(folded) == len(septets)
    assert decode(septets) == text


@pytest.mark.parametrize("text", ["ç", "`", "\0", "\x1b", "a\tb", "’", "Α", "🙂", "\ud83d"])
def test_what_is_not_in_the_alphabet(text):
    assert fold(text) is None


def test_offending_lists_every_character_with_its_position():
    assert offending("a’b`c’") == ((1, "’"), (3, "`"), (5, "’"))
    assert offending(CHARACTERS) == ()


@given(st.characters())
def test_fold_and_offending_agree(character):
    assert (fold(character) is None) == (character not in CHARACTERS) == bool(offending(character))


@given(st.text(alphabet=CHARACTERS))
def test_what_is_encoded_decodes(text):
    folded = fold(text)
    assert folded is not None
    assert decode(unfold(folded)) == text


@given(st.binary())
def test_decoding_never_raises(septets):
    assert len(decode(septets)) <= len(septets)


@pytest.mark.parametrize(
    ("septets", "text"),
    [
        (b"abc\x1b", "abc "),  # nothing follows
        (b"\x1b\x1be", " e"),  # reserved for a further table
        (b"\x1bA", "A"),  # not in the extension table: the default alphabet
        (b"\x1b\x00", "@"),
        (b"\x1b\r", "\r"),
        (b"a\x80\xff", "a\ufffd\ufffd"),  # no septets
        (b"\x1b\x80", "\ufffd"),
        (b"\x1b\n", "\f"),
    ],
)
def test_tolerant_decoding(septets, text):
    assert decode(septets) == text
