"""Counting: the cheapest encoding, units, segments, and what made a text expensive."""

import pytest

from onesixty.text import (
    LoneSurrogate,
    NotInAlphabet,
    Offending,
    TextError,
    TooManySegments,
    count,
    segment,
)
from onesixty.text.gsm0338 import offending


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("gsm7", 0, 0, 1)),
        ("a" * 160, ("gsm7", 160, 160, 1)),
        ("a" * 161, ("gsm7", 161, 161, 2)),
        ("a" * 306, ("gsm7", 306, 306, 2)),
        ("a" * 307, ("gsm7", 307, 307, 3)),
        ("é@Δ\n" * 40, ("gsm7", 160, 160, 1)),
        ("я" * 70, ("ucs2", 70, 70, 1)),
        ("я" * 71, ("ucs2", 71, 71, 2)),
        ("я" * 134, ("ucs2", 134, 134, 2)),
        ("я" * 135, ("ucs2", 135, 135, 3)),
        ("🙂" * 35, ("ucs2", 35, 70, 1)),
        ("🙂" * 36, ("ucs2", 36, 72, 2)),
        ("a\0b", ("ucs2", 3, 3, 1)),
    ],
)
def test_count(text, expected):
    assert count(text) == expected
    assert len(segment(text)) == expected[3]


def test_extension_characters_cost_two():
    """An extension character costs two septets; 159 and one of them are two segments."""
    assert count("a" * 158 + "€") == ("gsm7", 159, 160, 1)
    assert count("a" * 159 + "€") == ("gsm7", 160, 161, 2)
    assert count("[]" * 40) == ("gsm7", 80, 160, 1)
    # 152 plain characters and an escape that does not fit: 152 in the first segment, so three segments.
    text = "a" * 152 + "€" + "b" * 152
    assert count(text).units == 306
    assert count(text).segments == 3


def test_sixteen_bit_references_cost_a_septet():
    assert count("a" * 306, reference_bits=8).segments == 2
    assert count("a" * 304, reference_bits=16).segments == 2
    assert count("a" * 305, reference_bits=16).segments == 3
    assert count("я" * 134, reference_bits=8).segments == 2
    assert count("я" * 132, reference_bits=16).segments == 2
    assert count("я" * 133, reference_bits=16).segments == 3


def test_one_character_makes_a_text_expensive_and_is_shown():
    """One curly quote triples the segments; the offending characters are shown beforehand."""
    plain = "It's " + "a" * 155
    curly = plain.replace("'", "’")
    assert (count(plain).segments, offending(plain)) == (1, ())
    assert (count(curly).encoding, count(curly).segments) == ("ucs2", 3)
    assert offending(curly) == (Offending(position=2, character="’"),)
    assert offending("ok 👨‍👩‍👧") == ((3, "👨"), (4, "\u200d"), (5, "👩"), (6, "\u200d"), (7, "👧"))


def test_an_encoding_can_be_forced():
    assert count("hello", "ucs2") == ("ucs2", 5, 5, 1)
    assert count("a" * 71, "ucs2").segments == 2
    assert count("hello", "gsm7") == ("gsm7", 5, 5, 1)
    with pytest.raises(NotInAlphabet) as refusal:
        count("a’b🙂", "gsm7")
    assert refusal.value.code == "not_in_alphabet"
    assert refusal.value.alphabet == "gsm7"
    assert refusal.value.offending == ((1, "’"), (3, "🙂"))
    assert str(refusal.value) == "not in the alphabet gsm7: '’' at 1, '🙂' at 3"
    with pytest.raises(NotInAlphabet, match="and 65 more"):
        count("я" * 70, "gsm7")


@pytest.mark.parametrize(
    ("text", "most"), [("a", 255 * 153), ("€", 255 * 76), ("я", 255 * 67), ("🙂", 255 * 33)]
)
def test_a_text_is_counted_in_full_or_refused(text, most):
    """No count and no cut stops short; what a header cannot number is refused."""
    assert count(text * most).segments == 255
    assert "".join(part.text for part in segment(text * most)) == text * most
    for call in (count, segment):
        with pytest.raises(TooManySegments) as refusal:
            call(text * (most + 1))
        assert refusal.value.code == "too_many_segments"


@pytest.mark.parametrize("text", ["\ud83d", "a\ude42b", "a" * 200 + "\ud83d"])
def test_half_a_surrogate_pair_is_no_character(text):
    for call in (count, segment):
        with pytest.raises(LoneSurrogate) as refusal:
            call(text)
        assert refusal.value.offending[0].character in "\ud83d\ude42"
        assert isinstance(refusal.value, TextError)


def test_a_reference_of_any_other_width_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="8 or 16 bits"):
        count("a" * 161, reference_bits=7)
