"""A lane: breaker, pause, ramp, concurrency. Time is handed in."""

import math
import random

import pytest

from onesixty.work.item import Item
from onesixty.work.lane import Lane, Step
from onesixty.work.policy import Pace

PACE = Pace(concurrency=4, trip=4, first_pause=4, longest_pause=64, pause_after=1000, paused_trial=500)
CHANCE = random.Random(1)


def item(index: int) -> Item:
    return Item(f"dlv_{index}", "whk_1", "acc_1", f"evt_{index}", None, None, None, None, 0, 1, 10**15)


def lane_with(count: int, pace: Pace = PACE) -> Lane:
    lane = Lane("whk_1", pace)
    for index in range(count):
        lane.queue.append(item(index))
    return lane


def opened(pace: Pace = PACE) -> Lane:
    lane = lane_with(200, pace)
    for _ in range(pace.trip - 1):
        lane.take(0)
        assert lane.failed(0, CHANCE) is Step.NONE
    lane.take(0)
    assert lane.failed(0, CHANCE) is Step.OPENED
    return lane


def test_no_more_requests_at_once_than_its_concurrency() -> None:
    lane = lane_with(20)
    for _ in range(4):
        assert lane.wait(0) == 0
        lane.take(0)
    assert lane.wait(0) == math.inf
    lane.succeeded(0)
    assert lane.wait(0) == 0


def test_failures_in_a_row_open_it_and_one_trial_follows() -> None:
    lane = opened()
    assert not lane.healthy
    pause = lane.wait(0)
    assert 2 <= pause <= 6
    assert lane.wait(pause) == 0
    lane.take(pause)
    assert lane.wait(pause) == math.inf, "one trial at a time"
    assert lane.failed(pause, CHANCE) is Step.STILL
    assert 4 <= lane.wait(pause) <= 12


def test_failures_among_successes_do_not_open_it() -> None:
    lane = lane_with(200)
    for _ in range(50):
        for _ in range(3):
            lane.take(0)
            assert lane.failed(0, CHANCE) is Step.NONE
        lane.take(0)
        lane.succeeded(0)
    assert lane.healthy


def test_trials_become_rare_but_never_stop() -> None:
    lane, now = opened(), 0.0
    for _ in range(12):
        now += lane.wait(now)
        lane.take(now)
        lane.failed(now, CHANCE)
    assert 32 <= lane.wait(now) <= 96


def test_a_lane_that_fails_for_long_is_paused_and_a_trial_brings_it_back() -> None:
    lane, now = opened(), 0.0
    while not lane.pause_due(now):
        now += lane.wait(now)
        lane.take(now)
        lane.failed(now, CHANCE)
    assert now >= 1000
    lane.pause(now, CHANCE)
    assert 250 <= lane.wait(now) <= 750
    now += lane.wait(now)
    lane.queue.append(lane.take(now))
    assert lane.succeeded(now) is Step.CLOSED
    assert lane.healthy
    assert not lane.paused
    assert lane.failing_since is None


def test_what_was_under_way_when_it_opened_is_no_trial() -> None:
    lane = lane_with(20)
    for _ in range(4):
        lane.take(0)
    for _ in range(3):
        lane.failed(0, CHANCE)
    lane.take(0)
    lane.failed(0, CHANCE)
    assert not lane.healthy
    before = lane.state()
    assert lane.failed(0, CHANCE) is Step.NONE
    assert lane.state() | {"active": 0} == before | {"active": 0}
    assert lane.wait(0) <= 6


def test_a_receiver_that_comes_back_is_not_run_over() -> None:
    """A receiver that comes back after a day meets no stampede."""
    lane = lane_with(100_000, PACE)
    for _ in range(4):
        lane.take(0)
        lane.failed(0, CHANCE)
    now = 86_400.0
    lane.take(now)
    assert lane.succeeded(now) is Step.CLOSED
    start, sent = now, []
    while now < start + 120:
        wait = lane.wait(now)
        now += max(wait, 0.001)
        if lane.wait(now) == 0:
            lane.take(now)
            lane.succeeded(now)
            sent.append(now - start)
    first = sum(1 for moment in sent if moment <= 5)
    next_ = sum(1 for moment in sent if 5 < moment <= 10)
    assert 3 <= first <= 6, "about one a second at first"
    assert first < next_ <= 14, "then about twice as many"
    assert sum(1 for moment in sent if moment > 100) > 5000, "and at last as fast as it can"


def test_a_rest_that_was_asked_for_holds_the_whole_lane() -> None:
    lane = lane_with(10)
    lane.take(0)
    lane.failed(0, CHANCE, rest=30)
    assert lane.wait(0) == 30
    assert lane.wait(30) == 0
    lane.take(30)
    lane.failed(30, CHANCE, rest=10**9)
    assert lane.wait(30) == PACE.longest_pause, "a rest has its bound"


def test_what_never_left_goes_back_to_its_place() -> None:
    lane = lane_with(4)
    first, second = lane.take(0), lane.take(0)
    for taken in (second, first):
        lane.ended()
        lane.put_back(taken)
    assert [waiting.id for waiting in lane.queue] == [f"dlv_{index}" for index in range(4)]


def test_a_lane_without_a_breaker_only_rests() -> None:
    lane = lane_with(100, Pace(concurrency=None, trip=None))
    for _ in range(50):
        lane.take(0)
    for _ in range(20):
        assert lane.failed(0, CHANCE) is Step.NONE
    assert lane.wait(0) == 0
    lane.failed(0, CHANCE, rest=0.1)
    assert lane.wait(0) == pytest.approx(0.1)
    assert lane.healthy
