"""Octets of customers to text: what has no meaning is refused, and nothing stands in for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text import (
    Part,
    Undecodable,
    check_part,
    data_coding_of,
    decode,
    decode_parts,
    decode_parts_strictly,
    decode_strictly,
)

ALPHABETS = st.sampled_from(["gsm7", "gsm7_packed", "latin1", "ascii"])
TURKISH = b"\x03\x24\x01\x01"
PART_1, PART_2 = b"\x05\x00\x03\x07\x02\x01", b"\x05\x00\x03\x07\x02\x02"


@pytest.mark.parametrize(
    ("payload", "data_coding"),
    [
        ("café".encode("latin-1"), 0),
        ("café".encode(), 0),
        (b"caf\x1b", 0),  # an escape with nothing after it
        (bytes.fromhex("5445CEA354"), 1),
        (b"\0a\0b\0", 8),  # half a unit
        (b"\xd8\x3d\x00a", 8),  # half a pair
        (b"\x00a\xde\x42", 8),
        (b"\x00\x00", 8),  # NUL, which no text holds
        (b"a\x00", 3),
        (b"a\x00", 1),
        (b"\x80", 0x10),
        (b"\xe9", 0xF1),
        (b"\x85", 5),
        (b"\xff", 14),
        (b"\x00", 0x18),
        (b"\x1b\x1b\x1b", 0),
    ],
)
def test_what_is_no_text_is_refused(payload: bytes, data_coding: int) -> None:
    with pytest.raises(Undecodable):
        decode_strictly(payload, data_coding)


@pytest.mark.parametrize(
    ("payload", "zero", "one", "data_coding"),
    [(b"\x80", "gsm7", "ascii", 0), (b"\x80", "ascii", "ascii", 0), (b"\x80", "latin1", "gsm7", 1)],
)
def test_the_alphabets_of_a_credential_hold(payload: bytes, zero: str, one: str, data_coding: int) -> None:
    with pytest.raises(Undecodable):
        decode_strictly(payload, data_coding, zero, one)
    assert decode_strictly(payload, data_coding, "latin1", "latin1") == "\x80"


@given(st.binary(max_size=200), st.integers(0, 255), ALPHABETS, ALPHABETS)
def test_it_reads_as_carriers_are_read_or_refuses(
    payload: bytes, data_coding: int, zero: str, one: str
) -> None:
    coding = data_coding_of(data_coding, zero, one)
    try:
        text = decode_strictly(payload, data_coding, zero, one)
    except Undecodable:
        assert coding.kind == "text"
        return
    assert text == decode(payload, data_coding, zero, one)
    if coding.kind == "text" and not (coding.alphabet == "ucs2" and b"\xff\xfd" in payload):
        assert "\ufffd" not in text or b"\xfd\xff" in payload
    text.encode("utf-8")  # no half of a surrogate pair


def test_shift_tables_of_the_header_apply() -> None:
    assert decode_strictly(b"\x1bS", 0, udh=TURKISH) == "Ş"
    with pytest.raises(Undecodable):
        decode_strictly(b"\xd3", 0, udh=TURKISH)


def test_parts_are_read_together_and_tell_what_each_began() -> None:
    """A pair that the sender's cut went through is whole in the part that began it."""
    octets = "a😀b".encode("utf-16-be")
    parts = [Part(octets[:4], 8, PART_1), Part(octets[4:], 8, PART_2)]
    for part in parts:
        check_part(part.payload, 8, first=part is parts[0])
    assert decode_parts_strictly(parts) == ["a😀", "b"]
    escape = [Part(b"a\x1b", 0, PART_1), Part(b"eb", 0, PART_2)]
    for part in escape:
        check_part(part.payload, 0, first=part is escape[0])
    assert decode_parts_strictly(escape) == ["a€", "b"]
    mixed = [Part("ab".encode("utf-16-be"), 8, PART_1), Part(b"c", 0, PART_2)]
    assert decode_parts_strictly(mixed) == ["ab", "c"]


@given(
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=40), st.data()
)
def test_joined_parts_are_the_whole(said: str, data: st.DataObject) -> None:
    octets = said.encode("utf-16-be")
    cut = 2 * data.draw(st.integers(0, len(octets) // 2))
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return  # a byte order mark is no part of the text
    parts = [Part(octets[:cut], 8, PART_1), Part(octets[cut:], 8, PART_2)]
    assert "".join(decode_parts_strictly(parts)) == said == decode_parts(parts)


@given(
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20), st.data()
)
def test_the_mark_of_the_first_part_goes_for_all(said: str, data: st.DataObject) -> None:
    """UCS-2 is big-endian, and a byte order mark where the message begins says otherwise for all of its parts."""
    octets = b"\xff\xfe" + said.encode("utf-16-le")
    cut = 2 * data.draw(st.integers(1, len(octets) // 2))
    parts = [Part(octets[:cut], 8, PART_1), Part(octets[cut:], 8, PART_2)]
    for part in parts:
        check_part(part.payload, 8, first=part is parts[0])
    assert "".join(decode_parts_strictly(parts)) == said == decode_parts(parts)


@given(st.lists(st.binary(max_size=12), min_size=1, max_size=3), st.sampled_from([0, 1, 3, 8, 6]))
def test_parts_that_say_something_together_are_taken_one_by_one(
    payloads: list[bytes], data_coding: int
) -> None:
    try:
        decode_parts_strictly([Part(payload, data_coding) for payload in payloads])
    except Undecodable:
        return
    if data_coding == 8 and any(len(payload) % 2 for payload in payloads):
        return  # a cut inside a unit is refused where it is seen
    for number, payload in enumerate(payloads):
        check_part(payload, data_coding, first=number == 0)


def test_half_a_unit_spoils_its_own_part_alone() -> None:
    parts = [Part(b"\xff\xfea\0\x01", 8, PART_1), Part("b".encode("utf-16-le"), 8, PART_2)]
    assert decode_parts(parts) == "a\ufffdb"


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("payload", "data_coding"),
    [(b"\x80", 0), (b"\x80", 1), (b"abc", 8), (b"\x00a\xd8\xd8\x00b", 8), (b"\x00\x00", 8), (b"\x00", 3)],
)
def test_a_part_that_no_other_completes_is_refused_alone(
    payload: bytes, data_coding: int, first: bool
) -> None:
    with pytest.raises(Undecodable):
        check_part(payload, data_coding, first=first)


def test_a_first_part_tells_its_byte_order() -> None:
    """A later part may be of either: half a pair in one is a character in the other."""
    half = b"\x00a\xd8\x3d\x00b"
    check_part(half, 8, first=False)
    check_part(b"\xff\xfe" + half, 8, first=True)
    with pytest.raises(Undecodable):
        check_part(half, 8, first=True)


def test_a_first_part_cannot_begin_inside_a_pair() -> None:
    check_part(b"\xde\x00", 8, first=False)
    with pytest.raises(Undecodable):
        check_part(b"\xde\x00", 8, first=True)


def test_parts_that_are_no_text_together_are_refused() -> None:
    half = "😀".encode("utf-16-be")[:2]
    with pytest.raises(Undecodable):
        decode_parts_strictly([Part(b"\0a", 8, PART_1), Part(half, 8, PART_2)])
    with pytest.raises(Undecodable):
        decode_parts_strictly([Part(b"a", 0, PART_1), Part(b"\1", 4, PART_2)])
