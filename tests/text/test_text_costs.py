"""What a preview shows of a text's price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text import LoneSurrogate, TooManySegments, costs, count, transliterate


def test_the_characters_that_force_ucs2():
    """One curly quote triples the bill; it is shown, with what stands for it and what is saved."""
    text = "It’s " + "a" * 155
    told = costs(text)
    assert told.costly == (("’", "U+2019", "RIGHT SINGLE QUOTATION MARK", "ucs2", (2,), "'"),)
    assert (told.now.segments, told.transliterated.segments, told.without.segments) == (3, 1, 1)
    assert (told.now.encoding, told.transliterated.encoding) == ("ucs2", "gsm7")


def test_a_character_without_a_look_alike():
    """An emoji has no look-alike; the bill without it shows what it costs."""
    text = "😀 " + "a" * 100 + "…😀"
    told = costs(text)
    assert [(one.character, one.positions, one.look_alike) for one in told.costly] == [
        ("😀", (0, 103), None),
        ("…", (102,), "..."),
    ]
    assert told.costly[0].code_point == "U+1F600"
    assert told.transliterated == told.now  # nothing would change
    assert (told.now.segments, told.without) == (2, ("gsm7", 101, 101, 1))


def test_extension_characters():
    told = costs("a€[€")
    assert [tuple(one) for one in told.costly] == [
        ("€", "U+20AC", "EURO SIGN", "two_septets", (1, 3), None),
        ("[", "U+005B", "LEFT SQUARE BRACKET", "two_septets", (2,), None),
    ]
    assert told.now == told.transliterated == told.without
    assert [one.character for one in costs("€’").costly] == ["’"]  # in UCS-2 the euro costs no more


@pytest.mark.parametrize(
    ("text", "name", "look_alike"), [("\0", "", None), ("\t", "", " "), ("\u200b", "ZERO WIDTH SPACE", "")]
)
def test_characters_without_a_name_and_invisible_ones(text, name, look_alike):
    assert (costs(text).costly[0].name, costs(text).costly[0].look_alike) == (name, look_alike)


@given(st.text(max_size=80))
def test_any_text(text):
    told = costs(text)
    assert told.now == count(text)
    assert told.transliterated == count(transliterate(text).text)
    assert told.without.encoding == "gsm7"
    places = [at for one in told.costly for at in one.positions]
    assert len(places) == len(set(places))
    assert all(text[at] == one.character for one in told.costly for at in one.positions)


def test_with_a_language():
    """Counted with the tables of the language; what they lack is what costs."""
    told = costs("ş" * 100 + "Ş", "auto", "tr")
    assert told.now == told.transliterated == told.without == ("gsm7", 101, 101, 1)
    assert told.costly == ()
    told = costs("ş" * 71, "auto", "tr")  # by the single shift table, two septets each
    assert [(one.character, one.why, len(one.positions)) for one in told.costly] == [("ş", "two_septets", 71)]
    told = costs("ş" * 100 + "’", "auto", "tr")
    assert [(one.character, one.look_alike) for one in told.costly] == [("’", "'")]
    assert (told.now.segments, told.transliterated.segments, told.without.segments) == (2, 1, 1)
    told = costs("ş’", "auto", "tr")
    assert [one.character for one in told.costly] == ["’"]
    assert [one.character for one in costs("şık", "auto", "tr").costly] == ["ş", "ı"]  # UCS-2 is as cheap


def test_what_cannot_be_counted():
    with pytest.raises(TooManySegments):
        costs("я" * 20_000)
    with pytest.raises(LoneSurrogate):
        costs("\ud83d")
