"""The numbers of SMPP 3.4 and 5.0 and their names: commands, statuses, flags.

Plain integers, so that a value a peer made up (a vendor's status, a reserved bit) is carried
as it came. The names are looked up in tables; nothing is refused for having no name.
Section numbers are those of the SMPP 3.4 specification, issue 1.2, unless 5.0 is named.
"""

from typing import Final, NamedTuple

HEADER_LENGTH: Final = 16
RESPONSE_BIT: Final = 0x80000000
MAX_SEQUENCE: Final = 0x7FFFFFFF
INTERFACE_VERSION_33: Final = 0x33
INTERFACE_VERSION_34: Final = 0x34
INTERFACE_VERSION_50: Final = 0x50

# Command ids, 5.1.2.1.
GENERIC_NACK: Final = 0x80000000
BIND_RECEIVER: Final = 0x00000001
BIND_RECEIVER_RESP: Final = 0x80000001
BIND_TRANSMITTER: Final = 0x00000002
BIND_TRANSMITTER_RESP: Final = 0x80000002
QUERY_SM: Final = 0x00000003
QUERY_SM_RESP: Final = 0x80000003
SUBMIT_SM: Final = 0x00000004
SUBMIT_SM_RESP: Final = 0x80000004
DELIVER_SM: Final = 0x00000005
DELIVER_SM_RESP: Final = 0x80000005
UNBIND: Final = 0x00000006
UNBIND_RESP: Final = 0x80000006
REPLACE_SM: Final = 0x00000007
REPLACE_SM_RESP: Final = 0x80000007
CANCEL_SM: Final = 0x00000008
CANCEL_SM_RESP: Final = 0x80000008
BIND_TRANSCEIVER: Final = 0x00000009
BIND_TRANSCEIVER_RESP: Final = 0x80000009
OUTBIND: Final = 0x0000000B
ENQUIRE_LINK: Final = 0x00000015
ENQUIRE_LINK_RESP: Final = 0x80000015
SUBMIT_MULTI: Final = 0x00000021
SUBMIT_MULTI_RESP: Final = 0x80000021
ALERT_NOTIFICATION: Final = 0x00000102
DATA_SM: Final = 0x00000103
DATA_SM_RESP: Final = 0x80000103
BROADCAST_SM: Final = 0x00000111
BROADCAST_SM_RESP: Final = 0x80000111
QUERY_BROADCAST_SM: Final = 0x00000112
QUERY_BROADCAST_SM_RESP: Final = 0x80000112
CANCEL_BROADCAST_SM: Final = 0x00000113
CANCEL_BROADCAST_SM_RESP: Final = 0x80000113

BIND_COMMANDS: Final = frozenset((BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER))
# Commands that 5.0 brought (5.0, 4.4): neither sent to nor taken from a peer that speaks 3.4.
COMMANDS_OF_50: Final = frozenset((BROADCAST_SM, QUERY_BROADCAST_SM, CANCEL_BROADCAST_SM))

