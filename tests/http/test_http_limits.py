"""Token buckets and their headers."""

from hypothesis import given
from hypothesis import strategies as st

from onesixty.http.limits import RateLimits, rate_problem
from tests.http.world import Clock


def test_a_second_refills_what_a_second_allows() -> None:
    clock = Clock()
    limits = RateLimits(clock)
    assert [limits.take("a", 3)[0] for _ in range(4)] == [True, True, True, False]
    clock.turn(0.333)
    assert limits.take("a", 3)[0] is False
    clock.turn(0.001)
    assert limits.take("a", 3)[0] is True
    clock.turn(60)
    assert [limits.take("a", 3)[0] for _ in range(4)] == [True, True, True, False]


def test_the_headers_tell_quota_rest_and_window() -> None:
    limits = RateLimits(Clock())
    _, headers = limits.take("a", 10)
    assert headers == [(b"ratelimit-policy", b'"default";q=10;w=1'), (b"ratelimit", b'"default";r=9;t=1')]


def test_a_changed_limit_counts_at_once() -> None:
    limits = RateLimits(Clock())
    assert [limits.take("a", 1)[0] for _ in range(2)] == [True, False]
    assert limits.take("a", 2)[0] is True


def test_buckets_are_bounded() -> None:
    limits = RateLimits(Clock(), capacity=10)
    for number in range(100):
        limits.take(str(number), 1)
    assert len(limits._buckets) == 10


def test_the_refusal_says_when_to_come_back() -> None:
    problem = rate_problem(5)
    assert (problem.code, problem.retry_after, problem.kind.retryable) == ("rate_limited", 1, True)


@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0, 2)), max_size=200))
def test_no_more_passes_than_burst_and_time_allow(steps: list[tuple[int, float]]) -> None:
    clock = Clock()
    limits = RateLimits(clock)
    start, passed = clock.monotonic(), 0
    for tries, pause in steps:
        passed += sum(limits.take("a", 10)[0] for _ in range(tries))
        assert passed <= 10 + (clock.monotonic() - start) * 10 + 1e-3
        clock.turn(pause)
