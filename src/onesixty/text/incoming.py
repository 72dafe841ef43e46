"""Octets from a carrier or a customer back to text.

What is here is tolerant where the rest of the package is strict: a message that came in is never lost
because a gateway before us used an odd data_coding or cut a character. Octets that mean nothing become
U+FFFD; nothing is raised.

Sources: SMPP 3.4, section 5.2.19 (data_coding); 3GPP TS 23.038, section 4 (the data coding scheme, which
many gateways pass through as it is).
"""

from __future__ import annotations

from typing import Final

from . import gsm0338
from .segmentation import CODECS, Alphabet

# Where a value has no text (2 and 4: octets; 9 and 13: no codec is agreed on), each octet becomes the
# character of its number, so that the octets can be had back with .encode("latin-1").
_OCTETS = "latin-1"
_UCS2 = "utf-16-be"

# SMPP 3.4, 5.2.19, by Python's codecs. 0 and 1 depend on the link.
_SMPP_CODECS: Final[dict[int, str]] = {
    3: "latin-1",
    5: "shift_jis",
    6: "iso8859_5",
    7: "iso8859_8",
    8: _UCS2,
    10: "iso2022_jp",
    14: "euc_kr",
}


def decode(
    payload: bytes,
    data_coding: int,
    alphabet_for_zero: Alphabet = "gsm7",
    alphabet_for_one: Alphabet = "ascii",
) -> str:
    """The text of `payload`, a message without its user data header. Never raises.

    `alphabet_for_zero` and `alphabet_for_one` are what data_coding 0 and 1 mean on the link. GSM-7 is
    unpacked, one septet in each octet.
    """
    if data_coding == 0:
        return _in_alphabet(payload, alphabet_for_zero)
    if data_coding == 1:
        return _in_alphabet(payload, alphabet_for_one)
    codec = _codec(data_coding)
    return gsm0338.decode(payload) if codec is None else payload.decode(codec, "replace")


def _in_alphabet(payload: bytes, alphabet: Alphabet) -> str:
    if alphabet == "gsm7":
        return gsm0338.decode(payload)
    return payload.decode(CODECS[alphabet], "replace")


def _codec(data_coding: int) -> str | None:
    """The codec of a data_coding from 2; None is GSM-7."""
    if data_coding < 0x10:
        return _SMPP_CODECS.get(data_coding, _OCTETS)
    group = data_coding >> 4
    if group < 0x8:  # TS 23.038, coding groups 00xx and 01xx: bits 3 and 2 name the alphabet
        return (None, _OCTETS, _UCS2, _OCTETS)[data_coding >> 2 & 3]
    if group in (0xC, 0xD):  # message waiting, text in GSM-7
        return None
    if group == 0xE:  # message waiting, text in UCS-2
        return _UCS2
    if group == 0xF:  # class of message: bit 2 tells octets from GSM-7
        return _OCTETS if data_coding & 4 else None
    return _OCTETS
