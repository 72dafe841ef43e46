"""The reference names every character and error of the text library, and every refusal of the numbers."""

from pathlib import Path

from onesixty.numbers import NUMBER_CODES, SENDER_CODES, TYPES
from onesixty.numbers.sender import NAME_MARKS
from onesixty.text import TextError
from onesixty.text.cuts import OCTETS, SEPTETS, UTF16_UNITS
from onesixty.text.gsm0338 import DEFAULT_ALPHABET, EXTENSION_TABLE

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_text_reference_is_complete():
    text = (REFERENCE / "text.md").read_text("utf-8")
    marks = DEFAULT_ALPHABET + "".join(EXTENSION_TABLE.values())
    assert [c for c in marks if c.isprintable() and not (c.isascii() and c.isalnum()) and c not in text] == []
    for limits in (SEPTETS, UTF16_UNITS, OCTETS):
        assert "| {} | {} | {} |".format(*limits) in text
    for error in TextError.__subclasses__():
        assert f"| `{error.code}` |" in text


def test_numbers_reference_is_complete():
    text = (REFERENCE / "numbers.md").read_text("utf-8")
    for name in {*NUMBER_CODES, *SENDER_CODES, *TYPES.values(), " ".join(NAME_MARKS.strip())}:
        assert f"{name}`" in text
