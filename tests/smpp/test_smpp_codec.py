"""The codec: identity, agreement of the fast way with the tables, strict bounds, nothing but own errors."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import codec, fast, tlv
from onesixty.smpp import constants as c
from onesixty.smpp.errors import EncodeError, PduError, SmppError, TlvError, UnknownCommandError
from onesixty.smpp.fields import DestAddress, DistributionList, FieldValue, UnsuccessSme
from onesixty.smpp.layouts import LAYOUTS, RESPONSE_OF, command_name
from onesixty.smpp.pdu import Pdu
from tests.smpp.strategies import hot_pdus, pdu_of, pdus


def frame_of(command_id: int, body: bytes, status: int = 0, sequence: int = 7) -> bytes:
    return struct.pack(">IIII", 16 + len(body), command_id, status, sequence) + body


SUBMIT = Pdu(
    c.SUBMIT_SM,
    0,
    1,
    {
        "source_addr_ton": 5,
        "source_addr": "YourBrand",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": "15551234567",
        "registered_delivery": 1,
        "short_message": b"Hello",
    },
)
SUBMIT_HEX = (
    "0000003a" "00000004" "00000000" "00000001"
    "00" "0500" "596f75724272616e6400" "0101" "313535353132333435363700"
    "000000" "00" "00" "01" "00" "00" "00" "05" "48656c6c6f"
)  # fmt: skip


def test_submit_sm_is_laid_out_as_in_4_4_1() -> None:
    frame = codec.encode(SUBMIT)
    assert frame.hex() == SUBMIT_HEX
    assert codec.decode(frame).text("source_addr") == "YourBrand"
    assert codec.decode(frame).octets("short_message") == b"Hello"


@pytest.mark.parametrize("command_id", sorted(LAYOUTS), ids=command_name)
def test_every_layout_survives_encode_and_decode(command_id: int) -> None:
    @given(pdu_of(LAYOUTS[command_id]))
    def check(pdu: Pdu) -> None:
        frame = codec.encode(pdu)
        assert struct.unpack_from(">I", frame)[0] == len(frame)
        decoded = codec.decode(frame)
        if len(frame) == 16:
            pdu.fields = {}
        assert decoded == pdu
        assert codec.encode(decoded) == frame

    check()


@given(hot_pdus)
def test_fast_way_and_tables_say_the_same(pdu: Pdu) -> None:
    frame = codec.encode_by_table(pdu)
    assert codec.encode(pdu) == frame
    assert codec.decode(frame) == codec.decode_by_table(frame)


def outcome(decode: object, frame: bytes) -> object:
    assert callable(decode)
    try:
        return decode(frame)
    except PduError as error:
        return (type(error), str(error), error.command_status, error.command_id, error.sequence)


@given(hot_pdus, st.data())
def test_fast_way_and_tables_agree_on_damaged_frames(pdu: Pdu, data: st.DataObject) -> None:
    frame = bytearray(codec.encode(pdu))
    for _ in range(data.draw(st.integers(1, 3))):
        frame[data.draw(st.integers(16, len(frame) - 1)) if len(frame) > 16 else 15] = data.draw(
            st.integers(0, 255)
        )
    cut = bytes(frame[: data.draw(st.integers(16, len(frame)))])
    cut = struct.pack(">I", len(cut)) + cut[4:]
    assert outcome(codec.decode, cut) == outcome(codec.decode_by_table, cut)


odd_values = st.one_of(
    st.integers(-5, 300), st.text(max_size=30), st.binary(max_size=300), st.just(()), st.booleans()
)


@given(
    st.sampled_from((c.SUBMIT_SM, c.SUBMIT_SM_RESP)),
    st.dictionaries(
        st.sampled_from([*sorted(LAYOUTS[c.SUBMIT_SM].names), "message_id", "nonsense"]), odd_values
    ),
    st.sampled_from((0, 8, -1, 1 << 32)),
)
def test_fast_way_and_tables_refuse_the_same_values(
    command_id: int, fields: dict[str, FieldValue], status: int
) -> None:
    pdu = Pdu(command_id, status, 3, fields)

    def result(encode: object) -> object:
        assert callable(encode)
        try:
            return encode(pdu)
        except EncodeError as error:
            return str(error), error.field

    assert result(codec.encode) == result(codec.encode_by_table)


@given(st.one_of(st.binary(max_size=200), st.tuples(pdus, st.binary(max_size=60)).map(lambda t: t[1])))
def test_arbitrary_frames_raise_only_the_librarys_errors(data: bytes) -> None:
    with contextlib.suppress(SmppError):
        codec.decode(data)


@given(st.sampled_from([*sorted(LAYOUTS), 0x1234]), st.binary(max_size=120))
def test_arbitrary_bodies_raise_only_pdu_errors_with_their_header(command_id: int, body: bytes) -> None:
    found = outcome(codec.decode, frame_of(command_id, body))
    if isinstance(found, tuple):
        _, _, status, told_id, sequence = found
        assert (told_id, sequence) == (command_id, 7)
        assert status in c.STATUSES
        assert status != c.ESME_ROK


SM_HEAD = b"\0\1\1src\0\1\1dst\0\0\0\0\0\0\1\0\0\0"


@pytest.mark.parametrize(
    ("command_id", "body", "status"),
    [
        (c.SUBMIT_SM, b"toolong\0" + SM_HEAD[1:] + b"\0", c.ESME_RINVSERTYP),
        (c.SUBMIT_SM, b"\0\1\1" + b"9" * 30 + b"\0" + SM_HEAD[7:] + b"\0", c.ESME_RINVSRCADR),
        (c.SUBMIT_SM, b"\0\1\1s\0\1\1" + b"9" * 21 + b"\0\0\0\0\0\0\1\0\0\0\0", c.ESME_RINVDSTADR),
        (c.SUBMIT_SM, b"\0\1\1no end", c.ESME_RINVCMDLEN),
        (c.SUBMIT_SM, b"", c.ESME_RINVCMDLEN),
        (c.SUBMIT_SM, SM_HEAD, c.ESME_RINVCMDLEN),
        (c.SUBMIT_SM, SM_HEAD + b"\x05abc", c.ESME_RINVMSGLEN),
        (c.SUBMIT_SM, SM_HEAD + b"\xff" + bytes(254), c.ESME_RINVMSGLEN),
        (c.SUBMIT_SM, SM_HEAD + b"\x01a\x04\x24\x00\x05ab", c.ESME_RINVOPTPARSTREAM),
        (c.SUBMIT_SM, SM_HEAD + b"\x01a\x04\x24", c.ESME_RINVOPTPARSTREAM),
        (c.SUBMIT_MULTI, b"\0\1\1src\0\xff\1", c.ESME_RINVNUMDESTS),
        (c.SUBMIT_MULTI, b"\0\1\1src\0\1\3x\0", c.ESME_RINVDESTFLAG),
        (c.BIND_TRANSCEIVER, b"a" * 16 + b"\0", c.ESME_RINVSYSID),
        (c.BIND_TRANSCEIVER, b"a\0" + b"p" * 65 + b"\0", c.ESME_RINVPASWD),
    ],
)
def test_body_that_breaks_its_layout(command_id: int, body: bytes, status: int) -> None:
    """A C-string without its NUL, sm_length beyond the body, a TLV longer than the rest."""
    with pytest.raises(PduError) as caught:
        codec.decode(frame_of(command_id, body))
    assert caught.value.command_status == status
    assert caught.value.sequence == 7


@pytest.mark.parametrize("command_id", [i for i in sorted(LAYOUTS) if i & c.RESPONSE_BIT], ids=command_name)
@pytest.mark.parametrize("status", [0, c.ESME_RTHROTTLED, 0x410])
def test_response_without_a_body(command_id: int, status: int) -> None:
    """Error responses with an empty body are fine; a deliver_sm_resp without one is, too."""
    pdu = codec.decode(frame_of(command_id, b"", status))
    assert pdu.command_status == status
    assert pdu.text("message_id") == ""
    assert pdu.items("unsuccess_sme") == ()


def test_unknown_command_is_told_with_its_status() -> None:
    """An unknown command is answered with ESME_RINVCMDID."""
    with pytest.raises(UnknownCommandError) as caught:
        codec.decode(frame_of(0x00010203, b"abc"))
    assert caught.value.command_status == c.ESME_RINVCMDID


def test_submit_multi_both_ways() -> None:
    destinations = (DestAddress(1, 1, "15551234567"), DistributionList("friends"))
    request = Pdu(c.SUBMIT_MULTI, 0, 5, {"dest_address": destinations, "short_message": b"x"})
    assert codec.decode(codec.encode(request)).items("dest_address") == destinations
    refused = (UnsuccessSme(1, 1, "15551234567", c.ESME_RINVDSTADR),)
    response = Pdu(c.SUBMIT_MULTI_RESP, 0, 5, {"message_id": "1", "unsuccess_sme": refused})
    assert codec.decode(codec.encode(response)).items("unsuccess_sme") == refused


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"source_addr": "x" * 21}, "source_addr"),
        ({"source_addr": "a\0b"}, "source_addr"),
        ({"source_addr": "Ω"}, "source_addr"),
        ({"short_message": bytes(256)}, "short_message"),
        ({"short_message": "text"}, "short_message"),
        ({"esm_class": 256}, "esm_class"),
        ({"esm_class": "1"}, "esm_class"),
        ({"sender": "x"}, "sender"),
    ],
)
def test_values_that_do_not_fit_are_refused(fields: dict[str, FieldValue], field: str) -> None:
    with pytest.raises(EncodeError) as caught:
        codec.encode(Pdu(c.SUBMIT_SM, 0, 1, fields))
    assert caught.value.field == field


def test_every_tlv_row_is_encoded_and_decoded_by_name() -> None:
    for row in tlv.TLVS.values():
        value: tlv.TlvValue = {
            tlv.INTEGER: 1,
            tlv.TEXT: "abcdef",
            tlv.OCTETS: bytes(row.minimum),
        }[row.kind]
        tag, raw = tlv.make(row.name, value)
        assert (tag, tlv.decode(tag, raw)) == (row.tag, value)


def test_tlvs_that_do_not_fit_their_row() -> None:
    with pytest.raises(EncodeError):
        tlv.make("message_state", 256)
    with pytest.raises(EncodeError):
        tlv.make("network_error_code", b"12")
    with pytest.raises(EncodeError):
        tlv.make("receipted_message_id", "x" * 65)
    with pytest.raises(EncodeError):
        tlv.make("no_such_tlv", 1)
    with pytest.raises(TlvError) as caught:
        tlv.decode(tlv.MESSAGE_STATE, b"\0\2")
    assert caught.value.command_status == c.ESME_RINVPARLEN
    with pytest.raises(TlvError):
        tlv.decode(tlv.RECEIPTED_MESSAGE_ID, b"no nul")


def test_vendor_and_repeated_tlvs_are_kept_raw_and_in_order() -> None:
    tlvs = ((0x1401, b"vendor"), (tlv.CALLBACK_NUM, b"1234"), (tlv.CALLBACK_NUM, b"5678"), (0x1401, b""))
    pdu = Pdu(c.DATA_SM, 0, 1, {}, tlvs)
    assert codec.decode(codec.encode(pdu)).tlvs == tlvs


def test_peers_tlvs_are_read_tolerantly() -> None:
    tlvs = ((tlv.MESSAGE_STATE, b"\0\2"), (tlv.RECEIPTED_MESSAGE_ID, b"abc"), (tlv.SOURCE_PORT, b""))
    pdu = Pdu(c.DELIVER_SM, 0, 1, {}, tlvs)
    assert pdu.tlv_int(tlv.MESSAGE_STATE) == 2
    assert pdu.tlv_text(tlv.RECEIPTED_MESSAGE_ID) == "abc"
    assert pdu.tlv_int(tlv.SOURCE_PORT) is None
    assert pdu.tlv_int(tlv.DESTINATION_PORT) is None


def test_message_payload_stands_in_for_an_empty_short_message() -> None:
    assert Pdu(c.DELIVER_SM, 0, 1, {}, ((tlv.MESSAGE_PAYLOAD, b"long"),)).message() == b"long"
    assert Pdu(c.DELIVER_SM, 0, 1, {"short_message": b"short"}).message() == b"short"


def test_plain_messages_take_the_fast_way() -> None:
    """Otherwise the property tests above would compare the tables with themselves."""
    frame = codec.encode(SUBMIT)
    assert fast.encode_sm(SUBMIT) == frame
    assert fast.decode_sm(frame, c.SUBMIT_SM, 0, 1) == codec.decode_by_table(frame)
    response = Pdu(c.SUBMIT_SM_RESP, 0, 1, {"message_id": "abc"})
    assert fast.encode_id_response(response) == codec.encode_by_table(response)
    assert fast.decode_id_response(codec.encode(response), c.SUBMIT_SM_RESP, 0, 1) == response


def test_repr_shows_neither_text_nor_password() -> None:
    pdu = Pdu(c.BIND_TRANSCEIVER, 0, 1, {"system_id": "me", "password": "secret"})
    assert repr(pdu) == "<bind_transceiver ESME_ROK sequence=1>"
    assert "0x00000999" in repr(Pdu(0x999, 0x410))
    assert "vendor 0x00000410" in repr(Pdu(0x999, 0x410))


def test_every_request_but_two_has_a_response() -> None:
    requests = {command_id for command_id in LAYOUTS if not command_id & c.RESPONSE_BIT}
    assert requests - set(RESPONSE_OF) == {c.OUTBIND, c.ALERT_NOTIFICATION}
