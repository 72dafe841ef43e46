"""The meaning of an SMPP data_coding: text or octets, in which alphabet, of which message class.

Sources: SMPP 3.4, 5.2.19 (values under 16); 3GPP TS 23.038, section 4 (the data coding scheme, which uses the
values from 16 on, and which many gateways pass on unchanged).

Rules kept here:
- the link's settings say what 0 and 1 mean. The same holds for "default alphabet" in the data coding scheme,
  because a gateway that has its own alphabet for 0 also uses it for flash;
- compressed text and reserved values are octets: no codec here can decode them, and octets lose nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, NamedTuple

from .segmentation import Alphabet

FLASH: Final = 0  # the message class that handsets show at once and do not store

OCTETS: Final = "octets"
UCS2: Final = "ucs2"

FlashForm = Literal["general", "class", "subunit"]

# SMPP 3.4, 5.2.19, the values whose codec is generally agreed. 2 and 4 are octets; 9 (pictograms) and 13
# (extended Kanji) have no codec.
_ALPHABETS: Final[dict[int, str]] = {
    3: "latin1",
    5: "shift_jis",
    6: "iso8859_5",
    7: "iso8859_8",
    8: UCS2,
    10: "iso2022_jp",
    14: "euc_kr",
}

_PLAIN_OCTETS: Final = 4
_GENERAL: Final = 0x10  # TS 23.038, coding group 00x1: bits 3 and 2 alphabet, 1 and 0 class
_CLASS: Final = 0xF0  # coding group 1111: bit 2 alphabet (no UCS-2), 1 and 0 class
_WAITING: Final = (0xC, 0xD, 0xE)  # message waiting: discard the message, store it, store it in UCS-2
_WAITING_STORED: Final = 0xD0
_WAITING_UCS2: Final = 0xE0
_ALPHABET_BITS: Final = {OCTETS: 0x04, UCS2: 0x08}


class DataCoding(NamedTuple):
    """`alphabet` is `octets` for binary content, `ucs2`, an alphabet of a link, or the name of a codec.

    `message_class` is 0 (flash) to 3, or None if the value has none.
    """

    kind: Literal["text", "binary"]
    alphabet: str
    message_class: int | None


@cache
def data_coding_of(
    data_coding: int, alphabet_for_zero: Alphabet = "gsm7", alphabet_for_one: Alphabet = "ascii"
) -> DataCoding:
    """Return the meaning of `data_coding` (0 to 255) on a link. Never raises."""
    alphabet, message_class = _meaning(data_coding, alphabet_for_zero, alphabet_for_one)
    return DataCoding("binary" if alphabet == OCTETS else "text", alphabet, message_class)


def with_class(alphabet: str, message_class: int, form: FlashForm) -> int:
    """Return the data_coding of a message with a class, in `ucs2`, `octets` or (for any other) the link's own
    alphabet.

    "general" is the coding group 00x1 (0x10, 0x14, 0x18). "class" is the group 1111 (0xF0, 0xF4), which has no
    UCS-2, so that UCS-2 gets 0x18. With "subunit" a TLV carries the class, and the data_coding is the plain one.
    """
    bits = _ALPHABET_BITS.get(alphabet, 0)
    if form == "subunit":
        return bits
    group = _CLASS if form == "class" and alphabet != UCS2 else _GENERAL
    return group | bits | message_class


def scheme_of(
    data_coding: int, alphabet_for_zero: Alphabet = "gsm7", alphabet_for_one: Alphabet = "ascii"
) -> int | None:
    """Return `data_coding` if it says more than the alphabet of a text, than that octets are octets, or than that
    a message is flash: another class, message waiting, another kind of octets. Otherwise return None."""
    alphabet, message_class = _meaning(data_coding, alphabet_for_zero, alphabet_for_one)
    if alphabet == OCTETS:
        return None if data_coding == _PLAIN_OCTETS else data_coding
    return data_coding if data_coding >= _GENERAL and message_class != FLASH else None


def adapted(asked: int, alphabet: str, alphabet_for_zero: Alphabet = "gsm7") -> int | None:
    """Return the data_coding for a message that is encoded in `alphabet` and whose sender asked for `asked`.

    It is `asked` if that names the alphabet; otherwise the value with the same other meaning: the same class, or
    the same indication of waiting messages. None if `asked` means only an alphabet, and the message uses another one.
    """
    alphabet_asked, message_class = _meaning(asked, alphabet_for_zero, alphabet_for_zero)
    if alphabet_asked == alphabet and (asked >= _GENERAL or alphabet == OCTETS):
        return asked
    if message_class is not None:
        return with_class(alphabet, message_class, "class" if asked >= _CLASS else "general")
    if asked >> 4 in _WAITING and alphabet != OCTETS:
        return (_WAITING_UCS2 if alphabet == UCS2 else _WAITING_STORED) | asked & 0x0F
    return None


def _meaning(data_coding: int, zero: str, one: str) -> tuple[str, int | None]:
    if data_coding < 0x10:
        return {0: zero, 1: one, **_ALPHABETS}.get(data_coding, OCTETS), None
    group = data_coding >> 4
    message_class = data_coding & 3
    if group < 0x8:  # 00xx, and 01xx for automatic deletion; bit 5 compressed, bit 4 has a class
        alphabet = (zero, OCTETS, UCS2, OCTETS)[data_coding >> 2 & 3]
        return (OCTETS if group & 2 else alphabet), (message_class if group & 1 else None)
    if group in (0xC, 0xD):  # message waiting
        return zero, None
    if group == 0xE:  # message waiting, in UCS-2
        return UCS2, None
    if group == 0xF:
        return (OCTETS if data_coding & 4 else zero), message_class
    return OCTETS, None
