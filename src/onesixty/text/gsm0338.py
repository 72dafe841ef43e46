"""The GSM 7 bit default alphabet and its extension table, as data, with their codec.

Source: 3GPP TS 23.038, section 6.2.1 (default alphabet) and 6.2.1.1 (extension table).

The wire form here is *unpacked*: one septet in one octet, as SMPP carries it. A character of the extension table
is two septets, the escape 0x1B and a code. Between text and wire there is a *folded* form with one octet for
each character, so that C code can check membership, count and encode in one pass:

- 0x01 to 0x7F: the septet of the default alphabet;
- 0x80: `@`, whose septet is 0x00 (the C codec knows 0x00 only as NUL);
- 0x81 to 0xFF: the escape, followed by the septet without the highest bit.

National language shift tables (TS 23.038, annex A) are further tables beside these two.
"""

from __future__ import annotations

import re
from codecs import charmap_build, charmap_decode, charmap_encode
from typing import Final

from .errors import Offending

ESCAPE: Final = 0x1B

# Rows of sixteen; the index is the septet. 0x1B is the escape and is its own entry.
DEFAULT_ALPHABET: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

# 0x0D (CR2) and 0x1B (SS2) are reserved in the extension table, so they carry no character.
EXTENSION_TABLE: Final[dict[int, str]] = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

_UNDEFINED = "\ufffe"  # means "no character here" in a charmap
_AT_FOLDED = 0x80


def _folded_table() -> str:
    table = ["\0", *DEFAULT_ALPHABET[1:], *(_UNDEFINED * 128)]
    table[ESCAPE] = _UNDEFINED
    table[_AT_FOLDED] = "@"
    for code, character in EXTENSION_TABLE.items():
        table[0x80 | code] = character
    return "".join(table)


_FOLD = charmap_build(_folded_table())
_ONE_SEPTET = bytes(range(0x81))
_UNFOLD_AT = bytes(0 if octet == _AT_FOLDED else octet for octet in range(256))
_ESCAPED = [(bytes((0x80 | code,)), bytes((ESCAPE, code))) for code in EXTENSION_TABLE]

_CHARACTERS = DEFAULT_ALPHABET.replace("\x1b", "") + "".join(EXTENSION_TABLE.values())
_FOREIGN = re.compile(f"[^{re.escape(_CHARACTERS)}]")

_DECODE = DEFAULT_ALPHABET + _UNDEFINED * 128
_ESCAPE_AND_NEXT = re.compile("\x1b(.?)", re.DOTALL)
# The meaning of a character of the default alphabet after the escape. A second escape is reserved for a future
# table and is shown as a space until then (TS 23.038, 6.2.1.1, note 1).
_AFTER_ESCAPE = {DEFAULT_ALPHABET[code]: character for code, character in EXTENSION_TABLE.items()}
_AFTER_ESCAPE |= {"": " ", "\x1b": " "}


def fold(text: str) -> bytes | None:
    """Return the folded form of `text`, one octet for each character; None if a character is not in the alphabet."""
    try:
        folded: bytes = charmap_encode(text, "strict", _FOLD)[0]
    except UnicodeEncodeError:
        return None
    # NUL is the only character that the C codec maps without looking at the table.
    return None if b"\0" in folded else folded


def extended(folded: bytes) -> int:
    """Return how many characters of a folded text take two septets."""
    return 0 if folded.isascii() else len(folded.translate(None, _ONE_SEPTET))


def unfold(folded: bytes) -> bytes:
    """Return the unpacked septets of a folded text: with escapes as two octets, and `@` as 0x00."""
    if folded.isascii():
        return folded
    for octet, escaped in _ESCAPED:
        folded = folded.replace(octet, escaped)
    return folded.translate(_UNFOLD_AT)


def offending(text: str) -> tuple[Offending, ...]:
    """Return every character of `text` that is not in the alphabet, in order, with its position."""
    return tuple(Offending(found.start(), found[0]) for found in _FOREIGN.finditer(text))


def decode(septets: bytes) -> str:
    """Decode unpacked septets to text. Never raises.

    An octet over 0x7F is not a septet and becomes U+FFFD. After the escape, a code that is not in the extension
    table means the character of the default alphabet (TS 23.038, 6.2.1.1); an escape at the end is a space.
    """
    text: str = charmap_decode(septets, "replace", _DECODE)[0]
    if "\x1b" in text:
        text = _ESCAPE_AND_NEXT.sub(lambda found: _AFTER_ESCAPE.get(found[1], found[1]), text)
    return text
