"""What the values of SMPP's fields mean, in a few words: for whoever reads a PDU.

The numbers are those of SMPP 3.4, 5.2, and 5.0, 4.7; user data headers are those of 3GPP TS 23.040, 9.2.3.24.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from onesixty.smpp import constants as c
from onesixty.text.data_coding import data_coding_of
from onesixty.text.errors import MalformedUDH
from onesixty.text.udh import parse_udh

_TON: Final = {
    0: "unknown",
    1: "international",
    2: "national",
    3: "network specific",
    4: "subscriber number",
    5: "alphanumeric",
    6: "abbreviated",
}
_NPI: Final = {
    0: "unknown",
    1: "ISDN (E.164)",
    3: "data (X.121)",
    4: "telex (F.69)",
    6: "land mobile (E.212)",
    8: "national",
    9: "private",
    10: "ERMES",
    14: "internet (IP)",
    18: "WAP client id",
}
_MODE: Final = {1: "datagram mode", 2: "forward mode", 3: "store and forward mode"}
_TYPE: Final = {
    c.ESM_TYPE_DELIVERY_RECEIPT: "delivery receipt",
    c.ESM_TYPE_DELIVERY_ACK: "delivery acknowledgement",
    c.ESM_TYPE_USER_ACK: "user acknowledgement",
    0x18: "conversation abort",
    c.ESM_TYPE_INTERMEDIATE_NOTIFICATION: "intermediate notification",
}
_RECEIPT: Final = {
    c.RECEIPT_NONE: "no receipt",
    c.RECEIPT_FINAL: "final receipt",
    c.RECEIPT_FAILURE: "receipt only of a failure",
    3: "receipt only of a success",
}
_NETWORK: Final = {1: "ANSI-136", 2: "IS-95", 3: "GSM", 4: "reserved", 5: "reserved", 8: "ESME or SMSC"}
_ALPHABETS: Final = {
    "gsm7": "default alphabet (read as GSM 7-bit)",
    "ascii": "IA5 (ASCII)",
    "latin1": "Latin-1",
    "shift_jis": "JIS",
    "iso8859_5": "Cyrillic",
    "iso8859_8": "Hebrew",
    "ucs2": "UCS-2",
    "iso2022_jp": "ISO-2022-JP",
    "euc_kr": "Korean",
    "octets": "octets",
}


def _from(table: Mapping[int, str]) -> Callable[[Any], str | None]:
    return table.get


def _status(value: int) -> str:
    info = c.STATUSES.get(value)
    return c.status_name(value) if info is None else f"{info.name}: {info.meaning}"


def _esm_class(value: int) -> str | None:
    words = [_MODE.get(value & c.ESM_MODE_MASK), _TYPE.get(value & c.ESM_TYPE_MASK)]
    words.append("user data header" if value & c.ESM_UDHI else None)
    words.append("reply path" if value & c.ESM_REPLY_PATH else None)
    return ", ".join(word for word in words if word) or None


def _registered(value: int) -> str:
    words = _RECEIPT[value & c.RECEIPT_MASK]
    return f"{words}, intermediate notifications" if value & c.INTERMEDIATE_NOTIFICATION else words


def _data_coding(value: int) -> str:
    meaning = data_coding_of(value)
    words = _ALPHABETS.get(meaning.alphabet, meaning.alphabet)
    if meaning.message_class is None:
        return words
    return f"{words}, class {meaning.message_class}{' (flash)' if meaning.message_class == 0 else ''}"


def _network_error(value: bytes) -> str | None:
    if len(value) != 3:
        return None
    return f"{_NETWORK.get(value[0], f'network {value[0]}')}, code {value[1] << 8 | value[2]}"


_MEANINGS: Final[Mapping[str, tuple[type, Callable[[Any], str | None]]]] = {
    "command_status": (int, _status),
    "esm_class": (int, _esm_class),
    "registered_delivery": (int, _registered),
    "data_coding": (int, _data_coding),
    "message_state": (int, _from(c.STATE_NAMES)),
    "interface_version": (int, c.version_name),
    "sc_interface_version": (int, c.version_name),
    "replace_if_present_flag": (int, _from({0: "do not replace", 1: "replace"})),
    "network_error_code": (bytes, _network_error),
}


def meaning_of(name: str, value: object) -> str | None:
    """What the value of a field or TLV means; None if there is no more to say than the value."""
    if name.endswith("_ton") and isinstance(value, int):
        return _TON.get(value)
    if name.endswith("_npi") and isinstance(value, int):
        return _NPI.get(value)
    found = _MEANINGS.get(name)
    return found[1](value) if found is not None and isinstance(value, found[0]) else None


def udh_meaning(udh: bytes) -> str | None:
    """What the elements of a user data header say."""
    try:
        elements = parse_udh(udh)
    except MalformedUDH as error:
        return str(error)
    return "; ".join(_element(identifier, data) for identifier, data in elements) or None


def _element(identifier: int, data: bytes) -> str:
    if identifier == 0x00 and len(data) == 3:
        return f"part {data[2]} of {data[1]}, reference {data[0]}"
    if identifier == 0x08 and len(data) == 4:
        return f"part {data[3]} of {data[2]}, reference {data[0] << 8 | data[1]}"
    if identifier == 0x05 and len(data) == 4:
        return f"ports {data[2] << 8 | data[3]} to {data[0] << 8 | data[1]}"
    if identifier in (0x24, 0x25) and len(data) == 1:
        return f"national language table {data[0]} ({'locking' if identifier == 0x25 else 'single'} shift)"
    return f"element 0x{identifier:02X}: {data.hex(' ')}"
