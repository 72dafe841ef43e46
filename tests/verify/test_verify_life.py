"""The life of a verification: what each step does, and what holds whatever happens in whatever order."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from onesixty.verify import life
from onesixty.verify import verification as v
from onesixty.verify.guarding import Verdict
from onesixty.verify.verification import VERIFICATIONS, Verification, Way
from tests.verify.samples import AT, LIFE, verification

S = 1000
HELD = Verdict(action="hold", guard="range", key="a range", reason="too many", until=AT + 300 * S)


def sent(one: Verification, now: int = AT, reason: str = v.ASKED) -> Verification:
    return life.sending(life.with_code(one, now), now, reason=reason, message_id=f"msg_{one.sends + 1}")


def test_a_right_code_approves() -> None:
    after, outcome = life.checked(sent(verification()), True, False, AT + 20 * S)
    assert (outcome, after.status, after.checks) == ("approved", v.APPROVED, 1)
    assert (after.due_at, after.ended_at) == (None, AT + 20 * S)
    assert after.approved_by == 1


def test_wrong_codes_are_counted_and_the_last_one_exhausts() -> None:
    one = sent(verification(max_checks=3))
    outcomes = []
    for _ in range(3):
        one, outcome = life.checked(one, False, False, AT)
        outcomes.append((outcome, life.attempts_left(one)))
    assert outcomes == [("wrong", 2), ("wrong", 1), ("exhausted", 0)]
    assert one.status == v.EXHAUSTED


def test_a_code_after_its_life_is_expired_and_right_at_its_last_moment() -> None:
    one = sent(verification())
    assert life.checked(one, True, False, one.expires_at - 1).outcome == "approved"
    after, outcome = life.checked(one, True, False, one.expires_at)
    assert (outcome, after.status, after.checks) == ("expired", v.EXPIRED, 0)


def test_a_young_code_is_sent_again_and_an_old_one_is_replaced() -> None:
    one = sent(verification())
    young = sent(one, AT + LIFE // 2 - 1, v.RESEND)
    assert (young.generation, young.expires_at, young.sends) == (1, one.expires_at, 2)
    old = sent(one, AT + LIFE // 2, v.RESEND)
    assert (old.generation, old.expires_at) == (2, AT + LIFE // 2 + LIFE)
    assert old.before_until == AT + LIFE // 2 + life.GRACE_MS


def test_a_code_with_little_time_left_is_not_sent_again() -> None:
    short = verification(life_ms=200_000, expires_at=AT + 200_000, ends_at=AT + 600_000)
    assert sent(sent(short), AT + 70 * S).generation == 1
    assert sent(sent(short), AT + 90 * S).generation == 2, "less than 120 s are left"


def test_the_code_before_counts_for_a_minute_and_is_told_apart_afterwards() -> None:
    one = sent(sent(verification()), AT + 400 * S)
    assert life.checked(one, False, True, AT + 459 * S).outcome == "approved"
    after, outcome = life.checked(one, False, True, AT + 461 * S)
    assert (outcome, after.status, after.checks) == ("superseded", v.PENDING, 1)


def test_a_resend_gives_no_checks_back_and_no_life_beyond_three() -> None:
    one = sent(verification(max_sends=10))
    one, _ = life.checked(one, False, False, AT)
    now = AT
    for _ in range(9):
        now += 400 * S
        if life.is_over(one, now):
            break
        one = sent(one, now, v.RESEND)
        assert one.checks == 1
        assert one.expires_at <= one.ends_at
    assert one.ends_at == AT + 3 * LIFE


def test_the_pauses_between_sends_grow() -> None:
    one, now, pauses = verification(), AT, []
    for _ in range(5):
        one = sent(one, now)
        pauses.append((one.next_send_at - now) // S)
        assert not life.may_send(one, one.next_send_at - 1)
        now = one.next_send_at
    assert pauses == [30, 60, 120, 240, 240]
    assert not life.may_send(one, now), "five sends are all"


def test_a_callers_own_code_stays_until_another_one_comes() -> None:
    own = sent(verification(sealed_code="sealed:1"))
    again = sent(own, AT + 500 * S)
    assert (again.generation, again.sealed_code, again.expires_at) == (1, "sealed:1", own.expires_at)
    other = life.with_code(own, AT + 500 * S, "sealed:2")
    assert (other.generation, other.sealed_code, other.sealed_before) == (2, "sealed:2", "sealed:1")


def test_the_next_carrier_and_the_next_channel_have_their_times() -> None:
    both = verification(plan=(Way(v.SMS, 90), Way(v.EMAIL, 0)), other="ada@example.com", no_report_s=45)
    one = life.timed(life.taken(sent(both), 1, AT + 2 * S))
    assert (one.fallback_at, one.due_at) == (AT + 47 * S, AT + 47 * S)
    assert not life.falls_back(one, AT + 46 * S)
    assert life.falls_back(one, AT + 47 * S)
    reported = life.timed(life.delivered(one, 1, AT + 5 * S))
    assert reported.fallback_at == AT + 92 * S, "delivered is not read"
    passed = life.timed(life.skipped(one, v.SMS, "no_route", AT + 47 * S))
    assert passed.fallback_at == AT + 92 * S, "there is no other carrier"
    assert life.next_place(passed) == 1
    assert life.next_place(life.skipped(passed, v.EMAIL, "mail_unavailable", AT + 92 * S)) is None


def test_a_send_that_nobody_took_is_a_reason_at_once() -> None:
    one = life.timed(life.not_sent(sent(verification()), 1, "undeliverable", AT + S))
    assert life.falls_back(one, AT + S)
    assert life.all_failed(one)
    assert not life.all_failed(sent(one, AT + 40 * S))


def test_nothing_falls_back_without_an_address() -> None:
    both = verification(plan=(Way(v.SMS, 90), Way(v.EMAIL, 0)))
    one = life.timed(life.taken(sent(both), 1, AT))
    assert (one.fallback_at, one.due_at) == (None, one.expires_at)


def test_a_held_one_ends_with_its_hold_and_has_no_right_code() -> None:
    one = life.held(verification(), HELD, AT)
    assert (one.status, one.expires_at, one.due_at) == (v.HELD, AT + 300 * S, AT + life.HELD_MS)
    assert life.checked(one, True, False, AT).outcome == "wrong"
    free = sent(life.released(one, AT + 100 * S), AT + 100 * S, v.RELEASED)
    assert (free.status, free.expires_at) == (v.PENDING, AT + 100 * S + LIFE)


def test_a_row_keeps_everything() -> None:
    one = life.taken(sent(verification(other="ada@example.com", no_report_s=45)), 1, AT)
    assert VERIFICATIONS.read(VERIFICATIONS.values(one)) == one


@given(st.integers(0, 10_000_000))
def test_an_end_is_an_end(later: int) -> None:
    one, _ = life.checked(sent(verification()), True, False, AT)
    assert life.ended(one, v.CANCELED, AT + later) == one
    assert life.taken(one, 1, AT + later) == one
    assert life.timed(one) == one


class Interleavings(RuleBasedStateMachine):
    """Start, sends, checks, reports, expiry and cancel in any order, as one writer after the other makes them."""

    one: Verification

    @initialize(
        checks=st.integers(1, 4),
        sends=st.integers(1, 5),
        seconds=st.integers(30, 900),
        email=st.booleans(),
        own=st.booleans(),
    )
    def start(self, checks: int, sends: int, seconds: int, email: bool, own: bool) -> None:
        self.now = AT
        self.approvals = self.ends = 0
        self.spent = 0
        made = verification(
            max_checks=checks, max_sends=sends, life_ms=seconds * S, expires_at=AT + seconds * S,
            ends_at=AT + 3 * seconds * S, no_report_s=45, sealed_code="sealed:1" if own else None,
            plan=(Way(v.SMS, 90), Way(v.EMAIL, 60)), other="ada@example.com" if email else None,
        )  # fmt: skip
        self.one = sent(made, AT)

    def put(self, after: Verification) -> None:
        """Another state is on disk."""
        before, self.one = self.one, after
        assert after.checks >= before.checks
        assert after.sends >= before.sends
        assert after.generation >= before.generation
        assert after.steps[: len(before.steps)] == before.steps, "history is only added to"
        if before.is_open and not after.is_open:
            self.ends += 1
        if not before.is_open:
            assert msgspec.structs.replace(after, steps=before.steps) == before

    @rule(seconds=st.integers(1, 400))
    def time_goes_by(self, seconds: int) -> None:
        self.now += seconds * S

    @rule(fits=st.booleans(), before=st.booleans())
    def check(self, fits: bool, before: bool) -> None:
        if not self.one.is_open:
            return
        before = before and self.one.generation > 1
        over = life.is_over(self.one, self.now)
        after, outcome = life.checked(self.one, fits, before, self.now)
        assert (outcome == "expired") == over
        self.spent += not over
        self.approvals += outcome == "approved"
        if outcome == "approved":
            assert fits or self.now < self.one.before_until
        self.put(after)

    @rule()
    def resend(self) -> None:
        if self.one.is_open and not life.is_over(self.one, self.now) and life.may_send(self.one, self.now):
            self.put(sent(self.one, self.now, v.RESEND))

    @rule(send=st.integers(1, 5), what=st.sampled_from(["taken", "delivered", "not_sent"]))
    def report(self, send: int, what: str) -> None:
        if send > self.one.sends:
            return
        change = {
            "taken": lambda: life.taken(self.one, send, self.now),
            "delivered": lambda: life.delivered(self.one, send, self.now),
            "not_sent": lambda: life.not_sent(self.one, send, "undeliverable", self.now),
        }[what]
        self.put(life.timed(change()))

    @rule()
    def fall_back(self) -> None:
        one, now = self.one, self.now
        if not one.is_open or life.is_over(one, now) or not life.falls_back(one, now):
            return
        place = life.next_place(one)
        if place is not None:
            self.put(
                life.sending(
                    life.with_code(one, now), now, reason=v.NOT_APPROVED, place=place, message_id="msg_x"
                )
            )
        elif life.all_failed(one):
            self.put(life.ended(one, v.FAILED, now))
        else:
            self.put(life.postponed(one, None))

    @rule()
    def sweep(self) -> None:
        if life.is_over(self.one, self.now):
            self.put(life.ended(self.one, v.EXPIRED, self.now))

    @rule()
    def cancel(self) -> None:
        self.put(life.ended(self.one, v.CANCELED, self.now))

    @invariant()
    def it_keeps_its_bounds(self) -> None:
        one = self.one
        assert self.approvals <= 1
        assert self.ends <= 1
        assert one.checks <= one.max_checks
        assert one.checks == self.spent
        assert one.sends <= one.max_sends
        assert one.expires_at <= one.ends_at
        assert (one.status == v.APPROVED) == (self.approvals == 1)
        assert (one.due_at is None) == (not one.is_open)
        assert (one.ended_at is None) == one.is_open
        if one.due_at is not None:
            assert one.due_at <= one.expires_at


Interleavings.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestInterleavings = Interleavings.TestCase
