"""Masks the secrets of a frame: passwords, and the texts of people. Everything else stays unchanged.

Rules kept here:
- a masked frame has the length, the layout and every other field of the original, so that a dissector reads it
  like the original;
- user data headers stay, because they say how parts belong together; so does the content of a receipt, apart
  from the message's text;
- a frame that cannot be parsed is masked completely after its header: nothing is shown that was not understood.
"""

from __future__ import annotations

import struct
from typing import Final, Literal, NamedTuple

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.errors import PduError
from onesixty.smpp.fields import CString, Octets
from onesixty.smpp.layouts import LAYOUTS

#: Replaces a masked octet.
COVER: Final = b"X"

#: Why octets are masked: a password, the text of a person, or a part of a frame that was not understood.
Why = Literal["password", "text", "unread"]
PASSWORD: Final = "password"
TEXT: Final = "text"
UNREAD: Final = "unread"

_HEADER: Final = struct.Struct(">IIII")
_TLV: Final = struct.Struct(">HH")
_WITH_PASSWORD: Final = frozenset({c.BIND_RECEIVER, c.BIND_TRANSMITTER, c.BIND_TRANSCEIVER, c.OUTBIND})
#: TLVs that hold texts of people (3.4, 5.3.2.32; 5.0, 4.8.4.36).
_TEXTS: Final = frozenset({tlv.MESSAGE_PAYLOAD})
#: From here on, a receipt repeats the message (3.4, appendix B).
_RECEIPT_TEXT: Final = b"text:"
_ADDRESSES: Final = frozenset({"source_addr", "destination_addr"})


class Cover(NamedTuple):
    """Octets of a frame that are masked, and why: `PASSWORD`, `TEXT` or `UNREAD`."""

    start: int
    end: int
    why: Why


class Told(NamedTuple):
    """What a frame says of whom: its source and destination addresses, and whether it is a delivery receipt."""

    addresses: tuple[str, ...]
    receipt: bool


_NOTHING_TOLD: Final = Told((), False)


def told_by(frame: bytes) -> Told:
    """Return the addresses of a frame, as far as they can be read. Never raises."""
    if len(frame) < _HEADER.size:
        return _NOTHING_TOLD
    layout = LAYOUTS.get(_HEADER.unpack_from(frame)[1])
    if layout is None:
        return _NOTHING_TOLD
    addresses: list[str] = []
    receipt, pos, end = False, _HEADER.size, len(frame)
    try:
        for field in layout.fields:
            if pos == end:
                break
            value, pos = field.decode(frame, pos, end)
            if field.name in _ADDRESSES and isinstance(value, str):
                addresses.append(value)
            elif field.name == "esm_class" and isinstance(value, int):
                receipt = value & c.ESM_TYPE_MASK == c.ESM_TYPE_DELIVERY_RECEIPT
    except PduError:
        pass  # what was read until then counts
    return Told(tuple(addresses), receipt)


def masked(frame: bytes, *, bodies: bool = True) -> bytes:
    """Return the frame (including command_length) with passwords masked and, unless `bodies` is False, bodies too.
    Never raises."""
    found = covers(frame, bodies=bodies)
    if not found:
        return frame
    out = bytearray(frame)
    for start, end, _ in found:
        out[start:end] = COVER * (end - start)
    return bytes(out)


def covers(frame: bytes, *, bodies: bool = True) -> list[Cover]:
    """Return which octets `masked` masks, in order. A frame that is masked already gives the same octets: a mask
    changes neither the layout nor the rest. Never raises."""
    end = len(frame)
    if end < _HEADER.size:
        return _cover(0, end, UNREAD)
    command_id = _HEADER.unpack_from(frame)[1]
    if not bodies and command_id not in _WITH_PASSWORD:
        return []
    layout = LAYOUTS.get(command_id)
    if layout is None:
        return _cover(_HEADER.size, end, UNREAD)
    found: list[Cover] = []
    pos, esm_class = _HEADER.size, 0
    try:
        for field in layout.fields:
            if pos == end:
                break  # an error response has no body (3.4, 4.1.2)
            value, after = field.decode(frame, pos, end)
            if field.name == "esm_class" and isinstance(value, int):
                esm_class = value
            elif isinstance(field, CString) and field.name == PASSWORD:
                found += _cover(pos, after - 1, PASSWORD)
            elif isinstance(field, Octets):
                found += _cover_body(frame, pos + 1, after, esm_class)
            pos = after
        while pos < end:
            tag, length = _TLV.unpack_from(frame, pos)
            pos += _TLV.size
            if pos + length > end:
                raise PduError("a TLV beyond the body", c.ESME_RINVPARLEN)
            if tag in _TEXTS:
                found += _cover_body(frame, pos, pos + length, esm_class)
            pos += length
    except (PduError, struct.error):
        return _cover(_HEADER.size, end, UNREAD)
    return found


def _cover_body(frame: bytes, start: int, end: int, esm_class: int) -> list[Cover]:
    if start < end and esm_class & c.ESM_UDHI:
        start = min(end, start + 1 + frame[start])
    elif esm_class & c.ESM_TYPE_MASK == c.ESM_TYPE_DELIVERY_RECEIPT:
        found = frame[start:end].lower().find(_RECEIPT_TEXT)
        start = end if found < 0 else start + found + len(_RECEIPT_TEXT)
    return _cover(start, end, TEXT)


def _cover(start: int, end: int, why: Why) -> list[Cover]:
    return [Cover(start, end, why)] if start < end else []
