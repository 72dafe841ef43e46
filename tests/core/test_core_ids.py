"""Ids: TypeIDs over UUIDv7 that sort in the order in which they were made."""

import re
import uuid
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core import ids


class Clock:
    def __init__(self, *times: int) -> None:
        self._times = list(times)

    def now_ms(self) -> int:
        return self._times.pop(0) if len(self._times) > 1 else self._times[0]

    def monotonic(self) -> float:
        return 0.0


ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def as_uuid(value: str) -> uuid.UUID:
    number = 0
    for digit in value.rsplit("_", 1)[1]:
        number = number << 5 | ALPHABET.index(digit)
    return uuid.UUID(int=number)


@given(st.lists(st.integers(0, 2**48 - 10_000), min_size=1, max_size=50), st.integers())
def test_ids_sort_in_the_order_they_were_made_whatever_the_clock_does(times: list[int], seed: int) -> None:
    source = ids.IdSource(Clock(*times), Random(seed))
    made = [source.new("msg") for _ in times]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


@given(st.integers(1, 2**48 - 1), st.integers())
def test_an_id_is_a_type_id_of_a_version_7_uuid(ms: int, seed: int) -> None:
    made = ids.IdSource(Clock(ms), Random(seed)).new("msg")
    assert re.fullmatch(r"msg_[0-7][0-9a-hjkmnp-tv-z]{25}", made)
    found = as_uuid(made)
    assert found.version == 7
    assert found.variant == uuid.RFC_4122
    assert found.int >> 80 == ms
    assert ids.made_at(made) == ms


def test_more_ids_in_a_millisecond_than_the_counter_holds_borrow_from_the_next() -> None:
    source = ids.IdSource(Clock(1_800_000_000_000), Random(1))
    made = [source.new("msg") for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert ids.made_at(made[-1]) - ids.made_at(made[0]) <= 3


def test_a_clock_that_goes_back_does_not_break_the_order() -> None:
    source = ids.IdSource(Clock(2000, 1000, 1500, 2001), Random(1))
    made = [source.new("evt") for _ in range(4)]
    assert made == sorted(made)
    assert [ids.made_at(one) for one in made] == [2000, 2000, 2000, 2001]


@given(st.integers(0, 2**47), st.integers())
def test_bounds_of_time_enclose_the_ids_of_a_millisecond(ms: int, seed: int) -> None:
    made = ids.IdSource(Clock(ms + 1), Random(seed)).new("msg")
    assert ids.lowest_at("msg", ms + 1) <= made < ids.lowest_at("msg", ms + 2)
    assert ids.lowest_at("msg", -5) == ids.lowest_at("msg", 0)


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("msg_01h455vb4pex5vsknk084sn02q", True),
        ("evt_01h455vb4pex5vsknk084sn02q", False),
        ("msg_81h455vb4pex5vsknk084sn02q", False),  # more than 128 bits
        ("msg_01h455vb4pex5vsknk084sn02", False),
        ("msg_01h455vb4pex5vsknk084sn02q\n", False),
        ("msg_01H455VB4PEX5VSKNK084SN02Q", False),
        ("msg_01h455vb4pex5vsknk084sn0lq", False),  # no l in base 32
        ("", False),
        ("msg", False),
    ],
)
def test_what_is_an_id(value: str, fits: bool) -> None:
    assert ids.is_id("msg", value) is fits


@given(st.integers(0, 2**46), st.integers(0, 9_999))
def test_derived_ids_are_always_the_same_and_in_the_order_of_their_places(ms: int, place: int) -> None:
    batch = ids.IdSource(Clock(ms), Random(ms)).new("bat")
    made, following = ids.derived("msg", batch, place), ids.derived("msg", batch, place + 1)
    assert made == ids.derived("msg", batch, place) < following
    assert ids.is_id("msg", made)
    assert 0 <= ids.made_at(made) - ids.made_at(batch) <= 2


def test_a_page_of_a_list_lies_between_two_times_and_goes_on_at_its_cursor() -> None:
    at = ids.lowest_at
    assert ids.span("msg", None, None) == (at("msg", 0), ids.end_of("msg"))
    assert ids.span("msg", 5_000, 9_000, early=100, late=20) == (at("msg", 4_900), at("msg", 9_020))
    assert ids.span("msg", 50, None, early=100) == (at("msg", 0), ids.end_of("msg"))
    cursor = at("msg", 7_000)
    assert ids.span("msg", 5_000, 9_000, cursor) == (at("msg", 5_000), cursor)
    assert ids.span("msg", 5_000, 9_000, cursor, oldest_first=True) == (cursor, at("msg", 9_000))
    assert ids.span("msg", 8_000, 9_000, cursor, oldest_first=True) == (at("msg", 8_000), at("msg", 9_000))
