"""The short way for the four commands of the hot path: submit_sm, deliver_sm and their responses.

Each function returns None for whatever is not plain (a limit passed, a value of the wrong type, a
body cut short): the table-driven codec then decides and words the error. So this file holds no
rule of its own, only the same layout spelled out; a property test holds both to the same answers.
"""

import struct
from collections.abc import Callable
from typing import Final, cast

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.errors import PduError
from onesixty.smpp.layouts import LAYOUTS
from onesixty.smpp.pdu import Pdu

_HEADER: Final = struct.Struct(">IIII")
_PAIR: Final = struct.Struct(">BB")
_TRIPLE: Final = struct.Struct(">BBB")
_TAIL: Final = struct.Struct(">BBBBB")
_SM_NAMES: Final = LAYOUTS[c.SUBMIT_SM].names


def decode_sm(frame: bytes) -> Pdu | None:
    """A submit_sm or deliver_sm, or None if it is not plain. The frame has its header."""
    end = len(frame)
    try:
        _, command_id, status, sequence = _HEADER.unpack_from(frame)
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
            or length > 254
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
    """The frame of a submit_sm or deliver_sm, or None if it is not plain."""
    fields = pdu.fields
    if not _SM_NAMES.issuperset(fields):
        return None
    get = fields.get
    service = get("service_type", "")
    source = get("source_addr", "")
    dest = get("destination_addr", "")
    schedule = get("schedule_delivery_time", "")
    validity = get("validity_period", "")
    message = get("short_message", b"")
    if not (
        isinstance(service, str)
        and isinstance(source, str)
        and isinstance(dest, str)
        and isinstance(schedule, str)
        and isinstance(validity, str)
        and isinstance(message, bytes)
    ):
        return None
    length = len(message)
    if (
        length > 254
        or len(service) > 5
        or len(source) > 20
        or len(dest) > 20
        or len(schedule) > 16
        or len(validity) > 16
        or "\0" in source
        or "\0" in dest
        or (service and "\0" in service)
        or (schedule and "\0" in schedule)
        or (validity and "\0" in validity)
    ):
        return None
    # What is no integer fails in the format below and goes to the table.
    number = cast(Callable[[str, int], int], get)
    try:
        # One string and one encoding for the whole body: code points 0 to 255 are the octets of Latin-1,
        # so the integers go in as characters; one beyond 255 or below 0 fails here and is worded there.
        body = (
            f"{service}\0{number('source_addr_ton', 0):c}{number('source_addr_npi', 0):c}{source}\0"
            f"{number('dest_addr_ton', 0):c}{number('dest_addr_npi', 0):c}{dest}\0"
            f"{number('esm_class', 0):c}{number('protocol_id', 0):c}{number('priority_flag', 0):c}"
            f"{schedule}\0{validity}\0"
            f"{number('registered_delivery', 0):c}{number('replace_if_present_flag', 0):c}"
            f"{number('data_coding', 0):c}{number('sm_default_msg_id', 0):c}{length:c}"
        ).encode("latin-1")
        if pdu.tlvs:
            message += tlv.encode_all(pdu.tlvs)
        return (
            _HEADER.pack(16 + len(body) + len(message), pdu.command_id, pdu.command_status, pdu.sequence)
            + body
            + message
        )
    except (ValueError, TypeError, OverflowError, struct.error):
        return None


def decode_id_response(frame: bytes) -> Pdu | None:
    """A submit_sm_resp or deliver_sm_resp that is just a message_id, or None."""
    last = len(frame) - 1
    if last < 16 or last > 80 or frame.find(0, 16) != last:
        return None
    _, command_id, status, sequence = _HEADER.unpack_from(frame)
    return Pdu(command_id, status, sequence, {"message_id": frame[16:last].decode("latin-1")})


def encode_id_response(pdu: Pdu) -> bytes | None:
    """The frame of a submit_sm_resp or deliver_sm_resp that is just a message_id, or None."""
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
