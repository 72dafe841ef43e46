"""The optional parameters (TLVs) of SMPP 3.4, 5.3.2, and of 5.0, 4.8.4, as one table.

PDUs carry TLVs raw, as `(tag, octets)` in wire order: a tag without a row, a vendor's tag and a tag
that comes twice survive unchanged. The table serves those who want a value: `make` and `encode`
are strict on the way out, `decode` is strict on the way in, and `Pdu.tlv_int` and `Pdu.tlv_text`
read what peers really send.
"""

import struct
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp.errors import EncodeError, PduError, TlvError

Tlv = tuple[int, bytes]
TlvValue = int | str | bytes

DEST_ADDR_SUBUNIT: Final = 0x0005
DEST_NETWORK_TYPE: Final = 0x0006
DEST_BEARER_TYPE: Final = 0x0007
DEST_TELEMATICS_ID: Final = 0x0008
SOURCE_ADDR_SUBUNIT: Final = 0x000D
SOURCE_NETWORK_TYPE: Final = 0x000E
SOURCE_BEARER_TYPE: Final = 0x000F
SOURCE_TELEMATICS_ID: Final = 0x0010
QOS_TIME_TO_LIVE: Final = 0x0017
PAYLOAD_TYPE: Final = 0x0019
ADDITIONAL_STATUS_INFO_TEXT: Final = 0x001D
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
DPF_RESULT: Final = 0x0420
SET_DPF: Final = 0x0421
MS_AVAILABILITY_STATUS: Final = 0x0422
NETWORK_ERROR_CODE: Final = 0x0423
MESSAGE_PAYLOAD: Final = 0x0424
DELIVERY_FAILURE_REASON: Final = 0x0425
MORE_MESSAGES_TO_SEND: Final = 0x0426
MESSAGE_STATE: Final = 0x0427
CONGESTION_STATE: Final = 0x0428
USSD_SERVICE_OP: Final = 0x0501
BROADCAST_CHANNEL_INDICATOR: Final = 0x0600
BROADCAST_CONTENT_TYPE: Final = 0x0601
BROADCAST_CONTENT_TYPE_INFO: Final = 0x0602
BROADCAST_MESSAGE_CLASS: Final = 0x0603
BROADCAST_REP_NUM: Final = 0x0604
BROADCAST_FREQUENCY_INTERVAL: Final = 0x0605
BROADCAST_AREA_IDENTIFIER: Final = 0x0606  # failed_broadcast_area_identifier in broadcast_sm_resp
BROADCAST_ERROR_STATUS: Final = 0x0607
BROADCAST_AREA_SUCCESS: Final = 0x0608
BROADCAST_END_TIME: Final = 0x0609
BROADCAST_SERVICE_GROUP: Final = 0x060A
BILLING_IDENTIFICATION: Final = 0x060B
SOURCE_NETWORK_ID: Final = 0x060D
DEST_NETWORK_ID: Final = 0x060E
SOURCE_NODE_ID: Final = 0x060F
DEST_NODE_ID: Final = 0x0610
DEST_ADDR_NP_RESOLUTION: Final = 0x0611
DEST_ADDR_NP_INFORMATION: Final = 0x0612
DEST_ADDR_NP_COUNTRY: Final = 0x0613
DISPLAY_TIME: Final = 0x1201
SMS_SIGNAL: Final = 0x1203
MS_VALIDITY: Final = 0x1204
ALERT_ON_MESSAGE_DELIVERY: Final = 0x130C
ITS_REPLY_TYPE: Final = 0x1380
ITS_SESSION_INFO: Final = 0x1383

INTEGER: Final = "integer"
TEXT: Final = "text"  # a C-string, its NUL counted
OCTETS: Final = "octets"


class TlvRow:
    """One row: the tag, its name, how its octets are read, how many there may be, and since when it is."""

    __slots__ = ("kind", "maximum", "minimum", "name", "tag", "version")

    def __init__(
        self,
        tag: int,
        name: str,
        kind: str,
        minimum: int,
        maximum: int,
        version: int = c.INTERFACE_VERSION_34,
    ) -> None:
        self.tag = tag
        self.name = name
        self.kind = kind
        self.minimum = minimum
        self.maximum = maximum
        self.version = version


_V50: Final = c.INTERFACE_VERSION_50

