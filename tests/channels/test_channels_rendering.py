"""A message as one carrier gets it: alphabets, concatenation, flash, binary, headers of its own."""

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.channels.sms.content import Content, to_text
from onesixty.channels.sms.rendering import Segments, render_message
from onesixty.core.contracts import Refusal
from onesixty.core.message import Message
from onesixty.text import (
    Part,
    Shifts,
    concat_of,
    concat_udh,
    decode,
    decode_parts,
    parse_udh,
    render_headed,
    unpack,
)
from tests.carriers.conformance import LONG, message

CYRILLIC = "Сообщение из нескольких частей. " * 8
PORTS = "06050423f423f4"


def rendered(one: Message, reference: int = 0x1234, **how: Any) -> Segments:
    result = render_message(one, one.sender, reference, **how)
    assert isinstance(result, Segments), result
    return result


def with_content(text: str, encoding: str | None = None, **content: Any) -> Message:
    fields: dict[str, Any] = {"content": to_text(Content(**content))}
    if encoding is not None:
        fields["encoding"] = encoding
    return message(text, **fields)


def binary(octets: bytes, **content: Any) -> Message:
    return with_content(b64encode(octets).decode(), "binary", **content)


# ------------------------------------------------------------ concatenation


@pytest.mark.parametrize("text", [LONG, CYRILLIC])
@pytest.mark.parametrize(("concatenation", "bits", "wanted"), [("udh8", 8, 0x34), ("udh16", 16, 0x1234)])
def test_headers(text: str, concatenation: str, bits: int, wanted: int) -> None:
    """One reference for all parts, of 8 or 16 bits."""
    one = rendered(message(text), concatenation=concatenation)
    assert one.concatenation == "udh"
    total = len(one.payloads)
    assert [concat_of(udh) for udh in one.udhs] == [(wanted, total, n, bits) for n in range(1, total + 1)]


@pytest.mark.parametrize("text", [LONG, CYRILLIC])
def test_sar_parts_are_those_of_a_header_of_8_bits(text: str) -> None:
    """The SMSC makes a header of the TLVs, so a part leaves room for it; the parts themselves have none."""
    sar, udh = rendered(message(text), concatenation="sar"), rendered(message(text))
    assert sar.concatenation == "sar"
    assert sar.payloads == udh.payloads
    assert sar.udhs == [b""] * len(udh.udhs)
    assert sar.data_coding == udh.data_coding


@pytest.mark.parametrize("text", [LONG, CYRILLIC])
def test_one_payload(text: str) -> None:
    one = rendered(message(text), concatenation="payload")
    assert (one.concatenation, one.udhs, len(one.payloads)) == ("payload", [b""], 1)
    assert decode(one.payloads[0], one.data_coding) == text


@pytest.mark.parametrize("concatenation", ["udh8", "udh16", "sar", "payload"])
def test_a_single_segment_is_the_same_everywhere(concatenation: str) -> None:
    one = rendered(message("hello"), concatenation=concatenation)
    assert one == Segments(1, "Acme", payloads=[b"hello"], udhs=[b""], data_coding=0)


@given(
    st.text(alphabet="aé@€[я🙂\n", min_size=1, max_size=700),
    st.sampled_from(["udh8", "udh16", "sar", "payload"]),
    st.sampled_from(["gsm7", "gsm7_packed"]),
)
def test_every_style_carries_the_whole_text(text: str, concatenation: str, alphabet: str) -> None:
    """Whatever the style, what the parts say joined is the text."""
    one = rendered(message(text), concatenation=concatenation, alphabet=alphabet)
    parts = [Part(payload, one.data_coding, udh) for payload, udh in zip(one.payloads, one.udhs, strict=True)]
    assert decode_parts(parts, alphabet) == text
    if one.concatenation != "payload":
        assert all(
            len(udh) + len(payload) <= 160 for payload, udh in zip(one.payloads, one.udhs, strict=True)
        )


# ------------------------------------------------------------ alphabets


def test_packed_parts_have_fill_bits_only_behind_a_header() -> None:
    """The SMSC that makes the header of SAR parts fills the bits as well."""
    udh = rendered(message("a" * 200), alphabet="gsm7_packed")
    assert unpack(udh.payloads[0], 6) == b"a" * 153
    assert [len(payload) for payload in udh.payloads] == [134, 42]
    sar = rendered(message("a" * 200), alphabet="gsm7_packed", concatenation="sar")
    assert unpack(sar.payloads[0]) == b"a" * 153
    whole = rendered(message("a" * 200), alphabet="gsm7_packed", concatenation="payload")
    assert unpack(whole.payloads[0]) == b"a" * 200
    assert len(rendered(message("a" * 160), alphabet="gsm7_packed").payloads[0]) == 140
    single = rendered(message("a" * 160), alphabet="gsm7_packed", concatenation="sar")
    assert len(single.payloads[0]) == 140
    unpacked = rendered(message(CYRILLIC), alphabet="gsm7_packed", concatenation="sar")
    assert unpacked.payloads == rendered(message(CYRILLIC)).payloads


