"""What keeps phones from finding the code in a text: warnings for the author of a template.

Rules kept here:
- phones do not document how they find a code. Each check stands for what was observed, so all of them warn and none
  refuses;
- the shape that all readers take is `NAME: word for code 123456.`, then validity and warning, then the last line of a
  format. An amount comes after the code;
- a last line that a phone reads (`@host #code`, an app's hash) is not looked at here: `formats` checks it;
- a finding names the words and their place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import regex

from onesixty.verify.findings import Finding
from onesixty.verify.origin_bound import read_line
from onesixty.verify.retriever import is_hash

#: From a character to before another one, in code points.
Span = tuple[int, int]

#: What phones take for a code: so many letters and digits.
SHORTEST: Final = 4
LONGEST: Final = 10

_RUN: Final = re.compile(r"\d(?:[ \u00a0-]?\d)*")
_LINK: Final = re.compile(
    r"\bhttps?://\S+|\bwww\.\S+|\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|app|link|ly|me|co|info|biz|[a-z]{2})\b(?:/\S*)?",
    re.IGNORECASE,
)
_MONEY: Final = regex.compile(
    r"(?:\p{Sc}|\b[A-Z]{3})[ \u00a0]?\d[\d.,']*|\d[\d.,']*[ \u00a0]?(?:\p{Sc}|[A-Z]{3}\b)"
)
_EMOJI: Final = regex.compile(r"[\p{Extended_Pictographic}--[©®™]]\uFE0F?", regex.VERSION1)
_BIDI: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SENTENCE_END: Final = re.compile(r"[.!?。！？؟।]\s|[。！？]|\n")
#: Marks that bind characters on both sides into one word.
_JOINS: Final = "-_/.,"


def _code_words() -> tuple[str, ...]:
    said = Path(__file__).with_name("code_words.toml").read_text(encoding="utf-8")
    return tuple(msgspec.toml.decode(said, type=dict[str, list[str]])["words"])


#: Beginnings of the words for a code, in lower case.
CODE_WORDS: Final = _code_words()


def lint(text: str, code_at: Sequence[Span]) -> list[Finding]:
    """What may keep a phone from finding the code. `code_at` says where it stands in the text."""
    body = text[: _body_end(text)]
    spans = sorted(span for span in code_at if span[1] <= len(body))
    if not spans:
        return []
    return sorted(
        (finding for check in _CHECKS for finding in check(body, spans)),
        key=lambda each: (each.start, each.code),
    )


def _body_end(text: str) -> int:
    """Where the text ends for people: before a last line that only phones read."""
    above, newline, line = text.rpartition("\n")
    return len(above) if newline and (is_hash(line) or read_line(line) is not None) else len(text)


def _warning(code: str, sentence: str, text: str, start: int, end: int) -> Finding:
    return Finding(code=code, level="warning", text=sentence, words=text[start:end], start=start, end=end)


# ---------------------------------------------------------------- the code itself


def _form(text: str, spans: Sequence[Span]) -> Iterator[Finding]:
    """Length, digits and separators of the code."""
    start, end = spans[0]
    code = text[start:end]
    if not SHORTEST <= len(code) <= LONGEST:
        sentence = f"Phones look for {SHORTEST} to {LONGEST} letters and digits."
        yield _warning("code_length", sentence, text, start, end)
    if not any(map(str.isdigit, code)):
        sentence = "The code has no digit. Android offers only codes with at least one."
        yield _warning("code_without_digit", sentence, text, start, end)
    if not code.isascii() and any(map(str.isdigit, code)):
        sentence = "The code has digits of another script. Phones look for 0 to 9."
        yield _warning("code_foreign_digits", sentence, text, start, end)
    if not code.isalnum():
        sentence = "The code has spaces or marks inside. Phones read only a part of it."
        yield _warning("code_divided", sentence, text, start, end)


def _touched(text: str, spans: Sequence[Span]) -> Iterator[Finding]:
    """What stands directly at the code."""
    for start, end in spans:
        before, after = text[max(0, start - 1) : start], text[end : end + 1]
        if (before and before in _BIDI) or (after and after in _BIDI):
            sentence = "A mark of direction touches the code. Put a space between them."
            yield _warning("bidi_touches", sentence, text, max(0, start - 1), end + len(after))
            continue
        run = next((match for match in _RUN.finditer(text) if match.start() <= start < match.end()), None)
        if run is not None and (run.start() < start or run.end() > end):
            sentence = "Only a space or a hyphen divides the code from other digits."
            yield _warning("code_touched", sentence, text, *run.span())
            continue
        beyond = text[end + 1 : end + 2]
        joined = _sticks(before) or (before and before in _JOINS) or _sticks(after)
        if joined or (after and after in _JOINS and _sticks(beyond)):
            sentence = "Other characters touch the code, so phones read more or less than it."
            yield _warning("code_touched", sentence, text, max(0, start - 1), end + len(after))


def _sticks(character: str) -> bool:
    """Whether a character before or after the code becomes a part of it: a letter of a script with spaces."""
    if not character.isalnum():
        return False
    return character.isdigit() or unicodedata.name(character, "").split(" ")[0] in _SPACED


#: Scripts whose words are divided by spaces, by the first word of their characters' names.
_SPACED: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW"})


# ---------------------------------------------------------------- the words around it


def _named(text: str, spans: Sequence[Span]) -> Iterator[Finding]:
    """A word for a code in the sentence of the code, and that sentence first."""
    start, end = spans[0]
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    begins = max((at for at in ends if at <= start), default=0)
    closes = min((at for at in ends if at >= end), default=len(text))
    sentence = text[begins:closes]
    if not _has_code_word(sentence):
        said = "No word such as `code` stands in the sentence of the code. Phones look for it."
        yield _warning("no_word_for_code", said, text, start, end)
    if sentence.strip(" \n.:") == text[start:end]:
        said = "The code stands on a line of its own. iOS looks for it in a sentence."
        yield _warning("code_alone", said, text, start, end)
    elif begins:
        said = "The code is not in the first sentence. iOS may not find it."
        yield _warning("code_late", said, text, start, end)


def _has_code_word(sentence: str) -> bool:
    lower = sentence.lower()
    for word in CODE_WORDS:
        at = lower.find(word)
        while at >= 0:
            if at == 0 or not (lower[at - 1].isalpha() and word.isascii()):
                return True
            # in one word with another one, as in German and Finnish
            if len(word) > 3:
                return True
            at = lower.find(word, at + 1)
    return False


# ---------------------------------------------------------------- what looks like another code


def _other_digits(text: str, spans: Sequence[Span]) -> Iterator[Finding]:
    """Years, order numbers, telephone numbers: any other run of 4 digits or more."""
    money = [match.span() for match in _MONEY.finditer(text)]
    for match in _RUN.finditer(text):
        start, end = match.span()
        digits = sum(map(str.isdigit, match[0]))
        if digits < SHORTEST or _overlaps(match.span(), spans):
            continue
        if start > spans[0][1] and _overlaps(match.span(), money):
            continue  # an amount after the code, with its currency
        sentence = "A phone may take this number for the code. Write it in words, or leave it out."
        yield _warning("other_digits", sentence, text, start, end)


def _amounts(text: str, spans: Sequence[Span]) -> Iterator[Finding]:
    for match in _MONEY.finditer(text):
        start, end = match.span()
        if end <= spans[0][0] and not _overlaps((start, end), spans):
            sentence = "An amount stands before the code. Put it after the code."
            yield _warning("amount_before_code", sentence, text, start, end)


def _links(text: str, spans: Sequence[Span]) -> Iterator[Finding]:
    for match in _LINK.finditer(text):
        sentence = "Texts with a code should have no link: phones and carriers distrust them."
        yield _warning("link", sentence, text, *match.span())


def _emoji(text: str, spans: Sequence[Span]) -> Iterator[Finding]:
    match = _EMOJI.search(text)
    if match is not None:
        sentence = "Emoji make the text UCS-2, with 70 characters in a segment, and disturb some readers."
        yield _warning("emoji", sentence, text, *match.span())


def _foreign_digits(text: str, spans: Sequence[Span]) -> Iterator[Finding]:
    for match in _RUN.finditer(text):
        if not match[0].isascii() and not _overlaps(match.span(), spans):
            sentence = "Digits of another script stand beside the code. Phones may read them as one."
            yield _warning("foreign_digits", sentence, text, *match.span())


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


_CHECKS: Final[tuple[Callable[[str, Sequence[Span]], Iterator[Finding]], ...]] = (
    _form, _touched, _named, _other_digits, _amounts, _links, _emoji, _foreign_digits,
)  # fmt: skip
