"""What follows from a carrier's answers, over every combination of them."""

from itertools import product
from random import Random

import pytest

from onesixty.core import outcomes as o
from onesixty.core import statuses
from onesixty.core.contracts import Rendered, Submission
from onesixty.core.hop import Hop
from onesixty.core.message import PARKED, Message
from onesixty.core.outcomes import Outcome
from onesixty.dispatch.verdict import FRONT, OTHER, Alternative, Verdict, judge, lost
from onesixty.smpp.receipt import normal_id

NOW = 1_000_000

#: Short names for the answers that a segment can get.
ANSWERS = {
    "accepted": Outcome(o.ACCEPTED, carrier_message_id="0A1"),
    "throttled": Outcome(o.THROTTLED, code="carrier_throttled"),
    "unreachable": Outcome(o.RETRYABLE, code="carrier_unreachable"),
    "busy": Outcome(o.RETRYABLE, code="carrier_busy"),
    "message": Outcome(o.PERMANENT, code="message_refused", carrier_code="0x45"),
    "recipient": Outcome(o.PERMANENT, code="recipient_refused"),
    "sender": Outcome(o.PERMANENT, code="sender_refused"),
    "carrier": Outcome(o.PERMANENT, code="carrier_refused"),
    "unknown": Outcome(o.UNKNOWN, code="outcome_unknown"),
}
REFUSALS = ("message", "recipient", "sender", "carrier")
NOTHING_WENT = ("throttled", "unreachable")


def message(segments: int = 1, *, on_unknown: str = "resend", attempts: int = 0) -> Message:
    return Message(
        id="msg_1", account_id="acc_1", test=False, sender="Acme", recipient="+15551234567", text="hello",
        encoding="gsm7", segments=segments, class_="otp", price=7500, on_unknown=on_unknown, created_at=1,
        expires_at=NOW + 300_000, status="queued", claim=7, due_at=NOW + 300_000, attempts=attempts,
        carrier_id="car_a",
    )  # fmt: skip


def verdict(
    answers: tuple[str, ...],
    *,
    pending: list[int] | None = None,
    parts: int | None = None,
    on_unknown: str = "resend",
    alternative: str | None = None,
    attempts: int = 0,
    priced: int | None = None,
) -> Verdict:
    """`answers` for the pending segments of a message of `parts` segments as rendered."""
    pending = list(range(len(answers))) if pending is None else pending
    parts = parts or len(pending)
    one = message(priced or parts, on_unknown=on_unknown, attempts=attempts)
    submission = Submission(
        message=one, rendered=Rendered(parts, "Acme"), pending=pending,
        attempt=attempts + 1, concat_reference=99, validity_ms=300_000, submitted_at=NOW - 50,
    )  # fmt: skip
    given = {segment: ANSWERS[name] for segment, name in zip(pending, answers, strict=True)}
    return judge(
        submission,
        given,
        hop=Hop("car_a"),
        receipt_timeout_ms=60_000,
        alternative=Alternative("car_b", alternative == "up") if alternative else None,
        now=NOW,
        random=Random(1),
    )


def expected(
    answers: tuple[str, ...], on_unknown: str, alternative: str | None
) -> tuple[str | None, str | None]:
    """(status, then) by the written rules, for a message whose segments were all handed over."""
    kinds = set(answers)
    if kinds == {"accepted"}:
        return "sent", None
    if kinds <= set(NOTHING_WENT):
        return None, FRONT
    refusals = [answer for answer in answers if answer in REFUSALS]
    if refusals:
        if "accepted" in kinds:
            return "undelivered", None
        if "unknown" in kinds and on_unknown == "hold":
            return "held", None
        if alternative and refusals[0] in ("sender", "carrier"):
            return "queued", OTHER if alternative == "up" else None
        return "failed", None
    if "unknown" in kinds:
        return ("held", None) if on_unknown == "hold" else ("queued", FRONT)
    if "busy" in kinds:
        return "queued", None
    return "queued", FRONT


COMBINATIONS = [answers for size in (1, 2, 3) for answers in product(ANSWERS, repeat=size)]