# Command statuses, 5.1.3.
ESME_ROK: Final = 0x00000000
ESME_RINVMSGLEN: Final = 0x00000001
ESME_RINVCMDLEN: Final = 0x00000002
ESME_RINVCMDID: Final = 0x00000003
ESME_RINVBNDSTS: Final = 0x00000004
ESME_RALYBND: Final = 0x00000005
ESME_RINVPRTFLG: Final = 0x00000006
ESME_RINVREGDLVFLG: Final = 0x00000007
ESME_RSYSERR: Final = 0x00000008
ESME_RINVSRCADR: Final = 0x0000000A
ESME_RINVDSTADR: Final = 0x0000000B
ESME_RINVMSGID: Final = 0x0000000C
ESME_RBINDFAIL: Final = 0x0000000D
ESME_RINVPASWD: Final = 0x0000000E
ESME_RINVSYSID: Final = 0x0000000F
ESME_RCANCELFAIL: Final = 0x00000011
ESME_RREPLACEFAIL: Final = 0x00000013
ESME_RMSGQFUL: Final = 0x00000014
ESME_RINVSERTYP: Final = 0x00000015
ESME_RINVNUMDESTS: Final = 0x00000033
ESME_RINVDLNAME: Final = 0x00000034
ESME_RINVDESTFLAG: Final = 0x00000040
ESME_RINVSUBREP: Final = 0x00000042
ESME_RINVESMCLASS: Final = 0x00000043
ESME_RCNTSUBDL: Final = 0x00000044
ESME_RSUBMITFAIL: Final = 0x00000045
ESME_RINVSRCTON: Final = 0x00000048
ESME_RINVSRCNPI: Final = 0x00000049
ESME_RINVDSTTON: Final = 0x00000050
ESME_RINVDSTNPI: Final = 0x00000051
ESME_RINVSYSTYP: Final = 0x00000053
ESME_RINVREPFLAG: Final = 0x00000054
ESME_RINVNUMMSGS: Final = 0x00000055
ESME_RTHROTTLED: Final = 0x00000058
ESME_RINVSCHED: Final = 0x00000061
ESME_RINVEXPIRY: Final = 0x00000062
ESME_RINVDFTMSGID: Final = 0x00000063
ESME_RX_T_APPN: Final = 0x00000064
ESME_RX_P_APPN: Final = 0x00000065
ESME_RX_R_APPN: Final = 0x00000066
ESME_RQUERYFAIL: Final = 0x00000067
ESME_RINVOPTPARSTREAM: Final = 0x000000C0
ESME_ROPTPARNOTALLWD: Final = 0x000000C1
ESME_RINVPARLEN: Final = 0x000000C2
ESME_RMISSINGOPTPARAM: Final = 0x000000C3
ESME_RINVOPTPARAMVAL: Final = 0x000000C4
ESME_RDELIVERYFAILURE: Final = 0x000000FE
ESME_RUNKNOWNERR: Final = 0x000000FF

# Command statuses that 5.0 added, 5.0, 4.7.6. What 3.4 calls an optional parameter (0xC0 to 0xC4), 5.0 calls
# a TLV: ESME_RINVTLVSTREAM is ESME_RINVOPTPARSTREAM and so on.
ESME_RSERTYPUNAUTH: Final = 0x00000100
ESME_RPROHIBITED: Final = 0x00000101
ESME_RSERTYPUNAVAIL: Final = 0x00000102
ESME_RSERTYPDENIED: Final = 0x00000103
ESME_RINVDCS: Final = 0x00000104
ESME_RINVSRCADDRSUBUNIT: Final = 0x00000105
ESME_RINVDSTADDRSUBUNIT: Final = 0x00000106
ESME_RINVBCASTFREQINT: Final = 0x00000107
ESME_RINVBCASTALIAS_NAME: Final = 0x00000108
ESME_RINVBCASTAREAFMT: Final = 0x00000109
ESME_RINVNUMBCAST_AREAS: Final = 0x0000010A
ESME_RINVBCASTCNTTYPE: Final = 0x0000010B
ESME_RINVBCASTMSGCLASS: Final = 0x0000010C
ESME_RBCASTFAIL: Final = 0x0000010D
ESME_RBCASTQUERYFAIL: Final = 0x0000010E
ESME_RBCASTCANCELFAIL: Final = 0x0000010F
ESME_RINVBCAST_REP: Final = 0x00000110
ESME_RINVBCASTSRVGRP: Final = 0x00000111
ESME_RINVBCASTCHANIND: Final = 0x00000112

VENDOR_STATUS_FIRST: Final = 0x00000400
VENDOR_STATUS_LAST: Final = 0x000004FF


class StatusInfo(NamedTuple):
    """The name of a command_status and what it means, in a few words."""

    name: str
    meaning: str


