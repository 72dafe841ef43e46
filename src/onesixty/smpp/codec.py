"""Bytes to PDU and back, driven by the tables; the four most frequent commands take a faster way.

`decode` takes exactly one frame and never reads past it. `encode` refuses values that a field cannot hold. The
faster way (`fast`) handles the plain cases of submit_sm, deliver_sm and their responses. It leaves everything
else, including every error, to the tables here, so both give the same results.
"""

import struct
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp import fast, tlv
from onesixty.smpp.errors import EncodeError, PduError, UnknownCommandError
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.layouts import LAYOUTS, command_name
from onesixty.smpp.pdu import Pdu

_HEADER: Final = struct.Struct(">IIII")
_SM: Final = frozenset((c.SUBMIT_SM, c.DELIVER_SM))
_ID_RESPONSES: Final = frozenset((c.SUBMIT_SM_RESP, c.DELIVER_SM_RESP))


def decode(frame: bytes) -> Pdu:
    """Decode the PDU in `frame`, which is exactly one frame.

    Raises PduError with the command_status to answer and the header's command id and sequence. A response
    without a body is complete, whatever its status: peers omit the body on errors (4.1.2 and following) and on
    deliver_sm_resp.
    """
    length, command_id, status, sequence = header(frame)
    if length == len(frame):
        if command_id in _ID_RESPONSES:
            pdu = fast.decode_id_response(frame, command_id, status, sequence)
        elif command_id in _SM:
            pdu = fast.decode_sm(frame, command_id, status, sequence)
        else:
            pdu = None
        if pdu is not None:
            return pdu
    return decode_by_table(frame)


def encode(pdu: Pdu) -> bytes:
    """Return the frame of `pdu`. Raises EncodeError.

    Absent fields take their default. A response with an error status, no fields and no TLVs has no body. A field
    that the command does not have is refused.
    """
    command_id = pdu.command_id
    frame = None
    if command_id in _SM:
        frame = fast.encode_sm(pdu)
    elif command_id in _ID_RESPONSES:
        frame = fast.encode_id_response(pdu)
    return encode_by_table(pdu) if frame is None else frame


def header(frame: bytes) -> tuple[int, int, int, int]:
    """Return command_length, command_id, command_status and sequence of a frame. Raises PduError if it is too
    short."""
    if len(frame) < c.HEADER_LENGTH:
        raise PduError("shorter than a header", c.ESME_RINVCMDLEN)
    found: tuple[int, int, int, int] = _HEADER.unpack_from(frame)
    return found


def decode_by_table(frame: bytes) -> Pdu:
    """Decode by the layouts alone."""
    length, command_id, status, sequence = header(frame)
    end = len(frame)
    if length != end:
        raise PduError("command_length is not the frame's", c.ESME_RINVCMDLEN, command_id, sequence)
    layout = LAYOUTS.get(command_id)
    if layout is None:
        raise UnknownCommandError(
            f"unknown command {command_name(command_id)}", c.ESME_RINVCMDID, command_id, sequence
        )
    fields: dict[str, FieldValue] = {}
    pos = c.HEADER_LENGTH
    if pos == end and command_id & c.RESPONSE_BIT:
        return Pdu(command_id, status, sequence, fields)
    try:
        for field in layout.fields:
            fields[field.name], pos = field.decode(frame, pos, end)
        tlvs = tlv.decode_all(frame, pos, end)
    except PduError as error:
        raise PduError(f"{layout.name}: {error}", error.command_status, command_id, sequence) from None
    return Pdu(command_id, status, sequence, fields, tlvs)


def encode_by_table(pdu: Pdu) -> bytes:
    """Encode by the layouts alone."""
    layout = LAYOUTS.get(pdu.command_id)
    if layout is None:
        raise EncodeError(f"no layout for command {command_name(pdu.command_id)}", "command_id")
    if not layout.names.issuperset(pdu.fields):
        stranger = min(set(pdu.fields) - layout.names)
        raise EncodeError(f"{layout.name} has no field {stranger}", stranger)
    parts = [b""]
    if pdu.fields or not (pdu.command_status and pdu.is_response and not pdu.tlvs):
        parts.extend(field.encode(pdu.fields.get(field.name, field.default)) for field in layout.fields)
    parts.append(tlv.encode_all(pdu.tlvs))
    length = c.HEADER_LENGTH + sum(map(len, parts))
    try:
        parts[0] = _HEADER.pack(length, pdu.command_id, pdu.command_status, pdu.sequence)
    except struct.error:
        raise EncodeError("header fields must be unsigned integers of 4 octets", "header") from None
    return b"".join(parts)
