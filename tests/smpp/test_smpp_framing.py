"""The framer: the same frames however the stream is cut, and no trust in a length."""

import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from tests.smpp.strategies import pdus


@given(st.lists(pdus, max_size=6), st.data())
def test_any_cut_gives_the_same_frames(sent: list[Pdu], data: st.DataObject) -> None:
    """However a stream is cut, the frames are the same."""
    frames = [codec.encode(pdu) for pdu in sent]
    stream = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    framer = Framer()
    found: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += framer.feed(stream[start:end])
    assert found == frames
    assert framer.pending == 0


def test_octet_by_octet() -> None:
    """What was read of an unfinished PDU is kept, however slowly the rest comes."""
    frame = codec.encode(Pdu(c.ENQUIRE_LINK, 0, 9))
    framer = Framer()
    for octet in frame[:-1]:
        assert framer.feed(bytes((octet,))) == []
        assert framer.feed(b"") == []
    assert framer.feed(frame[-1:]) == [frame]


@pytest.mark.parametrize("length", [0, 4, 15, 70_001, 1_213_486_160, 0xFFFFFFFF])
def test_length_that_cannot_be(length: int) -> None:
    """command_length under 16 or over the bound is refused before anything is allocated."""
    good = codec.encode(Pdu(c.ENQUIRE_LINK, 0, 9))
    framer = Framer()
    tracemalloc.start()
    try:
        frames = framer.feed(good + struct.pack(">IIII", length, c.SUBMIT_SM, 0, 77))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert frames == [good]
    assert framer.error is not None
    assert framer.error.command_status == c.ESME_RINVCMDLEN
    assert peak < 100_000
    assert framer.feed(good) == []


def test_http_on_the_smpp_port() -> None:
    """ "HTTP" read as a length is 1,213,486,160; it is refused."""
    framer = Framer()
    assert framer.feed(b"HTTP") == []
    assert framer.error is not None


def test_a_length_alone_is_refused_before_its_header_is_whole() -> None:
    framer = Framer()
    framer.feed(b"\xff\xff\xff")
    assert framer.error is None
    framer.feed(b"\xff")
    assert framer.error is not None


@given(st.lists(st.binary(max_size=60), max_size=10))
def test_arbitrary_octets_never_raise_and_never_pile_up(chunks: list[bytes]) -> None:
    framer = Framer(1000)
    for chunk in chunks:
        for frame in framer.feed(chunk):
            assert 16 <= len(frame) <= 1000
        assert framer.pending < 1000
