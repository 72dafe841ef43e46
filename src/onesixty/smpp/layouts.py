"""The layout of every PDU of SMPP 3.4 and 5.0, as tables: the only place that knows the order of fields.

A row is a command and its mandatory fields in the order of the wire; TLVs may follow any of them. Commands of
5.0 are further rows (5.0, 4.4). Sizes are the specification's, including the terminating NUL, with two
exceptions that practice demands; comments mark them. Where 5.0 allows more than 3.4 (255 octets of
short_message, 255 destinations), the rows do.
"""

from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp.fields import CString, DestAddresses, Field, Integer, Octets, UnsuccessSmes


class Layout:
    """One command: its id, its name and its mandatory fields in wire order."""

    __slots__ = ("command_id", "fields", "name", "names")

    def __init__(self, command_id: int, name: str, *fields: Field) -> None:
        self.command_id = command_id
        self.name = name
        self.fields = fields
        self.names = frozenset(field.name for field in fields)


_SYSTEM_ID: Final = CString("system_id", 16, c.ESME_RINVSYSID)
# The specification gives the password 9 octets; carriers issue longer ones, so 65 are accepted.
_PASSWORD: Final = CString("password", 65, c.ESME_RINVPASWD)
# deliver_sm_resp does not use message_id; it is read from peers that fill it.
_MESSAGE_ID: Final = CString("message_id", 65, c.ESME_RINVMSGID)
_SERVICE_TYPE: Final = CString("service_type", 6, c.ESME_RINVSERTYP)
_SOURCE: Final[tuple[Field, ...]] = (
    Integer("source_addr_ton"),
    Integer("source_addr_npi"),
    CString("source_addr", 21, c.ESME_RINVSRCADR),
)
_DESTINATION: Final[tuple[Field, ...]] = (
    Integer("dest_addr_ton"),
    Integer("dest_addr_npi"),
    CString("destination_addr", 21, c.ESME_RINVDSTADR),
)
_SOURCE_LONG: Final[tuple[Field, ...]] = (*_SOURCE[:2], CString("source_addr", 65, c.ESME_RINVSRCADR))
_DESTINATION_LONG: Final[tuple[Field, ...]] = (
    *_DESTINATION[:2],
    CString("destination_addr", 65, c.ESME_RINVDSTADR),
)
_SCHEDULE: Final = CString("schedule_delivery_time", 17, c.ESME_RINVSCHED)
_VALIDITY: Final = CString("validity_period", 17, c.ESME_RINVEXPIRY)
_SHORT_MESSAGE: Final = Octets("short_message", 255, c.ESME_RINVMSGLEN)
_BIND: Final[tuple[Field, ...]] = (
    _SYSTEM_ID,
    _PASSWORD,
    CString("system_type", 13, c.ESME_RINVSYSTYP),
    Integer("interface_version", default=c.INTERFACE_VERSION_34),
    Integer("addr_ton"),
    Integer("addr_npi"),
    CString("address_range", 41),
)
_HANDLING: Final[tuple[Field, ...]] = (
    Integer("esm_class"),
    Integer("protocol_id"),
    Integer("priority_flag"),
    _SCHEDULE,
    _VALIDITY,
    Integer("registered_delivery"),
    Integer("replace_if_present_flag"),
    Integer("data_coding"),
    Integer("sm_default_msg_id"),
    _SHORT_MESSAGE,
)
# submit_sm and deliver_sm have the same layout (4.4.1, 4.6.1).
_SM: Final[tuple[Field, ...]] = (_SERVICE_TYPE, *_SOURCE, *_DESTINATION, *_HANDLING)

