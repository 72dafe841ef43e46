"""Between the platform's words and SMPP's: a segment to submit_sm, deliver_sm to a receipt or a message.

Rules kept here:
- everything is pure: settings in, fields or structs out;
- an address is E.164 with its + inside onesixty and digits with TON 1 on the wire; what is not plainly
  international (a name, a short code) is kept as it came;
- an id is looked up under every form that `id_form` allows (field note 25);
- nothing that a carrier can write is refused: a receipt without an id is a receipt that matches nothing.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from onesixty.carriers.smpp.settings import SmppSettings
from onesixty.core.contracts import CarrierReceipt, InboundMessage, Submission
from onesixty.numbers import InvalidSender, parse_sender
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import Receipt, normal_id, parse_receipt_date
from onesixty.smpp.times import format_relative
from onesixty.text import MalformedUDH, concat_udh, split_udh

#: The longest relative time that all SMSCs read the same way: 31 days.
LONGEST_VALIDITY_S: Final = 31 * 86_400

_SHORTEST_INTERNATIONAL: Final = 9


class Address(NamedTuple):
    """An address as it goes on the wire."""

    ton: int
    npi: int
    digits: str


@lru_cache(maxsize=4096)
def sender_address(sender: str, ton: int | None, npi: int | None) -> Address:
    """The source address of a sender; `ton` and `npi` of the carrier's settings win over the kind's own."""
    try:
        parsed = parse_sender(sender)
        found = Address(parsed.ton, parsed.npi, parsed.address)
    except InvalidSender:
        found = Address(c.TON_UNKNOWN, c.NPI_UNKNOWN, sender.removeprefix("+"))
    return Address(found.ton if ton is None else ton, found.npi if npi is None else npi, found.digits)


@lru_cache(maxsize=4096)
def _relative(seconds: int) -> str:
    return format_relative(timedelta(seconds=min(seconds, LONGEST_VALIDITY_S)))


def submit_fields(submission: Submission, segment: int, settings: SmppSettings) -> dict[str, FieldValue]:
    """The fields of the submit_sm of one segment. A receipt is always asked for (SEMANTICS)."""
    rendered = submission.rendered
    source = sender_address(rendered.sender, settings.source_ton, settings.source_npi)
    udh = rendered.udhs[segment]
    return {
        "service_type": settings.service_type,
        "source_addr_ton": source.ton,
        "source_addr_npi": source.npi,
        "source_addr": source.digits,
        "dest_addr_ton": settings.dest_ton,
        "dest_addr_npi": settings.dest_npi,
        "destination_addr": submission.message.recipient.removeprefix("+"),
        "esm_class": c.ESM_UDHI if udh else 0,
        "validity_period": (
            _relative(-(-submission.validity_ms // 1000))
            if settings.validity and submission.validity_ms > 0
            else ""
        ),
        "registered_delivery": c.RECEIPT_FINAL,
        "data_coding": rendered.data_coding,
        "short_message": udh + rendered.payloads[segment] if udh else rendered.payloads[segment],
    }


def address_of(digits: str, ton: int) -> str:
    """An address of the wire as onesixty writes it: E.164 if it is plainly international."""
    if not (digits.isascii() and digits.isdigit()):
        return digits
    if digits.startswith("00"):
        digits = digits[2:]
    international = ton == c.TON_INTERNATIONAL or (
        ton == c.TON_UNKNOWN and len(digits) >= _SHORTEST_INTERNATIONAL
    )
    return f"+{digits}" if international else digits


def receipt_of(carrier_id: str, pdu: Pdu, receipt: Receipt, settings: SmppSettings) -> CarrierReceipt:
    """A receipt for the host. The roles are turned round: its source is the message's recipient."""
    code = receipt.err
    if code is None and receipt.network_error is not None:
        code = f"{receipt.network_error[0]}:{receipt.network_error[1]}"
    return CarrierReceipt(
        carrier_id=carrier_id,
        carrier_message_id=_clean(receipt.id or ""),
        candidates=_candidates(receipt, settings),
        state=c.STATE_UNKNOWN if receipt.state is None else receipt.state,
        code=None if code is None else _clean(code),
        sender=address_of(pdu.text("destination_addr"), pdu.number("dest_addr_ton")) or None,
        recipient=address_of(pdu.text("source_addr"), pdu.number("source_addr_ton")) or None,
        done_at=_done_at(receipt.done_date, settings.receipt_timezone),
        raw=_raw(pdu, receipt),
    )


