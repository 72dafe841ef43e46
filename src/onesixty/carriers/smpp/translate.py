"""Translates inbound SMPP: a deliver_sm or data_sm becomes a receipt or a message from a handset.

Rules kept here:
- everything is pure: settings in, structs out (the other direction is in `plan`);
- inside onesixty an address is E.164 with its +; on the wire it is digits with TON 1. An address that is not an
  E.164 number (a name, a short code, a national number) is kept unchanged, whatever its TON;
- an id is looked up under every form that `id_form` allows;
- nothing that a carrier can send is refused: a receipt without an id is a receipt that matches no message.
"""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from onesixty.carriers.addresses import written
from onesixty.carriers.smpp.settings import SmppSettings
from onesixty.carriers.smpp.statuses import ReceiptErrors
from onesixty.core.contracts import CarrierReceipt, InboundMessage
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import MAX_ID, Receipt, normal_id, parse_receipt_date
from onesixty.text import InformationElement, MalformedUDH, TextError, compose_udh, parse_udh, split_udh

_UDH_PORTS: Final = 0x05  # application port addressing, 16 bit (3GPP TS 23.040, 9.2.3.24.4)
_PORTS: Final = (0x04, _UDH_PORTS)


def address_of(digits: str, ton: int) -> str:
    """Convert an address of the wire to onesixty's form: E.164 if it is a full number."""
    if ton not in (c.TON_INTERNATIONAL, c.TON_UNKNOWN):
        return digits
    return written(digits, in_full=ton == c.TON_INTERNATIONAL)


def receipt_of(
    carrier_id: str, pdu: Pdu, receipt: Receipt, settings: SmppSettings, errors: ReceiptErrors
) -> CarrierReceipt:
    """Make a receipt for the host. Source and destination are swapped: its source is the message's recipient."""
    code = errors.choose(receipt.err, receipt.network_error)
    return CarrierReceipt(
        carrier_id=carrier_id,
        carrier_message_id=_clean(receipt.id or "")[:MAX_ID],
        candidates=_candidates(receipt, settings),
        state=c.STATE_UNKNOWN if receipt.state is None else receipt.state,
        code=None if code is None else _clean(code),
        sender=address_of(pdu.text("destination_addr"), pdu.number("dest_addr_ton")) or None,
        recipient=address_of(pdu.text("source_addr"), pdu.number("source_addr_ton")) or None,
        done_at=_done_at(receipt.done_date, settings.receipt_timezone),
        raw=_raw(pdu, receipt),
    )


def inbound_of(
    carrier_id: str, pdu: Pdu, received_at: int, settings: SmppSettings, session: str = ""
) -> InboundMessage:
    """Make a message from a handset for the host, one part at a time, with its own header and the data of its TLVs
    about parts (sar_*, 5.3.2.22 to 24). `session` names the carrier's links until one is lost."""
    payload, udh = pdu.message(), b""
    if pdu.number("esm_class") & c.ESM_UDHI:
        try:
            udh, payload = split_udh(payload)
        except MalformedUDH:
            udh = b""
    if pdu.tlvs:
        udh = _with_ports(pdu, udh)
    return InboundMessage(
        carrier_id=carrier_id,
        sender=address_of(pdu.text("source_addr"), pdu.number("source_addr_ton")),
        recipient=address_of(pdu.text("destination_addr"), pdu.number("dest_addr_ton")),
        payload=payload,
        udh=udh,
        data_coding=pdu.number("data_coding"),
        received_at=received_at,
        sar=_sar(pdu) if pdu.tlvs else None,
        alphabet=settings.alphabet,
        session=session,
        noted=pdu.tolerated,
        protocol_id=pdu.number("protocol_id"),
        reply_path=bool(pdu.number("esm_class") & c.ESM_REPLY_PATH),
    )


def _with_ports(pdu: Pdu, udh: bytes) -> bytes:
    """Add the ports that TLVs name (5.3.2.20, .21) to a header that names none."""
    to, sender = pdu.tlv_int(tlv.DESTINATION_PORT), pdu.tlv_int(tlv.SOURCE_PORT) or 0
    if to is None or to > 0xFFFF or sender > 0xFFFF:
        return udh
    try:
        elements = parse_udh(udh) if udh else []
        if any(element.identifier in _PORTS for element in elements):
            return udh
        pair = to.to_bytes(2, "big") + sender.to_bytes(2, "big")
        return compose_udh((*elements, InformationElement(_UDH_PORTS, pair)))
    except TextError:  # a header that cannot be parsed, or that is full
        return udh


def _done_at(date: str | None, zone: str) -> int | None:
    """Return the carrier's time of delivery. Its dates have no zone, so they are unusable until a zone is
    configured."""
    done = parse_receipt_date(date) if date and zone else None
    return None if done is None else int(done.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def _candidates(receipt: Receipt, settings: SmppSettings) -> tuple[str, ...]:
    """Return the ids that the answer may have given the message, as `normal_id` writes them."""
    form = settings.id_form
    if form == "auto":
        return receipt.id_keys
    found: list[str] = []
    for id_ in (receipt.id, receipt.other_id):
        plain = normal_id(id_ or "")
        if not plain:
            continue
        if form not in ("same", settings.answer_id_form):
            other = _other_base(plain, form)
            if other is not None:
                found.append(other)
        found.append(plain)
    return tuple(dict.fromkeys(found))


def _other_base(plain: str, base_of_receipt: str) -> str | None:
    """Convert the id to the answer's base, if the receipt uses the other base; None if it is not of the receipt's
    base."""
    try:
        return str(int(plain, 16)) if base_of_receipt == "hex" else f"{int(plain):x}"
    except ValueError:
        return None


def _sar(pdu: Pdu) -> tuple[int, int, int] | None:
    """Return reference, total and number of a part, if TLVs give them and the values are valid."""
    reference = pdu.tlv_int(tlv.SAR_MSG_REF_NUM)
    total = pdu.tlv_int(tlv.SAR_TOTAL_SEGMENTS)
    number = pdu.tlv_int(tlv.SAR_SEGMENT_SEQNUM)
    if reference is None or total is None or number is None:
        return None
    if not (0 <= reference <= 0xFFFF and 1 <= number <= total <= 255):
        return None
    return reference, total, number


def _raw(pdu: Pdu, receipt: Receipt) -> str:
    """Return what the carrier wrote, for the record: every part of the receipt except the message's own text."""
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
    parts += [f"tolerated:{note}" for note in pdu.tolerated]
    return _clean(" ".join(parts))


def _clean(text: str) -> str:
    """Remove control characters: databases accept no NUL in a text."""
    return text if text.isprintable() else "".join(character for character in text if character.isprintable())
