"""Codes: derived, compared, and read as people type them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.verify import codes

KEY, SEED = b"k" * 32, b"s" * 16


def test_the_same_arguments_give_the_same_code_and_any_other_gives_another() -> None:
    one = codes.derived(KEY, "ver_1", 1, SEED, "digits", 10)
    assert one == codes.derived(KEY, "ver_1", 1, SEED, "digits", 10)
    others = {
        codes.derived(b"x" * 32, "ver_1", 1, SEED, "digits", 10),
        codes.derived(KEY, "ver_2", 1, SEED, "digits", 10),
        codes.derived(KEY, "ver_1", 2, SEED, "digits", 10),
        codes.derived(KEY, "ver_1", 1, b"t" * 16, "digits", 10),
    }
    assert one not in others
    assert len(others) == 4


@given(
    st.sampled_from(sorted(codes.CHARACTERS)),
    st.integers(codes.SHORTEST, codes.LONGEST),
    st.integers(1, 9),
    st.binary(min_size=16, max_size=16),
)
def test_a_code_has_its_length_and_its_alphabet(alphabet: str, length: int, number: int, seed: bytes) -> None:
    code = codes.derived(KEY, "ver_1", number, seed, alphabet, length)  # type: ignore[arg-type]
    assert len(code) == length
    assert set(code) <= set(codes.CHARACTERS[alphabet])
    assert codes.normalised(code) == code
    assert codes.well_formed(code)


def test_all_digits_come_equally_often_at_every_place() -> None:
    made = [codes.derived(KEY, f"ver_{n}", 1, SEED, "digits", 6) for n in range(5000)]
    for place in range(6):
        counts = Counter(code[place] for code in made)
        # 500 expected, with a standard deviation of 21: six of them
        assert all(370 < counts[digit] < 630 for digit in "0123456789"), counts


@pytest.mark.parametrize(
    "typed",
    [
        "482931",
        " 482 931 ",
        "482-931",
        "4.8.2.9.3.1",
        "٤٨٢٩٣١",
        "४८२९३१",
        "４８２９３１",
        "\u200f482931\u200e",
        "482\u00a0931",
    ],
)
def test_what_a_person_types_is_understood(typed: str) -> None:
    assert codes.normalised(typed) == "482931"


def test_letters_are_read_in_both_cases() -> None:
    assert codes.normalised("ab-3k") == "AB3K"


@given(st.text(max_size=40))
def test_any_text_can_be_typed(typed: str) -> None:
    once = codes.normalised(typed)
    assert codes.normalised(once) in (once, codes.normalised(once))
    assert not set(once) & set(" -.\t")


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("1234", True),
        ("AB12CD34EF", True),
        ("123", False),
        ("12345678901", False),
        ("12 34", False),
        ("ÄBCD", False),
        ("ab12", False),
    ],
)
def test_what_may_be_a_callers_own_code(code: str, fits: bool) -> None:
    assert codes.well_formed(code) is fits


def test_a_digest_covers_what_the_verification_is_bound_to() -> None:
    one = codes.digest(KEY, "ver_1", 1, b'{"amount":"5.00"}', "482931")
    assert codes.same(one, codes.digest(KEY, "ver_1", 1, b'{"amount":"5.00"}', "482931"))
    for other in (
        codes.digest(KEY, "ver_1", 1, b'{"amount":"6.00"}', "482931"),
        codes.digest(KEY, "ver_1", 2, b'{"amount":"5.00"}', "482931"),
        codes.digest(KEY, "ver_1", 1, b"", "482931"),
        codes.digest(KEY, "ver_1", 1, b'{"amount":"5.00"}', "482932"),
    ):
        assert not codes.same(one, other)


def test_the_chance_of_guessing() -> None:
    assert codes.chance("digits", 6, 5) == pytest.approx(5e-6)
    assert codes.chance("digits", 4, 3) == pytest.approx(3e-4)
