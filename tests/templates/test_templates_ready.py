"""The ready texts: plurals by CLDR, one segment, no link and no second number, nothing that turns the order."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final, get_args

import pytest
from babel import Locale

from onesixty.templates import formats, ready
from onesixty.templates.languages import direction
from onesixty.templates.rendering import Rendered, render
from onesixty.templates.strings import objection
from onesixty.templates.syntax import Plural, walk
from onesixty.templates.values import Code
from onesixty.templates.variables import check_uses, check_variables, taken
from onesixty.text import count, transliterate

LANGUAGES: Final = ready.languages()
PURPOSES: Final = get_args(ready.Purpose)

#: Languages whose letters GSM-7 has: their texts are GSM-7, too.
GSM7: Final = frozenset(
    ("en", "fr", "de", "it", "nl", "sv", "da", "nb", "fi", "hr", "sl", "et", "id", "sw", "ms", "fil")
)
#: What can be read without its accents: look-alikes make GSM-7 of it.
STRIPPED: Final = frozenset(
    ("es", "pt-BR", "pt-PT", "pl", "cs", "sk", "hu", "ro", "sr-Latn", "tr", "lt", "lv", "vi")
)

#: The minutes that verifications last.
USUAL: Final = (2, 5, 10, 15, 30)

#: Where a sentence needs another case than the nominative of CLDR's units, the forms that it needs: for 1, 2, 5, 10,
#: 21 and 22 minutes. Those of Slavic and Baltic languages are CLDR's accusative, that of Hungarian its terminative.
CASES: Final = {
    "fi": "1 minuutin|2 minuuttia|5 minuuttia|10 minuuttia|21 minuuttia|22 minuuttia",
    "pl": "1 minutę|2 minuty|5 minut|10 minut|21 minut|22 minuty",
    "cs": "1 minutu|2 minuty|5 minut|10 minut|21 minut|22 minut",
    "sk": "1 minútu|2 minúty|5 minút|10 minút|21 minút|22 minút",
    "hu": "1 percig|2 percig|5 percig|10 percig|21 percig|22 percig",
    "hr": "1 minutu|2 minute|5 minuta|10 minuta|21 minutu|22 minute",
    "sl": "1 minuto|2 minuti|5 minut|10 minut|21 minut|22 minut",
    "ru": "1 минуту|2 минуты|5 минут|10 минут|21 минуту|22 минуты",
    "uk": "1 хвилину|2 хвилини|5 хвилин|10 хвилин|21 хвилину|22 хвилини",
    "lt": "1 minutę|2 minutes|5 minutes|10 minučių|21 minutę|22 minutes",
    "lv": "1 minūti|2 minūtes|5 minūtes|10 minūšu|21 minūti|22 minūtes",
    # CLDR 48 shortens the singular.
    "ta": "1 நிமிடம்|2 நிமிடங்கள்|5 நிமிடங்கள்|10 நிமிடங்கள்|21 நிமிடங்கள்|22 நிமிடங்கள்",
    "ar": "دقيقة واحدة|دقيقتين|5 دقائق|10 دقائق|21 دقيقة|22 دقيقة",
    "he": "לדקה אחת|לשתי דקות|ל-5 דקות|ל-10 דקות|ל-21 דקות|ל-22 דקות",
}


def shown(
    language: str,
    purpose: ready.Purpose = "verification",
    minutes: int = 10,
    app: str = "Acme",
    code: str = "482931",
) -> Rendered:
    found = ready.text(language, purpose)
    given: dict[str, object] = {"app": app, "code": code, "minutes": minutes}
    if purpose == "payment":
        given |= {"amount": {"amount": "12.50", "currency": "EUR"}, "payee": "Shop"}
    return render(found.pattern, found.language, taken(found.variables, given))


def test_there_are_forty_languages_and_each_stands_for_itself() -> None:
    assert len(LANGUAGES) >= 40
    for language in LANGUAGES:
        assert ready.text(language).language == language
        Locale.parse(language, sep="-")


def test_fallbacks() -> None:
    for asked, found in (
        ("pt", "pt-BR"), ("pt-AO", "pt-PT"), ("zh-TW", "zh-Hant"), ("zh", "zh-Hans"), ("sr", "sr-Latn"), ("nn", "nb"),
        ("no", "nb"), ("bs", "hr"), ("es-MX", "es"), ("en-GB", "en"), ("sr-Cyrl", "sr-Cyrl"),
    ):  # fmt: skip
        assert ready.text(asked).language == found
    for asked in ("xx", "kk", "be"):
        with pytest.raises(KeyError):
            ready.text(asked)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_is_right_by_the_rules_of_templates(language: str, purpose: ready.Purpose) -> None:
    found = ready.text(language, purpose)
    check_variables(found.variables)
    check_uses(found.pattern, found.variables, "text")
    assert set(found.pattern.arguments) == set(found.variables)
    text = shown(language, purpose).text
    unmarked = re.sub("[\u200e\u200f]", "", text.replace("482931", ""))
    assert objection(unmarked) is None, "no link, no invisible mark"
    assert "!" not in text
    (code,) = shown(language, purpose).codes
    before = text[: code.start]
    assert not re.search(r"\d", before), "the code is the first number"
    assert text[code.start - 1] in " ", "a space stands before the code"
    assert not text[code.start + code.length : code.start + code.length + 1].isalnum()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plural_has_every_category_that_minutes_have(language: str) -> None:
    for node in walk(ready.text(language).pattern.nodes):
        if isinstance(node, Plural):
            used = {formats.category(Decimal(n), language) for n in range(1441)}
            assert used <= node.branches.keys() | {"other"}, language
            assert used - node.branches.keys() == set()
            assert node.branches.keys() <= formats.categories(language), "no branch is dead"


@pytest.mark.parametrize("language", LANGUAGES)
def test_minutes_are_those_of_cldr(language: str) -> None:
    """Nouns and numbers as CLDR writes the unit, or in the case that the sentence needs."""
    numbers = (1, 2, 5, 10, 21, 22)
    if language in CASES:
        expected = dict(zip(numbers, CASES[language].split("|"), strict=True))
    else:
        expected = {
            number: formats.number(Decimal(number), language, "::unit/minute unit-width-full-name")
            for number in (*USUAL, *numbers)
        }
    for number, said in expected.items():
        text = shown(language, "short", minutes=number).text
        squeezed = re.sub(r"[\s\u200e\u200f]", "", text)
        assert re.sub(r"\s", "", said) in squeezed, (number, said, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_has_one_segment(language: str) -> None:
    for minutes in USUAL:
        for purpose in ("verification", "short"):
            text = shown(language, purpose, minutes).text  # type: ignore[arg-type]
            assert count(text).segments == 1, f"{len(text)}: {text}"
            assert count(text).encoding == "gsm7" or language not in GSM7, text
    plain = transliterate(shown(language).text).text
    assert (count(plain).encoding == "gsm7") == (language in GSM7 | STRIPPED)


@pytest.mark.parametrize("language", sorted(GSM7))
def test_gsm7_has_room_for_the_last_lines_of_phones(language: str) -> None:
    text = shown(language, app="Twelve chars", code="12345678").text
    assert count(f"{text}\n@example.com #12345678").segments == 1
    assert count(f"{text}\nIyrw0/SRopH").segments == 1


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one not in GSM7])
def test_short_texts_leave_room_for_the_hash_of_android(language: str) -> None:
    assert count(f"{shown(language, 'short').text}\nIyrw0/SRopH").segments == 1


@pytest.mark.parametrize("language", [one for one in LANGUAGES if direction(one) == "rtl"])
def test_texts_from_right_to_left_begin_with_a_word_of_the_language(language: str) -> None:

    for purpose in PURPOSES:
        text = shown(language, purpose).text
        strong = [kind for mark in text if (kind := unicodedata.bidirectional(mark)) in ("L", "R", "AL")]
        assert strong[0] in ("R", "AL")


def test_a_code_stands_at_its_place_in_every_text() -> None:
    for language in LANGUAGES:
        for purpose in PURPOSES:
            rendered = shown(language, purpose, code="AB12CD34")
            (span,) = rendered.codes
            assert rendered.text[span.start : span.start + span.length] == "AB12CD34"
            found = ready.text(language, purpose)
            assert found.variables["code"].type == "code"
            assert isinstance(
                taken(found.variables, {name: one.example for name, one in found.variables.items()})["code"],
                Code,
            )
