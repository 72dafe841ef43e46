"""The smpp_message_id: our own ids in the form that a customer's profile asks for.

A TypeID is a prefix and 128 bits (core/ids.py). For customers the bits are written as 32 hexadecimal digits, as a
decimal number, or as the TypeID itself; all are far below the 64 characters of message_id (SMPP 3.4, 5.2.23). If
there is room for only eight characters (3.3), a part of the bits represents all (`short_ids`). When an id is read
back, every form is understood, in either case and with leading zeros lost, because the profile may have changed.
"""

from __future__ import annotations

import re
from typing import Final

from onesixty.core import ids
from onesixty.customers.short_ids import short_of

HEX: Final = "hex"
DECIMAL: Final = "decimal"
TYPEID: Final = "typeid"
SHORT: Final = "short"

_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PLAIN: Final = "0123456789abcdefghijklmnopqrstuv"  # the digits of Python's int(text, 32)
_TO_PLAIN: Final = bytes.maketrans(_CROCKFORD.encode(), _PLAIN.encode())
_BITS: Final = 1 << 128
_DECIMAL: Final = re.compile(r"[0-9]{1,39}")
_HEX: Final = re.compile(r"[0-9a-fA-F]{1,32}")


def smpp_id(type_id: str, form: str) -> str:
    """The id by which the customer knows a message (or batch, or part)."""
    if form == TYPEID:
        return type_id
    if form == SHORT:
        return short_of(type_id)
    number = int(type_id[type_id.index("_") + 1 :].encode().translate(_TO_PLAIN), 32)
    return f"{number:032x}" if form == HEX else str(number)


def type_ids_of(smpp_id: str, form: str, prefix: str = ids.MESSAGE) -> list[str]:
    """The TypeIDs that a customer's id can represent, the form of the profile first; [] if none."""
    text = smpp_id.strip()
    if "_" in text:
        text = text.lower()
        return [text] if ids.is_id(prefix, text) else []
    numbers: list[int] = []
    as_hex = int(text, 16) if _HEX.fullmatch(text) else None
    as_decimal = int(text) if _DECIMAL.fullmatch(text) else None
    order = (as_decimal, as_hex) if form == DECIMAL else (as_hex, as_decimal)
    numbers += [number for number in order if number is not None and number < _BITS]
    return list(dict.fromkeys(f"{prefix}_{_digits(number)}" for number in numbers))


def _digits(number: int) -> str:
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
