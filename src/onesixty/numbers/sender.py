"""The sender of a message: a name, a number or a short code, with SMPP's TON and NPI.

A sender with a letter is a name. Without one it is digits: 3 to 8 are a short code, more are a number in
international form, with or without its +. Whether a country or a carrier allows the sender is decided elsewhere;
here only senders that no network could carry are refused.

Sources: 3GPP TS 23.040, section 9.1.2.5 (an alphanumeric address is 11 characters of GSM-7); SMPP 3.4, sections
5.2.5 and 5.2.6 (TON, NPI); ITU-T E.164.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from .errors import InvalidNumber, InvalidSender
from .parsing import MAX_INPUT, parse

SenderKind = Literal["alphanumeric", "numeric", "short_code"]

CACHED_SENDERS: Final = 4096
MAX_NAME: Final = 11
SHORT_CODE_DIGITS: Final = (3, 8)

# Marks that operators commonly let through in a name. Each is one septet of the GSM alphabet, and so is
# every letter and digit below; letters with accents are in that alphabet too, but are often altered or
# blocked on the way.
NAME_MARKS: Final = " &'+-._"

_NOT_IN_NAME = re.compile(f"[^A-Za-z0-9{re.escape(NAME_MARKS)}]")
_NOT_IN_NUMBER = re.compile(r"[^0-9 ().\-]")

# TON and NPI by kind. Short codes: network specific, unknown plan.
_TON_NPI: Final[dict[SenderKind, tuple[int, int]]] = {
    "alphanumeric": (5, 0),
    "numeric": (1, 1),
    "short_code": (3, 0),
}


class Sender(NamedTuple):
    """A sender as sent to carriers.

    `address` is the name, the digits of the short code, or the digits of the E.164 number without +; `ton` and
    `npi` are the values of SMPP's source_addr_ton and source_addr_npi.
    """

    kind: SenderKind
    address: str
    ton: int
    npi: int

    @property
    def display(self) -> str:
        """The sender as people write it: with + if it is a number."""
        return f"+{self.address}" if self.kind == "numeric" else self.address


@lru_cache(maxsize=CACHED_SENDERS)
def parse_sender(raw: str) -> Sender:
    """Parse a sender; surrounding spaces are dropped. Raises `InvalidSender`."""
    if len(raw) > MAX_INPUT:
        raise InvalidSender("too_long")
    text = raw.strip()
    if not text:
        raise InvalidSender("empty")
    if any(map(str.isalpha, text)):
        return _name(text)
    return _digits(text)


def displayed(raw: str) -> str:
    """The normal form of an address, as messages show it, from any notation.

    An address that is neither a number nor a valid sender is returned unchanged: handsets and networks have sent
    such. A plus that was not percent-encoded in a URL arrives as a space.
    """
    text = "+" + raw[1:] if raw[:1] == " " and raw[1:2].isdecimal() else raw
    try:
        return parse(text).e164
    except InvalidNumber:
        pass
    try:
        return parse_sender(raw).display
    except InvalidSender:
        return raw


def _name(text: str) -> Sender:
    forbidden = _NOT_IN_NAME.search(text)
    if forbidden:
        raise InvalidSender("forbidden_character", forbidden[0])
    if len(text) > MAX_NAME:
        raise InvalidSender("too_long")
    return _sender("alphanumeric", text)


def _digits(text: str) -> Sender:
    in_full = text.startswith("+")
    forbidden = _NOT_IN_NUMBER.search(text, 1 if in_full else 0)
    if forbidden:
        raise InvalidSender("forbidden_character", forbidden[0])
    digits = "".join(filter(str.isdecimal, text))
    least, most = SHORT_CODE_DIGITS
    if not digits:
        raise InvalidSender("not_a_number")
    if not in_full and len(digits) < least:
        raise InvalidSender("too_short")
    if not in_full and len(digits) <= most:
        return _sender("short_code", digits)
    number = digits.removeprefix("00") if not in_full else digits
    try:
        return _sender("numeric", parse(f"+{number}").e164[1:])
    except InvalidNumber as refusal:
        raise InvalidSender(refusal.code) from None


def _sender(kind: SenderKind, address: str) -> Sender:
    return Sender(kind, address, *_TON_NPI[kind])
