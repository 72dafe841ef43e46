"""Pacing, breaker, back-off and references, each with time and chance handed in."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.dispatch.backoff import DELAYS, SPREAD, delay_ms
from onesixty.dispatch.breaker import CLOSED, COOLDOWN, LONGEST_COOLDOWN, OPEN, THRESHOLD, TRIAL, Breaker
from onesixty.dispatch.pacing import Bucket
from onesixty.dispatch.references import PAIRS, References

# ------------------------------------------------------------ pacing


def test_a_throughput_of_nothing_is_unlimited() -> None:
    """Throughput 0 means unlimited, and divides nothing."""
    bucket = Bucket(0, 0.0)
    bucket.take(10**6, 0.0)
    assert bucket.available(0.0) > 10**6
    assert bucket.wait(0.0) == 0.0


def test_a_long_message_goes_and_is_paid_back() -> None:
    """Rate limits count segments; the average is kept by debt."""
    bucket = Bucket(2, 0.0)
    assert bucket.available(0.0) == 1
    bucket.take(7, 0.0)
    assert bucket.available(0.0) == 0
    assert bucket.wait(0.0) == pytest.approx(3.5)
    assert bucket.available(3.4) == 0
    assert bucket.available(3.5) == 1


@given(st.floats(0.1, 500), st.lists(st.tuples(st.floats(0, 2), st.integers(1, 10)), min_size=5, max_size=80))
def test_the_average_is_kept_over_any_time(rate: float, steps: list[tuple[float, int]]) -> None:
    bucket, now, went, last = Bucket(rate, 0.0), 0.0, 0, 0
    for pause, segments in steps:
        now += pause
        if bucket.available(now):
            bucket.take(segments, now)
            went, last = went + segments, segments
        # The burst at the start, what came in since, and the debt of the last message.
        assert went - last <= max(1.0, rate * 0.1) + rate * now + 1e-6


@given(st.floats(0.01, 1000), st.integers(1, 20))
def test_after_the_wait_a_segment_may_go(rate: float, segments: int) -> None:
    bucket = Bucket(rate, 0.0)
    bucket.take(segments, 0.0)
    assert bucket.available(bucket.wait(0.0) + 1e-6) >= 1


# ------------------------------------------------------------ breaker


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(THRESHOLD):
        breaker.sick(now)
    return breaker


def test_it_opens_after_enough_sick_outcomes_in_a_row() -> None:
    breaker = Breaker()
    for _ in range(THRESHOLD - 1):
        breaker.sick(0.0)
    breaker.healthy()
    for _ in range(THRESHOLD - 1):
        breaker.sick(0.0)
    assert breaker.state == CLOSED
    assert breaker.allowance(0.0) > 10**6
    breaker.sick(0.0)
    assert breaker.state == OPEN
    assert breaker.opened == 1


def test_one_message_tries_after_the_cooldown() -> None:
    breaker = opened()
    assert breaker.allowance(COOLDOWN - 0.1) == 0
    assert breaker.wait(1.0) == pytest.approx(COOLDOWN - 1)
    assert not breaker.due(COOLDOWN - 0.1)
    assert breaker.due(COOLDOWN)
    assert breaker.allowance(COOLDOWN) == 1
    assert breaker.state == TRIAL
    assert breaker.allowance(COOLDOWN) == 0, "one at a time"
    breaker.healthy()
    assert breaker.state == CLOSED


def test_a_failed_trial_doubles_the_cooldown_up_to_a_bound() -> None:
    breaker, now, cooldowns = opened(), 0.0, []
    for _ in range(8):
        cooldowns.append(breaker.wait(now))
        now += breaker.wait(now)
        assert breaker.allowance(now) == 1
        breaker.sick(now)
    assert cooldowns[:4] == [COOLDOWN, COOLDOWN * 2, COOLDOWN * 4, COOLDOWN * 8]
    assert cooldowns[-1] == LONGEST_COOLDOWN
    breaker.allowance(now + LONGEST_COOLDOWN)
    breaker.healthy()
    for _ in range(THRESHOLD):
        breaker.sick(now)
    assert breaker.wait(now) == COOLDOWN, "healed: it begins anew"


def test_a_trial_that_never_went_leaves_room_for_another() -> None:
    breaker = opened()
    breaker.allowance(COOLDOWN)
    breaker.trial_lost(COOLDOWN)
    assert breaker.allowance(COOLDOWN) == 1
    closed = Breaker()
    closed.trial_lost(0.0)
    assert closed.state == CLOSED


# ------------------------------------------------------------ back-off


@given(st.integers(0, 10**6), st.integers(), st.none() | st.floats(0, 5000))
def test_delays_stay_within_their_bounds(attempts: int, seed: int, asked: float | None) -> None:
    found = delay_ms(attempts, Random(seed), asked)
    base = DELAYS[min(max(attempts, 1), len(DELAYS)) - 1]
    assert max(base * SPREAD, asked or 0) * 1000 - 1 <= found <= max(base, asked or 0) * 1000


def test_delays_grow() -> None:
    assert list(DELAYS) == sorted(DELAYS)
    random = Random(1)
    spread = {delay_ms(3, random) for _ in range(50)}
    assert len(spread) > 40, "no stampede: each draws its own"


# ------------------------------------------------------------ references


def test_long_messages_between_two_never_share_a_reference_while_it_can_matter() -> None:
    """Unique per sender and recipient; a carrier that writes 8 bits has 256 between two."""
    references = References(Random(1))
    made = [references.next("Acme", "+1") for _ in range(70_000)]
    assert len(set(made[:65_536])) == 65_536
    eight = [one & 0xFF for one in made]
    assert all(len(set(eight[at : at + 256])) == 256 for at in range(0, 2000, 7))
    assert 0 in made, "0 is legal"
    assert all(0 <= one <= 0xFFFF for one in made)


def test_pairs_do_not_share_a_counter_and_are_forgotten_in_the_order_they_were_used() -> None:
    references = References(Random(1))
    first = references.next("Acme", "+1")
    assert references.next("Acme", "+2") != first or references.next("Other", "+1") != first
    for number in range(PAIRS - 1):
        references.next("Acme", f"+9{number}")
        references.next("Acme", "+1")
    assert references.next("Acme", "+1") == (first + PAIRS) % 65_536
