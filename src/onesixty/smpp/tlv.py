"""The optional parameters (TLVs) of SMPP 3.4, 5.3.2, and of 5.0, 4.8.4, as one table.

PDUs carry TLVs raw, as `(tag, octets)` in wire order: a tag without a row, a vendor's tag and a tag that occurs
twice survive unchanged. The table, `tlvs.csv`, is for callers that want a value: `make` and `encode` are strict
for output, `decode` is strict for input, and `Pdu.tlv_int` and `Pdu.tlv_text` read the forms that peers really
send. This file names the tags that code refers to.

Three rows are wider than one version's: ms_validity has one octet in 3.4 and up to four in 5.0,
alert_on_message_delivery none in 3.4 and one in 5.0, and some peers expect a NUL after broadcast_end_time.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp.errors import EncodeError, PduError, TlvError

Tlv = tuple[int, bytes]
TlvValue = int | str | bytes

DEST_ADDR_SUBUNIT: Final = 0x0005
QOS_TIME_TO_LIVE: Final = 0x0017
PAYLOAD_TYPE: Final = 0x0019
RECEIPTED_MESSAGE_ID: Final = 0x001E
MS_MSG_WAIT_FACILITIES: Final = 0x0030
PRIVACY_INDICATOR: Final = 0x0201
SOURCE_SUBADDRESS: Final = 0x0202
DEST_SUBADDRESS: Final = 0x0203
USER_MESSAGE_REFERENCE: Final = 0x0204
USER_RESPONSE_CODE: Final = 0x0205
SOURCE_PORT: Final = 0x020A
DESTINATION_PORT: Final = 0x020B
SAR_MSG_REF_NUM: Final = 0x020C
LANGUAGE_INDICATOR: Final = 0x020D
SAR_TOTAL_SEGMENTS: Final = 0x020E
SAR_SEGMENT_SEQNUM: Final = 0x020F
SC_INTERFACE_VERSION: Final = 0x0210
CALLBACK_NUM_PRES_IND: Final = 0x0302
CALLBACK_NUM_ATAG: Final = 0x0303
NUMBER_OF_MESSAGES: Final = 0x0304
CALLBACK_NUM: Final = 0x0381
MS_AVAILABILITY_STATUS: Final = 0x0422
NETWORK_ERROR_CODE: Final = 0x0423
MESSAGE_PAYLOAD: Final = 0x0424
MESSAGE_STATE: Final = 0x0427
CONGESTION_STATE: Final = 0x0428
DISPLAY_TIME: Final = 0x1201
SMS_SIGNAL: Final = 0x1203
MS_VALIDITY: Final = 0x1204
ALERT_ON_MESSAGE_DELIVERY: Final = 0x130C
ITS_REPLY_TYPE: Final = 0x1380
ITS_SESSION_INFO: Final = 0x1383

INTEGER: Final = "integer"
TEXT: Final = "text"  # a C-string, including its NUL
OCTETS: Final = "octets"


@dataclass(slots=True, eq=False)
class TlvRow:
    """One row: the tag, its name, the type of its octets, how many there may be, and the version that added it."""

    tag: int
    name: str
    kind: str
    minimum: int
    maximum: int
    version: int


_V50: Final = c.INTERFACE_VERSION_50

_VERSIONS: Final = {"3.4": c.INTERFACE_VERSION_34, "5.0": _V50}


def _rows() -> Iterator[TlvRow]:
    """Read the rows of `tlvs.csv`, without its header."""
    for line in Path(__file__).with_name("tlvs.csv").read_text(encoding="ascii").splitlines()[1:]:
        tag, name, kind, minimum, maximum, version = line.split(",")
        yield TlvRow(int(tag, 16), name, kind, int(minimum), int(maximum), _VERSIONS[version])


_ROWS: Final = tuple(_rows())

TLVS: Final[dict[int, TlvRow]] = {row.tag: row for row in _ROWS}
TLV_BY_NAME: Final[dict[str, TlvRow]] = {row.name: row for row in _ROWS}

#: The tags that 5.0 added.
TAGS_OF_50: Final = frozenset(row.tag for row in _ROWS if row.version == _V50)

_HEAD: Final = struct.Struct(">HH")


def tlv_name(tag: int) -> str:
    """Return the name of a tag, or its number in hexadecimal."""
    row = TLVS.get(tag)
    return row.name if row is not None else f"0x{tag:04X}"


def encode(tag: int, value: TlvValue) -> bytes:
    """Return the octets of a TLV's value, by its row; a tag without a row takes octets. Raises EncodeError."""
    row = TLVS.get(tag)
    name = tlv_name(tag)
    if row is None or row.kind == OCTETS:
        if not isinstance(value, bytes):
            raise EncodeError(f"{name} must be octets", name)
        raw = value
    elif row.kind == INTEGER:
        if not isinstance(value, int) or not 0 <= value < 1 << (8 * row.maximum):
            raise EncodeError(f"{name} must be an integer of {row.maximum} octets", name)
        raw = value.to_bytes(row.maximum, "big")
    else:
        if not isinstance(value, str) or "\0" in value:
            raise EncodeError(f"{name} must be a string without NUL", name)
        try:
            raw = value.encode("latin-1") + b"\0"
        except UnicodeEncodeError:
            raise EncodeError(f"{name}: a character beyond Latin-1", name) from None
    if row is not None and not row.minimum <= len(raw) <= row.maximum:
        raise EncodeError(f"{name} takes {row.minimum} to {row.maximum} octets, not {len(raw)}", name)
    return raw


