"""Octets to text: by data_coding, and whatever comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text import Part, concat_udh, decode, decode_parts, pack, segment


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
        (b"\xff\xfea\0b\0", 8, "ab"),  # low octet first, as a byte order mark says
        (b"\xfe\xff\0a", 8, "a"),
        (b"\xff\xfe", 8, ""),
        (b"\x1f\x8b", 0x20, "\x1f\x8b"),  # compressed: octets
    ],
)
def test_by_data_coding(payload, data_coding, text):
    assert decode(payload, data_coding) == text


def test_data_coding_0_and_1_by_link():
    """The same octets mean other characters on another link."""
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


# ------------------------------------------------------------ parts


def test_characters_cut_in_two_are_whole_again():
    """A gateway that cuts by octets tears pairs; joined before they are read, they are whole."""
    wire = "ab🙂cd".encode("utf-16-be")
    for cut in range(len(wire) + 1):
        parts = [Part(wire[:cut], 8, concat_udh(1, 2, 1)), Part(wire[cut:], 8, concat_udh(1, 2, 2))]
        assert decode_parts(parts) == "ab🙂cd"
    assert decode_parts([Part(b"a\x1b", 0), Part(b"eb", 0)]) == "a€b"
    japanese = "日本語".encode("shift_jis")
    assert decode_parts([Part(japanese[:3], 5), Part(japanese[3:], 5)]) == "日本語"


def test_half_a_unit_harms_its_own_part_alone():
    assert decode_parts([Part(b"\0a\0", 8), Part(b"\0b\0c", 8)]) == "a\ufffdbc"


def test_parts_may_differ():
    """Tables apply to the part that names them; a part may also have another data_coding."""
    parts = [
        Part(b"\x07s\x1d", 0, b"\3\x25\1\1"),
        Part(b"\x07", 0, b"\3\x25\1\1"),
        Part(b"\x07", 0),
        Part("я".encode("utf-16-be"), 8),
        Part(b"\x07", 0, b"\3\x25\5\1"),  # a header that cannot be read names nothing
    ]
    assert decode_parts(parts) == "ısşıìяì"
    assert decode_parts([]) == ""


def test_packed_parts():
    """Each part has fill bits of its own, behind its own header."""
    first, second = concat_udh(1, 2, 1), concat_udh(1, 2, 2)
    parts = [Part(pack(b"a\x1b", len(first)), 0, first), Part(pack(b"eb\0c", len(second)), 0, second)]
    assert decode_parts(parts, "gsm7_packed") == "a€b@c"
    assert decode(pack(b"abc"), 0, "gsm7_packed") == "abc"


PARTS = st.lists(
    st.tuples(
        st.binary(max_size=40),
        st.integers(0, 255),
        st.binary(max_size=8) | st.sampled_from([b"", b"\3\x24\1\6", b"\3\x25\1\x0d", b"\5\0\3\1\2\1"]),
    ).map(lambda one: Part(*one)),
    max_size=5,
)


@given(PARTS, st.sampled_from(["gsm7", "latin1", "ascii", "gsm7_packed"]))
def test_no_garbage_makes_it_raise(parts, alphabet):
    text = decode_parts(parts, alphabet, alphabet)
    assert isinstance(text, str)
    text.encode("utf-16-be")  # no half of a pair is left
    for part in parts:
        one = decode(part.payload, part.data_coding, alphabet, alphabet, part.udh)
        assert one == decode_parts([part], alphabet, alphabet)
