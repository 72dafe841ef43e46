"""The reference names every character and error of the text library, and every refusal of the numbers."""

from pathlib import Path

from onesixty.numbers import NUMBER_CODES, SENDER_CODES, TYPES
from onesixty.numbers.sender import NAME_MARKS
from onesixty.text import LANGUAGES, TextError, look_alike
from onesixty.text.cuts import OCTETS, SEPTETS, UTF16_UNITS
from onesixty.text.gsm0338 import DEFAULT_ALPHABET, EXTENSION_TABLE
from onesixty.text.national import LOCKING

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_text_reference_is_complete():
    text = (REFERENCE / "text.md").read_text("utf-8")
    marks = DEFAULT_ALPHABET + "".join(EXTENSION_TABLE.values())
    assert [c for c in marks if c.isprintable() and not (c.isascii() and c.isalnum()) and c not in text] == []
    for limits in (SEPTETS, UTF16_UNITS, OCTETS):
        assert "| {} | {} | {} |".format(*limits) in text
    for error in TextError.__subclasses__():
        assert f"| `{error.code}` |" in text


def test_every_language_is_documented():
    text = (REFERENCE / "text.md").read_text("utf-8")
    for code, identifier in LANGUAGES.items():
        row = next(line for line in text.splitlines() if line.startswith("| `") and f"`{code}`" in line)
        locking = "yes" if identifier in LOCKING else ""
        assert [cell.strip() for cell in row.split("|")][3:6] == [str(identifier), locking, "yes"]


def test_look_alikes_are_what_the_reference_says():
    text = (REFERENCE / "text.md").read_text("utf-8")
    for before, after in {
        "ç ǖ ế ő ű": "c ü e ö ü",
        "đ ł ħ þ œ ĳ ﬁ": "d l h th oe ij fi",
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ АВЕЅІЈКМНОРСТХ": "ABEZHIKMNOPTYX ABESIJKMHOPCTX",
        "© ® ™ № → ← ⇒ × ÷ ≤ ≥ ±": "(C) (R) TM No -> <- => x / <= >= +/-",
    }.items():
        assert "".join(look_alike(character) or "" for character in before) == after
        assert all(character in text for character in before + after)
    assert [look_alike(character) for character in "°₹яλ"] == [None] * 4


def test_numbers_reference_is_complete():
    text = (REFERENCE / "numbers.md").read_text("utf-8")
    for name in {*NUMBER_CODES, *SENDER_CODES, *TYPES.values(), " ".join(NAME_MARKS.strip())}:
        assert f"{name}`" in text