def make(name: str, value: TlvValue) -> Tlv:
    """Return a TLV ready for a PDU, by the name of its row. Raises EncodeError."""
    row = TLV_BY_NAME.get(name)
    if row is None:
        raise EncodeError(f"unknown TLV {name}", name)
    return row.tag, encode(row.tag, value)


def decode(tag: int, raw: bytes) -> TlvValue:
    """Return the value of a TLV by its row; octets if it has no row. Raises TlvError if they do not fit."""
    row = TLVS.get(tag)
    if row is None:
        return raw
    if not row.minimum <= len(raw) <= row.maximum:
        raise TlvError(f"{row.name} has {len(raw)} octets", c.ESME_RINVPARLEN, tag)
    if row.kind == INTEGER:
        return int.from_bytes(raw, "big")
    if row.kind == TEXT:
        text, nul, rest = raw.partition(b"\0")
        if not nul or rest:
            raise TlvError(f"{row.name} is not a C-string", c.ESME_RINVOPTPARAMVAL, tag)
        return text.decode("latin-1")
    return raw


def for_version(tlvs: tuple[Tlv, ...], version: int) -> tuple[Tlv, ...]:
    """Return `tlvs` as a peer of this interface_version may get them: none of 5.0 below 5.0 (5.0, 4.8.1), and none
    at all below 3.4, which introduced them (3.4, 5.2.4).

    A vendor's tag and those of 3.4 stay as they are.
    """
    if version < c.INTERFACE_VERSION_34:
        return ()
    if version >= c.INTERFACE_VERSION_50:
        return tlvs
    for tag, _ in tlvs:
        if tag in TAGS_OF_50:
            break
    else:
        return tlvs  # the usual case
    return tuple(entry for entry in tlvs if entry[0] not in TAGS_OF_50)


def encode_all(tlvs: tuple[Tlv, ...]) -> bytes:
    """Return the wire form of raw TLVs. Raises EncodeError."""
    parts: list[bytes] = []
    for tag, raw in tlvs:
        if not 0 <= tag <= 0xFFFF or len(raw) > 0xFFFF:
            raise EncodeError(f"{tlv_name(tag)}: the tag or {len(raw)} octets do not fit", tlv_name(tag))
        parts.append(_HEAD.pack(tag, len(raw)))
        parts.append(raw)
    return b"".join(parts)


def decode_all(data: bytes, pos: int, end: int) -> tuple[Tlv, ...]:
    """Return the TLVs in `data[pos:end]`, raw. Raises PduError if one does not fit."""
    found: list[Tlv] = []
    while pos < end:
        if end - pos < 4:
            raise PduError("a TLV header is cut short", c.ESME_RINVOPTPARSTREAM)
        tag, length = _HEAD.unpack_from(data, pos)
        pos += 4
        if length > end - pos:
            raise PduError(f"{tlv_name(tag)} is longer than the rest", c.ESME_RINVOPTPARSTREAM)
        found.append((tag, data[pos : pos + length]))
        pos += length
    return tuple(found)