@pytest.mark.parametrize("on_unknown", ["resend", "hold"])
@pytest.mark.parametrize("alternative", [None, "up", "away"])
def test_every_combination_of_answers(on_unknown: str, alternative: str | None) -> None:
    """Over 1 to 3 segments, with another carrier, one that is away or none, resending or holding what is unknown."""
    for answers in COMBINATIONS:
        found = verdict(answers, on_unknown=on_unknown, alternative=alternative)
        status, then = expected(answers, on_unknown, alternative)
        about = (answers, on_unknown, alternative)
        assert found.then == then, about
        left = [segment for segment, answer in enumerate(answers) if answer != "accepted"]
        if status is None:
            assert found.change is None, about
            assert not found.attempts, "what never went is no attempt"
            assert found.pending == left
            continue
        assert found.change is not None, about
        after = found.change.after
        assert after.status == status, about
        assert [a.segment for a in found.attempts] == list(range(len(answers))), about
        assert {a.attempt for a in found.attempts} == {1} == {after.attempts}
        passed_on = status == "queued" and after.carriers_tried is not None
        assert after.carrier_id == ("car_b" if passed_on else "car_a")
        assert passed_on == (then == OTHER or (alternative == "away" and bool(after.carriers_tried)))
        if then == FRONT:
            assert found.pending == left, about
            assert after.claim == 7, "it stays in memory"
        may_go_twice = "unknown" in answers and status == "queued"
        assert after.duplicates == int(may_go_twice), about
        if status in statuses.TERMINAL:
            assert after.error_code is not None
            assert after.done_at == NOW
        if status == "queued" and then is None:
            assert after.claim == PARKED, about
            assert NOW < (after.due_at or 0) <= after.expires_at


def test_what_all_carriers_took_waits_for_its_receipts() -> None:
    found = verdict(("accepted", "accepted"))
    assert found.change is not None
    assert found.change.event == "message.sent"
    assert found.change.after.due_at == NOW + 300_000 + 60_000
    assert found.change.after.sender_used == "Acme"
    assert {a.match_id for a in found.attempts} == {normal_id("0A1")}
    assert found.attempts[0].carrier_message_id == "0A1"
    assert found.attempts[0].concat_reference == 99


def test_some_taken_and_one_refused_is_undelivered_and_paid_for() -> None:
    """Segment 1 failed, segment 2 taken: one written rule."""
    found = verdict(("message", "accepted"), alternative="up")
    assert found.change is not None
    after = found.change.after
    assert (after.status, after.error_code, after.carrier_code) == (
        "undelivered",
        "partially_refused",
        "0x45",
    )
    assert after.sent_at == NOW


def test_the_rest_of_a_message_counts_as_partly_taken() -> None:
    refused = verdict(("sender",), pending=[1], parts=2, alternative="up", attempts=1)
    assert refused.change is not None
    assert refused.change.after.status == "undelivered"
    taken = verdict(("accepted",), pending=[1], parts=2, attempts=1)
    assert taken.change is not None
    assert taken.change.after.status == "sent"


@pytest.mark.parametrize(("priced", "parts"), [(1, 2), (2, 3), (3, 2), (2, 1)])
def test_segments_are_counted_as_the_carrier_got_them(priced: int, parts: int) -> None:
    """Price counts canonically, the wire may need more or fewer: nothing taken is not partly taken."""
    none = verdict(("sender",) * parts, parts=parts, priced=priced, alternative="up")
    assert none.then == OTHER
    assert {a.segments for a in none.attempts} == {parts}
    if parts > 1:
        some = verdict(
            ("accepted",) * (parts - 1) + ("sender",), parts=parts, priced=priced, alternative="up"
        )
        assert some.change is not None
        assert some.change.after.status == "undelivered"


def test_a_carrier_that_was_tried_is_remembered() -> None:
    found = verdict(("sender",), alternative="up")
    assert found.change is not None
    assert found.change.after.carriers_tried == "car_a"


def test_unknown_twice_waits_before_it_goes_again() -> None:
    found = verdict(("unknown",), attempts=1)
    assert found.then is None
    assert found.change is not None
    assert found.change.after.claim == PARKED


def test_a_retry_after_which_the_carrier_asked_for_more_time_waits_that_long() -> None:
    ANSWERS["busy_long"] = Outcome(o.RETRYABLE, code="carrier_busy", retry_after=120.0)
    try:
        found = verdict(("busy_long",))
    finally:
        del ANSWERS["busy_long"]
    assert found.change is not None
    assert found.change.after.due_at == NOW + 120_000


@pytest.mark.parametrize(("on_unknown", "status"), [("resend", "queued"), ("hold", "held")])
def test_what_outlived_its_node_is_unknown(on_unknown: str, status: str) -> None:
    """What was in an open flight at a kill is resent and counted, or held."""
    found = lost(message(2, on_unknown=on_unknown), Hop("car_a"), NOW)
    assert found.change is not None
    after = found.change.after
    assert after.status == status
    assert after.claim == 0
    assert after.duplicates == int(on_unknown == "resend")
    assert [(a.outcome, a.segment) for a in found.attempts] == [("unknown", 0), ("unknown", 1)]
