"""Handsets: what they show, and the bounds of their memory."""

import pytest

from onesixty import text as text_
from onesixty.channels.sms.rendering import Segments
from onesixty.core.contracts import Submission
from onesixty.core.tenant import Tenant
from onesixty.simulator.handsets import Handsets, Part, is_flash
from onesixty.simulator.networks import (
    ELSEWHERE,
    countries,
    first_carriers,
    number_in,
    operator_of,
    operators_of,
)
from tests.carriers.conformance import message

LONG = "Grüße 👋 aus dem Sandkasten. " * 10


def submission(
    text: str, *, number: int = 1, reference: int = 7, data_coding: int | None = None, to: str = "+15551234567",
    attempt: int = 1,
) -> Submission:  # fmt: skip
    rendering = text_.render(text, reference=reference)
    coding = rendering.data_coding if data_coding is None else data_coding
    parts = rendering.segments
    rendered = Segments(
        len(parts),
        "Acme",
        payloads=[one.payload for one in parts],
        udhs=[one.udh for one in parts],
        data_coding=coding,
    )
    one = message(text, number=number, recipient=to, country="US")
    return Submission(one, rendered, list(range(rendered.units)), attempt, reference, 60_000, 0)


def take(handsets: Handsets, one: Submission, *segments: int, at: int = 1) -> None:
    for segment in segments:
        handsets.take("car_1", one, segment, at)


OWNER = Tenant("acc_1", False)


def texts(handsets: Handsets, number: str = "+15551234567") -> list[tuple[str, bool]]:
    handset = handsets.find(OWNER, number)
    assert handset is not None
    return [(one.text, one.complete) for one in handset.messages()]


def test_parts_are_joined_in_the_order_of_their_headers() -> None:
    """Also when they come mixed with those of another message, and of the same text sent again."""
    handsets = Handsets()
    one, again, other = (
        submission(LONG),
        submission(LONG, attempt=2),
        submission("x" * 200, number=2, reference=8),
    )
    take(handsets, one, 4, 2)
    take(handsets, other, 1)
    take(handsets, again, 0, 1, 2, 3, 4)
    take(handsets, one, 0, 1, 3)
    take(handsets, other, 0)
    found = texts(handsets)
    assert sorted(found) == sorted([(LONG, True), (LONG, True), ("x" * 200, True)])


def test_what_misses_a_part_says_so() -> None:
    handsets = Handsets()
    take(handsets, submission("a" * 153 + "b" * 153 + "c" * 10), 0, 2)
    (shown,) = handsets.every()[0].messages()
    assert (shown.text, shown.parts, shown.total, shown.complete) == ("a" * 153 + "c" * 10, 2, 3, False)


@pytest.mark.parametrize(
    ("data_coding", "flash", "encoding"),
    [(0, False, "gsm7"), (0x10, True, "gsm7"), (0x18, True, "ucs2"), (0xF0, True, "gsm7"), (0xF1, False, "gsm7"),
     (0x14, True, "binary"), (4, False, "binary"), (0xF4, True, "binary"), (8, False, "ucs2")],
)  # fmt: skip
def test_flash_and_alphabets_are_seen_in_the_data_coding(
    data_coding: int, flash: bool, encoding: str
) -> None:
    """3GPP TS 23.038, section 4."""
    handsets = Handsets()
    take(handsets, submission("ab", data_coding=data_coding), 0)
    (shown,) = handsets.every()[0].messages()
    assert (shown.flash, shown.encoding, is_flash(data_coding)) == (flash, encoding, flash)
    assert shown.text == ("6162" if encoding == "binary" else "ab" if encoding == "gsm7" else "慢")


def test_shift_tables_are_read_where_the_header_names_them() -> None:
    """A phone that knows the tables shows what was written."""
    said = "Şifreniz değişti. " * 20
    choice = text_.choose(said, "gsm7", "tr")
    segments = text_.render_headed(said, "gsm7", reference=7, shifts=choice.shifts).segments
    one = submission("x")
    one.rendered = Segments(
        len(segments),
        "Acme",
        payloads=[part.payload for part in segments],
        udhs=[part.udh for part in segments],
        data_coding=0,
    )
    handsets = Handsets()
    take(handsets, one, *range(len(segments)))
    assert texts(handsets) == [(said, True)]


