"""Messages that stay in the parts their sender cut, each with a header of its own."""

import pytest

from onesixty.text import NoRoom, NotInAlphabet, count_cut, parse_udh, render_cut

TOOLKIT = b"\x02\x70\x00"
HEADERS = (TOOLKIT, b"")


def test_octets_keep_their_cuts_and_headers() -> None:
    said = b"\x11" * 132 + b"\x22" * 60
    assert count_cut(said, "auto", (132, 192), HEADERS).segments == 2
    made = render_cut(said, "auto", (132, 192), HEADERS, reference=7)
    assert [segment.payload for segment in made.segments] == [b"\x11" * 132, b"\x22" * 60]
    assert [[element.identifier for element in parse_udh(segment.udh)] for segment in made.segments] == [
        [0x00, 0x70],
        [0x00],
    ]
    assert [parse_udh(segment.udh)[0].data for segment in made.segments] == [b"\7\2\1", b"\7\2\2"]


@pytest.mark.parametrize("alphabet", ["gsm7", "gsm7_packed", "latin1"])
def test_texts_keep_theirs(alphabet: str) -> None:
    made = render_cut("part 1part 2", "gsm7", (6, 12), HEADERS, alphabet, 3)
    assert [segment.text for segment in made.segments] == ["part 1", "part 2"]


def test_all_parts_are_in_one_encoding() -> None:
    assert count_cut("ab€я", "auto", (2, 4), HEADERS) == ("ucs2", 4, 4, 2)
    assert render_cut("abя", "ucs2", (2, 3), HEADERS).data_coding == 8
    with pytest.raises(NotInAlphabet):
        count_cut("abя", "gsm7", (2, 3), HEADERS)


def test_a_part_that_has_no_room_is_refused() -> None:
    """131 octets beside a reference of 8 bits and an element of 2 are what fits; with 16 bits it is one fewer."""
    assert count_cut(b"x" * 132, "auto", (132, 132), HEADERS).segments == 2
    for octets, bits in ((133, 8), (132, 16)):
        with pytest.raises(NoRoom):
            count_cut(b"x" * octets, "auto", (octets, octets), HEADERS, bits)