STATUSES: Final[dict[int, StatusInfo]] = {
    ESME_ROK: StatusInfo("ESME_ROK", "no error"),
    ESME_RINVMSGLEN: StatusInfo("ESME_RINVMSGLEN", "message length is invalid"),
    ESME_RINVCMDLEN: StatusInfo("ESME_RINVCMDLEN", "command length is invalid"),
    ESME_RINVCMDID: StatusInfo("ESME_RINVCMDID", "invalid command id"),
    ESME_RINVBNDSTS: StatusInfo("ESME_RINVBNDSTS", "incorrect bind status for this command"),
    ESME_RALYBND: StatusInfo("ESME_RALYBND", "already bound"),
    ESME_RINVPRTFLG: StatusInfo("ESME_RINVPRTFLG", "invalid priority flag"),
    ESME_RINVREGDLVFLG: StatusInfo("ESME_RINVREGDLVFLG", "invalid registered delivery flag"),
    ESME_RSYSERR: StatusInfo("ESME_RSYSERR", "system error"),
    ESME_RINVSRCADR: StatusInfo("ESME_RINVSRCADR", "invalid source address"),
    ESME_RINVDSTADR: StatusInfo("ESME_RINVDSTADR", "invalid destination address"),
    ESME_RINVMSGID: StatusInfo("ESME_RINVMSGID", "message id is invalid"),
    ESME_RBINDFAIL: StatusInfo("ESME_RBINDFAIL", "bind failed"),
    ESME_RINVPASWD: StatusInfo("ESME_RINVPASWD", "invalid password"),
    ESME_RINVSYSID: StatusInfo("ESME_RINVSYSID", "invalid system id"),
    ESME_RCANCELFAIL: StatusInfo("ESME_RCANCELFAIL", "cancel_sm failed"),
    ESME_RREPLACEFAIL: StatusInfo("ESME_RREPLACEFAIL", "replace_sm failed"),
    ESME_RMSGQFUL: StatusInfo("ESME_RMSGQFUL", "message queue full"),
    ESME_RINVSERTYP: StatusInfo("ESME_RINVSERTYP", "invalid service type"),
    ESME_RINVNUMDESTS: StatusInfo("ESME_RINVNUMDESTS", "invalid number of destinations"),
    ESME_RINVDLNAME: StatusInfo("ESME_RINVDLNAME", "invalid distribution list name"),
    ESME_RINVDESTFLAG: StatusInfo("ESME_RINVDESTFLAG", "invalid destination flag"),
    ESME_RINVSUBREP: StatusInfo("ESME_RINVSUBREP", "invalid submit with replace request"),
    ESME_RINVESMCLASS: StatusInfo("ESME_RINVESMCLASS", "invalid esm_class"),
    ESME_RCNTSUBDL: StatusInfo("ESME_RCNTSUBDL", "cannot submit to distribution list"),
    ESME_RSUBMITFAIL: StatusInfo("ESME_RSUBMITFAIL", "submit_sm or submit_multi failed"),
    ESME_RINVSRCTON: StatusInfo("ESME_RINVSRCTON", "invalid source address TON"),
    ESME_RINVSRCNPI: StatusInfo("ESME_RINVSRCNPI", "invalid source address NPI"),
    ESME_RINVDSTTON: StatusInfo("ESME_RINVDSTTON", "invalid destination address TON"),
    ESME_RINVDSTNPI: StatusInfo("ESME_RINVDSTNPI", "invalid destination address NPI"),
    ESME_RINVSYSTYP: StatusInfo("ESME_RINVSYSTYP", "invalid system type"),
    ESME_RINVREPFLAG: StatusInfo("ESME_RINVREPFLAG", "invalid replace_if_present flag"),
    ESME_RINVNUMMSGS: StatusInfo("ESME_RINVNUMMSGS", "invalid number of messages"),
    ESME_RTHROTTLED: StatusInfo("ESME_RTHROTTLED", "throttled: message limits exceeded"),
    ESME_RINVSCHED: StatusInfo("ESME_RINVSCHED", "invalid scheduled delivery time"),
    ESME_RINVEXPIRY: StatusInfo("ESME_RINVEXPIRY", "invalid validity period"),
    ESME_RINVDFTMSGID: StatusInfo("ESME_RINVDFTMSGID", "predefined message invalid or not found"),
    ESME_RX_T_APPN: StatusInfo("ESME_RX_T_APPN", "receiver temporary application error"),
    ESME_RX_P_APPN: StatusInfo("ESME_RX_P_APPN", "receiver permanent application error"),
    ESME_RX_R_APPN: StatusInfo("ESME_RX_R_APPN", "receiver rejects the message"),
    ESME_RQUERYFAIL: StatusInfo("ESME_RQUERYFAIL", "query_sm failed"),
    ESME_RINVOPTPARSTREAM: StatusInfo("ESME_RINVOPTPARSTREAM", "error in the optional part of the body"),
    ESME_ROPTPARNOTALLWD: StatusInfo("ESME_ROPTPARNOTALLWD", "optional parameter not allowed"),
    ESME_RINVPARLEN: StatusInfo("ESME_RINVPARLEN", "invalid parameter length"),
    ESME_RMISSINGOPTPARAM: StatusInfo("ESME_RMISSINGOPTPARAM", "expected optional parameter missing"),
    ESME_RINVOPTPARAMVAL: StatusInfo("ESME_RINVOPTPARAMVAL", "invalid optional parameter value"),
    ESME_RDELIVERYFAILURE: StatusInfo("ESME_RDELIVERYFAILURE", "delivery failure (data_sm_resp)"),
    ESME_RUNKNOWNERR: StatusInfo("ESME_RUNKNOWNERR", "unknown error"),
    ESME_RSERTYPUNAUTH: StatusInfo("ESME_RSERTYPUNAUTH", "not authorised to use this service type"),
    ESME_RPROHIBITED: StatusInfo("ESME_RPROHIBITED", "prohibited from using this operation"),
    ESME_RSERTYPUNAVAIL: StatusInfo("ESME_RSERTYPUNAVAIL", "service type is unavailable"),
    ESME_RSERTYPDENIED: StatusInfo("ESME_RSERTYPDENIED", "service type is denied"),
    ESME_RINVDCS: StatusInfo("ESME_RINVDCS", "invalid data_coding"),
    ESME_RINVSRCADDRSUBUNIT: StatusInfo("ESME_RINVSRCADDRSUBUNIT", "source address subunit is invalid"),
    ESME_RINVDSTADDRSUBUNIT: StatusInfo("ESME_RINVDSTADDRSUBUNIT", "destination address subunit is invalid"),
    ESME_RINVBCASTFREQINT: StatusInfo("ESME_RINVBCASTFREQINT", "broadcast frequency interval is invalid"),
    ESME_RINVBCASTALIAS_NAME: StatusInfo("ESME_RINVBCASTALIAS_NAME", "broadcast alias name is invalid"),
    ESME_RINVBCASTAREAFMT: StatusInfo("ESME_RINVBCASTAREAFMT", "broadcast area format is invalid"),
    ESME_RINVNUMBCAST_AREAS: StatusInfo("ESME_RINVNUMBCAST_AREAS", "number of broadcast areas is invalid"),
    ESME_RINVBCASTCNTTYPE: StatusInfo("ESME_RINVBCASTCNTTYPE", "broadcast content type is invalid"),
    ESME_RINVBCASTMSGCLASS: StatusInfo("ESME_RINVBCASTMSGCLASS", "broadcast message class is invalid"),
    ESME_RBCASTFAIL: StatusInfo("ESME_RBCASTFAIL", "broadcast_sm failed"),
    ESME_RBCASTQUERYFAIL: StatusInfo("ESME_RBCASTQUERYFAIL", "query_broadcast_sm failed"),
    ESME_RBCASTCANCELFAIL: StatusInfo("ESME_RBCASTCANCELFAIL", "cancel_broadcast_sm failed"),
    ESME_RINVBCAST_REP: StatusInfo("ESME_RINVBCAST_REP", "number of repeated broadcasts is invalid"),
    ESME_RINVBCASTSRVGRP: StatusInfo("ESME_RINVBCASTSRVGRP", "broadcast service group is invalid"),
    ESME_RINVBCASTCHANIND: StatusInfo("ESME_RINVBCASTCHANIND", "broadcast channel indicator is invalid"),
}


