"""Addresses, ids and statuses: the tables of the door, and the page that shows them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onesixty.core import errors
from onesixty.core.errors import CATALOGUE, Problem
from onesixty.customers import addresses
from onesixty.customers.message_ids import smpp_id, type_ids_of
from onesixty.customers.profile import SmppProfile
from onesixty.customers.tables import SmppCredential
from onesixty.doors.smpp import refusals
from onesixty.doors.smpp.translate import submission
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.pdu import Pdu
from tests.support.postgres import ROOT

PAGE = ROOT / "docs" / "reference" / "smpp-for-customers.md"
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"

type_ids = st.integers(0, (1 << 128) - 1).map(
    lambda bits: "msg_" + "".join(_CROCKFORD[bits >> shift & 31] for shift in range(125, -1, -5))
)
forms = st.sampled_from(["hex", "decimal", "typeid"])


@given(type_ids, forms)
def test_an_id_is_found_again_in_every_form(type_id: str, form: str) -> None:
    """An id is known in upper and lower case, and in each form in which it was given out."""
    written = smpp_id(type_id, form)
    assert len(written) <= 64
    for seen in (written, written.upper(), f" {written} "):
        assert type_ids_of(seen, form)[0] == type_id
        for other in ("hex", "decimal", "typeid"):
            assert type_id in type_ids_of(seen, other)


@given(type_ids, st.sampled_from(["hex", "decimal"]))
def test_an_id_survives_the_loss_of_its_zeros(type_id: str, form: str) -> None:
    assert type_ids_of(smpp_id(type_id, form).lstrip("0") or "0", form)[0] == type_id


@given(st.text(max_size=65), forms)
def test_what_is_no_id_is_none(text: str, form: str) -> None:
    for candidate in type_ids_of(text, form):
        assert re.fullmatch(r"msg_[0-7][0-9a-hjkmnp-tv-z]{25}", candidate)


@pytest.mark.parametrize(
    ("ton", "address", "country", "expected"),
    [
        (1, "15551234567", None, "+15551234567"),
        (1, "+15551234567", "DE", "+15551234567"),
        (1, "0015551234567", "DE", "+15551234567"),
        (1, "4917012345678", "DE", "+4917012345678"),
        (2, "17012345678", "DE", "+4917012345678"),
        (2, "017012345678", "DE", "+4917012345678"),
        (0, "017012345678", "DE", "+4917012345678"),
        (0, "004917012345678", "DE", "+4917012345678"),
        (0, "004917012345678", None, "+4917012345678"),
        (0, "4917012345678", "DE", "+4917012345678"),
        (0, "+49 170 12345678", None, "+4917012345678"),
        (0, "15551234567", None, "+15551234567"),
        (0, "2025550123", "US", "+12025550123"),
        (0, "12025550123", "US", "+12025550123"),
        (0, "447911123456", "US", "+447911123456"),
    ],
)
def test_recipients_become_full_numbers(ton: int, address: str, country: str | None, expected: str) -> None:
    assert addresses.recipient(ton, address, country) == expected


@pytest.mark.parametrize(
    ("ton", "address", "expected"),
    [
        (5, "Acme", "Acme"),
        (5, "4711 Shop", "4711 Shop"),
        (0, "Acme", "Acme"),
        (3, "40404", "40404"),
        (6, "40404", "40404"),
        (0, "40404", "40404"),
        (1, "15551234567", "+15551234567"),
        (0, "+15551234567", "+15551234567"),
        (0, "0015551234567", "+15551234567"),
        (0, "15551234567", "+15551234567"),
    ],
)
def test_senders_are_names_short_codes_or_numbers(ton: int, address: str, expected: str) -> None:
    assert addresses.sender(ton, address, None) == expected


@example(0, "+A", None)  # a name, and no number in full
@given(st.integers(0, 6), st.text(max_size=20), st.sampled_from([None, "DE", "US", "IT"]))
def test_no_address_does_harm_and_what_is_taken_is_normal(
    ton: int, address: str, country: str | None
) -> None:
    """Whatever is written, it is a number in E.164 or refused; and a number stays itself when written in full."""
    number = taken(addresses.recipient, ton, address, country)
    if number is not None:
        assert re.fullmatch(r"\+[1-9][0-9]{2,14}", number)
        assert addresses.recipient(c.TON_INTERNATIONAL, number, country) == number
    sender = taken(addresses.sender, ton, address, country)
    if sender is not None:
        out_ton, _, written = addresses.outward(sender)
        assert addresses.sender(out_ton, written, country) == sender


def taken(read: Callable[..., str], ton: int, address: str, country: str | None) -> str | None:
    """What an address means; None where it is refused, which is all that may happen."""
    try:
        return read(ton, address, country)
    except Problem:
        return None


tlvs = st.lists(
    st.tuples(
        st.sampled_from(
            [
                tlv.MESSAGE_PAYLOAD, tlv.SAR_MSG_REF_NUM, tlv.SAR_TOTAL_SEGMENTS, tlv.SAR_SEGMENT_SEQNUM,
                tlv.USER_MESSAGE_REFERENCE, tlv.SOURCE_PORT, tlv.DESTINATION_PORT, tlv.DEST_ADDR_SUBUNIT,
                tlv.QOS_TIME_TO_LIVE, 0x1400,
            ]
        ),
        st.binary(max_size=9),
    ),
    max_size=4,
)  # fmt: skip
octet = st.integers(0, 255)
moments = st.sampled_from(["", "000000000000000R", "991231235959948+", "991231235959000R", "2", "x" * 16])


@given(
    st.sampled_from([c.SUBMIT_SM, c.SUBMIT_MULTI, c.DATA_SM]),
    st.fixed_dictionaries(
        {
            "source_addr_ton": st.integers(0, 7),
            "source_addr": st.sampled_from(["", "Acme", "15551234567", "40404", "\x01", "é"]),
            "dest_addr_ton": st.integers(0, 7),
            "destination_addr": st.sampled_from(["", "15551234567", "0170", "x"]),
            "esm_class": octet,
            "protocol_id": octet,
            "priority_flag": st.integers(0, 5),
            "schedule_delivery_time": moments,
            "validity_period": moments,
            "registered_delivery": octet,
            "replace_if_present_flag": st.integers(0, 2),
            "data_coding": octet,
            "short_message": st.binary(max_size=30) | st.just(b"\x05\x00\x03\x01\x02\x01hello"),
        }
    ),
    tlvs,
    st.sampled_from(["gsm7", "gsm7_packed", "latin1", "ascii"]),
)
def test_no_pdu_does_harm(
    command: int, fields: dict[str, Any], more: list[tuple[int, bytes]], alphabet: Any
) -> None:
    """Whatever its fields say, a PDU becomes an order or is refused; and a part is never a whole message."""
    credential = SmppCredential(
        id="smpp_x", account_id="acc_x", system_id="x", test=True, password_hash="",
        profile=SmppProfile(alphabet_0=alphabet), version=1, created_at=0, changed_at=0,
    )  # fmt: skip
    try:
        made = submission(Pdu(command, 0, 1, fields, tuple(more)), credential, 1_795_400_000_000)
    except (Problem, refusals.Refused):
        return
    assert "\0" not in made.order.text
    assert (made.place is None) == (made.order.origin is not None)
    assert made.order.valid_for is None or made.order.valid_for >= 1


def test_what_a_retry_can_change_is_answered_so_and_nothing_else() -> None:
    """An ESME sends again what is answered with one of three statuses, and nothing else."""
    again = set(refusals.THROTTLES.values())
    for profile in (SmppProfile(), SmppProfile(throttle_status="ESME_RMSGQFUL")):
        for kind in CATALOGUE.values():
            if kind.scope == "request":
                status = refusals.status_of(Problem(kind.code), profile)
                wanted = kind.retryable or kind.code == "internal_error"
                assert (status in again) == wanted, kind.code
    slow = Problem("rate_limited")
    assert refusals.status_of(slow, SmppProfile(throttle_status="ESME_RMSGQFUL")) == c.ESME_RMSGQFUL


def test_every_code_of_the_table_is_in_the_catalogue() -> None:
    codes = {*refusals.STATUS_OF, *(code for code, _ in refusals.STATUS_OF_FIELD)}
    assert codes <= set(errors.CATALOGUE)


def test_the_page_shows_every_field_and_every_status() -> None:
    page = PAGE.read_text()
    for field in SmppProfile.__struct_fields__:
        assert re.search(rf"^\| `{field}` \|", page, re.MULTILINE), field
    for code, status in refusals.STATUS_OF.items():
        assert f"| `{code}` | {c.status_name(status)} |" in page, code
    for (code, param), status in refusals.STATUS_OF_FIELD.items():
        assert f"| `{code}` (`{param}`) | {c.status_name(status)} |" in page, (code, param)
    asked = (c.SUBMIT_SM, c.SUBMIT_MULTI, c.DATA_SM, c.QUERY_SM, c.CANCEL_SM, c.REPLACE_SM, c.BROADCAST_SM)
    for command in asked:
        from onesixty.smpp.layouts import command_name

        assert f"`{command_name(command)}`" in page
