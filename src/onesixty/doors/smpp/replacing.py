"""replace_sm (SMPP 3.4, 4.10) as an edit of the message it names.

Rules kept here:
- the PDU has no data_coding: its octets are read by that of the message, and as strictly;
- empty times change nothing, and neither does an empty text (message_payload counts as text);
- a message that was cut into parts, or sent to many, cannot be replaced: ESME_RREPLACEFAIL.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from onesixty import text
from onesixty.channels.sms.orders import TextEdit
from onesixty.core.message import Message
from onesixty.customers.origin import origin_of, to_memo
from onesixty.customers.tables import SmppCredential
from onesixty.doors.smpp.refusals import Refused
from onesixty.doors.smpp.translate import read
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.errors import TimeFormatError
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.times import parse_time


def edit_of(pdu: Pdu, message: Message, credential: SmppCredential, now_ms: int) -> TextEdit:
    """The edit of a replace_sm. Raises Refused, and Problem for octets that are not text."""
    origin = origin_of(message.origin)
    if origin is None or origin.parts or origin.submission:
        raise Refused(c.ESME_RREPLACEFAIL)
    if pdu.number("sm_default_msg_id"):
        raise Refused(c.ESME_RINVDFTMSGID)
    edit = TextEdit()
    schedule = pdu.text("schedule_delivery_time")
    if schedule:
        moment = _moment(schedule, now_ms, c.ESME_RINVSCHED)
        edit.scheduled_at = moment if moment > now_ms else None
    if pdu.text("validity_period"):
        edit.expires_at = _moment(pdu.text("validity_period"), now_ms, c.ESME_RINVEXPIRY)
    octets = pdu.octets("short_message") or pdu.tlv(tlv.MESSAGE_PAYLOAD)
    if octets:
        profile = credential.profile
        coding = text.data_coding_of(origin.data_coding, profile.alphabet_0, profile.alphabet_1)
        if coding.kind == "binary":
            edit.binary = octets
        else:
            edit.text = read(octets, origin.data_coding, profile)
            edit.encoding = "ucs2" if coding.alphabet == text.UCS2 else "auto"
    registered = pdu.number("registered_delivery")
    if registered != origin.registered_delivery:
        edit.origin = to_memo(msgspec.structs.replace(origin, registered_delivery=registered))
    return edit


def _moment(value: str, now_ms: int, status: int) -> int:
    try:
        moment = parse_time(value, datetime.fromtimestamp(now_ms / 1000, UTC))
    except TimeFormatError:
        raise Refused(status) from None
    return int(moment.timestamp() * 1000)
