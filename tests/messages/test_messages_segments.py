"""What carriers took of a message, by reference: whole, what is missing, and its state by receipts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.message import Attempt
from onesixty.messages.receipt_rules import state_of
from onesixty.messages.segments import latest, whole


def attempt(number: int, segment: int, reference: int | None, **fields: Any) -> Attempt:
    base: dict[str, Any] = {
        "message_id": "msg_1", "attempt": number, "segment": segment, "segments": 2, "account_id": "acc_1",
        "carrier_id": "car_a", "bind": None, "concat_reference": reference, "outcome": "accepted",
        "carrier_message_id": None, "match_id": None, "carrier_code": None, "error_code": None,
        "submitted_at": 0, "answered_at": 0,
    }  # fmt: skip
    return Attempt(**(base | fields))


def test_only_segments_of_one_carrier_and_reference_are_a_whole() -> None:
    other = attempt(2, 0, 9)
    assert whole([attempt(1, 1, 7), other]) is None
    assert whole([attempt(1, 1, 7), attempt(2, 0, 7, carrier_id="car_b")]) is None
    assert whole([attempt(1, 1, 7), other, attempt(3, 1, 9)]) is not None
    assert whole([attempt(1, 1, 7), attempt(2, 0, 7, outcome="unknown")]) is None


def test_a_message_goes_on_under_the_latest_reference_of_its_carrier() -> None:
    attempts = [attempt(1, 1, 7), attempt(2, 0, 9), attempt(2, 1, 9, outcome="unknown")]
    found = latest(attempts, "car_a")
    assert found is not None
    assert (found[0].number, found[1]) == (9, (1,))
    assert latest(attempts, "car_b") is None
    assert latest([attempt(1, 0, 7, outcome="unknown")], "car_a") is None


@pytest.mark.parametrize(
    ("attempts", "state"),
    [
        ([attempt(1, 0, 7, state="delivered")], None),
        ([attempt(1, 0, 7, state="delivered"), attempt(1, 1, 7, state="delivered")], "delivered"),
        ([attempt(1, 0, 7, state="delivered"), attempt(1, 1, 7, state="undelivered")], "undelivered"),
        ([attempt(1, 0, 7, state="delivered"), attempt(1, 1, 7)], None),
        # one segment of each reference: no handset has it
        ([attempt(1, 1, 7, state="delivered"), attempt(2, 0, 9, state="delivered")], None),
        # a segment sent again under its reference
        (
            [
                attempt(1, 0, 7, state="delivered"),
                attempt(1, 1, 7, state="undelivered"),
                attempt(2, 1, 7, state="delivered"),
            ],
            "delivered",
        ),
        # all of it sent again: the second one failed, the first one is there
        (
            [
                attempt(1, 0, 7, state="delivered"),
                attempt(1, 1, 7, state="delivered"),
                attempt(2, 0, 9, state="delivered"),
                attempt(2, 1, 9, state="undelivered"),
            ],
            "delivered",
        ),
    ],
)
def test_the_state_is_that_of_one_reference(attempts: list[Attempt], state: str | None) -> None:
    assert state_of(attempts) == state


STATES = st.sampled_from([None, "enroute", "delivered", "undelivered"])


@given(st.sampled_from(["accepted", "unknown"]), STATES)
def test_the_only_attempt_of_one_segment_is_judged_as_several_are(outcome: str, state: str | None) -> None:
    """The short way for most messages: said twice, the same takes the general way."""
    only = attempt(1, 0, None, segments=1, outcome=outcome, state=state)
    assert state_of([only]) == state_of([only, only])


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(0, 1), st.sampled_from([7, 9]), st.booleans(), STATES),
        max_size=8,
    )
)
def test_what_is_delivered_was_taken_whole(tries: list[tuple[int, int, int, bool, str | None]]) -> None:
    attempts = [
        attempt(number, segment, reference, outcome="accepted" if taken else "unknown", state=state)
        for number, segment, reference, taken, state in tries
    ]
    if state_of(attempts) is not None:
        assert whole(attempts) is not None
    found = latest(attempts, "car_a")
    assert (found is None) == all(one.outcome != "accepted" for one in attempts)