def status_name(status: int) -> str:
    """The name of a command_status; hexadecimal for one that has none, marked if it is a vendor's."""
    info = STATUSES.get(status)
    if info is not None:
        return info.name
    if VENDOR_STATUS_FIRST <= status <= VENDOR_STATUS_LAST:
        return f"vendor 0x{status:08X}"
    return f"0x{status:08X}"


# esm_class, 5.2.12: bits 0-1 messaging mode, 2-5 message type, 6-7 GSM features.
ESM_MODE_MASK: Final = 0x03
ESM_MODE_DEFAULT: Final = 0x00
ESM_MODE_DATAGRAM: Final = 0x01
ESM_MODE_FORWARD: Final = 0x02
ESM_MODE_STORE_AND_FORWARD: Final = 0x03
ESM_TYPE_MASK: Final = 0x3C
ESM_TYPE_DEFAULT: Final = 0x00
ESM_TYPE_DELIVERY_RECEIPT: Final = 0x04
ESM_TYPE_DELIVERY_ACK: Final = 0x08
ESM_TYPE_USER_ACK: Final = 0x10
ESM_TYPE_CONVERSATION_ABORT: Final = 0x18
ESM_TYPE_INTERMEDIATE_NOTIFICATION: Final = 0x20
ESM_UDHI: Final = 0x40
ESM_REPLY_PATH: Final = 0x80

