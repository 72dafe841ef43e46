"""Money and times at the edge, the catalogue of errors, the events."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onesixty.core import errors, events, money, outcomes, statuses, times
from onesixty.core.errors import CATALOGUE, Problem

SCOPES = {"request", "message", "recipient", "sender", "carrier", "account"}


@given(st.integers(-(10**15), 10**15))
@example(7500)
@example(-1)
def test_money_comes_back_as_it_was(micros: int) -> None:
    text = money.to_text(micros)
    assert money.from_text(text) == micros
    assert re.fullmatch(r"-?\d+\.\d{2,6}", text)


@pytest.mark.parametrize(
    ("micros", "text"),
    [(7500, "0.0075"), (1_000_000, "1.00"), (1_500_000, "1.50"), (-10, "-0.00001"), (0, "0.00")],
)
def test_money_as_text(micros: int, text: str) -> None:
    assert money.to_text(micros) == text


@pytest.mark.parametrize("text", ["", "a", "0.0000001", "NaN", "Infinity", "1,5", "1.2.3"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid amount"):
        money.from_text(text)


@given(st.integers(0, 253_402_300_799_999))
@example(1_764_000_000_001)
@example(1_800_000_000_057)
def test_times_come_back_as_they_were(ms: int) -> None:
    text = times.to_text(ms)
    assert times.from_text(text) == ms
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)


def test_times_of_other_zones_and_precisions() -> None:
    expected = int(datetime(2026, 11, 22, 22, 7, 1, tzinfo=UTC).timestamp()) * 1000
    assert times.from_text("2026-11-22T23:07:01+01:00") == expected
    assert times.from_text("2026-11-22T22:07:01.250999Z") == expected + 250


@pytest.mark.parametrize(
    "text", ["2026-11-22T23:07:01", "2026-11-22", "tomorrow", "", "2026-13-01T00:00:00Z"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # fromisoformat words its own
        times.from_text(text)


def test_every_error_says_whether_a_retry_helps_and_how_far_it_reaches() -> None:
    """Errors that do not say whether a retry can help."""
    assert len(CATALOGUE) == len(errors._ROWS), "a code stands twice"
    for code, kind in CATALOGUE.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
        assert isinstance(kind.retryable, bool)
        assert kind.scope in SCOPES
        assert kind.title.endswith(".")
        assert (kind.status == 0) == (kind.scope != "request"), "only what answers a request has a status"
        if kind.status in (408, 429, 500, 503):
            assert kind.retryable
        elif kind.status and code != "not_terminal":
            assert 400 <= kind.status < 500
            assert not kind.retryable


def test_a_problem_carries_its_row_of_the_catalogue() -> None:
    problem = Problem("invalid_recipient", param="to", retry_after=2, extra={"reason": "too_short"})
    assert problem.kind is CATALOGUE["invalid_recipient"]
    assert problem.detail == problem.kind.title
    assert problem.param == "to"
    with pytest.raises(KeyError):
        Problem("no_such_code")


def test_every_status_that_a_message_can_go_to_has_its_event() -> None:
    for status in set().union(*statuses.TRANSITIONS.values()):
        assert events.of_status(status) in events.TYPES


def test_there_are_five_outcomes() -> None:
    kinds = {outcomes.ACCEPTED, outcomes.THROTTLED, outcomes.RETRYABLE, outcomes.PERMANENT, outcomes.UNKNOWN}
    assert len(kinds) == 5
