"""The simulated carrier: the contract, and what is its own."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onesixty.carriers.registry import BUILT_IN
from onesixty.carriers.simulator import SimulatorCarrier, SimulatorSettings
from onesixty.core.clock import SystemClock
from onesixty.core.contracts import CarrierConfig
from tests.carriers.conformance import Conformance, Host, MakeRig, submit, until

FAST = {"latency_ms": 5, "latency_jitter_ms": 3, "receipt_delay_ms": 15, "receipt_jitter_ms": 5}


class SimulatorRig:
    """The simulated carrier is its own far end."""

    def __init__(self, window: int, **behaviour: Any) -> None:
        settings = SimulatorSettings(**(FAST | {"receipt_repeat_s": 0.05} | behaviour), window=window)
        self.window = window
        self.host = Host()
        self.carrier = SimulatorCarrier("car_sim", settings, clock=SystemClock(), random=random.Random(1))

    async def start(self) -> None:
        await self.carrier.start(self.host)
        await until(self.carrier.capacity, "room")

    async def cut(self) -> None:
        self.carrier.go_down()

    async def mend(self) -> None:
        self.carrier.come_up()


@pytest.fixture
async def rig() -> AsyncIterator[MakeRig]:
    made: list[SimulatorRig] = []

    async def make(**settings: Any) -> SimulatorRig:
        made.append(SimulatorRig(**settings))
        return made[-1]

    yield make
    for one in made:
        if one.carrier.state().connected:
            await one.carrier.stop(0)


class TestConformance(Conformance):
    """The shared suite."""


async def test_stopping_hands_over_the_receipts_still_to_come(rig: MakeRig) -> None:
    it = await rig(window=5, receipts_late=1)
    await it.start()
    submit(it)
    await until(lambda: it.host.outcomes, "outcome")
    assert it.host.receipts == []
    await it.carrier.stop(1)
    assert [receipt.state for receipt in it.host.receipts] == [2]


async def test_a_lost_answer_may_have_been_taken(rig: MakeRig) -> None:
    """Unknown, and the receipt comes all the same: what a held message is matched by."""
    it = await rig(window=5, loss=1, loss_taken=1, response_timeout_s=0.1)
    await it.start()
    submit(it)
    await until(lambda: it.host.outcomes and it.host.receipts, "both")
    assert it.host.outcomes[0][2].kind == "unknown"


async def test_above_its_rate_it_throttles(rig: MakeRig) -> None:
    it = await rig(window=200, throttle_above=50)
    await it.start()
    for number in range(100):
        submit(it, number=number)
    await until(lambda: len(it.host.outcomes) == 100, "outcomes")
    assert 50 <= it.host.kinds["accepted"] < 60


async def test_the_same_seed_gives_the_same_story() -> None:
    stories = []
    for _ in range(2):
        it = SimulatorRig(window=100, throttle=0.2, refuse=0.2, receipts_doubled=0.3)
        await it.start()
        for number in range(50):
            submit(it, number=number)
        await until(lambda it=it: len(it.host.outcomes) == 50, "outcomes")
        await it.carrier.stop(0)
        stories.append(
            sorted(
                (submission.message.id, outcome.kind, outcome.carrier_message_id or "")
                for submission, _, outcome in it.host.outcomes
            )
        )
    assert stories[0] == stories[1]


async def test_no_task_is_made_for_a_message(rig: MakeRig) -> None:
    it = await rig(window=1000)
    await it.start()
    before = len(asyncio.all_tasks())
    for number in range(500):
        submit(it, number=number)
    assert len(asyncio.all_tasks()) == before


def test_the_registry_builds_it() -> None:
    row = CarrierConfig(
        id="car_1", name="sim", type="simulator", settings='{"throughput": 40, "receipt_timeout_s": 60}',
        enabled=True, version=1, created_at=0,
    )  # fmt: skip
    carrier = BUILT_IN.build(row, clock=SystemClock(), random=random.Random(1))
    assert (carrier.simulated, carrier.throughput, carrier.receipt_timeout_ms) == (True, 40.0, 60_000)
    assert BUILT_IN.is_simulated("simulator")