_ROWS: Final = (
    TlvRow(DEST_ADDR_SUBUNIT, "dest_addr_subunit", INTEGER, 1, 1),
    TlvRow(DEST_NETWORK_TYPE, "dest_network_type", INTEGER, 1, 1),
    TlvRow(DEST_BEARER_TYPE, "dest_bearer_type", INTEGER, 1, 1),
    TlvRow(DEST_TELEMATICS_ID, "dest_telematics_id", INTEGER, 2, 2),
    TlvRow(SOURCE_ADDR_SUBUNIT, "source_addr_subunit", INTEGER, 1, 1),
    TlvRow(SOURCE_NETWORK_TYPE, "source_network_type", INTEGER, 1, 1),
    TlvRow(SOURCE_BEARER_TYPE, "source_bearer_type", INTEGER, 1, 1),
    TlvRow(SOURCE_TELEMATICS_ID, "source_telematics_id", INTEGER, 1, 1),
    TlvRow(QOS_TIME_TO_LIVE, "qos_time_to_live", INTEGER, 4, 4),
    TlvRow(PAYLOAD_TYPE, "payload_type", INTEGER, 1, 1),
    TlvRow(ADDITIONAL_STATUS_INFO_TEXT, "additional_status_info_text", TEXT, 1, 256),
    TlvRow(RECEIPTED_MESSAGE_ID, "receipted_message_id", TEXT, 1, 65),
    TlvRow(MS_MSG_WAIT_FACILITIES, "ms_msg_wait_facilities", INTEGER, 1, 1),
    TlvRow(PRIVACY_INDICATOR, "privacy_indicator", INTEGER, 1, 1),
    TlvRow(SOURCE_SUBADDRESS, "source_subaddress", OCTETS, 2, 23),
    TlvRow(DEST_SUBADDRESS, "dest_subaddress", OCTETS, 2, 23),
    TlvRow(USER_MESSAGE_REFERENCE, "user_message_reference", INTEGER, 2, 2),
    TlvRow(USER_RESPONSE_CODE, "user_response_code", INTEGER, 1, 1),
    TlvRow(SOURCE_PORT, "source_port", INTEGER, 2, 2),
    TlvRow(DESTINATION_PORT, "destination_port", INTEGER, 2, 2),
    TlvRow(SAR_MSG_REF_NUM, "sar_msg_ref_num", INTEGER, 2, 2),
    TlvRow(LANGUAGE_INDICATOR, "language_indicator", INTEGER, 1, 1),
    TlvRow(SAR_TOTAL_SEGMENTS, "sar_total_segments", INTEGER, 1, 1),
    TlvRow(SAR_SEGMENT_SEQNUM, "sar_segment_seqnum", INTEGER, 1, 1),
    TlvRow(SC_INTERFACE_VERSION, "sc_interface_version", INTEGER, 1, 1),
    TlvRow(CALLBACK_NUM_PRES_IND, "callback_num_pres_ind", INTEGER, 1, 1),
    TlvRow(CALLBACK_NUM_ATAG, "callback_num_atag", OCTETS, 0, 65),
    TlvRow(NUMBER_OF_MESSAGES, "number_of_messages", INTEGER, 1, 1),
    TlvRow(CALLBACK_NUM, "callback_num", OCTETS, 4, 19),
    TlvRow(DPF_RESULT, "dpf_result", INTEGER, 1, 1),
    TlvRow(SET_DPF, "set_dpf", INTEGER, 1, 1),
    TlvRow(MS_AVAILABILITY_STATUS, "ms_availability_status", INTEGER, 1, 1),
    TlvRow(NETWORK_ERROR_CODE, "network_error_code", OCTETS, 3, 3),
    TlvRow(MESSAGE_PAYLOAD, "message_payload", OCTETS, 0, 65535),
    TlvRow(DELIVERY_FAILURE_REASON, "delivery_failure_reason", INTEGER, 1, 1),
    TlvRow(MORE_MESSAGES_TO_SEND, "more_messages_to_send", INTEGER, 1, 1),
    TlvRow(MESSAGE_STATE, "message_state", INTEGER, 1, 1),
    TlvRow(USSD_SERVICE_OP, "ussd_service_op", OCTETS, 1, 1),
    TlvRow(DISPLAY_TIME, "display_time", INTEGER, 1, 1),
    TlvRow(SMS_SIGNAL, "sms_signal", INTEGER, 2, 2),
    # One octet in 3.4; 5.0 adds a unit of time and a number of them.
    TlvRow(MS_VALIDITY, "ms_validity", OCTETS, 1, 4),
    # Empty in 3.4; one octet in 5.0.
    TlvRow(ALERT_ON_MESSAGE_DELIVERY, "alert_on_message_delivery", OCTETS, 0, 1),
    TlvRow(ITS_REPLY_TYPE, "its_reply_type", INTEGER, 1, 1),
    TlvRow(ITS_SESSION_INFO, "its_session_info", OCTETS, 2, 2),
    TlvRow(CONGESTION_STATE, "congestion_state", INTEGER, 1, 1, _V50),
    TlvRow(BROADCAST_CHANNEL_INDICATOR, "broadcast_channel_indicator", INTEGER, 1, 1, _V50),
    TlvRow(BROADCAST_CONTENT_TYPE, "broadcast_content_type", OCTETS, 3, 3, _V50),
    TlvRow(BROADCAST_CONTENT_TYPE_INFO, "broadcast_content_type_info", OCTETS, 1, 255, _V50),
    TlvRow(BROADCAST_MESSAGE_CLASS, "broadcast_message_class", INTEGER, 1, 1, _V50),
    TlvRow(BROADCAST_REP_NUM, "broadcast_rep_num", INTEGER, 2, 2, _V50),
    TlvRow(BROADCAST_FREQUENCY_INTERVAL, "broadcast_frequency_interval", OCTETS, 3, 3, _V50),
    TlvRow(BROADCAST_AREA_IDENTIFIER, "broadcast_area_identifier", OCTETS, 1, 100, _V50),
    TlvRow(BROADCAST_ERROR_STATUS, "broadcast_error_status", INTEGER, 4, 4, _V50),
    TlvRow(BROADCAST_AREA_SUCCESS, "broadcast_area_success", INTEGER, 1, 1, _V50),
    # 16 octets in 5.0; some readers want a NUL behind them.
    TlvRow(BROADCAST_END_TIME, "broadcast_end_time", OCTETS, 16, 17, _V50),
    TlvRow(BROADCAST_SERVICE_GROUP, "broadcast_service_group", OCTETS, 1, 255, _V50),
    TlvRow(BILLING_IDENTIFICATION, "billing_identification", OCTETS, 1, 1024, _V50),
    TlvRow(SOURCE_NETWORK_ID, "source_network_id", TEXT, 7, 66, _V50),
    TlvRow(DEST_NETWORK_ID, "dest_network_id", TEXT, 7, 66, _V50),
    TlvRow(SOURCE_NODE_ID, "source_node_id", OCTETS, 6, 6, _V50),
    TlvRow(DEST_NODE_ID, "dest_node_id", OCTETS, 6, 6, _V50),
    TlvRow(DEST_ADDR_NP_RESOLUTION, "dest_addr_np_resolution", INTEGER, 1, 1, _V50),
    TlvRow(DEST_ADDR_NP_INFORMATION, "dest_addr_np_information", OCTETS, 10, 10, _V50),
    TlvRow(DEST_ADDR_NP_COUNTRY, "dest_addr_np_country", OCTETS, 1, 5, _V50),
)

