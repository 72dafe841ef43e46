"""Delivery receipts for customers: as text (SMPP 3.4, appendix B), as TLVs (5.3.2.12, .31, .35) or both, by profile.

Rules kept here:
- source and destination are swapped, and written as the customer wrote them; redacted ones are empty;
- the text of the message is never repeated in its receipt;
- `err` comes from the profile's table, else from the carrier's code if it fits, else from our own table;
- user_message_reference is echoed (5.3.2.17); network_error_code holds the carrier's code if that was a number.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from onesixty.customers.addresses import outward
from onesixty.customers.effect import Addresses, ReceiptBody
from onesixty.customers.message_ids import SHORT, smpp_id
from onesixty.customers.profile import SmppProfile
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import Receipt, format_receipt
from onesixty.smpp.tlv import Tlv

#: `err` by our error code, if neither the profile nor the carrier gives one. 000 is no error.
ERR_OF: Final[dict[str, str]] = {
    "undeliverable": "001",
    "recipient_refused": "011",
    "recipient_opted_out": "012",
    "sender_refused": "013",
    "message_refused": "014",
    "carrier_rejected": "015",
    "carrier_refused": "015",
    "carrier_deleted": "016",
    "carrier_expired": "021",
    "validity_passed": "022",
    "receipt_timeout": "023",
    "outcome_unknown": "024",
    "partially_refused": "031",
    "parts_missing": "032",
    "carrier_cannot_carry": "033",
    "canceled": "041",
    "no_route": "051",
    "carrier_unreachable": "052",
    "carrier_busy": "053",
    "carrier_throttled": "053",
}
OTHER_ERR: Final = "099"

_DATES: Final = {
    "YYMMDDhhmm": "%y%m%d%H%M",
    "YYMMDDhhmmss": "%y%m%d%H%M%S",
    "YYYYMMDDhhmmss": "%Y%m%d%H%M%S",
}
_CARRIERS_ERR: Final = re.compile(r"[0-9]{3}\Z")
_NETWORK_ERROR: Final = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,5})\Z")
_GSM: Final = 3  # the network type of network_error_code
_EMPTY: Final = (c.TON_UNKNOWN, c.NPI_UNKNOWN, "")


def receipt_pdu(body: ReceiptBody, addresses: Addresses | None, profile: SmppProfile, version: int) -> Pdu:
    """The deliver_sm or data_sm of a receipt for a peer of this interface version; 3.3 knows only text."""
    source = destination = _EMPTY
    if addresses is not None:
        source = addresses.destination or outward(addresses.recipient, profile.number_format)
        destination = addresses.source or outward(addresses.sender, profile.number_format)
    by_data_sm = profile.deliver_by == "data_sm" and version >= c.INTERFACE_VERSION_34
    style = profile.receipt_style if version >= c.INTERFACE_VERSION_34 else "text"
    id_ = smpp_id(body.id, SHORT if body.short_id else profile.message_id_form)
    kind = c.ESM_TYPE_INTERMEDIATE_NOTIFICATION if body.intermediate else c.ESM_TYPE_DELIVERY_RECEIPT
    fields: dict[str, FieldValue] = {
        "service_type": body.service_type,
        "source_addr_ton": source[0],
        "source_addr_npi": source[1],
        "source_addr": source[2],
        "dest_addr_ton": destination[0],
        "dest_addr_npi": destination[1],
        "destination_addr": destination[2],
        "esm_class": kind,
        "data_coding": 0,
    }
    tlvs = _tlvs(body, id_) if style != "text" else _echoed(body)
    written = b"" if style == "tlv" else _text(body, id_, profile)
    if by_data_sm:
        return Pdu(
            c.DATA_SM, fields=fields, tlvs=(*tlvs, (tlv.MESSAGE_PAYLOAD, written)) if written else tlvs
        )
    fields["short_message"] = written
    return Pdu(c.DELIVER_SM, fields=fields, tlvs=tlvs)


def err_of(body: ReceiptBody, profile: SmppProfile) -> str:
    """The `err` of a receipt, usually three characters."""
    if body.error_code is None:
        return "000"
    given = profile.receipt_errors.get(body.error_code)
    if given is not None:
        return given
    if (
        body.carrier_code is not None
        and _CARRIERS_ERR.match(body.carrier_code)
        and body.carrier_code != "000"
    ):
        return body.carrier_code
    return ERR_OF.get(body.error_code, OTHER_ERR)


@lru_cache(8192)  # receipts of one moment share their dates
def date_of(second: int, zone: str, form: str) -> str:
    """A time (epoch seconds) as receipts write it: in the profile's zone and format."""
    return datetime.fromtimestamp(second, ZoneInfo(zone)).strftime(_DATES[form])


def _text(body: ReceiptBody, id_: str, profile: SmppProfile) -> bytes:
    zone, form = profile.receipt_time_zone, profile.receipt_date_format
    return format_receipt(
        Receipt(
            id=id_,
            state=body.state,
            err=err_of(body, profile),
            submit_date=date_of(body.submitted_at // 1000, zone, form),
            done_date=date_of(body.done_at // 1000, zone, form),
        )
    )


def _tlvs(body: ReceiptBody, id_: str) -> tuple[Tlv, ...]:
    tlvs = (
        (tlv.RECEIPTED_MESSAGE_ID, id_.encode("ascii") + b"\0"),
        (tlv.MESSAGE_STATE, bytes((body.state,))),
        *_echoed(body),
    )
    network = _network_error(body.carrier_code) if body.error_code is not None else None
    return tlvs if network is None else (*tlvs, (tlv.NETWORK_ERROR_CODE, network))


def _echoed(body: ReceiptBody) -> tuple[Tlv, ...]:
    reference = body.user_message_reference
    return (
        () if reference is None else ((tlv.USER_MESSAGE_REFERENCE, (reference & 0xFFFF).to_bytes(2, "big")),)
    )


def _network_error(carrier_code: str | None) -> bytes | None:
    """The octets of network_error_code: network type and code."""
    match = _NETWORK_ERROR.match(carrier_code or "")
    if match is None:
        return None
    network, code = int(match[1] or _GSM), int(match[2])
    return None if network > 0xFF or code > 0xFFFF else bytes((network, code >> 8, code & 0xFF))
