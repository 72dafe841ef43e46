"""The national language shift tables, as data.

Source: 3GPP TS 23.038, annex A.2 (single shift tables) and A.3 (locking shift tables); the identifiers
are those of 6.2.1.2.4. A locking shift table stands in the place of the default alphabet for the whole message,
a single shift table in the place of the extension table. A message says so in its header (see `shifts`).

`LOCKING[n]` and `SINGLE[n]` give the character of each septet that has one. In every table 0x1B is the
escape, and 0x0A is LF (locking) or form feed (single); 0x0D is CR in a locking table and reserved in a
single one.

The nine tables of India's scripts have one layout, because Unicode gives those scripts one layout too: a
place holds the letter at a certain offset in the script's block, or nothing if that script lacks it.

Four cells differ from what is printed in the standard, where a code point of another letter or block was
set by mistake; the letter here is the one that the row calls for and that handsets show: Kannada locking
0x24 (U+0CA1, printed 0CAA, which has 0x3D), Oriya single 0x20 (U+0B6A, printed 0BEA), Tamil single 0x24
(U+0BEE, printed 0BEF, which has 0x25), Telugu single 0x1C (U+0C66, printed 0CE6).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .gsm0338 import DEFAULT_ALPHABET, ESCAPE, EXTENSION_TABLE

TURKISH: Final = 1
SPANISH: Final = 2
PORTUGUESE: Final = 3
BENGALI: Final = 4
GUJARATI: Final = 5
HINDI: Final = 6
KANNADA: Final = 7
MALAYALAM: Final = 8
ORIYA: Final = 9
PUNJABI: Final = 10
TAMIL: Final = 11
TELUGU: Final = 12
URDU: Final = 13

#: ISO 639-1 codes to national language identifiers. Assamese is written with the table of Bengali.
LANGUAGES: Final[dict[str, int]] = {
    "tr": TURKISH,
    "es": SPANISH,
    "pt": PORTUGUESE,
    "bn": BENGALI,
    "as": BENGALI,
    "gu": GUJARATI,
    "hi": HINDI,
    "kn": KANNADA,
    "ml": MALAYALAM,
    "or": ORIYA,
    "pa": PUNJABI,
    "ta": TAMIL,
    "te": TELUGU,
    "ur": URDU,
}

Table = dict[int, str]

_DEFAULT: Final[Table] = {code: mark for code, mark in enumerate(DEFAULT_ALPHABET) if code != ESCAPE}

# ------------------------------------------------------------ Latin scripts: what differs from the default

_TURKISH_LOCKING: Final[Table] = {
    **{0x04: "€", 0x07: "ı", 0x0B: "Ğ", 0x0C: "ğ"},
    **{0x1C: "Ş", 0x1D: "ş", 0x40: "İ", 0x60: "ç"},
}
_PORTUGUESE_LOCKING: Final[Table] = {
    **{0x04: "ê", 0x06: "ú", 0x07: "í", 0x08: "ó", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á"},
    **{0x12: "ª", 0x13: "Ç", 0x14: "À", 0x15: "∞", 0x16: "^", 0x17: "\\", 0x18: "€", 0x19: "Ó", 0x1A: "|"},
    **{0x1C: "Â", 0x1D: "â", 0x1E: "Ê", 0x24: "º", 0x40: "Í"},
    **{0x5B: "Ã", 0x5C: "Õ", 0x5D: "Ú", 0x60: "~", 0x7B: "ã", 0x7C: "õ", 0x7D: "`"},
}
_TURKISH_SINGLE: Final[Table] = {
    **{0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"},
}
_SPANISH_SINGLE: Final[Table] = {
    **{0x09: "ç", 0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú"},
    **{0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú"},
}
_PORTUGUESE_SINGLE: Final[Table] = {
    **{0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á"},
    **{0x12: "Φ", 0x13: "Γ", 0x15: "Ω", 0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ", 0x1F: "Ê"},
    **{0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x5B: "Ã", 0x5C: "Õ"},
    **{0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â"},
}

# ------------------------------------------------------------ locking tables of the other scripts

# What these tables share, by septet. The letters a to o follow 0x60, p to z follow 0x6F.
_SHARED_LOCKING: Final[Table] = {
    **{0x0A: "\n", 0x0D: "\r", 0x20: " ", 0x21: "!", 0x28: ")", 0x29: "(", 0x2C: ",", 0x2E: ".", 0x3F: "?"},
    **{0x30 + place: mark for place, mark in enumerate("0123456789:;")},
    **{0x61 + place: mark for place, mark in enumerate("abcdefghijklmnopqrstuvwxyz")},
}

# The offset in the script's block of each place that is the script's own; then the five places from 0x7B and
# the place 0x60 are named apart, script by script.
_INDIC_OFFSETS: Final[dict[int, int]] = {
    septet: offset
    for first, offsets in {
        0x00: (0x01, 0x02, 0x03, *range(0x05, 0x0C)),
        0x0B: (0x0C, 0x0D),
        0x0E: (0x0E, *range(0x0F, 0x1B)),
        0x1C: range(0x1B, 0x1F),
        0x22: range(0x1F, 0x25),
        0x2A: (0x25, 0x26),
        0x2D: (0x27,),
        0x2F: (0x28,),
        0x3C: (0x29, 0x2A, 0x2B),
        0x40: (*range(0x2C, 0x3A), 0x3C, *range(0x3D, 0x4E)),
    }.items()
    for septet, offset in enumerate(offsets, first)
}

# Block, the offsets that the script lacks, the letters at 0x60 and from 0x7B.
_INDIC: Final[dict[int, tuple[int, str, str]]] = {
    BENGALI: (0x0980, "0D-0E 11-12 29 31 33-35 45-46 49-4A", "09CE 09D7 09DC 09DD 09F0 09F1"),
    GUJARATI: (0x0A80, "0E 12 29 31 34 46 4A", "0AD0 0AE0 0AE1 0AE2 0AE3 0AF1"),
    HINDI: (0x0900, "", "0950 0972 097B 097C 097E 097F"),
    KANNADA: (0x0C80, "01 0D 11 29 34 45 49", "0CD5 0CD6 0CE0 0CE1 0CE2 0CE3"),
    MALAYALAM: (0x0D00, "01 0D 11 29 3C 45 49", "0D57 0D60 0D61 0D62 0D63 0D79"),
    ORIYA: (0x0B00, "0D-0E 11-12 29 31 34 45-46 49-4A", "0B56 0B57 0B60 0B61 0B62 0B63"),
    PUNJABI: (
        0x0A00,
        "0B-0E 11-12 29 31 34 37 3D 43-46 49-4A",
        "0A51 0A70 0A71 0A72 0A73 0A74",
    ),
    TAMIL: (
        0x0B80,
        "01 0B-0D 11 16-18 1B 1D 20-22 25-27 2B-2D 3C-3D 43-45 49",
        "0BD0 0BD7 0BF0 0BF1 0BF2 0BF9",
    ),
    TELUGU: (0x0C00, "0D 11 29 34 3C 45 49", "0C55 0C56 0C60 0C61 0C62 0C63"),
}

# The places of the script's own letters in the order of the septets, like those of India, all taken.
_URDU_LOCKING: Final = (
    "0627 0622 0628 067B 0680 067E 06A6 062A 06C2 067F 0679 067D 067A 067C 062B 062C 0681 0684 0683 0685"
    " 0686 0687 062D 062E 062F 068C 0688 0689 068A 068F 068D 0630 0631 0691 0693 0699 0632 0696 0698 069A"
    " 0633 0634 0635 0636 0637 0638 0639 0641 0642 06A9 06AA 06AB 06AF 06B3 06B1 0644 0645 0646 06BA 06BB"
    " 06BC 0648 06C4 06D5 06C1 06BE 0621 06CC 06D0 06D2 064D 0650 064F 0657 0654 0655 0651 0653 0656 0670"
)

# ------------------------------------------------------------ single shift tables of the other scripts

_SHARED_SINGLE: Final[Table] = {
    **EXTENSION_TABLE,
    **dict(enumerate("@£$¥¿\"¤%&'")),
    **{0x0B: "*", 0x0C: "+", 0x0E: "-", 0x0F: "/"},
    **{0x10 + place: mark for place, mark in enumerate("<=>¡^¡_#*")},
    **{0x41 + place: mark for place, mark in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")},
}

# The places of the script's own characters, in order: all from 0x19 that the shared part leaves free.
_SINGLE_PLACES: Final = tuple(
    septet for septet in range(0x19, 0x40) if septet != ESCAPE and septet not in _SHARED_SINGLE
)

# A dash alone leaves a place empty.
_OWN_SINGLE: Final[dict[int, str]] = {
    BENGALI: "09E6-09EF 09DF-09E3 09F2-09FA",
    GUJARATI: "0964-0965 0AE6-0AEF",
    HINDI: "0964-0965 0966-096F 0951-0954 0958-095F 0960-0963 0970-0971",
    KANNADA: "0964-0965 0CE6-0CEF 0CDE 0CF1-0CF2",
    MALAYALAM: "0964-0965 0D66-0D6F 0D70-0D75 0D7A-0D7F",
    ORIYA: "0964-0965 0B66-0B6F 0B5C-0B5D 0B5F 0B70-0B71",
    PUNJABI: "0964-0965 0A66-0A6F 0A59-0A5C 0A5E 0A75",
    TAMIL: "0964-0965 0BE6-0BEF 0BF3-0BF8 0BFA",
    TELUGU: "- - 0C66-0C6F 0C58-0C59 0C78-0C7F",
    URDU: "0600-0601 06F0-06F9 060C-060F 0610-0614 061B 061F 0640 0652 0658 066B-066C 0672-0673 06CD 06D4",
}

# ------------------------------------------------------------ the tables


def _marks(ranges: str) -> Iterator[str]:
    """The characters of `0964-0965 0CDE -`: ranges with both ends, single ones, "" for a dash."""
    for part in ranges.split():
        first, _, last = part.partition("-")
        if first:
            yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))
        else:
            yield ""


def _indic(block: int, lacking: str, named: str) -> Table:
    absent = {ord(offset) for offset in _marks(lacking)}
    letters = {place: chr(block + offset) for place, offset in _INDIC_OFFSETS.items() if offset not in absent}
    return _SHARED_LOCKING | letters | dict(zip((0x60, *range(0x7B, 0x80)), _marks(named), strict=True))


def _urdu() -> Table:
    places = (place for place in range(0x80) if place != ESCAPE and place not in _SHARED_LOCKING)
    return _SHARED_LOCKING | dict(zip(places, _marks(_URDU_LOCKING), strict=True))


def _single(own: str) -> Table:
    # A script may have fewer characters than there are places.
    return _SHARED_SINGLE | {
        place: mark for place, mark in zip(_SINGLE_PLACES, _marks(own), strict=False) if mark
    }


#: By national language identifier; 0 is the default alphabet. Spanish has none (A.3.2 is void).
LOCKING: Final[dict[int, Table]] = {
    0: _DEFAULT,
    TURKISH: _DEFAULT | _TURKISH_LOCKING,
    PORTUGUESE: _DEFAULT | _PORTUGUESE_LOCKING,
    **{language: _indic(*script) for language, script in _INDIC.items()},
    URDU: _urdu(),
}

#: By national language identifier; 0 is the extension table of the default alphabet.
SINGLE: Final[dict[int, Table]] = {
    0: EXTENSION_TABLE,
    TURKISH: EXTENSION_TABLE | _TURKISH_SINGLE,
    SPANISH: EXTENSION_TABLE | _SPANISH_SINGLE,
    PORTUGUESE: EXTENSION_TABLE | _PORTUGUESE_SINGLE,
    **{language: _single(own) for language, own in _OWN_SINGLE.items()},
}