TLVS: Final[dict[int, TlvRow]] = {row.tag: row for row in _ROWS}
TLV_BY_NAME: Final[dict[str, TlvRow]] = {row.name: row for row in _ROWS}

#: The tags that 5.0 brought.
TAGS_OF_50: Final = frozenset(row.tag for row in _ROWS if row.version == _V50)

_HEAD: Final = struct.Struct(">HH")


def tlv_name(tag: int) -> str:
    """The name of a tag, or its number in hexadecimal."""
    row = TLVS.get(tag)
    return row.name if row is not None else f"0x{tag:04X}"


def encode(tag: int, value: TlvValue) -> bytes:
    """The octets of a TLV's value, by its row; a tag without a row takes octets. Raises EncodeError."""
    row = TLVS.get(tag)
    name = tlv_name(tag)
    if row is None or row.kind == OCTETS:
        if not isinstance(value, bytes):
            raise EncodeError(f"{name} takes octets", name)
        raw = value
    elif row.kind == INTEGER:
        if not isinstance(value, int) or not 0 <= value < 1 << (8 * row.maximum):
            raise EncodeError(f"{name} takes an integer of {row.maximum} octets", name)
        raw = value.to_bytes(row.maximum, "big")
    else:
        if not isinstance(value, str) or "\0" in value:
            raise EncodeError(f"{name} takes a string without NUL", name)
        try:
            raw = value.encode("latin-1") + b"\0"
        except UnicodeEncodeError:
            raise EncodeError(f"{name}: a character beyond Latin-1", name) from None
    if row is not None and not row.minimum <= len(raw) <= row.maximum:
        raise EncodeError(f"{name} takes {row.minimum} to {row.maximum} octets, not {len(raw)}", name)
    return raw


def make(name: str, value: TlvValue) -> Tlv:
    """A TLV ready for a PDU, by the name of its row. Raises EncodeError."""
    row = TLV_BY_NAME.get(name)
    if row is None:
        raise EncodeError(f"no TLV is called {name}", name)
    return row.tag, encode(row.tag, value)


def decode(tag: int, raw: bytes) -> TlvValue:
    """The value of a TLV by its row; octets if there is none. Raises TlvError where it does not fit."""
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
            raise TlvError(f"{row.name} is no C-string", c.ESME_RINVOPTPARAMVAL, tag)
        return text.decode("latin-1")
    return raw


def for_version(tlvs: tuple[Tlv, ...], version: int) -> tuple[Tlv, ...]:
    """`tlvs` as a peer of this interface_version may get them: nothing of 5.0 below 5.0 (5.0, 4.8.1), and nothing at
    all below 3.4, which brought them (3.4, 5.2.4).

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
        return tlvs  # nearly always
    return tuple(entry for entry in tlvs if entry[0] not in TAGS_OF_50)


def encode_all(tlvs: tuple[Tlv, ...]) -> bytes:
    """The wire form of raw TLVs. Raises EncodeError."""
    parts: list[bytes] = []
    for tag, raw in tlvs:
        if not 0 <= tag <= 0xFFFF or len(raw) > 0xFFFF:
            raise EncodeError(f"{tlv_name(tag)}: the tag or {len(raw)} octets do not fit", tlv_name(tag))
        parts.append(_HEAD.pack(tag, len(raw)))
        parts.append(raw)
    return b"".join(parts)


def decode_all(data: bytes, pos: int, end: int) -> tuple[Tlv, ...]:
    """The TLVs in `data[pos:end]`, raw. Raises PduError if one does not fit the rest."""
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
