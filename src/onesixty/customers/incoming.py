"""Incoming messages for customers' binds: a message becomes one or more deliver_sm or data_sm.

Rules kept here:
- a text is sent in the profile's alphabet for data_coding 0 if possible, else in UCS-2: nothing
  is cut and nothing guessed;
- the options of the handset's message are passed on: class and message waiting in data_coding,
  protocol_id, the reply path;
- by profile, a long message is sent as parts with a header (3GPP TS 23.040, 9.2.3.24.1) or whole as message_payload;
- SMPP has no field for missing parts of a long message, so the text has only the parts that arrived.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from onesixty import text
from onesixty.channels.sms import content
from onesixty.core.message import Message
from onesixty.customers.addresses import outward
from onesixty.customers.profile import SmppProfile
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.pdu import Pdu

#: The most octets of short_message (SMPP 3.4, 5.2.22).
SHORT: Final = 254


def message_pdus(made: Message, profile: SmppProfile, version: int, reference: int) -> list[Pdu]:
    """The PDUs of an incoming message, in order, for a peer of this interface version."""
    extra = content.content_of(made.content)
    udh = bytes.fromhex(extra.udh) if extra.udh else b""
    whole = profile.inbound_long == "payload" and version >= c.INTERFACE_VERSION_34
    if made.encoding == content.BINARY:
        segments, data_coding, alphabet = (
            _binary(made.text, udh, reference),
            4,
            text.data_coding_of(4).alphabet,
        )
    else:
        segments, data_coding = _text(made.text, made.encoding, udh, profile, reference)
        alphabet = "ucs2" if data_coding == c.CODING_UCS2 else profile.alphabet_0
    if extra.flash:
        data_coding = text.with_class(alphabet, text.FLASH, "general")
    elif extra.data_coding is not None:
        scheme = text.adapted(extra.data_coding, alphabet, profile.alphabet_0)
        data_coding = data_coding if scheme is None else scheme
    fields = _fields(made, profile)
    fields["data_coding"] = data_coding
    by_data_sm = profile.deliver_by == "data_sm" and version >= c.INTERFACE_VERSION_34
    if len(segments) > 1 and whole and alphabet != "gsm7_packed":
        segments = [(udh, b"".join(payload for _, payload in segments))]
    if extra.protocol_id is not None and not by_data_sm:  # data_sm has no such field
        fields["protocol_id"] = extra.protocol_id
    esm_class = c.ESM_REPLY_PATH if extra.reply_path else 0
    return [_pdu(fields, esm_class, header, payload, by_data_sm) for header, payload in segments]


def _pdu(fields: dict[str, FieldValue], esm_class: int, udh: bytes, payload: bytes, by_data_sm: bool) -> Pdu:
    fields = dict(fields)
    fields["esm_class"] = esm_class | (c.ESM_UDHI if udh else 0)
    octets = udh + payload
    if by_data_sm or len(octets) > SHORT:
        tlvs = ((tlv.MESSAGE_PAYLOAD, octets),) if octets else ()
        if by_data_sm:
            return Pdu(c.DATA_SM, fields=fields, tlvs=tlvs)
        return Pdu(c.DELIVER_SM, fields={**fields, "short_message": b""}, tlvs=tlvs)
    return Pdu(c.DELIVER_SM, fields={**fields, "short_message": octets})


def _fields(made: Message, profile: SmppProfile) -> dict[str, FieldValue]:
    source = outward(made.sender, profile.number_format)
    destination = outward(made.recipient, profile.number_format)
    return {
        "source_addr_ton": source[0],
        "source_addr_npi": source[1],
        "source_addr": source[2],
        "dest_addr_ton": destination[0],
        "dest_addr_npi": destination[1],
        "destination_addr": destination[2],
    }


_Segments = list[tuple[bytes, bytes]]  # header, payload


def _text(
    said: str, encoding: str, udh: bytes, profile: SmppProfile, reference: int
) -> tuple[_Segments, int]:
    """The segments of a text and their data_coding. UCS-2 if the profile's alphabet lacks a character."""
    for wanted in ("gsm7", "ucs2") if encoding != "ucs2" else ("ucs2",):
        try:
            if udh:
                made = text.render_headed(
                    said,
                    wanted,
                    profile.alphabet_0,
                    reference & 0xFF,
                    udh=udh,
                )
            else:
                made = text.render(said, wanted, profile.alphabet_0, reference & 0xFF)
        except text.NotInAlphabet:
            continue
        except text.TextError:
            break
        return [(segment.udh, segment.payload) for segment in made.segments], made.data_coding
    return [(b"", said.encode("utf-16-be", "replace"))], c.CODING_UCS2  # longer than 255 segments


def _binary(encoded: str, udh: bytes, reference: int) -> _Segments:
    try:
        octets = base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        octets = b""
    try:
        made = text.render_binary(octets, udh, reference & 0xFF)
    except text.TextError:
        return [(udh, octets)]
    return [(segment.udh, segment.payload) for segment in made.segments]
