"""Templates of submit_sm write what the codec writes, or leave it to the codec."""

from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.errors import EncodeError
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.layouts import LAYOUTS
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.templates import SubmitTemplate
from tests.smpp.strategies import field_values

FIELDS = st.fixed_dictionaries(
    {}, optional={one.name: field_values(one) for one in LAYOUTS[c.SUBMIT_SM].fields}
)


@given(
    FIELDS,
    st.text(max_size=25) | st.text("0123456789", max_size=21),
    st.text(max_size=20) | st.just("000001000000000R"),
    st.integers(-1, 256),
    st.binary(max_size=300),
)
def test_a_template_writes_what_the_codec_writes(
    fields: dict[str, FieldValue], destination: str, validity: str, coding: int, message: bytes
) -> None:
    body = SubmitTemplate(fields).body(destination, validity, coding, message)
    varying: dict[str, FieldValue] = {
        "destination_addr": destination,
        "validity_period": validity,
        "data_coding": coding,
        "short_message": message,
    }
    try:
        frame = codec.encode(Pdu(c.SUBMIT_SM, 0, 7, fields | varying))
    except EncodeError:
        assert body is None
    else:
        assert body is None or body == frame[c.HEADER_LENGTH :]


def test_a_plain_message_needs_no_codec() -> None:
    template = SubmitTemplate({"source_addr": "YourBrand", "source_addr_ton": 5, "registered_delivery": 1})
    body = template.body("15551234567", "000001000000000R", 0, b"Hello")
    assert body is not None
    frame = (16 + len(body)).to_bytes(4, "big") + c.SUBMIT_SM.to_bytes(4, "big") + bytes(8) + body
    assert codec.decode(frame).fields["short_message"] == b"Hello"
