"""Seven bits an octet: known octets, fill bits, the place where a septet of nothing looks like a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text import decode, pack, render, unpack
from onesixty.text.packed import fill_bits

SEPTETS = st.binary(max_size=160).map(lambda octets: bytes(octet & 0x7F for octet in octets))


@pytest.mark.parametrize(
    ("septets", "octets"),
    [
        (b"", ""),
        (b"a", "61"),
        (b"hello", "e8329bfd06"),
        (b"hellohello", "e8329bfd4697d9ec37"),
        (b"abcdefgh", "61f1985c369fd1"),
        (b"abcdefg", "61f1985c369f1b"),  # seven bits of nothing: CR
    ],
)
def test_known_octets(septets, octets):
    assert pack(septets).hex() == octets
    assert unpack(bytes.fromhex(octets)) == septets


@pytest.mark.parametrize(
    ("header", "bits"), [(0, 0), (4, 3), (6, 1), (7, 0), (9, 5), (10, 4), (12, 2), (13, 1)]
)
def test_fill_bits(header, bits):
    """The text behind a header begins on a septet's edge."""
    assert fill_bits(header) == bits
    packed = pack(b"\x7f", header)
    assert packed[0] == (0x7F << bits) & 0xFF
    assert unpack(packed, header) == b"\x7f"


@given(SEPTETS, st.integers(0, 140))
def test_with_their_number_all_septets_come_back(septets, header):
    assert unpack(pack(septets, header), header, len(septets)) == septets


@given(SEPTETS, st.sampled_from([0, 4, 6, 7, 9, 10, 12, 13]))
def test_without_their_number_too_but_for_a_last_cr(septets, header):
    """The 8n + 7 ambiguity; only a CR on the octet's edge may come back twice or not at all."""
    back = unpack(pack(septets, header), header)
    assert back == septets or (septets[-1:] == b"\r" and back in (septets + b"\r", septets[:-1]))
    assert len(pack(septets, header)) <= -(-(fill_bits(header) + 7 * len(septets) + 7) // 8)


def test_a_last_at_sign_is_kept():
    """`@` is septet 0 and looks like nothing; it is never taken for filling."""
    assert unpack(pack(b"user at\0")) == b"user at\0"
    assert unpack(pack(b"user a\0")) == b"user a\0"
    assert unpack(bytes.fromhex("61f1985c369f01")) == b"abcdefg\0"  # a sender who fills with zeros


def test_a_last_cr_at_the_edge():
    """TS 23.038, 6.1.2.3.1: a text that ends there with CR gets another."""
    assert unpack(pack(b"abcdefg\r")) == b"abcdefg\r\r"
    assert len(pack(b"abcdefg\r")) == 8
    assert len(pack(b"a" * 159 + b"\r")) == 140  # no room for it
    assert unpack(pack(b"abc\r")) == b"abc\r"


@given(st.binary(max_size=200), st.integers(0, 200), st.none() | st.integers(0, 300))
def test_unpacking_never_raises(octets, header, count):
    assert all(septet < 0x80 for septet in unpack(octets, header, count))


@given(
    st.text(alphabet="aZ @é€[]\n0", min_size=1, max_size=500).filter(lambda text: text[-1] != "\r"),
    st.sampled_from([8, 16]),
)
def test_segments_of_a_packed_link(text, bits):
    """What a link with packed septets gets, is never over 140 octets, and reads back."""
    packed = render(text, "gsm7", "gsm7_packed", 7, bits)
    plain = render(text, "gsm7", "gsm7", 7, bits)
    assert [(part.udh, part.text) for part in packed.segments] == [
        (part.udh, part.text) for part in plain.segments
    ]
    for part in packed.segments:
        assert len(part.udh) + len(part.payload) <= 140
        assert decode(part.payload, 0, "gsm7_packed", udh=part.udh) == part.text
