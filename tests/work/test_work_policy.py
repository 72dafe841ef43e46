"""The retry schedule: 72 hours, growing pauses, jitter within its bounds."""

import random

from hypothesis import given
from hypothesis import strategies as st

from onesixty.webhooks.policy import POLICY

DAY = 86_400_000


def schedule(seed: int) -> list[int]:
    """The times of all attempts at a delivery that always fails, from 0, in ms."""
    chance = random.Random(seed)
    times, now = [0], 0
    while (due := POLICY.next_attempt(len(times), now, POLICY.life_ms, chance)) is not None:
        times.append(due)
        now = due
    return times


@given(st.integers())
def test_attempts_fill_72_hours_and_end_there(seed: int) -> None:
    times = schedule(seed)
    assert times == sorted(times)
    assert times[-1] < POLICY.life_ms
    assert times[-1] >= POLICY.life_ms - 15 * 60 * 1000
    assert 20 <= len(times) <= 60


@given(st.integers(1, 100), st.integers())
def test_each_pause_is_drawn_within_its_bounds(tries: int, seed: int) -> None:
    shortest, longest = POLICY.pause_bounds(tries)
    due = POLICY.next_attempt(tries, 0, POLICY.life_ms, random.Random(seed))
    assert due is not None
    assert shortest * 1000 - 1 <= due <= longest * 1000


def test_bounds_never_shrink() -> None:
    bounds = [POLICY.pause_bounds(tries) for tries in range(1, 40)]
    assert bounds == sorted(bounds)
    assert bounds[0] == (2.5, 7.5)
    assert bounds[-1] == (POLICY.pauses[-1] * 0.5, POLICY.pauses[-1] * 1.5)


@given(st.floats(0, 10**9), st.integers(1, 40), st.integers())
def test_retry_after_makes_a_pause_longer_within_reason(asked: float, tries: int, seed: int) -> None:
    plain = POLICY.next_attempt(tries, 0, POLICY.life_ms, random.Random(seed))
    due = POLICY.next_attempt(tries, 0, POLICY.life_ms, random.Random(seed), asked)
    assert plain is not None
    assert due is not None
    assert due == max(plain, int(min(asked, POLICY.longest_after) * 1000))


def test_deliveries_that_failed_together_come_back_spread() -> None:
    """Back-off with jitter, no stampede."""
    chance = random.Random(160)
    due = sorted(POLICY.next_attempt(8, 0, POLICY.life_ms, chance) or 0 for _ in range(1000))
    busiest = max(sum(1 for moment in due if start <= moment < start + 60_000) for start in due)
    assert due[-1] - due[0] > 3 * 3600 * 1000
    assert busiest < 25, "a thousand retries, none of whose minutes sees more than a few"


def test_nothing_is_tried_after_the_end() -> None:
    assert POLICY.next_attempt(30, POLICY.life_ms - 1000, POLICY.life_ms, random.Random(1)) is None
    assert POLICY.next_attempt(30, POLICY.life_ms + DAY, POLICY.life_ms, random.Random(1)) is None
