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
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.errors import PduError
from onesixty.smpp.fields import CString, Octets
from onesixty.smpp.layouts import LAYOUTS

#: Replaces a masked octet.
COVER: Final = b"X"

_HEADER: Final = struct.Struct(">IIII")
_TLV: Final = struct.Struct(">HH")
_PASSWORD: Final = "password"
_WITH_PASSWORD: Final = frozenset({c.BIND_RECEIVER, c.BIND_TRANSMITTER, c.BIND_TRANSCEIVER, c.OUTBIND})
#: TLVs that hold texts of people (3.4, 5.3.2.32; 5.0, 4.8.4.36).
_TEXTS: Final = frozenset({tlv.MESSAGE_PAYLOAD})
#: From here on, a receipt repeats the message (3.4, appendix B).
_RECEIPT_TEXT: Final = b"text:"


def masked(frame: bytes, *, bodies: bool = True) -> bytes:
    """Return the frame (including command_length) with passwords masked and, unless `bodies` is False, bodies too.
    Never raises."""
    if len(frame) < _HEADER.size:
        return COVER * len(frame)
    command_id = _HEADER.unpack_from(frame)[1]
    if not bodies and command_id not in _WITH_PASSWORD:
        return frame
    layout = LAYOUTS.get(command_id)
    out = bytearray(frame)
    end = len(frame)
    if layout is None:
        _cover(out, _HEADER.size, end)
        return bytes(out)
    pos, esm_class = _HEADER.size, 0
    try:
        for field in layout.fields:
            if pos == end:
                break  # an error response has no body (3.4, 4.1.2)
            value, after = field.decode(frame, pos, end)
            if field.name == "esm_class" and isinstance(value, int):
                esm_class = value
            elif isinstance(field, CString) and field.name == _PASSWORD:
                _cover(out, pos, after - 1)
            elif isinstance(field, Octets):
                _cover_body(out, pos + 1, after, esm_class)
            pos = after
        while pos < end:
            tag, length = _TLV.unpack_from(frame, pos)
            pos += _TLV.size
            if pos + length > end:
                raise PduError("a TLV beyond the body", c.ESME_RINVPARLEN)
            if tag in _TEXTS:
                _cover_body(out, pos, pos + length, esm_class)
            pos += length
    except (PduError, struct.error):
        out = bytearray(frame)
        _cover(out, _HEADER.size, end)
    return bytes(out)


def _cover_body(out: bytearray, start: int, end: int, esm_class: int) -> None:
    if start < end and esm_class & c.ESM_UDHI:
        start = min(end, start + 1 + out[start])
    elif esm_class & c.ESM_TYPE_MASK == c.ESM_TYPE_DELIVERY_RECEIPT:
        found = bytes(out[start:end]).lower().find(_RECEIPT_TEXT)
        start = end if found < 0 else start + found + len(_RECEIPT_TEXT)
    _cover(out, start, end)


def _cover(out: bytearray, start: int, end: int) -> None:
    out[start:end] = COVER * (end - start)