def test_shift_tables() -> None:
    """The tables stand in the header of every part, with concatenation of any style."""
    text = "şifreniz değişti, " * 20
    one = with_content(text, "gsm7", single_shift=1, locking_shift=1)
    for concatenation in ("udh8", "sar", "payload"):
        got = rendered(one, concatenation=concatenation)
        assert got.concatenation == "udh"
        assert got.payloads == [
            part.payload for part in render_headed(text, "gsm7", shifts=Shifts(1, 1)).segments
        ]
        for udh in got.udhs:
            assert parse_udh(udh)[1:] == [(0x24, b"\1"), (0x25, b"\1")]
    packed = rendered(one, alphabet="gsm7_packed")
    parts = [Part(*part) for part in zip(packed.payloads, [0] * 9, packed.udhs, strict=False)]
    assert decode_parts(parts, "gsm7_packed") == text
    refused = render_message(one, one.sender, 0, alphabet="latin1")
    assert isinstance(refused, Refusal)


# ------------------------------------------------------------ flash, data codings


@pytest.mark.parametrize(
    ("flash", "values", "subunit"),
    [
        ("general", (0x10, 0x18, 0x14), None),
        ("class", (0xF0, 0x18, 0xF4), None),
        ("subunit", (0x00, 0x08, 0x04), 1),
    ],
)
def test_flash(flash: str, values: tuple[int, ...], subunit: int | None) -> None:
    ones = [with_content("hello", flash=True), with_content("я", flash=True), binary(b"\1", flash=True)]
    for one, value in zip(ones, values, strict=True):
        got = rendered(one, flash=flash)
        assert (got.data_coding, got.dest_addr_subunit) == (value, subunit)
    assert rendered(with_content("hello", flash=True), flash=flash).payloads == [b"hello"]
    latin = rendered(with_content("£", flash=True), flash=flash, alphabet="latin1")
    assert latin.payloads == [b"\xa3"]  # in the alphabet of the link, as for data_coding 0


@pytest.mark.parametrize(
    ("one", "data_coding"),
    [
        (with_content("hello", data_coding=0xF1), 0xF1),  # class 1
        (with_content("hello", data_coding=0xC8), 0xC8),  # message waiting
        (with_content("hello", data_coding=3), 0),  # the alphabet is the carrier's affair
        (with_content("hello", data_coding=0x19), 0x11),  # UCS-2, and the text is not: the class stays
        (with_content("я", data_coding=0x19), 0x19),
        (with_content("я", data_coding=0xF2), 0x1A),
        (with_content("я", data_coding=0xC8), 0xE8),
        (with_content("hello", data_coding=0xE9), 0xD9),
        (with_content("hello", dest_addr_subunit=3), 0x12),
        (with_content("я", dest_addr_subunit=4), 0x1B),
        (with_content("я", data_coding=0), 8),
        (with_content("hello", data_coding=0xF1, flash=True), 0x10),
        (binary(b"\1", data_coding=0xF5), 0xF5),
        (binary(b"\1", data_coding=2), 2),
        (binary(b"\1", data_coding=0), 4),
        (binary(b"\1"), 4),
    ],
)
def test_a_scheme_that_was_asked_for(one: Message, data_coding: int) -> None:
    assert rendered(one).data_coding == data_coding


# ------------------------------------------------------------ binary, and headers of the caller's


def test_binary() -> None:
    one = binary(bytes(range(256)), udh=PORTS)
    got = rendered(one, concatenation="sar")
    assert got.concatenation == "udh"
    assert b"".join(got.payloads) == bytes(range(256))
    assert [udh.hex() for udh in got.udhs] == [f"0b00033402{n:02x}{PORTS[2:]}" for n in (1, 2)]
    assert rendered(binary(b"\1\2"), concatenation="sar") == Segments(
        1, "Acme", payloads=[b"\1\2"], udhs=[b""], data_coding=4
    )
    whole = rendered(binary(b"a" * 200), concatenation="payload")
    assert (whole.payloads, whole.data_coding) == ([b"a" * 200], 4)
    parts = rendered(binary(b"a" * 200), concatenation="sar", alphabet="gsm7_packed")
    assert [len(payload) for payload in parts.payloads] == [134, 66]


def test_a_header_of_the_callers() -> None:
    got = rendered(with_content("hello", udh=PORTS))
    assert (got.udhs[0].hex(), got.payloads) == (PORTS, [b"hello"])
    part = concat_udh(7, 3, 2)
    got = rendered(with_content("я" * 67, udh=part.hex()))
    assert got.udhs == [part]


@pytest.mark.parametrize(
    "one",
    [
        with_content("a" * 154, udh=concat_udh(7, 3, 2).hex()),  # a part that does not fit
        with_content("a", udh="0500"),
        with_content("a", udh="zz"),
        with_content("я", "gsm7", single_shift=1),
        with_content("a", "gsm7", single_shift=99),
        with_content("!!!", "binary"),
        binary(b"a" * 200, udh="86" + "70" + "84" + "00" * 132),  # no room for concatenation
        message("я", encoding="gsm7"),
    ],
)
def test_what_a_carrier_cannot_carry_is_refused(one: Message) -> None:
    refusal = render_message(one, one.sender, 0)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "carrier_cannot_carry"
    assert refusal.detail
