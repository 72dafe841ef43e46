"""The numbers of SMPP 3.4 and 5.0 and their names: commands, statuses, flags.

The numbers are plain integers, so that a value that a peer made up (a vendor's status, a reserved bit) is passed
on unchanged. Names are looked up in tables; nothing is refused because it has no name. `statuses.csv` has a row
for every status; this file names the numbers that code refers to. Section numbers are those of the SMPP 3.4
specification, issue 1.2, unless 5.0 is named.
"""

from pathlib import Path
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
# Commands that 5.0 added (5.0, 4.4): neither sent to nor accepted from a peer that speaks 3.4.
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
ESME_RINVESMCLASS: Final = 0x00000043
ESME_RSUBMITFAIL: Final = 0x00000045
ESME_RINVSRCTON: Final = 0x00000048
ESME_RINVSRCNPI: Final = 0x00000049
ESME_RINVDSTTON: Final = 0x00000050
ESME_RINVDSTNPI: Final = 0x00000051
ESME_RINVSYSTYP: Final = 0x00000053
ESME_RINVREPFLAG: Final = 0x00000054
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
ESME_RINVOPTPARAMVAL: Final = 0x000000C4
ESME_RDELIVERYFAILURE: Final = 0x000000FE
ESME_RUNKNOWNERR: Final = 0x000000FF

# Command statuses that 5.0 added, 5.0, 4.7.6. 3.4's "optional parameter" (0xC0 to 0xC4) is 5.0's "TLV":
# ESME_RINVTLVSTREAM is ESME_RINVOPTPARSTREAM, and so on.
ESME_RPROHIBITED: Final = 0x00000101
ESME_RSERTYPUNAVAIL: Final = 0x00000102
ESME_RINVDCS: Final = 0x00000104
ESME_RINVSRCADDRSUBUNIT: Final = 0x00000105
ESME_RINVDSTADDRSUBUNIT: Final = 0x00000106
ESME_RBCASTQUERYFAIL: Final = 0x0000010E
ESME_RBCASTCANCELFAIL: Final = 0x0000010F

VENDOR_STATUS_FIRST: Final = 0x00000400
VENDOR_STATUS_LAST: Final = 0x000004FF


class StatusInfo(NamedTuple):
    """The name of a command_status and its meaning, in a few words."""

    name: str
    meaning: str


def _statuses() -> dict[int, StatusInfo]:
    """Read the rows of `statuses.csv`."""
    lines = Path(__file__).with_name("statuses.csv").read_text(encoding="ascii").splitlines()[1:]
    rows = (line.split(",", 2) for line in lines)
    return {int(status, 16): StatusInfo(name, meaning) for status, name, meaning in rows}


STATUSES: Final = _statuses()


def status_name(status: int) -> str:
    """Return the name of a command_status; hexadecimal if it has none, with a mark if it is a vendor's."""
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
ESM_TYPE_INTERMEDIATE_NOTIFICATION: Final = 0x20
ESM_UDHI: Final = 0x40
ESM_REPLY_PATH: Final = 0x80

# registered_delivery, 5.2.17.
RECEIPT_MASK: Final = 0x03
RECEIPT_NONE: Final = 0x00
RECEIPT_FINAL: Final = 0x01
RECEIPT_FAILURE: Final = 0x02
INTERMEDIATE_NOTIFICATION: Final = 0x10

# Type of number, 5.2.5.
TON_UNKNOWN: Final = 0
TON_INTERNATIONAL: Final = 1
TON_NATIONAL: Final = 2
TON_NETWORK_SPECIFIC: Final = 3
TON_ALPHANUMERIC: Final = 5
TON_ABBREVIATED: Final = 6

# Numbering plan indicator, 5.2.6.
NPI_UNKNOWN: Final = 0
NPI_ISDN: Final = 1

# data_coding, 5.2.19.
CODING_DEFAULT: Final = 0x00
CODING_BINARY: Final = 0x04
CODING_UCS2: Final = 0x08

# message_state, 5.2.28. SCHEDULED and SKIPPED belong to 5.0, but some 3.4 peers send them.
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

_NAMES: Final = "SCHEDULED ENROUTE DELIVERED EXPIRED DELETED UNDELIVERABLE ACCEPTED UNKNOWN REJECTED SKIPPED"
STATE_NAMES: Final[dict[int, str]] = dict(enumerate(_NAMES.split()))

FINAL_STATES: Final = frozenset(
    (STATE_DELIVERED, STATE_EXPIRED, STATE_DELETED, STATE_UNDELIVERABLE, STATE_REJECTED, STATE_SKIPPED)
)

# The kinds of destination in submit_multi, 5.2.25.
DEST_FLAG_SME: Final = 1
DEST_FLAG_DISTRIBUTION_LIST: Final = 2

# congestion_state, 5.0, 4.8.4.18: 0 idle, 1 to 29 low, 30 to 49 medium, 50 to 79 high load, 80 to 89 optimum
# load, 90 to 99 nearing congestion, 100 congested.
CONGESTION_IDLE: Final = 0
CONGESTION_NEAR: Final = 90
CONGESTION_FULL: Final = 100


def version_name(version: int) -> str:
    """Return an interface_version as text: "3.4" for 0x34."""
    return f"{version >> 4}.{version & 0x0F}"
