"""Files of captures read back: every frame as it was written, also while the file grows."""

from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import constants as c
from onesixty.smpp.codec import encode
from onesixty.smpp.pcap import HEAD, PcapStream
from onesixty.smpp.pcap_reading import FIRST, frames
from onesixty.smpp.pdu import Pdu

US, THEM, SIX = ("10.0.0.1", 41000), ("10.0.0.2", 2775), ("2001:db8::1", 2775)


def frame(size: int, sequence: int) -> bytes:
    return encode(Pdu(c.DATA_SM, sequence=sequence, tlvs=((0x0424, b"x" * size),)))


@given(st.lists(st.tuples(st.integers(0, 5000), st.booleans()), max_size=12))
def test_what_is_written_is_read_back(given_: list[tuple[int, bool]]) -> None:
    stream, data, written = PcapStream(), HEAD, []
    for number, (size, sent) in enumerate(given_, 1):
        source, target = (US, THEM) if sent else (THEM, US)
        written.append((number * 10, source, target, frame(size, number)))
        data += stream.record(number / 100, source, target, written[-1][3])
    found = list(frames(data))
    assert [(one.at, one.source, one.target, one.frame) for one in found] == written
    assert [one.start for one in found] == [FIRST, *(one.end for one in found)][: len(found)]
    if found:
        assert found[-1].end == len(data)
        assert list(frames(data, found[-1].start)) == found[-1:]


def test_a_frame_that_is_not_there_as_a_whole_is_left() -> None:
    stream = PcapStream()
    data = HEAD + stream.record(1, US, THEM, frame(10, 1)) + stream.record(2, US, THEM, frame(3000, 2))
    whole = list(frames(data))
    assert [len(one.frame) for one in whole] == [len(frame(10, 1)), len(frame(3000, 2))]
    for cut in range(whole[0].end, len(data)):
        assert list(frames(data[:cut])) == whole[:1]


def test_ipv6_and_a_length_of_exactly_one_segment() -> None:
    stream = PcapStream()
    exact = frame(1400 - len(frame(0, 1)), 1)
    assert len(exact) == 1400
    data = HEAD + stream.record(1, SIX, SIX, exact) + stream.record(1, SIX, SIX, frame(1, 2))
    assert [(one.source, len(one.frame)) for one in frames(data)] == [(SIX, 1400), (SIX, len(frame(1, 2)))]
