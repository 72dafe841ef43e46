"""User data headers: strict bounds, tolerant meaning."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text import Concat, MalformedUDH, concat_of, concat_udh, parse_udh, split_udh


def test_elements_in_order_unknown_ones_kept():
    udh = bytes.fromhex("0b 0504 0b84 23f0 0003 2a 02 01")
    assert parse_udh(udh) == [(0x05, b"\x0b\x84\x23\xf0"), (0x00, b"\x2a\x02\x01")]
    assert concat_of(udh) == Concat(reference=0x2A, total=2, number=1, bits=8)
    assert split_udh(udh + b"text") == (udh, b"text")
    assert parse_udh(b"\0") == []
    assert concat_of(b"\0") is None
    assert parse_udh(b"\2\x24\0") == [(0x24, b"")]


@pytest.mark.parametrize(
    "udh",
    [b"", b"\5", b"\5\0\3\1\2", b"\5\0\3\1\2\1\1", b"\1\0", b"\5\0\4\1\2\1", b"\6\0\3\1\2\1\0", b"\xff"],
)
def test_lengths_that_do_not_agree(udh):
    for call in (parse_udh, concat_of):
        with pytest.raises(MalformedUDH) as refusal:
            call(udh)
        assert refusal.value.code == "malformed_udh"


@pytest.mark.parametrize("short_message", [b"", b"\5", b"\5\0\3\1\2"])
def test_a_header_longer_than_its_message(short_message):
    with pytest.raises(MalformedUDH):
        split_udh(short_message)


@pytest.mark.parametrize(
    "udh",
    [
        b"\5\0\3\1\2\0",  # numbers count from 1
        b"\5\0\3\1\2\3",  # beyond the total
        b"\5\0\3\1\0\0",
        b"\4\0\2\1\2",  # too short to mean anything
        b"\5\x08\3\1\2\1",
    ],
)
def test_concatenation_that_makes_no_sense_is_ignored(udh):
    assert concat_of(udh) is None


def test_of_two_concatenation_elements_the_last_counts():
    assert concat_of(b"\x0b\0\3\1\2\1\x08\4\1\2\3\1") == (0x0102, 3, 1, 16)
    assert concat_of(b"\x0a\0\3\1\2\1\0\3\7\2\0") == (1, 2, 1, 8)


@given(st.sampled_from([8, 16]), st.data())
def test_what_is_written_reads_back(bits, data):
    """The header of a part, any reference from 0, 8 or 16 bit."""
    reference = data.draw(st.integers(0, 2**bits - 1))
    total = data.draw(st.integers(1, 255))
    number = data.draw(st.integers(1, total))
    udh = concat_udh(reference, total, number, bits)
    assert len(udh) == (6 if bits == 8 else 7)
    assert concat_of(udh) == (reference, total, number, bits)


@pytest.mark.parametrize(
    "arguments", [(0, 2, 0), (0, 2, 3), (0, 256, 1), (256, 2, 1), (0, 2, 1, 7), (-1, 2, 1)]
)
def test_headers_that_cannot_be(arguments):
    with pytest.raises(ValueError, match=r"part|reference"):
        concat_udh(*arguments)


@given(st.binary(max_size=40))
def test_nothing_but_its_own_error(octets):
    for call in (parse_udh, concat_of, split_udh):
        with contextlib.suppress(MalformedUDH):
            call(octets)
