"""Token bucket, and when to come back."""

import math

from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp.backoff import Backoff, BackoffConfig
from onesixty.smpp.pacing import TokenBucket


def test_rate_zero_is_unlimited() -> None:
    bucket = TokenBucket(0, 0, 0.0)
    for _ in range(1000):
        assert bucket.wait(0.0) == 0
        bucket.take(0.0)


def test_bucket_gives_its_rate_and_its_burst() -> None:
    bucket = TokenBucket(10.0, 2, 100.0)
    bucket.take(100.0)
    bucket.take(100.0)
    assert math.isclose(bucket.wait(100.0), 0.1)
    assert bucket.wait(100.1) == 0
    assert bucket.wait(100.1, 3) == math.inf
    bucket.take(100.1)
    assert math.isclose(bucket.wait(100.1), 0.1)
    assert bucket.wait(1000.0, 2) == 0


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=200), st.floats(1, 100))
def test_bucket_never_gives_more_than_its_rate(steps: list[float], rate: float) -> None:
    bucket = TokenBucket(rate, 1, 0.0)
    now = 0.0
    taken = 0
    for step in steps:
        now += step
        if bucket.wait(now) == 0:
            bucket.take(now)
            taken += 1
    assert taken <= 1 + now * rate * (1 + 1e-6) + 1e-6


def test_backoff_grows_to_its_cap_with_jitter() -> None:
    config = BackoffConfig(base=1.0, cap=8.0, refused_base=10.0, refused_cap=40.0, stable_after=5.0)
    highest = Backoff(config, lambda: 1.0)
    assert [highest.failed() for _ in range(5)] == [1, 2, 4, 8, 8]
    assert [highest.refused() for _ in range(4)] == [10, 20, 40, 40]
    lowest = Backoff(config, lambda: 0.0)
    assert lowest.failed() == 0
    assert lowest.refused() == 5
    highest.lived(1.0)
    assert highest.failed() == 8
    assert highest.refused() == 10
    highest.lived(5.0)
    assert highest.failed() == 1
