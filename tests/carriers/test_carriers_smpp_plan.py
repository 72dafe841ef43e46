"""Whatever the settings are, what they make of a message is a submit_sm that says the same on the other side."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from onesixty.carriers.registry import BUILT_IN
from onesixty.carriers.smpp import SmppSettings
from onesixty.carriers.smpp.plan import Plans
from onesixty.core.contracts import Refusal, Submission
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu
from onesixty.text import Part as TextPart
from onesixty.text import decode_parts, split_udh
from tests.carriers.conformance import message

octets = st.integers(0, 255)
ton_npi = st.fixed_dictionaries({"ton": octets, "npi": octets})
classes = st.sampled_from(("otp", "transactional", "marketing"))
plain = st.text(st.sampled_from("ABC019 "), max_size=5)
choices: dict[str, st.SearchStrategy[Any]] = {
    "source_ton": st.one_of(st.none(), octets),
    "source_kinds": st.dictionaries(st.sampled_from(("alphanumeric", "numeric", "short_code")), ton_npi),
    "dest_npi": octets,
    "recipient_form": st.sampled_from(("digits", "plus", "00")),
    "service_type": plain,
    "service_types": st.dictionaries(classes, plain),
    "alphabet": st.sampled_from(("gsm7", "gsm7_packed", "latin1", "ascii")),
    "concatenation": st.sampled_from(("udh8", "udh16", "sar", "payload")),
    "validity": st.sampled_from(("relative", "absolute", "never")),
    "validity_max_s": st.integers(0, 31 * 86_400),
    "message_mode": st.sampled_from(("default", "datagram", "forward", "store_and_forward")),
    "reply_path": st.booleans(),
    "protocol_id": octets,
    "replace_if_present": st.sampled_from(("asked", "always", "never")),
    "priorities": st.dictionaries(classes, st.integers(0, 4)),
    "intermediate_receipts": st.booleans(),
    "tlvs": st.lists(st.fixed_dictionaries({"tag": st.integers(0x1400, 0x3FFF), "value": plain}), max_size=3),
}
own = st.fixed_dictionaries({}, optional=choices)
settings_of = st.fixed_dictionaries(
    {},
    optional=choices | {"destinations": st.dictionaries(st.sampled_from(("1", "1555", "44", "4915")), own)},
)
texts = st.text(st.sampled_from("abc @£$€é{}\n中😀"), min_size=1, max_size=400)


@given(
    settings_of, texts, classes,
    st.sampled_from(("Acme", "+4915112345678", "40404", "bad/sender")),
    st.sampled_from(("+15550000001", "+447700900123", "+4915112345678", "+861012345678")),
    st.integers(1, 10**12), st.integers(0, 0xFFFF),
)  # fmt: skip
def test_what_was_written_is_what_is_read(
    settings: dict[str, Any],
    text: str,
    class_: str,
    sender: str,
    recipient: str,
    validity_ms: int,
    reference: int,
) -> None:
    normal = BUILT_IN.validate("smpp", {"host": "h", "system_id": "s"} | settings)
    made = msgspec.convert(normal, SmppSettings)
    assert BUILT_IN.validate("smpp", normal) == normal, "the normal form is its own normal form"
    one = message(text, sender=sender, recipient=recipient, class_=class_)
    plan = Plans(made).of(recipient)
    rendered = plan.render(one, one.sender, reference)
    if isinstance(rendered, Refusal):
        return
    count = rendered.units
    sent = Submission(one, rendered, list(range(count)), 1, reference, validity_ms, 1_800_000_000_000)
    parts: list[TextPart] = []
    for segment in range(count):
        fields, tlvs = plan.submit(sent, segment)
        frame = codec.encode(Pdu(c.SUBMIT_SM, 0, 1, fields, tlvs))
        assert plan.body(sent, segment) in (None, frame[c.HEADER_LENGTH :])
        pdu = codec.decode(frame)
        assert pdu.number("registered_delivery") & c.RECEIPT_FINAL
        assert pdu.text("destination_addr").lstrip("+").removeprefix("00") == recipient[1:]
        payload, udh = pdu.message(), b""
        if pdu.number("esm_class") & c.ESM_UDHI:
            udh, payload = split_udh(payload)
        parts.append(TextPart(payload, pdu.number("data_coding"), udh))
    assert decode_parts(parts, plan.settings.alphabet) == text
