"""Translates submit_sm, data_sm and submit_multi (without its recipients) into orders (SMPP 3.4, 4.4, 4.5, 4.7).

Rules kept here:
- a PDU with an impossible value is refused with the status that names the field, before anything is stored;
- a plain text costs no more than its fields: `content` is made only if the PDU asks for more;
- octets that are not text in their data_coding are refused: unreadable characters are not replaced;
- this module recognizes a part that the customer cut (UDH or sar_*); `customers.parts` joins them. The options of a
  part are read like those of a message in one piece (`asked`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

from msgspec.structs import replace

from onesixty import text
from onesixty.channels.sms.orders import SendOrder
from onesixty.channels.sms.parts import place_of
from onesixty.core.channel import Place
from onesixty.core.errors import Problem
from onesixty.customers import addresses
from onesixty.customers.origin import SmppOrigin, to_memo
from onesixty.customers.profile import SmppProfile
from onesixty.customers.short_ids import guard
from onesixty.customers.tables import SmppCredential
from onesixty.doors.smpp.asked import OURS, SHIFTS, asked, check_tlvs, short
from onesixty.doors.smpp.refusals import Refused
from onesixty.messages.steps import LONGEST_VALIDITY
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.errors import TimeFormatError
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.times import parse_time

_HIGHEST_TON: Final = c.TON_ABBREVIATED
#: The types of message that an ESME may send: a default one, or an acknowledgement (SMPP 3.4, 5.2.12).
_TYPES: Final = (c.ESM_TYPE_DEFAULT, c.ESM_TYPE_DELIVERY_ACK, c.ESM_TYPE_USER_ACK)
_REGISTERED_BITS: Final = 0x1F
_LANGUAGE_OF: Final = {identifier: language for language, identifier in reversed(text.LANGUAGES.items())}


class Submission(NamedTuple):
    """The submission of a PDU. With a `place` it is a part: then `order.text` is empty and the octets are here."""

    order: SendOrder
    origin: SmppOrigin
    place: Place | None = None
    payload: bytes = b""
    udh: bytes = b""
    data_coding: int = 0


def submission(pdu: Pdu, credential: SmppCredential, now_ms: int, *, short_id: bool = False) -> Submission:
    """The submission of a submit_sm, submit_multi (without its recipients) or data_sm. With `short_id` the customer
    gets an id of eight characters.

    Raises Refused or Problem.
    """
    fields = pdu.fields
    profile = credential.profile
    _check(pdu)
    if pdu.tlvs:
        check_tlvs(pdu)
    origin = _origin(pdu, credential.id)
    if short_id:
        origin = replace(origin, short_id=True)
    class_, priority = _priority(pdu.number("priority_flag"), profile)
    number = addresses.sender(
        pdu.number("source_addr_ton"),
        pdu.text("source_addr") or profile.default_sender,
        profile.default_country,
    )
    recipient = (
        ""
        if pdu.command_id == c.SUBMIT_MULTI
        else addresses.recipient(
            pdu.number("dest_addr_ton"), pdu.text("destination_addr"), profile.default_country
        )
    )
    order = SendOrder(
        tenant=credential.tenant,
        sender=number,
        recipient=recipient,
        text="",
        class_=class_,
        priority=priority,
        max_segments=profile.max_segments,
    )
    if origin.user_message_reference is not None:
        order.reference = str(origin.user_message_reference)
    if fields.get("schedule_delivery_time") or fields.get("validity_period") or pdu.command_id == c.DATA_SM:
        _times(pdu, order, now_ms)
    payload, udh = _user_data(pdu)
    data_coding = pdu.number("data_coding")
    # A submit_multi has one id for all, so a part in it stays a message with its header.
    place = None if pdu.command_id == c.SUBMIT_MULTI else place_of(udh, _sar(pdu))
    if place is not None:
        _part(order, pdu, payload, udh, data_coding, profile, first=place.number == 1)
        return Submission(order, origin, place, payload, udh, data_coding)
    _content(order, pdu, payload, udh, data_coding, profile)
    order.origin = to_memo(origin)
    if short_id and pdu.command_id != c.SUBMIT_MULTI:  # submit_multi uses the id of the batch
        order.guards = lambda made: (guard(credential.id, made.id, now_ms),)
    return Submission(order, origin)


def _check(pdu: Pdu) -> None:
    """Check the fields that allow few values."""
    esm_class = pdu.number("esm_class")
    if (esm_class & c.ESM_TYPE_MASK) not in _TYPES or esm_class & c.ESM_MODE_MASK == c.ESM_MODE_FORWARD:
        raise Refused(c.ESME_RINVESMCLASS)
    if pdu.number("source_addr_ton") > _HIGHEST_TON:
        raise Refused(c.ESME_RINVSRCTON)
    if pdu.number("dest_addr_ton") > _HIGHEST_TON:
        raise Refused(c.ESME_RINVDSTTON)
    if pdu.number("priority_flag") > 4:  # 5.0, 4.7.14 has 0 to 4
        raise Refused(c.ESME_RINVPRTFLG)
    if pdu.number("registered_delivery") & ~_REGISTERED_BITS:
        raise Refused(c.ESME_RINVREGDLVFLG)
    if pdu.number("replace_if_present_flag") > 1:
        raise Refused(c.ESME_RINVREPFLAG)
    if pdu.number("sm_default_msg_id"):
        raise Refused(c.ESME_RINVDFTMSGID)


def _origin(pdu: Pdu, credential_id: str) -> SmppOrigin:
    fields = pdu.fields
    source = (pdu.number("source_addr_ton"), pdu.number("source_addr_npi"), pdu.text("source_addr"))
    destination = None
    if "destination_addr" in fields:
        destination = (pdu.number("dest_addr_ton"), pdu.number("dest_addr_npi"), pdu.text("destination_addr"))
    registered = pdu.number("registered_delivery")
    service = pdu.text("service_type")
    if not pdu.tlvs:
        return SmppOrigin(
            credential_id=credential_id,
            registered_delivery=registered,
            source=source,
            destination=destination,
            service_type=service,
            data_coding=pdu.number("data_coding"),
        )
    return SmppOrigin(
        credential_id=credential_id,
        registered_delivery=registered,
        source=source,
        destination=destination,
        service_type=service,
        user_message_reference=short(pdu, tlv.USER_MESSAGE_REFERENCE),
        source_port=short(pdu, tlv.SOURCE_PORT),
        destination_port=short(pdu, tlv.DESTINATION_PORT),
        data_coding=pdu.number("data_coding"),
    )


def _priority(flag: int, profile: SmppProfile) -> tuple[str, int]:
    if profile.priority_classes:
        return profile.priority_classes.get(str(flag), profile.default_class), flag  # type: ignore[call-overload]
    return profile.default_class, flag


def _times(pdu: Pdu, order: SendOrder, now_ms: int) -> None:
    """Set the times: schedule_delivery_time and validity_period (7.1.1), absolute or relative;
    qos_time_to_live of data_sm."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    starts_at = now_ms
    schedule = pdu.text("schedule_delivery_time")
    if schedule:
        try:
            starts_at = order.scheduled_at = _ms(parse_time(schedule, now))
        except TimeFormatError:
            raise Refused(c.ESME_RINVSCHED) from None
        if starts_at == now_ms:
            order.scheduled_at = None
    validity = pdu.text("validity_period")
    if validity:
        try:
            ends_at = _ms(parse_time(validity, now))
        except TimeFormatError:
            raise Refused(c.ESME_RINVEXPIRY) from None
        # Customers often ask for more than the longest validity out of habit. They get the longest.
        order.valid_for = min((ends_at - starts_at) // 1000, LONGEST_VALIDITY)
        if order.valid_for < 1:
            raise Refused(c.ESME_RINVEXPIRY)
        return
    to_live = pdu.tlv_int(tlv.QOS_TIME_TO_LIVE)
    if to_live:
        order.valid_for = min(to_live, LONGEST_VALIDITY)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _user_data(pdu: Pdu) -> tuple[bytes, bytes]:
    """(the payload, the user data header with its length octet or nothing)."""
    short = pdu.octets("short_message")
    long = pdu.tlv(tlv.MESSAGE_PAYLOAD) if pdu.tlvs else None
    if short and long:
        raise Refused(c.ESME_ROPTPARNOTALLWD)  # 5.3.2.32: one or the other
    data = short or long or b""
    if not pdu.number("esm_class") & c.ESM_UDHI:
        return data, b""
    try:
        udh, payload = text.split_udh(data)
        text.parse_udh(udh)
    except text.MalformedUDH:
        raise Refused(c.ESME_RINVESMCLASS) from None
    return payload, udh


def _sar(pdu: Pdu) -> tuple[int, int, int] | None:
    """Reference, total and number of a part (5.3.2.22 to .24), if TLVs give all three."""
    if not pdu.tlvs:
        return None
    reference = pdu.tlv_int(tlv.SAR_MSG_REF_NUM)
    total = pdu.tlv_int(tlv.SAR_TOTAL_SEGMENTS)
    number = pdu.tlv_int(tlv.SAR_SEGMENT_SEQNUM)
    if reference is None or total is None or number is None:
        return None
    return reference & 0xFFFF, total, number


def _header(udh: bytes, *, keep: bool) -> tuple[str | None, bytes]:
    """(the language of the shift tables in the header, the header without them and, unless
    `keep`, without concatenation)."""
    shifts = text.shifts_of(udh)
    ours = SHIFTS if keep else OURS
    elements = [e for e in text.parse_udh(udh) if e.identifier not in ours]
    return _LANGUAGE_OF.get(shifts.single or shifts.locking), text.compose_udh(elements)


def _content(
    order: SendOrder, pdu: Pdu, payload: bytes, udh: bytes, data_coding: int, profile: SmppProfile
) -> None:
    """Set the text or octets, and the content beyond plain text. Raises Problem for octets that are not text."""
    coding = None
    if data_coding:
        coding = text.data_coding_of(data_coding, profile.alphabet_0, profile.alphabet_1)
    if coding is not None and coding.kind == "binary":
        order.binary = payload
    else:
        order.text = read(payload, data_coding, profile, udh)
        if coding is not None and coding.alphabet == text.UCS2:
            order.encoding = "ucs2"
    if udh:
        order.language, udh = _header(udh, keep=pdu.command_id == c.SUBMIT_MULTI)
    order.content = asked(pdu, udh, data_coding, coding, profile)


def _part(
    order: SendOrder,
    pdu: Pdu,
    payload: bytes,
    udh: bytes,
    data_coding: int,
    profile: SmppProfile,
    *,
    first: bool,
) -> None:
    """Set the content of a part. Its text and header are read when all parts are there."""
    coding = None
    if data_coding:
        coding = text.data_coding_of(data_coding, profile.alphabet_0, profile.alphabet_1)
    try:
        text.check_part(payload, data_coding, profile.alphabet_0, profile.alphabet_1, first=first)
    except text.Undecodable as error:
        raise not_decodable(error, data_coding) from None
    elements = [e for e in text.parse_udh(udh) if e.identifier not in OURS] if udh else []
    order.content = asked(pdu, text.compose_udh(elements), data_coding, coding, profile)


def read(payload: bytes, data_coding: int, profile: SmppProfile, udh: bytes = b"") -> str:
    """The text that a customer sent. Raises Problem `not_decodable`."""
    try:
        return text.decode_strictly(payload, data_coding, profile.alphabet_0, profile.alphabet_1, udh)
    except text.Undecodable as error:
        raise not_decodable(error, data_coding) from None


def not_decodable(error: text.Undecodable, data_coding: int) -> Problem:
    """The refusal of octets that are not text."""
    return Problem("not_decodable", f"data_coding {data_coding}: {error}.", param="text")
