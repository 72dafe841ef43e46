"""Failover, breaker and long throttling are said once when they begin and once when they end."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from onesixty.core.contracts import CarrierState
from onesixty.dispatch.breaker import THRESHOLD
from onesixty.dispatch.carrier_queue import CarrierQueue
from onesixty.network.watch import CarrierWatch
from tests.support.clock import ManualClock


class Connector:
    """As much of a carrier as its queue looks at."""

    throughput = 0.0
    receipt_timeout_ms = 0

    def __init__(self) -> None:
        self.connected = True

    def state(self) -> CarrierState:
        return CarrierState(self.connected, 1, int(self.connected), 0, 10, "it is busy")


class Rig:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.connector = Connector()
        carrier: Any = self.connector
        self.queue = CarrierQueue("car_1", carrier, 10, self.clock.monotonic(), pump=lambda queue: None)
        self.queues = {"car_1": self.queue}
        self.watch = CarrierWatch(self.queues, lambda _: "acme", self.clock)

    def looks(self, seconds: int) -> list[dict[str, Any]]:
        """What is said while a look comes every second."""
        with capture_logs() as lines:
            for _ in range(seconds):
                self.watch.look()
                self.clock.ms += 1000
        return [dict(line) for line in lines]


def test_a_carrier_without_a_bind_is_failed_over_after_a_while() -> None:
    rig = Rig()
    assert rig.looks(3) == []
    rig.connector.connected = False
    assert rig.looks(4) == []  # a reconnect may take a moment
    (begun,) = rig.looks(20)
    assert (begun["event"], begun["carrier"], begun["log_level"]) == ("failover_begun", "acme", "info")
    rig.connector.connected = True
    (ended,) = rig.looks(20)
    assert ended["event"] == "failover_ended"
    assert 20 <= ended["seconds"] <= 25


def test_a_carrier_that_is_switched_off_is_no_failover() -> None:
    rig = Rig()
    rig.queue.give(None)
    assert rig.looks(20) == []


@pytest.mark.parametrize("taken_away", [False, True])
def test_what_was_begun_ends_with_the_carrier(taken_away: bool) -> None:
    """A carrier is switched off, or deleted, while it is down, its breaker open, and after it throttled for long."""
    rig = Rig()
    rig.queue.pause = 0.25
    rig.connector.connected = False
    for _ in range(THRESHOLD):
        rig.queue.breaker.sick(rig.clock.monotonic())
    begun = {line["event"] for line in rig.looks(20)}
    assert begun == {"failover_begun", "breaker_opened", "throttled_long"}
    if taken_away:
        rig.queues.clear()
    else:
        rig.queue.give(None)
    ended = rig.looks(20)
    assert [line["event"] for line in ended] == ["failover_ended", "breaker_closed", "throttled_ended"]
    assert all(15 <= line["seconds"] <= 20 for line in ended)


def test_the_breaker_opens_and_closes() -> None:
    rig = Rig()
    for _ in range(THRESHOLD):
        rig.queue.breaker.sick(rig.clock.monotonic())
    (opened,) = rig.looks(30)
    assert (opened["event"], opened["last_error"]) == ("breaker_opened", "it is busy")
    rig.queue.breaker.healthy()
    (closed,) = rig.looks(30)
    assert closed["event"] == "breaker_closed"


def test_throttling_is_said_when_it_lasts() -> None:
    rig = Rig()
    rig.queue.pause = 0.25
    assert rig.looks(5) == []
    rig.queue.pause = 0.0
    assert rig.looks(20) == []  # it was short
    rig.queue.pause = 0.5
    (long,) = rig.looks(30)
    assert long["event"] == "throttled_long"
    rig.queue.pause = 0.0
    (ended,) = rig.looks(30)
    assert ended["event"] == "throttled_ended"