def test_memory_is_bounded() -> None:
    handsets = Handsets(most_handsets=3, most_messages=2)
    for number in range(5):
        for n in range(4):
            take(handsets, submission(f"{n}", number=number * 10 + n, to=f"+1555123456{number}"), 0)
    assert [one.number[-1] for one in handsets.every()] == ["4", "3", "2"]
    assert texts(handsets, "+15551234564") == [("2", True), ("3", True)]
    take(handsets, submission("again", to="+15551234562"), 0)
    take(handsets, submission("new", to="+15551234569"), 0)
    assert [one.number[-1] for one in handsets.every()] == ["9", "2", "4"]


def test_messages_of_all_handsets_are_bounded_together() -> None:
    """The handset that nobody used for the longest time gives way, message by message."""
    handsets = Handsets(most_messages=3, most_kept=4)
    first, second = "+15551234561", "+15551234562"
    for n in range(5):
        take(handsets, submission(f"{n}", number=n, to=first), 0)
    assert texts(handsets, first) == [("2", True), ("3", True), ("4", True)]
    take(handsets, submission("a", number=11, to=second), 0)
    take(handsets, submission("b", number=12, to=second), 0)
    assert texts(handsets, first) == [("3", True), ("4", True)]
    handsets.forget(message("", number=4).id)
    take(handsets, submission("c", number=13, to=second), 0)
    assert texts(handsets, first) == [("3", True)], "what was forgotten has made room"
    take(handsets, submission("d", number=14, to=second), 0)
    take(handsets, submission("last", number=5, to="+15551234563"), 0)
    assert texts(handsets, second) == [("b", True), ("c", True), ("d", True)]
    take(handsets, submission("more", number=6, to="+15551234563"), 0)
    assert handsets.find(OWNER, first) is None, "a handset without messages goes, too"


def test_what_a_handset_sent_stands_among_what_it_got() -> None:
    handsets = Handsets()
    take(handsets, submission("hello"), 0)
    handset = handsets.every()[0]
    handsets.sent(handset, "40404", [Part(b"", b"STOP", 0)], 2, "car_1")
    assert [(one.direction, one.text) for one in handset.messages()] == [
        ("received", "hello"),
        ("sent", "STOP"),
    ]
    handsets.forget("msg_" + "1".rjust(26, "0"))
    assert [(one.direction, one.text) for one in handset.messages()] == [("sent", "STOP")]
    handsets.sent(handset, "50505", [Part(b"", b"START", 0)], 3, "car_1")
    handsets.forget_sent(Tenant("acc_nobody", False), handset.number, "40404")
    handsets.forget_sent(handset.owner, handset.number, "40404")
    assert [one.text for one in handset.messages()] == ["START"], (
        "redaction of what it sent reaches it as well"
    )


def test_a_number_has_one_operator_and_none_of_them_is_real() -> None:
    codes = [operator.code for country in countries() for operator in operators_of(country)]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 6 and int(code[3:]) >= 991 for code in codes)
    assert len({country.mcc for country in countries().values()}) == len(countries())
    assert operator_of("DE", "+4915112345678") == operator_of("DE", "+4915112345678")
    assert operator_of("AQ", "+67212345") is ELSEWHERE
    assert operator_of(None, "+1") is ELSEWHERE


def test_numbers_of_a_country_are_possible_ones() -> None:
    import random

    from onesixty import numbers

    for country in countries():
        assert numbers.parse(number_in(country, random.Random(1))).country == country


def test_the_carriers_of_a_first_start_can_be_built() -> None:
    from onesixty.carriers.registry import BUILT_IN

    for one in first_carriers():
        assert BUILT_IN.validate("simulator", one.settings).keys() == one.settings.keys()
