"""The tables of a message's life."""

import pytest

from onesixty.core import statuses as s
from onesixty.core.errors import CATALOGUE


def reachable(start: str) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        for status in s.TRANSITIONS[todo.pop()]:
            if status not in found:
                found.add(status)
                todo.append(status)
    return found


def test_every_status_has_its_row_and_outbound_ones_are_reachable() -> None:
    assert set(s.TRANSITIONS) == set(s.ALL)
    assert reachable(s.SCHEDULED) | {s.SCHEDULED} == set(s.ALL) - {s.RECEIVED}


def test_from_every_status_an_end_can_be_reached() -> None:
    for status in set(s.ALL) - s.TERMINAL:
        assert reachable(status) & s.TERMINAL


def test_ends_are_final_except_for_corrections_to_delivered() -> None:
    for status in s.TERMINAL:
        expected = {s.DELIVERED} if status in (s.UNDELIVERED, s.UNCONFIRMED) else set()
        assert s.TRANSITIONS[status] == expected


def test_nothing_goes_back_to_waiting_once_a_carrier_took_it() -> None:
    assert not reachable(s.SENT) & s.WAITING
    assert not s.WAITING & s.TERMINAL


def test_no_status_follows_itself() -> None:
    assert not any(s.may_follow(status, status) for status in s.ALL)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        (("DELIVRD", "DELIVERED"), (s.DELIVERED, None)),
        (("EXPIRED",), (s.UNDELIVERED, "carrier_expired")),
        (("DELETED",), (s.UNDELIVERED, "carrier_deleted")),
        (("UNDELIV", "FAILED", "FAIL", "UNDELIVERABLE"), (s.UNDELIVERED, "undeliverable")),
        (("REJECTD", "REJECTED"), (s.UNDELIVERED, "carrier_rejected")),
        (("SKIPPED",), (s.UNDELIVERED, "carrier_skipped")),
        (
            ("ENROUTE", "EN_ROUTE", "BUFFERED", "ACCEPTD", "ACCEPTED", "UNKNOWN", "SCHEDULED"),
            (s.ENROUTE, None),
        ),
    ],
)
def test_what_the_words_of_receipts_mean(words: tuple[str, ...], meaning: tuple[str, str | None]) -> None:
    """ACCEPTD is not final; words that no specification has are read, too."""
    for word in words:
        assert s.MESSAGE_STATE[s.RECEIPT_WORD[word]] == meaning


def test_every_word_and_state_is_known() -> None:
    assert set(s.RECEIPT_WORD.values()) == set(s.MESSAGE_STATE)
    for state, code in s.MESSAGE_STATE.values():
        assert (code in CATALOGUE) == (state == s.UNDELIVERED)
