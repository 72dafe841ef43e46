"""The statistics by which times of checks are compared."""

import math

import pytest

from benchmarks.timing import ranks, welch


def test_equal_times_are_not_told_apart() -> None:
    times = [1.0, 2.0, 3.0, 4.0]
    assert welch(times, times) == 0
    assert ranks(times, times) == 0


def test_welch_measures_means_in_standard_errors() -> None:
    one, other = [1.0, 2.0, 3.0], [3.0, 4.0, 5.0]
    assert welch(one, other) == pytest.approx(-2 / math.sqrt(2 / 3))
    assert welch(other, one) == -welch(one, other)


def test_ranks_tell_apart_what_the_mean_does_not() -> None:
    one, other = [float(number) for number in range(100)], [number + 20.5 for number in range(100)]
    other[-1] = sum(one) - sum(other[:-1])  # one time makes the means equal
    assert welch(one, other) == pytest.approx(0, abs=0.2)
    assert ranks(one, other) < -3
    assert ranks(other, one) == pytest.approx(-ranks(one, other))


def test_the_ranks_of_a_small_case() -> None:
    # U is 0 of 9, and its deviation the root of 5.25
    assert ranks([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]) == pytest.approx(-4.5 / math.sqrt(5.25))
