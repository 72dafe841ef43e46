"""From a segment to the submit_sm of one carrier. Everything that the settings determine is computed beforehand.

A `Plan` is the settings for one kind of destination; `Plans` picks it by the first digits of the recipient.
Rules kept here:
- pure: no clock, no I/O; a plan never changes the rendered message, it only wraps it;
- an ordinary message pays nothing for special features: what varies by class, encoding or destination is looked
  up in a table made once, and TLVs are made only if there are some.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from onesixty.carriers.smpp.extra_tlvs import make_all
from onesixty.carriers.smpp.message_settings import MessageSettings, for_destination
from onesixty.carriers.smpp.settings import SmppSettings
from onesixty.channels.sms.content import content_of
from onesixty.channels.sms.rendering import Segments, render_message
from onesixty.core.contracts import Refusal, Submission
from onesixty.core.message import CLASSES, Message
from onesixty.numbers import InvalidSender, parse_sender
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.templates import SubmitTemplate
from onesixty.smpp.times import format_absolute, format_relative
from onesixty.smpp.tlv import Tlv

#: The longest relative time that all SMSCs read the same way: 31 days.
LONGEST_VALIDITY_S: Final = 31 * 86_400

#: How many senders' address fields are cached.
_SENDERS: Final = 4096

_MODES: Final = {
    "default": c.ESM_MODE_DEFAULT,
    "datagram": c.ESM_MODE_DATAGRAM,
    "forward": c.ESM_MODE_FORWARD,
    "store_and_forward": c.ESM_MODE_STORE_AND_FORWARD,
}
_PREFIXES: Final = {"digits": "", "plus": "+", "00": "00"}
_CODINGS: Final = {"gsm7": c.CODING_DEFAULT, "ucs2": c.CODING_UCS2, "binary": c.CODING_BINARY}


@lru_cache(maxsize=4096)
def _absolute(epoch_seconds: int) -> str:
    return format_absolute(datetime.fromtimestamp(epoch_seconds, UTC))


class Plan:
    """How messages to one kind of destination are written. Raises ValueError for TLVs that cannot be written."""

    def __init__(self, settings: MessageSettings, *, takes_tlvs: bool = True) -> None:
        """`takes_tlvs`: whether the link can carry optional parameters (3.3 cannot)."""
        self.settings = settings
        self._takes_tlvs = takes_tlvs
        self._prefix = _PREFIXES[settings.recipient_form]
        self._esm_class = _MODES[settings.message_mode] | (c.ESM_REPLY_PATH if settings.reply_path else 0)
        self._replace_asked = settings.replace_if_present == "asked"
        self._tells_validity = settings.validity != "never"
        self._absolute = settings.validity == "absolute"
        longest = self._longest_s = settings.validity_max_s or LONGEST_VALIDITY_S
        self._relative = lru_cache(maxsize=4096)(
            lambda seconds: format_relative(timedelta(seconds=min(seconds, longest)))
        )
        self._codings = {_CODINGS[name]: value for name, value in settings.data_codings.items()}
        self._by_class = _by_class(settings)
        self._tlvs, self._makers = make_all(settings.tlvs)
        # The fields that are the same for every message. A field that is left out is 0.
        self._common: dict[str, FieldValue] = {
            "service_type": settings.service_type,
            "dest_addr_ton": settings.dest_ton,
            "dest_addr_npi": settings.dest_npi,
            "registered_delivery": c.RECEIPT_FINAL
            | (c.INTERMEDIATE_NOTIFICATION if settings.intermediate_receipts else 0),
        }
        if self._esm_class:
            self._common["esm_class"] = self._esm_class
        if settings.protocol_id:
            self._common["protocol_id"] = settings.protocol_id
        if settings.replace_if_present == "always":
            self._common["replace_if_present_flag"] = 1
        # the common fields with the source address of a sender, and their octets
        self._senders: dict[str, dict[str, FieldValue]] = {}
        self._templates: dict[str, SubmitTemplate] = {}
        # Whether the settings add something to a plain message besides fields that are the same for all.
        self._adds = bool(self._by_class or self._tlvs or self._makers)

    def render(self, message: Message, sender: str, concat_reference: int) -> Segments | Refusal:
        """Render the message in the alphabet and the concatenation of this destination."""
        settings = self.settings
        return render_message(
            message,
            sender,
            concat_reference,
            alphabet=settings.alphabet,
            concatenation=settings.concatenation,
            eight_bit=settings.eight_bit,
            flash=settings.flash,
        )

    def body(self, submission: Submission, segment: int) -> bytes | None:
        """Return the octets of one segment's submit_sm if it is plain: text in one segment, without wishes of its
        sender or additions of the settings. None for any other: `submit` makes its fields. Raises EncodeError."""
        message, rendered = submission.message, submission.rendered
        assert isinstance(rendered, Segments)
        if (
            self._adds
            or message.content is not None
            or rendered.units > 1
            or rendered.udhs[0]
            or rendered.concatenation != "udh"
            or rendered.dest_addr_subunit is not None
        ):
            return None
        template = self._templates.get(rendered.sender) or self._template(rendered.sender)
        coding = rendered.data_coding
        return template.body(
            self._prefix + message.recipient.removeprefix("+"),
            self._validity(submission),
            self._codings.get(coding, coding) if self._codings else coding,
            rendered.payloads[segment],
        )

    def submit(self, submission: Submission, segment: int) -> tuple[dict[str, FieldValue], tuple[Tlv, ...]]:
        """Return the fields and TLVs of one segment's submit_sm. A receipt is always requested."""
        message = submission.message
        rendered = submission.rendered
        assert isinstance(rendered, Segments)
        payload = rendered.payloads[segment]
        udh = rendered.udhs[segment]
        coding = rendered.data_coding
        recipient = message.recipient.removeprefix("+")
        fields = (self._senders.get(rendered.sender) or self._with_sender(rendered.sender)).copy()
        fields["destination_addr"] = self._prefix + recipient if self._prefix else recipient
        validity = self._validity(submission)
        if validity:
            fields["validity_period"] = validity
        fields["data_coding"] = self._codings.get(coding, coding) if self._codings else coding
        if udh:
            fields["esm_class"] = self._esm_class | c.ESM_UDHI
            payload = udh + payload
        fields["short_message"] = payload
        if self._by_class:
            fields.update(self._by_class[message.class_])
        tlvs = self._tlvs
        if message.content is not None:
            tlvs += self._as_asked(message.content, fields)
        if self._makers:
            tlvs += tuple(
                made for make in self._makers if (made := make(message, rendered.sender)) is not None
            )
        if rendered.concatenation != "udh":
            tlvs += _held_together(submission, rendered, segment, fields)
        if rendered.dest_addr_subunit is not None:
            tlvs += ((tlv.DEST_ADDR_SUBUNIT, bytes((rendered.dest_addr_subunit,))),)
        return fields, tlvs

    # ------------------------------------------------------------ inside

    def _validity(self, submission: Submission) -> str:
        """Return the remaining validity, rounded up, but no more than the carrier takes; "" to say none."""
        if not self._tells_validity or submission.validity_ms <= 0:
            return ""
        seconds = -(-submission.validity_ms // 1000)
        if self._absolute:
            return _absolute(submission.submitted_at // 1000 + min(seconds, self._longest_s))
        return self._relative(seconds)

    def _template(self, sender: str) -> SubmitTemplate:
        found = SubmitTemplate(self._senders.get(sender) or self._with_sender(sender))
        if len(self._templates) >= _SENDERS:
            self._templates.clear()
        self._templates[sender] = found
        return found

    def _with_sender(self, sender: str) -> dict[str, FieldValue]:
        settings = self.settings
        try:
            parsed = parse_sender(sender)
            ton, npi, digits = parsed.ton, parsed.npi, parsed.address
            own = settings.source_kinds.get(parsed.kind)
            if own is not None:
                ton, npi = own.ton, own.npi
        except InvalidSender:
            ton, npi, digits = c.TON_UNKNOWN, c.NPI_UNKNOWN, sender.removeprefix("+")
        found = self._common | {
            "source_addr_ton": ton if settings.source_ton is None else settings.source_ton,
            "source_addr_npi": npi if settings.source_npi is None else settings.source_npi,
            "source_addr": digits,
        }
        if len(self._senders) >= _SENDERS:
            self._senders.clear()
        self._senders[sender] = found
        return found

    def _as_asked(self, content: str, fields: dict[str, FieldValue]) -> tuple[Tlv, ...]:
        """Return what the sender of a message asked for beyond its text: fields, and TLVs for the handset."""
        asked = content_of(content)
        if asked.protocol_id is not None:
            fields["protocol_id"] = asked.protocol_id
        if asked.replace_if_present and self._replace_asked:
            fields["replace_if_present_flag"] = 1
        if asked.reply_path:
            esm_class = fields.get("esm_class", 0)
            assert isinstance(esm_class, int)
            fields["esm_class"] = esm_class | c.ESM_REPLY_PATH
        if not asked.tlvs or not self._takes_tlvs:
            return ()
        ours = {tag for tag, _ in self._tlvs}
        return tuple((tag, bytes.fromhex(octets)) for tag, octets in asked.tlvs if tag not in ours)


def _by_class(settings: MessageSettings) -> dict[str, dict[str, FieldValue]]:
    """Return the fields that differ by class; empty if none does."""
    table: dict[str, dict[str, FieldValue]] = {}
    if settings.service_types or settings.priorities:
        table = {class_: {} for class_ in CLASSES}
        for class_, service_type in settings.service_types.items():
            table[class_]["service_type"] = service_type
        for class_, priority in settings.priorities.items():
            table[class_]["priority_flag"] = priority
    return table


def _held_together(
    submission: Submission, rendered: Segments, segment: int, fields: dict[str, FieldValue]
) -> tuple[Tlv, ...]:
    """Return the TLVs that mark the parts as one message, or the one that holds the whole text."""
    if rendered.concatenation == "payload":
        fields["short_message"] = b""
        return ((tlv.MESSAGE_PAYLOAD, rendered.payloads[segment]),)
    return (
        (tlv.SAR_MSG_REF_NUM, (submission.concat_reference & 0xFFFF).to_bytes(2, "big")),
        (tlv.SAR_TOTAL_SEGMENTS, bytes((rendered.units,))),
        (tlv.SAR_SEGMENT_SEQNUM, bytes((segment + 1,))),
    )


class Plans:
    """Finds the plan of a recipient: that of its longest prefix in `destinations`, or the common one."""

    def __init__(self, settings: SmppSettings) -> None:
        takes_tlvs = settings.interface_version != "3.3"
        self.common = Plan(settings, takes_tlvs=takes_tlvs)
        self._by_prefix = {
            prefix: Plan(for_destination(settings, own, prefix), takes_tlvs=takes_tlvs)
            for prefix, own in settings.destinations.items()
        }
        #: The only plan, if no destination has its own; else None.
        self.only = None if self._by_prefix else self.common
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix}, reverse=True)

    def of(self, recipient: str) -> Plan:
        """Return the plan for a recipient, given in E.164."""
        digits = recipient.removeprefix("+")
        for length in self._lengths:
            plan = self._by_prefix.get(digits[:length])
            if plan is not None:
                return plan
        return self.common
