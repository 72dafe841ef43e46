"""What a submission asks for besides its text: header, class, ports, protocol_id, flags, TLVs for the handset.

Rules kept here:
- the same code reads messages in one piece and in parts, so that both keep the same;
- the options that an ESME sets are kept as sent (3GPP TS 23.038 and 23.040); what depends on the text itself (the
  alphabet in data_coding, concatenation, shift tables) is written again for each carrier;
- ports in TLVs become a header element, unless the header already has ports;
- a TLV of the table is refused if its octets do not fit its row, or if it appears twice; vendors' TLVs are ignored.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from onesixty import text
from onesixty.channels.sms.content import Content
from onesixty.customers.profile import SmppProfile
from onesixty.doors.smpp.refusals import Refused
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.errors import TlvError
from onesixty.smpp.pdu import Pdu

#: Elements of a header that are written again for each carrier: concatenation and shift tables.
SHIFTS: Final = (0x24, 0x25)
OURS: Final = (0x00, 0x08, *SHIFTS)
_PORTS: Final = (0x04, 0x05)  # application port addressing, 8 and 16 bit (3GPP TS 23.040, 9.2.3.24.3 and .4)
_DISPLAY: Final = 1  # dest_addr_subunit (5.3.2.1): the MS display, as flash
_LAST_SUBUNIT: Final = 4
_REPLY_PATH: Final = c.ESM_REPLY_PATH

#: Optional parameters for the handset. They are passed on to carriers unchanged.
FOR_THE_HANDSET: Final = frozenset(
    (
        tlv.PAYLOAD_TYPE,
        tlv.MS_MSG_WAIT_FACILITIES,
        tlv.PRIVACY_INDICATOR,
        tlv.SOURCE_SUBADDRESS,
        tlv.DEST_SUBADDRESS,
        tlv.USER_RESPONSE_CODE,
        tlv.LANGUAGE_INDICATOR,
        tlv.CALLBACK_NUM_PRES_IND,
        tlv.CALLBACK_NUM_ATAG,
        tlv.CALLBACK_NUM,
        tlv.NUMBER_OF_MESSAGES,
        tlv.DISPLAY_TIME,
        tlv.SMS_SIGNAL,
        tlv.MS_VALIDITY,
        tlv.ALERT_ON_MESSAGE_DELIVERY,
        tlv.ITS_REPLY_TYPE,
        tlv.ITS_SESSION_INFO,
    )
)
#: Optional parameters that may appear in a PDU several times (5.3.2.36 to .38).
_SEVERAL: Final = frozenset((tlv.CALLBACK_NUM, tlv.CALLBACK_NUM_PRES_IND, tlv.CALLBACK_NUM_ATAG))
#: Parameters that have their own rule, which accepts other lengths than the table.
_READ_APART: Final = frozenset(
    (
        *(tlv.USER_MESSAGE_REFERENCE, tlv.SOURCE_PORT, tlv.DESTINATION_PORT, tlv.QOS_TIME_TO_LIVE),
        *(tlv.SAR_MSG_REF_NUM, tlv.SAR_TOTAL_SEGMENTS, tlv.SAR_SEGMENT_SEQNUM),
    )
)


def check_tlvs(pdu: Pdu) -> None:
    """Raise Refused for optional parameters that cannot be understood."""
    seen = Counter(tag for tag, _ in pdu.tlvs)
    for tag, raw in pdu.tlvs:
        if tag not in tlv.TLVS:
            continue
        if seen[tag] > 1 and tag not in _SEVERAL:
            raise Refused(c.ESME_RINVOPTPARSTREAM)
        if tag in _READ_APART:
            continue
        try:
            tlv.decode(tag, raw)
        except TlvError as error:
            raise Refused(error.command_status) from None
    if (pdu.tlv_int(tlv.DEST_ADDR_SUBUNIT) or 0) > _LAST_SUBUNIT:
        raise Refused(c.ESME_RINVOPTPARAMVAL)


def asked(
    pdu: Pdu, udh: bytes, data_coding: int, coding: text.DataCoding | None, profile: SmppProfile
) -> Content | None:
    """The content that the PDU asks for; None for plain text.

    `udh` is the rest of the header; `coding` is the meaning of `data_coding`, None for 0. Raises Refused.
    """
    fields = pdu.fields
    if (
        coding is None
        and not udh
        and not pdu.tlvs
        and not fields.get("protocol_id")
        and not fields.get("replace_if_present_flag")
        and not pdu.number("esm_class") & _REPLY_PATH
    ):
        return None  # nearly always
    message_class = None if coding is None else coding.message_class
    flash = message_class == text.FLASH
    subunit = None
    tlvs: tuple[tuple[int, str], ...] = ()
    if pdu.tlvs:
        subunit = pdu.tlv_int(tlv.DEST_ADDR_SUBUNIT)
        flash = flash or subunit == _DISPLAY
        if message_class is not None or not subunit or subunit == _DISPLAY:
            subunit = None  # the class is already known
        udh = _with_ports(pdu, udh)
        tlvs = tuple((tag, raw.hex()) for tag, raw in pdu.tlvs if tag in FOR_THE_HANDSET)
    protocol = pdu.number("protocol_id")
    replace = pdu.number("replace_if_present_flag")
    reply_path = pdu.number("esm_class") & _REPLY_PATH
    scheme = None if coding is None else text.scheme_of(data_coding, profile.alphabet_0, profile.alphabet_1)
    if not (flash or udh or protocol or replace or subunit or tlvs or reply_path or scheme is not None):
        return None
    return Content(
        flash=flash,
        udh=udh.hex() or None,
        protocol_id=protocol or None,
        data_coding=scheme,
        replace_if_present=bool(replace),
        dest_addr_subunit=subunit,
        reply_path=bool(reply_path),
        tlvs=tlvs,
    )


def short(pdu: Pdu, tag: int) -> int | None:
    """A TLV of two octets; one octet is accepted as well. Raises Refused."""
    raw = pdu.tlv(tag)
    if raw is None:
        return None
    if not 1 <= len(raw) <= 2:
        raise Refused(c.ESME_RINVPARLEN)
    return int.from_bytes(raw, "big")


def _with_ports(pdu: Pdu, udh: bytes) -> bytes:
    port = short(pdu, tlv.DESTINATION_PORT)
    if port is None:
        return udh
    elements = text.parse_udh(udh) if udh else []
    if any(element.identifier in _PORTS for element in elements):
        return udh
    pair = port.to_bytes(2, "big") + (short(pdu, tlv.SOURCE_PORT) or 0).to_bytes(2, "big")
    return text.compose_udh((*elements, text.InformationElement(0x05, pair)))
