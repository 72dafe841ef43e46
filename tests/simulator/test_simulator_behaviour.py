"""The draw of fates: shares are kept, and a seed repeats itself."""

import random
from collections import Counter

import msgspec
import pytest

from onesixty.simulator.behaviour import DELIVERED, ENROUTE, Behaviour, Fate, Network


def draws(count: int = 4000, **settings: float) -> list[Fate]:
    network = Network(Behaviour(**settings), random.Random(5), lambda: 0.0)
    return [network.draw() for _ in range(count)]


def test_the_default_accepts_and_delivers_everything() -> None:
    for fate in draws(500):
        assert fate.kind == "accepted"
        assert 0.01 <= fate.latency <= 0.03
        (receipt,) = fate.receipts
        assert receipt.state == DELIVERED
        assert fate.latency + 0.3 <= receipt.delay <= fate.latency + 0.7


def test_shares_are_kept() -> None:
    kinds = Counter(fate.kind for fate in draws(throttle=0.2, refuse=0.25, loss=0.5))
    assert kinds["throttled"] == pytest.approx(800, rel=0.15)
    assert kinds["permanent"] == pytest.approx(3200 * 0.25, rel=0.15)
    assert kinds["unknown"] == pytest.approx(2400 * 0.5, rel=0.15)


def test_receipts_by_share() -> None:
    fates = draws(receipts_missing=0.5)
    assert sum(not fate.receipts for fate in fates) == pytest.approx(2000, rel=0.1)
    assert all(len(fate.receipts) == 2 for fate in draws(10, receipts_doubled=1))
    assert all(fate.receipts[0].delay < fate.latency for fate in draws(10, receipts_early=1))
    assert all(fate.receipts[0].delay > 60 for fate in draws(10, receipts_late=1))
    assert all(fate.receipts[1].state == ENROUTE for fate in draws(10, receipts_overtaken=1))
    assert all(fate.receipts[0].state == 3 for fate in draws(10, expired=1))
    assert not any(fate.receipts for fate in draws(10, loss=1))
    assert all(fate.receipts for fate in draws(10, loss=1, loss_taken=1))


def test_a_rate_of_0_is_no_limit() -> None:
    """Throughput 0 means unlimited, no division by zero."""
    assert {fate.kind for fate in draws(1000, throttle_above=0)} == {"accepted"}


def test_above_the_rate_is_throttled_until_a_second_has_passed() -> None:
    now = [0.0]
    network = Network(Behaviour(throttle_above=10), random.Random(5), lambda: now[0])
    assert [network.draw().kind for _ in range(12)] == ["accepted"] * 10 + ["throttled"] * 2
    now[0] = 0.5
    assert [network.draw().kind for _ in range(6)] == ["accepted"] * 5 + ["throttled"]


def test_a_seed_repeats_itself() -> None:
    shares = {"throttle": 0.1, "loss": 0.1, "receipts_doubled": 0.3, "undelivered": 0.2}
    assert draws(200, **shares) == draws(200, **shares)


def test_a_share_is_between_0_and_1() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$.loss"):
        msgspec.convert({"loss": 1.1}, Behaviour)
