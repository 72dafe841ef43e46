"""Parts of long messages: whatever their order, they become one message once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty import text
from onesixty.channels.sms.parts import Octets, place_of, read
from onesixty.core.channel import Place
from onesixty.messages import assembly
from onesixty.messages.assembly import Piece, groups


def pieces_of(contents: list[str], start: int = 0, total: int | None = None) -> list[Piece]:
    """A part for each content, in order."""
    return [
        Piece(f"prt_{start + place:04}", total or len(contents), place + 1, content, start + place)
        for place, content in enumerate(contents)
    ]


def moved(piece: Piece, at: int) -> Piece:
    return Piece(f"prt_{at:04}", piece.total, piece.number, piece.digest, at)


@given(st.data(), st.lists(st.text(max_size=3), min_size=2, max_size=8))
def test_any_order_and_any_repeats_give_the_message_once(data: st.DataObject, contents: list[str]) -> None:
    """Out of order and doubled."""
    sent = pieces_of(contents)
    repeated = data.draw(st.lists(st.sampled_from(sent), max_size=8))
    came = data.draw(st.permutations(sent + repeated))
    (group,) = groups([moved(piece, at) for at, piece in enumerate(came)])
    assert group.complete
    assert [piece.digest for piece in group.in_order] == contents
    assert len(group.repeats) == len(repeated)
    assert len(group.everything) == len(came)


@given(st.data(), st.lists(st.text(max_size=3), min_size=2, max_size=8))
def test_a_part_that_never_came_leaves_the_message_open(data: st.DataObject, contents: list[str]) -> None:
    sent = pieces_of(contents)
    came = data.draw(st.lists(st.sampled_from(sent), min_size=1, max_size=2 * len(sent)))
    missing = {piece.number for piece in sent} - {piece.number for piece in came}
    (group,) = groups([moved(piece, at) for at, piece in enumerate(came)])
    assert group.complete is not bool(missing)
    assert set(group.pieces) == {piece.number for piece in came}


@given(st.permutations(range(3)), st.permutations(range(3)))
def test_a_reference_that_comes_round_again_is_another_message(one: list[int], two: list[int]) -> None:
    first, second = pieces_of(["a", "b", "c"]), pieces_of(["d", "e", "f"])
    came = [first[place] for place in one] + [second[place] for place in two]
    found = groups([moved(piece, at) for at, piece in enumerate(came)])
    assert [[piece.digest for piece in group.in_order] for group in found] == [
        ["a", "b", "c"],
        ["d", "e", "f"],
    ]


def test_two_messages_side_by_side_under_one_reference_are_told_apart() -> None:
    first, second = pieces_of(["a", "b"]), pieces_of(["c", "d"])
    found = groups([moved(p, at) for at, p in enumerate([first[0], second[0], first[1], second[1]])])
    assert [[piece.digest for piece in group.in_order] for group in found] == [["a", "b"], ["c", "d"]]


def test_totals_at_odds_are_two_messages() -> None:
    found = groups([*pieces_of(["a", "b"]), *pieces_of(["c"], start=5, total=3)])
    assert [(group.total, group.complete) for group in found] == [(2, True), (3, False)]


@pytest.mark.parametrize(
    ("udh", "sar", "place"),
    [
        (text.concat_udh(0, 2, 1), None, Place(0, 2, 1, 8)),
        (text.concat_udh(700, 3, 2, 16), None, Place(700, 3, 2, 16)),
        (b"", (9, 4, 4), Place(9, 4, 4, 0)),
        (text.concat_udh(1, 2, 2), (9, 4, 4), Place(1, 2, 2, 8)),
        (b"\x05\x00\x03\x01\x02\x03", None, None),  # part 3 of 2
        (b"\x05\x00\x03\x01\x02\x00", None, None),  # part 0
        (b"\x05\x00\x03\x01\x01\x01", None, None),  # the only part
        (b"\x09\x00\x03", None, None),  # cut
        (b"", (9, 4, 5), None),
        (b"", (9, 300, 5), None),
        (b"", None, None),
    ],
)
def test_what_makes_no_sense_is_a_whole_message(udh: bytes, sar: Any, place: Place | None) -> None:
    assert place_of(udh, sar) == place


def test_what_is_torn_between_parts_is_read_whole() -> None:
    """A surrogate pair and an escape pair over two parts; `@` by the link's alphabet."""
    emoji = "😀".encode("utf-16-be")
    assert read([Octets(emoji[:2], b"", 8), Octets(emoji[2:], b"", 8)]).text == "😀"
    assert read([Octets(b"a\x1b", b"", 0), Octets(b"e", b"", 0)]).text == "a€"
    assert read([Octets(b"\x00", b"", 0)]).text == "@"
    assert read([Octets(b"@", b"", 0)], "latin1").text == "@"


def test_octets_headers_flash_and_shift_tables_are_told() -> None:
    ports = text.compose_udh((text.InformationElement(5, b"\x15\x81\x00\x00"),))
    whole = read([Octets(b"\x01\x02", ports, 4), Octets(b"\x03", ports, 4)])
    assert (whole.binary, whole.udh) == (b"\x01\x02\x03", ports.hex())
    assert read([Octets(b"hi", b"", 0x10)]).flash
    shifted = read([Octets(b"abc", b"\x03\x24\x01\x01", 0)])
    assert (shifted.shifted, shifted.udh) == (True, None)


@given(st.binary(max_size=40), st.integers(0, 255), st.binary(max_size=10))
def test_nothing_that_comes_is_too_odd_to_be_kept(payload: bytes, data_coding: int, udh: bytes) -> None:
    whole = read([Octets(payload, udh, data_coding)])
    assert "\0" not in whole.text
    whole.text.encode()


def test_keys_tell_apart_who_it_is_between() -> None:
    place = Place(1, 2, 1, 8)
    assert assembly.place_key(place, "ab", "c") != assembly.place_key(place, "a", "bc")
    assert assembly.place_key(place, "a") == assembly.place_key(Place(1, 3, 3, 8), "a")
    assert assembly.place_key(place, "a") != assembly.place_key(Place(1, 2, 1, 16), "a")
