"""Look-alikes: the table as data, what becomes of texts, and when nothing is changed."""

import tomllib
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.text import Replacement, Transliterated, UnknownLanguage, count, look_alike, transliterate
from onesixty.text import look_alikes as look_alikes_module
from onesixty.text.gsm0338 import fold
from onesixty.text.look_alikes import look_alikes

LOOK_ALIKES = look_alikes()


def test_the_table_is_sound():
    """Nothing that GSM-7 has is replaced, every replacement is GSM-7, no character stands twice."""
    assert [c for c in LOOK_ALIKES if len(c) != 1 or fold(c) is not None] == []
    assert [r for r in LOOK_ALIKES.values() if fold(r) is None] == []
    said = tomllib.loads(Path(look_alikes_module.__file__).with_suffix(".toml").read_text("utf-8"))
    told = Counter("".join([*said["rows"].values(), *(pair["from"] for pair in said["pairs"])]))
    assert [character for character, times in told.items() if times > 1] == []
    assert [r for r in LOOK_ALIKES.values() if r.isprintable() is False and r != "\n"] == []


def test_what_is_replaced_by_nothing_is_invisible():
    for character, replacement in LOOK_ALIKES.items():
        if not replacement:
            assert unicodedata.category(character) in ("Cf", "Mn")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It’s “fine” – really…", 'It\'s "fine" - really...'),
        ("10 000\u202f€", "10 000 €"),
        ("zażółć gęślą jaźń", "zazolc gesla jazn"),
        ("Ångström, Straße, él, São Tomé", "Ångström, Straße, él, Sao Tomé"),
        ("cafe\u0301", "café"),  # written in pieces, and in the alphabet once put together
        ("e\u0302\u0301", "e"),
        ("ǖ Ǻ ế Ợ", "ü Å e O"),
        ("őűŐŰ o\u030b", "öüÖÜ ö"),
        ("Œuvre ﬁn Đặng", "OEuvre fin Dang"),
        ("ÁÍÓÚ áíóú ç", "AIOU aiou c"),
        ("ΚΑΛΗΜΕΡΑ", "KAΛHMEPA"),
        ("МОСТ", "MOCT"),
        ("ＡＢＣ！＠１", "ABC!@1"),
        ("½ kg, ¼ l", "1/2 kg, 1/4 l"),
        ("• one\u2028• two", "* one\n* two"),
        ("m², №5, Ⅳ, ①", "m2, No5, IV, (1)"),
        ("𝐒𝐀𝐋𝐄 𝟓", "SALE 5"),
        ("a\u200bb\u00adc\ufeff", "abc"),
        ("tab\there", "tab here"),
        ("«ja» ‹nein›", "\"ja\" 'nein'"),
        ("© ® ™", "(C) (R) TM"),
        ("5 \u2126, 3 \u212a, 1 \u212b", "5 Ω, 3 K, 1 Å"),
        ("→ 5 × 5 ≤ 30", "-> 5 x 5 <= 30"),
    ],
)
def test_texts(text, expected):
    """What one quote costs can be had back, when the sender asks for it."""
    assert transliterate(text).text == expected
    assert count(expected).encoding == "gsm7"


def test_every_change_is_told():
    assert transliterate("a’b’c–e\u0301") == (
        "a'b'c-é",
        (
            Replacement("’", "'", (1, 3)),
            Replacement("–", "-", (5,)),
            Replacement("e\u0301", "é", (6,)),
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain @ text €",
        "Привет’",  # small Cyrillic letters: UCS-2 all the same
        "“quoted” 🙂",
        "Καλημέρα…",
        "УЙЁ",
        "ΆΈ",
        "20°",
        "₹100",
        "i️⃣",
        "\ud83d’",
        "’" + "\u0301" * 100,
        "日本",
        "\0",
    ],
)
def test_all_or_nothing(text):
    """A text that stays in UCS-2 is not changed: changing without gain is loss."""
    assert transliterate(text) == (text, ())


def test_nothing_is_changed_when_it_would_cost_more():
    assert transliterate("…" * 53).text == "..." * 53
    assert transliterate("…" * 54) == ("…" * 54, ())  # 162 septets, two segments; 54 units, one
    assert transliterate("½" * 70) == ("½" * 70, ())
    assert transliterate("…" * 53).changes[0].positions == tuple(range(53))


def test_it_saves_segments():
    """Three segments for one curly quote, one without."""
    text = "It’s " + "a" * 155
    assert (count(text).segments, count(transliterate(text).text).segments) == (3, 1)


MIXED = st.text(
    alphabet=st.sampled_from([*"aé@€\n", *"’…–áŻĐ½①", "\u0301", "🙂", "я", "\u200d"]), max_size=200
)


@given(st.text(max_size=100) | MIXED)
def test_any_text(text):
    """Never raises; changed texts are GSM-7, no dearer, and what is told rebuilds them from the text given."""
    result = transliterate(text)
    assert isinstance(result, Transliterated)
    assert bool(result.changes) == (result.text != text)
    if not result.changes:
        return
    assert fold(result.text) is not None
    assert count(result.text).segments <= count(text).segments
    places = {at: change for change in result.changes for at in change.positions}
    rebuilt, position = "", 0
    while position < len(text):
        change = places.get(position)
        rebuilt += change.replacement if change else text[position]
        if change:
            assert text.startswith(change.character, position)
        position += len(change.character) if change else 1
    assert rebuilt == result.text


@given(st.characters())
def test_any_character(character):
    found = look_alike(character)
    assert found is None or fold(found) is not None
    if fold(character) is not None:
        assert found == character


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("şifre ’" + "a" * 70, "tr", "şifre '" + "a" * 70),  # its own letters stay
        ("şifre ’" + "a" * 70, "auto", "şifre '" + "a" * 70),
        ("şifre ’" + "a" * 70, None, "sifre '" + "a" * 70),
        ("şifre ’" + "a" * 70, "es", "sifre '" + "a" * 70),  # of no table of that language
        ("ş’", "tr", "ş’"),  # UCS-2 is as cheap, so nothing is gained
        ("ş" * 80, "tr", "ş" * 80),  # nothing to replace: a table has it all
        ("áé…" + "a" * 70, "es", "áé..." + "a" * 70),
        ("कोड’ " * 20, "hi", "कोड' " * 20),
        ("कोड’ " * 20, "tr", "कोड’ " * 20),
        ("It’s", "tr", "It's"),
    ],
)
def test_the_letters_of_a_language_stay(text, language, expected):
    """What a shift table of the language asked for can carry is not replaced."""
    assert transliterate(text, language).text == expected


def test_a_language_without_a_table():
    with pytest.raises(UnknownLanguage):
        transliterate("’", "de")


def test_a_text_that_no_message_holds_may_become_one_that_does():
    text = "a" * 20_000 + "’"  # 299 segments in UCS-2, which is too many; 131 in GSM-7
    assert count(transliterate(text).text).segments == 131


def test_a_long_text_is_left_alone():
    assert transliterate("’" * 50_000).changes == ()