def inbound_of(carrier_id: str, pdu: Pdu, received_at: int) -> InboundMessage:
    """A message from a handset for the host, one part at a time.

    A concatenation told by TLVs (sar_*, 5.3.2.22 to 24) is turned into the header that says the same.
    """
    payload, udh = pdu.message(), b""
    if pdu.number("esm_class") & c.ESM_UDHI:
        try:
            udh, payload = split_udh(payload)
        except MalformedUDH:
            udh = b""
    if not udh:
        udh = _udh_of_sar(pdu)
    return InboundMessage(
        carrier_id=carrier_id,
        sender=address_of(pdu.text("source_addr"), pdu.number("source_addr_ton")),
        recipient=address_of(pdu.text("destination_addr"), pdu.number("dest_addr_ton")),
        payload=payload,
        udh=udh,
        data_coding=pdu.number("data_coding"),
        received_at=received_at,
    )


def _done_at(date: str | None, zone: str) -> int | None:
    """The carrier's time of delivery. Its dates have no zone, so they say nothing until one is set."""
    done = parse_receipt_date(date) if date and zone else None
    return None if done is None else int(done.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def _candidates(receipt: Receipt, settings: SmppSettings) -> tuple[str, ...]:
    """The forms under which the answer may have named the message, as `normal_id` writes them."""
    if settings.id_form == "auto":
        return receipt.id_keys
    found: list[str] = []
    for written in (receipt.id, receipt.other_id):
        plain = normal_id(written or "")
        if not plain:
            continue
        if settings.id_form == "same":
            found.append(plain)
        else:
            found += [key for key in (_other_base(plain, settings.id_form), plain) if key is not None]
    return tuple(dict.fromkeys(found))


def _other_base(plain: str, base_of_receipt: str) -> str | None:
    """The id in the answer's base, where the receipt has the other one; None if it is not of that base."""
    try:
        return str(int(plain, 16)) if base_of_receipt == "hex" else f"{int(plain):x}"
    except ValueError:
        return None


def _udh_of_sar(pdu: Pdu) -> bytes:
    reference = pdu.tlv_int(tlv.SAR_MSG_REF_NUM)
    total = pdu.tlv_int(tlv.SAR_TOTAL_SEGMENTS)
    number = pdu.tlv_int(tlv.SAR_SEGMENT_SEQNUM)
    if reference is None or total is None or number is None:
        return b""
    if not (0 <= reference <= 0xFFFF and 1 <= number <= total <= 255):
        return b""
    return concat_udh(reference, total, number, 16)


def _raw(pdu: Pdu, receipt: Receipt) -> str:
    """What the carrier wrote, for the record: every part of the receipt but the message's own text."""
    parts = [
        f"{name}:{value}"
        for name, value in (
            ("id", receipt.id),
            ("other id", receipt.other_id),
            ("sub", receipt.sub),
            ("dlvrd", receipt.dlvrd),
            ("submit date", receipt.submit_date),
            ("done date", receipt.done_date),
            ("stat", receipt.stat),
            ("err", receipt.err),
        )
        if value is not None
    ]
    parts += [f"0x{tag:04X}:{value.hex()}" for tag, value in pdu.tlvs if tag != tlv.MESSAGE_PAYLOAD]
    return _clean(" ".join(parts))


def _clean(text: str) -> str:
    """Without control characters: no database takes a NUL in a text."""
    return text if text.isprintable() else "".join(character for character in text if character.isprintable())