_ROWS: Final = (
    Layout(c.GENERIC_NACK, "generic_nack"),
    Layout(c.BIND_RECEIVER, "bind_receiver", *_BIND),
    Layout(c.BIND_RECEIVER_RESP, "bind_receiver_resp", _SYSTEM_ID),
    Layout(c.BIND_TRANSMITTER, "bind_transmitter", *_BIND),
    Layout(c.BIND_TRANSMITTER_RESP, "bind_transmitter_resp", _SYSTEM_ID),
    Layout(c.BIND_TRANSCEIVER, "bind_transceiver", *_BIND),
    Layout(c.BIND_TRANSCEIVER_RESP, "bind_transceiver_resp", _SYSTEM_ID),
    Layout(c.OUTBIND, "outbind", _SYSTEM_ID, _PASSWORD),
    Layout(c.UNBIND, "unbind"),
    Layout(c.UNBIND_RESP, "unbind_resp"),
    Layout(c.ENQUIRE_LINK, "enquire_link"),
    Layout(c.ENQUIRE_LINK_RESP, "enquire_link_resp"),
    Layout(c.SUBMIT_SM, "submit_sm", *_SM),
    Layout(c.SUBMIT_SM_RESP, "submit_sm_resp", _MESSAGE_ID),
    Layout(
        c.SUBMIT_MULTI,
        "submit_multi",
        _SERVICE_TYPE,
        *_SOURCE,
        DestAddresses("dest_address"),
        *_HANDLING,
    ),
    Layout(
        c.SUBMIT_MULTI_RESP,
        "submit_multi_resp",
        _MESSAGE_ID,
        UnsuccessSmes("unsuccess_sme"),
    ),
    Layout(c.DELIVER_SM, "deliver_sm", *_SM),
    Layout(c.DELIVER_SM_RESP, "deliver_sm_resp", _MESSAGE_ID),
    Layout(
        c.DATA_SM,
        "data_sm",
        _SERVICE_TYPE,
        *_SOURCE_LONG,
        *_DESTINATION_LONG,
        Integer("esm_class"),
        Integer("registered_delivery"),
        Integer("data_coding"),
    ),
    Layout(c.DATA_SM_RESP, "data_sm_resp", _MESSAGE_ID),
    Layout(c.QUERY_SM, "query_sm", _MESSAGE_ID, *_SOURCE),
    Layout(
        c.QUERY_SM_RESP,
        "query_sm_resp",
        _MESSAGE_ID,
        CString("final_date", 17),
        Integer("message_state"),
        Integer("error_code"),
    ),
    Layout(c.CANCEL_SM, "cancel_sm", _SERVICE_TYPE, _MESSAGE_ID, *_SOURCE, *_DESTINATION),
    Layout(c.CANCEL_SM_RESP, "cancel_sm_resp"),
    Layout(
        c.REPLACE_SM,
        "replace_sm",
        _MESSAGE_ID,
        *_SOURCE,
        _SCHEDULE,
        _VALIDITY,
        Integer("registered_delivery"),
        Integer("sm_default_msg_id"),
        _SHORT_MESSAGE,
    ),
    Layout(c.REPLACE_SM_RESP, "replace_sm_resp"),
    Layout(
        c.ALERT_NOTIFICATION,
        "alert_notification",
        *_SOURCE_LONG,
        Integer("esme_addr_ton"),
        Integer("esme_addr_npi"),
        CString("esme_addr", 65),
    ),
    Layout(
        c.BROADCAST_SM,
        "broadcast_sm",
        _SERVICE_TYPE,
        *_SOURCE,
        _MESSAGE_ID,
        Integer("priority_flag"),
        _SCHEDULE,
        _VALIDITY,
        Integer("replace_if_present_flag"),
        Integer("data_coding"),
        Integer("sm_default_msg_id"),
    ),
    Layout(c.BROADCAST_SM_RESP, "broadcast_sm_resp", _MESSAGE_ID),
    Layout(c.QUERY_BROADCAST_SM, "query_broadcast_sm", _MESSAGE_ID, *_SOURCE),
    Layout(c.QUERY_BROADCAST_SM_RESP, "query_broadcast_sm_resp", _MESSAGE_ID),
    Layout(c.CANCEL_BROADCAST_SM, "cancel_broadcast_sm", _SERVICE_TYPE, _MESSAGE_ID, *_SOURCE),
    Layout(c.CANCEL_BROADCAST_SM_RESP, "cancel_broadcast_sm_resp"),
)

LAYOUTS: Final[dict[int, Layout]] = {row.command_id: row for row in _ROWS}

# The response of each request. Requests without one (outbind, alert_notification) are absent.
RESPONSE_OF: Final[dict[int, int]] = {
    row.command_id: row.command_id | c.RESPONSE_BIT
    for row in _ROWS
    if not row.command_id & c.RESPONSE_BIT and (row.command_id | c.RESPONSE_BIT) in LAYOUTS
}


def command_name(command_id: int) -> str:
    """Return the name of a command, or its number in hexadecimal."""
    layout = LAYOUTS.get(command_id)
    return layout.name if layout is not None else f"0x{command_id:08X}"
