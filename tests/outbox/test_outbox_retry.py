"""The retry schedule: 72 hours, growing pauses, jitter within its bounds."""

import random

from hypothesis import given
from hypothesis import strategies as st

from onesixty.outbox.retry import MAX_RETRY_AFTER, PAUSES, RETENTION_MS, next_attempt, pause_bounds

DAY = 86_400_000


def schedule(seed: int) -> list[int]:
    """The times of all attempts at a delivery that always fails, from 0, in ms."""
    chance = random.Random(seed)
    times, now = [0], 0
    while (due := next_attempt(len(times), now, RETENTION_MS, chance)) is not None:
        times.append(due)
        now = due
    return times


@given(st.integers())
def test_attempts_fill_72_hours_and_end_there(seed: int) -> None:
    times = schedule(seed)
    assert times == sorted(times)
    assert times[-1] < RETENTION_MS
    assert times[-1] >= RETENTION_MS - 15 * 60 * 1000
    assert 20 <= len(times) <= 60


@given(st.integers(1, 100), st.integers())
def test_each_pause_is_drawn_within_its_bounds(tries: int, seed: int) -> None:
    shortest, longest = pause_bounds(tries)
    due = next_attempt(tries, 0, RETENTION_MS, random.Random(seed))
    assert due is not None
    assert shortest * 1000 - 1 <= due <= longest * 1000


def test_bounds_never_shrink() -> None:
    bounds = [pause_bounds(tries) for tries in range(1, 40)]
    assert bounds == sorted(bounds)
    assert bounds[0] == (2.5, 7.5)
    assert bounds[-1] == (PAUSES[-1] * 0.5, PAUSES[-1] * 1.5)


@given(st.floats(0, 10**9), st.integers(1, 40), st.integers())
def test_retry_after_makes_a_pause_longer_within_reason(asked: float, tries: int, seed: int) -> None:
    plain = next_attempt(tries, 0, RETENTION_MS, random.Random(seed))
    due = next_attempt(tries, 0, RETENTION_MS, random.Random(seed), asked)
    assert plain is not None
    assert due is not None
    assert due == max(plain, int(min(asked, MAX_RETRY_AFTER) * 1000))


def test_deliveries_that_failed_together_come_back_spread() -> None:
    """Field note 31: back-off with jitter, no stampede."""
    chance = random.Random(160)
    due = sorted(next_attempt(8, 0, RETENTION_MS, chance) or 0 for _ in range(1000))
    busiest = max(sum(1 for moment in due if start <= moment < start + 60_000) for start in due)
    assert due[-1] - due[0] > 3 * 3600 * 1000
    assert busiest < 25, "a thousand retries, none of whose minutes sees more than a few"


def test_nothing_is_tried_after_the_end() -> None:
    assert next_attempt(30, RETENTION_MS - 1000, RETENTION_MS, random.Random(1)) is None
    assert next_attempt(30, RETENTION_MS + DAY, RETENTION_MS, random.Random(1)) is None