# registered_delivery, 5.2.17.
RECEIPT_MASK: Final = 0x03
RECEIPT_NONE: Final = 0x00
RECEIPT_FINAL: Final = 0x01
RECEIPT_FAILURE: Final = 0x02
RECEIPT_SUCCESS: Final = 0x03  # reserved in 3.4, taken from 5.0 and in wide use
SME_ACK_MASK: Final = 0x0C
SME_ACK_DELIVERY: Final = 0x04
SME_ACK_USER: Final = 0x08
INTERMEDIATE_NOTIFICATION: Final = 0x10

# Type of number, 5.2.5.
TON_UNKNOWN: Final = 0
TON_INTERNATIONAL: Final = 1
TON_NATIONAL: Final = 2
TON_NETWORK_SPECIFIC: Final = 3
TON_SUBSCRIBER: Final = 4
TON_ALPHANUMERIC: Final = 5
TON_ABBREVIATED: Final = 6

# Numbering plan indicator, 5.2.6.
NPI_UNKNOWN: Final = 0
NPI_ISDN: Final = 1
NPI_DATA: Final = 3
NPI_TELEX: Final = 4
NPI_LAND_MOBILE: Final = 6
NPI_NATIONAL: Final = 8
NPI_PRIVATE: Final = 9
NPI_ERMES: Final = 10
NPI_INTERNET: Final = 14
NPI_WAP: Final = 18

# data_coding, 5.2.19.
CODING_DEFAULT: Final = 0x00
CODING_ASCII: Final = 0x01
CODING_BINARY_ALIAS: Final = 0x02
CODING_LATIN1: Final = 0x03
CODING_BINARY: Final = 0x04
CODING_JIS: Final = 0x05
CODING_CYRILLIC: Final = 0x06
CODING_HEBREW: Final = 0x07
CODING_UCS2: Final = 0x08
CODING_PICTOGRAM: Final = 0x09
CODING_ISO2022JP: Final = 0x0A
CODING_EXTENDED_KANJI: Final = 0x0D
CODING_KS_C_5601: Final = 0x0E

# message_state, 5.2.28. SCHEDULED and SKIPPED are 5.0's and are seen from 3.4 peers too.
STATE_SCHEDULED: Final = 0
STATE_ENROUTE: Final = 1
STATE_DELIVERED: Final = 2
STATE_EXPIRED: Final = 3
STATE_DELETED: Final = 4
STATE_UNDELIVERABLE: Final = 5
STATE_ACCEPTED: Final = 6
STATE_UNKNOWN: Final = 7
STATE_REJECTED: Final = 8
STATE_SKIPPED: Final = 9

STATE_NAMES: Final[dict[int, str]] = {
    STATE_SCHEDULED: "SCHEDULED",
    STATE_ENROUTE: "ENROUTE",
    STATE_DELIVERED: "DELIVERED",
    STATE_EXPIRED: "EXPIRED",
    STATE_DELETED: "DELETED",
    STATE_UNDELIVERABLE: "UNDELIVERABLE",
    STATE_ACCEPTED: "ACCEPTED",
    STATE_UNKNOWN: "UNKNOWN",
    STATE_REJECTED: "REJECTED",
    STATE_SKIPPED: "SKIPPED",
}

FINAL_STATES: Final = frozenset(
    (STATE_DELIVERED, STATE_EXPIRED, STATE_DELETED, STATE_UNDELIVERABLE, STATE_REJECTED, STATE_SKIPPED)
)

# How a destination in submit_multi is given, 5.2.25.
DEST_FLAG_SME: Final = 1
DEST_FLAG_DISTRIBUTION_LIST: Final = 2

# congestion_state, 5.0, 4.8.4.18: 0 idle, 1 to 29 low, 30 to 49 medium, 50 to 79 high load, 80 to 89 the best
# load, 90 to 99 nearly too much, 100 too much.
CONGESTION_IDLE: Final = 0
CONGESTION_NEAR: Final = 90
CONGESTION_FULL: Final = 100

# The form of a broadcast_area_identifier, its first octet (5.0, 4.8.4.4).
BROADCAST_AREA_ALIAS: Final = 0x00
BROADCAST_AREA_ELLIPSOID_ARC: Final = 0x01
BROADCAST_AREA_POLYGON: Final = 0x02


def version_name(version: int) -> str:
    """An interface_version in words: "3.4" for 0x34."""
    return f"{version >> 4}.{version & 0x0F}"
