"""A faster way for the four most frequent commands: submit_sm, deliver_sm and their responses.

Each function returns None for anything that is not plain (a limit exceeded, a value of the wrong type, a
truncated body). The table-driven codec then decides and words the error. So this file has no rules of its own,
only the same layout written out; a property test checks that both give the same results.
"""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Final, cast

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.errors import EncodeError, PduError
from onesixty.smpp.layouts import LAYOUTS
from onesixty.smpp.pdu import Pdu

# The type of `fields.get` if the fields are as the layout says. Named here, because a type written inside a cast
# is built anew at every call.
_GetText = Callable[[str, str], str]
_GetNumber = Callable[[str, int], int]

_HEADER: Final = struct.Struct(">IIII")
_PAIR: Final = struct.Struct(">BB")
_TRIPLE: Final = struct.Struct(">BBB")
_TAIL: Final = struct.Struct(">BBBBB")
_SM_NAMES: Final = LAYOUTS[c.SUBMIT_SM].names


def decode_sm(frame: bytes, command_id: int, status: int, sequence: int) -> Pdu | None:
    """Decode the submit_sm or deliver_sm in a frame whose header is already decoded; None if it is not plain."""
    end = len(frame)
    try:
        service = frame.index(0, 16)
        source_ton, source_npi = _PAIR.unpack_from(frame, service + 1)
        source = frame.index(0, service + 3)
        dest_ton, dest_npi = _PAIR.unpack_from(frame, source + 1)
        dest = frame.index(0, source + 3)
        esm_class, protocol_id, priority = _TRIPLE.unpack_from(frame, dest + 1)
        schedule = frame.index(0, dest + 4)
        validity = frame.index(0, schedule + 1)
        registered, replace, coding, default_id, length = _TAIL.unpack_from(frame, validity + 1)
        pos = validity + 6 + length
        if (
            pos > end
            or service > 21
            or source - service > 23
            or dest - source > 23
            or schedule - dest > 20
            or validity - schedule > 17
        ):
            return None
        tlvs = tlv.decode_all(frame, pos, end) if pos < end else ()
    except (ValueError, struct.error, PduError):
        return None
    return Pdu(
        command_id,
        status,
        sequence,
        {
            "service_type": frame[16:service].decode("latin-1") if service > 16 else "",
            "source_addr_ton": source_ton,
            "source_addr_npi": source_npi,
            "source_addr": frame[service + 3 : source].decode("latin-1"),
            "dest_addr_ton": dest_ton,
            "dest_addr_npi": dest_npi,
            "destination_addr": frame[source + 3 : dest].decode("latin-1"),
            "esm_class": esm_class,
            "protocol_id": protocol_id,
            "priority_flag": priority,
            "schedule_delivery_time": frame[dest + 4 : schedule].decode("latin-1")
            if schedule > dest + 4
            else "",
            "validity_period": frame[schedule + 1 : validity].decode("latin-1")
            if validity > schedule + 1
            else "",
            "registered_delivery": registered,
            "replace_if_present_flag": replace,
            "data_coding": coding,
            "sm_default_msg_id": default_id,
            "short_message": frame[validity + 6 : pos],
        },
        tlvs,
    )


def encode_sm(pdu: Pdu) -> bytes | None:
    """Return the frame of a submit_sm or deliver_sm, or None if it is not plain."""
    fields = pdu.fields
    if not _SM_NAMES.issuperset(fields):
        return None
    text = cast(_GetText, fields.get)
    number = cast(_GetNumber, fields.get)
    message = fields.get("short_message", b"")
    if not isinstance(message, bytes) or len(message) > 255:
        return None
    try:
        # A value that is not a string has no `encode`, and one that is not a small integer cannot be packed.
        # Both exceptions are caught below, and the table words the error.
        service = text("service_type", "").encode("latin-1")
        source = text("source_addr", "").encode("latin-1")
        dest = text("destination_addr", "").encode("latin-1")
        schedule = text("schedule_delivery_time", "").encode("latin-1")
        validity = text("validity_period", "").encode("latin-1")
        if b"\0" in source or b"\0" in dest or 0 in service or 0 in schedule or 0 in validity:
            return None
        shape = _shape(len(service), len(source), len(dest), len(schedule), len(validity))
        if shape is None:
            return None
        size = len(message)
        if pdu.tlvs:
            message += tlv.encode_all(pdu.tlvs)
        return (
            shape.pack(
                shape.size + len(message),
                pdu.command_id,
                pdu.command_status,
                pdu.sequence,
                service,
                number("source_addr_ton", 0),
                number("source_addr_npi", 0),
                source,
                number("dest_addr_ton", 0),
                number("dest_addr_npi", 0),
                dest,
                number("esm_class", 0),
                number("protocol_id", 0),
                number("priority_flag", 0),
                schedule,
                validity,
                number("registered_delivery", 0),
                number("replace_if_present_flag", 0),
                number("data_coding", 0),
                number("sm_default_msg_id", 0),
                size,
            )
            + message
        )
    except (UnicodeEncodeError, AttributeError, struct.error, EncodeError):
        return None


@lru_cache(maxsize=4096)
def _shape(service: int, source: int, dest: int, schedule: int, validity: int) -> struct.Struct | None:
    """Return the whole mandatory part as one struct, for strings of these lengths; None beyond the limits."""
    if service > 5 or source > 20 or dest > 20 or schedule > 16 or validity > 16:
        return None
    return struct.Struct(f">IIII {service}sx BB{source}sx BB{dest}sx BBB {schedule}sx {validity}sx BBBBB")


def decode_id_response(frame: bytes, command_id: int, status: int, sequence: int) -> Pdu | None:
    """Decode the submit_sm_resp or deliver_sm_resp in a frame whose header is already decoded, if it is only a
    message_id."""
    last = len(frame) - 1
    if last < 16 or last > 80 or frame.find(0, 16) != last:
        return None
    return Pdu(command_id, status, sequence, {"message_id": frame[16:last].decode("latin-1")})


def encode_id_response(pdu: Pdu) -> bytes | None:
    """Return the frame of a submit_sm_resp or deliver_sm_resp that is only a message_id, or None."""
    if pdu.tlvs or len(pdu.fields) > 1:
        return None
    message_id = pdu.fields.get("message_id")
    if not isinstance(message_id, str) or len(message_id) > 64 or "\0" in message_id:
        return None
    try:
        return (
            _HEADER.pack(17 + len(message_id), pdu.command_id, pdu.command_status, pdu.sequence)
            + message_id.encode("latin-1")
            + b"\0"
        )
    except (UnicodeEncodeError, struct.error):
        return None
